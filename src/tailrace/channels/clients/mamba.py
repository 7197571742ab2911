"""What mamba, micromamba, pixi and rattler do: asked of py-rattler's solver, whose answers are micromamba's own.
Never downloads.

The records of the problem (a day's view of a channel, a hotfix tried in memory) are written as small repodata files,
since that is the form in which the solver takes whole channels; only names that can be reached are written, and each
file once.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import msgspec

from tailrace.channels.clients.interface import (
    Priority,
    Problem,
    Solution,
    solved,
    subdirs_of,
    unsolvable,
    view,
)
from tailrace.channels.clients.universe import universe_of
from tailrace.channels.errors import ChannelUnreadableError
from tailrace.channels.records import Channel, Record
from tailrace.channels.specs import parse_dependency, parse_spec
from tailrace.sources import rattler


def solve(problem: Problem, priority: Priority) -> Solution:
    """The solver's answer. Raises SpecError."""
    requested = [parse_spec(text) for text in problem.specs]
    universe, _ = universe_of(problem)
    names = frozenset(
        universe.reachable([spec.name for spec in requested] + [p.record.name for p in problem.installed])
    )
    sources: list[rattler.Source] = []
    records: dict[tuple[str, str, str], Record] = {}
    for channel in problem.channels:
        for subdir in subdirs_of(problem):
            source, found = _written(channel, subdir, problem.as_of, problem.add_pip, names)
            sources.append(source)
            for record in found:
                records.setdefault((channel.url, subdir, _file_name(record)), record)
    locked = _locked(problem)
    try:
        answer = rattler.solve_sparse(
            [spec.text for spec in requested],
            sources,
            priority,
            problem.virtual_packages,
            locked=[source for source, _ in locked],
        )
    except rattler.UnreadableError as error:
        raise ChannelUnreadableError(sources[0].url, f"its records cannot be solved ({error})") from None
    if isinstance(answer, str):
        return unsolvable(readable(answer))
    for source, record in locked:
        records.setdefault((source.url, source.subdir, _file_name(record)), record)
    return solved([records[pick.channel_url, pick.subdir, pick.file_name] for pick in answer])


_LOCK = threading.Lock()


@lru_cache(maxsize=1)
def _workspace() -> tempfile.TemporaryDirectory[str]:
    """One folder for the life of the process; call it with the lock held, so that there is never a second one."""
    return tempfile.TemporaryDirectory(prefix="tailrace-")


@lru_cache(maxsize=256)
def _written(
    channel: Channel, subdir: str, as_of: int | None, add_pip: bool, names: frozenset[str]
) -> tuple[rattler.Source, tuple[Record, ...]]:
    shown = view(channel, subdir, as_of, add_pip)
    records = tuple(record for name in sorted(names) for record in shown.records(name))
    return _write(channel.url, subdir, records), records


def _locked(problem: Problem) -> list[tuple[rattler.Source, Record]]:
    return [
        (_write(package.channel_url, package.record.subdir or "noarch", (package.record,)), package.record)
        for package in problem.installed
    ]


def _write(url: str, subdir: str, records: Iterable[Record]) -> rattler.Source:
    with _LOCK:
        folder = Path(tempfile.mkdtemp(dir=_workspace().name))
    path = folder / "repodata.json"
    packages: dict[str, dict[str, dict[str, object]]] = {"packages": {}, "packages.conda": {}}
    for record in records:
        if _is_sound(record):
            group = "packages.conda" if record.file_name.endswith(".conda") else "packages"
            packages[group].setdefault(_file_name(record), _plain(record, subdir))
    path.write_bytes(msgspec.json.encode({"info": {"subdir": subdir}, **packages}))
    return rattler.Source(url, subdir, path)


def _is_sound(record: Record) -> bool:
    """Whether the solver can read the record: it refuses a whole file for one bad version or dependency."""
    return rattler.version(record.version) is not None and not any(
        parse_dependency(text).unreadable for text in (*record.depends, *record.constrains)
    )


def _file_name(record: Record) -> str:
    """The canonical file name; a channel may use another one, the solver may not."""
    extension = ".conda" if record.file_name.endswith(".conda") else ".tar.bz2"
    return f"{record.name}-{record.version}-{record.build}{extension}"


def _plain(record: Record, subdir: str) -> dict[str, object]:
    made: dict[str, object] = {
        "name": record.name,
        "version": record.version,
        "build": record.build,
        "build_number": record.build_number,
        "depends": record.depends,
        "constrains": record.constrains,
        "subdir": subdir,
    }
    for field in ("noarch", "timestamp", "track_features", "features"):
        if (value := getattr(record, field)) is not None:
            made[field] = int(value) if field == "timestamp" else value
    return made


_TREE = re.compile(r"^[\s│├└─]*")
_WORDY = re.compile(r"^Cannot solve the request because of:\s*")


def readable(text: str) -> str:
    """The solver's explanation without its preamble and tree drawing: one statement a line, indented by two blanks a
    level.
    """
    lines = []
    for line in _WORDY.sub("", text.strip()).splitlines():
        drawn = _TREE.match(line)
        depth = drawn.end() if drawn else 0
        words = line[depth:].strip()
        if words:
            lines.append("  " * (depth // 3) + words)
    return "\n".join(lines)
