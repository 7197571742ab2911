"""The hotfix that follows from the evidence, beside the one that people wrote: do they say the same of every record?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from tailrace.conda.records import Channel, Record
from tailrace.conda.specs import parse_dependency, version_meets
from tailrace.conda.timestamps import parse_moment
from tailrace.exposure.harmful import parse_broken
from tailrace.hotfix import HotfixDocument, dump_documents
from tailrace.replay import view
from tailrace.replay.play import Play
from tailrace.replay.words import count, listed, short, when
from tailrace.replay.world import Channels


def step(play: Play) -> view.Step:
    """The step."""
    written = play.world.after(hotfix.file for hotfix in play.scenario.hotfixes)
    rows = list(_rows(play, written))
    same = sum(row.same for row in rows)
    corrected = {hotfix.corrects for hotfix in play.scenario.hotfixes if hotfix.corrects}
    agree = bool(rows) and same == len(rows)
    after = ", their corrections included" if corrected else ""
    headline = (
        f"The derived hotfix says of {'all ' if agree else f'{same} of '}{count(len(rows), 'record')} what the "
        f"hand-written ones say{after}."
    )
    blocks: list[view.AnyBlock] = []
    for channel, suggestion in play.derived.items():
        by_hand = [h for h in play.scenario.hotfixes if h.channel == channel and not h.corrects]
        texts = "---\n".join(_plain(play.incident.documents[hotfix.file]) for hotfix in by_hand)
        blocks.append(
            view.Documents(
                channel=channel,
                derived=view.Document(title=f"derived, for {channel}", text=suggestion.text),
                written=view.Document(
                    title=f"by hand, {listed(short(parse_moment(h.at)) for h in by_hand)}"
                    if by_hand
                    else "by hand: none",
                    text=texts,
                ),
            )
        )
    upstream = play.scenario.candidate.name
    blocks.append(
        view.Table(
            title=f"What each record allows of {upstream}",
            head=("package file", "channel", "as published", "derived", "by hand", ""),
            rows=tuple(
                (
                    ("plain", f"{row.record.name} {row.record.version} build {row.record.build_number}"),
                    ("quiet", row.record.channel),
                    ("quiet", row.published),
                    ("plain", row.derived),
                    ("plain", row.written),
                    ("good", "same") if row.same else ("bad", "differs"),
                )
                for row in rows
            ),
        )
    )
    blocks.append(view.Prose(text=_same_means(play), tone="quiet"))
    blocks.append(_agreement(play))
    early = [line for channel, made in play.derived_early.items() for line in _ranges(channel, made.documents)]
    if early and play.first_harm is not None:
        title = f"With what was known just before the first harm ({when(play.first_harm)}), it would have been"
        blocks.append(view.Points(title=title, points=tuple(("plain", line) for line in early)))
    unknown = [text for made in play.derived.values() for text in made.unknown]
    if unknown:
        points: tuple[tuple[view.Tone, str], ...] = tuple(("warn", text) for text in unknown)
        blocks.append(view.Points(title="Not judged", points=points))
    return view.Step(
        id="hotfix",
        title="The hotfix",
        verdict="same bounds" if agree else "differs",
        tone="good" if agree else "warn",
        headline=headline,
        blocks=tuple(blocks),
    )


class Row:
    """One record of a downstream: what it allows of the upstream as published, as derived and as written by hand."""

    def __init__(self, record: Record, derived: Record, written: Record, upstream: str, versions: frozenset[str]):
        self.record = record
        self.published = _limits(record, upstream)
        self.derived = _limits(derived, upstream)
        self.written = _limits(written, upstream)
        self.same = _admitted(derived, upstream, versions) == _admitted(written, upstream, versions)


def _rows(play: Play, written: Channels) -> Iterator[Row]:
    upstream = play.scenario.candidate.name
    versions = frozenset(
        record.version
        for channel in play.world.bare.values()
        for record in channel.records()
        if record.name == upstream
    )
    names = {downstream.name for downstream in play.incident.report.downstreams}
    for channel in play.derived:
        after, by_hand = _by_file(play.healed[channel]), _by_file(written[channel])
        for record in sorted(play.world.bare[channel].records(), key=lambda record: record.label):
            if record.name in names:
                key = record.subdir, record.file_name
                yield Row(record, after[key], by_hand[key], upstream, versions)


def _by_file(channel: Channel) -> Mapping[tuple[str, str], Record]:
    return {(record.subdir, record.file_name): record for record in channel.records()}


def _limits(record: Record, upstream: str) -> str:
    """The record's bounds on the upstream, without its name."""
    found = []
    for mark, texts in (("", record.depends), ("constrains ", record.constrains)):
        found += [f"{mark}{text.partition(' ')[2]}" for text in texts if parse_dependency(text).name == upstream]
    return ", ".join(found) or "anything"


def _admitted(record: Record, upstream: str, versions: Iterable[str]) -> frozenset[str]:
    limits = [
        spec.version
        for text in (*record.depends, *record.constrains)
        if (spec := parse_dependency(text)).name == upstream and spec.version is not None
    ]
    return frozenset(version for version in versions if all(version_meets(limit, version) for limit in limits))


def _versions(play: Play) -> frozenset[str]:
    upstream = play.scenario.candidate.name
    return frozenset(r.version for c in play.world.bare.values() for r in c.records() if r.name == upstream)


def _same_means(play: Play) -> str:
    upstream = play.scenario.candidate.name
    return (
        f"Same: of the releases of {upstream} in these channels ({', '.join(sorted(_versions(play)))}) the same ones "
        "are allowed. A bound that ends in `a0` shuts out pre-releases too."
    )


def _agreement(play: Play) -> view.Prose:
    """Whether what the scenario calls harmful is what the evidence shows, pair by pair."""
    upstreams = [r for c in play.world.bare.values() for r in c.records() if r.name == play.scenario.candidate.name]
    names = {downstream.name for downstream in play.incident.report.downstreams}
    pairs = agreed = 0
    for channel, made in play.derived.items():
        harmful = parse_broken(made.harmful) if made.harmful else None
        for record in play.world.bare[channel].records():
            for upstream in upstreams if record.name in names else ():
                pairs += 1
                shown = harmful is not None and harmful.harmful((upstream, record))
                agreed += shown == play.broken.harmful((upstream, record))
    text = (
        f"What the scenario calls harmful is what the evidence shows for {agreed} of {count(pairs, 'pair')} of files."
    )
    return view.Prose(text=text, tone="quiet" if agreed == pairs else "bad")


def _plain(documents: Iterable[HotfixDocument]) -> str:
    return dump_documents(tuple(replace(document, comment="") for document in documents))


def _ranges(channel: str, documents: Iterable[HotfixDocument]) -> Iterator[str]:
    for document in documents:
        which = " ".join(_condition(one.key, one.values) for one in document.conditions)
        what = ", ".join(
            f"{action.name} <{action.upper_bound}" if action.verb == "tighten" else " ".join(action.values)
            for action in document.actions
        )
        yield f"{channel}: {which} → {what}"


def _condition(key: str, values: tuple[object, ...]) -> str:
    said = " ".join(map(str, values))
    words = {"name": "", "version": "", "version_le": "<=", "version_lt": "<", "version_ge": ">=", "version_gt": ">"}
    return f"{words[key]}{said}" if key in words else f"{key.replace('_', ' ')} {said}"
