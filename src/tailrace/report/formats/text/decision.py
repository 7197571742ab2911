"""A decision of the gate for a terminal: the verdict, every rule with its reason, and what must happen."""

from __future__ import annotations

from collections.abc import Sequence

from tailrace.gate.decision import Decision, NextStep, RuleResult
from tailrace.model.inert import visible, without_commands
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.decision import finding_text, headline, needs_first, shown_findings

STYLES = {"go": "green", "pass": "green", "waived": "yellow", "wait": "yellow", "unknown": "magenta", "stop": "red"}
_STATE = 14


def render(decision: Decision, options: RenderOptions) -> str:
    """The decision with its reasons, and what must happen next."""
    ink = Ink(color=options.color, width=options.width)
    ink.line((headline(decision), STYLES[decision.verdict]))
    ink.prose(f"at {decision.at}, by the policy {visible(decision.policy.id)}, decision {decision.id[:12]}", indent=2)
    if decision.together:
        ink.prose(f"together with {', '.join(map(visible, decision.together))}", indent=2)
    if decision.rota is not None:
        shadow = f", {visible(decision.rota.shadow)} (shadow)" if decision.rota.shadow else ""
        ink.prose(f"run by {visible(decision.rota.lead)} (lead){shadow}", indent=2)
    ink.blank()
    widest = max((len(one.id) for one in decision.rules), default=0)
    for rule in needs_first(decision.rules):
        _write_rule(ink, rule, widest)
    if decision.next:
        ink.blank()
        ink.line(("What must happen", ""))
        write_steps(ink, decision.next)
    return without_commands(ink.text())


def write_steps(ink: Ink, steps: Sequence[NextStep], mark: str = "") -> None:
    """Who must act and what, each with its command on a line of its own, so that it can be copied."""
    for step in steps:
        ink.prose(f"{mark}{visible(step.who)}: {visible(step.what)}", indent=2, hang=2)
        if step.command:
            ink.line((f"    {' ' * len(mark)}{visible(step.command)}", ""))


def _write_rule(ink: Ink, rule: RuleResult, widest: int) -> None:
    opens = f", until {rule.opens_at}" if rule.opens_at else ""
    head = f"{rule.state.ljust(_STATE)}  {rule.id.ljust(widest)}  "
    style = STYLES.get(rule.state, "")
    ink.prose(f"{visible(rule.reason)}{opens}", indent=2, first=(head, style), hang=_STATE + 2)
    shown, more = shown_findings(rule)
    for finding in shown:
        text = f"[{finding.fingerprint}]" if finding.message == rule.reason else finding_text(finding)
        ink.prose(text, indent=_STATE + 6, hang=2)
    if more:
        ink.prose(f"and {more} more (--format json has all)", indent=_STATE + 6)
