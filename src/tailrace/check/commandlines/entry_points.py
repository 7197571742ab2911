"""Finds uses of entry points of the upstream that are gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from tailrace.check.breakage import Breakage
from tailrace.check.commandlines.places import place_in_metadata
from tailrace.check.commandlines.upstream_names import UpstreamNames
from tailrace.model import Artifact, Confidence, Metadata
from tailrace.python.commandlines.invocations import last_name
from tailrace.python.parsing import parse_python
from tailrace.python.text import descendants
from tailrace.rules.interface import How

_OWN_GROUPS = frozenset({"console_scripts", "gui_scripts"})
_LOADERS = frozenset(
    {
        *("entry_points", "iter_entry_points", "load_entry_point", "get_entry_info", "get_entry_map", "select"),
        *("DriverManager", "ExtensionManager", "NamedExtensionManager", "HookManager", "EnabledExtensionManager"),
    }
)
_READS = re.compile(rb"entry_points|entry_point|ExtensionManager|DriverManager|load_setuptools_entrypoints")
_LITERAL = re.compile(rb"""['"]([A-Za-z][\w.-]{2,80})['"]""")


def entry_point_targets(metadata: Metadata) -> tuple[tuple[str, str, str, str], ...]:
    """Every entry point that the metadata declares, as `(group, name, module, attribute)`, the last maybe empty."""
    found = []
    for group, points in metadata.entry_points:
        for name, target in points:
            module, _, attribute = target.partition("[")[0].partition(":")
            if module.strip():
                found.append((group, name, module.strip(), attribute.strip()))
    return tuple(found)


class EntryPointFinder:
    """Finds, for any number of downstreams, entry points that they load from the upstream, or register for it."""

    def __init__(self, baseline: Artifact, candidate: Artifact, upstream: UpstreamNames) -> None:
        """Groups that the upstream reads are taken from its sources; both releases must have some."""
        self.upstream = upstream
        before, after = _declared(baseline.metadata), _declared(candidate.metadata)
        self.gone = (
            {pair for pair in before - after if pair[0] not in _OWN_GROUPS}
            if candidate.metadata.entry_points
            else set()
        )
        self.roots = {file.partition("/")[0].removesuffix(".py") for file in baseline.python_files if "/" in file}
        self.after = _words(candidate) if candidate.python_files else None
        read = _groups_read(baseline) if self.after is not None else frozenset[str]()
        self.unread = read - (self.after or frozenset())
        self._baseline = baseline

    def find(self, downstream: Artifact, files: Iterable[str] | None = None) -> tuple[Breakage, ...]:
        """The hits of one downstream: loads by name first, then hooks that nothing reads any more."""
        loads = list(self._loads(downstream, files)) if self.gone else []
        return (*loads, *self._hooks(downstream))

    def _loads(self, downstream: Artifact, files: Iterable[str] | None) -> Iterator[Breakage]:
        groups = {group.encode() for group, _ in self.gone}
        for file in downstream.python_files if files is None else files:
            try:
                source = (downstream.root / file).read_bytes() if file.endswith(".py") else b""
            except OSError:
                continue
            if any(group in source for group in groups) and (parsed := parse_python(source)) is not None:
                yield from self.in_tree(file, parsed.tree)

    def in_tree(self, file: str, tree: ast.Module) -> Iterator[Breakage]:
        """Loads of a removed entry point in one module."""
        for node in descendants(tree):
            call = node.value if isinstance(node, ast.Subscript) else node
            if not isinstance(call, ast.Call) or last_name(call.func) not in _LOADERS:
                continue
            words = _literals(call)
            if isinstance(node, ast.Subscript):
                words |= _literals(node.slice)
            for group, name in sorted(self.gone):
                if group in words and name in words:
                    symbol = f"entry-point:{group}:{name}"
                    yield self._hit(
                        symbol, group, name, "string", file, call.lineno, call.col_offset + 1, "certain", call
                    )

    def _hooks(self, downstream: Artifact) -> Iterator[Breakage]:
        """Plug-ins registered under a group that the baseline reads and the candidate never names."""
        for group, points in downstream.metadata.entry_points:
            if group not in _OWN_GROUPS and (group in self.unread or self._is_lost(group)):
                sure = group in self.unread and self._is_ours(group)
                confidence: Confidence = "likely" if sure else "possible"
                for name, target in points:
                    file, line = place_in_metadata(downstream, f"{name} = {target}", f'{name} = "{target}"', group)
                    yield self._hit(
                        f"entry-point:{group}:{name}", group, name, "string", file, line, 1, confidence, None
                    )

    def _is_lost(self, group: str) -> bool:
        """Whether a group named after the upstream stands anywhere in the baseline, whose readers may take it from a
        constant of another module, and nowhere in the candidate."""
        if self.after is None or not self._is_ours(group) or group in self.after:
            return False
        return group in self._before

    @cached_property
    def _before(self) -> frozenset[str]:
        """The texts of the baseline; none where nothing in it deals in entry points."""
        if not any(_READS.search(source) for source in _sources(self._baseline)):
            return frozenset()
        return _words(self._baseline)

    def _is_ours(self, group: str) -> bool:
        """Whether a group is named after the upstream: `pytest11`, `flask.commands`."""
        names = {self.upstream.name, self.upstream.name.replace("-", "_"), *self.roots}
        return any(group.startswith(name) for name in names)

    def _hit(
        self,
        symbol: str,
        group: str,
        name: str,
        how: How,
        file: str,
        line: int,
        column: int,
        confidence: Confidence,
        node: ast.AST | None,
    ) -> Breakage:
        detail = "" if node is not None else f"nothing in it reads the group {group} any more"
        return Breakage(
            rule="entry-point-removed",
            symbol=symbol,
            module="",
            name=name,
            how=how,
            detail=detail,
            facts={"group": group, "entry_point": name},
            file=file,
            line=line,
            column=column,
            confidence=confidence,
        )


def _declared(metadata: Metadata) -> set[tuple[str, str]]:
    return {(group, name) for group, points in metadata.entry_points for name, _ in points}


def _literals(node: ast.AST) -> set[str]:
    return {n.value for n in descendants(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _sources(artifact: Artifact) -> Iterator[bytes]:
    for file in artifact.python_files:
        try:
            yield (artifact.root / file).read_bytes()
        except OSError:
            continue


def _groups_read(artifact: Artifact) -> frozenset[str]:
    """Texts that may be groups, from the files that deal in entry points."""
    return frozenset(
        text.decode("ascii", "replace")
        for source in _sources(artifact)
        if _READS.search(source)
        for text in _LITERAL.findall(source)
    )


def _words(artifact: Artifact) -> frozenset[str]:
    return frozenset(t.decode("ascii", "replace") for source in _sources(artifact) for t in _LITERAL.findall(source))
