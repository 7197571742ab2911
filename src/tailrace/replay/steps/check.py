"""What the check says when the candidate is tagged: from the recorded report; nothing is checked now."""

from __future__ import annotations

from tailrace.conda.timestamps import parse_moment
from tailrace.model import DownstreamReport
from tailrace.model.inert import prose, source_line
from tailrace.replay import view
from tailrace.replay.play import Play
from tailrace.replay.recording import shown_command
from tailrace.replay.words import count, length, listed, when

TONES: dict[str, view.Tone] = {
    "breaks": "bad",
    "contained": "warn",
    "possible": "warn",
    "clear": "good",
    "not-checked": "warn",
}


def step(play: Play) -> view.Step:
    """The step."""
    candidate, report = play.scenario.candidate, play.incident.report
    broken = listed(f"{one.name} {one.version}" for one in play.breaking)
    tagged = parse_moment(candidate.tagged)
    headline = f"{candidate.name} {candidate.version} breaks {broken}." if broken else "Nothing breaks."
    blocks: list[view.AnyBlock] = []
    if play.first_harm is not None:
        ahead = length(play.first_harm - tagged)
        text = (
            f"Tagged {when(tagged)} UTC. The first user got the harmful pair {when(play.first_harm)} UTC: {ahead} "
            f"in which to act."
        )
        blocks.append(view.Prose(text=text))
    blocks.append(
        view.Downstreams(
            recorded=play.scenario.report.recorded, downstreams=tuple(_downstream(d) for d in report.downstreams)
        )
    )
    quiet = [d for d in play.breaking if all(f.scope == "function" for f in d.findings if f.counts_as_break)]
    if quiet:
        text = (
            f"{count(len(quiet), 'of the broken ones breaks', 'of the broken ones break')} inside functions only: "
            "importing them still works, so import tests stay green."
        )
        blocks.append(view.Prose(text=text))
    blocks.append(view.Command(title="To make the report anew", command=shown_command(play.scenario.report)))
    return view.Step(
        id="check",
        title=f"{candidate.name} {candidate.version} is tagged",
        verdict=report.verdict,
        tone=TONES.get(report.verdict, "warn"),
        headline=headline,
        blocks=tuple(blocks),
        recorded=True,
    )


def _downstream(report: DownstreamReport) -> view.Downstream:
    findings = tuple(
        view.Finding(
            rule=one.rule,
            confidence=one.confidence,
            symbol=prose(one.symbol),
            place=prose(f"{one.file}:{one.line}"),
            inside=prose(one.inside),
            scope=one.scope,
            message=prose(one.message),
            source=source_line(one.source),
            fix=prose(one.fix) if one.fix else None,
        )
        for one in report.findings
        if one.counts_as_break
    )
    return view.Downstream(
        name=prose(report.name),
        version=prose(report.version),
        status=report.status,
        tone=TONES[report.status],
        findings=findings,
    )
