"""The changes between two surfaces in, what `tailrace diff` shows out: grouped by rule, deprecation marks beside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, assert_never

import msgspec

from tailrace.model import Change, Release
from tailrace.report.clean import prose, without_commands
from tailrace.report.ink import Ink
from tailrace.report.json import dump_json
from tailrace.report.markdown import code, escape
from tailrace.report.sentences import deprecated, plural, release_title
from tailrace.report.text import LEVEL_STYLE
from tailrace.rules import RULES

DiffFormat = Literal["text", "markdown", "json"]
Group = tuple[str, list[Change]]


def render_diff(
    old: Release,
    new: Release,
    changes: Sequence[Change],
    *,
    format: DiffFormat = "text",
    color: bool = False,
    width: int = 100,
) -> str:
    """The counts first, then the changes of each rule in the order of the rules, by symbol."""
    groups = _group(changes)
    headline = _headline(old, new, groups)
    match format:
        case "text":
            return _text(headline, groups, color=color, width=width)
        case "markdown":
            return _markdown(headline, groups)
        case "json":
            counts = {"changes": len(changes), "by_rule": {rule: len(group) for rule, group in groups}}
            ordered = [change for _, group in groups for change in group]
            return dump_json(
                msgspec.to_builtins(
                    {"schema": "tailrace.diff/1", "old": old, "new": new, "counts": counts, "changes": ordered}
                )
            )
        case _:
            assert_never(format)


def _group(changes: Sequence[Change]) -> list[Group]:
    known = list(RULES)
    groups: dict[str, list[Change]] = {}
    for change in sorted(changes, key=lambda c: (c.symbol, c.file or "", c.line or 0, repr(c))):
        groups.setdefault(change.rule, []).append(change)
    order = {rule: known.index(rule) if rule in known else len(known) for rule in groups}
    return sorted(groups.items(), key=lambda item: (order[item[0]], item[0]))


def _headline(old: Release, new: Release, groups: list[Group]) -> str:
    total = sum(len(group) for _, group in groups)
    if not total:
        return f"{release_title(old)} → {release_title(new)}: nothing that was offered is gone or changed"
    announced = sum(
        bool(change.deprecated_in or change.deprecation)
        for rule, group in groups
        for change in group
        if rule != "now-deprecated"
    )
    by_rule = ", ".join(f"{len(group)} {prose(rule)}" for rule, group in groups)
    known = f"; {announced} announced by a deprecation" if announced else ""
    return f"{release_title(old)} → {release_title(new)}: {plural(total, 'change')} ({by_rule}{known})"


def _place(change: Change) -> str:
    if change.file is None:
        return ""
    return prose(change.file) + (f":{change.line}" if change.line else "")


def _mark(change: Change) -> str:
    said = [prose(change.detail), deprecated(change)]
    if change.deprecation and change.deprecation.message:
        said.append(f"“{prose(change.deprecation.message, 200)}”")
    return ", ".join(filter(None, said))


def _text(headline: str, groups: list[Group], *, color: bool, width: int) -> str:
    ink = Ink(color=color, width=width)
    ink.line((headline, "bold"))
    for rule, group in groups:
        ink.blank()
        known = RULES.get(rule)
        level = known.severity if known else "error"
        title = f"  {known.title}" if known else ""
        ink.line((prose(rule), LEVEL_STYLE[level]), (title, "bold"), (f"  ({len(group)})", "dim"))
        for change in group:
            ink.line(("  ", ""), (prose(change.symbol), "bold"), (f"  {_place(change)}".rstrip(), "blue"))
            if mark := _mark(change):
                ink.prose(mark, indent=6, style="dim")
    return ink.text()


def _markdown(headline: str, groups: list[Group]) -> str:
    lines = [f"# {escape(headline)}", ""]
    for rule, group in groups:
        lines += [f"## {code(prose(rule))}", "", "| Symbol | Place | Remarks |", "| --- | --- | --- |"]
        lines += [f"| {escape(prose(c.symbol))} | {escape(_place(c))} | {escape(_mark(c))} |" for c in group]
        lines.append("")
    return without_commands("\n".join(lines).rstrip() + "\n")
