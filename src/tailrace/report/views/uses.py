"""What every format shows of an answer about uses."""

from __future__ import annotations

from tailrace.report.options import RenderOptions
from tailrace.report.views.sentences import plural
from tailrace.report.views.tables import ShownColumn, ShownTable, Tables
from tailrace.store.answers import Group, UsesAnswer
from tailrace.store.ask import Use
from tailrace.store.rows import CUT


def headline(found: UsesAnswer) -> str:
    """How many use it, out of how many releases."""
    counts = found.counts
    own = ""
    if found.own_uses:
        own = f"; {plural(found.own_uses, 'use')} of its own {'are' if found.own_uses != 1 else 'is'} left out"
    if not counts.uses:
        return f"no uses of {found.symbol} in {plural(found.scanned, 'release')} of the store{own}"
    return (
        f"{found.symbol}: {plural(counts.uses, 'use')} in {plural(counts.files, 'file')} of "
        f"{plural(counts.versions, 'release')} of {plural(counts.downstreams, 'downstream')}, "
        f"of {plural(found.scanned, 'release')} in the store{own}"
    )


def notes(found: UsesAnswer) -> tuple[str, ...]:
    """What a reader must know besides: star imports, paths that were cut, names that may have been meant."""
    said = []
    if found.near:
        said.append(f"did you mean {', '.join(found.near)}?")
    if found.star_imports:
        said.append(f"{plural(found.star_imports, 'star import')} may bring {found.symbol}.")
    if any(CUT in use.path for use in found.uses):
        said.append(f"a path that ends in {CUT} and a hash was too long to be kept whole.")
    return tuple(said)


def group_name(group: Group) -> str:
    """The downstream, with its version or the first of its versions."""
    more = f" and {len(group.versions) - 4} more" if len(group.versions) > 4 else ""
    return f"{group.downstream} {group.version or ', '.join(group.versions[:4]) + more}"


def shape(use: Use) -> str:
    """The arguments of a call as a reader would write them: `(2, dtype=, **)`; empty where nothing is called."""
    if use.kind not in ("call", "super"):
        return ""
    parts = [str(use.positional)] if use.positional else []
    parts += ["*"] if use.star else []
    parts += [f"{keyword}=" for keyword in use.keywords]
    parts += ["**"] if use.double_star else []
    return f"({', '.join(parts)})"


def remarks(use: Use) -> tuple[str, ...]:
    """The kind of use where its path does not show it, and the guard around it."""
    said = [use.kind] if use.kind not in ("call", "attribute") else []
    if use.guard:
        said.append(use.guard if not use.condition else f"{use.guard}: {use.condition}")
    return tuple(said)


def uses_tables(found: UsesAnswer, options: RenderOptions) -> Tables:
    """Keywords, groups or the uses themselves."""
    tables = []
    if found.keywords:
        columns = (ShownColumn("keyword", is_code=True), ShownColumn("calls"), ShownColumn("downstreams"))
        rows = tuple((one.keyword, str(one.calls), str(one.downstreams)) for one in found.keywords)
        tables.append(ShownTable("Keywords", columns, rows))
    if found.groups:
        heads = (
            ShownColumn("downstream"),
            ShownColumn("uses"),
            ShownColumn("files"),
            ShownColumn("first", is_code=True),
        )
        tables.append(
            ShownTable(
                "Downstreams",
                heads,
                tuple(
                    (group_name(one), str(one.counts.uses), str(one.counts.files), one.file or one.first)
                    for one in found.groups
                ),
            )
        )
    if found.uses:
        tables.append(
            ShownTable(
                "Uses",
                (
                    ShownColumn("downstream"),
                    ShownColumn("place", is_code=True),
                    ShownColumn("used", is_code=True),
                    ShownColumn("in", is_code=True),
                    ShownColumn("remarks"),
                ),
                tuple(
                    (
                        f"{one.downstream} {one.version}",
                        f"{one.file}:{one.line}:{one.column}",
                        one.path + shape(one),
                        one.inside if one.in_function else "",
                        "; ".join(remarks(one)),
                    )
                    for one in found.uses
                ),
            )
        )
    return Tables(f"Uses of {found.symbol}", headline(found), tuple(tables), notes(found))
