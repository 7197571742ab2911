"""`tailrace dependents`: a distribution in, who depends on it out, and from where that is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tailrace.cli.options import GroupedCommand, config_option, load_settings, setting_options
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
@click.option(
    "--format", "-f", "format_name", type=click.Choice(["text", "json"]), default="text", help="How to report."
)
@config_option
def command(
    name: str,
    channels: tuple[str, ...],
    environments: tuple[Path, ...],
    files: tuple[Path, ...],
    web: bool,
    format_name: str,
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Show who depends on a distribution, where that is known from, and how old it is.

    \b
        tailrace dependents numpy
        tailrace dependents numpy --channel conda-forge --from uv.lock
        tailrace dependents numpy --web

    The store is asked when there is one. No source is complete.

    Exit status: 0 every source answered, 2 usage or configuration, 3 one could not be asked.
    """
    from tailrace.cli.failure import INCOMPLETE
    from tailrace.cli.output import write_stdout
    from tailrace.cli.store_wiring import find_store
    from tailrace.cli.wiring import make_sources
    from tailrace.scan.discover import LICENCE, SessionWeb, gather
    from tailrace.store.manifest import numbers

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
    if format_name == "json":
        import msgspec

        write_stdout(msgspec.json.format(msgspec.json.encode(found), indent=2).decode(), "json")
    else:
        from tailrace.model.inert import visible
        from tailrace.report.views.sentences import plural

        names = {one.name for one in found.found}
        lines = [f"{found.name}: {plural(len(names), 'dependent')}, from {plural(len(found.sources), 'source')}"]
        for one in found.found:
            asks = f": {one.requirement}" if one.requirement else ""
            age = f", {one.as_of[:10]}" if one.as_of else ""
            lines.append(f"  {one.name} {one.version}{asks}  [{one.origin} {one.place}{age}]")
        lines += [f"not answered: {one.origin} {one.place}: {one.reason}" for one in found.unanswered]
        if any(one.origin == "ecosyste.ms" for one in found.found):
            lines.append(f"data of {LICENCE}")
        write_stdout("\n".join(visible(line) for line in lines))
    return INCOMPLETE if found.unanswered else 0
