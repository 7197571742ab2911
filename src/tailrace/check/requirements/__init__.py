"""Checks requirements against a release: which versions they admit, and which of them can no longer be installed
together.
"""

from tailrace.changes.distribution import PYTHONS, supports
from tailrace.check.requirements.admission import (
    admits,
    applies,
    containing_fix,
    environments,
    requirement_on,
)
from tailrace.check.requirements.conflicts import requirement_conflicts
from tailrace.check.requirements.pythons import python_dropped

__all__ = [
    "PYTHONS",
    "admits",
    "applies",
    "containing_fix",
    "environments",
    "python_dropped",
    "requirement_conflicts",
    "requirement_on",
    "supports",
]
