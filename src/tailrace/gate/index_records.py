"""Reads what a package index offers, as far as one release is concerned. Opens nothing itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from tailrace.gate.channel_state import ChannelState, Offered
from tailrace.gate.evidence import SubjectText
from tailrace.gate.moments import show_moment
from tailrace.gate.names import Subject, same_name, same_version


class IndexReader(Protocol):
    """An index."""

    def offered(self, name: str) -> Mapping[str, datetime | None] | None:
        """The final, not yanked versions of a name, with their times of upload where those are known; None where the
        index does not say.
        """

    def requires(self, name: str, version: str) -> tuple[str, ...] | None:
        """What a release requires; None where that cannot be read."""


def observe_index(
    index: IndexReader, target: str, subject: Subject, names: Collection[str], as_of: int, *, newest: bool = False
) -> ChannelState:
    """What the index offers at a moment (ms) of the subject and of `names`, which it does not know to be downstreams.

    A version whose requirements cannot be read may let the release in. `newest`: only the newest version of each name.
    Without names nothing is known of downstreams, so the state is not complete.
    """
    offered: list[Offered] = []
    complete = bool(names)
    for name in dict.fromkeys((subject.name, *names)):
        own = same_name(name, subject.name)
        versions = index.offered(name)
        complete = complete and versions is not None
        found = {
            version: when
            for version, when in (versions or {}).items()
            if when is None or when.timestamp() * 1000 <= as_of
        }
        chosen = [max(found, key=_order)] if newest and found and not own else list(found)
        for version in chosen:
            when = found[version]
            lines = () if own else index.requires(name, version)
            wanted = tuple(line for line in lines or () if _is_on(line, subject))
            if lines is not None and not wanted and not own:
                continue
            offered.append(
                Offered(
                    name=name,
                    version=version,
                    since=show_moment(int(when.timestamp() * 1000)) if when is not None else None,
                    requires=wanted or ((f"{subject.name} (not known)",) if not own else ()),
                    admits=None if own or lines is None else _admits(wanted, subject.version),
                )
            )
    return ChannelState(
        channel=target,
        subject=SubjectText(name=subject.name, version=subject.version),
        as_of=show_moment(as_of),
        complete=complete,
        offered=tuple(sorted(offered, key=lambda one: (one.name, _order(one.version)))),
    )


def _is_on(line: str, subject: Subject) -> bool:
    """Whether a requirement is on the subject, in some environment, and not only with an extra."""
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return False
    if not same_name(requirement.name, subject.name):
        return False
    marker = requirement.marker
    return marker is None or "extra" not in str(marker) or marker.evaluate({"extra": ""})


def _admits(lines: tuple[str, ...], version: str) -> bool | None:
    """Whether one of the requirements lets the version in: each may be for another environment."""
    requirements = [Requirement(line) for line in lines]
    if any(one.url is not None for one in requirements):
        return None
    try:
        wanted = Version(version)
    except InvalidVersion:
        return any(any(same_version(s.version, version) for s in one.specifier) for one in requirements)
    return any(one.specifier.contains(wanted, prereleases=True) for one in requirements)


def _order(version: str) -> tuple[int, Version]:
    try:
        return 1, Version(version)
    except InvalidVersion:
        return 0, Version("0")
