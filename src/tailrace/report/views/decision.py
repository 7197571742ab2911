"""What every format shows of a decision of the gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tailrace.gate.decision import STATES, Decision, GateFinding, RuleResult, encode_decision
from tailrace.gate.rules.interface import count
from tailrace.model.inert import visible
from tailrace.report.options import RenderOptions

if TYPE_CHECKING:
    from tailrace.gate.overview import GateChecklist, GateExplanation, GateList
    from tailrace.gate.past import GateReplay

#: So many findings of one rule are shown, and so many of them that are only notes; the JSON holds all.
SHOWN, SHOWN_NOTES = 12, 3
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


def decision_lines(report: Decision | GateExplanation | GateList | GateChecklist, options: RenderOptions) -> str:
    """The canonical JSON of each decision on a line of its own."""
    decisions = (report,) if isinstance(report, Decision) else report.decisions
    return "\n".join(encode_decision(one).decode() for one in decisions)


def shown_findings(rule: RuleResult) -> tuple[list[GateFinding], int]:
    """The findings of a rule that a person is shown, and how many more there are."""
    notes = [one for one in rule.findings if one.state == "note"]
    hidden = set(notes[SHOWN_NOTES:])
    shown = [one for one in rule.findings if one not in hidden][:SHOWN]
    return shown, len(rule.findings) - len(shown)


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


def against(decision: Decision) -> str:
    """What speaks against a release of the past, else what the check says, on one line."""
    said = [
        f"{rule.id}: {rule.reason}"
        for state in ("stop", "unknown", "wait")
        for rule in decision.rules
        if rule.state == state
    ]
    return visible("; ".join(said) or next((rule.reason for rule in decision.rules if rule.kind == "check"), ""))


def telling_findings(decision: Decision) -> list[GateFinding]:
    """What would have been stopped, and what was contained."""
    return [
        finding
        for rule in decision.rules
        for finding in rule.findings
        if rule.kind in ("check", "deprecation") and finding.state in ("stop", "contained")
    ]


def replay_counts(replay: GateReplay) -> str:
    """`11 releases of conda: 4 stop, 7 go`."""
    counts = {
        verdict: sum(one.decision.verdict == verdict for one in replay.releases)
        for verdict in ("stop", "unknown", "wait", "go")
    }
    said = ", ".join(f"{number} {verdict}" for verdict, number in counts.items() if number)
    return f"{count(len(replay.releases), 'release')} of {visible(replay.project)}: {said}"
