"""`tailrace store`: what the store holds, and its care."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tailrace.cli.app import CONTEXT
from tailrace.cli.options import GroupedCommand, config_option, formats_option, load_settings, setting_options
from tailrace.cli.store.wiring import find_store


@click.group(name="store", context_settings=CONTEXT)
def command() -> None:
    """Inspect, check and clean up the store that `tailrace scan` fills.

    \b
        tailrace store info
        tailrace store verify
        tailrace store gc
        tailrace store export ./tables
    """


@setting_options("Store")
@command.command(cls=GroupedCommand, name="info")
@formats_option("store-info")
@config_option
def info(formats: tuple[str, ...], config_file: Path | None, **flags: Any) -> int:
    """Show what the store holds, in numbers.

    `content` is a hash of the logical content: two stores with the same facts have the same, however they were made.
    """
    _publish(find_store(load_settings(flags, config_file)).info(), "store-info", formats)
    return 0


@setting_options("Store")
@command.command(cls=GroupedCommand, name="verify")
@formats_option("store-verify")
@config_option
def verify(formats: tuple[str, ...], config_file: Path | None, **flags: Any) -> int:
    """Compare every object of the store with its hash.

    Exit status: 0 all is as it was written, 1 something is damaged, 2 usage or configuration, 3 the store cannot be
    read.
    """
    from tailrace.cli.failure import BREAKS, CLEAR

    found = find_store(load_settings(flags, config_file)).verify()
    _publish(found, "store-verify", formats)
    return BREAKS if found.problems else CLEAR


@setting_options("Store")
@command.command(cls=GroupedCommand, name="gc")
@click.option(
    "--keep",
    metavar="N",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="How many of the newest generations to keep.",
)
@click.option(
    "--min-age",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=3600.0,
    show_default=True,
    help="Keep objects that are younger than this, in seconds: a scan may be about to commit them.",
)
@click.option("--dry-run", is_flag=True, help="Only report what would be removed.")
@formats_option("store-gc")
@config_option
def gc(
    keep: int, min_age: float, dry_run: bool, formats: tuple[str, ...], config_file: Path | None, **flags: Any
) -> int:
    """Remove objects that no kept generation refers to."""
    store = find_store(load_settings(flags, config_file))
    _publish(store.collect(keep_last=keep, minimum_age=min_age, dry_run=dry_run), "store-gc", formats)
    return 0


@setting_options("Store")
@command.command(cls=GroupedCommand, name="export")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@config_option
def export(folder: Path, config_file: Path | None, **flags: Any) -> int:
    """Write each table as one Parquet file that any tool reads."""
    from tailrace.cli.output import write_stdout

    for path in find_store(load_settings(flags, config_file)).export(folder):
        write_stdout(str(path))
    return 0


def _publish(report: object, kind: str, formats: tuple[str, ...]) -> None:
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.output import publish
    from tailrace.report.options import RenderOptions

    publish(report, read_outputs(formats, kind), RenderOptions())
