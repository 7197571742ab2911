"""The checklist of a release: a row for each rule, a column for each target, with boxes that evidence alone ticks."""

from __future__ import annotations

from tailrace.gate.overview import GateChecklist
from tailrace.model.inert import without_commands
from tailrace.model.markdown import code, escape
from tailrace.report.options import RenderOptions


def render(report: GateChecklist, options: RenderOptions) -> str:
    """The table, then what must happen as a list of boxes."""
    decisions = report.decisions
    first = decisions[0]
    lines = [f"# Release checklist: {escape(str(first.subject))}", ""]
    lines.append(f"At {first.at}, by the policy {escape(first.policy.id)}.")
    if first.rota is not None:
        shadow = f", shadow {escape(first.rota.shadow)}" if first.rota.shadow else ""
        lines.append(f"Lead {escape(first.rota.lead)}{shadow}.")
    lines += ["", f"| | {' | '.join(escape(one.target) for one in decisions)} |", f"|---{'|---' * len(decisions)}|"]
    for number, rule in enumerate(first.rules):
        cells = [f"{_box(one.rules[number].state)} {escape(one.rules[number].reason)}" for one in decisions]
        lines.append(
            f"| **{escape(rule.id)}**: {escape(report.asks.get(rule.kind, rule.kind))} | {' | '.join(cells)} |"
        )
    lines.append(f"| **may go out** | {' | '.join(f'{_box(one.verdict)} {one.verdict}' for one in decisions)} |")
    steps = list(dict.fromkeys(step for one in decisions for step in one.next))
    if steps:
        lines += ["", "## What must happen", ""]
        for step in steps:
            command = f" – {code(step.command)}" if step.command else ""
            lines.append(f"- [ ] {escape(step.who)}: {escape(step.what)}{command}")
    return without_commands("\n".join(lines))


def _box(state: str) -> str:
    return "☑" if state in ("pass", "waived", "go") else "➖" if state == "not-applicable" else "☐"
