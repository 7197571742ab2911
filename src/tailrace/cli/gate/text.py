"""Several decisions of the gate as text: why a release waits, and which releases need somebody."""

from __future__ import annotations

from collections.abc import Sequence

from tailrace.gate.decision import Decision
from tailrace.gate.moments import parse_time, show_duration
from tailrace.gate.names import same_release, same_target
from tailrace.gate.overview import root_blocker
from tailrace.model.inert import visible, without_commands
from tailrace.report.views.decision import finding_text, headline, needs_first

WIDEST = 200


def render_why(decisions: Sequence[Decision], recorded: Sequence[Decision]) -> str:
    """For each target: the verdict, its age, the root blocker, every rule with one sentence, and who must act."""
    parts = []
    for decision in decisions:
        lines = [headline(decision)]
        age = _age(decision, recorded)
        if age:
            lines.append(f"  {age}")
        root = root_blocker(decision)
        if root is not None:
            lines.append(f"  blocked by {root.id}: {visible(root.reason)}")
        for rule in needs_first(decision.rules):
            if rule is root:
                lines += [f"    {finding_text(one)}" for one in rule.findings if one.state in ("stop", "wait")]
                continue
            opens = f" (until {rule.opens_at})" if rule.opens_at else ""
            lines.append(f"  {rule.state}: {rule.id}: {visible(rule.reason)}{opens}")
            if rule.state in ("stop", "wait"):
                lines += [f"    {finding_text(one)}" for one in rule.findings if one.state in ("stop", "wait")]
        for step in decision.next:
            lines.append(f"  → {visible(step.who)}: {visible(step.what)}")
            if step.command:
                lines.append(f"      {visible(step.command)}")
        if decision.opens_at:
            lines.append(f"  → nobody need act: time alone opens it at {decision.opens_at}")
        parts.append("\n".join(lines))
    return without_commands("\n\n".join(parts))


def _age(decision: Decision, recorded: Sequence[Decision]) -> str:
    mine = [
        one
        for one in recorded
        if same_release(one.subject, decision.subject.name, decision.subject.version)
        and same_target(one.target, decision.target)
        and parse_time(one.at) <= parse_time(decision.at)
    ]
    if not mine:
        return ""
    first = parse_time(mine[0].at)
    since = mine[-1]
    for one in reversed(mine):
        if one.verdict != mine[-1].verdict:
            break
        since = one
    first_text = show_duration(parse_time(decision.at) - first)
    return f"first asked {first_text} ago, {mine[-1].verdict} since {since.at}"


def render_list(decisions: Sequence[Decision]) -> str:
    """One line for each: verdict, release, target, and the root blocker or when it opens."""
    if not decisions:
        return "nothing: the ledger has no evidence on a release that its policy covers"
    rows = []
    for one in decisions:
        root = root_blocker(one)
        reason = "" if root is None else f"{root.id}: {root.reason}"
        if one.opens_at:
            reason = f"opens at {one.opens_at} ({reason})"
        rows.append((one.verdict, visible(str(one.subject)), visible(one.target), visible(reason)[:WIDEST]))
    widest = [max(len(row[column]) for row in rows) for column in range(3)]
    return without_commands(
        "\n".join(
            "  ".join((*(text.ljust(width) for text, width in zip(row, widest, strict=False)), row[3])).rstrip()
            for row in rows
        )
    )


def render_checklist(decisions: Sequence[Decision], titles: dict[str, str]) -> str:
    """Markdown: a row for each rule and a column for each target, with a box that is ticked by evidence alone.

    `titles`: kind of rule → what it asks.
    """
    from tailrace.report.markdown import code, escape

    first = decisions[0]
    lines = [f"# Release checklist: {escape(str(first.subject))}", ""]
    lines.append(f"At {first.at}, by the policy {escape(first.policy.id)}.")
    if first.rota is not None:
        shadow = f", shadow {escape(first.rota.shadow)}" if first.rota.shadow else ""
        lines.append(f"Lead {escape(first.rota.lead)}{shadow}.")
    lines += ["", f"| | {' | '.join(escape(one.target) for one in decisions)} |", f"|---{'|---' * len(decisions)}|"]
    for number, rule in enumerate(first.rules):
        cells = [f"{_box(one.rules[number].state)} {escape(one.rules[number].reason)}" for one in decisions]
        lines.append(f"| **{escape(rule.id)}**: {escape(titles.get(rule.kind, rule.kind))} | {' | '.join(cells)} |")
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
