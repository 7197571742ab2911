"""`tailrace bounds`: what each requirement of a downstream should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tailrace.cli.completion import complete_release
from tailrace.cli.options import GroupedCommand, config_option, formats_option, load_settings, setting_options
from tailrace.config.settings import GROUPS


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
@formats_option("bounds")
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
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.output import publish
    from tailrace.cli.progress import progress
    from tailrace.cli.wiring import make_options, make_sources
    from tailrace.matrix.bounds import find_bounds
    from tailrace.matrix.choose import Wish, read_wishes
    from tailrace.report.options import RenderOptions

    settings = load_settings(flags, config_file)
    outputs = read_outputs(formats, "bounds")
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

    publish(found, outputs, RenderOptions())
    held = [one.range for one in found.requirements]
    if any(one is not None and one.too_loose for one in held):
        return BREAKS
    return INCOMPLETE if not held or any(one is None or one.unknown for one in held) else CLEAR
