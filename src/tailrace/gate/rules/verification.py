"""The rule `verification`: the downstreams were run with the release, and worked."""

from __future__ import annotations

from dataclasses import dataclass

from tailrace.gate.decision import GateFinding, fingerprint_of
from tailrace.gate.evidence import Evidence
from tailrace.gate.moments import HOUR, Duration
from tailrace.gate.names import matches, name_key, version_key
from tailrace.gate.policy import NAMES
from tailrace.gate.rules.interface import Case, Outcome, RuleKind, count, listed
from tailrace.model.report import CheckReport, DownstreamReport
from tailrace.toml.fields import Field
from tailrace.toml.kinds import Choice

LEVELS = ("probe", "smoke", "test")
_FAILED = ("reproduced", "new")
_GOOD = ("refuted", "broken-before")


@dataclass(frozen=True, slots=True)
class Settings:
    """`level`: the least that must have been run. `downstreams`: globs. `max_age`: ms."""

    level: str
    downstreams: tuple[str, ...]
    max_age: int


def judge(case: Case) -> Outcome:
    """What running showed, by the newest report on each downstream version."""
    settings: Settings = case.rule.settings
    reports, others = case.of_build("verification", "check")
    newest: dict[tuple[str, str], tuple[DownstreamReport, Evidence]] = {}
    for evidence in reports:
        report: CheckReport = case.decode(evidence, CheckReport)
        for one in report.downstreams:
            if one.verification is not None and matches(settings.downstreams, one.name):
                newest[name_key(one.name), version_key(one.version)] = (one, evidence)
    do = case.step(
        f"run the downstreams with {case.subject}",
        command=f"tailrace check … --verify --verify-level {settings.level} --format json:REPORT.json",
    )
    if not newest:
        return case.missing(f"verification at the level {settings.level}", others, "verification", do=do)
    used = tuple(sorted({evidence.sha256 for _, evidence in newest.values()}))
    failed: list[GateFinding] = []
    open_: list[str] = []
    for key in sorted(newest):
        one, evidence = newest[key]
        verification = one.verification
        assert verification is not None
        what = f"{one.name} {one.version}"
        if verification.outcome in _FAILED:
            if one.status == "contained":
                continue
            failed.append(
                GateFinding(
                    fingerprint=fingerprint_of("verification", *key, verification.outcome),
                    state="stop",
                    message=f"{what} fails when it runs ({verification.outcome})",
                    releases=(what,),
                )
            )
        elif verification.outcome not in _GOOD:
            open_.append(f"{what}: {verification.reason or verification.outcome}")
        elif LEVELS.index(verification.level) < LEVELS.index(settings.level):
            open_.append(f"{what} was run at the level {verification.level} only")
        elif case.is_old(evidence, settings.max_age):
            open_.append(f"{what} was run too long ago")
    if failed:
        steps = tuple(
            case.step(f"repair what fails with {case.subject}", who=case.policy.owner_of(name))
            for name in dict.fromkeys(one.releases[0].rsplit(" ", 1)[0] for one in failed)
        )
        return Outcome("stop", listed(one.message for one in failed), tuple(failed), next=steps, evidence=used)
    if open_:
        return Outcome("unknown", listed(open_), next=(do,), evidence=used)
    return Outcome("pass", f"{count(len(newest), 'downstream')} worked when run", evidence=used)


KIND = RuleKind(
    name="verification",
    summary="the downstreams were run with the release, and worked",
    settings=Settings,
    fields={
        "level": Field(Choice(LEVELS), "smoke"),
        "downstreams": Field(NAMES, ("*",)),
        "max-age": Field(Duration(), 72 * HOUR),
    },
    judge=judge,
)
