"""Finds submodules that are used as attributes of their package, and that the package no longer imports."""

from __future__ import annotations

import re

from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.release_pair import ReleasePair
from tailrace.model import Confidence
from tailrace.python.memo import Memo
from tailrace.python.modules import Surface
from tailrace.python.semantics.chains import Reached
from tailrace.python.semantics.entities import Module
from tailrace.python.semantics.loaded import loaded_by, no_longer_loaded
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.usages import FileUsage, Use

_NAMED: Memo[Surface, str, frozenset[str]] = Memo()


def find_unloaded(
    pair: ReleasePair, usage: FileUsage, use: Use, baseline: Reached, candidate: Reached
) -> Breakage | None:
    """The break at `package.name`, where neither the package nor the downstream imports the submodule."""
    package, step = candidate.source, candidate.step
    if not isinstance(package, Module) or step is None or step.name is None or step.default or use.how == "string":
        return None
    path = f"{package.name}.{step.name}"
    for reached in (baseline, candidate):
        if not isinstance(reached.found.entity, Module) or reached.found.entity.name != path:
            return None
    if not pair.upstream(package.name) or pair.candidate.surfaces[-1].source(package.name) is not None:
        return None
    if not no_longer_loaded(pair.baseline, pair.candidate, package.name, step.name):
        return None
    if path in _loaded_by_downstream(pair, package.name):
        return None
    confidence: Confidence = "possible" if _is_imported_later(pair.candidate, path) else "likely"
    return Breakage(
        rule="name-removed",
        symbol=path,
        module=package.name,
        name=step.name,
        how="attribute",
        file=usage.file,
        line=step.line,
        column=step.column,
        use=use,
        confidence=confidence,
        raises=LINEAGES["AttributeError"],
        detail=f"`import {package.name}` no longer imports it",
        facts={"raises": "AttributeError"},
        cause_file=baseline.found.file,
        cause_line=baseline.found.line,
    )


def _loaded_by_downstream(pair: ReleasePair, package: str) -> frozenset[str]:
    """The modules that run when every module of the upstream is imported that the downstream names anywhere."""
    found: set[str] = set()
    for name in _named_modules(pair.candidate.surfaces[-1], package.split(".", 1)[0]):
        if pair.candidate.surfaces[0].source(name) is not None:
            found |= loaded_by(pair.candidate, name)
    return frozenset(found)


def _named_modules(surface: Surface, root: str) -> frozenset[str]:
    """What import statements and texts of a downstream may import below a root: `root.a`, also by `from root import`
    a name."""
    known = _NAMED.of(surface)
    if root not in known:
        word = re.escape(root).encode()
        dotted = re.compile(rb"(?:\bimport|\bfrom|[\"',])\s*(" + word + rb"(?:\.\w+)*)")
        named = re.compile(rb"\bfrom\s+(" + word + rb"(?:\.\w+)*)\s+import\s+(\([^)]*\)|[^\n]*)")
        found: set[str] = set()
        for file in surface.artifact.python_files:
            try:
                data = (surface.artifact.root / file).read_bytes()
            except OSError:
                continue
            if root.encode() not in data:
                continue
            found.update(match.decode("utf-8", "replace") for match in dotted.findall(data))
            for module, names in named.findall(data):
                found.update(f"{module.decode()}.{name.decode()}" for name in re.findall(rb"\w+", names))
        known[root] = frozenset(found)
    return known[root]


def _is_imported_later(resolver: Resolver, path: str) -> bool:
    """Whether a function of a module that is loaded with the package imports the submodule when it is called."""
    package, _, name = path.rpartition(".")
    surface = resolver.surfaces[0]
    indented = re.compile(rb"(?m)^[ \t]+(?:from|import)\b[^\n]*\b" + re.escape(name).encode() + rb"\b")
    for module in loaded_by(resolver, package):
        source = surface.sources.get(module)
        if source is None or source.form != "py":
            continue
        try:
            if indented.search((surface.artifact.root / source.file).read_bytes()):
                return True
        except OSError:
            continue
    return False
