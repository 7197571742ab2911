"""Finds options that a downstream adds and that the candidate now defines itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tailrace.check.breakage import Breakage
from tailrace.check.commandlines.upstream_names import UpstreamNames
from tailrace.model import Artifact, Confidence
from tailrace.python.commandlines import CommandLine, added_options
from tailrace.python.commandlines.core import Conflict, Core
from tailrace.python.commandlines.installed import Installed
from tailrace.python.commandlines.machine import Machine
from tailrace.python.commandlines.program import Program
from tailrace.python.commandlines.read import OWNER, start
from tailrace.python.commandlines.toolkits import REGISTRY
from tailrace.python.commandlines.values import Command, Parser, Site
from tailrace.python.semantics.resolver import Resolver

_UP, _DOWN = OWNER, "downstream"
_LITERAL = re.compile(rb"""['"](--?[A-Za-z][\w-]*)['"]""")

Place = tuple[str, int, str]


class ConflictFinder:
    """Finds, for any number of downstreams, what they add to a parser of the upstream and the candidate now has.

    The construction of the parsers is run through for the downstream with the baseline, then with the candidate; only a
    clash that is new counts. So `conflict_handler="resolve"`, `if "-l" not in parser._option_string_actions` and
    `except ArgumentError` keep it silent by what they do, not by how they look.
    """

    def __init__(
        self,
        baseline: Program,
        candidate: Program,
        before: Iterable[CommandLine],
        after: Iterable[CommandLine],
        upstream: UpstreamNames,
    ) -> None:
        """`baseline`, `candidate`: from `load_program`; `before`, `after`: what `read_commandlines` gave for them."""
        self.upstream = upstream
        self.baseline, self.candidate, self.lines = baseline, candidate, tuple(after)
        self.added = {(a.file, a.line, a.string): a for a in added_options(before, self.lines)}
        self.strings = {a.string.encode() for a in self.added.values()} | (
            _literals(self.candidate) - _literals(self.baseline)
        )
        self.roots = {name.partition(".")[0].encode() for name in (*self.candidate.modules, *self.baseline.modules)}
        self.roots |= {a.prog.encode() for a in self.added.values() if a.subcommand}

    def find(
        self,
        downstream: Artifact,
        files: Iterable[str] | None = None,
        resolvers: tuple[Resolver, Resolver] | None = None,
    ) -> tuple[Breakage, ...]:
        """The conflicts of one downstream, in the order of their places. `files` limits what is read of it.

        `resolvers`: the downstream with the baseline and with the candidate, which decide tests for versions.
        """
        if not self.strings:
            return ()
        below = Program([(_DOWN, downstream, files)])
        if not self._may_clash(below):
            return ()
        baseline, candidate = resolvers or (None, None)
        after = _run(self.candidate.joined(below), downstream, candidate)
        hits = {_place(conflict): self._hit(conflict) for conflict in after.conflicts if _counts(conflict)}
        hits |= self._foreign(after)
        if not hits:
            return ()
        before = _run(self.baseline.joined(below), downstream, baseline)
        known = {_place(conflict) for conflict in before.conflicts if _crosses(conflict)}
        return tuple(hit for place, hit in sorted(hits.items()) if place not in known)

    def _may_clash(self, below: Program) -> bool:
        sources = [module.source for module in below.mentioning(_DOWN)]
        words = {word for source in sources for word in re.findall(rb"[\w-]+", source)}
        return not self.strings.isdisjoint(words) and not words.isdisjoint(
            self.roots
            | {root.replace(b"-", b"_") for root in self.roots}
            | {name.encode() for name in REGISTRY.by_hook}
        )

    def _hit(self, conflict: Conflict) -> Breakage:
        ours, theirs = _sides(conflict)
        added = self.added.get((theirs.file, theirs.line, conflict.string))
        symbol = added.symbol if added else f"{self._host(conflict.host)} {conflict.string}".strip()
        detail = ""
        if conflict.subcommand and conflict.raises:
            detail = "argparse raises since Python 3.11; before, one silently replaces the other"
        elif not conflict.raises:
            detail = "the later one silently replaces the other"
        return self._made(symbol, conflict.string, ours, theirs, detail, conflict.conditional, conflict.raises)

    def _foreign(self, machine: Core) -> dict[Place, Breakage]:
        """Subcommands for a third program that the upstream's plug-in now registers as well."""
        found: dict[Place, Breakage] = {}
        for item in machine.foreign:
            for added in self.added.values():
                same = added.subcommand and added.string == item.string and added.prog == item.host and not added.path
                if same and item.site.owner == _DOWN and not item.guarded:
                    there = Site(added.file, added.line, 1, _UP)
                    detail = "argparse raises since Python 3.11; before, one silently replaces the other"
                    place = (item.site.file, item.site.line, item.string)
                    found[place] = self._made(
                        added.symbol, item.string, item.site, there, detail, conditional=True, raises=True
                    )
        return found

    def _host(self, host: Parser | Command | None) -> str:
        if host is None:
            return ""
        for line in self.lines:
            if (line.file, line.line) == (host.site.file, host.site.line):
                return line.symbol
        return (host.prog if isinstance(host, Parser) else host.name) or self.upstream.name

    def _made(
        self, symbol: str, string: str, ours: Site, theirs: Site, detail: str, conditional: bool, raises: bool
    ) -> Breakage:
        confidence: Confidence = "possible" if not raises else "likely" if conditional else "certain"
        return Breakage(
            rule="option-conflict",
            symbol=symbol,
            module="",
            name=symbol,
            how="call",
            detail=detail,
            facts={"option": string, "command": symbol.removesuffix(string).strip()},
            file=ours.file,
            line=ours.line,
            column=ours.column,
            confidence=confidence,
            cause_file=theirs.file,
            cause_line=theirs.line,
            cause_in_candidate=True,
        )


def _run(program: Program, downstream: Artifact, resolver: Resolver | None) -> Core:
    modules = [*program.mentioning(_UP), *program.mentioning(_DOWN)]
    installed = Installed(resolver) if resolver is not None else None
    machine = Machine(program, program.building_names(modules), installed)
    names = [name.encode() for name in REGISTRY.by_hook]
    hooks = [module for module in modules if module.owner == _UP and any(name in module.source for name in names)]
    return start(program, downstream.metadata, _DOWN, machine, before=hooks)


def _literals(program: Program) -> set[bytes]:
    return {text for module in program.mentioning(_UP) for text in _LITERAL.findall(module.source)}


def _crosses(conflict: Conflict) -> bool:
    return {conflict.first.owner, conflict.second.owner} == {_UP, _DOWN}


def _counts(conflict: Conflict) -> bool:
    return _crosses(conflict) and not conflict.guarded


def _sides(conflict: Conflict) -> tuple[Site, Site]:
    if conflict.first.owner == _DOWN:
        return conflict.first, conflict.second
    return conflict.second, conflict.first


def _place(conflict: Conflict) -> Place:
    ours, _ = _sides(conflict)
    return ours.file, ours.line, conflict.string
