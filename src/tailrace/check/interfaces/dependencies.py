"""What a downstream uses without requiring it, now that the candidate no longer brings it along."""

from __future__ import annotations

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from tailrace.changes.interfaces.dependencies import brought_by_extra, requirements_of
from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.commandlines.places import place_in_metadata
from tailrace.check.interfaces.view import Finder, View
from tailrace.check.requirements.admission import needs_extra, parse_requirement
from tailrace.check.requirements.transitive import brings
from tailrace.model import Change, Confidence
from tailrace.python.builtin_names import is_standard_module
from tailrace.python.import_names import import_roots
from tailrace.python.interpreter.raising import catches
from tailrace.python.modules import is_test_file
from tailrace.python.usages import InTry, Use

# Distributions that require nothing.
_ALONE = frozenset(
    {
        *("six", "attrs", "toml", "tomli", "typing-extensions", "packaging", "pyyaml", "colorama", "certifi", "idna"),
        *("click", "decorator", "filelock", "iniconfig", "markupsafe", "numpy", "platformdirs", "pluggy", "pytz"),
        *(
            "pyparsing",
            "setuptools",
            "urllib3",
            "wheel",
            "wcwidth",
            "wrapt",
            "zipp",
            "psutil",
            "simplejson",
            "tabulate",
        ),
    }
)


def find_dropped(view: View) -> Iterator[Breakage]:
    """`dependency-dropped`, at each import of a package that the candidate has stopped requiring."""
    declared = _declared(view)
    for symbol, change in view.changes("dependency-dropped").items():
        name = symbol.removeprefix("dependency:")
        if name not in declared and (found := list(imports_of(view, name))):
            brought = _brought_otherwise(view, name)
            for file, use, module in () if brought else found:
                yield _dropped(name, change, file, use, module, "possible" if brought is None else "likely")


def _brought_otherwise(view: View, name: str) -> bool | None:
    """Whether something else that is installed brings a distribution; `None` where it is not known."""
    upstream = canonicalize_name(view.candidate.artifact.metadata.name)
    lines = [line for line in view.downstream.metadata.requires_dist if not needs_extra(line)]
    others = [*lines, *(line for line in view.candidate.artifact.metadata.requires_dist if not needs_extra(line))]
    if view.lookup is not None:
        return brings(others, name, {upstream, canonicalize_name(view.downstream.metadata.name)}, view.lookup)
    # Nobody can be asked: what the candidate requires newly, or the downstream besides it, may bring it.
    before = requirements_of(view.baseline.artifact.metadata).keys()
    names = {canonicalize_name(r.name) for line in others if (r := parse_requirement(line)) is not None} - before
    unclear = {other for other in names - {upstream} - _ALONE if upstream not in other.split("-")}
    return None if unclear else False


def _dropped(name: str, change: Change, file: str, use: Use, module: str, confidence: Confidence) -> Breakage:
    return Breakage(
        rule="dependency-dropped",
        symbol=change.symbol,
        module="",
        name=name,
        how="import",
        file=file,
        line=use.line,
        column=use.column,
        use=use,
        confidence=confidence,
        raises=LINEAGES["ModuleNotFoundError"],
        facts={"imported": module},
        used=module,
    )


def find_extras(view: View) -> Iterator[Breakage]:
    """`extra-removed`, at the requirement that asks for the extra."""
    gone = {}
    upstream = canonicalize_name(view.candidate.artifact.metadata.name)
    for symbol, change in view.changes("extra-removed").items():
        gone[symbol.partition("[")[2].rstrip("]")] = change
    declared = _declared(view) | requirements_of(view.candidate.artifact.metadata).keys()
    for line in view.downstream.metadata.requires_dist if gone else ():
        requirement = parse_requirement(line)
        if requirement is None or canonicalize_name(requirement.name) != upstream:
            continue
        for extra in sorted(map(canonicalize_name, requirement.extras)):
            if extra not in gone:
                continue
            change = gone[extra]
            missing = brought_by_extra(view.baseline.artifact.metadata, extra) - declared
            imported = sorted(
                name for name in missing if any(not _is_caught(use) for _, use, _ in imports_of(view, name))
            )
            optional = needs_extra(line)
            text = str(requirement).partition(";")[0].strip()
            file, number = place_in_metadata(view.downstream, text, f"{requirement.name}[", extra)
            yield Breakage(
                rule="extra-removed",
                symbol=change.symbol,
                module="",
                name=change.symbol,
                how="requirement",
                file=file,
                line=number,
                confidence=_CONFIDENCES[bool(imported), optional] if missing else "possible",
                detail=f"the downstream imports {', '.join(imported)}" if imported else change.detail,
                facts={"requirement": text},
            )


# Whether what the extra brought is imported outside of a handler, and whether it is asked for by an extra itself.
_CONFIDENCES: dict[tuple[bool, bool], Confidence] = {
    (True, False): "certain",
    (True, True): "likely",
    (False, False): "likely",
    (False, True): "possible",
}


def _is_caught(use: Use) -> bool:
    handlers = (h for item in use.around if isinstance(item, InTry) for h in item.statement.handlers)
    return any(catches(handler, LINEAGES["ModuleNotFoundError"]) for handler in handlers)


def imports_of(view: View, distribution: str) -> Iterator[tuple[str, Use, str]]:
    """Where the downstream imports a distribution that is not its own: file, use, and the module that is gone."""
    for root in import_roots(distribution):
        if view.surface.source(root) is not None or is_standard_module(root.partition(".")[0]):
            continue  # a backport that no supported Python needs
        first = re.escape(root.partition(".")[0].encode())
        for file in view.matching(re.compile(rb"(?m)^[ \t]*(?:import|from)[ \t]+[^#\n]*\b" + first + rb"\b")):
            parsed = view.tree(file)
            if parsed is None or is_test_file(file):
                continue
            usage = view.usage(file, parsed)
            for use in usage.uses:
                module = {"import": use.root.name, "from-import": use.root.module}.get(use.how, "")
                if module == root or module.startswith(f"{root}."):
                    name = f"{module}.{use.root.name}" if use.how == "from-import" else ""
                    if _is_gone(view, module):
                        yield file, use, module
                    elif name and view.pair.candidate.path(name).state == "absent":
                        yield file, use, name  # the candidate ships a module of that name with less in it


def _is_gone(view: View, module: str) -> bool:
    """Whether the candidate has no module of this name itself."""
    return view.candidate.source(module) is None


def _declared(view: View) -> set[str]:
    """Canonical names of what the downstream requires, with or without an extra, and of itself."""
    found: set[str] = {canonicalize_name(view.downstream.metadata.name)}
    for line in view.downstream.metadata.requires_dist:
        requirement = parse_requirement(line)
        if requirement is not None:
            found.add(canonicalize_name(requirement.name))
            if canonicalize_name(requirement.name) == canonicalize_name(view.candidate.artifact.metadata.name):
                for extra in requirement.extras:
                    found |= brought_by_extra(view.candidate.artifact.metadata, extra)
    return found


def find(view: View) -> Iterator[Breakage]:
    """Both kinds."""
    yield from find_dropped(view)
    yield from find_extras(view)


FINDER = Finder(find)
