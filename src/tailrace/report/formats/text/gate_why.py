"""Why a release waits, for a terminal: for each target the root blocker first, and who must act."""

from __future__ import annotations

from tailrace.gate.decision import Decision, RuleResult
from tailrace.gate.overview import GateExplanation, root_blocker
from tailrace.model.inert import visible, without_commands
from tailrace.report.formats.text.decision import STYLES, write_steps
from tailrace.report.ink import Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.decision import finding_text, headline, needs_first


def render(report: GateExplanation, options: RenderOptions) -> str:
    """For each target: the verdict, its age, the root blocker, every rule with one sentence, and who must act."""
    ink = Ink(color=options.color, width=options.width)
    for number, (decision, since) in enumerate(zip(report.decisions, report.since, strict=True)):
        if number:
            ink.blank()
        _write(ink, decision, since)
    return without_commands(ink.text())


def _write(ink: Ink, decision: Decision, since: str) -> None:
    ink.line((headline(decision), STYLES[decision.verdict]))
    if since:
        ink.prose(since, indent=2)
    root = root_blocker(decision)
    if root is not None:
        ink.prose(f"blocked by {root.id}: {visible(root.reason)}{_only_fingerprint(root)}", indent=2, hang=2)
    for rule in needs_first(decision.rules):
        if rule is not root:
            opens = f", until {rule.opens_at}" if rule.opens_at else ""
            ink.prose(
                f"{rule.state}: {rule.id}: {visible(rule.reason)}{opens}{_only_fingerprint(rule)}", indent=2, hang=2
            )
        if rule is root or rule.state in ("stop", "wait"):
            _write_findings(ink, rule)
    write_steps(ink, decision.next, "→ ")
    if decision.opens_at:
        ink.prose(f"→ no action is needed: it opens at {decision.opens_at}", indent=2, hang=2)


def _only_fingerprint(rule: RuleResult) -> str:
    """What a waiver must name, where the finding says no more than the rule."""
    same = [one.fingerprint for one in rule.findings if one.message == rule.reason and one.state in ("stop", "wait")]
    return f" [{same[0]}]" if len(same) == 1 else ""


def _write_findings(ink: Ink, rule: RuleResult) -> None:
    for finding in rule.findings:
        if finding.state in ("stop", "wait") and finding.message != rule.reason:
            ink.prose(finding_text(finding), indent=4, hang=2)
