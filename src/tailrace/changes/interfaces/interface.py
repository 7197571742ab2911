"""What a kind of change outside the Python API is to the comparison of two releases: one object per module."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tailrace.model import Change
from tailrace.python.modules import Surface


@dataclass(frozen=True, slots=True)
class InterfaceKind:
    """`rules`: those whose changes `compare(baseline, candidate)` gives."""

    rules: frozenset[str]
    compare: Callable[[Surface, Surface], Iterable[Change]]
