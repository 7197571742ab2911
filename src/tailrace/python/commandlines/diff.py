"""Compares two command-line surfaces: what the candidate no longer accepts, and what it accepts in addition."""

from __future__ import annotations

from collections.abc import Iterable

from tailrace.model import Change, Deprecation
from tailrace.python.commandlines.model import LIMIT, AddedOption, CommandLine, CommandOption

Key = tuple[str, tuple[str, ...]]


def index_commandlines(lines: Iterable[CommandLine]) -> dict[Key, CommandLine]:
    """The lines by program and path, under every name they go by."""
    found: dict[Key, CommandLine] = {}
    for line in lines:
        for prog in (line.prog, *line.also):
            found[prog, line.path] = line
            for alias in line.aliases:
                found.setdefault((prog, (*line.path[:-1], alias)), line)
    return found


def find_commandline(index: dict[Key, CommandLine], prog: str, path: tuple[str, ...]) -> CommandLine | None:
    """A line by program and path, aliases allowed anywhere in the path."""
    line = index.get((prog, ()))
    for depth in range(len(path)):
        if line is None:
            return None
        line = index.get((prog, (*line.path, path[depth])))
    return line


def diff_commandlines(baseline: Iterable[CommandLine], candidate: Iterable[CommandLine]) -> tuple[Change, ...]:
    """`option-removed` for every option string, choice and subcommand that is gone.

    A program that the new release was not seen to build at all is no evidence, nor is one with an open end that the
    old release did not have. A removed subcommand stands for its options. Parsers that no script runs are left out.
    """
    before, after = list(baseline), index_commandlines(candidate)
    index = index_commandlines(before)
    changes: list[Change] = []
    for line in before:
        if not line.script:
            continue
        parent = find_commandline(index, line.prog, line.path[:-1]) if line.path else None
        other = find_commandline(after, line.prog, line.path)
        if other is None:
            above = find_commandline(after, line.prog, line.path[:-1]) if line.path else None
            if parent is not None and above is not None and certain(parent, above):
                changes.append(_change(line.symbol, line.file, line.line, "the subcommand is gone", line.deprecated))
            continue
        if line.path and line.path[-1] not in (other.path[-1], *other.aliases):
            continue
        changes += _aliases(line, after)
        if certain(line, other):
            for option in line.options:
                changes += _option(line, option, other)
    return tuple(changes)


def certain(baseline: CommandLine, candidate: CommandLine) -> bool:
    """Whether what is not seen in the new line is really not there."""
    return candidate.open_ends <= baseline.open_ends and LIMIT not in candidate.open_ends


def _aliases(line: CommandLine, after: dict[Key, CommandLine]) -> list[Change]:
    return [
        _change(f"{line.prog} {' '.join((*line.path[:-1], alias))}", line.file, line.line, "the alias is gone", False)
        for alias in line.aliases
        if find_commandline(after, line.prog, (*line.path[:-1], alias)) is None
        and (above := find_commandline(after, line.prog, line.path[:-1])) is not None
        and not above.open_ends
    ]


def _option(line: CommandLine, option: CommandOption, other: CommandLine) -> list[Change]:
    changes = []
    for string in option.strings:
        found = other.option(string)
        symbol = f"{line.symbol} {string}"
        if found is None:
            kept = [s for s in option.strings if other.option(s) is not None]
            detail = f"{', '.join(kept)} stays" if kept else "the option is gone"
            changes.append(_change(symbol, option.file, option.line, detail, option.deprecated))
        elif string == option.strings[-1] and option.choices and found.choices:
            changes += [
                _change(f"{symbol} {choice}", option.file, option.line, f"{symbol} no longer takes {choice}", False)
                for choice in option.choices
                if choice not in found.choices
            ]
    return changes


def _change(symbol: str, file: str, line: int, detail: str, deprecated: bool) -> Change:
    mark = Deprecation(by="command line") if deprecated else None
    return Change(rule="option-removed", symbol=symbol, file=file, line=line, detail=detail, deprecation=mark)


def added_options(baseline: Iterable[CommandLine], candidate: Iterable[CommandLine]) -> tuple[AddedOption, ...]:
    """The option strings and subcommands that only the new surface has, below programs that both have.

    A program given by a plug-in (`conda repoquery` of a conda plug-in) counts even when the old release gave none.
    """
    before = index_commandlines(baseline)
    found: list[AddedOption] = []
    for line in candidate:
        other = find_commandline(before, line.prog, line.path)
        if other is not None:
            found += [
                AddedOption(line.prog, line.path, string, option.file, option.line)
                for option in line.options
                for string in option.strings
                if other.option(string) is None
            ]
        elif line.path and ((line.prog, line.path[:-1]) in before or "plug-in" in line.open_ends):
            found += [
                AddedOption(line.prog, line.path[:-1], name, line.file, line.line, subcommand=True)
                for name in (line.path[-1], *line.aliases)
            ]
    return tuple(found)
