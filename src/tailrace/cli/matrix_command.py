"""`tailrace matrix`: an upstream and a downstream in, the grid of their versions out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from tailrace.cli.completion import complete_release
from tailrace.cli.options import GroupedCommand, config_option, load_settings, setting_options
from tailrace.config.settings import GROUPS


@setting_options(GROUPS[2], GROUPS[3], only=("color", "quiet"))
@click.command(cls=GroupedCommand, name="matrix")
@click.argument("upstream", metavar="UPSTREAM", shell_complete=complete_release)
@click.argument("downstream", metavar="DOWNSTREAM", shell_complete=complete_release)
@click.option(
    "--versions",
    multiple=True,
    metavar="VERSIONS",
    help="Which versions: a number (the newest of each, 20 if not said), 'NAME>=1.0,<2', or NAME==1.0,1.1,2.0.",
)
@click.option(
    "--format",
    "-f",
    "formats",
    multiple=True,
    metavar="FORMAT[:PATH]",
    help="How to show it: text, html, json, csv, png. With :PATH it goes to that file.",
)
@config_option
def command(
    upstream: str,
    downstream: str,
    versions: tuple[str, ...],
    formats: tuple[str, ...],
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Show which versions of two packages go together.

    \b
        tailrace matrix MarkupSafe Jinja2
        tailrace matrix 'MarkupSafe>=1.1' Jinja2 --versions 'Jinja2>=2.10,<3.1' --format html:grid.html
        tailrace matrix numpy gensim==4.3.2 --versions 'numpy==1.26.4,2.0.0'

    Each pair works, breaks, is declared incompatible, or was not checked. Only pairs in which a change meets a name
    that the downstream uses are checked; where the same changes meet the same code the answer is shared, and the cell
    says so. Below the grid stands the widest range that works for each row, next to the declared one.

    A row is compared with one version of the upstream, which is taken to work: the newest on the day of the
    downstream's upload that its requirement admits.

    Exit status: 0 every declared pair that was checked works, 1 one breaks, 2 usage or configuration, 3 some could not
    be checked.
    """
    from tailrace.cli.failure import BREAKS, CLEAR, INCOMPLETE
    from tailrace.cli.matrix_wiring import make_grid, publish_rendered, read_formats
    from tailrace.cli.output import text_width, use_color
    from tailrace.cli.progress import progress
    from tailrace.cli.wiring import make_options, make_sources
    from tailrace.matrix.compute import compute
    from tailrace.matrix.render import FORMATS

    settings = load_settings(flags, config_file)
    outputs = read_formats(formats, FORMATS)
    sources = make_sources(settings)
    grid = make_grid(upstream, downstream, versions, sources)
    with progress(settings.quiet) as bar:
        found = compute(grid, sources, make_options(settings, bar))

    def render(name: str, to_stdout: bool) -> str | bytes:
        if name == "html":
            from tailrace.matrix.render.html import render_matrix_html

            return render_matrix_html(found)
        if name == "png":
            from tailrace.matrix.render.png import render_matrix_png

            return render_matrix_png(found)
        from tailrace.matrix.render.tables import render_json, render_matrix_csv

        if name in ("json", "csv"):
            return render_json(found) if name == "json" else render_matrix_csv(found)
        from tailrace.matrix.render.text import render_matrix_text

        color = to_stdout and use_color(settings.color, os.environ)
        return render_matrix_text(found, color=color, width=min(text_width(), 80))

    publish_rendered(outputs, render)
    if found.counts.breaks:
        return BREAKS
    return INCOMPLETE if found.counts.not_checked else CLEAR
