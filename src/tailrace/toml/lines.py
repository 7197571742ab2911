"""Finds the line of each key in a TOML text. The values are tomllib's business."""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import Any

from tailrace.toml.parse import parse_toml

KeyPath = tuple[str | int, ...]
_LONGEST_STATEMENT = 2000  # lines; a longer array is left without line numbers rather than read slowly


def key_lines(text: str) -> dict[KeyPath, int]:
    """Key path → 1-based line. Entries of an array of tables are numbered from 0: `("allow", 0, "rule")`.

    Works on text that tomllib accepts: the text is cut into statements by trying tomllib on ever more lines, so that
    quoting, multi-line strings and arrays are never read by hand.
    """
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    entries: Counter[KeyPath] = Counter()
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        statement, length = _statement(lines, at)
        if statement:
            keys, is_entry = _leaf(statement)
            if lines[at].lstrip().startswith("["):
                table = _numbered(keys, entries, is_entry)
                for depth in range(1, len(table) + 1):
                    found.setdefault(table[:depth], at + 1)
            else:
                for path in _paths(statement):
                    found.setdefault((*table, *path), at + 1)
        at += length
    return found


def _statement(lines: list[str], at: int) -> tuple[dict[str, Any], int]:
    for length in range(1, min(len(lines) - at, _LONGEST_STATEMENT) + 1):
        try:
            return parse_toml("\n".join(lines[at : at + length])), length
        except tomllib.TOMLDecodeError:
            continue
    return {}, 1


def _leaf(statement: dict[str, Any]) -> tuple[tuple[str, ...], bool]:
    """The keys of a table header, and whether it is the header of an array's entry."""
    keys: list[str] = []
    value: Any = statement
    while isinstance(value, dict) and value:
        key, value = next(iter(value.items()))
        keys.append(key)
    return tuple(keys), isinstance(value, list)


def _numbered(keys: tuple[str, ...], entries: Counter[KeyPath], is_entry: bool) -> KeyPath:
    """The path of a table header; entries of arrays get their number."""
    path: KeyPath = ()
    for position, key in enumerate(keys):
        path = (*path, key)
        last = position == len(keys) - 1
        if last and is_entry:
            path = (*path, entries[path])
            entries[path[:-1]] += 1
        elif entries[path]:
            path = (*path, entries[path] - 1)
    return path


def _paths(statement: dict[str, Any], above: KeyPath = ()) -> list[KeyPath]:
    paths: list[KeyPath] = []
    for key, value in statement.items():
        path = (*above, key)
        paths.append(path)
        if isinstance(value, dict):
            paths += _paths(value, path)
        elif isinstance(value, list):
            for number, entry in enumerate(value):
                if isinstance(entry, dict):
                    paths += [(*path, number), *_paths(entry, (*path, number))]
    return paths
