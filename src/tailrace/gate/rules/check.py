"""The rule `check`: no downstream version that the target still offers, and whose metadata lets the release in, breaks.

A break that was found stays found, however old the report is; that nothing breaks must be fresh. What contains a break
are the records that a channel serves (hotfixes applied), in every channel that users have beside the target, or what
the exposure grid says; the metadata of the sources alone count only where no channel is known.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tailrace.gate.channel_state import ChannelState, Offered
from tailrace.gate.decision import GateFinding, NextStep, fingerprint_of
from tailrace.gate.evidence import Evidence
from tailrace.gate.exposure_body import ExposureBody, ProofBody
from tailrace.gate.moments import HOUR, Duration
from tailrace.gate.names import (
    channel_of,
    matches,
    name_key,
    same_name,
    same_version,
    target_key,
    version_key,
    version_order,
)
from tailrace.gate.policy import NAMES
from tailrace.gate.rules.interface import Case, Outcome, RuleKind, count, listed, releases_text
from tailrace.model.finding import Finding
from tailrace.model.report import CheckReport, DownstreamReport
from tailrace.toml.fields import Field
from tailrace.toml.kinds import Choice, Listing, Text

#: (name, version), each in one spelling.
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Settings:
    """`versions`: `admitted` is every version that the target offers and whose metadata admits the release, `latest`
    the newest of each downstream, `listed` what the reports are about. `downstreams`: globs. `orders`: channel lists of
    users, so that a record of another channel can be paired with the release. `fixed`: builds that are repaired though
    their version's sources are not, as `NAME VERSION NUMBER`. `max_age`: ms.
    """

    versions: str
    levels: tuple[str, ...]
    contained_by: tuple[str, ...]
    downstreams: tuple[str, ...]
    orders: tuple[tuple[str, ...], ...]
    fixed: tuple[str, ...]
    max_age: int

    def is_fixed(self, one: Offered) -> bool:
        """Whether somebody vouches for this build: it carries a repair that the sources of its version lack."""
        return any(
            same_name(one.name, name) and same_version(one.version, version) and one.build_number == int(number)
            for name, version, number in (text.split() for text in self.fixed)
        )


def problems(settings: Any, groups: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """What no policy means."""
    if not settings.levels:
        yield "has no levels: no finding could ever count"
    for text in settings.fixed:
        if len(text.split()) != 3 or not text.split()[2].isdigit():
            yield f"names {text!r} as fixed, which is not NAME VERSION BUILD-NUMBER"


@dataclass(slots=True)
class _Known:
    """What is known of one downstream version."""

    name: str
    version: str
    report: DownstreamReport
    evidence: Evidence
    old: bool
    other_baseline: str | None


@dataclass(slots=True)
class _Tally:
    live: list[tuple[_Known, Finding]] = field(default_factory=list)
    contained: list[tuple[_Known, Finding, str]] = field(default_factory=list)
    unknown: list[tuple[Key, str]] = field(default_factory=list)
    passed: int = 0


def judge(case: Case) -> Outcome:
    """What the check reports and the channels say."""
    settings: Settings = case.rule.settings
    reports, others = case.of_build("check", "verification")
    do = case.step(
        f"check {case.subject} against its downstreams",
        command=f"tailrace gate collect {case.named} --target {case.target}",
    )
    states, used, gaps = _states(case, settings)
    if not reports:
        pairs = [one for one in _wanted(case, settings, states, {}) if _admitting(settings, *one, states)]
        if settings.versions != "listed" and not gaps and not pairs:
            reason = f"no downstream on {case.target} lets {case.subject} in"
            return Outcome("pass", reason, evidence=tuple(sorted(used)))
        return case.missing("check report", others, "check", "verification", do=do)
    known = _statuses(case, settings, reports, states.get(target_key(case.target)))
    tally = _Tally()
    wanted = list(_wanted(case, settings, states, known))
    exposure = _exposure(case, settings)
    for name, version in wanted:
        _look(case, settings, (name, version), known, states, exposure, tally)
    looked_at = {_key(name, version) for name, version in wanted}
    hashes = {one.evidence.sha256 for key, one in known.items() if key in looked_at}
    hashes |= used | ({exposure[1].sha256} if exposure else set())
    findings = (*_findings(tally.live, "stop"), *_contained(tally.contained))
    evidence = tuple(sorted(hashes or {reports[-1].sha256}))
    if tally.live:
        broken = releases_text((one.name, one.version) for one, _ in tally.live)
        return Outcome(
            "stop", f"breaks {broken}", findings, next=_fixes(case, tally.live, known, settings), evidence=evidence
        )
    proof = case.of_kind("hotfix-proof")
    if tally.contained and proof and case.decode(proof[-1], ProofBody).verdict in ("not-proven", "incomplete"):
        gaps.append(f"the proof of the hotfix says {case.decode(proof[-1], ProofBody).verdict}")
        evidence = tuple(sorted({*evidence, proof[-1].sha256}))
    if gaps:
        return Outcome("unknown", gaps[0], findings, next=(do,), evidence=evidence)
    if not wanted:
        if settings.versions != "listed":
            return Outcome(
                "pass", f"no downstream on {case.target} lets {case.subject} in", findings, evidence=evidence
            )
        return Outcome("unknown", "the reports are about no downstream at all", findings, next=(do,), evidence=evidence)
    if tally.unknown:
        return Outcome("unknown", _unknown_text(tally.unknown), findings, next=(do,), evidence=evidence)
    reason = f"nothing breaks in {count(tally.passed, 'downstream version')}" if tally.passed else "nothing breaks"
    if tally.contained:
        reason += f"; contained for {releases_text((one.name, one.version) for one, _, _ in tally.contained)}"
    return Outcome("pass", reason, findings, evidence=evidence)


def _states(case: Case, settings: Settings) -> tuple[dict[str, ChannelState], set[str], list[str]]:
    """The states of the target and of the other channels that users have, what they came from, and what is missing."""
    wanted = [case.target]
    for order in settings.orders:
        for channel in order:
            target = next((t for t in case.policy.targets if channel_of(t) == channel_of(channel)), channel)
            if channel_of(target) != channel_of(case.target) and target not in wanted:
                wanted.append(target)
    states: dict[str, ChannelState] = {}
    used: set[str] = set()
    gaps = []
    for target in wanted:
        found = case.state_of(target)
        if found is None:
            if settings.versions != "listed":
                gaps.append(f"what {target} offers is not known")
            continue
        state, evidence = found
        used.add(evidence.sha256)
        states[target_key(target)] = state
        if case.is_old(evidence, settings.max_age):
            gaps.append(f"what {target} offers was last looked at {evidence_age(case, evidence)} ago")
        elif not state.complete:
            gaps.append(f"the index of {target} could not be read as a whole")
    return states, used, gaps


def evidence_age(case: Case, evidence: Evidence) -> str:
    """How old evidence is, in words."""
    from tailrace.gate.moments import show_duration

    return show_duration(case.at - evidence.made)


def _statuses(
    case: Case, settings: Settings, reports: tuple[Evidence, ...], state: ChannelState | None
) -> dict[Key, _Known]:
    """The newest word on each downstream version. One that breaks is not overruled by a report of another baseline."""
    newest = _newest_offered(case, state)
    found: dict[Key, _Known] = {}
    for evidence in reports:
        report: CheckReport = case.decode(evidence, CheckReport)
        baseline = report.baseline.version
        other = None
        if newest is not None and version_order(baseline) < version_order(newest):
            other = f"checked against {baseline}, and {case.target} offers {newest}"
        old = case.is_old(evidence, settings.max_age)
        for one in report.downstreams:
            key = _key(one.name, one.version)
            before = found.get(key)
            if before is not None and other is not None and before.other_baseline is None:
                continue
            found[key] = _Known(one.name, one.version, one, evidence, old, other)
    return found


def _newest_offered(case: Case, state: ChannelState | None) -> str | None:
    """The version that the release would replace on the target; None where that is not known."""
    if state is None:
        return None
    mine = version_order(case.subject.version)
    versions = [one.version for one in state.of(case.subject.name) if version_order(one.version) < mine]
    return max(versions, key=version_order, default=None)


def _wanted(
    case: Case, settings: Settings, states: Mapping[str, ChannelState], known: Mapping[Key, _Known]
) -> Iterator[Key]:
    """The downstream versions that must not break, each once."""
    if settings.versions == "listed" or not states:
        keys = {_key(one.name, one.version): (one.name, one.version) for one in known.values()}
    else:
        keys = {}
        for state in states.values():
            for name, version in _offered(case, settings, state):
                keys.setdefault(_key(name, version), (name, version))
    together = {_key(one.name, one.version): (one.name, one.version) for one in case.together}
    for key, value in together.items():
        if key in known:
            keys.setdefault(key, value)
    for key in sorted(keys):
        name, version = keys[key]
        if matches(settings.downstreams, name) and not same_name(name, case.subject.name):
            yield name, version


def _offered(case: Case, settings: Settings, state: ChannelState) -> Iterator[Key]:
    """The downstream versions of a channel that can be paired with the release."""
    dependents = {name_key(one.name) for one in state.offered if one.requires}
    by_name: dict[str, list[Key]] = {}
    for one in state.offered:
        if name_key(one.name) in dependents:
            by_name.setdefault(name_key(one.name), []).append((one.name, one.version))
    for releases in by_name.values():
        if settings.versions == "latest":
            newest = max((version for _, version in releases), key=version_order)
            releases = [one for one in releases if one[1] == newest]
        yield from dict.fromkeys(releases)


def _look(
    case: Case,
    settings: Settings,
    release: Key,
    known: Mapping[Key, _Known],
    states: Mapping[str, ChannelState],
    exposure: tuple[Any, Evidence] | None,
    tally: _Tally,
) -> None:
    """Decide on one downstream version."""
    name, version = release
    admitted = _admitting(settings, name, version, states)
    one = known.get(_key(name, version))
    if admitted == [] and settings.contained_by and _is_offered(name, version, states):
        # No record that can be installed lets it in, so nothing need be known of it but what it would have broken.
        if one is not None:
            tally.contained += [(one, f, "its record") for f in _breaking(one, settings)]
        return
    if one is None:
        tally.unknown.append((release, "not checked"))
        return
    breaking = _breaking(one, settings)
    if breaking:
        by = _container(settings, one, states, admitted, exposure)
        if by is None:
            tally.live += [(one, finding) for finding in breaking]
        else:
            tally.contained += [(one, finding, by) for finding in breaking]
        return
    status = one.report.status
    if status == "not-checked":
        tally.unknown.append((release, f"not checked: {one.report.reason}"))
    elif one.other_baseline is not None:
        tally.unknown.append((release, one.other_baseline))
    elif one.old:
        tally.unknown.append((release, f"checked {evidence_age(case, one.evidence)} ago"))
    else:
        tally.passed += 1


def _breaking(one: _Known, settings: Settings) -> list[Finding]:
    if one.report.status == "not-checked":
        return []
    return [finding for finding in one.report.findings if _counts(finding, settings)]


def _counts(finding: Finding, settings: Settings) -> bool:
    if finding.confidence not in settings.levels:
        return False
    if finding.confidence == "possible":
        finding = msgspec.structs.replace(finding, confidence="likely")
    return finding.counts_as_break


def _is_offered(name: str, version: str, states: Mapping[str, ChannelState]) -> bool:
    return any(state.of(name, version) for state in states.values())


def _admitting(settings: Settings, name: str, version: str, states: Mapping[str, ChannelState]) -> list[str]:
    """The channels that serve a record of this downstream version which lets the release in, or may, and for which
    nobody vouches.
    """
    return [
        key
        for key, state in states.items()
        if any(one.admits is not False and not settings.is_fixed(one) for one in state.of(name, version))
    ]


def _container(
    settings: Settings,
    one: _Known,
    states: Mapping[str, ChannelState],
    admitted: list[str],
    exposure: tuple[Any, Evidence] | None,
) -> str | None:
    """What keeps the break away from everybody; None where nothing does."""
    if "hotfix" in settings.contained_by and exposure is not None:
        cells = [cell for cell in exposure[0].cells if cell.exposed is not None]
        mark = f"::{one.name}-{one.version}-"
        if cells and not any(cell.exposed and any(mark in p for p in cell.packages) for cell in cells):
            return "the exposure grid"
        if cells:
            return None
    if states and settings.contained_by:
        return None if admitted or not _is_offered(one.name, one.version, states) else "its record"
    return "its requirement" if one.report.status == "contained" and "requirement" in settings.contained_by else None


def _exposure(case: Case, settings: Settings) -> tuple[Any, Evidence] | None:
    """The newest exposure report that is still fresh."""
    found = [one for one in case.of_kind("exposure") if not case.is_old(one, settings.max_age)]
    return (case.decode(found[-1], ExposureBody), found[-1]) if found else None


def _findings(live: Iterable[tuple[_Known, Finding]], state: str) -> Iterator[GateFinding]:
    """Each finding once, with all the downstream versions that have it."""
    groups: dict[tuple[str, str], list[tuple[_Known, Finding]]] = {}
    for one, finding in live:
        groups.setdefault((name_key(one.name), _fingerprint(one, finding)), []).append((one, finding))
    shared = [fingerprint for _, fingerprint in groups]
    for (key, fingerprint), members in sorted(groups.items()):
        if shared.count(fingerprint) > 1:  # a report of others: one waiver must not cover two packages
            fingerprint = fingerprint_of("check", key, fingerprint)
        one, finding = max(members, key=lambda item: version_order(item[0].version))
        versions = sorted({member.version for member, _ in members}, key=version_order)
        yield GateFinding(
            fingerprint=fingerprint,
            state=state,  # type: ignore[arg-type]  # one of the states: the callers are above
            message=f"{one.name} {', '.join(versions)}: {finding.rule} {finding.symbol}",
            place=f"{finding.file}:{finding.line}",
            releases=tuple(f"{one.name} {version}" for version in versions),
        )


def _contained(found: Iterable[tuple[_Known, Finding, str]]) -> Iterator[GateFinding]:
    return _findings([(known, finding) for known, finding, _ in found], "contained")


def _fingerprint(one: _Known, finding: Finding) -> str:
    return finding.fingerprint or fingerprint_of(
        "check", name_key(one.name), finding.rule, finding.symbol, finding.file
    )


def _fixes(
    case: Case, live: Sequence[tuple[_Known, Finding]], known: Mapping[Key, _Known], settings: Settings
) -> tuple[NextStep, ...]:
    """For each package that breaks: who can fix it. Where a version works already, only the broken ones are left."""
    steps = []
    channel = channel_of(case.target)
    place = case.policy.channels.get(channel, channel)
    for name in sorted({one.name for one, _ in live}, key=name_key):
        broken = [one for one, _ in live if one.name == name]
        works = [
            one.version
            for one in known.values()
            if same_name(one.name, name) and one.report.status != "not-checked" and not _breaking(one, settings)
        ]
        contain = f"contain {releases_text((one.name, one.version) for one in broken)} on {channel}"
        if works:
            what = f"{contain}; {max(works, key=version_order)} works with {case.subject}"
        else:
            what = f"release a {name} that works with {case.subject}, or {contain}"
        reports = [f"gate/evidence/{sha256}.json" for sha256 in sorted({one.evidence.sha256 for one in broken})]
        command = shlex.join(["tailrace", "hotfix", "suggest", *reports, "-c", place])
        steps.append(case.step(what, who=case.policy.owner_of(name), command=command))
    return tuple(steps)


def _unknown_text(unknown: list[tuple[Key, str]]) -> str:
    groups: dict[str, list[Key]] = {}
    for release, reason in unknown:
        groups.setdefault(reason, []).append(release)
    return listed(f"{releases_text(releases)}: {reason}" for reason, releases in groups.items())


def _key(name: str, version: str) -> Key:
    return name_key(name), version_key(version)


KIND = RuleKind(
    name="check",
    summary="no downstream version that the target offers and that admits the release breaks",
    settings=Settings,
    fields={
        "versions": Field(Choice(("admitted", "latest", "listed")), "admitted"),
        "levels": Field(Listing(Choice(("certain", "likely", "possible"))), ("certain", "likely")),
        "contained-by": Field(Listing(Choice(("requirement", "hotfix"))), ("requirement", "hotfix")),
        "downstreams": Field(NAMES, ("*",)),
        "orders": Field(Listing(NAMES), ()),
        "fixed": Field(Listing(Text("a build, as NAME VERSION BUILD-NUMBER")), ()),
        "max-age": Field(Duration(), 72 * HOUR),
    },
    judge=judge,
    problems=problems,
)
