"""Compiles text with placeholders such as `${version}` into a function of a record. Never guesses at an unknown
placeholder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from string import Template
from typing import Any

FROM_RECORD = ("name", "version", "build_number", "build")
PLACEHOLDERS = (*FROM_RECORD, "subdir", "next_version", "major_version", "minor_version", "patch_version")
OLD = "old"
"""Only in the `new` of a replacement: the entry that is being replaced."""

Fill = Callable[[Mapping[str, Any], str, str | None], str]
"""`(record, subdir, old) -> text`. Raises `KeyError` or `ValueError` when the record cannot give the value."""


def placeholders(text: str, *, old: bool = False) -> tuple[str, ...]:
    """The known placeholders that the text mentions.

    A text without any is taken as it stands, even with a `$` in it.
    """
    known = (*PLACEHOLDERS, OLD) if old else PLACEHOLDERS
    return tuple(name for name in known if f"${name}" in text or f"${{{name}}}" in text)


def unknown_placeholders(text: str, *, old: bool = False) -> tuple[str, ...]:
    """What the text asks for and is not given. A `$` that starts no valid placeholder is reported as it stands."""
    if "$" not in text:
        return ()
    known = {*PLACEHOLDERS, OLD} if old else set(PLACEHOLDERS)
    found: list[str] = []
    for match in Template.pattern.finditer(text):
        name = match.group("named") or match.group("braced")
        if name is not None and name not in known:
            found.append(name)
        elif match.group("invalid") is not None:
            found.append(text[match.start() : match.start() + 12])
    return tuple(found)


@lru_cache(maxsize=16384)
def compile_template(text: str, *, old: bool = False) -> Fill:
    """A function that fills the template from one record."""
    known = placeholders(text, old=old)
    if not known:
        return lambda record, subdir, replaced: text
    template = Template(text)
    asked = {match.group("named") or match.group("braced") for match in Template.pattern.finditer(text)}
    names = tuple(name for name in known if name in asked)

    def fill(record: Mapping[str, Any], subdir: str, replaced: str | None) -> str:
        return template.substitute({name: _value(name, record, subdir, replaced) for name in names})

    return fill


def _value(name: str, record: Mapping[str, Any], subdir: str, replaced: str | None) -> Any:
    match name:
        case "subdir":
            return subdir
        case "old":
            return replaced
        case "next_version":
            *head, last = str(record["version"]).split(".")
            return ".".join((*head, str(int(last) + 1)))
        case "major_version":
            return _component(record, 0)
        case "minor_version":
            return _component(record, 1)
        case "patch_version":
            return _component(record, 2)
        case _:
            return record[name]


def _component(record: Mapping[str, Any], index: int) -> str:
    parts = str(record["version"]).split(".")
    return parts[index] if index < len(parts) else "0"
