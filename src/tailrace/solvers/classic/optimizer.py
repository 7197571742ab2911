"""Clauses and a list of objectives in; the model that is best in the first objective, then in the second, and so on.
Exact.

An objective is a tuple of *chains*: a chain is the literals "is at least 1 too high", "is at least 2 too high", …,
each implying the one before. Two things are minimised in turn, as conda does: the longest chain prefix that is true
anywhere (the worst rank of any package), then the number of true literals (the sum of ranks). The sum is found core
by core (OLL): every unsatisfiable core raises the lower bound by one and is replaced by a counter over its members;
what is left satisfiable is the optimum, and those assumptions become facts for the objectives that follow. A budget
counted in conflicts, not in seconds, keeps the answer the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Chain = tuple[int, ...]


class TooHardError(Exception):
    """The conflict budget ran out."""


class Optimizer:
    """An incremental SAT solver with lexicographic objectives."""

    def __init__(self, conflicts: int = 200_000) -> None:
        from pysat.solvers import Glucose4  # type: ignore[import-untyped]  # python-sat ships no types

        self._solver: Any = Glucose4()
        #: Adds one clause. The solver's own method, since it is called half a million times for a grid.
        self.add: Callable[[list[int]], None] = self._solver.add_clause
        self._budget = conflicts
        self._top = 0
        self._model: set[int] = set()

    def new(self) -> int:
        """A fresh variable."""
        self._top += 1
        return self._top

    def close(self) -> None:
        """Give the solver's memory back."""
        self._solver.delete()

    def solve(self, assumptions: Sequence[int] = ()) -> bool:
        """Whether there is a model under assumptions. Raises TooHardError when the budget is used up."""
        self._solver.conf_budget(self._budget)
        found = self._solver.solve_limited(assumptions=list(assumptions))
        if found is None:
            raise TooHardError
        if found:
            self._model = {literal for literal in self._solver.get_model() if literal > 0}
        return bool(found)

    def true(self, literal: int) -> bool:
        """The value in the last model."""
        return (literal in self._model) if literal > 0 else (-literal not in self._model)

    def minimize(self, chains: Sequence[Chain]) -> int:
        """Minimise the worst, then the sum, and keep both; returns the sum."""
        chains = [chain for chain in chains if chain]
        if not chains:
            return 0
        worst = self._worst(chains)
        for chain in chains:
            if len(chain) > worst:
                self.add([-chain[worst]])
        return self._least([-literal for chain in chains for literal in chain[:worst]]) if worst else 0

    def _height(self, chains: Sequence[Chain]) -> int:
        return max(sum(1 for literal in chain if self.true(literal)) for chain in chains)

    def _worst(self, chains: Sequence[Chain]) -> int:
        low, high = 0, self._height(chains)
        if high and self.solve([-chain[0] for chain in chains]):
            return 0
        low = min(1, high)
        while low < high:
            middle = (low + high) // 2
            if self.solve([-chain[middle] for chain in chains if len(chain) > middle]):
                high = self._height(chains)
            else:
                low = middle + 1
        return high

    def _least(self, wishes: list[int]) -> int:
        active = dict.fromkeys(wishes)
        counters: dict[int, tuple[Any, int]] = {}
        cost = 0
        while not self.solve(list(active)):
            core = self._shrunk(list(self._solver.get_core() or ()))
            cost += 1
            for wish in core:
                active.pop(wish, None)
                if wish in counters:
                    self._loosen(*counters.pop(wish), active, counters)
            if len(core) > 1:
                self._count(core, active, counters)
            else:
                self.add([-core[0]])
        for wish in active:
            self.add([wish])
        return cost

    def _shrunk(self, core: list[int]) -> list[int]:
        """The same core, smaller where a second look at it alone shows that."""
        while len(core) > 1 and not self.solve(core):
            smaller = list(self._solver.get_core() or ())
            if len(smaller) >= len(core):
                break
            core = smaller
        return core

    def _count(self, core: list[int], active: dict[int, None], counters: dict[int, tuple[Any, int]]) -> None:
        from pysat.card import ITotalizer  # type: ignore[import-untyped]  # python-sat ships no types

        counter = ITotalizer(lits=[-wish for wish in core], ubound=1, top_id=self._top)
        self._top = max(self._top, counter.top_id)
        for clause in counter.cnf.clauses:
            self.add(clause)
        self._watch(counter, 1, active, counters)

    def _loosen(self, counter: Any, bound: int, active: dict[int, None], counters: dict[int, tuple[Any, int]]) -> None:
        bound += 1
        if bound >= len(counter.lits):
            return
        known = len(counter.cnf.clauses)
        counter.increase(ubound=bound, top_id=self._top)
        self._top = max(self._top, counter.top_id)
        for clause in counter.cnf.clauses[known:] if counter.nof_new == 0 else counter.cnf.clauses[-counter.nof_new :]:
            self.add(clause)
        self._watch(counter, bound, active, counters)

    def _watch(self, counter: Any, bound: int, active: dict[int, None], counters: dict[int, tuple[Any, int]]) -> None:
        wish = -counter.rhs[bound]
        active[wish] = None
        counters[wish] = (counter, bound)
