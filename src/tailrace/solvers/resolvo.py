"""py-rattler's solver, asked one question. Never downloads. What each client asks it is in `fresh` and `environment`.

The records of the problem (a day's view of a channel, a hotfix tried in memory) are written as small repodata files,
since that is the form in which the solver takes whole channels; only names that can be reached are written, and each
file once.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec

from tailrace.conda import rattler
from tailrace.conda.errors import ChannelUnreadableError
from tailrace.conda.records import Channel, Installed, Record
from tailrace.conda.repodata import NEW_ENDING, OLD_ENDING, encode_index
from tailrace.conda.specs import Spec, parse_dependency, parse_spec
from tailrace.solvers.classic.universe import universe_of
from tailrace.solvers.interface import Priority, Problem, Solution, history, solved, subdirs_of, unsolvable


def ask(
    problem: Problem,
    priority: Priority,
    *,
    modern: bool,
    specs: Sequence[str] | None = None,
    constraints: Sequence[str] = (),
    locked: Sequence[Installed] = (),
) -> Solution:
    """The solver's answer to exactly this. Raises SpecError.

    `modern`: which records are seen, as of `history`. `specs`: instead of the problem's. `constraints`: bind only what
    comes in anyway. `locked`: preferred where they may stay. The problem's own `installed` and `pins` are not used.

    Records that strict priority shuts out are shown to the solver too: it orders candidates by the newest versions of
    their dependencies, and counts those as well.
    """
    requested = [parse_spec(text) for text in (problem.specs if specs is None else specs)]
    universe, _ = universe_of(problem, modern=modern)
    names = frozenset(universe.reachable([spec.name for spec in requested] + [p.record.name for p in locked]))
    modern = modern and not all(channel.is_plain for channel in problem.channels)
    written = [
        _written(channel, subdir, problem.as_of, problem.add_pip, names, modern)
        for channel in problem.channels
        for subdir in subdirs_of(problem)
    ]
    kept = _locked(locked)
    try:
        answer = rattler.solve_sparse(
            [_addressed(spec, problem.channels) for spec in requested],
            [file.source for file in written],
            priority,
            problem.virtual_packages,
            constraints=[_addressed(parse_spec(text), problem.channels) for text in constraints],
            locked=[file.source for file in kept],
        )
    except rattler.UnreadableError as error:
        raise ChannelUnreadableError(written[0].source.url, f"its records cannot be solved ({error})") from None
    if isinstance(answer, str):
        return unsolvable(_named(readable(answer), problem.channels))
    files: dict[tuple[str, str], list[Mapping[str, Record]]] = {}
    for file in (*written, *kept):
        files.setdefault((file.source.url, file.source.subdir), []).append(file.records)
    return solved([_picked(pick, files[pick.channel_url, pick.subdir]) for pick in answer])


def _named(text: str, channels: Sequence[Channel]) -> str:
    """An explanation with the channels' names in place of their addresses, the longest first."""
    for channel in sorted(channels, key=lambda channel: -len(channel.url)):
        text = text.replace(f"{channel.url}/", channel.name).replace(channel.url, channel.name)
    return text


def _addressed(spec: Spec, channels: Sequence[Channel]) -> str:
    """The spec as text; a channel that it names by the last part of its path is given by its whole address, since the
    solver takes every name for one of the default server's.
    """
    if spec.channel is None or any(channel.url == spec.channel for channel in channels):
        return spec.text
    name = spec.channel.rsplit("/", 1)[-1]
    url = next((channel.url for channel in channels if channel.name == name), None)
    if url is None:
        return spec.text
    parts = {
        "channel": url,
        "version": spec.version,
        "build": spec.build,
        "build_number": spec.build_number,
        "subdir": spec.subdir,
    }
    return f"{spec.name}[{','.join(f'{key}={value!r}' for key, value in parts.items() if value is not None)}]"


@dataclass(frozen=True, slots=True)
class _File:
    """Records as the solver reads them; `records` by their canonical file names."""

    source: rattler.RepodataFile
    records: Mapping[str, Record]


def _picked(pick: rattler.Picked, files: Iterable[Mapping[str, Record]]) -> Record:
    return next(records[pick.file_name] for records in files if pick.file_name in records)


_LOCK = threading.Lock()


@lru_cache(maxsize=1)
def _workspace() -> tempfile.TemporaryDirectory[str]:
    """One folder for the life of the process; call it with the lock held, so that there is never a second one."""
    return tempfile.TemporaryDirectory(prefix="tailrace-")


@lru_cache(maxsize=256)
def _written(
    channel: Channel, subdir: str, as_of: int | None, add_pip: bool, names: frozenset[str], modern: bool
) -> _File:
    past = history(channel, subdir, add_pip, modern=modern)
    return _write(channel.url, subdir, [record for name in sorted(names) for record in past.records(name, as_of)])


def _locked(packages: Iterable[Installed]) -> list[_File]:
    return [_locked_file(package) for package in packages]


@lru_cache(maxsize=4096)
def _locked_file(package: Installed) -> _File:
    return _write(package.channel_url, package.record.subdir or "noarch", [package.record])


def _write(url: str, subdir: str, records: Iterable[Record]) -> _File:
    with _LOCK:
        folder = Path(tempfile.mkdtemp(dir=_workspace().name))
    path = folder / "repodata.json"
    named: dict[str, Record] = {}
    packages: dict[str, msgspec.Raw] = {}
    for record in records:
        encoded = _encoded(record, subdir)
        if encoded is not None:
            file_name, text = encoded
            if named.setdefault(file_name, record) is record:
                packages[file_name] = text
    path.write_bytes(encode_index(subdir, packages))
    return _File(rattler.RepodataFile(url, subdir, path), named)


@lru_cache(maxsize=200_000)
def _encoded(record: Record, subdir: str) -> tuple[str, msgspec.Raw] | None:
    """A record as the solver reads it: its canonical file name (a channel may use another one, the solver may not)
    and its JSON. `None` for one that the solver cannot read: it would refuse the whole file.
    """
    if rattler.version(record.version) is None or any(
        parse_dependency(text).unreadable for text in (*record.depends, *record.constrains)
    ):
        return None
    plain: dict[str, object] = {
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
            plain[field] = int(value) if field == "timestamp" else value
    stem = f"{record.name}-{record.version}-{record.build}"
    text = msgspec.Raw(msgspec.json.encode(plain))
    return stem + (NEW_ENDING if record.file_name.endswith(NEW_ENDING) else OLD_ENDING), text


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
