"""Checks text or a TOML value against a kind of setting; a ValueError says what it must be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_PYTHON = re.compile(r"3\.\d{1,2}", re.ASCII)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB)?", re.IGNORECASE | re.ASCII)
_UNITS = {"b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40}


class Kind(Protocol):
    """How one value is written. `expects` completes the sentence "it must be …"."""

    @property
    def expects(self) -> str:
        """What a valid value is, in words."""

    def from_text(self, text: str) -> object:
        """The value that a flag or an environment variable means."""

    def from_toml(self, value: object) -> object:
        """The value that a configuration file means."""


def shown(value: object) -> str:
    """A wrong value as it may stand in a message: bounded, without control characters and secrets."""
    from tailrace.model.address import redact  # brings the library of the values with it

    text = redact(repr(value) if not isinstance(value, str) else f'"{value}"')
    text = "".join(c if c.isprintable() else "�" for c in text)
    return text if len(text) <= 60 else text[:59] + "…"


def refuse(expects: str, value: object) -> ValueError:
    """The error every kind raises."""
    return ValueError(f"must be {expects}, not {shown(value)}")


def nearest(word: str, known: tuple[str, ...]) -> str | None:
    """The known name that a mistyped one probably means."""
    from difflib import get_close_matches

    folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


@dataclass(frozen=True, slots=True)
class Text:
    """One non-empty line of text."""

    expects: str = "a text"

    def from_text(self, text: str) -> str:
        """See `Kind`."""
        if not text.strip() or "\n" in text or "\0" in text:
            raise refuse(self.expects, text)
        return text.strip()

    def from_toml(self, value: object) -> str:
        """See `Kind`."""
        if not isinstance(value, str):
            raise refuse(self.expects, value)
        return self.from_text(value)


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""

    expects: str = "true or false"

    def from_text(self, text: str) -> bool:
        """See `Kind`."""
        word = text.strip().casefold()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        raise refuse(self.expects, text)

    def from_toml(self, value: object) -> bool:
        """See `Kind`."""
        if not isinstance(value, bool):
            raise refuse(self.expects, value)
        return value


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number, not below `minimum`."""

    minimum: int = 0

    @property
    def expects(self) -> str:
        """See `Kind`."""
        return f"a whole number, {self.minimum} or more"

    def from_text(self, text: str) -> int:
        """See `Kind`."""
        if not re.fullmatch(r"[0-9]{1,18}", text.strip()):
            raise refuse(self.expects, text)
        return self.from_toml(int(text))

    def from_toml(self, value: object) -> int:
        """See `Kind`."""
        if not isinstance(value, int) or isinstance(value, bool) or value < self.minimum:
            raise refuse(self.expects, value)
        return value


@dataclass(frozen=True, slots=True)
class Seconds:
    """A duration in seconds, above zero and finite."""

    expects: str = "a number of seconds above 0"

    def from_text(self, text: str) -> float:
        """See `Kind`."""
        try:
            number = float(text)
        except ValueError:
            raise refuse(self.expects, text) from None
        return self.from_toml(number)

    def from_toml(self, value: object) -> float:
        """See `Kind`."""
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < 1e9:
            raise refuse(self.expects, value)
        return float(value)


@dataclass(frozen=True, slots=True)
class Size:
    """A number of bytes, not below `minimum`, plain or with a binary unit (`512 MiB`)."""

    minimum: int = 1

    @property
    def expects(self) -> str:
        """See `Kind`."""
        least = "above 0" if self.minimum == 1 else f"not below {self.minimum >> 20} MiB"
        return f'a number of bytes {least}, or a text such as "512 MiB"'

    def from_text(self, text: str) -> int:
        """See `Kind`."""
        match = _SIZE.fullmatch(text.strip())
        if not match or len(text) > 40:
            raise refuse(self.expects, text)
        return self.from_toml(int(float(match[1]) * _UNITS[(match[2] or "B").casefold()]))

    def from_toml(self, value: object) -> int:
        """See `Kind`."""
        if isinstance(value, str):
            return self.from_text(value)
        if not isinstance(value, int) or isinstance(value, bool) or value < self.minimum:
            raise refuse(self.expects, value)
        return value


@dataclass(frozen=True, slots=True)
class PythonVersion:
    """A Python minor version, `3.11`."""

    expects: str = 'a Python version such as "3.11"'

    def from_text(self, text: str) -> str:
        """See `Kind`."""
        if not _PYTHON.fullmatch(text.strip()):
            raise refuse(self.expects, text)
        return text.strip()

    def from_toml(self, value: object) -> str:
        """See `Kind`. A bare TOML number is refused: 3.10 would read as 3.1."""
        if not isinstance(value, str):
            raise refuse(f"{self.expects}, in quotes", value)
        return self.from_text(value)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed set of words."""

    choices: tuple[str, ...]

    @property
    def expects(self) -> str:
        """See `Kind`."""
        return self.choices[0] if len(self.choices) == 1 else f"one of {', '.join(self.choices)}"

    def from_text(self, text: str) -> str:
        """See `Kind`."""
        word = text.strip()
        if word not in self.choices:
            near = nearest(word, self.choices)
            raise ValueError(f"{refuse(self.expects, text)}" + (f"; did you mean {near}?" if near else ""))
        return word

    def from_toml(self, value: object) -> str:
        """See `Kind`."""
        if not isinstance(value, str):
            raise refuse(self.expects, value)
        return self.from_text(value)


@dataclass(frozen=True, slots=True)
class Listing:
    """Several values of one kind: an array in a file; in the environment separated by blanks, or by any line breaks."""

    item: Kind

    @property
    def expects(self) -> str:
        """See `Kind`."""
        return f"a list, each {self.item.expects}"

    def from_text(self, text: str) -> tuple[object, ...]:
        """See `Kind`."""
        parts = text.splitlines() if "\n" in text.strip() else text.split()
        return tuple(self.item.from_text(part) for part in parts if part.strip())

    def from_toml(self, value: object) -> tuple[object, ...]:
        """See `Kind`."""
        if not isinstance(value, list):
            raise refuse(self.expects, value)
        return tuple(self.item.from_toml(item) for item in value)
