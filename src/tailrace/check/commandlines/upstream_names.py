"""How the upstream and its two releases are called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UpstreamNames:
    """The name and the two versions."""

    name: str
    candidate: str
    baseline: str
