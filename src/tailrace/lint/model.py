"""The lint report, schema `tailrace.lint/1`: what was read, what was found, and what could not be read."""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.model.finding import Severity
from tailrace.model.report import Tool
from tailrace.outcome import CommandOutcome, HasOutcome

LintVerdict = Literal["findings", "clean", "incomplete"]


class LintPlace(msgspec.Struct, frozen=True, kw_only=True):
    """One place of a finding, with the fields of the finding. `message`: what is said about this place alone."""

    file: str
    line: int
    column: int
    source: str
    message: str
    fixable: Literal["safe", "unsafe"] | None = None
    fingerprint: str = ""


class LintFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One fault, or one policy that is broken in several places of a repository. `file`: POSIX, as reached from where
    the run began. `line`, `column`: 1-based, in characters.

    `source`: the line, with tokens of URLs blotted out. `fix`: what to do. `fixable`: whether `--fix` does it
    (`safe`), or only `--unsafe-fixes` (`unsafe`). `suppressed`: the reason given in the file, else `None`.
    `generated`: the file is written by a tool, and what would be more is a note. `fingerprint`: 16 hex digits, stable
    when unrelated lines move. `places`: every place; `file`, `line`, `column` and `source` are those of the first, and
    `fixable` is the best that any of them has.
    """

    rule: str
    severity: Severity
    file: str
    line: int
    column: int
    source: str
    message: str
    fix: str
    fixable: Literal["safe", "unsafe"] | None = None
    suppressed: str | None = None
    generated: bool = False
    fingerprint: str = ""
    places: tuple[LintPlace, ...] = ()


class UnreadableFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was not checked, and why. `line` is 1-based, 0 when not known."""

    file: str
    reason: str
    line: int = 0


class LintCounts(msgspec.Struct, frozen=True, kw_only=True):
    """`files` = `read` + `unreadable`; `findings` = `errors` + `warnings` + `notes`, without the `suppressed` ones.

    `places`: how many places these findings have. `suppressed`, `fixable` and `fixed` count places.
    """

    files: int
    read: int
    unreadable: int
    findings: int
    errors: int
    warnings: int
    notes: int
    suppressed: int
    fixable: int
    fixed: int = 0
    places: int = 0


class LintReport(HasOutcome, msgspec.Struct, frozen=True, kw_only=True):
    """What lint found in files.

    `verdict`: `findings` when an error or a warning is among them, else `incomplete` when a file could not be read,
    else `clean`. `files`: every file that was read, with its kind. `left_out`: folders and files passed by.
    """

    schema: Literal["tailrace.lint/1"] = "tailrace.lint/1"
    tool: Tool
    verdict: LintVerdict
    counts: LintCounts
    findings: tuple[LintFinding, ...] = ()
    unreadable: tuple[UnreadableFile, ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def outcome(self) -> CommandOutcome:
        """How the command ends."""
        return _OUTCOMES[self.verdict]


_OUTCOMES: dict[LintVerdict, CommandOutcome] = {
    "clean": CommandOutcome.CLEAR,
    "findings": CommandOutcome.BREAKS,
    "incomplete": CommandOutcome.INCOMPLETE,
}
