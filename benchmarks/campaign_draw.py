"""Draws random pairs: a release of a downstream, and two of an upstream that it imports.

The draw of pair N of a seed depends on nothing but these two, the list and what the index holds.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from tailrace.artifacts import open_release
from tailrace.model import Artifact, TailraceError
from tailrace.python.modules import Surface
from tailrace.sources import Sources

#: Interpreters of then must still be here: the first release that 3.8 could run.
EARLIEST = datetime(2019, 10, 1, tzinfo=UTC)
KINDS = ("next-minor", "next-major", "latest")
YEARS = timedelta(days=3 * 365)
_MOST_TRIES = 40
#: Libraries of several hundred megabytes, which a small machine does not install hundreds of times.
HUGE = re.compile(r"torch|tensorflow|jaxlib|nvidia-|cuda|triton|pyspark|xgboost|lightgbm|catboost|playwright|ray$|vllm")


class DrawnPair(msgspec.Struct, frozen=True, kw_only=True):
    """A downstream and two releases of its upstream, as specs. `day`: when the downstream was uploaded. `met`: what
    the draw `stress` found gone and mentioned.
    """

    id: str
    kind: str
    downstream: str
    baseline: str
    candidate: str
    day: str = ""
    met: tuple[str, ...] = ()

    @property
    def draw(self) -> str:
        """`plain` or `stress`."""
        return "stress" if self.id.startswith("stress-") else "plain"

    @property
    def seed(self) -> str:
        """The seed that it was drawn with."""
        return self.id.split("-")[-2]


def draw(
    seed: int, number: int, names: tuple[str, ...], sources: Sources, kinds: tuple[str, ...] = KINDS
) -> DrawnPair | None:
    """Pair `number` of a seed, `None` where many tries gave none. `kinds`: how the candidate may follow."""
    chance = random.Random(f"{seed}/{number}")
    for _ in range(_MOST_TRIES):
        name = chance.choice(names)
        try:
            found = _draw_of(name, chance, sources, kinds)
        except (TailraceError, OSError, InvalidVersion):
            continue
        if found is not None:
            return msgspec.structs.replace(found, id=f"{seed}-{number}")
    return None


def _draw_of(name: str, chance: random.Random, sources: Sources, kinds: tuple[str, ...]) -> DrawnPair | None:
    releases = [one for one in history_of(name, sources) if one[1] >= EARLIEST]
    if not releases or HUGE.search(name):
        return None
    version, day = chance.choice(releases)
    spec = f"{name}=={version}"
    downstream = open_release(spec, sources)
    words = imported_roots(downstream)
    wanted = sorted(set(required(downstream)))
    chance.shuffle(wanted)
    for requirement in wanted:
        if requirement.name == name or HUGE.search(requirement.name):
            continue
        found = _pair_of(requirement, day, chance, sources, kinds)
        if found is None:
            continue
        kind, baseline, candidate = found
        roots = Surface(open_release(baseline, sources)).roots
        if roots.isdisjoint(words):
            continue
        return DrawnPair(id="", kind=kind, downstream=spec, baseline=baseline, candidate=candidate, day=day.isoformat())
    return None


def _pair_of(
    requirement: Requirement, day: datetime, chance: random.Random, sources: Sources, kinds: tuple[str, ...]
) -> tuple[str, str, str] | None:
    """The release that was current and one of the later ones: (kind, baseline, candidate)."""
    history = [(Version(version), moment) for version, moment in history_of(requirement.name, sources)]
    current = [v for v, moment in history if moment <= day and requirement.specifier.contains(v)]
    if not current:
        return None
    baseline = max(current)
    later = [(v, moment) for v, moment in history if v > baseline]
    choices: dict[str, Version] = {}
    minor = [v for v, _ in later if v.major == baseline.major and v.release[:2] != baseline.release[:2]]
    major = [v for v, _ in later if v.major > baseline.major]
    latest = [v for v, moment in later if moment <= day + YEARS]
    for kind, found in zip(KINDS, (minor[:1], major[:1], latest[-1:]), strict=True):
        if found and kind in kinds:
            choices[kind] = found[0]
    if not choices:
        return None
    kind = chance.choice(sorted(choices))
    return kind, f"{requirement.name}=={baseline}", f"{requirement.name}=={choices[kind]}"


_HISTORIES: dict[str, tuple[tuple[str, datetime], ...]] = {}


def history_of(name: str, sources: Sources) -> tuple[tuple[str, datetime], ...]:
    """The releases of a name with the moments of their uploads, asked for once in a campaign."""
    if name not in _HISTORIES:
        _HISTORIES[name] = sources.history(name)
    return _HISTORIES[name]


def required(artifact: Artifact) -> Iterator[SortedRequirement]:
    """The requirements that hold without extras. They can be sorted."""
    for line in artifact.metadata.requires_dist:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": "", "python_version": "3.9"}):
            yield SortedRequirement(str(requirement))


class SortedRequirement(Requirement):
    """A requirement that can be sorted."""

    def __lt__(self, other: Requirement) -> bool:
        return str(self) < str(other)

    def __hash__(self) -> int:
        return hash(str(self))


_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)


def roots_of(data: bytes) -> frozenset[str]:
    """First components of what a file imports."""
    return frozenset(word.decode() for word in _IMPORT.findall(data))


def imported_roots(artifact: Artifact) -> frozenset[str]:
    """First components of what its files import."""
    return frozenset().union(*(roots_of((artifact.root / file).read_bytes()) for file in artifact.python_files))


def load_names(path: Path) -> tuple[str, ...]:
    """The list, comments left out."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))
