"""Joins between a downstream and the upstream's command line: what it runs, what it adds, what it loads by name."""

from tailrace.check.commandline.conflicts import ConflictFinder
from tailrace.check.commandline.hit import Hit, Upstream

__all__ = ["ConflictFinder", "Hit", "Upstream"]
