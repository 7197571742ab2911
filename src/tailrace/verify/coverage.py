"""Reads the lines that ran from coverage.py's data file or JSON report."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from pathlib import Path

from tailrace import disk
from tailrace.verify.errors import VerifyError

_SQLITE = b"SQLite format 3\0"


class CoverageError(VerifyError):
    """The file is not what coverage.py writes."""

    exit_status = 2


def read_coverage(path: Path) -> dict[str, frozenset[int]]:
    """File → the lines that ran (1-based). Raises `CoverageError`."""
    try:
        head = disk.read_bounded(path)[:16]
        return _read_data(path) if head == _SQLITE else _read_report(path)
    except OSError as error:
        raise CoverageError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (sqlite3.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        raise CoverageError(
            f"{path} is neither a data file nor a JSON report of coverage.py.",
            hint="Run the tests with `coverage run -m pytest`; the data file is .coverage.",
        ) from None


def _read_report(path: Path) -> dict[str, frozenset[int]]:
    files = json.loads(disk.read_bounded(path))["files"]
    return {name: frozenset(int(line) for line in entry["executed_lines"]) for name, entry in files.items()}


def _read_data(path: Path) -> dict[str, frozenset[int]]:
    ran: defaultdict[str, set[int]] = defaultdict(set)
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        names = dict(connection.execute("select id, path from file"))
        for number, bits in connection.execute("select file_id, numbits from line_bits"):
            ran[names[number]].update(
                8 * index + bit for index, byte in enumerate(bits) for bit in range(8) if byte >> bit & 1
            )
        for number, start, end in connection.execute("select file_id, fromno, tono from arc"):  # branch mode
            ran[names[number]].update(line for line in (start, end) if line > 0)
        for name in names.values():
            ran.setdefault(name, set())
    finally:
        connection.close()
    return {name: frozenset(lines) for name, lines in ran.items()}
