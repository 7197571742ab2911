"""`tailrace gate calendar`: what the calendar of a ledger holds, as text or iCalendar, and against practice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace.cli.app import CONTEXT

if TYPE_CHECKING:
    from tailrace.gate.calendar import Calendar
    from tailrace.gate.history import CalendarHistory


@click.command("calendar", context_settings=CONTEXT)
@click.option("--ics", type=click.Path(path_type=Path), metavar="FILE", help="Write an iCalendar file; - for stdout.")
@click.option("--history", is_flag=True, help="Measure the calendar against the tags of a repository instead.")
@click.option("--repo", metavar="[NAME=]PATH", help="The git repository for --history.  [default: the current one]")
@click.option("--since", metavar="VERSION", help="--history begins with this version.")
@click.option("--until", metavar="VERSION", help="--history ends with this version.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 3660), help="How far to look ahead.")
@click.option("--at", metavar="TIME", help="The first moment, UTC.  [default: now]")
@click.option("--format", "-f", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="How to write the history.")  # fmt: skip
@click.option("--ledger", "folder", type=click.Path(path_type=Path), metavar="DIR", help="The ledger.  [default: gate]")
def command(
    ics: Path | None,
    history: bool,
    repo: str | None,
    since: str | None,
    until: str | None,
    days: int,
    at: str | None,
    format_: str,
    folder: Path | None,
) -> int:
    """List windows for regular releases with who runs them, freezes and quiet days.

    \b
        tailrace gate calendar --ics releases.ics
        tailrace gate calendar --history --repo conda=../conda --since 22.9

    With --history: when each regular release was due, and when it was tagged.
    """
    from tailrace.gate.errors import GateError
    from tailrace.gate.ledger import Ledger
    from tailrace.gate.moments import DAY, parse_time

    ledger = Ledger.find(folder)
    policy, calendar = ledger.read_policy(), ledger.read_calendar()
    if calendar is None:
        raise GateError(
            f"{ledger.root} has no calendar.toml.", hint="`tailrace gate init` writes one; copy it from a new ledger."
        )
    if history:
        if ics is not None:
            raise click.UsageError("--ics and --history exclude each other.")
        return _history(calendar, repo, since, until, format_)
    if repo or since or until:
        raise click.UsageError("--repo, --since and --until belong to --history.")
    from tailrace.cli.output import write_file, write_stdout
    from tailrace.gate.agenda import agenda, show_entry, teams_of, to_ics

    if at is not None:
        begin = parse_time(at)
    else:
        import time

        begin = int(time.time()) * 1000
    entries = agenda(calendar, teams_of(policy, calendar), begin, begin + days * DAY)
    if ics is None:
        write_stdout("\n".join(map(show_entry, entries)) or "nothing")
        return 0
    text = to_ics(calendar, entries, begin).decode()
    if str(ics) == "-":
        write_stdout(text, "json")  # RFC 5545 is UTF-8 in any locale
    else:
        write_file(ics, text)
    return 0


def _history(calendar: Calendar, repo: str | None, since: str | None, until: str | None, format_: str) -> int:
    import msgspec

    from tailrace.cli.output import write_stdout
    from tailrace.gate.errors import GateError
    from tailrace.gate.git import version_tags
    from tailrace.gate.history import measure_history
    from tailrace.report.json import dump_json

    if calendar.regular is None:
        raise GateError("calendar.toml has no regular releases.", hint="Say with regular and since when they are due.")
    path = Path((repo or ".").partition("=")[2] or repo or ".").expanduser()
    found = measure_history(calendar, version_tags(path), since=since, until=until)
    if format_ == "json":
        write_stdout(dump_json(msgspec.to_builtins(found)), "json")
    else:
        write_stdout(_table(found, calendar))
    return 0


def _table(found: CalendarHistory, calendar: Calendar) -> str:
    lines = []
    for one in found.releases:
        off = "on the day" if one.days == 0 else f"{abs(one.days)} days {'late' if one.days > 0 else 'early'}"
        mark = "in its window" if one.in_window else "outside"
        lines.append(f"{one.version:10}  due {one.due}  tagged {one.tagged}  {off:14}  {mark}")
    lines.append(f"{found.in_window} of {len(found.releases)} regular releases were tagged in their window.")
    if found.releases:
        days = [one.days for one in found.releases]
        lines.append(f"From the due day: {_days(min(days))} to {_days(max(days))}.")
    last = calendar.window[-1] if calendar.window else "SU"
    after = f" after {calendar.latest}" if calendar.latest else ""
    lines.append(f"{found.late_in_week} of {found.tags} tags were made on {last}{after} or later in the week.")
    return "\n".join(lines)


def _days(number: int) -> str:
    return f"{-number} days early" if number < 0 else f"{number} days late"
