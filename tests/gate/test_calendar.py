"""Windows, freezes, quiet stretches and the rota; the calendar as iCalendar, and against what a project did."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ledgers import decide, reason, states

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.gate.agenda import agenda
from tailrace.gate.calendar import Calendar, Team, parse_calendar
from tailrace.gate.git import TaggedVersion
from tailrace.gate.history import measure_history
from tailrace.gate.moments import DAY, parse_time, show_moment
from tailrace.gate.profiles import files_of
from tailrace.gate.quiet import quiet_stretches, team_of_country
from tailrace.gate.windows import next_window, rota_of, windows
from tailrace.report.formats.ics import to_ics
from tailrace.toml.mistakes import ConfigError

HEAD = 'schema = "tailrace.calendar/1"\n'
CONDA = parse_calendar(files_of("conda")["calendar.toml"].encode(), "calendar.toml")
ROTA = '[rota]\norder = ["ana", "ben", "cho"]\n'
REGULAR = 'regular = "RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=+2MO"\nsince = 2022-09-01\n'
QUIET = '[[rules]]\nid = "q"\nkind = "calendar"\nhours-before = 48\nquiet-days = 2\n'
CLONE = Path(os.environ.get("TAILRACE_TEST_CONDA_CLONE", "nowhere"))


def calendar(text: str) -> Calendar:
    return parse_calendar((HEAD + text).encode(), "calendar.toml")


def days(texts: list[tuple[int, int]]) -> list[tuple[str, str]]:
    return [(show_moment(begin)[:10], show_moment(end - 1)[:10]) for begin, end in texts]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('regular = "RRULE:FREQ=HOURLY"\nsince = 2022-01-01\n', "must have FREQ=YEARLY, MONTHLY, WEEKLY or DAILY"),
        ('regular = "every second Monday"\nsince = 2022-01-01\n', "is not a rule of recurrence"),
        ('regular = "RRULE:FREQ=MONTHLY;BYDAY=XX"\nsince = 2022-01-01\n', "regular cannot be read"),
        ('regular = "RRULE:FREQ=MONTHLY;BYHOUR=3"\nsince = 2022-01-01\n', "has the part BYHOUR"),
        ('regular = "RRULE:FREQ=MONTHLY"\n', "regular needs since"),
        ('regular = "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"\nsince = 2022-01-01\n', "must have FREQ=YEARLY or"),
        ('regular = "RRULE:FREQ=MONTHLY;INTERVAL=0"\nsince = 2022-01-01\n', "has INTERVAL=0, which must be a number"),
        ('regular = "FREQ=WEEKLY;COUNT=-1;"\nsince = 2022-01-01\n', "has COUNT=-1, which must be a number"),
        ('regular = "RRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"\nsince = 2022-01-01\n', "fits no day"),
        ('window = ["MONDAY"]\n', "window must be one of MO, TU"),
        ('latest = "25:00"\n', "latest must be a time of the day"),
        ('[[teams]]\nname = "a"\ncalendar = "ZZ"\n', "no holidays are known for 'ZZ'"),
        ('[[freezes]]\nbegins = 2026-02-01\nends = 2026-01-01\nreason = "x"\n', "freezes[1] ends before it begins"),
        ("[rota]\norder = []\n", "rota.order is empty"),
        ('[[freeze]]\n', "there is no key 'freeze'"),
        ("freezes = 3\n", "freezes must be tables"),
    ],
)  # fmt: skip
def test_mistakes_of_a_calendar(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as raised:
        calendar(text)
    assert expected in raised.value.message


def test_the_windows_are_those_of_cep_8() -> None:
    found = [show_moment(one.due)[:10] for one in windows(CONDA, parse_time("2022-09-01"), parse_time("2023-10-01"))]
    assert found == [
        "2022-09-12", "2022-11-14", "2023-01-09", "2023-03-13", "2023-05-08", "2023-07-10", "2023-09-11",
    ]  # fmt: skip
    window = next_window(CONDA, parse_time("2023-01-10"))
    assert window is not None
    assert (show_moment(window.opens), show_moment(window.closes)) == ("2023-01-09T00:00:00Z", "2023-01-12T14:00:00Z")


@pytest.mark.parametrize(
    ("at", "expected", "opens"),
    [
        ("2023-01-08T23:59Z", "wait", "2023-01-09T00:00:00Z"),
        ("2023-01-09", "pass", None),
        ("2023-01-12T13:59Z", "pass", None),
        ("2023-01-12T14:00Z", "wait", "2023-03-13T00:00:00Z"),
        ("2022-05-01", "pass", None),  # before the calendar began
    ],
)
def test_outside_of_a_window_a_regular_release_waits(at: str, expected: str, opens: str | None) -> None:
    rule = '[[rules]]\nid = "w"\nkind = "calendar"\nwindow = true\nquiet-days = 0\n'
    found = decide(rule, at=at, calendar=CONDA)
    assert states(found) == {"w": expected}
    assert found.opens_at == opens


US, DE = team_of_country("US"), team_of_country("DE-BE")


@pytest.mark.parametrize(
    ("teams", "expected"),
    [
        ([US], [("2022-05-28", "2022-05-30"), ("2022-06-04", "2022-06-05")]),
        ([DE], [("2022-05-26", "2022-05-26"), ("2022-05-28", "2022-05-29"), ("2022-06-04", "2022-06-06")]),
        ([US, DE], [("2022-05-26", "2022-05-26"), ("2022-05-28", "2022-05-30"), ("2022-06-04", "2022-06-06")]),
        ([Team("late", weekend=("FR", "SA"))], [("2022-05-27", "2022-05-28"), ("2022-06-03", "2022-06-04")]),
        ([Team("a", weekend=(), away=(parse_time("2022-06-01"),))], [("2022-06-01", "2022-06-01")]),
        ([Team("none", weekend=())], []),
    ],
)
def test_quiet_stretches_of_the_end_of_may_2022(teams: list[Team], expected: list[tuple[str, str]]) -> None:
    found = quiet_stretches(teams, parse_time("2022-05-24"), parse_time("2022-06-06T12:00Z"))
    assert days([(one.begins, one.ends) for one in found]) == expected


def test_a_stretch_is_given_whole_and_names_its_teams() -> None:
    (first, *_) = quiet_stretches([US, DE], parse_time("2022-05-29"), parse_time("2022-05-31"))
    assert (days([(first.begins, first.ends)]), first.days, first.teams) == (
        [("2022-05-28", "2022-05-30")], 3, ("DE-BE", "US"),
    )  # fmt: skip


def test_the_days_are_those_of_the_library_and_few_countries_are_imported() -> None:
    program = """if True:
        import sys
        from tailrace.gate.quiet import _holidays, country_problem
        assert country_problem("DE-BE") is None
        found = {text: _holidays(text, 2026) for text in ("US", "DE-BE", "GB-SCT", "JP", "BR")}
        assert sum(name.startswith("holidays.countries.") for name in sys.modules) < 20
        assert "no part" in country_problem("DE-ZZ")
        import holidays
        for text, days in found.items():
            country, _, part = text.partition("-")
            assert days == set(holidays.country_holidays(country, subdiv=part or None, years=2026)), text
    """
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_team_that_is_never_there_does_not_hang() -> None:
    always = Team("gone", weekend=("MO", "TU", "WE", "TH", "FR", "SA", "SU"))
    found = list(quiet_stretches([always], parse_time("2022-01-01"), parse_time("2023-01-01")))
    assert found
    rule = '[[rules]]\nid = "q"\nkind = "calendar"\n'
    told = decide(rule, calendar=Calendar(teams=(always,)))
    assert (told.verdict, told.opens_at) == ("stop", None)


@pytest.mark.parametrize(
    ("at", "countries", "expected", "opens"),
    [
        # Ascension Day is itself quiet and alone; the long weekend after it counts all the same.
        ("2022-05-26T23:09Z", ["US", "DE-BE"], "3 quiet days begin in 24 hours", "2022-05-31T00:00:00Z"),
        ("2022-05-26T23:09Z", ["US"], "3 quiet days begin in 24 hours", "2022-05-31T00:00:00Z"),
        ("2022-05-19T16:57Z", ["US"], "2 quiet days begin in 31 hours", "2022-05-23T00:00:00Z"),
        ("2022-05-28T03:10Z", ["US"], "in 3 quiet days (US) until 2022-05-31", "2022-05-31T00:00:00Z"),
        ("2022-05-25T23:59Z", ["US"], None, None),
        ("2022-05-26T00:00Z", ["US"], "3 quiet days begin in 2 days", "2022-05-31T00:00:00Z"),
    ],
)
def test_shortly_before_people_are_away_a_release_waits(
    at: str, countries: list[str], expected: str | None, opens: str | None
) -> None:
    found = decide(f"{QUIET}calendars = {countries!r}\n".replace("'", '"'), at=at)
    assert (found.opens_at, states(found)["q"]) == (opens, "wait" if expected else "pass")
    if expected:
        assert expected in reason(found)


def test_obstacles_that_follow_each_other_are_followed() -> None:
    frozen = calendar('[[freezes]]\nbegins = 2026-03-07\nends = 2026-03-12\nreason = "sprint"\n')
    found = decide(QUIET + 'calendars = ["US"]\n', at="2026-03-06", calendar=frozen)
    # A weekend in the freeze, and the freeze ends on the eve of the next.
    assert (found.verdict, found.opens_at) == ("wait", "2026-03-16T00:00:00Z")
    only = calendar('[[freezes]]\nbegins = 2026-03-02\nends = 2026-03-04\nreason = "s"\ntargets = ["two/*"]\n')
    assert decide(QUIET + 'calendars = ["US"]\n', calendar=only).verdict == "go"
    assert decide(QUIET + 'calendars = ["US"]\n', calendar=only, target="two/main").verdict == "wait"


def test_without_a_calendar_a_rule_that_needs_one_is_not_decided() -> None:
    assert decide(QUIET).verdict == "unknown"
    assert decide('[[rules]]\nid = "w"\nkind = "calendar"\nwindow = true\n', calendar=Calendar()).verdict == "unknown"


def test_the_rota_turns_with_each_release_and_the_decision_names_it() -> None:
    plan = calendar(REGULAR + ROTA)
    found = [rota_of(plan, one) for one in windows(plan, parse_time("2022-09-01"), parse_time("2023-04-01"))]
    assert [(one.lead, one.shadow) for one in found if one] == [
        ("ana", "ben"), ("ben", "cho"), ("cho", "ana"), ("ana", "ben"),
    ]  # fmt: skip
    told = decide(QUIET + 'calendars = ["US"]\n', calendar=plan, at="2022-11-01")
    assert (told.rota.lead, told.rota.shadow) == ("ben", "cho")


def test_the_calendar_goes_round_trip_through_icalendar() -> None:
    from icalendar import Calendar as Ics

    plan = calendar(REGULAR + ROTA + '[[freezes]]\nbegins = 2022-12-20\nends = 2023-01-02\nreason = "holidays; all"\n')
    begin = parse_time("2022-09-01")
    entries = agenda(plan, [US], begin, begin + 130 * DAY)
    text = to_ics(entries)
    assert text == to_ics(entries)
    read = Ics.from_ical(text)
    events: list[Any] = list(read.walk("VEVENT"))
    assert len(events) == len(entries.entries)
    assert len({str(one["uid"]) for one in events}) == len(events)
    window = next(one for one in events if "regular release" in one["summary"])
    assert (str(window["dtstart"].dt), str(window["description"])) == ("2022-09-12", "lead ana, shadow ben")
    assert any("hand over from ana to ben" in one["summary"] for one in events)
    assert any(str(one.get("description")) == "holidays; all" for one in events)
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))


def test_an_event_keeps_its_id_when_the_calendar_is_made_anew() -> None:
    from icalendar import Calendar as Ics

    plan = calendar(REGULAR + ROTA)

    def ids(at: str) -> set[str]:
        begin = parse_time(at)
        found = Ics.from_ical(to_ics(agenda(plan, [], begin, begin + 365 * DAY)))
        return {str(one["uid"]) for one in found.walk("VEVENT")}

    assert len(ids("2022-10-01") & ids("2022-10-15")) >= 10


def tag(version: str, at: str) -> TaggedVersion:
    return TaggedVersion(version, version, parse_time(at))


def test_history_measures_the_calendar_against_the_tags() -> None:
    tags = [
        tag("22.9.0", "2022-09-20T09:40Z"), tag("22.9.1", "2022-09-23T10:00Z"), tag("23.3.0", "2023-03-15T19:00Z"),
        tag("23.3.0rc1", "2023-03-01"), tag("23.10.0", "2023-10-05"), tag("4.14.0", "2022-08-01"),
    ]  # fmt: skip
    found = measure_history(CONDA, tags)
    assert [(one.version, one.due, one.days, one.in_window) for one in found.releases] == [
        ("22.9.0", "2022-09-12", 8, False), ("23.3.0", "2023-03-13", 2, True),
    ]  # fmt: skip
    assert (found.in_window, found.tags, found.late_in_week) == (1, 4, 1)
    assert [one.version for one in measure_history(CONDA, tags, since="23.1").releases] == ["23.3.0"]
    assert [one.version for one in measure_history(CONDA, tags, until="22.9").releases] == ["22.9.0"]
    assert measure_history(CONDA, []).releases == ()


#: When the regular releases of conda were tagged, as its repository says.
TAGGED = {
    "22.9.0": "2022-09-20T09:40:14Z", "22.11.0": "2022-11-30T10:25:37Z", "23.1.0": "2023-01-18T22:28:41Z",
    "23.3.0": "2023-03-15T19:28:38Z", "23.5.0": "2023-05-22T18:50:25Z", "23.7.0": "2023-07-25T15:08:43Z",
    "23.9.0": "2023-09-27T19:45:43Z", "23.11.0": "2023-12-01T04:42:25Z", "24.1.0": "2024-01-30T13:21:57Z",
    "24.3.0": "2024-03-12T15:55:02Z",
}  # fmt: skip


def test_cep_8_was_kept_twice_in_its_first_ten_releases() -> None:
    found = measure_history(CONDA, [tag(version, at) for version, at in TAGGED.items()])
    assert [one.version for one in found.releases if one.in_window] == ["23.3.0", "24.3.0"]
    assert (len(found.releases), min(one.days for one in found.releases), max(one.days for one in found.releases)) == (
        10, 1, 22,
    )  # fmt: skip


@pytest.mark.skipif(not CLONE.is_dir(), reason="TAILRACE_TEST_CONDA_CLONE names no clone of conda")
def test_the_tags_are_those_of_the_repository() -> None:
    from tailrace.gate.git import version_tags

    found = {one.version: show_moment(one.at) for one in version_tags(CLONE)}
    assert {version: found[version] for version in TAGGED} == TAGGED


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(app, ["gate", "init", "--profile", "conda"]) == 0
    capsys.readouterr()
    assert run(app, ["gate", "calendar", "--at", "2022-11-10", "--days", "10"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2022-11-11  2022-11-13  quiet      3 quiet days (DE-BE, US)",
        "2022-11-14  2022-11-17  window     regular release",
        "and 1 weekend: --verbose lists them",
    ]
    assert run(app, ["gate", "calendar", "--at", "2022-11-10", "--days", "10", "--verbose"]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == ["2022-11-19  2022-11-20  quiet      2 quiet days (DE-BE, US)"]
    assert run(app, ["gate", "calendar", "--at", "2022-11-10", "--days", "10", "-f", "json"]) == 0
    assert [one["weekend"] for one in json.loads(capsys.readouterr().out)["entries"]] == [False, False, True]
    assert run(app, ["gate", "calendar", "--history", "-f", "ics"]) == 2
    assert "--history cannot be written as ics" in capsys.readouterr().err
    assert run(app, ["gate", "calendar", "--at", "2022-11-10", "--ics", "a.ics"]) == 0
    assert (tmp_path / "a.ics").read_bytes().startswith(b"BEGIN:VCALENDAR")
    subprocess.run(["git", "init", "-q", "repo"], check=True)
    assert run(app, ["gate", "calendar", "--history", "--repo", "conda=repo"]) == 0
    assert "0 of 0 regular releases" in capsys.readouterr().out
    assert run(app, ["gate", "calendar", "--history", "--repo", "nowhere"]) == 2
    assert "nowhere is not a git repository" in capsys.readouterr().err
    assert run(app, ["gate", "calendar", "--since", "22.9"]) == 2


def test_the_checklist_has_a_box_for_each_rule_and_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(app, ["gate", "init", "--profile", "conda"]) == 0
    capsys.readouterr()
    assert run(app, ["gate", "checklist", "conda 4.13.0", "--at", "2022-05-24"]) == 3
    text = capsys.readouterr().out
    assert "| | defaults/main | conda-forge/main |" in text
    row = next(line for line in text.splitlines() if "quiet-days" in line)
    assert row.count("☑") == 2
    assert next(line for line in text.splitlines() if "no-new-breaks" in line).count("☐") == 2
    assert "- [ ] co-pilot: approve conda 4.13.0 – `tailrace gate approve" in text
    assert not (tmp_path / "gate" / "decisions.jsonl").exists()
