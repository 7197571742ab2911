"""Turns loose data of project files into checked values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Read = Callable[[str], str | None]
"""Text of the file at a relative POSIX path, `None` when there is none."""


@dataclass(frozen=True, slots=True)
class Project:
    """What was found; empty where nothing was. `package_dirs`: folders that packages are said to live in. `extras`:
    `None` where they are not listed."""

    name: str | None = None
    version: str | None = None
    requires_python: str | None = None
    requires_dist: tuple[str, ...] = ()
    entry_points: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    package_dirs: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    extras: tuple[str, ...] | None = None


def parse_entry_points(text: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """The text of an entry_points.txt."""
    groups: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            current = groups.setdefault(line[1:-1].strip(), [])
        elif line and line[0] not in "#;" and current is not None:
            current.append(line)
    return {group: pairs for group, lines in groups.items() if (pairs := parse_pairs(lines))}


def parse_pairs(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """`name = target` lines, sorted, without extras."""
    pairs = set()
    for line in lines:
        name, equals, target = line.partition("=")
        target = target.partition("[")[0].strip()
        if equals and name.strip() and target:
            pairs.add((name.strip(), target))
    return tuple(sorted(pairs))


def read_attribute(dotted: str, folders: Iterable[str], read: Read) -> str | None:
    """The version that `package.module.NAME` is bound to, looked for below each folder."""
    module, _, name = dotted.rpartition(".")
    path = module.replace(".", "/")
    for folder in folders:
        for candidate in (f"{folder}{path}/__init__.py", f"{folder}{path}.py"):
            version = literal_version(read(candidate), name)
            if version:
                return version
    return None


def literal_version(text: str | None, name: str = "") -> str | None:
    """The string that `__version__` (or the given name) is bound to in a module's text."""
    names = re.escape(name) if name else "__version__|version|VERSION"
    match = re.search(rf"^(?:{names})\s*(?::[^=\n]*)?=\s*[\"']([0-9][^\"'\s]*)[\"']", text or "", re.MULTILINE)
    return match.group(1) if match else None


def with_extra(line: str, extra: str) -> str:
    """`a` of the extra `x` → `a; extra == "x"`; setuptools' `x:marker` keys are understood."""
    extra, _, condition = extra.partition(":")
    markers = [f'extra == "{extra}"'] if extra else []
    requirement, _, marker = line.partition(";")
    markers = [text.strip() for text in (marker, condition) if text.strip()] + markers
    joined = " and ".join(f"({text})" if len(markers) > 1 and " or " in text else text for text in markers)
    return f"{requirement.strip()}; {joined}" if joined else requirement.strip()


def clean_text(value: object) -> str | None:
    """Stripped text, `None` for nothing and for setuptools' `UNKNOWN`."""
    text = str(value).strip() if value is not None else ""
    return text if text and text != "UNKNOWN" else None


def requirement_lines(value: object) -> list[str]:
    """The requirements in a list or a text, comments left out."""
    lines = value.splitlines() if isinstance(value, str) else value if isinstance(value, list) else []
    return [
        line.strip() for line in lines if isinstance(line, str) and line.strip() and not line.strip().startswith("#")
    ]


def entry_points_of(value: object) -> dict[str, tuple[tuple[str, str], ...]]:
    """Groups of `(name, target)` from what `setup(entry_points=…)` takes."""
    if isinstance(value, str):
        return parse_entry_points(value)
    if not isinstance(value, dict):
        return {}
    found = {str(group): parse_pairs(requirement_lines(lines)) for group, lines in value.items()}
    return {group: pairs for group, pairs in found.items() if pairs}


def lines_of(text: str) -> list[str]:
    """The lines that say something."""
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def table_of(data: dict[str, Any], key: str) -> dict[str, Any]:
    """The table under `key`, empty when there is none."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def text_of(value: object) -> str | None:
    """Stripped text, `None` for anything else."""
    return value.strip() if isinstance(value, str) and value.strip() else None


def strings_of(value: object) -> list[str]:
    """The strings in a list; one string counts as a list of it."""
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def pairs_of(table: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """`(name, target)` of a table of strings, sorted."""
    return parse_pairs(f"{name} = {target}" for name, target in table.items() if isinstance(target, str))
