"""What a finder for names and calls is given: one file of a downstream, beside both releases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec

from tailrace.check.breakage import Breakage
from tailrace.check.release_pair import ReleasePair
from tailrace.model import Change
from tailrace.python.modules import Surface
from tailrace.python.usages import FileUsage, Use, number_alike


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
    # For each use the number of those that differ from it in their places only.
    alike: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "alike", number_alike(self.uses))

    def each(self, judge: Callable[[Use], Iterator[Breakage]]) -> Iterator[Breakage]:
        """What `judge` finds in each of the uses. Of uses that are alike, no other is judged where one is found whole.

        `judge` may look at the tests around a use only to find less.
        """
        whole: set[int] = set()
        for use, number in zip(self.uses, self.alike, strict=True):
            if number in whole:
                continue
            found = list(judge(msgspec.structs.replace(use, around=()) if use.around else use))
            if not found:
                whole.add(number)
            else:
                yield from judge(use) if use.around else found

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
