"""Computes the candidates that conda's classic solver still considers for a request. Chooses nothing yet.

conda does not optimise over all records of a channel. It first throws out what cannot be part of a solution (see
`sieve`), and then collects what the requested packages can pull in; and since its quality metrics count *ranks among
the candidates that are left*, an answer is only conda's own if this step is conda's own too. Three of its habits
matter, all present from 4.12 to 26.7 (`Resolve.get_reduced_index`):

- a filter on a name is passed on to a dependency only when every remaining candidate of that name has the
  dependency;
- filtering makes two rounds, not as many as it takes; what it has decided is not looked at again;
- below a requested package, a dependency that is looser than what the request or that package itself says of the
  name is not followed.
"""

from __future__ import annotations

from collections.abc import Sequence

from tailrace.solvers.classic.dependencies import Dependency
from tailrace.solvers.classic.prefilter import prefilter
from tailrace.solvers.classic.ranking import Ranking
from tailrace.solvers.classic.universe import Universe
from tailrace.solvers.interface import Priority


class Reduction:
    """The candidates of one request in one cell. `kept`: name → mask, only names with candidates."""

    def __init__(
        self, universe: Universe, ranks: Sequence[int], priority: Priority, requests: Sequence[Dependency]
    ) -> None:
        self.universe = universe
        self.ranking = Ranking(universe, ranks, disabled=priority == "disabled")
        self.requests = sorted(requests, key=self._urgency, reverse=True)
        self.kept: dict[str, int] = {}
        self._sieve = prefilter(universe, tuple(self.requests), tuple(ranks) if priority == "strict" else None)
        self._collect()

    def _urgency(self, request: Dependency) -> tuple[int, str]:
        value = request.exactness
        if value == 3:
            mask = self.universe.mask(request)
            first = next((place for place in self.ranking.order(request.name) if mask >> place & 1), None)
            if first is not None:
                value += sum(
                    3 if len(w.specs) > 1 else w.exactness for w in self.universe.group(request.name).wants[first]
                )
        return value, request.specs[0].text

    def _collect(self) -> None:
        kept, universe = self.kept, self.universe
        said: dict[str, list[Dependency]] = {}
        for request in self.requests:
            said.setdefault(request.name, []).append(request)
        for request in self.requests:
            new = self._new(request)
            kept[request.name] = kept.get(request.name, 0) | new
            group = universe.group(request.name)
            for place in self.ranking.order(request.name):
                if new >> place & 1:
                    self._pull_in(group.wants[place], said)
        for name in [name for name, mask in kept.items() if not mask]:
            del kept[name]

    def _new(self, want: Dependency) -> int:
        valid = self._sieve.valid.get(want.name, 0)
        found = self.universe.mask(want) & valid & ~self.kept.get(want.name, 0)
        return found and found & self._sieve.allowed(want.name)

    def _pull_in(self, direct: tuple[Dependency, ...], said: dict[str, list[Dependency]]) -> None:
        bound = {name: wants[0].exactness for name, wants in said.items()}
        for want in direct:
            if want not in said.get(want.name, ()) and want.exactness >= bound.get(want.name, 0):
                bound[want.name] = want.exactness
        seen = set(direct)
        waiting = list(direct)
        while waiting:
            want = waiting.pop()
            new = self._new(want)
            if not new:
                continue
            self.kept[want.name] = self.kept.get(want.name, 0) | new
            for asked, members in self.universe.group(want.name).alike.items():
                if new & members:
                    for further in asked:
                        if further not in seen:
                            seen.add(further)
                            if further.exactness >= bound.get(further.name, 0):
                                waiting.append(further)

    def left(self, want: Dependency) -> int:
        """The candidates that meet a want and are still considered."""
        return self.universe.mask(want) & self.kept.get(want.name, 0)
