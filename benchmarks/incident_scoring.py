"""Scores what a checker reported about a row. Every rule of the scoring is here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Literal

import msgspec

from incident_rows import Row

BreakOutcome = Literal["found", "misplaced", "missed", "not-checked", "error", "not-run"]
SilentOutcome = Literal["silent", "false-alarm", "not-checked", "error", "not-run"]
Outcome = Literal["found", "misplaced", "missed", "silent", "false-alarm", "not-checked", "error", "not-run"]

#: A break that the checker stands by, whether or not the downstream's requirement lets the candidate in.
AFFIRMED = frozenset({"breaks", "contained"})


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """One reported line, of any engine. `symbol` is what it blames; `guard` the text of what catches the failure."""

    file: str
    line: int
    symbol: str
    rule: str = ""
    confidence: str = ""
    guard: str | None = None
    unmet: bool = False
    message: str = ""

    def __str__(self) -> str:
        marks = [self.rule, self.confidence, *(["guarded"] if self.guard else []), *(["unmet"] if self.unmet else [])]
        return f"{self.file}:{self.line} {self.symbol} ({', '.join(mark for mark in marks if mark)})"


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """All that was reported about one downstream. `reason` explains `not-checked` and `error`."""

    status: str
    reason: str | None = None
    reported: tuple[Reported, ...] = ()
    seconds: float = 0.0


def last_name(symbol: str) -> str:
    """What a finding must at least name: of `a.b.c` it is `c`, of `f(x=)` `x`, of `tool sub --opt` `--opt`."""
    parameter = re.search(r"\(\W*(\w+)\W*\)?$", symbol)
    if parameter:
        return parameter.group(1)
    extra = re.search(r"\[([\w-]+)\]$", symbol)
    if extra:
        return extra.group(1)
    return symbol.rsplit(maxsplit=1)[-1].rstrip("()=").rpartition(".")[2] if symbol.strip() else ""


def names_symbol(reported: str, symbol: str) -> bool:
    """True when the reported symbol names the row's symbol: its last component, or the parameter, as a whole word."""
    wanted = last_name(symbol)
    return bool(wanted) and wanted in re.split(r"[^\w-]+", reported)


def same_file(reported: str, expected: str) -> bool:
    """True when both name one file, `*` in what is expected being any text; a wheel and an sdist of one release may
    differ in a leading folder (`src/`)."""
    ours, theirs = f"/{reported.strip('/')}", f"/{expected.strip('/')}"
    if "*" in expected:
        return fnmatchcase(ours, f"*{theirs}")
    return ours.endswith(theirs) or theirs.endswith(ours)


def score_break(row: Row, answer: Answer) -> BreakOutcome:
    """Found: a finding names the symbol in the right file and the downstream breaks, or is contained."""
    if answer.status in ("not-checked", "error", "not-run"):
        return answer.status  # type: ignore[return-value]  # narrowed to the three literals on the line above
    if answer.status not in AFFIRMED:
        return "missed"
    here = [line for line in answer.reported if same_file(line.file, row.file or "")]
    return "found" if any(names_symbol(line.symbol, row.symbol or "") for line in here) else "misplaced"


def score_silent(row: Row, answer: Answer) -> SilentOutcome:
    """A row with a symbol: no unguarded finding may name it. A row without one: the status must not be `breaks`."""
    if answer.status in ("not-checked", "error", "not-run"):
        return answer.status  # type: ignore[return-value]  # narrowed to the three literals on the line above
    if row.symbol is None:
        return "false-alarm" if answer.status == "breaks" else "silent"
    return "false-alarm" if any(alarms(row, answer.reported)) else "silent"


def alarms(row: Row, reported: Iterable[Reported]) -> Iterable[Reported]:
    """The lines that make a silent row a false alarm. A condition that no supported interpreter meets is a guard."""
    for line in reported:
        unguarded = line.guard is None and not line.unmet
        if row.symbol is None or (unguarded and names_symbol(line.symbol, row.symbol)):
            yield line


def on_the_line(row: Row, answer: Answer) -> bool:
    """True when a finding that names the symbol stands on the very line that the row names."""
    return any(
        line.line == row.line and same_file(line.file, row.file or "") and names_symbol(line.symbol, row.symbol or "")
        for line in answer.reported
    )


def located(row: Row, answer: Answer) -> bool:
    """True when anything at all is reported on the line that the row names."""
    return any(line.line == row.line and same_file(line.file, row.file or "") for line in answer.reported)
