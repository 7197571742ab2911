"""`tailrace bounds`: a downstream in, what each of its requirements should be out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tailrace.cli.completion import complete_release
from tailrace.cli.options import GroupedCommand, config_option, load_settings, setting_options
from tailrace.config.settings import GROUPS

FORMATS = ("text", "json", "csv")


@setting_options(GROUPS[2], GROUPS[3], only=("quiet",))
@click.command(cls=GroupedCommand, name="bounds")
@click.argument("downstream", metavar="DOWNSTREAM", shell_complete=complete_release)
@click.option("--on", "only", multiple=True, metavar="UPSTREAM", help="Only its requirement on this one.")
@click.option(
    "--versions",
    metavar="VERSIONS",
    default="20",
    show_default=True,
    help="Which versions of each upstream: a number (the newest), '>=1.0,<2', or 1.0,1.1,2.0.",
)
@click.option(
    "--format",
    "-f",
    "formats",
    multiple=True,
    metavar="FORMAT[:PATH]",
    help="How to show it: text, json, csv. With :PATH it goes to that file.",
)
@config_option
def command(
    downstream: str,
    only: tuple[str, ...],
    versions: str,
    formats: tuple[str, ...],
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Show for each requirement what is declared, what really works, and what to write.

    \b
        tailrace bounds Jinja2==2.11.3
        tailrace bounds . --on numpy --versions '>=1.22'

    A requirement is too loose where it lets in a version that breaks, and too tight where it keeps out one that works.
    The bound is written as a PEP 440 specifier and as a conda MatchSpec.

    Exit status: 0 no requirement lets in a version that breaks, 1 one does, 2 usage or configuration, 3 some could not
    be checked.
    """
    from tailrace.artifacts import open_release
    from tailrace.cli.failure import BREAKS, CLEAR, INCOMPLETE
    from tailrace.cli.matrix_wiring import publish_rendered, read_formats
    from tailrace.cli.output import text_width
    from tailrace.cli.progress import progress
    from tailrace.cli.wiring import make_options, make_sources
    from tailrace.matrix.bounds import find_bounds
    from tailrace.matrix.choose import Wish, read_wishes

    settings = load_settings(flags, config_file)
    outputs = read_formats(formats, FORMATS)
    wish, _, newest = read_wishes((versions,), "upstream", "downstream")
    sources = make_sources(settings)
    artifact = open_release(downstream, sources)
    with progress(settings.quiet) as bar:
        found = find_bounds(
            artifact,
            downstream,
            sources,
            make_options(settings, bar),
            wish=wish or Wish(newest=newest or 20),
            only=only,
        )

    def render(name: str, to_stdout: bool) -> str:
        from tailrace.matrix.render.tables import render_bounds_csv, render_json
        from tailrace.matrix.render.text import render_bounds_text

        if name == "json":
            return render_json(found)
        return render_bounds_csv(found) if name == "csv" else render_bounds_text(found, width=min(text_width(), 80))

    publish_rendered(outputs, render)
    held = [one.range for one in found.requirements]
    if any(one is not None and one.too_loose for one in held):
        return BREAKS
    return INCOMPLETE if not held or any(one is None or one.unknown for one in held) else CLEAR
