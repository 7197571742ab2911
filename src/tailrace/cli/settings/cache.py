"""`tailrace cache`: what the cache holds, and its care."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tailrace.cli.app import CONTEXT
from tailrace.cli.options import GroupedCommand, ParamType, config_option, formats_option, load_settings

if TYPE_CHECKING:
    from tailrace.model.cache import CacheReport


class _Duration(ParamType):
    """`72h`, `5d` or `2w`, as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds. Fails with a sentence for anything else."""
        from tailrace.gate.moments import parse_duration

        if isinstance(value, float):
            return value
        try:
            return parse_duration(value) / 1000
        except ValueError as error:
            self.fail(f"{error}.", param, ctx)


_FOLDER = click.option(
    "--cache-dir", metavar="DIR", help="The cache folder, instead of the configured one or the user's cache folder."
)


@click.group(name="cache", context_settings=CONTEXT)
def command() -> None:
    """Show how large the cache is, and remove what was not used lately.

    \b
        tailrace cache info
        tailrace cache clean --older-than 30d

    Everything in the cache can be fetched or made again. Stores, ledgers and records are not part of it.
    """


@command.command(cls=GroupedCommand, name="info")
@_FOLDER
@formats_option("cache")
@config_option
def info(cache_dir: str | None, formats: tuple[str, ...], config_file: Path | None) -> int:
    """Show what the cache holds, and how large it is."""
    from tailrace.sources.tidy import measure_cache

    _publish(measure_cache(_folder(cache_dir, config_file)), formats)
    return 0


@command.command(cls=GroupedCommand, name="clean")
@click.option(
    "--older-than",
    metavar="DURATION",
    type=_Duration(),
    default="30d",
    show_default=True,
    help="Remove what was not used for this long, such as 72h, 5d or 2w.",
)
@click.option("--all", "everything", is_flag=True, help="Remove everything, except what is in use.")
@click.option("--dry-run", is_flag=True, help="Only report what would be removed.")
@_FOLDER
@formats_option("cache")
@config_option
def clean(
    older_than: float,
    everything: bool,
    dry_run: bool,
    cache_dir: str | None,
    formats: tuple[str, ...],
    config_file: Path | None,
) -> int:
    """Remove what was not used lately.

    Run it with --all only when no other command runs: a check that is reading a release would have to be started again.
    """
    import time

    from tailrace.sources.tidy import clean_cache

    now = time.time()
    report = clean_cache(
        _folder(cache_dir, config_file), unused_since=now + 1 if everything else now - older_than, dry_run=dry_run
    )
    _publish(report, formats)
    return 0


def _folder(named: str | None, config_file: Path | None) -> Path:
    from tailrace.sources.cache import default_cache_dir

    folder = load_settings({"cache_dir": named}, config_file).cache_dir
    return (Path(folder) if folder else default_cache_dir()).expanduser().absolute()


def _publish(report: CacheReport, formats: tuple[str, ...]) -> None:
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.output import publish
    from tailrace.report.options import RenderOptions

    publish(report, read_outputs(formats, "cache"), RenderOptions())
