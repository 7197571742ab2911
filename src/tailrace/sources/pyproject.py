"""Reads the project of a pyproject.toml: PEP 621 and the tables of the build tools."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

from tailrace.sources.project_values import (
    Project,
    Read,
    clean_text,
    literal_version,
    pairs_of,
    read_attribute,
    strings_of,
    table_of,
    text_of,
    with_extra,
)
from tailrace.toml.parse import parse_toml


def read_pyproject(text: str, read: Read) -> Project:
    """PEP 621 first; setuptools, poetry, flit, hatch, pdm and maturin where it is silent."""
    try:
        data = parse_toml(text)
    except tomllib.TOMLDecodeError:
        return Project()
    project, tool = table_of(data, "project"), table_of(data, "tool")
    poetry = table_of(tool, "poetry")
    extras = table_of(project, "optional-dependencies")
    requires = [*strings_of(project.get("dependencies"))]
    for extra, lines in extras.items():
        requires += [with_extra(line, str(extra)) for line in strings_of(lines)]
    entry_points = {
        group: pairs_of(table_of(table_of(project, "entry-points"), group))
        for group in table_of(project, "entry-points")
    }
    entry_points |= {group: pairs for group, key in _SCRIPT_GROUPS if (pairs := pairs_of(table_of(project, key)))}
    if poetry:
        requires = requires or _poetry_requirements(poetry)
        if pairs := pairs_of(table_of(poetry, "scripts")):
            entry_points.setdefault("console_scripts", pairs)
        for group in table_of(poetry, "plugins"):
            entry_points.setdefault(group, pairs_of(table_of(table_of(poetry, "plugins"), group)))
    flit = table_of(table_of(tool, "flit"), "metadata")
    python = table_of(poetry, "dependencies").get("python")
    return Project(
        name=text_of(project.get("name"))
        or text_of(poetry.get("name"))
        or text_of(flit.get("dist-name"))
        or text_of(flit.get("module")),
        version=text_of(project.get("version")) or text_of(poetry.get("version")) or _dynamic_version(tool, read),
        requires_python=text_of(project.get("requires-python"))
        or text_of(flit.get("requires-python"))
        or (_caret(python) if isinstance(python, str) else None),
        requires_dist=tuple(requires) or tuple(strings_of(flit.get("requires"))),
        entry_points={group: pairs for group, pairs in entry_points.items() if pairs},
        package_dirs=tuple(_tool_package_dirs(tool, poetry)),
        modules=tuple(strings_of(table_of(tool, "setuptools").get("py-modules"))),
        extras=_extras(project, poetry),
    )


def _extras(project: dict[str, Any], poetry: dict[str, Any]) -> tuple[str, ...] | None:
    """The extras that the file lists; `None` where another file or a program gives them."""
    if project and "optional-dependencies" not in strings_of(project.get("dynamic")):
        return tuple(map(str, table_of(project, "optional-dependencies")))
    return tuple(map(str, table_of(poetry, "extras"))) if poetry else None


_SCRIPT_GROUPS = (("console_scripts", "scripts"), ("gui_scripts", "gui-scripts"))


def _tool_package_dirs(tool: dict[str, Any], poetry: dict[str, Any]) -> Iterator[str]:
    setuptools = table_of(tool, "setuptools")
    root = table_of(setuptools, "package-dir").get("")
    if isinstance(root, str):
        yield root
    packages = setuptools.get("packages")
    if isinstance(packages, dict):
        yield from strings_of(table_of(packages, "find").get("where"))
    included = poetry.get("packages")
    if isinstance(included, list):
        yield from (
            entry["from"] for entry in included if isinstance(entry, dict) and isinstance(entry.get("from"), str)
        )
    wheel = table_of(table_of(table_of(table_of(tool, "hatch"), "build"), "targets"), "wheel")
    yield from (path.rpartition("/")[0] for path in strings_of(wheel.get("packages")))
    yield from strings_of(wheel.get("sources"))
    for table, key in (("pdm", "package-dir"), ("maturin", "python-source")):
        value = table_of(tool, table).get(key) or table_of(table_of(tool, table), "build").get(key)
        if isinstance(value, str):
            yield value
    yield from (
        path.rpartition("/")[0]
        for path in strings_of(table_of(table_of(tool, "scikit-build"), "wheel").get("packages"))
    )


def _dynamic_version(tool: dict[str, Any], read: Read) -> str | None:
    dynamic = table_of(table_of(table_of(tool, "setuptools"), "dynamic"), "version")
    if isinstance(dynamic.get("attr"), str):
        return read_attribute(dynamic["attr"], ("", "src/"), read)
    names = dynamic.get("file")
    for name in [names] if isinstance(names, str) else strings_of(names):
        return clean_text(read(name))
    path = table_of(table_of(tool, "hatch"), "version").get("path")
    return literal_version(read(path)) if isinstance(path, str) else None


def _poetry_requirements(poetry: dict[str, Any]) -> list[str]:
    """Poetry's own table, as far as a version constraint can be told from it."""
    lines = []
    for name, value in table_of(poetry, "dependencies").items():
        if name == "python":
            continue
        wanted = value if isinstance(value, str) else text_of(value.get("version")) if isinstance(value, dict) else None
        specifier = _caret(wanted) if wanted else None
        lines.append(f"{name}{specifier}" if specifier else name)
    return lines


def _caret(text: str) -> str | None:
    """`^1.2` and `~1.2` in PEP 440 terms; `*` is `None`."""
    parts = []
    for part in text.split(","):
        part = part.strip()
        match = re.fullmatch(r"([\^~])\s*(\d+(?:\.\d+)*)", part)
        if match:
            numbers = [int(n) for n in match.group(2).split(".")]
            if match.group(1) == "^":
                keep = next((i for i, n in enumerate(numbers) if n), len(numbers) - 1)
            else:
                keep = min(1, len(numbers) - 1)
            upper = [*numbers[:keep], numbers[keep] + 1]
            parts.append(f">={match.group(2)},<{'.'.join(map(str, upper))}")
        elif re.match(r"\d", part):
            parts.append(f"=={part}")
        elif part and part != "*":
            parts.append(part.replace(" ", ""))
    return ",".join(parts) or None
