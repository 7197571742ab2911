"""A report that is shown in tables: one shape from which Markdown and pages are made."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """The head of a column. `is_code`: its cells are names, paths or specifiers, not sentences."""

    title: str
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class ShownTable:
    """Rows of texts, as many in each as there are columns. `remark`: a sentence of ours below the title."""

    title: str
    columns: tuple[ShownColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Tables:
    """A report in tables: what it is about, the answer in a sentence, the tables, and notes."""

    title: str
    headline: str
    tables: tuple[ShownTable, ...]
    notes: tuple[str, ...] = ()
