"""The rule `nightly`: the release was a canary for long enough, and its nightly runs are green since it last changed.

It reads nightly reports (`tailrace.nightly/1`). A canary of which there is no report is not green.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from tailrace.gate.decision import GateFinding, fingerprint_of
from tailrace.gate.evidence import Evidence
from tailrace.gate.moments import DAY, Duration, parse_time, show_duration, show_moment
from tailrace.gate.names import label_target
from tailrace.gate.rules.interface import Case, Outcome, RuleKind, count
from tailrace.model.errors import TailraceError
from tailrace.toml.fields import Field
from tailrace.toml.kinds import Choice, Count, Text

GREEN = frozenset({"green", "pass", "passed", "success", "clear", "ok"})
RED = frozenset({"red", "fail", "failed", "failure", "breaks", "broken"})


class NightlyBody(msgspec.Struct, frozen=True, kw_only=True):
    """As much of a nightly report as the gate looks at. `verdict`: of the whole run; what is neither green nor red
    could not be run. `label`: the canary's. `causes`, `problems`: what makes it red.
    """

    verdict: str = ""
    outcome: str = ""
    label: str | None = None
    causes: tuple[Any, ...] = ()
    problems: tuple[Any, ...] = ()

    @property
    def word(self) -> str:
        """The verdict in one word."""
        return (self.verdict or self.outcome).casefold()


@dataclass(frozen=True, slots=True)
class Settings:
    """`label`: where canaries lie. `at_least`: ms as a canary. `green`: so many green runs in a row. `since`:
    `last-change` counts from the newest build, `first` from the first. `max_age`: of the newest run, ms.
    """

    label: str
    at_least: int
    green: int
    since: str
    max_age: int


def judge(case: Case) -> Outcome:
    """Age and runs of the canary."""
    settings: Settings = case.rule.settings
    runs, others = case.of_build("nightly") if settings.since == "last-change" else (case.of_kind("nightly"), 0)
    canary = label_target(case.target, settings.label)
    state = case.state_of(canary)
    used = {one.sha256 for one in runs[-settings.green :]} | ({state[1].sha256} if state else set())
    do = case.step(f"let the nightly run on the canary of {case.subject}", command="tailrace nightly run")
    if settings.green and not runs:
        found = case.missing("nightly run on the canary", others, "nightly", do=do)
        return Outcome(found.state, found.reason, next=found.next, evidence=tuple(sorted(used)))
    words = [(case.decode(one, NightlyBody), one) for one in runs]
    if words and words[-1][0].word in RED:
        return _red(case, *words[-1], tuple(sorted(used)))
    evidence = tuple(sorted(used))
    if runs and case.is_old(runs[-1], settings.max_age):
        return case.too_old("nightly run", runs[-1], settings.max_age, do=do)
    if words and words[-1][0].word not in GREEN:
        reason = f"the nightly run of {show_moment(runs[-1].made)} could not be finished"
        return Outcome("unknown", reason, next=(do,), evidence=evidence)
    begun = _begun(case, settings, state)
    if begun is None and settings.at_least:
        begun = runs[0].made if runs else None
    if begun is None and settings.at_least:
        step = case.step(f"publish {case.subject} on {canary}", command="tailrace channel add DIR FILE --label …")
        return Outcome("unknown", f"{case.subject} is not known to be on {canary}", next=(step,), evidence=evidence)
    ready = (begun or case.at) + settings.at_least
    row = 0
    for body, _ in reversed(words):
        if body.word not in GREEN:
            break
        row += 1
    if case.at < ready or row < settings.green:
        parts = []
        if case.at < ready:
            parts.append(
                f"a canary for {show_duration(case.at - (begun or case.at))} of {show_duration(settings.at_least)}"
            )
        if row < settings.green:
            parts.append(f"{row} of {count(settings.green, 'green nightly run')}")
        text = "; ".join(parts)
        finding = GateFinding(
            fingerprint=fingerprint_of("nightly", case.rule.id, *sorted(case.subject.hashes)),
            state="wait",
            message=text,
        )
        opens = ready if row >= settings.green else None
        return Outcome("wait", text, (finding,), opens_at=opens, next=() if opens else (do,), evidence=evidence)
    return Outcome("pass", f"{count(row, 'green nightly run')} in a row", evidence=evidence)


def _begun(case: Case, settings: Settings, state: Any) -> int | None:
    """Since when the canary has been there; its newest build, or its first."""
    if state is None:
        return None
    offered = [one for one in state[0].of(case.subject.name, case.subject.version) if one.since]
    if case.subject.hashes and any(one.sha256 in case.subject.hashes for one in offered):
        offered = [one for one in offered if one.sha256 in case.subject.hashes]
    try:
        times = [parse_time(one.since) for one in offered]
    except TailraceError:
        return None
    return (max if settings.since == "last-change" else min)(times) if times else None


def _red(case: Case, body: NightlyBody, evidence: Evidence, used: tuple[str, ...]) -> Outcome:
    causes = [_cause(one) for one in (*body.causes, *body.problems)]
    if not causes:
        causes = [("", "the nightly run is red")]
    findings = tuple(
        GateFinding(fingerprint=key or fingerprint_of("nightly", text), state="stop", message=text)
        for key, text in causes
    )
    step = case.step(f"repair what the nightly run of {show_moment(evidence.made)} found")
    return Outcome(
        "stop", f"the nightly run of {show_moment(evidence.made)} is red", findings, next=(step,), evidence=used
    )


def _cause(value: Any) -> tuple[str, str]:
    """A cause as `(fingerprint, text)`."""
    if isinstance(value, dict):
        text = value.get("message") or value.get("title") or value.get("cause") or value.get("id") or "red"
        return str(value.get("fingerprint") or value.get("id") or "")[:64], str(text)
    return "", str(value)


KIND = RuleKind(
    name="nightly",
    summary="the release was a canary for long enough, and its nightly runs are green",
    settings=Settings,
    fields={
        "label": Field(Text("a label"), "rc"),
        "at-least": Field(Duration(), 5 * DAY),
        "green": Field(Count(), 3),
        "since": Field(Choice(("last-change", "first")), "last-change"),
        "max-age": Field(Duration(), 2 * DAY),
    },
    judge=judge,
)
