"""Two releases by their specs, and what changed between their surfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tailrace.model import Change, Release

if TYPE_CHECKING:
    from tailrace.sources import Sources


class ReleaseDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What changed from `baseline` to `candidate`. `changes`: sorted by rule and symbol."""

    baseline: Release
    candidate: Release
    changes: tuple[Change, ...] = ()


def diff_releases(baseline: str, candidate: str, sources: Sources) -> ReleaseDiff:
    """Every change that can break a downstream. Raises `TailraceError` where a release cannot be fetched or opened."""
    from tailrace.artifacts import open_release
    from tailrace.changes.diff import diff_artifacts

    before, after = open_release(baseline, sources), open_release(candidate, sources)
    return ReleaseDiff(baseline=before.release, candidate=after.release, changes=diff_artifacts(before, after))
