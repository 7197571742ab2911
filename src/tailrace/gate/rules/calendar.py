"""The rule `calendar`: nothing goes out in a freeze, outside of a window, or shortly before people are away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tailrace.gate.calendar import Team
from tailrace.gate.decision import GateFinding, fingerprint_of
from tailrace.gate.moments import DAY, HOUR, show_duration, show_moment
from tailrace.gate.policy import NAMES
from tailrace.gate.rules.interface import Case, Outcome, RuleKind, listed
from tailrace.toml.fields import Field
from tailrace.toml.kinds import Boolean, Count

#: So many obstacles in a row are followed; a calendar with more never opens.
MOST = 200


@dataclass(frozen=True, slots=True)
class Settings:
    """`hours_before`: no release so many hours before a quiet stretch of at least `quiet_days` days, nor in one.
    `calendars`: countries, besides the teams of the calendar. `window`: only in a window of the regular releases.
    `freezes`: the freezes of the calendar count.
    """

    hours_before: int
    quiet_days: int
    calendars: tuple[str, ...]
    window: bool
    freezes: bool


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps the gate closed at a moment, and until when (ms)."""

    what: str
    key: str
    until: int


def problems(settings: Any, groups: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """Countries that are not known."""
    from tailrace.gate.quiet import country_problem

    for text in settings.calendars:
        problem = country_problem(text)
        if problem is not None:
            yield f"names a calendar: {problem}"


def judge(case: Case) -> Outcome:
    """Closed until the last of the obstacles that follow each other is over."""
    settings: Settings = case.rule.settings
    if case.calendar is None and (settings.window or not settings.calendars):
        return Outcome(
            "unknown",
            "the ledger has no calendar.toml",
            next=(case.step("write calendar.toml", command="tailrace gate calendar"),),
        )
    if settings.window and (case.calendar is None or case.calendar.regular is None):
        return Outcome(
            "unknown", "calendar.toml has no regular releases", next=(case.step("say in calendar.toml when they are"),)
        )
    obstacles = list(_obstacles(case, settings, case.at))
    if not obstacles:
        return Outcome("pass", _open_text(case, settings))
    opens = opens_at(case, settings)
    findings = tuple(
        GateFinding(fingerprint=fingerprint_of("calendar", case.rule.id, one.key), state="wait", message=one.what)
        for one in obstacles
    )
    reason = listed(one.what for one in obstacles)
    steps = () if opens is not None else (case.step("the calendar never opens: change calendar.toml"),)
    return Outcome("wait" if opens is not None else "stop", reason, findings, opens_at=opens, next=steps)


def opens_at(case: Case, settings: Settings) -> int | None:
    """The first moment without an obstacle; None where none comes."""
    moment = case.at
    for _ in range(MOST):
        found = list(_obstacles(case, settings, moment))
        if not found:
            return moment
        moment = max(one.until for one in found)
    return None


def teams_of(case: Case, settings: Settings) -> tuple[Team, ...]:
    """Whose absence counts."""
    from tailrace.gate.quiet import team_of_country

    own = case.calendar.teams if case.calendar is not None else ()
    named = {team.calendar for team in own}
    return (*own, *(team_of_country(text) for text in settings.calendars if text not in named))


def _obstacles(case: Case, settings: Settings, moment: int) -> Iterator[Obstacle]:
    if settings.freezes and case.calendar is not None:
        for freeze in case.calendar.freezes:
            if freeze.begins <= moment <= freeze.ends and freeze.holds_for(case.target):
                yield Obstacle(
                    f"frozen until {show_moment(freeze.ends + 1)}: {freeze.reason}",
                    f"freeze {freeze.begins}",
                    freeze.ends + 1,
                )
    if settings.window and case.calendar is not None:
        yield from _outside_window(case, moment)
    if settings.quiet_days:
        yield from _quiet(case, settings, moment)


def _outside_window(case: Case, moment: int) -> Iterator[Obstacle]:
    from tailrace.gate.windows import next_window

    assert case.calendar is not None
    if case.calendar.since is not None and moment < case.calendar.since:
        return
    window = next_window(case.calendar, moment)
    if window is None:
        yield Obstacle("no window for regular releases comes any more", "window", moment + 800 * DAY)
    elif moment < window.opens:
        yield Obstacle(
            f"the next window for regular releases opens on {show_moment(window.opens)[:10]}",
            f"window {window.due}",
            window.opens,
        )


def _quiet(case: Case, settings: Settings, moment: int) -> Iterator[Obstacle]:
    """Every quiet stretch that begins within the horizon, not the nearest alone: a single day off may hide a long
    weekend.
    """
    from tailrace.gate.quiet import quiet_stretches

    horizon = settings.hours_before * HOUR
    for stretch in quiet_stretches(teams_of(case, settings), moment, moment + horizon + 1):
        if stretch.days < settings.quiet_days or not moment >= stretch.begins - horizon:
            continue
        whose = listed(stretch.teams)
        if stretch.begins > moment:
            what = f"{stretch.days} quiet days begin in {show_duration(stretch.begins - moment)} ({whose})"
        else:
            what = f"in {stretch.days} quiet days ({whose}) until {show_moment(stretch.ends)[:10]}"
        yield Obstacle(what, f"quiet {stretch.begins}", stretch.ends)


def _open_text(case: Case, settings: Settings) -> str:
    """What is next, so that a reader knows how long it stays open."""
    from tailrace.gate.quiet import quiet_stretches

    if not settings.quiet_days:
        return "open"
    for stretch in quiet_stretches(teams_of(case, settings), case.at, case.at + 30 * DAY):
        if stretch.days >= settings.quiet_days and stretch.begins > case.at:
            return f"open until {show_moment(max(stretch.begins - settings.hours_before * HOUR, case.at))}"
    return "open"


KIND = RuleKind(
    name="calendar",
    summary="no release in a freeze, outside of a window, or shortly before people are away",
    settings=Settings,
    fields={
        "hours-before": Field(Count(), 48),
        "quiet-days": Field(Count(), 2),
        "calendars": Field(NAMES, ()),
        "window": Field(Boolean(), False),
        "freezes": Field(Boolean(), True),
    },
    judge=judge,
    problems=problems,
)
