"""Prints scored rows: a line for a row, the tables, misses and false alarms, the difference of two runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from incident_rows import Row
from incident_scoring import Answer, BreakOutcome, Outcome, SilentOutcome, alarms, last_name, located, on_the_line

_BREAK_COLUMNS: tuple[BreakOutcome, ...] = ("found", "misplaced", "missed", "not-checked", "error", "not-run")
_SILENT_COLUMNS: tuple[SilentOutcome, ...] = ("silent", "false-alarm", "not-checked", "error", "not-run")
_SHOWN = 4


class RowResult(msgspec.Struct, frozen=True, kw_only=True):
    """One row, scored. `fixed` and `fixed_outcome` are about the consumer's fixed version, where the row names one."""

    row: Row
    outcome: Outcome
    subject: Answer
    fixed_outcome: SilentOutcome | None = None
    fixed: Answer | None = None


def render_row(result: RowResult) -> str:
    """One line of progress."""
    row = result.row
    seconds = result.subject.seconds + (result.fixed.seconds if result.fixed else 0)
    fixed = f", fixed {result.fixed_outcome}" if result.fixed_outcome else ""
    pair = f"{row.provider} {row.provider_old}→{row.provider_new} / {row.consumer} {row.subject}"
    return f"{row.id} {result.outcome}{fixed} [{row.group}] {pair} {seconds:.1f} s"


def render_tables(engine: str, results: Sequence[RowResult]) -> str:
    """Everything a reader of one run wants to know, the totals first."""
    breaks = [result for result in results if result.row.breaks]
    silent = [result for result in results if not result.row.breaks]
    pairs = [result for result in breaks if result.fixed_outcome]
    parts = [f"engine {engine}: {len(breaks)} breaks, {len(pairs)} fixed pairs, {len(silent)} silent rows", ""]
    parts += _break_table(breaks)
    parts += [""]
    parts += _silent_table(pairs, silent)
    parts += ["", *_extra_lines(breaks, pairs)]
    for title, lines in (
        ("Breaks not found", _misses(breaks)),
        ("False alarms", _false_alarms(results)),
        ("Not checked, errors", _troubles(results)),
    ):
        parts += ["", f"{title}: {sum(not line.startswith(' ') for line in lines)}", *lines]
    return "\n".join(parts)


def _break_table(breaks: Sequence[RowResult]) -> list[str]:
    groups: dict[str, list[RowResult]] = {}
    for result in sorted(breaks, key=lambda result: result.row.interface or result.row.group):
        groups.setdefault(result.row.interface or result.row.group, []).append(result)
    rows = list(groups.items())
    rows.append(("static", [result for result in breaks if result.row.static is not False]))
    rows.append(("not static", [result for result in breaks if result.row.static is False]))
    rows.append(("all breaks", list(breaks)))
    lines = [_line("technique", [*_BREAK_COLUMNS, "rows", "found %"])]
    for name, members in rows:
        counts = Counter(result.outcome for result in members)
        run = len(members) - counts["not-run"]
        cells = [str(counts[column] or "·") for column in _BREAK_COLUMNS]
        lines.append(_line(name, [*cells, str(len(members)), _percent(counts["found"], run)]))
        if name == rows[-4][0]:
            lines.append("")
    return lines


def _silent_table(pairs: Sequence[RowResult], silent: Sequence[RowResult]) -> list[str]:
    named = [result.outcome for result in silent if result.row.symbol]
    plain = [result.outcome for result in silent if not result.row.symbol]
    fixed = [result.fixed_outcome for result in pairs if result.fixed_outcome]
    lines = [_line("must stay silent", [*_SILENT_COLUMNS, "rows", "alarm %"])]
    rows: list[tuple[str, Sequence[Outcome]]] = [
        ("fixed pair of a break", fixed),
        ("silent row with a symbol", named),
        ("silent row without one", plain),
        ("all", [*fixed, *named, *plain]),
    ]
    for name, outcomes in rows:
        counts = Counter(outcomes)
        run = len(outcomes) - counts["not-run"]
        cells = [str(counts[column] or "·") for column in _SILENT_COLUMNS]
        lines.append(_line(name, [*cells, str(len(outcomes)), _percent(counts["false-alarm"], run)]))
    return lines


def _extra_lines(breaks: Sequence[RowResult], pairs: Sequence[RowResult]) -> list[str]:
    run = [result for result in breaks if result.outcome != "not-run"]
    exact = sum(on_the_line(result.row, result.subject) for result in run)
    either = sum(result.outcome == "found" or located(result.row, result.subject) for result in run)
    spoken = sum(bool(result.fixed and result.fixed.reported) for result in pairs)
    loud = sum(bool(result.fixed and result.fixed.status == "breaks") for result in pairs)
    seconds = sum(r.subject.seconds + (r.fixed.seconds if r.fixed else 0) for r in [*breaks])
    return [
        f"named on the very line: {exact} of {len(run)}; found, or anything said on the very line: {either}",
        f"fixed pairs about which anything is said: {spoken} of {len(pairs)}; with status breaks: {loud}",
        f"time in the engine over the break rows: {seconds:.0f} s",
    ]


def _misses(breaks: Iterable[RowResult]) -> list[str]:
    lines = []
    for result in breaks:
        if result.outcome in ("misplaced", "missed"):
            row = result.row
            lines.append(f"{row.id} {result.outcome} [{row.group}] {row.symbol} at {row.file}:{row.line}")
            lines.append(f"    {row.provider} {row.provider_old}→{row.provider_new} / {row.consumer} {row.subject}")
            lines += _reported(result.subject, row)
    return lines


def _false_alarms(results: Iterable[RowResult]) -> list[str]:
    lines = []
    for result in results:
        row = result.row
        cases = [
            (result.fixed_outcome, result.fixed, row.consumer_fixed),
            (result.outcome, result.subject, row.subject),
        ]
        for outcome, answer, version in cases:
            if outcome == "false-alarm" and answer is not None:
                pair = f"{row.provider} {row.provider_old}→{row.provider_new} / {row.consumer} {version}"
                lines.append(f"{row.id} {pair}: {row.symbol or 'status breaks'}")
                lines += [f"    {line}" for line in list(alarms(row, answer.reported))[:_SHOWN]]
    return lines


def _troubles(results: Iterable[RowResult]) -> list[str]:
    lines = []
    for result in results:
        for part, answer in (("", result.subject), (" (fixed)", result.fixed)):
            if answer is not None and answer.status in ("not-checked", "error"):
                lines.append(f"{result.row.id}{part} {answer.status}: {answer.reason}")
    return lines


def _reported(answer: Answer, row: Row) -> list[str]:
    """What was said instead, the lines that come nearest to the row first."""
    wanted = last_name(row.symbol or "")
    near = sorted(answer.reported, key=lambda line: (wanted not in line.symbol, line.file != row.file))
    lines = [f"    status {answer.status}" + (f", {len(near)} findings" if near else ", nothing reported")]
    return lines + [f"    {line}" for line in near[:_SHOWN]]


def render_comparison(old: Sequence[RowResult], new: Sequence[RowResult]) -> str:
    """The rows whose outcome is another one than before, those that got worse first."""
    before = {result.row.id: result for result in old}
    worse: list[str] = []
    better: list[str] = []
    for result in new:
        earlier = before.get(result.row.id)
        if earlier is None:
            continue
        for part, was, now in (
            ("", earlier.outcome, result.outcome),
            (" (fixed)", earlier.fixed_outcome, result.fixed_outcome),
        ):
            if was != now:
                good = now in ("found", "silent")
                what = result.row.symbol or result.row.consumer
                line = f"  {result.row.id}{part} [{result.row.group}] {was} → {now}: {what}"
                (better if good else worse).append(line)
    return "\n".join([f"worse or otherwise changed: {len(worse)}", *worse, f"better: {len(better)}", *better])


def _line(name: str, cells: Sequence[str]) -> str:
    return f"{name:<26}" + "".join(f"{cell:>12}" for cell in cells)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"
