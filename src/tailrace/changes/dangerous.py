"""Finds the files of a downstream in which some call may meet a need, from their bytes."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from tailrace.changes.argument_count import may_give_more
from tailrace.python.modules import Surface
from tailrace.python.semantics.call_hazards import Need

# Nearly every file has a call with so few arguments: counting them would find nothing out.
_FEW = 4


@dataclass(slots=True)
class DangerousFiles:
    """`tokens`: the identifiers of each file that is asked about. Every answer is remembered."""

    downstream: Surface
    tokens: Mapping[str, Set[bytes]]
    _gives: dict[tuple[str, int], bool] = field(default_factory=dict)

    def files(self, need: Need) -> frozenset[str] | None:
        """The files; `None` where looking for them is of no use."""
        if not need.keywords:
            if need.positions is None or need.positions < _FEW:
                return None
            return frozenset(file for file in self.tokens if self._gives_more(file, need.positions))
        keywords = {keyword.encode() for keyword in need.keywords}
        return frozenset(
            file
            for file, held in self.tokens.items()
            if not keywords.isdisjoint(held) and (need.positions is None or self._gives_more(file, need.positions))
        )

    def _gives_more(self, file: str, positions: int) -> bool:
        key = (file, positions)
        if key not in self._gives:
            try:
                data = (self.downstream.artifact.root / file).read_bytes()
            except OSError:
                data = b"("
            self._gives[key] = may_give_more(data, positions)
        return self._gives[key]
