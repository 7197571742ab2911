"""`tailrace store`: what the store holds, and its care."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tailrace.cli.app import CONTEXT
from tailrace.cli.options import GroupedCommand, config_option, load_settings, setting_options


@click.group(name="store", context_settings=CONTEXT)
def command() -> None:
    """Inspect, check and clean up the store that `tailrace scan` fills.

    \b
        tailrace store info
        tailrace store verify
        tailrace store gc
        tailrace store export ./tables
    """


_FORMAT = click.option(
    "--format", "-f", "format_name", type=click.Choice(["text", "json"]), default="text", help="How to report."
)


@setting_options("Store")
@command.command(cls=GroupedCommand, name="info")
@_FORMAT
@config_option
def info(format_name: str, config_file: Path | None, **flags: Any) -> int:
    """Show what the store holds, in numbers.

    `content` is a hash of the logical content: two stores with the same facts have the same, however they were made.
    """
    from tailrace.cli.output import write_stdout
    from tailrace.cli.store_wiring import find_store
    from tailrace.report.views.sentences import plural

    found = find_store(load_settings(flags, config_file)).info()
    if format_name == "json":
        write_stdout(_json(found), "json")
        return 0
    lines = [
        f"store: {found.store} (generation {found.generation}, schema {found.version})",
        f"content: {found.content}",
        f"distributions: {found.distributions:,}; releases: {found.artifacts:,}; different files: {found.files:,}; "
        f"lines: {found.lines:,}",
        f"uses: {found.uses:,} of {plural(found.upstreams, 'top-level name')}; "
        f"specs that could not be read: {found.failures:,}",
        f"size: {_bytes(found.bytes)}",
        "",
        f"  {'table':10} {'rows':>12} {'fragments':>10} {'size':>10}",
        *(
            f"  {name:10} {table.rows:12,} {table.fragments:10,} {_bytes(table.bytes):>10}"
            for name, table in found.tables.items()
        ),
    ]
    write_stdout("\n".join(lines))
    return 0


@setting_options("Store")
@command.command(cls=GroupedCommand, name="verify")
@_FORMAT
@config_option
def verify(format_name: str, config_file: Path | None, **flags: Any) -> int:
    """Compare every object of the store with its hash.

    Exit status: 0 all is as it was written, 1 something is damaged, 2 usage or configuration, 3 the store cannot be
    read.
    """
    from tailrace.cli.failure import BREAKS, CLEAR
    from tailrace.cli.output import write_stdout
    from tailrace.cli.store_wiring import find_store
    from tailrace.report.views.sentences import plural

    found = find_store(load_settings(flags, config_file)).verify()
    if format_name == "json":
        write_stdout(_json(found), "json")
    else:
        lines = [f"{found.store}: {plural(found.checked, 'object')} checked, {len(found.problems)} damaged"]
        lines += [f"  {problem.name} {problem.problem}" for problem in found.problems]
        if found.problems:
            lines += ["", "Scan the same releases into a new store: a damaged store cannot be repaired."]
        write_stdout("\n".join(lines))
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
@_FORMAT
@config_option
def gc(keep: int, min_age: float, dry_run: bool, format_name: str, config_file: Path | None, **flags: Any) -> int:
    """Remove objects that no kept generation refers to."""
    from tailrace.cli.output import write_stdout
    from tailrace.cli.store_wiring import find_store
    from tailrace.report.views.sentences import plural

    store = find_store(load_settings(flags, config_file))
    found = store.collect(keep_last=keep, minimum_age=min_age, dry_run=dry_run)
    if format_name == "json":
        write_stdout(_json(found), "json")
    else:
        verb = "would be removed" if dry_run else "removed"
        write_stdout(
            f"{verb}: {plural(found.generations, 'generation')}, {plural(found.fragments, 'fragment')}, "
            f"{plural(found.pending, 'pending object')}, "
            f"{_bytes(found.bytes)}"
        )
    return 0


@setting_options("Store")
@command.command(cls=GroupedCommand, name="export")
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@config_option
def export(folder: Path, config_file: Path | None, **flags: Any) -> int:
    """Write each table as one Parquet file that any tool reads."""
    from tailrace.cli.output import write_stdout
    from tailrace.cli.store_wiring import find_store

    for path in find_store(load_settings(flags, config_file)).export(folder):
        write_stdout(str(path))
    return 0


def _json(value: object) -> str:
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _bytes(size: int) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000  # type: ignore[assignment]
    return f"{size:.2f} GB"
