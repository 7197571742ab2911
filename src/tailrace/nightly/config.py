"""Parses `nightly.toml` into projects and limits, and reports every mistake together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from tailrace import disk
from tailrace.gate.moments import Duration
from tailrace.nightly.errors import NoConfigurationError
from tailrace.nightly.values import LEVELS, LevelName
from tailrace.toml.fields import LIMIT, TEXT, Field, Reader
from tailrace.toml.kinds import Boolean, Choice, Count, Listing, Text

SCHEMA: Final = "tailrace.nightly-config/1"
FILE = "nightly.toml"
HOUR = 3_600_000
_SPEC = Text("a release, such as git+PATH@main, CHANNEL::NAME or NAME==1.0")

TOP: Mapping[str, Field] = {
    "schema": Field(Choice((SCHEMA,))),
    "budget": Field(Duration(), HOUR),
    "period": Field(Duration(), 26 * HOUR),
    "cell-time": Field(Duration(), HOUR // 4),
    "levels": Field(Listing(Choice(LEVELS)), LEVELS),
    "repeat": Field(Count(1), 3),
    "label": Field(Text("a label"), None),
    "bisect": Field(Boolean(), True),
    "projects": Field(Text(), ()),
}
PROJECT: Mapping[str, Field] = {
    "name": Field(TEXT),
    "canary": Field(_SPEC, None),
    "releases": Field(Listing(_SPEC), ()),
    "offered-by": Field(Listing(Text("a channel, or index")), ()),
    "owner": Field(TEXT, None),
    "period": Field(Duration(), None),
    "commands": Field(Listing(Text("a shell command")), ()),
    "with": Field(Listing(TEXT), None),
}


class ProjectTable(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """One of the `[[projects]]` of a `nightly.toml`."""

    name: str
    releases: tuple[str, ...] = ()
    offered_by: tuple[str, ...] = ()
    canary: str | None = None
    owner: str | None = None
    period: str | None = None
    commands: tuple[str, ...] = ()
    partners: tuple[str, ...] | None = msgspec.field(default=None, name="with")


class NightlyFile(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """The keys of a `nightly.toml`. `budget`, `period`, `cell_time`: durations such as `45m`."""

    schema: Literal["tailrace.nightly-config/1"]
    projects: tuple[ProjectTable, ...]
    budget: str = "1h"
    period: str = "26h"
    cell_time: str = "15m"
    levels: tuple[str, ...] = LEVELS
    repeat: int = 3
    label: str | None = None
    bisect: bool = True


@dataclass(frozen=True, slots=True)
class Project:
    """One project of the group. `canary`: the spec of its newest build, `None` for a project that is only combined
    with. `releases`: specs, newest first. `period`: ms after which its canary is too old. `partners`: the names that it
    is combined with, `None` for all. `offered_by`: the channels, or `index`, whose releases of it count as well.
    `apart`: a release, and the project whose canary it does not let in, so that they are never installed together.
    """

    name: str
    releases: tuple[str, ...]
    canary: str | None = None
    owner: str | None = None
    period: int = 26 * HOUR
    commands: tuple[str, ...] = ()
    partners: tuple[str, ...] | None = None
    offered_by: tuple[str, ...] = ()
    apart: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class NightlyConfig:
    """`budget`: ms for a whole run. `period`: ms within which every canary must be built and every job must have run.
    `cell_time`: ms for one cell. `bisect`: whether the first bad canary is looked for.
    """

    projects: tuple[Project, ...]
    budget: int = HOUR
    period: int = 26 * HOUR
    cell_time: int = HOUR // 4
    levels: tuple[LevelName, ...] = LEVELS
    repeat: int = 3
    label: str | None = None
    bisect: bool = True


def load_config(path: Path) -> NightlyConfig:
    """The configuration in a file. Raises `NoConfigurationError` and `ConfigError`."""
    try:
        with disk.open_file(path) as file:
            data = file.read(LIMIT + 1)
    except FileNotFoundError:
        raise NoConfigurationError(str(path)) from None
    return parse_config(data[:LIMIT].decode("utf-8", "replace"), str(path), path.absolute().parent)


def parse_config(text: str, origin: str, folder: Path | None = None) -> NightlyConfig:
    """The configuration in a text. Relative paths in specs count from `folder`. Raises `ConfigError`."""
    reader = Reader(origin, text.encode())
    document = reader.document()
    tables = document.pop("projects", [])
    top = reader.table(document, {key: field for key, field in TOP.items() if key != "projects"})
    projects: list[Project] = []
    if not isinstance(tables, list) or not tables:
        reader.add((), "it needs at least one [[projects]]")
        tables = []
    for number, table in enumerate(tables):
        values = reader.table(table, PROJECT, ("projects", number))
        if not values["releases"] and not values["offered_by"]:
            place = ("projects", number, "releases")
            said = "has no releases: list them, or say with offered-by which channel has them"
            reader.add(place, f"projects[{number + 1}] {said}")
        projects.append(_project(values, top["period"]))
    names = [project.name for project in projects]
    for number, project in enumerate(projects):
        if project.name and names.count(project.name) > 1 and names.index(project.name) == number:
            reader.add(("projects", number, "name"), f"there are {names.count(project.name)} projects {project.name!r}")
        for other in project.partners or ():
            if other not in names:
                reader.add(("projects", number, "with"), f"there is no project {other!r}")
    if projects and not any(project.canary for project in projects):
        reader.add((), "no project has a canary")
    reader.finish()
    if folder is not None:
        projects = [_anchored(project, folder) for project in projects]
    return NightlyConfig(
        tuple(projects),
        top["budget"],
        top["period"],
        top["cell_time"],
        tuple(top["levels"]),
        top["repeat"],
        top["label"],
        top["bisect"],
    )


def _project(values: Mapping[str, Any], period: int) -> Project:
    return Project(
        values["name"] or "",
        tuple(values["releases"] or ()),
        values["canary"],
        values["owner"],
        values["period"] or period,
        tuple(values["commands"]),
        tuple(values["with"]) if values["with"] is not None else None,
        tuple(values["offered_by"]),
    )


def _anchored(project: Project, folder: Path) -> Project:
    releases = tuple(anchor(spec, folder) for spec in project.releases)
    canary = anchor(project.canary, folder) if project.canary else None
    places = tuple(anchor(place, folder) for place in project.offered_by)
    return replace(project, releases=releases, canary=canary, offered_by=places)


def anchor(spec: str, folder: Path) -> str:
    """A spec whose relative path counts from a folder."""
    mark, rest = ("git+", spec[4:]) if spec.startswith("git+") else ("", spec)
    if rest.startswith(("./", "../")) or rest in (".", ".."):
        return f"{mark}{(folder / rest).as_posix()}"
    return spec


def template(projects: Mapping[str, str]) -> str:
    """A commented configuration for these projects (name → spec of a release; the canary is its default branch)."""
    lines = [
        "# Canaries against releases, every night. Each project's canary runs with the releases of the others.",
        f'schema = "{SCHEMA}"',
        'budget = "45m"      # for a whole run; the most informative cells come first',
        'period = "26h"      # a canary or a job that is older is red',
        "# levels = [" + ", ".join(f'"{level}"' for level in LEVELS) + "]",
        "",
    ]
    for name, spec in projects.items():
        place, at, _ = spec.rpartition("@") if spec.startswith("git+") else (spec, "", "")
        lines += ["[[projects]]", f'name = "{name}"']
        if at:
            lines.append(f'canary = "{place}@HEAD"')
        lines += [f'releases = ["{spec}"]      # the newest first', f'owner = "the team of {name}"', ""]
    return "\n".join(lines)
