"""Finds the Python interpreters of this machine that fit two releases, best first, by asking each for its version."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from tailrace.processes import child_environment

# First final release of each series: wheels of a time were built for the series of that time.
_RELEASED = {
    (3, 6): "2016-12-23",
    (3, 7): "2018-06-27",
    (3, 8): "2019-10-14",
    (3, 9): "2020-10-05",
    (3, 10): "2021-10-04",
    (3, 11): "2022-10-24",
    (3, 12): "2023-10-02",
    (3, 13): "2024-10-07",
    (3, 14): "2025-10-07",
}
# Packages need some months until they have wheels for a new series.
_SETTLED = timedelta(days=120)
_OLDEST = (3, 6)  # what uv can make environments for
_ASK = (
    "import json, sys, platform\n"
    "print(json.dumps([platform.python_implementation(), list(sys.version_info[:3]), sys.base_prefix]))"
)


class Interpreter(msgspec.Struct, frozen=True):
    """One interpreter. `path`: absolute, links followed. `home`: the folder of its installation."""

    path: str
    version: tuple[int, int, int]
    home: str
    implementation: str = "CPython"

    @property
    def series(self) -> tuple[int, int]:
        """`(3, 10)`."""
        return self.version[:2]

    @property
    def text(self) -> str:
        """`3.10.13`."""
        return ".".join(map(str, self.version))


@dataclass(frozen=True, slots=True)
class InterpreterCache:
    """The file that remembers what each interpreter answered, by path, size and time of change."""

    file: Path

    def read(self) -> dict[str, Interpreter | None]:
        """What is known; empty where the file is missing or spoiled."""
        try:
            return msgspec.json.decode(self.file.read_bytes(), type=dict[str, Interpreter | None])
        except (OSError, msgspec.MsgspecError, UnicodeError, RecursionError):
            return {}

    def write(self, known: dict[str, Interpreter | None]) -> None:
        """Keeps it, in one step; a cache that cannot be written only remembers less."""
        with contextlib.suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            beside = self.file.with_suffix(f".{id(known)}")
            beside.write_bytes(msgspec.json.encode(known))
            beside.replace(self.file)


def find_interpreters(cache: InterpreterCache) -> tuple[Interpreter, ...]:
    """Every CPython 3.6 or later on this machine, one for each version, newest first."""
    known = cache.read()
    asked: dict[str, Interpreter | None] = {}
    for path in _candidates():
        try:
            status = path.stat()
        except OSError:
            continue
        key = f"{path}|{status.st_size}|{status.st_mtime_ns}"
        if key not in asked:
            asked[key] = known[key] if key in known else ask_interpreter(path)
    if asked != known:
        cache.write(asked)
    found: dict[tuple[int, int, int], Interpreter] = {}
    for one in asked.values():
        if one is not None and one.implementation == "CPython" and one.series >= _OLDEST:
            found.setdefault(one.version, one)
    return tuple(found[version] for version in sorted(found, reverse=True))


def ask_interpreter(path: Path) -> Interpreter | None:
    """What the interpreter says of itself; `None` where it does not start."""
    try:
        answer = subprocess.run(
            [str(path), "-I", "-S", "-c", _ASK],
            capture_output=True,
            timeout=20,
            env=child_environment(),
            cwd="/",
            check=True,
        ).stdout
        implementation, version, home = json.loads(answer)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    major, minor, micro = version
    return Interpreter(str(path), (major, minor, micro), home, implementation)


def order_interpreters(
    interpreters: Iterable[Interpreter], requires: Iterable[str | None], day: datetime | None
) -> tuple[Interpreter, ...]:
    """Those that every `Requires-Python` admits: the newest that was in general use on `day`, then older ones, then
    newer ones, one of each series.
    """
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    specifiers = []
    for text in requires:
        with contextlib.suppress(InvalidSpecifier):
            specifiers.append(SpecifierSet(text or ""))
    fitting: dict[tuple[int, int], Interpreter] = {}
    for one in interpreters:
        if all(specifier.contains(one.text) for specifier in specifiers):
            fitting.setdefault(one.series, one)
    usual = [series for series in fitting if day is None or _released(series) + _SETTLED <= day]
    order = [*sorted(usual, reverse=True), *sorted(set(fitting) - set(usual))]
    return tuple(fitting[series] for series in order)


def _released(series: tuple[int, int]) -> datetime:
    return datetime.fromisoformat(_RELEASED.get(series, "2999-01-01")).replace(tzinfo=UTC)


def _candidates() -> Iterator[Path]:
    """Paths of interpreters, links followed; shims, which start something else, are left out."""
    from findpython.providers import ALL_PROVIDERS

    yield Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()
    for provider_type in ALL_PROVIDERS.values():
        with contextlib.suppress(Exception):  # a version manager that is set up in half
            provider = provider_type.create()
            for found in provider.find_pythons() if provider is not None else ():
                path = Path(found.executable)
                # A relative entry of PATH (`.`) means the working directory, which may be a stranger's.
                if path.is_absolute() and "shims" not in path.parts:
                    yield path.resolve()
