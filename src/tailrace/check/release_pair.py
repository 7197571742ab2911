"""The two releases that are compared, each with the downstream on the same search path."""

from __future__ import annotations

from dataclasses import dataclass

from tailrace.python.semantics.resolver import Resolver


@dataclass(frozen=True, slots=True)
class ReleasePair:
    """The resolvers of both releases, and the import roots of the upstream."""

    baseline: Resolver
    candidate: Resolver
    roots: frozenset[str]

    def upstream(self, path: str | None) -> bool:
        """Whether a module path belongs to the upstream in either version."""
        return path is not None and (
            path.split(".", 1)[0] in self.roots
            and any(
                (path in w.surfaces[0].sources and not w.shadows(path)) or not w.surfaces[-1].sources.get(path)
                for w in (self.baseline, self.candidate)
            )
        )
