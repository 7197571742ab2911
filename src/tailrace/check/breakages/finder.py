"""What a finder for names and calls is given: one file of a downstream, beside both releases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tailrace.check.breakage import Breakage
from tailrace.check.release_pair import ReleasePair
from tailrace.model import Change
from tailrace.python.modules import Surface
from tailrace.python.usages import FileUsage, Use


@dataclass(frozen=True, slots=True)
class FileView:
    """One file of a downstream. `uses`: those of its uses that can be hurt. `surface`: the downstream. `changed`: the
    changes of `changes.interfaces`. `words`: a use or clause that holds none of them is not hurt; `None` where that is
    not known."""

    pair: ReleasePair
    usage: FileUsage
    uses: tuple[Use, ...]
    surface: Surface
    changed: tuple[Change, ...] = ()
    words: frozenset[str] | None = None

    def changes(self, rule: str) -> dict[str, Change]:
        """The changes of one rule by symbol."""
        return {change.symbol: change for change in self.changed if change.rule == rule}


@dataclass(frozen=True, slots=True)
class FileFinder:
    """Finds breaks of these rules, file by file. A module of this package with a `FINDER` is one; no list names it.

    `rank`: of two finders that find the same, the one with the lower rank says it.
    """

    rules: frozenset[str]
    find: Callable[[FileView], Iterator[Breakage]]
    rank: int = 100
