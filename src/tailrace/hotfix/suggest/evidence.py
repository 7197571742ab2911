"""Collects from check reports what is known of each pair of upstream and downstream release. Assumes nothing about
others.

A report compares a candidate with a baseline, so *clear* says "nothing new is broken since the baseline". It shows that
a pair is fine only when nothing was broken at the baseline either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cmp_to_key
from typing import Literal

from tailrace.conda import rattler
from tailrace.hotfix.suggest.identity import Identity, identify, is_placed
from tailrace.model import CheckReport, DownstreamReport, Finding

Said = Literal["broken", "fine", "unknown"]


@dataclass(frozen=True, slots=True)
class Fact:
    """What one report says of one downstream: compared with `baseline`, the release `candidate` of the upstream does
    this to it. `reason`: why nothing is known. `report`: the name of the file it stands in.
    """

    upstream: str
    baseline: str
    candidate: str
    subject: Identity
    said: Said
    report: str
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    requirement: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All facts, sorted; `fixed` are builds that somebody vouches for; `notes` what could not be placed."""

    facts: tuple[Fact, ...]
    fixed: tuple[Identity, ...] = ()
    notes: tuple[str, ...] = ()


def read_evidence(
    reports: Iterable[tuple[str, CheckReport]],
    fixed: Iterable[Identity] = (),
    names: Mapping[str, str] | None = None,
    numbers: Mapping[tuple[str, str, str], int] | None = None,
) -> Evidence:
    """The facts in these reports, each given with the name of its file. The order of reports does not matter.

    `names`: what a package is called in the channel where that differs from its name in the report. `numbers`: the
    build numbers of known builds, by name, version and build; of others the build string tells.
    """
    facts: list[Fact] = []
    notes: set[str] = set()
    for label, report in reports:
        upstream = identify(report.candidate.name, report.candidate.version, report.candidate.spec)
        baseline = identify(report.baseline.name, report.baseline.version, report.baseline.spec)
        for side in (upstream, baseline):
            if not is_placed(side.version):
                notes.add(f"{label} is left out: {side.name} {side.version!r} has no place among other versions.")
        if not (is_placed(upstream.version) and is_placed(baseline.version)):
            continue
        for downstream in report.downstreams:
            subject = identify(downstream.name, downstream.version, downstream.spec)
            if not is_placed(subject.version):
                notes.add(f"{label}: {subject.name} {subject.version!r} is left out: it has no place among versions.")
                continue
            said, reason = _judge(downstream)
            facts.append(
                Fact(
                    _called(upstream.name, names),
                    baseline.version,
                    upstream.version,
                    _placed(subject, names, numbers),
                    said,
                    label,
                    tuple(one for one in downstream.findings if one.counts_as_break) if said == "broken" else (),
                    reason,
                    downstream.requirement,
                )
            )
    vouched = {_placed(one, names, numbers) for one in fixed}
    return Evidence(
        tuple(sorted(set(facts), key=_place)), tuple(sorted(vouched, key=_identity_place)), tuple(sorted(notes))
    )


def _judge(downstream: DownstreamReport) -> tuple[Said, str]:
    match downstream.status:
        case "breaks" | "contained":
            # What a package's own metadata forbids, a channel's record may still allow.
            return "broken", ""
        case "clear":
            return "fine", ""
        case "possible":
            return "unknown", "the evidence is weak"
        case "not-checked":
            return "unknown", downstream.reason or "it was not checked"


def _placed(
    one: Identity, names: Mapping[str, str] | None, numbers: Mapping[tuple[str, str, str], int] | None
) -> Identity:
    name = _called(one.name, names)
    known = (numbers or {}).get((name, one.version, one.build)) if one.build is not None else None
    return Identity(name, one.version, one.build, one.number if known is None else known)


def _called(name: str, names: Mapping[str, str] | None) -> str:
    return (names or {}).get(name, name)


def _identity_place(one: Identity) -> tuple[str, str, int, str]:
    return one.name, one.version, -1 if one.number is None else one.number, one.build or ""


def _place(fact: Fact) -> tuple[object, ...]:
    # Findings take part as text: two reports may have one name.
    return (
        fact.upstream, fact.candidate, fact.baseline, _identity_place(fact.subject), fact.said, fact.report,
        fact.reason, fact.requirement or "", repr(fact.findings),
    )  # fmt: skip


def sorted_versions(texts: Iterable[str]) -> list[list[str]]:
    """The versions in conda's order; those that are equal (`4.13`, `4.13.0`) stand together, the shortest first."""

    def compare(one: str, other: str) -> int:
        a, b = rattler.version(one), rattler.version(other)
        if a is None or b is None:
            return (a is not None) - (b is not None)
        return (a > b) - (a < b)

    groups: list[list[str]] = []
    for text in sorted(sorted(set(texts), key=lambda text: (len(text), text)), key=cmp_to_key(compare)):
        if groups and compare(groups[-1][0], text) == 0:
            groups[-1].append(text)
        else:
            groups.append([text])
    return groups
