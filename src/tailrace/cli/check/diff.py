"""`tailrace diff`: show what changed between the surfaces of two releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tailrace.cli.options import GroupedCommand, config_option, format_option, load_settings, setting_options
from tailrace.config.settings import GROUPS


@setting_options(GROUPS[2], only=("color",))
@click.command(cls=GroupedCommand, name="diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--different-projects", is_flag=True, help="Also compare releases of two projects.")
@format_option("diff")
@config_option
def command(old: str, new: str, different_projects: bool, format_: str, config_file: Path | None, **flags: Any) -> int:
    """Show what changed in the surface between two releases, grouped by rule.

    \b
        tailrace diff MarkupSafe==2.0.1 MarkupSafe==2.1.0
        tailrace diff git+.@v1.0 .

    Exit status: 0 whether or not anything changed, 2 usage, such as releases of two projects, 3 something could not be
    read.
    """
    from functools import partial

    from tailrace.changes.releases import diff_releases
    from tailrace.check.comparable import notes_on_diff
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish
    from tailrace.cli.wiring import make_sources
    from tailrace.report import RenderOptions
    from tailrace.report.views.diff import diff_report

    settings = load_settings(flags, config_file)
    judge = partial(notes_on_diff, different_projects=different_projects)
    found = diff_releases(old, new, make_sources(settings), judge=judge)
    report = diff_report(found.baseline, found.candidate, found.changes, found.notes, found.unread)
    publish(report, [Output(format_)], RenderOptions(), color=settings.color)
    return report.exit_status
