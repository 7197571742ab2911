"""Filters, groups and counts uses into the answer to `who uses this`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from tailrace.store.ask import Use
from tailrace.store.errors import StoreError

By = Literal["downstream", "version", "file"]
_SYMBOL = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*|\(\))*\Z")


class SymbolError(StoreError):
    """A symbol that names nothing that code could use."""

    exit_status = 2

    def __init__(self, symbol: str) -> None:
        super().__init__(
            f"{symbol!r} is not a symbol.",
            hint="Write a dotted path such as numpy.bool8, or a command line such as 'conda clean'.",
        )


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each. `versions`: releases."""

    downstreams: int = 0
    versions: int = 0
    files: int = 0
    uses: int = 0


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """The uses of one downstream, of one release, or in one file. `version`, `file` are empty where several stand
    together. `first`: `FILE:LINE` of the first use."""

    downstream: str
    version: str = ""
    file: str = ""
    versions: tuple[str, ...] = ()
    counts: Counts
    first: str


class KeywordCount(msgspec.Struct, frozen=True):
    """A keyword that calls pass. `**` stands for calls that pass others by `**x`."""

    keyword: str
    calls: int
    downstreams: int


class UsesAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Who uses a symbol. `own_uses`: uses in releases that bring the symbol themselves, which are left out.

    `scanned`: releases that the store holds; `generation`: of the store. `star_imports` of `counts` are uses too: they
    may bring the symbol. `near`: names that the symbol may have been meant as.
    """

    schema: str = "tailrace.uses/1"
    symbol: str
    store: str
    generation: int
    scanned: int
    counts: Counts
    star_imports: int
    own_uses: int = 0
    uses: tuple[Use, ...] = ()
    groups: tuple[Group, ...] = ()
    keywords: tuple[KeywordCount, ...] = ()
    near: tuple[str, ...] = ()


def read_symbol(text: str) -> str:
    """The symbol as it is looked up: a dotted path, or a command line. Raises `SymbolError`."""
    symbol = " ".join(text.split())
    if " " in symbol or symbol.startswith("$"):
        return symbol
    plain = symbol.removesuffix("()")
    if not _SYMBOL.match(plain):
        raise SymbolError(text)
    return plain


def is_private(path: str) -> bool:
    """Whether a part of a path starts with one underscore, or with two and does not end so."""
    return any(part.startswith("_") and not part.endswith("__") for part in path.replace("()", "").split("."))


def answer(
    symbol: str,
    uses: Sequence[Use],
    *,
    store: str,
    generation: int,
    scanned: int,
    by: By | None = None,
    calls: bool = False,
    keywords: bool = False,
    private: bool = False,
    near: tuple[str, ...] = (),
) -> UsesAnswer:
    """The answer. `calls`: calls alone. `private`: uses of private names alone. `keywords`: counts what calls pass.
    `by`: counts for each downstream, release or file instead of each use."""
    chosen = [use for use in uses if not use.own and (not private or is_private(use.path))]
    if calls or keywords:
        chosen = [use for use in chosen if use.kind in ("call", "super")]
    if keywords:  # what is called is the symbol itself, not what is below it
        exact = [use for use in chosen if use.path == symbol]
        chosen = exact or chosen
    return UsesAnswer(
        symbol=symbol,
        store=store,
        generation=generation,
        scanned=scanned,
        counts=count(chosen),
        own_uses=sum(use.own for use in uses),
        star_imports=sum(use.path.endswith(".*") for use in chosen),
        uses=tuple(chosen) if by is None and not keywords else (),
        groups=tuple(_groups(chosen, by)) if by is not None else (),
        keywords=tuple(_keywords(chosen)) if keywords else (),
        near=near if not uses else (),
    )


def count(uses: Iterable[Use]) -> Counts:
    """The numbers of one set of uses."""
    found = list(uses)
    return Counts(
        downstreams=len({use.downstream for use in found}),
        versions=len({(use.downstream, use.version) for use in found}),
        files=len({(use.downstream, use.version, use.file) for use in found}),
        uses=len(found),
    )


def _groups(uses: Sequence[Use], by: By) -> list[Group]:
    found: dict[tuple[str, str, str], list[Use]] = {}
    for use in uses:
        version = use.version if by != "downstream" else ""
        found.setdefault((use.downstream, version, use.file if by == "file" else ""), []).append(use)
    return [
        Group(
            downstream=downstream,
            version=version,
            file=file,
            versions=tuple(dict.fromkeys(use.version for use in held)),
            counts=count(held),
            first=f"{held[0].file}:{held[0].line}",
        )
        for (downstream, version, file), held in found.items()
    ]


def _keywords(uses: Sequence[Use]) -> list[KeywordCount]:
    found: dict[str, list[Use]] = {}
    for use in uses:
        for keyword in (*use.keywords, *(("**",) if use.double_star else ())):
            found.setdefault(keyword, []).append(use)
    counted = [
        KeywordCount(keyword, len(held), len({use.downstream for use in held})) for keyword, held in found.items()
    ]
    return sorted(counted, key=lambda one: (-one.calls, one.keyword))
