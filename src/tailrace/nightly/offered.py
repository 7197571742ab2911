"""Lists the releases that channels and indexes still offer for a group of projects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from tailrace.gate.channel_state import ChannelState
from tailrace.gate.names import Subject, same_version, version_order
from tailrace.model import TailraceError
from tailrace.nightly.config import NightlyConfig, Project
from tailrace.nightly.values import Problem

#: Where an index is meant, and no channel.
INDEX = "index"
#: (place, name of a project, the release that it may be paired with) → what the place offers. Raises TailraceError.
Look = Callable[[str, str, Subject], ChannelState]


def with_offered(
    config: NightlyConfig, look: Look, canaries: Mapping[str, str]
) -> tuple[NightlyConfig, tuple[Problem, ...]]:
    """The group with every release that the places of its projects offer, newest first, and a problem for each place
    that does not answer. `canaries`: project → version of its canary; a canary that is not known pairs with all.
    """
    projects: list[Project] = []
    problems: list[Problem] = []
    for project in config.projects:
        found = project
        for place in project.offered_by:
            try:
                found = _with_place(found, place, look, canaries)
            except TailraceError as error:
                message = f"what {place} offers of {project.name} is not known: {error.message}"
                problems.append(Problem(kind="not-run", project=project.name, message=message, owner=project.owner))
        projects.append(found)
    return replace(config, projects=tuple(projects)), tuple(problems)


def _with_place(project: Project, place: str, look: Look, canaries: Mapping[str, str]) -> Project:
    partners = {name: version for name, version in canaries.items() if name != project.name}
    specs: dict[str, str] = {}
    apart: set[tuple[str, str]] = set()
    for name, version in partners.items() or ((project.name, "0"),):
        state = look(place, project.name, Subject(name=name, version=version))
        for one in state.of(project.name):
            specs.setdefault(one.version, _spec(place, project.name, one.version))
        for offered in list(specs):
            builds = [one for one in state.of(project.name) if same_version(one.version, offered)]
            if builds and all(one.admits is False for one in builds):
                apart.add((specs[offered], name))
    newest = sorted(specs, key=version_order, reverse=True)
    releases = tuple(dict.fromkeys((*project.releases, *(specs[version] for version in newest))))
    return replace(project, releases=releases, apart=project.apart | apart)


def _spec(place: str, name: str, version: str) -> str:
    return f"{name}=={version}" if place == INDEX else f"{place}::{name}={version}"
