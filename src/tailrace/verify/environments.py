"""Makes two environments for a downstream that differ in nothing but its upstream."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from tailrace.model import Release
from tailrace.verify.building import Builder, unbuilt
from tailrace.verify.errors import PreparationError, ResolutionError, VerifyError
from tailrace.verify.feed import Feed, Wanted
from tailrace.verify.interpreters import (
    Interpreter,
    InterpreterCache,
    ask_interpreter,
    find_interpreters,
    order_interpreters,
)
from tailrace.verify.programs import Environment
from tailrace.verify.sandbox import Sandbox
from tailrace.verify.stubs import write_stub_wheel
from tailrace.verify.uv import LinkMode, Locks, Uv, environment_key, plan_dates

_NO_VERSIONS = re.compile(r"there are no versions of ([A-Za-z0-9._-]+)")
_MOST_TRIES = 20
_MOST_MISSING = 12
_MOST_SIBLINGS = 24
_MOST_BUILT = 6


@dataclass(frozen=True, slots=True)
class Pair:
    """The two environments. `moved`: other packages that differ between them, as (name, old, new). `older`: the oldest
    series of Python on this machine that all three releases admit, where it is older than `interpreter`. `info`: the
    metadata folder of the downstream's conda package.
    """

    baseline: Environment
    candidate: Environment
    interpreter: Interpreter
    moved: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...] = ()
    older: str | None = None
    info: Path | None = None


class NoInterpreterError(VerifyError):
    """No interpreter of this machine fits. `wanted`: what was asked for."""

    def __init__(self, wanted: str, found: Sequence[str]) -> None:
        super().__init__(
            f"no Python on this machine fits {wanted} (found: {', '.join(found) or 'none'}).",
            hint="Install one, or name its path with --python.",
        )


def make_pair(
    downstream: Wanted,
    baseline: Wanted,
    candidate: Wanted,
    feed: Feed,
    sandbox: Sandbox,
    *,
    python: str | None,
    link_mode: LinkMode,
    place: Path,
    more: Sequence[str] = (),
    stubs: Path | None = None,
) -> Pair:
    """The pair below the folder `place`. `more`: requirements that both hold besides. `stubs`: where wheels are written
    that stand for packages which no index has. Raises `VerifyError` with the reason why it cannot be made.
    """
    uv = Uv(feed.folder, feed.indexes)
    interpreters = choose_interpreters(feed, downstream, baseline, candidate, python)
    notes = [
        f"{wanted.release.name} {wanted.release.version} was installed from its source files, without a build"
        for wanted in (downstream, baseline, candidate)
        if wanted.from_tree
    ]
    siblings = feed.siblings(baseline.release, candidate.release)
    builder = Builder(uv, sandbox, feed)
    locks = Resolving(downstream, baseline, candidate, interpreters, builder, siblings, notes, more, stubs).resolve()
    made = []
    for lock in (locks.baseline, locks.candidate):
        key = environment_key(lock, locks.interpreter, link_mode)
        folder = uv.install(lock, locks.interpreter, place / key[:2] / key, link_mode)
        made.append(Environment(folder, Path(locks.interpreter.home)))
    moved = tuple(move for move in locks.moved if move[0] != baseline.release.name)
    oldest = min((one.series for one in interpreters(None)), default=locks.interpreter.series)
    older = "{}.{}".format(*oldest) if oldest < locks.interpreter.series else None
    return Pair(made[0], made[1], locks.interpreter, moved, tuple(notes), older)


def make_interpreter_pair(
    downstream: Wanted,
    baseline: Release,
    candidate: Release,
    feed: Feed,
    *,
    link_mode: LinkMode,
    place: Path,
    more: Sequence[str],
) -> Pair:
    """The pair where the interpreter itself is the upstream: the same requirements with either Python. Raises
    `VerifyError` with the reason why it cannot be made.
    """
    uv = Uv(feed.folder, feed.indexes)
    every = find_interpreters(InterpreterCache(feed.folder / "interpreters.json"))
    day = downstream.uploaded + timedelta(days=2) if downstream.uploaded is not None else None
    environments, locks, used = [], [], []
    for release in (baseline, candidate):
        fitting = [one for one in every if f"{one.text}.".startswith(f"{release.version}.")]
        if not fitting:
            raise NoInterpreterError(f"Python {release.version}", [one.text for one in every])
        lock = _lock_for(uv, (downstream.requirement, *more), fitting[0], day)
        key = environment_key(lock, fitting[0], link_mode)
        folder = uv.install(lock, fitting[0], place / key[:2] / key, link_mode)
        environments.append(Environment(folder, Path(fitting[0].home)))
        locks.append(lock)
        used.append(fitting[0])
    notes = (f"the baseline is Python {used[0].text}, the candidate Python {used[1].text}",)
    return Pair(environments[0], environments[1], used[1], Locks(locks[0], locks[1], used[1]).moved, notes)


def _lock_for(uv: Uv, requirements: Sequence[str], interpreter: Interpreter, day: datetime | None) -> str:
    """A lock with the packages of a day; where these do not serve a later Python, with those of today."""
    first: ResolutionError | None = None
    for moment in dict.fromkeys((day, None)):
        with tempfile.TemporaryDirectory(prefix="tailrace-lock-") as scratch:
            try:
                return uv.lock(requirements, interpreter, moment, Path(scratch))
            except ResolutionError as error:
                first = first or error
    assert first is not None
    raise first


@dataclass
class Resolving:
    """Both locks of a pair, with more and more allowances until there are any.

    A package without wheels is built in the sandbox. Where a source tree names packages that no index has, it is
    installed without these: what conda channels have is often not in an index under the same name, and a finding seldom
    needs it. `notes`: what was done.
    """

    downstream: Wanted
    baseline: Wanted
    candidate: Wanted
    interpreters: Callable[[datetime | None], tuple[Interpreter, ...]]
    builder: Builder
    siblings: Sequence[str]
    notes: list[str]
    more: Sequence[str] = ()
    stubs: Path | None = None
    # The interpreter that a wheel was built for which no other one can use.
    bound: Interpreter | None = None

    @property
    def from_tree(self) -> bool:
        """Whether a source tree is among the releases: its packages may be on conda channels only."""
        return any(wanted.from_tree for wanted in (self.downstream, self.baseline, self.candidate))

    def resolve(self) -> Locks:
        """The locks. Raises `ResolutionError` or `PreparationError` with the reason why there are none."""
        missing: list[str] = []
        built: dict[str, str] = {}
        undated: list[str] = []
        siblings = list(self.siblings)
        while True:
            overrides = [*map(self._left_out, missing), *built.values()]
            try:
                locks = resolve_pair(
                    self.builder.uv,
                    self.downstream,
                    self.baseline,
                    self.candidate,
                    self._fitting,
                    overrides,
                    siblings,
                    self.more,
                    undated,
                )
                break
            except ResolutionError as error:
                later = set(error.later) - {*undated, self.baseline.release.name, self.downstream.release.name}
                later -= {name for name, _ in unbuilt(error.message)}
                if later - set(siblings) and len(siblings) < _MOST_SIBLINGS:
                    siblings += sorted(later - set(siblings))  # what the upstream needs may be as new as it is
                    continue
                if self.from_tree and later and len(undated) < _MOST_MISSING:
                    undated += sorted(later)
                    continue
                gone = set(_NO_VERSIONS.findall(error.message)) - {*undated, self.baseline.release.name}
                gone -= {self.downstream.release.name}
                if gone and len(undated) < _MOST_MISSING:  # what there was then has been removed from the index since
                    undated += sorted(gone)
                    continue
                unusable = [pair for pair in unbuilt(error.message) if pair[0] not in built]
                absent = set(
                    re.findall(r"(?<![A-Za-z0-9._-])([A-Za-z0-9._-]++) was not found in", error.message)
                ) - set(missing)
                if unusable and len(built) < _MOST_BUILT:
                    built |= self._build(unusable, missing, undated)
                elif self.from_tree and absent.isdisjoint({self.baseline.release.name, self.downstream.release.name}):
                    if not absent or len(missing) > _MOST_MISSING:
                        return self._alone(error)
                    missing += sorted(absent)
                else:
                    raise
        if undated:
            self.notes.append(f"{', '.join(undated)} is newer than the rest: the index had none at that time")
        if missing and self.stubs is not None:
            said = ", ".join(missing)
            self.notes.append(f"{said} cannot be installed here: a stub that does nothing stands for each of them")
        elif missing:
            said = ", ".join(missing)
            self.notes.append(f"{said} was left out: the source tree requires it, and the index has nothing usable")
        if built:
            self.notes.append(f"{', '.join(sorted(built))} was built from source in the sandbox")
        return locks

    def _left_out(self, name: str) -> str:
        """The requirement that counts in place of a package that no index has."""
        if self.stubs is None:
            return f"{name} ; python_version < '0'"
        return f"{name} @ {write_stub_wheel(name, self.stubs).absolute().as_uri()}"

    def _build(self, unusable: Sequence[tuple[str, str]], missing: list[str], undated: Sequence[str]) -> dict[str, str]:
        """The wheels that were built. What cannot be built is missing, where a stub may stand for it."""
        built = {}
        for name, specifier in unusable:
            day = self.downstream.uploaded + timedelta(days=2) if self.downstream.uploaded is not None else None
            if name == self.baseline.release.name:
                self._build_upstream(name, specifier)
                continue
            if name in undated:
                day = None
            own = name == self.downstream.release.name
            if own:
                specifier = f"=={self.downstream.release.version}"
            try:
                built[name] = self._wheel(name, specifier, day)
            except PreparationError:
                if own or not (self.from_tree or self.stubs is not None):
                    raise
                missing.append(name)
        return built

    def _fitting(self, day: datetime | None) -> tuple[Interpreter, ...]:
        return self.interpreters(day) if self.bound is None else (self.bound,)

    def _wheel(self, name: str, specifier: str, day: datetime | None) -> str:
        """The requirement of a wheel that was built; one with compiled parts binds all that follows to its Python."""
        interpreter = self._fitting(day)[0]
        requirement = self.builder.requirement(name, specifier, interpreter, day)
        if not requirement.endswith("-none-any.whl"):
            self.bound = interpreter
        return requirement

    def _build_upstream(self, name: str, specifier: str) -> None:
        """Take wheels built in the sandbox for the releases of the upstream that have none."""
        took = False
        for which in ("baseline", "candidate"):
            wanted: Wanted = getattr(self, which)
            version = wanted.release.version
            if wanted.requirement != f"{name}=={version}" or specifier not in ("", f"=={version}"):
                continue
            day = wanted.uploaded + timedelta(days=2) if wanted.uploaded is not None else None
            setattr(self, which, replace(wanted, requirement=self._wheel(name, f"=={version}", day)))
            self.notes.append(f"{name} {version} was built from source in the sandbox")
            took = True
        if not took:
            raise ResolutionError(f"{name} has no usable wheel for both releases")

    def _alone(self, error: ResolutionError) -> Locks:
        """The downstream and its upstream, and no other package."""
        self.notes.append(f"no other package was installed: {error.message}")
        pinned = [f"{self.downstream.requirement}\n{one.requirement}\n" for one in (self.baseline, self.candidate)]
        return Locks(pinned[0], pinned[1], self._fitting(self.downstream.uploaded)[0])


def choose_interpreters(
    feed: Feed, downstream: Wanted, baseline: Wanted, candidate: Wanted, python: str | None
) -> Callable[[datetime | None], tuple[Interpreter, ...]]:
    """Returns a function from a day to the interpreters to try with the packages of that day. Raises
    `NoInterpreterError`.
    """
    if python is not None and ("/" in python or "\\" in python):
        named = ask_interpreter(Path(python).expanduser().absolute())
        if named is None:
            raise NoInterpreterError(python, ())
        return lambda day: (named,)
    every = find_interpreters(InterpreterCache(feed.folder / "interpreters.json"))
    texts = [one.text for one in every]
    if python is not None:
        chosen = tuple(one for one in every if one.text == python or one.text.startswith(f"{python}."))
        if not chosen:
            raise NoInterpreterError(f"Python {python}", texts)
        return lambda day: chosen[:1]
    requires = [wanted.release.requires_python for wanted in (downstream, baseline, candidate)]
    if not order_interpreters(every, requires, None):
        raise NoInterpreterError(" and ".join(sorted({text for text in requires if text})), texts)
    latest = max((one.uploaded for one in (downstream, baseline, candidate) if one.uploaded is not None), default=None)
    return lambda day: order_interpreters(every, requires, day or latest)


def resolve_pair(
    uv: Uv,
    downstream: Wanted,
    baseline: Wanted,
    candidate: Wanted,
    interpreters: Callable[[datetime | None], tuple[Interpreter, ...]],
    overrides: Sequence[str] = (),
    siblings: Sequence[str] = (),
    more: Sequence[str] = (),
    undated: Sequence[str] = (),
) -> Locks:
    """Both locks, with the first interpreter and dates that give any. Raises the `ResolutionError` of the first try."""
    first: ResolutionError | None = None
    tries = [
        (one, dates)
        for dates in plan_dates(downstream, baseline, candidate)
        for one in interpreters(dates.everything if dates is not None else None)
    ]
    for interpreter, dates in tries[:_MOST_TRIES]:
        with tempfile.TemporaryDirectory(prefix="tailrace-lock-") as scratch:
            try:
                return uv.resolve(
                    (downstream.requirement, baseline.release.name, *more),
                    baseline,
                    candidate,
                    interpreter,
                    dates,
                    Path(scratch),
                    siblings,
                    overrides,
                    undated,
                )
            except ResolutionError as error:
                first = first or error
    assert first is not None
    raise first
