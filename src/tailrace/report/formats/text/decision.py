"""A decision of the gate for a terminal: the verdict, every rule with its reason, and what must happen."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.gate.decision import Decision, RuleResult
from tailrace.model.inert import visible, without_commands
from tailrace.report.options import RenderOptions
from tailrace.report.views.decision import SHOWN, finding_text, headline, needs_first

_COLORS = {"go": "32", "pass": "32", "waived": "33", "wait": "33", "unknown": "35", "stop": "31"}


def render(decision: Decision, options: RenderOptions) -> str:
    """The decision with its reasons, and what must happen next."""
    color = options.color
    lines = [_paint(headline(decision), decision.verdict, color)]
    lines.append(f"  at {decision.at}, by the policy {visible(decision.policy.id)}, decision {decision.id[:12]}")
    if decision.together:
        lines.append(f"  together with {', '.join(map(visible, decision.together))}")
    if decision.rota is not None:
        shadow = f", {visible(decision.rota.shadow)} (shadow)" if decision.rota.shadow else ""
        lines.append(f"  run by {visible(decision.rota.lead)} (lead){shadow}")
    lines.append("")
    widest = max((len(one.id) for one in decision.rules), default=0)
    for rule in needs_first(decision.rules):
        lines += _rule_lines(rule, widest, color)
    if decision.next:
        lines += ["", "What must happen"]
        for step in decision.next:
            lines.append(f"  {visible(step.who)}: {visible(step.what)}")
            if step.command:
                lines.append(f"    {visible(step.command)}")
    return without_commands("\n".join(lines))


def _rule_lines(rule: RuleResult, widest: int, color: bool) -> Iterator[str]:
    state = rule.state.ljust(14)
    opens = f" (until {rule.opens_at})" if rule.opens_at else ""
    yield f"  {_paint(state, rule.state, color)}  {rule.id.ljust(widest)}  {visible(rule.reason)}{opens}"
    for finding in rule.findings[:SHOWN]:
        shown = f"[{finding.fingerprint}]" if finding.message == rule.reason else finding_text(finding)
        yield f"  {'':14}    {shown}"
    if len(rule.findings) > SHOWN:
        yield f"  {'':14}    and {len(rule.findings) - SHOWN} more (--format json has all)"


def _paint(text: str, state: str, color: bool) -> str:
    return f"\x1b[{_COLORS[state]}m{text}\x1b[0m" if color and state in _COLORS else text
