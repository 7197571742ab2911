"""`tailrace diff`: two releases in, what changed between their surfaces out. Looks at no downstream."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tailrace.cli.options import GroupedCommand, config_option, load_settings, setting_options
from tailrace.config.settings import GROUPS

if TYPE_CHECKING:
    from tailrace.report import DiffFormat


@setting_options(GROUPS[2], only=("color",))
@click.command(cls=GroupedCommand, name="diff")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option(
    "--format",
    "-f",
    "format_",
    type=click.Choice(["text", "json", "markdown"]),
    default="text",
    show_default=True,
    help="How to report.",
)
@config_option
def command(old: str, new: str, format_: DiffFormat, config_file: Path | None, **flags: Any) -> int:
    """Show what changed in the surface between two releases, grouped by rule.

    \b
        tailrace diff MarkupSafe==2.0.1 MarkupSafe==2.1.0
        tailrace diff git+.@v1.0 .

    The exit status is 0 whether or not anything changed.
    """
    from tailrace.changes.releases import diff_releases
    from tailrace.cli.output import text_width, use_color, write_stdout
    from tailrace.cli.wiring import make_sources
    from tailrace.report import render_diff

    settings = load_settings(flags, config_file)
    found = diff_releases(old, new, make_sources(settings))
    text = render_diff(
        found.baseline,
        found.candidate,
        found.changes,
        format=format_,
        color=use_color(settings.color, os.environ),
        width=text_width(),
    )
    write_stdout(text, format_)
    return 0
