"""Reads and appends the channel's log, one JSON line for each operation. Only ever grows; lies beside the served
tree, not in it, since reasons may be for the operators alone.

The state that an act led to carries the act's entry, so an entry that a crash kept out of the log is added at the
next start: every act is in the log exactly once.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from tailrace import disk
from tailrace.channel.errors import DamagedError
from tailrace.channel.state import LogEntry

NAME = "tailrace-log.jsonl"


def read_log(root: Path) -> tuple[LogEntry, ...]:
    """All entries, oldest first; an unfinished last line is no entry. Raises DamagedError."""
    path = root / NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ()
    entries = []
    for number, line in enumerate(data[: data.rfind(b"\n") + 1].splitlines(), 1):
        try:
            entries.append(msgspec.json.decode(line, type=LogEntry))
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise DamagedError(str(path), f"line {number}: {error}") from None
    return tuple(entries)


def add_entry(root: Path, entry: LogEntry) -> None:
    """Append the entry unless it is there already, after taking off a line that a crash cut short."""
    path = root / NAME
    entries = read_log(root)
    if path.exists():
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            disk.truncate(path, whole)
    if not entries or entries[-1].serial < entry.serial:
        disk.append(path, msgspec.json.encode(entry) + b"\n")
        disk.fsync_path(root)
