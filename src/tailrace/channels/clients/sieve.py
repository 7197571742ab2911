"""A universe and requests in; the candidates that conda throws out before it chooses anything out.

The first half of what `reduction` describes. The order of the channels matters here only under strict priority, and
the sieve is shared by all cells that see it the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from functools import lru_cache

from tailrace.channels.clients.universe import Group, Universe, Want

#: How deep a filter is passed on. Deeper chains are legal and only mean that fewer candidates are thrown out.
DEPTH = 300


class Sieve:
    """What is thrown out. `requests`: in conda's order. `strict`: the rank of each channel under strict priority,
    `None` under the others. `valid`: name → candidates that are left.
    """

    def __init__(self, universe: Universe, requests: tuple[Want, ...], strict: tuple[int, ...] | None) -> None:
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
                if self._narrow(request.name, [request], visited, 0):
                    waiting.append(request)

    def _narrow(self, name: str, wants: Sequence[Want], visited: set[str], depth: int) -> bool | None:
        """Drop the candidates of a name that cannot be chosen; whether any were, or None when none is left."""
        universe, dropped = self._universe, self._dropped
        group = universe.group(name)
        gone = dropped.get(name, 0)
        if name not in dropped:
            gone |= group.full & ~self.allowed(name)
        before = group.full & ~gone
        matching = 0
        for want in wants:
            matching |= universe.mask(want)
        alive = before & matching
        if self._requested.get(name):
            alive &= self._requested[name]
        dropped[name] = group.full & ~alive
        for members, needs in universe.needs(name):
            if alive & members:
                for needed, mask in needs:
                    if not mask & ~dropped.get(needed, 0):
                        alive &= ~members
                        break
        dropped[name] = group.full & ~alive
        narrowed = alive != before
        if not alive:
            return None
        if (narrowed or name not in visited) and depth < DEPTH:
            visited.add(name)
            for shared, forms in self._shared(group, alive).items():
                result = self._narrow(shared, forms, visited, depth + 1)
                if result is None:
                    return None
                narrowed = narrowed or result
        return narrowed

    @staticmethod
    def _shared(group: Group, alive: int) -> dict[str, list[Want]]:
        """The dependencies that every remaining candidate has, in one form or another."""
        shared: dict[str, dict[Want, None]] | None = None
        for asked, members in group.alike.items():
            if not alive & members:
                continue
            mine = {want.name: want for want in asked if not want.optional}
            if shared is None:
                shared = {name: {want: None} for name, want in mine.items()}
            else:
                shared = {name: {**seen, mine[name]: None} for name, seen in shared.items() if name in mine}
        return {name: list(seen) for name, seen in (shared or {}).items()}

    def _validate(self) -> dict[str, int]:
        """Candidates whose dependencies can be met at all, cycles taken to be fine. What the filter decided stands."""
        universe = self._universe
        names = list(universe.reachable([request.name for request in self._requests]))
        valid = {name: universe.group(name).full & ~self._dropped.get(name, 0) for name in names}
        open_names = [name for name in names if name not in self._dropped]
        users: dict[str, list[str]] = {}
        for name in open_names:
            for needed in universe.needed(name):
                users.setdefault(needed, []).append(name)
        waiting, queued = deque(open_names), set(open_names)
        while waiting:
            name = waiting.popleft()
            queued.discard(name)
            left = valid[name]
            for members, needs in universe.needs(name):
                if left & members:
                    for needed, mask in needs:
                        if not mask & valid[needed]:
                            left &= ~members
                            break
            if left != valid[name]:
                valid[name] = left
                for user in users.get(name, ()):
                    if user not in queued:
                        queued.add(user)
                        waiting.append(user)
        return valid


@lru_cache(maxsize=32)
def sift(universe: Universe, requests: tuple[Want, ...], strict: tuple[int, ...] | None) -> Sieve:
    """The sieve of these requests, worked out once."""
    return Sieve(universe, requests, strict)
