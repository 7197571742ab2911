"""Two releases by their specs, and what changed between their surfaces."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from tailrace.model import Change, Release

if TYPE_CHECKING:
    from tailrace.python.modules import Surface
    from tailrace.sources import Sources


class ReleaseDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from `baseline` to `candidate`. `changes`: sorted by rule and symbol.

    `notes`: what the reader should know of the two. `unread`: modules of either that could not be read, so that what
    changed there is not known.
    """

    baseline: Release
    candidate: Release
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def diff_releases(
    baseline: str, candidate: str, sources: Sources, *, judge: Callable[[Surface, Surface], Iterable[str]] | None = None
) -> ReleaseDiff:
    """Every change that can break a downstream. Raises `TailraceError` where a release cannot be fetched or opened.

    `judge`: gives notes on the two, and raises `TailraceError` where they are not to be compared.
    """
    from tailrace.artifacts import open_release
    from tailrace.changes.diff import diff_surfaces
    from tailrace.python.modules import Surface, is_test_file

    surfaces = Surface(open_release(baseline, sources)), Surface(open_release(candidate, sources))
    notes = tuple(judge(*surfaces)) if judge is not None else ()
    changes = diff_surfaces(*surfaces).changes
    unread = sorted({file for one in surfaces for file in one.unreadable if not is_test_file(file)})
    first, second = (surface.artifact.release for surface in surfaces)
    return ReleaseDiff(baseline=first, candidate=second, changes=changes, notes=notes, unread=tuple(unread))
