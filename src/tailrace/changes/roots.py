"""The import roots that two releases answer for: one that only the baseline has is gone, not somebody else's."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packaging.utils import canonicalize_name

from tailrace.model import Artifact
from tailrace.python.modules import Surface

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_EXTRA = re.compile(r";[^;]*\bextra\b")


def installed_along(artifact: Artifact) -> frozenset[str]:
    """The distributions that an artifact requires whatever extras are asked for, spelled like import names."""
    found = set()
    for line in artifact.metadata.requires_dist:
        name = _NAME.match(line)
        if name is not None and not _EXTRA.search(line):
            found.add(_spelled(name.group(1)))
    return frozenset(found)


def owned_roots(baseline: Surface, candidate: Surface, downstream: Artifact | None = None) -> frozenset[str]:
    """The roots of both releases that are absent when neither release has them.

    A root that moved to another distribution is still there, only not here: one whose name is part of what the
    candidate newly requires, or that a downstream requires under its very name. The two releases themselves are no
    other distribution.
    """
    itself = {
        _spelled(name)
        for artifact in (baseline.artifact, candidate.artifact)
        for name in (artifact.release.name, artifact.metadata.name)
        if name
    }
    moved = installed_along(candidate.artifact) - installed_along(baseline.artifact) - itself
    named = (installed_along(downstream) if downstream is not None else frozenset()) - itself
    roots = baseline.roots | candidate.roots
    return frozenset(root for root in roots if not _given(root.lower(), moved, named))


def _given(root: str, moved: Iterable[str], named: Iterable[str]) -> bool:
    return root in named or any(root in name for name in moved)


def _spelled(name: str) -> str:
    return canonicalize_name(name).replace("-", "_")
