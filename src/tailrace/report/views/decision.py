"""What every format shows of a decision of the gate."""

from __future__ import annotations

from collections.abc import Sequence

from tailrace.gate.decision import STATES, Decision, GateFinding, RuleResult
from tailrace.model.inert import visible

#: So many findings of one rule are shown; the JSON holds all.
SHOWN = 12
_HEADLINES = {
    "go": "{subject} may go to {target}",
    "wait": "{subject} must wait before it goes to {target}",
    "unknown": "it is not known whether {subject} may go to {target}",
    "stop": "{subject} may not go to {target}",
}


def headline(decision: Decision) -> str:
    """The first line: verdict and sentence, and when it changes by itself."""
    text = _HEADLINES[decision.verdict].format(subject=visible(str(decision.subject)), target=visible(decision.target))
    when = f"; time alone opens the gate at {decision.opens_at}" if decision.opens_at else ""
    return f"{decision.verdict}: {text}{when}"


def needs_first(rules: Sequence[RuleResult]) -> list[RuleResult]:
    """The rules, those that need somebody first."""
    return sorted(rules, key=lambda one: -STATES.index(one.state))


def finding_text(finding: GateFinding) -> str:
    """One finding on one line, with what a waiver must name."""
    place = f"{visible(finding.place)}: " if finding.place else ""
    text = f"{place}{visible(finding.message)} [{finding.fingerprint}]"
    if finding.state in ("contained", "note"):
        return f"{finding.state}: {text}"
    if finding.waiver is not None:
        waiver = finding.waiver
        text = (
            f"waived until {waiver.expires} by {visible(waiver.by)}, approved by {visible(waiver.approved_by)} "
            f"({visible(waiver.reason)}): {text}"
        )
    return text
