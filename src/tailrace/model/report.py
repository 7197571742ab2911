"""The check report, schema `tailrace.check/1`: what was checked, what breaks, and what could not be checked."""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.model.change import Change
from tailrace.model.finding import Finding
from tailrace.model.release import Release
from tailrace.model.verification import Verification
from tailrace.outcome import CommandOutcome, HasOutcome

Status = Literal["breaks", "contained", "possible", "clear", "not-checked"]
Verdict = Literal["breaks", "contained", "clear", "incomplete"]


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """Who wrote the report."""

    name: str = "tailrace"
    version: str


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Downstreams by status; the five numbers add up to `downstreams`."""

    downstreams: int
    breaks: int
    contained: int
    possible: int
    clear: int
    not_checked: int


class FileCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How many Python files of a downstream there are, were read, name the upstream, went to the type checker, and
    could
    not be read.
    """

    total: int
    read: int = 0
    mentioning: int = 0
    typechecked: int = 0
    unreadable: int = 0


class UndecidedReasons(msgspec.Struct, frozen=True, kw_only=True):
    """Why uses could not be decided.

    `dynamic`: the name is made at run time. `unparsable`: the upstream's module cannot be parsed. `no_stub`: it is
    compiled, and no stub describes it. `type_unknown`: the use hangs on a value of unknown type.
    """

    dynamic: int = 0
    unparsable: int = 0
    no_stub: int = 0
    type_unknown: int = 0


class UseCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The uses of the upstream that the check looked at: `decided` and `undecided` add up to `total`.

    `undecided_changed`: those of the undecided that name something which the candidate has in fewer places. `reasons`
    add up to `undecided`. A use in a file without any word of a change cannot be affected, and is not counted.
    """

    total: int = 0
    decided: int = 0
    undecided: int = 0
    undecided_changed: int = 0
    reasons: UndecidedReasons = UndecidedReasons()


class DownstreamReport(msgspec.Struct, frozen=True, kw_only=True):
    """One downstream. `requirement`: its own requirement on the upstream as written, `None` when it states none.

    `admits_candidate`: whether that requirement lets the candidate in (true when there is none). `reason`: why it is
    `not-checked`, else `None`. `notes`: what the reader should know all the same (files that could not be read, a
    condition). `verification`: what running it showed, `None` where it was not asked for.
    """

    name: str
    version: str
    spec: str
    status: Status
    requirement: str | None = None
    admits_candidate: bool = True
    reason: str | None = None
    files: FileCounts = FileCounts(total=0)
    uses: UseCounts = UseCounts()
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    verification: Verification | None = None


class AllowedNote(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one allow-list entry that did not simply apply: it expired, or matched nothing."""

    rule: str
    symbol: str
    state: Literal["expired", "unused"]
    message: str


class CheckReport(HasOutcome, msgspec.Struct, frozen=True, kw_only=True):
    """What a check found, for each downstream.

    `changes` holds the changes of the surface that some finding names, and the deprecations in use. `verdict`:
    `contained` when nothing breaks only because requirements keep the candidate out. `baseline_from`: how the
    baseline was chosen, empty where that is not known. `bounds_ignored`: requirements on the upstream were taken to
    be lifted.
    """

    schema: Literal["tailrace.check/1"] = "tailrace.check/1"
    tool: Tool
    candidate: Release
    baseline: Release
    verdict: Verdict
    counts: Counts
    changes: tuple[Change, ...] = ()
    downstreams: tuple[DownstreamReport, ...] = ()
    allow_list: tuple[AllowedNote, ...] = ()
    notes: tuple[str, ...] = ()
    baseline_from: str = ""
    bounds_ignored: bool = False

    @property
    def outcome(self) -> CommandOutcome:
        """How the command ends. What is contained does not break for any user."""
        return _OUTCOMES[self.verdict]


_OUTCOMES: dict[Verdict, CommandOutcome] = {
    "clear": CommandOutcome.CLEAR,
    "contained": CommandOutcome.CLEAR,
    "breaks": CommandOutcome.BREAKS,
    "incomplete": CommandOutcome.INCOMPLETE,
}
