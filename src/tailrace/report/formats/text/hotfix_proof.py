"""A hotfix proof for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from tailrace.hotfix.prove import FAILURES, MEANING, HotfixProof, Outcome, ProofCell, Shift
from tailrace.model.inert import visible
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.exposure import moment_text

BADGE = {
    "proven": ("PROVEN", "bold black on green"),
    "not-proven": ("NOT PROVEN", "bold white on red"),
    "nothing-to-prove": ("NOTHING TO PROVE", "bold black on yellow"),
    "incomplete": ("INCOMPLETE", "bold black on yellow"),
}
ORDER: tuple[Outcome, ...] = (
    "still-exposed", "newly-exposed", "lost", "healed", "refused", "changed", "gained", "kept", "unsolvable",
)  # fmt: skip
STYLE: dict[str, str] = {
    "still-exposed": "bold red", "newly-exposed": "bold red", "lost": "bold red", "healed": "green",
    "refused": "green", "changed": "yellow", "gained": "cyan", "kept": "dim", "unsolvable": "dim",
}  # fmt: skip
SHOWN = 8


def render(proof: HotfixProof, options: RenderOptions) -> str:
    """The verdict, the count of each outcome, then what failed and what changed."""
    ink = Ink(color=options.color, width=options.width)
    word, style = BADGE[proof.verdict]
    ink.title(word, style, _headline(proof))
    ink.prose(visible(proof.broken), indent=2, first=("harmful: ", "dim"))
    ink.blank()
    for outcome in ORDER:
        count = proof.counts.get(outcome, 0)
        if count:
            ink.line((f"{count:6}  ", "bold"), (outcome.ljust(15), STYLE[outcome]), (MEANING[outcome], ""))
    for outcome in ORDER[:6]:
        _cells(ink, outcome, [cell for cell in proof.cells if cell.outcome == outcome])
    if proof.unanswered or proof.notes:
        ink.blank()
    for text in proof.unanswered[:SHOWN]:
        ink.prose(visible(text), indent=0, first=("not decided: ", "yellow"))
    for text in proof.notes:
        ink.prose(visible(text), indent=0, first=("note: ", "cyan"))
    return ink.text()


def _headline(proof: HotfixProof) -> str:
    cells, records = len(proof.cells), proof.records
    failed = sum(proof.counts.get(outcome, 0) for outcome in FAILURES)
    ended = proof.counts.get("healed", 0) + proof.counts.get("refused", 0)
    changes = f"{records} {'record changes' if records == 1 else 'records change'}"
    if failed:
        return f"{failed} of {cells} cells fail; {changes}"
    if not ended:
        return f"none of {cells} cells got the harmful combination before; {changes}"
    return f"the harm is gone from {ended} of {cells} cells, and nothing that worked is lost; {changes}"


def _cells(ink: Ink, outcome: Outcome, cells: list[ProofCell]) -> None:
    """Cells with the same outcome and the same effect together."""
    groups: dict[tuple[object, ...], list[ProofCell]] = {}
    for cell in cells:
        effect = tuple((one.name, one.kind) for one in cell.shifts)
        groups.setdefault((cell.request, cell.as_of, effect, cell.after), []).append(cell)
    if not groups:
        return
    ink.blank()
    ink.line((outcome, STYLE[outcome]))
    for group in list(groups.values())[:SHOWN]:
        first = group[0]
        asked = visible(" ".join(f"'{spec}'" if " " in spec else spec for spec in first.request))
        when = f", {moment_text(first.as_of)}" if first.as_of else ""
        ink.prose(f"{asked}{when}", indent=2, hang=2, style="bold")
        for place in _where(group):
            ink.prose(place, indent=6, hang=4)
        if outcome in FAILURES and first.explanation:
            for line in visible_lines(first.explanation)[:SHOWN]:
                ink.line((f"      {line}", "dim"))
        for shift in first.shifts[:SHOWN]:
            ink.prose(_shift(shift), indent=6, hang=4, first=(f"{shift.kind} ", "yellow"))
        if len(first.shifts) > SHOWN:
            ink.line((f"      and {len(first.shifts) - SHOWN} more packages", "dim"))
    if len(groups) > SHOWN:
        ink.line((f"  and {len(groups) - SHOWN} more (--format json has all)", "dim"))


def _shift(shift: Shift) -> str:
    return visible(" -> ".join(text for text in (shift.before, shift.after) if text))


def _where(cells: Iterable[ProofCell]) -> list[str]:
    """`conda-forge > defaults, linux-64: strict (conda, mamba), disabled (conda)`, a line for each list of channels."""
    found: dict[str, dict[str, list[str]]] = {}
    for cell in cells:
        place = f"{' > '.join(cell.channels)}, {cell.subdir}"
        found.setdefault(place, {}).setdefault(cell.priority, []).append(cell.client)
    return [
        visible(f"{place}: {', '.join(_named(priority, who) for priority, who in rows.items())}")
        for place, rows in found.items()
    ]


def visible_lines(text: str) -> list[str]:
    """The lines of a text from elsewhere, each harmless."""
    return [visible(line) for line in text.splitlines()]


def _named(priority: str, clients: Iterable[str]) -> str:
    return f"{priority} ({', '.join(clients)})"
