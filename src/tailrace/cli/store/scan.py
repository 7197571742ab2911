"""`tailrace scan`: reads releases, and keeps their facts in the store."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tailrace.cli.completion import complete_release
from tailrace.cli.options import GroupedCommand, config_option, formats_option, load_settings, setting_options
from tailrace.config.settings import GROUPS

if TYPE_CHECKING:
    from tailrace.scan.run import ScanReport


@setting_options(GROUPS[2], "Store", only=("jobs", "time-limit", "memory-limit", "quiet"))
@click.command(cls=GroupedCommand, name="scan")
@click.argument("specs", metavar="[SPEC]...", nargs=-1, shell_complete=complete_release)
@click.option(
    "--from",
    "lists",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="All releases in a requirements, lock or environment file.",
)
@click.option(
    "--env",
    "environment",
    metavar="PREFIX",
    type=click.Path(path_type=Path),
    help="All that is installed in this environment.",
)
@click.option("--channel", "channels", multiple=True, metavar="URL", help="All of a conda channel that needs Python.")
@click.option(
    "--latest",
    metavar="N",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="With --channel: the newest versions of each package.",
)
@click.option(
    "--pypi-list",
    "name_lists",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The newest release of each name in this file, one a line.",
)
@click.option("--dask", "dask", metavar="ADDRESS", help="Work on this Dask cluster, such as tcp://HOST:8786.")
@click.option("--max-failures", metavar="N", type=click.IntRange(min=0), help="Stop when more than N cannot be read.")
@click.option(
    "--failures",
    "failures_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write what could not be read, and why, as JSON.",
)
@formats_option("scan")
@config_option
def command(
    specs: tuple[str, ...],
    lists: tuple[Path, ...],
    environment: Path | None,
    channels: tuple[str, ...],
    latest: int,
    name_lists: tuple[Path, ...],
    dask: str | None,
    max_failures: int | None,
    failures_file: Path | None,
    formats: tuple[str, ...],
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Read releases once, and keep what they use.

    \b
        tailrace scan Jinja2==2.11.3 Jinja2==3.1.4
        tailrace scan --from requirements.txt
        tailrace scan --env .venv --store ./facts
        tailrace scan --channel conda-forge --latest 3
        tailrace scan --pypi-list names.txt --dask tcp://scheduler:8786 --store s3://bucket/facts

    What the store has already is not read again, and a file that did not change between two releases is read once. A
    scan that was interrupted continues where it stopped. `tailrace uses` and `tailrace check` ask the store.

    Exit status: 0 all was read, 2 usage or configuration, 3 something could not be read.
    """
    from tailrace.cli.failure import INCOMPLETE
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.output import publish, write_file
    from tailrace.cli.progress import long_progress
    from tailrace.cli.store.wiring import NothingToScanError, find_store, specs_to_scan
    from tailrace.cli.wiring import make_sources
    from tailrace.report.options import RenderOptions
    from tailrace.scan.run import ScanOptions, scan

    outputs = read_outputs(formats, "scan")
    settings = load_settings(flags, config_file)
    sources = make_sources(settings)
    chosen = specs_to_scan(specs, lists, environment, sources, channels=channels, latest=latest, name_lists=name_lists)
    if not chosen:
        raise NothingToScanError
    with long_progress(settings.quiet) as bar:
        options = ScanOptions(
            jobs=settings.jobs,
            dask=dask,
            max_failures=max_failures,
            time_limit=settings.time_limit,
            memory_limit=settings.memory_limit,
            progress=bar,
        )
        report = scan(chosen, find_store(settings), sources, options)
    if failures_file is not None:
        write_file(failures_file, failures_json(report))
    publish(report, outputs, RenderOptions(), color=settings.color)
    return INCOMPLETE if report.failures or report.stopped else 0


def failures_json(report: ScanReport) -> str:
    """What could not be read, for machines."""
    import msgspec

    from tailrace.report.json import dump_json
    from tailrace.scan.run import ScanFailures

    return dump_json(msgspec.to_builtins(ScanFailures(store=report.store, failures=report.failures)))
