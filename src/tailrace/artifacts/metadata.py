"""Reads the core metadata of an opened release from its text files, and tolerates whatever they hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from tailrace.artifacts.errors import TooLargeError
from tailrace.model import Metadata
from tailrace.sources.project import read_project
from tailrace.sources.project_values import Project, Read, parse_entry_points, with_extra

_FIELDS = frozenset(("metadata-version", "name", "version", "requires-python", "requires-dist", "provides-extra"))
_MAX_LINES = 20_000

EntryPoints = dict[str, tuple[tuple[str, str], ...]]


def read_installed(read: Read, dist_info: str, name: str, version: str) -> Metadata:
    """Metadata of a `.dist-info` or `.egg-info` folder (a wheel, an installed distribution)."""
    text = read(f"{dist_info}/METADATA") or read(f"{dist_info}/PKG-INFO")
    core = read_core(text or "")
    requires = core.requires_dist or _egg_requires(read(f"{dist_info}/requires.txt") or "")
    return Metadata(
        name=core.name or name,
        version=core.version or version,
        requires_python=core.requires_python,
        requires_dist=requires,
        entry_points=_freeze(parse_entry_points(read(f"{dist_info}/entry_points.txt") or "")),
        top_level=_words(read(f"{dist_info}/top_level.txt")),
        extras=core.extras if text else None,
    )


def read_source(read: Read, egg_infos: Iterable[str], name: str, version: str) -> tuple[Metadata, Project]:
    """Metadata of a source tree; `egg_infos` are its `.egg-info` folders, which know what setup.py computed."""
    project = read_project(read)
    requires, points, top_level = project.requires_dist, dict(project.entry_points), project.modules
    for folder in egg_infos:
        requires = requires or _egg_requires(read(f"{folder}/requires.txt") or "")
        for group, pairs in parse_entry_points(read(f"{folder}/entry_points.txt") or "").items():
            points.setdefault(group, pairs)
        top_level = _words(read(f"{folder}/top_level.txt")) or top_level
    metadata = Metadata(
        name=project.name or name,
        version=project.version or version,
        requires_python=project.requires_python,
        requires_dist=requires,
        entry_points=_freeze(points),
        top_level=top_level,
        extras=project.extras,
    )
    return metadata, project


def read_conda(index: str | None, link: str | None, installed: Metadata | None, name: str, version: str) -> Metadata:
    """Metadata of a conda package: what the channel's solver obeys (`depends`) stands before what the wheel inside
    says.
    """
    data, links = _json(index), _json(link)
    depends = (
        [line for line in data.get("depends", ()) if isinstance(line, str)]
        if isinstance(data.get("depends"), list)
        else []
    )
    requires = [line for line in map(requirement_of, depends) if line]
    named = {_project(line) for line in requires}
    python = next((line.split(None, 2)[1] for line in depends if re.match(r"python\s+\S", line)), None)
    points: EntryPoints = dict(installed.entry_points) if installed else {}
    noarch = links.get("noarch")
    scripts = noarch.get("entry_points") if isinstance(noarch, dict) else None
    if isinstance(scripts, list):
        text = "[console_scripts]\n" + "\n".join(line for line in scripts if isinstance(line, str))
        points["console_scripts"] = tuple(
            sorted({*points.get("console_scripts", ()), *parse_entry_points(text).get("console_scripts", ())})
        )
    return Metadata(
        name=_string(data.get("name")) or name,
        version=_string(data.get("version")) or version,
        requires_python=(installed.requires_python if installed else None)
        or (python if python and re.match(r"[<>=!~]", python) else None),
        requires_dist=(
            *requires,
            *(line for line in (installed.requires_dist if installed else ()) if _project(line) not in named),
        ),
        entry_points=_freeze(points),
        top_level=installed.top_level if installed else (),
        extras=installed.extras if installed else None,
    )


def read_core(text: str) -> Metadata:
    """Core metadata (any version of it) from METADATA or PKG-INFO."""
    from packaging.metadata import parse_email

    try:
        raw, unparsed = parse_email(_read_fields(text))
    except (ValueError, TypeError, LookupError, RecursionError):
        return Metadata(name="", version="")
    requires = [*raw.get("requires_dist", ()), *map(str, unparsed.get("requires-dist", ()))]
    return Metadata(
        name=_string(raw.get("name")) or "",
        version=_string(raw.get("version")) or "",
        requires_python=_string(raw.get("requires_python")),
        requires_dist=tuple(" ".join(line.split()) for line in requires),
        extras=tuple(raw.get("provides_extra", ())),
    )


def _read_fields(text: str) -> str:
    """The header lines of the fields that are read, with their continuations.

    The library asks for each field by going through all of them, so 300,000 fields would take it for ever.
    Raises TooLargeError.
    """
    lines: list[str] = []
    wanted = False
    for line in text.split("\n"):
        if not line.strip("\r"):
            break
        if not line.startswith((" ", "\t")):
            wanted = line.partition(":")[0].strip().lower() in _FIELDS
        if wanted:
            lines.append(line)
    if len(lines) > _MAX_LINES:
        raise TooLargeError("The metadata", f"it has more than {_MAX_LINES} lines of requirements")
    return "\n".join(lines) + "\n\n"


def requirement_of(depend: str) -> str | None:
    """`conda >=4.5,<5` → `conda>=4.5,<5`; `None` for Python itself, virtual packages and what PEP 508 cannot say."""
    words = depend.split()
    name = words[0].rpartition("::")[2] if words else ""
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", name) or name in (
        "python",
        "python_abi",
        "pypy",
    ):
        return None
    specifier = words[1] if len(words) > 1 else ""
    parts = []
    for part in specifier.split(","):
        if not part or part == "*":
            continue
        if "|" in part:
            return name
        body = re.sub(r"^(>=|<=|==|!=|~=|=|<|>)", "", part)
        operator = part[: len(part) - len(body)]
        if operator in (">=", "<", ">", "<="):
            body = body.removesuffix(".*").removesuffix("*")
        elif operator in ("", "=", "==") and body.endswith("*"):
            operator, body = "==", body.rstrip("*").rstrip(".") + ".*"
        elif operator == "=":
            operator, body = "==", body + ".*"
        parts.append(f"{operator or '=='}{body}")
    return name + ",".join(parts)


def _egg_requires(text: str) -> tuple[str, ...]:
    """setuptools' requires.txt: sections are `[extra:marker]`."""
    lines: list[str] = []
    section = ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line and not line.startswith("#"):
            lines.append(with_extra(line, section) if section else line)
    return tuple(lines)


def _json(text: str | None) -> dict[str, Any]:
    try:
        data = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _freeze(points: EntryPoints) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    return tuple(sorted((group, pairs) for group, pairs in points.items() if pairs))


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((text or "").split()))


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _project(line: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", line)
    return re.sub(r"[-_.]+", "-", match.group()).lower() if match else ""
