"""A break by addition, and the hotfix that had to be hotfixed: what a derived bound would have left alone."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.conda.records import Record
from tailrace.conda.timestamps import parse_moment
from tailrace.hotfix.apply.channel import patch_channel
from tailrace.model.inert import prose
from tailrace.replay import view
from tailrace.replay.play import Play, state_of
from tailrace.replay.scenario import WrittenHotfix
from tailrace.replay.words import count, length, listed, when

ADDITIONS = frozenset({"option-conflict"})


def step(play: Play) -> view.Step | None:
    """The step; none when there was neither."""
    blocks = [*_additions(play)]
    sentences = []
    if blocks:
        sentences.append("One break came by an addition, which no list of removed names shows.")
    mistakes = list(_mistakes(play))
    for made, corrected, wrong in mistakes:
        shown = listed(f"{record.name} {record.version}" for record in wrong)
        spared = [record for record in wrong if not _changed_by_derived(play, made.channel, record)]
        verb = "would have left it alone" if len(spared) == len(wrong) else "would have shut it out too"
        days = length(parse_moment(corrected.at) - _since(made, wrong))
        sentences.append(f"A hotfix shut out {shown} by mistake for {days}; the derived bound {verb}.")
        blocks += list(_consequences(play, made, corrected, wrong))
    if not sentences:
        return None
    return view.Step(
        id="aftermath",
        title="The second victim, and the hotfix of the hotfix",
        verdict="avoidable" if mistakes else "by addition",
        tone="warn",
        headline=" ".join(sentences),
        blocks=tuple(blocks),
    )


def _additions(play: Play) -> Iterator[view.AnyBlock]:
    """The findings of the recorded report that an addition causes."""
    for downstream in play.breaking:
        for finding in downstream.findings:
            if finding.counts_as_break and finding.rule in ADDITIONS:
                points: tuple[tuple[view.Tone, str], ...] = (
                    ("bad", f"{downstream.name} {downstream.version}: {prose(finding.message)}"),
                    ("quiet", f"{prose(finding.file)}:{finding.line}, {finding.rule}, {finding.confidence}"),
                )
                yield view.Points(title="From the recorded report", points=points)


def _mistakes(play: Play) -> Iterator[tuple[WrittenHotfix, WrittenHotfix, list[Record]]]:
    """A hotfix, the one that corrects it, and the records that the first changed and the second put back."""
    by_file = {hotfix.file: hotfix for hotfix in play.scenario.hotfixes}
    for corrected in play.scenario.hotfixes:
        made = by_file.get(corrected.corrects)
        if made is None:
            continue
        bare = play.world.bare[made.channel]
        first = patch_channel(bare, play.incident.documents[made.file])
        second = {
            (after.subdir, after.file_name): after
            for _, after in patch_channel(first.channel, play.incident.documents[corrected.file]).changed
        }
        wrong = [
            before
            for before, _ in first.changed
            if (back := second.get((before.subdir, before.file_name))) and back.depends == before.depends
        ]
        if wrong:
            yield made, corrected, wrong


def _changed_by_derived(play: Play, channel: str, record: Record) -> bool:
    return any(
        one.file_name == record.file_name and one.subdir == record.subdir and one.depends != record.depends
        for one in play.healed[channel].records()
    )


def _consequences(
    play: Play, made: WrittenHotfix, corrected: WrittenHotfix, wrong: list[Record]
) -> Iterator[view.AnyBlock]:
    """What somebody was told who asked for the wronged release, between the mistake and its correction."""
    candidate = play.scenario.candidate
    low = _since(made, wrong)
    moment = parse_moment(corrected.at) - 1
    rows = []
    for record in wrong:
        specs = (f"{record.name} {record.version}", f"{candidate.name} >={candidate.version}")
        as_written = play.cells(specs, moment, play.world.on(moment))
        derived = play.cells(specs, moment, play.healed)
        right = play.cells(specs, parse_moment(corrected.at), play.world.on(parse_moment(corrected.at)))
        texts = []
        for cells in (as_written, derived, right):
            good = sum(state_of(cell) == "safe" for cell in cells.values())
            texts.append(f"{good} of {count(len(cells), 'configuration')}")
        best = max(texts)
        rows.append((("plain", " with ".join(specs)), *((("good" if t == best else "bad"), t) for t in texts)))
    yield view.Table(
        title=f"Asked for between {when(low)} and {when(moment)}: in how many configurations it could be had",
        head=("asked for", "hotfix as written", "derived hotfix", "after the correction"),
        rows=tuple(rows),  # type: ignore[arg-type]  # the tones are literals
    )


def _since(made: WrittenHotfix, wrong: list[Record]) -> int:
    """From when on the mistake could be felt: the hotfix was in force, and the release was there."""
    return max(parse_moment(made.at), *(record.appeared or 0 for record in wrong))
