"""`tailrace matrix`: which versions of an upstream and a downstream go together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tailrace.cli.completion import complete_release
from tailrace.cli.options import GroupedCommand, config_option, formats_option, load_settings, setting_options
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
@formats_option("matrix")
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
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.matrix.wiring import make_grid
    from tailrace.cli.output import publish
    from tailrace.cli.progress import progress
    from tailrace.cli.wiring import make_options, make_sources
    from tailrace.matrix.compute import compute
    from tailrace.report.options import RenderOptions

    settings = load_settings(flags, config_file)
    outputs = read_outputs(formats, "matrix")
    sources = make_sources(settings)
    grid = make_grid(upstream, downstream, versions, sources)
    with progress(settings.quiet) as bar:
        found = compute(grid, sources, make_options(settings, bar))

    publish(found, outputs, RenderOptions(), color=settings.color)
    if found.counts.breaks:
        return BREAKS
    return INCOMPLETE if found.counts.not_checked else CLEAR
