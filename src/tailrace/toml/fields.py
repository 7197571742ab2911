"""Reads the tables of a TOML file into values, and collects every mistake with its line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tailrace.toml.kinds import Kind, Text, nearest, refuse
from tailrace.toml.mistakes import ConfigError, Mistake
from tailrace.toml.parse import parse_toml

REQUIRED: Final = object()
#: No file that people write is larger.
LIMIT = 1 << 20
Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a table: how its value is written, and what it is when it is left out."""

    kind: Kind
    default: object = REQUIRED


@dataclass(frozen=True, slots=True)
class Table:
    """A table from names to values of one kind."""

    item: Kind

    @property
    def expects(self) -> str:
        """See `Kind`."""
        return f"a table whose values are {self.item.expects}"

    def from_text(self, text: str) -> object:
        """See `Kind`."""
        raise refuse(self.expects, text)

    def from_toml(self, value: object) -> dict[str, object]:
        """See `Kind`."""
        if not isinstance(value, dict):
            raise refuse(self.expects, value)
        return {str(key): self.item.from_toml(item) for key, item in value.items()}


TEXT = Text()


class Reader:
    """Reads one file. `mistakes` grows; `finish` raises them all at once."""

    def __init__(self, origin: str, data: bytes) -> None:
        self.origin = origin
        self.mistakes: list[Mistake] = []
        try:
            self.text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            self.text = ""
            self.mistakes.append(Mistake(origin, data[: error.start].count(b"\n") + 1, "is not UTF-8"))
        self._lines: Mapping[Path_, int] | None = None

    def document(self) -> dict[str, Any]:
        """The whole file as tables. Raises ConfigError when it is not TOML, or is in the middle of a git merge."""
        self.finish()
        for number, line in enumerate(self.text.splitlines(), 1):
            if line.startswith(("<<<<<<< ", ">>>>>>> ")) or line == "=======":
                self.mistakes.append(
                    Mistake(self.origin, number, "a conflict marker of git; resolve the conflict and commit it")
                )
                self.finish()
        try:
            return parse_toml(self.text)
        except tomllib.TOMLDecodeError as error:
            self.mistakes.append(Mistake(self.origin, None, f"is not TOML: {error}"))
        except (RecursionError, ValueError) as error:
            self.mistakes.append(Mistake(self.origin, None, f"is not TOML that can be read: {type(error).__name__}"))
        self.finish()
        raise AssertionError("a mistake was raised")

    def table(self, value: object, fields: Mapping[str, Field], path: Path_ = ()) -> dict[str, Any]:
        """The values of a table by attribute name (`max-age` gives `max_age`); mistakes are collected, and a value that
        cannot be read is the default. Keys that are not in `fields` are mistakes.
        """
        if not isinstance(value, dict):
            self.add(path, f"{_shown(path)} must be a table")
            value = {}
        for key in value:
            if key not in fields:
                near = nearest(str(key), tuple(fields))
                hint = f"; did you mean {near}?" if near else f"; known are {', '.join(fields)}"
                self.add((*path, key), f"there is no key {key!r} in {_shown(path)}{hint}")
        found: dict[str, Any] = {}
        for key, field in fields.items():
            made = None if field.default is REQUIRED else field.default
            if key in value:
                try:
                    made = field.kind.from_toml(value[key])
                except ValueError as error:
                    self.add((*path, key), f"{_shown((*path, key))} {error}")
            elif field.default is REQUIRED:
                self.add(path, f"{_shown(path)} lacks {key!r}, {field.kind.expects}")
            found[key.replace("-", "_")] = made
        return found

    def add(self, path: Path_, message: str) -> None:
        """One mistake at a key."""
        self.mistakes.append(Mistake(self.origin, self._line(path), message))

    def finish(self) -> None:
        """Raise what was found. Raises ConfigError."""
        if self.mistakes:
            raise ConfigError(self.mistakes)

    def _line(self, path: Path_) -> int | None:
        if self._lines is None:
            from tailrace.toml.lines import key_lines

            try:
                self._lines = key_lines(self.text)
            except (RecursionError, ValueError):
                self._lines = {}
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return None


def _shown(path: Path_) -> str:
    """A key as a reader knows it: `rules[2].max-age`."""
    if not path:
        return "the file"
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text if len(text) <= 80 else text[:79] + "…"
