"""Folds downstreams that share their only finding, so that it is shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tailrace.report.views.check import DownstreamView, GroupView


@dataclass(frozen=True, slots=True)
class Folded:
    """`group`: what is said; `places`: (downstream's title, its group) of everybody of whom it is said."""

    group: GroupView
    places: tuple[tuple[str, GroupView], ...]


def fold(downstreams: Sequence[DownstreamView]) -> tuple[tuple[DownstreamView, ...], tuple[Folded, ...]]:
    """The downstreams that need a paragraph of their own, and what is said once for all others that are not quiet.

    A warning about a clear downstream is folded when others get the very same sentence: the break that somebody looks
    for must not drown in it.
    """
    said: dict[tuple[str, str], list[tuple[DownstreamView, GroupView]]] = {}
    for d in downstreams:
        if d.state == "clear" and not d.notes and not d.hidden and len(d.groups) == 1 and d.groups[0].level != "error":
            said.setdefault((d.groups[0].rule, d.groups[0].message), []).append((d, d.groups[0]))
    several = [members for members in said.values() if len(members) > 1]
    gone = {id(d) for members in several for d, _ in members}
    folded = tuple(Folded(members[0][1], tuple((d.title, group) for d, group in members)) for members in several)
    return tuple(d for d in downstreams if not d.quiet and id(d) not in gone), folded
