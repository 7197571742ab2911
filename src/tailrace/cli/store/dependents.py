"""`tailrace dependents`: who depends on a distribution, and from where that is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tailrace.cli.options import GroupedCommand, config_option, formats_option, load_settings, setting_options
from tailrace.config.settings import GROUPS


@setting_options(GROUPS[2], "Store", only=("quiet",))
@click.command(cls=GroupedCommand, name="dependents")
@click.argument("name", metavar="NAME")
@click.option("--channel", "channels", multiple=True, metavar="URL", help="Ask the repodata of this conda channel.")
@click.option(
    "--env",
    "environments",
    multiple=True,
    metavar="PREFIX",
    type=click.Path(path_type=Path),
    help="Ask what is installed there.",
)
@click.option(
    "--from", "files", multiple=True, metavar="FILE", type=click.Path(path_type=Path), help="Ask this lock file."
)
@click.option("--web", is_flag=True, help="Ask ecosyste.ms, over the network.")
@formats_option("dependents")
@config_option
def command(
    name: str,
    channels: tuple[str, ...],
    environments: tuple[Path, ...],
    files: tuple[Path, ...],
    web: bool,
    formats: tuple[str, ...],
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Show who depends on a distribution, where that is known from, and how old it is.

    \b
        tailrace dependents numpy
        tailrace dependents numpy --channel conda-forge --from uv.lock
        tailrace dependents numpy --web

    The store is asked when there is one. No source is complete.

    Exit status: 0 every source answered, 2 usage or configuration, or a name that no source has seen, 3 one could not
    be asked.
    """
    from tailrace.cli.failure import INCOMPLETE
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.output import publish
    from tailrace.cli.store.wiring import find_store
    from tailrace.cli.wiring import make_sources
    from tailrace.report.options import RenderOptions
    from tailrace.scan.discover import SessionWeb, gather
    from tailrace.store.manifest import numbers

    outputs = read_outputs(formats, "dependents")
    settings = load_settings(flags, config_file)
    sources = make_sources(settings)
    store = find_store(settings)
    wanted = settings.store is not None or bool(numbers(store.place))
    found = gather(
        name,
        sources,
        snapshot=store.snapshot() if wanted else None,
        channels=channels,
        environments=[prefix.expanduser() for prefix in environments],
        files=files,
        web=SessionWeb(sources) if web else None,
    )
    if not found.sources:
        raise click.UsageError(
            "There is no store, and no other source was named: add --channel, --env, --from or --web."
        )
    publish(found, outputs, RenderOptions())
    return INCOMPLETE if found.unanswered else 0
