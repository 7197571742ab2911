"""What changed between two releases, grouped by rule, with deprecation marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from tailrace.model import Change, Release
from tailrace.model.inert import prose
from tailrace.outcome import CommandOutcome, HasOutcome
from tailrace.report.options import RenderOptions
from tailrace.report.views.sentences import deprecated, plural, release_title
from tailrace.rules import RULES

Group = tuple[str, list[Change]]


class DiffCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many changes there are, and by rule."""

    changes: int
    by_rule: dict[str, int]


class DiffReport(HasOutcome, msgspec.Struct, frozen=True, kw_only=True):
    """The changes between the surfaces of two releases, in the order of the rules, then by symbol.

    `notes`: what the reader should know of the two. `unread`: modules of either that could not be read.
    """

    schema: Literal["tailrace.diff/1"] = "tailrace.diff/1"
    old: Release
    new: Release
    counts: DiffCounts
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def outcome(self) -> CommandOutcome:
        """How the command ends."""
        return CommandOutcome.INCOMPLETE if self.unread else CommandOutcome.CLEAR


@dataclass(frozen=True, slots=True)
class DiffView:
    """The counts in a sentence, the changes of each rule, and notes."""

    headline: str
    groups: tuple[Group, ...]
    notes: tuple[str, ...] = ()


def diff_report(
    old: Release, new: Release, changes: Sequence[Change], notes: Sequence[str] = (), unread: Sequence[str] = ()
) -> DiffReport:
    """The report on these changes."""
    groups = _group(changes)
    return DiffReport(
        old=old,
        new=new,
        notes=tuple(notes),
        unread=tuple(unread),
        counts=DiffCounts(changes=len(changes), by_rule={rule: len(group) for rule, group in groups}),
        changes=tuple(change for _, group in groups for change in group),
    )


def view_diff(report: DiffReport, options: RenderOptions) -> DiffView:
    """The view of a report."""
    groups = _group(report.changes)
    return DiffView(_headline(report, groups), tuple(groups), (*report.notes, *_unread(report)))


def _unread(report: DiffReport) -> tuple[str, ...]:
    """The modules that are not in a note yet."""
    files = [file for file in report.unread if not any(file in note for note in report.notes)]
    if not files:
        return ()
    shown = ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
    return (f"{plural(len(files), 'module')} could not be read, and what changed there is not known: {shown}",)


def _group(changes: Sequence[Change]) -> list[Group]:
    known = list(RULES)
    groups: dict[str, list[Change]] = {}
    for change in sorted(changes, key=lambda c: (c.symbol, c.file or "", c.line or 0, repr(c))):
        groups.setdefault(change.rule, []).append(change)
    order = {rule: known.index(rule) if rule in known else len(known) for rule in groups}
    return sorted(groups.items(), key=lambda item: (order[item[0]], item[0]))


def _headline(report: DiffReport, groups: list[Group]) -> str:
    old, new = report.old, report.new
    total = sum(len(group) for _, group in groups)
    if not total:
        nothing = "nothing that could be read" if report.unread else "nothing that was offered"
        return f"{release_title(old)} → {release_title(new)}: {nothing} is gone or changed"
    announced = sum(
        bool(change.deprecated_in or change.deprecation)
        for rule, group in groups
        for change in group
        if rule != "now-deprecated"
    )
    by_rule = ", ".join(f"{len(group)} {prose(rule)}" for rule, group in groups)
    known = f"; {announced} announced by a deprecation" if announced else ""
    return f"{release_title(old)} → {release_title(new)}: {plural(total, 'change')} ({by_rule}{known})"


def change_place(change: Change) -> str:
    """`file:line`, as far as it is known."""
    if change.file is None:
        return ""
    return prose(change.file) + (f":{change.line}" if change.line else "")


def change_remarks(change: Change) -> str:
    """The details of the change and of its deprecation."""
    said = [prose(change.detail), deprecated(change)]
    if change.deprecation and change.deprecation.message:
        said.append(f"“{prose(change.deprecation.message, 200)}”")
    return ", ".join(filter(None, said))
