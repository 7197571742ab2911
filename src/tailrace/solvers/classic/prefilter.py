"""Finds the candidates that conda drops before it chooses anything.

The first half of what `reduction` describes. The order of the channels matters here only under strict priority, and
the sieve is shared by all cells that see it the same.
"""

from __future__ import annotations

from collections import deque
from functools import lru_cache

from tailrace.solvers.classic.dependencies import Dependency
from tailrace.solvers.classic.universe import Universe

#: How deep a filter is passed on. Deeper chains are legal and only mean that fewer candidates are thrown out.
DEPTH = 300


class Sieve:
    """What is thrown out. `requests`: in conda's order. `strict`: the rank of each channel under strict priority,
    `None` under the others. `valid`: name → candidates that are left.
    """

    def __init__(self, universe: Universe, requests: tuple[Dependency, ...], strict: tuple[int, ...] | None) -> None:
        self._universe = universe
        self._requests = requests
        self._strict = strict
        self._dropped: dict[str, int] = {}
        self._allowed: dict[str, int] = {}
        self._requested: dict[str, int] = {}
        for request in requests:
            self._requested[request.name] = self._requested.get(request.name, 0) | universe.mask(request)
        self._filter()
        self.valid = self._validate()

    def allowed(self, name: str) -> int:
        """Under strict priority, the candidates from the best channel that has the name at all."""
        known = self._allowed.get(name)
        if known is None:
            group = self._universe.group(name)
            if self._strict is None or not group.origins:
                known = group.full
            else:
                known = group.origins[min(group.origins, key=self._strict.__getitem__)]
            self._allowed[name] = known
        return known

    def _filter(self) -> None:
        for _ in range(2):
            visited: set[str] = set()
            waiting = deque(self._requests)
            while waiting:
                request = waiting.popleft()
                if self._narrow(request.name, self._universe.mask(request), visited, 0):
                    waiting.append(request)

    def _narrow(self, name: str, matching: int, visited: set[str], depth: int) -> bool | None:
        """Drop the candidates of a name that cannot be chosen; whether any were, or None when none is left.
        `matching`: those that meet what is asked of the name.
        """
        universe, dropped = self._universe, self._dropped
        group = universe.group(name)
        gone = dropped.get(name, 0)
        if name not in dropped:
            gone |= group.full & ~self.allowed(name)
        before = group.full & ~gone
        alive = before & matching
        if self._requested.get(name):
            alive &= self._requested[name]
        dropped[name] = group.full & ~alive
        for needed, mask, members in universe.needs(name):
            if alive & members and not mask & ~dropped.get(needed, 0):
                alive &= ~members
        dropped[name] = group.full & ~alive
        narrowed = alive != before
        if not alive:
            return None
        if (narrowed or name not in visited) and depth < DEPTH:
            visited.add(name)
            for shared, fitting in self._shared(name, alive).items():
                result = self._narrow(shared, fitting, visited, depth + 1)
                if result is None:
                    return None
                narrowed = narrowed or result
        return narrowed

    def _shared(self, name: str, alive: int) -> dict[str, int]:
        """The dependencies that every remaining candidate has, in one form or another, with all that meet one of
        the forms; in the order of the first candidates that remain.
        """
        having: dict[str, int] = {}
        fitting: dict[str, int] = {}
        for needed, mask, members in self._universe.needs(name):
            if alive & members:
                having[needed] = having.get(needed, 0) | members
                fitting[needed] = fitting.get(needed, 0) | mask
        first = next(wants for wants, members in self._universe.group(name).alike.items() if alive & members)
        return {want.name: fitting[want.name] for want in first if not alive & ~having.get(want.name, 0)}

    def _validate(self) -> dict[str, int]:
        """Candidates whose dependencies can be met at all, cycles taken to be fine. What the filter decided stands."""
        universe = self._universe
        names = list(universe.reachable([request.name for request in self._requests]))
        valid = {name: universe.group(name).full & ~self._dropped.get(name, 0) for name in names}
        open_names = [name for name in names if name not in self._dropped]
        users: dict[str, list[str]] = {}
        for name in open_names:
            for needed in {needed for needed, _, _ in universe.needs(name)}:
                users.setdefault(needed, []).append(name)
        waiting, queued = deque(open_names), set(open_names)
        while waiting:
            name = waiting.popleft()
            queued.discard(name)
            left = valid[name]
            for needed, mask, members in universe.needs(name):
                if left & members and not mask & valid[needed]:
                    left &= ~members
            if left != valid[name]:
                valid[name] = left
                for user in users.get(name, ()):
                    if user not in queued:
                        queued.add(user)
                        waiting.append(user)
        return valid


@lru_cache(maxsize=32)
def prefilter(universe: Universe, requests: tuple[Dependency, ...], strict: tuple[int, ...] | None) -> Sieve:
    """The sieve of these requests, worked out once."""
    return Sieve(universe, requests, strict)
