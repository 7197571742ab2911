"""The rule `deprecation`: what is removed was announced, or no known downstream uses it.

It reads deprecation reports (`tailrace.deprecations/1`). What was removed once stays removed, so where this rule stops
a release, only a waiver opens the gate again, and the rule says how to write it.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from tailrace.gate.decision import GateFinding, fingerprint_of
from tailrace.gate.moments import Duration
from tailrace.gate.rules.interface import Case, Outcome, RuleKind, count, listed
from tailrace.toml.fields import Field
from tailrace.toml.kinds import Choice, Text

LEVEL = Choice(("stop", "note", "off"))


class RemovalFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of a deprecation report. `used_by`: known downstreams that use the symbol."""

    rule: str
    symbol: str = ""
    file: str | None = None
    line: int | None = None
    used_by: tuple[str | dict[str, object], ...] = ()
    announced_in: str | None = None
    remove_in: str | None = None
    message: str = ""
    fingerprint: str = ""

    @property
    def hurts(self) -> bool:
        """Whether a downstream uses the symbol in a place that breaks."""
        return any(not isinstance(use, dict) or use.get("breaks") is not False for use in self.used_by)


class RemovalReport(msgspec.Struct, frozen=True, kw_only=True):
    """As much of the report as the gate looks at."""

    profile: str | dict[str, object] | None = None
    verdict: str = ""
    not_judged: tuple[dict[str, object], ...] = ()
    findings: tuple[RemovalFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """For each kind of finding: `stop`, `note` or `off`. `unannounced_used`: removed without announcement, and a known
    downstream uses it. `profile`: the policy of deprecation that the report must have applied.
    """

    profile: str | None
    unannounced_used: str
    unannounced: str
    early: str
    overdue: str
    windows: str
    brought_forward: str
    replacement_gone: str
    own_use: str
    max_age: int | None

    def level(self, finding: RemovalFinding) -> str:
        """What a finding means. A rule that is not known here is noted."""
        match finding.rule:
            case "removed-unannounced":
                return self.unannounced_used if finding.hurts else self.unannounced
            case "removed-early":
                return self.early
            case "removal-overdue":
                return self.overdue
            case "window-too-short" | "window-off-schedule":
                return self.windows
            case "removal-brought-forward":
                return self.brought_forward
            case "replacement-gone":
                return self.replacement_gone
            case "own-use":
                return self.own_use
            case _:
                return "note"


def judge(case: Case) -> Outcome:
    """What the newest report of this build says."""
    settings: Settings = case.rule.settings
    reports, others = case.of_build("deprecation")
    profile = f" --profile {settings.profile}" if settings.profile else ""
    command = (
        f"tailrace deprecations BASELINE CANDIDATE{profile} --downstream SPEC --format json:deprecations.json; "
        "tailrace gate evidence add deprecations.json"
    )
    do = case.step("compare the deprecations with the release before", command=command)
    if not reports:
        return case.missing("deprecation report", others, "deprecation", do=do)
    evidence = reports[-1]
    report: RemovalReport = case.decode(evidence, RemovalReport)
    found = [(settings.level(one), one) for one in report.findings]
    stops = [one for level, one in found if level == "stop"]
    notes = [one for level, one in found if level == "note"]
    findings = (*(_finding(one, "stop") for one in stops), *(_finding(one, "note") for one in notes))
    used = (evidence.sha256,)
    if stops:
        reason = listed(f"{count(number, 'finding')} {rule}" for rule, number in _by_rule(stops))
        fingerprints = list(dict.fromkeys(one.fingerprint for one in findings if one.state == "stop"))
        step = case.step(
            "bring back what was removed; where that is not wanted, waive it with a reason",
            command=case.waiver_command(*fingerprints[:3]),
        )
        return Outcome("stop", reason, findings, next=(step,), evidence=used)
    applied = report.profile if isinstance(report.profile, str) else (report.profile or {}).get("name")
    if settings.profile and applied and applied != settings.profile:
        reason = f"the report applied the profile {applied}, not {settings.profile}"
        return Outcome("unknown", reason, findings, next=(do,), evidence=used)
    if report.verdict == "incomplete":
        what = listed(str(one.get("what") or one.get("reason") or "something") for one in report.not_judged)
        return Outcome("unknown", f"the report is incomplete: {what}", findings, next=(do,), evidence=used)
    if case.is_old(evidence, settings.max_age):
        return case.too_old("deprecation report", evidence, settings.max_age, do=do)
    reason = "nothing is removed early, late or unannounced"
    if notes:
        reason = f"only notes: {listed(f'{number} {rule}' for rule, number in _by_rule(notes))}"
    return Outcome("pass", reason, findings, evidence=used)


def _by_rule(findings: list[RemovalFinding]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for one in findings:
        counts[one.rule] = counts.get(one.rule, 0) + 1
    return sorted(counts.items())


def _finding(one: RemovalFinding, state: str) -> GateFinding:
    users = tuple(
        dict.fromkeys(
            user if isinstance(user, str) else f"{user.get('name', '')} {user.get('version', '')}".strip()
            for user in one.used_by
        )
    )
    text = one.message or one.rule
    if one.symbol and one.symbol not in text:
        text = f"{one.symbol}: {text}"
    if users and not one.message:
        text += f", used by {listed(users)}"
    place = "" if one.file is None else one.file if one.line is None else f"{one.file}:{one.line}"
    return GateFinding(
        fingerprint=one.fingerprint or fingerprint_of("deprecation", one.rule, one.symbol),
        state=state,  # type: ignore[arg-type]  # one of the states: the callers are above
        message=text,
        place=place,
        releases=users,
    )


KIND = RuleKind(
    name="deprecation",
    summary="what is removed was announced in time, or no known downstream uses it",
    settings=Settings,
    fields={
        "profile": Field(Text("the name of a deprecation profile"), None),
        "unannounced-used": Field(LEVEL, "stop"),
        "unannounced": Field(LEVEL, "note"),
        "early": Field(LEVEL, "stop"),
        "overdue": Field(LEVEL, "stop"),
        "windows": Field(LEVEL, "note"),
        "brought-forward": Field(LEVEL, "stop"),
        "replacement-gone": Field(LEVEL, "note"),
        "own-use": Field(LEVEL, "note"),
        "max-age": Field(Duration(), None),
    },
    judge=judge,
)
