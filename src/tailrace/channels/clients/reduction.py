"""A universe and a request in; the candidates that conda's classic solver would still consider out. Chooses nothing
yet.

conda does not optimise over all records of a channel. It first throws out what cannot be part of a solution, and
then collects what the requested packages can pull in; and since its quality metrics count *ranks among the
candidates that are left*, an answer is only conda's own if this step is conda's own too. Three of its habits matter,
all present from 4.12 to 26.7 (`Resolve.get_reduced_index`):

- a filter on a name is passed on to a dependency only when every remaining candidate of that name has the
  dependency;
- filtering makes two rounds, not as many as it takes; what it has decided is not looked at again;
- below a requested package, a dependency that is looser than what the request or that package itself says of the
  name is not followed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from tailrace.channels.clients.interface import Priority
from tailrace.channels.clients.universe import Group, Universe, Want, bits

#: How deep a filter is passed on. Deeper chains are legal and only mean that fewer candidates are thrown out.
DEPTH = 300


class Reduction:
    """The candidates of one request in one cell. `kept`: name → mask, only names with candidates."""

    def __init__(self, universe: Universe, ranks: Sequence[int], priority: Priority, requests: Sequence[Want]) -> None:
        self.universe = universe
        self.ranks = ranks
        self.strict = priority == "strict"
        self.disabled = priority == "disabled"
        self.kept: dict[str, int] = {}
        self._dropped: dict[str, int] = {}
        self._orders: dict[str, list[int]] = {}
        self._allowed: dict[str, int] = {}
        self.requests = sorted(requests, key=self._urgency, reverse=True)
        self._requested: dict[str, int] = {}
        for request in self.requests:
            self._requested[request.name] = self._requested.get(request.name, 0) | universe.mask(request)
        self._filter()
        self._valid = self._validate()
        self._collect()

    def order(self, name: str) -> list[int]:
        """The places of a group, conda's favourite first."""
        known = self._orders.get(name)
        if known is None:
            group = self.universe.group(name)
            known = self._orders[name] = sorted(
                range(len(group.records)), key=lambda place: self.key(group, place), reverse=True
            )
        return known

    def key(self, group: Group, place: int) -> tuple[int, int, int, int, float, str]:
        """What conda sorts by: channel, version, build number, arch, timestamp, build; without channel priority the
        version comes first.
        """
        version, number, arch, moment, build = group.keys[place]
        channel = -self.ranks[group.channels[place]]
        return (
            (version, channel, number, arch, moment, build)
            if self.disabled
            else (channel, version, number, arch, moment, build)
        )

    def _urgency(self, request: Want) -> tuple[int, str]:
        value = request.exactness
        if value == 3:
            mask = self.universe.mask(request)
            first = next((place for place in self.order(request.name) if mask >> place & 1), None)
            if first is not None:
                value += sum(
                    3 if len(w.specs) > 1 else w.exactness for w in self.universe.group(request.name).wants[first]
                )
        return value, request.specs[0].text

    def _strict_mask(self, name: str) -> int:
        """Under strict priority, the candidates from the best channel that has the name at all."""
        known = self._allowed.get(name)
        if known is None:
            group = self.universe.group(name)
            best = min((self.ranks[channel] for channel in group.channels), default=0)
            known = sum(1 << place for place, channel in enumerate(group.channels) if self.ranks[channel] == best)
            self._allowed[name] = known
        return known

    def _filter(self) -> None:
        for _ in range(2):
            visited: set[str] = set()
            waiting = deque(self.requests)
            while waiting:
                request = waiting.popleft()
                if self._narrow(request.name, [request], visited, 0):
                    waiting.append(request)

    def _narrow(self, name: str, wants: Sequence[Want], visited: set[str], depth: int) -> bool | None:
        """Drop the candidates of a name that cannot be chosen; whether any were, or None when none is left."""
        universe, dropped = self.universe, self._dropped
        group = universe.group(name)
        gone = dropped.get(name, 0)
        if self.strict and name not in dropped:
            gone |= group.full & ~self._strict_mask(name)
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
        universe = self.universe
        names = list(universe.reachable([request.name for request in self.requests]))
        valid = {name: universe.group(name).full & ~self._dropped.get(name, 0) for name in names}
        open_names = [name for name in names if name not in self._dropped]
        users: dict[str, list[str]] = {}
        for name in open_names:
            for needed in {needed for _, needs in universe.needs(name) for needed, _ in needs}:
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

    def _collect(self) -> None:
        kept, universe = self.kept, self.universe
        said: dict[str, list[Want]] = {}
        for request in self.requests:
            said.setdefault(request.name, []).append(request)
        for request in self.requests:
            new = self._new(request)
            kept[request.name] = kept.get(request.name, 0) | new
            group = universe.group(request.name)
            for place in self.order(request.name):
                if new >> place & 1:
                    self._pull_in(group.wants[place], said)
        for name in [name for name, mask in kept.items() if not mask]:
            del kept[name]

    def _new(self, want: Want) -> int:
        found = self.universe.mask(want) & self._valid.get(want.name, 0) & ~self.kept.get(want.name, 0)
        return found & self._strict_mask(want.name) if found and self.strict else found

    def _pull_in(self, direct: tuple[Want, ...], said: dict[str, list[Want]]) -> None:
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

    def left(self, want: Want) -> int:
        """The candidates that meet a want and are still considered."""
        return self.universe.mask(want) & self.kept.get(want.name, 0)

    def ordered(self, name: str) -> list[int]:
        """The places still considered, conda's favourite first."""
        mask = self.kept[name]
        return [place for place in self.order(name) if mask >> place & 1]


__all__ = ["Reduction", "bits"]
