"""`tailrace uses`: a symbol in, who uses it out. Asks the store alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tailrace.cli.options import GroupedCommand, config_option, load_settings, setting_options

if TYPE_CHECKING:
    from tailrace.store.answers import By, UsesAnswer


@setting_options("Store")
@click.command(cls=GroupedCommand, name="uses")
@click.argument("symbol", metavar="SYMBOL")
@click.option("--calls", is_flag=True, help="Only calls, with the arguments that they pass.")
@click.option("--keywords", is_flag=True, help="Count the keywords that calls pass.")
@click.option("--private", is_flag=True, help="Only uses of private names.")
@click.option("--by", type=click.Choice(["downstream", "version", "file"]), help="Count for each of these.")
@click.option(
    "--format", "-f", "format_name", type=click.Choice(["text", "json", "csv"]), default="text", help="How to report."
)
@config_option
def command(
    symbol: str,
    calls: bool,
    keywords: bool,
    private: bool,
    by: By | None,
    format_name: str,
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

    Exit status: 0, whether or not it is used; 2 usage or configuration; 3 the store cannot be read.
    """
    from tailrace.cli.output import write_stdout
    from tailrace.cli.store_wiring import find_store
    from tailrace.store.answers import answer, read_symbol, render_csv
    from tailrace.store.ask import count_artifacts, near_names, uses_of

    wanted = read_symbol(symbol)
    snapshot = find_store(load_settings(flags, config_file)).snapshot()
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
    if format_name == "json":
        import msgspec

        write_stdout(msgspec.json.format(msgspec.json.encode(found), indent=2).decode(), "json")
    elif format_name == "csv":
        write_stdout(render_csv(found), "csv")
    else:
        write_stdout(_text(found))
    return 0


def _text(found: UsesAnswer) -> str:
    from tailrace.model.inert import visible
    from tailrace.store.answers import shape

    counts = found.counts
    own = f"; {_count(found.own_uses, 'use')} of its own {'are' if found.own_uses != 1 else 'is'} left out"
    if not counts.uses:
        lines = [
            f"no uses of {found.symbol} in {_count(found.scanned, 'release')} of the store"
            + (own if found.own_uses else "")
        ]
        if found.near:
            lines.append(f"did you mean {', '.join(found.near)}?")
        return "\n".join(visible(line) for line in lines)
    lines = _wrapped(
        f"{found.symbol}: {_count(counts.uses, 'use')} in {_count(counts.files, 'file')} of "
        f"{_count(counts.versions, 'release')} of {_count(counts.downstreams, 'downstream')}, "
        f"of {_count(found.scanned, 'release')} in the store" + (own if found.own_uses else "")
    )
    if found.keywords or (not found.uses and not found.groups):
        width = max((len(one.keyword) for one in found.keywords), default=0)
        lines += [""] if found.keywords else ["", "no call passes a keyword"]
        lines += [
            f"  {one.keyword:{width}}  {_count(one.calls, 'call')}, {_count(one.downstreams, 'downstream')}"
            for one in found.keywords
        ]
    for group in found.groups:
        name = f"{group.downstream} {group.version or _versions(group.versions)}"
        place = group.file or group.first
        lines.append(f"  {name}  {_count(group.counts.uses, 'use')}, {_count(group.counts.files, 'file')}: {place}")
    last = ("", "")
    for use in found.uses:
        if (use.downstream, use.version) != last:
            last = (use.downstream, use.version)
            lines += ["", f"{use.downstream} {use.version}"]
        called = shape(use) if use.kind in ("call", "super") else ""
        where = f" in {use.inside}" if use.in_function else ""
        notes = [use.kind] if use.kind not in ("call", "attribute") else []
        notes += [use.guard if not use.condition else f"{use.guard}: {use.condition}"] if use.guard else []
        tail = f"  [{'; '.join(notes)}]" if notes else ""
        lines.append(f"  {use.file}:{use.line}:{use.column}  {use.path}{called}{where}{tail}")
    if found.star_imports:
        lines += ["", f"{_count(found.star_imports, 'star import')} may bring {found.symbol}."]
    return "\n".join(visible(line) for line in lines)


def _wrapped(text: str) -> list[str]:
    """A sentence on as many lines as the terminal needs."""
    import textwrap

    from tailrace.cli.output import text_width

    return textwrap.wrap(text, text_width(), subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _versions(versions: tuple[str, ...]) -> str:
    shown = ", ".join(versions[:4])
    return shown + (f" and {len(versions) - 4} more" if len(versions) > 4 else "")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"
