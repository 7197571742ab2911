"""Derives the narrowest hotfix, with its reasons, from check reports and optional channels. Writes no file.

Every pair of releases that a report shows broken is shut out; none that is shown fine is. What was not checked is named
in the comments and counts as its neighbours do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import time

from packaging.utils import canonicalize_name

from tailrace.conda.records import Channel, Record
from tailrace.conda.timestamps import parse_moment
from tailrace.hotfix.apply.channel import as_mapping
from tailrace.hotfix.apply.program import HotfixProgram
from tailrace.hotfix.language.document import HotfixDocument
from tailrace.hotfix.language.dump import dump_documents
from tailrace.hotfix.suggest.comments import comment
from tailrace.hotfix.suggest.errors import NoReportError
from tailrace.hotfix.suggest.evidence import Evidence, read_evidence
from tailrace.hotfix.suggest.expression import harmful_expression
from tailrace.hotfix.suggest.harmful_regions import Order, find_harmful_regions
from tailrace.hotfix.suggest.identity import Identity, identify
from tailrace.hotfix.suggest.ranges import Range, ranges
from tailrace.hotfix.suggest.writing import actions, conditions, find_leaks
from tailrace.model import CheckReport
from tailrace.outcome import CommandOutcome, HasOutcome


@dataclass(frozen=True, slots=True)
class Suggestion(HasOutcome):
    """A hotfix: its documents, and the harmful combination as an expression for `--broken` (empty: none).

    `notes`: what the reader should know. `unknown`: pairs that could not be judged.
    """

    documents: tuple[HotfixDocument, ...]
    harmful: str
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The YAML, with the evidence as comments."""
        return dump_documents(self.documents)

    @property
    def outcome(self) -> CommandOutcome:
        """How the command ends: incomplete when nothing is shown broken and something could not be judged."""
        return CommandOutcome.INCOMPLETE if self.unknown and not self.documents else CommandOutcome.CLEAR


def parse_cutoff(text: str | None) -> int | None:
    """The moment (ms since the epoch UTC) from which on builds are left alone: that of a date, now for `None`, and none
    at all (`None`) for `never`.
    """
    if text == "never":
        return None
    return int(time() * 1000) if text is None else parse_moment(text, start=True)


def suggest(
    reports: Iterable[tuple[str, CheckReport]],
    channels: Sequence[Channel] = (),
    *,
    fixed: Iterable[Identity] = (),
    names: Mapping[str, str] | None = None,
    before: int | None = None,
    of_channel: str = "",
) -> Suggestion:
    """The hotfix that these reports call for, each given with its file's name, in any order.

    `channels`: where it is to apply; they say which releases and builds there are, and whether a bound takes hold.
    `fixed`: builds that are known to be repaired. `names`: package → its name in the channel. `before`: builds
    made from then on are left alone (ms since the epoch UTC). `of_channel`: the harm is said of that channel's builds.
    Raises `NoReportError`.
    """
    reports = tuple(reports)
    if not reports:
        raise NoReportError
    records = _by_name(channels)
    called = {**_called(reports, fixed := tuple(fixed), records), **(names or {})}
    spoken_of = {called.get(name, name) for name in _names(reports, fixed)}
    numbers = {(r.name, r.version, r.build): r.build_number for name in spoken_of for r in records.get(name, ())}
    evidence = read_evidence(reports, fixed, called, numbers)
    documents: list[HotfixDocument] = []
    harmful: list[str] = []
    notes: list[str] = list(evidence.notes)
    pairs = sorted({(fact.upstream, fact.subject.name) for fact in evidence.facts})
    for upstream, downstream in pairs:
        made = tuple(_pair(evidence, upstream, downstream, records, bool(channels), before, of_channel))
        documents += [document for document, _ in made]
        harmful += [expression for _, expression in made]
        if made and channels and downstream not in records:
            notes.append(f"No channel has a package {downstream!r}: is it called otherwise there?")
        if made and channels and upstream not in records:
            notes.append(f"No channel has a package {upstream!r}: is it called otherwise there?")
    if documents and not channels:
        notes.append("No channel was given: releases that no report names are not known, nor what records depend on.")
    unknown = tuple(
        sorted(
            {
                f"{fact.subject} with {fact.upstream} {fact.candidate}: {fact.reason} ({fact.report})"
                for fact in evidence.facts
                if fact.said == "unknown"
            }
        )
    )
    return Suggestion(tuple(documents), " | ".join(harmful), tuple(notes), unknown)


def _pair(
    evidence: Evidence,
    upstream: str,
    downstream: str,
    records: Mapping[str, Sequence[Record]],
    complete: bool,
    before: int | None,
    of_channel: str,
) -> Iterator[tuple[HotfixDocument, str]]:
    facts = [fact for fact in evidence.facts if (fact.upstream, fact.subject.name) == (upstream, downstream)]
    if not any(fact.said == "broken" for fact in facts):
        return
    fixed = [one for one in evidence.fixed if one.name == downstream]
    of_upstream = Order.of(
        [r.version for r in records.get(upstream, ())]
        + [text for fact in facts for text in (fact.baseline, fact.candidate)]
    )
    of_downstream = Order.of(
        [r.version for r in records.get(downstream, ())]
        + [fact.subject.version for fact in facts]
        + [one.version for one in fixed]
    )
    verdicts = find_harmful_regions(evidence, upstream, downstream, of_upstream)
    ours = records.get(downstream, ())
    depended = any(fact.requirement is not None for fact in facts)
    for found in ranges(verdicts, of_downstream, complete=complete and bool(ours)):
        shut_out = sorted(
            {
                place
                for version, verdict in verdicts.items()
                for place in verdict.assumed
                if _within(found, version, of_downstream)
            }
        )
        plain = HotfixDocument(
            conditions(downstream, found, of_downstream, before), actions(upstream, found.region, of_upstream, True)
        )
        leaking = find_leaks(plain, upstream, found.region, of_upstream, ours) if ours else ()
        remarks = []
        if leaking:
            first = leaking[0]
            more = f" and {len(leaking) - 1} more" if len(leaking) > 1 else ""
            remarks.append(
                f"Tightening alone does not keep {upstream} away from "
                f"{first.name}-{first.version}-{first.build}{more}, so it is constrained."
            )
        elif not ours and not depended:
            remarks.append(f"No report says that it depends on {upstream}, so it is constrained as well.")
        bounded = actions(
            upstream,
            found.region,
            of_upstream,
            depended=not leaking or len(leaking) < _count(plain, ours),
            leaking=bool(leaking) or not (ours or depended),
        )
        above = comment(upstream, found, of_downstream, facts, fixed, [of_upstream.text(p) for p in shut_out], remarks)
        yield (
            HotfixDocument(plain.conditions, bounded, comment=above),
            harmful_expression(
                upstream, of_upstream, f"{of_channel}::{downstream}" if of_channel else downstream, of_downstream, found
            ),
        )


def _count(document: HotfixDocument, records: Iterable[Record]) -> int:
    program = HotfixProgram((document,), "noarch")
    return sum(bool(program.run(as_mapping(record), record.file_name).applied) for record in records)


def _within(found: Range, version: str, order: Order) -> bool:
    return order.places[version] in found.known


def _by_name(channels: Iterable[Channel]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for channel in channels:
        for record in channel.records():
            found.setdefault(record.name, []).append(record)
    return found


def _names(reports: Iterable[tuple[str, CheckReport]], fixed: Iterable[Identity]) -> set[str]:
    """Every package that is spoken of, as the reports call it."""
    found = {one.name for one in fixed}
    for _, report in reports:
        found.add(identify(report.candidate.name, report.candidate.version, report.candidate.spec).name)
        found |= {identify(one.name, one.version, one.spec).name for one in report.downstreams}
    return found


def _called(
    reports: Iterable[tuple[str, CheckReport]], fixed: Iterable[Identity], records: Mapping[str, object]
) -> dict[str, str]:
    """The channel's spelling of names that it does not have as they are: `ruamel-yaml` may be `ruamel.yaml` there."""
    wanted = _names(reports, fixed)
    spellings: dict[str, list[str]] = {}
    for name in sorted(records):
        spellings.setdefault(canonicalize_name(name), []).append(name)
    return {
        name: found[0]
        for name in wanted
        if name not in records and len(found := spellings.get(canonicalize_name(name), [])) == 1
    }
