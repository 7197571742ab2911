"""`tailrace gate calendar`: what the calendar of a ledger holds, and how it compares with practice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace.cli.app import CONTEXT
from tailrace.cli.format_choice import FormatChoice

if TYPE_CHECKING:
    from tailrace.cli.formats import Output
    from tailrace.gate.calendar import Calendar


@click.command("calendar", context_settings=CONTEXT)
@click.option("--ics", type=click.Path(path_type=Path), metavar="FILE", help="Write an iCalendar file; - for stdout.")
@click.option("--history", is_flag=True, help="Measure the calendar against the tags of a repository instead.")
@click.option("--repo", metavar="[NAME=]PATH", help="The git repository for --history.  [default: the current one]")
@click.option("--since", metavar="VERSION", help="--history begins with this version.")
@click.option("--until", metavar="VERSION", help="--history ends with this version.")
@click.option("--days", default=365, show_default=True, type=click.IntRange(1, 3660), help="How far to look ahead.")
@click.option("--at", metavar="TIME", help="The first moment, UTC.  [default: now]")
@click.option(
    "--format", "-f", "format_", type=FormatChoice("agenda"), default="text", show_default=True,
    help="How to report.",
)  # fmt: skip
@click.option("--verbose", "-v", is_flag=True, help="List every weekend as well.")
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
    verbose: bool,
    folder: Path | None,
) -> int:
    """List release windows, freezes and quiet days.

    Each window names who runs the release.

    \b
        tailrace gate calendar --ics releases.ics
        tailrace gate calendar --history --repo conda=../conda --since 22.9

    Weekends that no holiday makes longer are counted, not listed. With --history: when each regular release was due,
    and when it was tagged.
    """
    from tailrace.cli.formats import Output
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
        from tailrace.report.formats import formats_of

        if format_ not in formats_of("calendar-history"):
            raise click.UsageError(f"--history cannot be written as {format_}.")
        return _history(calendar, repo, since, until, Output(format_))
    if repo or since or until:
        raise click.UsageError("--repo, --since and --until belong to --history.")
    from tailrace.cli.output import publish
    from tailrace.gate.agenda import agenda, teams_of
    from tailrace.report import RenderOptions

    if at is not None:
        begin = parse_time(at)
    else:
        import time

        begin = int(time.time()) * 1000
    found = agenda(calendar, teams_of(policy, calendar), begin, begin + days * DAY)
    output = Output(format_) if ics is None else Output("ics", None if str(ics) == "-" else ics)
    publish(found, [output], RenderOptions(verbose=verbose))
    return 0


def _history(calendar: Calendar, repo: str | None, since: str | None, until: str | None, output: Output) -> int:
    from tailrace.cli.output import publish
    from tailrace.gate.errors import GateError
    from tailrace.gate.git import version_tags
    from tailrace.gate.history import measure_history
    from tailrace.report import RenderOptions

    if calendar.regular is None:
        raise GateError("calendar.toml has no regular releases.", hint="Say with regular and since when they are due.")
    path = Path((repo or ".").partition("=")[2] or repo or ".").expanduser()
    found = measure_history(calendar, version_tags(path), since=since, until=until)
    publish(found, [output], RenderOptions())
    return 0
