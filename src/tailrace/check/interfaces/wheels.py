"""Wheels that the candidate no longer offers for an interpreter or a platform on which the downstream may be used."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.changes.distribution import PYTHONS, supports
from tailrace.changes.wheels import lost_wheels
from tailrace.check.interfaces.view import Doubt, Finder, View

_CURRENT = PYTHONS[PYTHONS.index("3.9") :]


def find(view: View) -> Iterator[Doubt]:
    """A doubt where users would have to build the candidate from its sources."""
    if view.offered is None:
        return
    down, up = view.downstream.metadata.requires_python, view.candidate.artifact.metadata.requires_python
    pythons = [python for python in _CURRENT if supports(down, python) and supports(up, python)]
    before, after = view.offered
    found = lost_wheels(before, after, (int(python.partition(".")[2]) for python in pythons))
    release = view.candidate.artifact.release
    name = f"{release.name} {release.version}"
    if found.sources_only:
        yield Doubt(f"{name} offers no wheel, and the baseline did: it is built from its sources on each machine")
        return
    platforms: dict[str, list[str]] = {}
    for minor, platform in found.lost:
        platforms.setdefault(platform, []).append(f"3.{minor}")
    for platform, versions in sorted(platforms.items()):
        yield Doubt(f"{name} offers no wheel for {platform} with Python {', '.join(versions)}, and the baseline did")


FINDER = Finder(find)
