"""`tailrace uses`: who uses a symbol, and how. Asks the store alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tailrace.cli.options import GroupedCommand, config_option, formats_option, load_settings, setting_options

if TYPE_CHECKING:
    from tailrace.store.answers import By


@setting_options("Store")
@click.command(cls=GroupedCommand, name="uses")
@click.argument("symbol", metavar="SYMBOL")
@click.option("--calls", is_flag=True, help="Only calls, with the arguments that they pass.")
@click.option("--keywords", is_flag=True, help="Count the keywords that calls pass.")
@click.option("--private", is_flag=True, help="Only uses of private names.")
@click.option("--by", type=click.Choice(["downstream", "version", "file"]), help="Count for each of these.")
@formats_option("uses")
@config_option
def command(
    symbol: str,
    calls: bool,
    keywords: bool,
    private: bool,
    by: By | None,
    formats: tuple[str, ...],
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Show who uses a symbol, and how.

    \b
        tailrace uses numpy.bool8
        tailrace uses scipy.integrate --by downstream
        tailrace uses pandas.DataFrame.to_csv --keywords
        tailrace uses conda --private
        tailrace uses 'conda clean'

    The store knows what was scanned with `tailrace scan`. It lists what code says: a name that reaches the symbol
    through another package or through the downstream's own modules is not followed. A star import is listed, since it
    may bring the symbol.

    Exit status: 0, whether or not it is used; 2 usage or configuration, or a module or program that the store has never
    seen; 3 the store cannot be read.
    """
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.output import publish
    from tailrace.cli.store.wiring import find_store
    from tailrace.report.options import RenderOptions
    from tailrace.store.answers import answer, read_symbol
    from tailrace.store.ask import count_artifacts, near_names, uses_of

    wanted = read_symbol(symbol)
    outputs = read_outputs(formats, "uses")
    settings = load_settings(flags, config_file)
    snapshot = find_store(settings).snapshot()
    uses, scanned = uses_of(snapshot, wanted), count_artifacts(snapshot)
    found = answer(
        wanted,
        uses,
        store=snapshot.place.shown,
        generation=snapshot.generation.number,
        scanned=scanned,
        by=by,
        calls=calls,
        keywords=keywords,
        private=private,
        near=() if uses else near_names(snapshot, wanted),
    )
    publish(found, outputs, RenderOptions(), color=settings.color)
    return 0
