"""Runs a pair in two environments, one prober in each, and returns the difference.

Environments are made by `tailrace.verify` and nothing of a package runs outside its sandbox.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from campaign_draw import DrawnPair
from tailrace.model import TailraceError
from tailrace.verify import Feed
from tailrace.verify.environments import make_pair
from tailrace.verify.installed import Distribution, module_of, read_distribution, site_packages
from tailrace.verify.programs import Environment, command_for, read_result
from tailrace.verify.sandbox import Command, Limits, Sandbox
from tailrace.verify.smoke import load_statement

PROBER = Path(__file__).with_name("campaign_prober.py")
LIMITS = Limits(memory=3 << 30, seconds=600.0, cpu_seconds=240, output=64 << 20)
_MOST_WITNESSES = 40
_MOST_MODULES = 600


class ProbedSite(msgspec.Struct, frozen=True, kw_only=True):
    """A use of the upstream with its two outcomes: `ok`, `unsure`, or the error. See `campaign_prober.py`."""

    kind: str
    file: str
    line: int
    end: int
    path: str
    guard: str
    scope: str
    baseline: str
    candidate: str

    @property
    def broken(self) -> bool:
        """It works with the baseline and fails with the candidate. A member of `self` may be set in an instance, so for
        these only what was certain counts.
        """
        before = ("ok",) if self.kind in ("self", "super", "class") else ("ok", "unsure")
        return self.baseline in before and self.candidate not in ("ok", "unsure")

    @property
    def sound(self) -> bool:
        """It works with both."""
        return self.baseline == "ok" == self.candidate


class LostModule(msgspec.Struct, frozen=True, kw_only=True):
    """A module or an entry point that loads with the baseline only. `place`: (file, line) of the downstream's own
    innermost frame; `by_upstream`: no other distribution stands between that frame and the failure.
    """

    name: str
    error: str
    place: tuple[str, int] | None = None
    by_upstream: bool = False


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """What running a pair showed. `state`: `ran`, or `not-run` with a reason. `sound_modules`: those that load with
    both. `sound`: (file, line, end, path) of the sites that work with both; `sites`: all others. `witnesses`: the
    source of each witness that was run, with its two outcomes as `ok` or the error.
    """

    pair: DrawnPair
    state: str
    reason: str = ""
    python: str = ""
    moved: tuple[str, ...] = ()
    modules: int = 0
    sound_modules: tuple[str, ...] = ()
    lost: tuple[LostModule, ...] = ()
    sites: tuple[ProbedSite, ...] = ()
    sound: tuple[tuple[str, int, int, str], ...] = ()
    witnesses: dict[str, tuple[str, str]] = {}
    incomplete: str = ""


@dataclass(frozen=True, slots=True)
class Probed:
    """What one run of the prober wrote, by kind of line."""

    modules: dict[str, tuple[str | None, list[list[Any]]]]
    sites: dict[tuple[Any, ...], str]
    complete: bool


def run_pair(
    pair: DrawnPair, feed: Feed, sandbox: Sandbox, work: Path, witnesses: Callable[[], Iterable[str]] = tuple
) -> Truth:
    """The truth about a pair; the environments are removed afterwards. `witnesses`: programs to run in both, asked for
    once the pair is known to run.
    """
    place = Path(tempfile.mkdtemp(prefix="env-", dir=work))
    place.chmod(0o755)
    try:
        return _run(pair, feed, sandbox, place, witnesses)
    except TailraceError as error:
        return Truth(pair=pair, state="not-run", reason=str(error)[:400])
    except OSError as error:
        return Truth(pair=pair, state="not-run", reason=f"{error.strerror or error}")
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _run(pair: DrawnPair, feed: Feed, sandbox: Sandbox, place: Path, witnesses: Callable[[], Iterable[str]]) -> Truth:
    downstream, in_baseline, in_candidate = (
        feed.want(feed.resolve(spec)) for spec in (pair.downstream, pair.baseline, pair.candidate)
    )
    made = make_pair(
        downstream, in_baseline, in_candidate, feed, sandbox, python=None, link_mode="hardlink", place=place
    )
    name, upstream = downstream.release.name, in_baseline.release.name
    own = [read_distribution(one.place, upstream) for one in (made.baseline, made.candidate)]
    prefixes = sorted(set().union(*(_prefixes(one) for one in own if one is not None)))
    distribution = read_distribution(made.baseline.place, name)
    if distribution is None or not prefixes:
        return Truth(pair=pair, state="not-run", reason="the installed files name no modules")
    answers = [_probe(one, distribution, prefixes, sandbox, place) for one in (made.baseline, made.candidate)]
    baseline, candidate = answers
    sites, sound = _sites(baseline, candidate)
    imports = [said for (kind, *_), said in baseline.sites.items() if kind in ("import", "from")]
    if imports and not any(said == "ok" for said in imports):
        return Truth(pair=pair, state="not-run", reason=f"nothing of the baseline can be imported: {imports[0]}")
    programs = tuple(dict.fromkeys(witnesses()))[:_MOST_WITNESSES]
    own_files = frozenset(file for one in own if one is not None for file in one.files)
    return Truth(
        pair=pair,
        state="ran",
        python=made.interpreter.text,
        moved=tuple(f"{name} {before or 'none'} -> {after or 'none'}" for name, before, after in made.moved),
        modules=len(baseline.modules),
        sound_modules=tuple(
            name
            for name, (error, _) in baseline.modules.items()
            if error is None and candidate.modules.get(name, ("", []))[0] is None
        ),
        lost=_lost(baseline, candidate, distribution.files, own_files, prefixes),
        sites=sites,
        sound=sound,
        witnesses={source: _witness(source, (made.baseline, made.candidate), sandbox) for source in programs},
        incomplete=" and ".join(
            name for name, one in zip(("baseline", "candidate"), answers, strict=True) if not one.complete
        ),
    )


def _prefixes(distribution: Distribution) -> frozenset[str]:
    """The packages and modules that a distribution owns, `google.cloud.storage` in a namespace that others share."""
    folders = {file.rpartition("/")[0] for file in distribution.files if file.rpartition("/")[2] == "__init__.py"}
    found: set[str] = set()
    for file in distribution.files:
        if module_of(file) is None:
            continue
        parts = file.split("/")
        for depth in range(1, len(parts)):
            if "/".join(parts[:depth]) in folders:
                found.add(".".join(parts[:depth]))
                break
        else:
            found.add(module_of(file) or "")
    return frozenset(name for name in found if name)


def _probe(
    environment: Environment, distribution: Distribution, prefixes: Sequence[str], sandbox: Sandbox, place: Path
) -> Probed:
    site = site_packages(environment.place)
    modules = sorted((name, file) for file in distribution.files if (name := module_of(file)) is not None)
    points = [(f"{group}:{key}", target) for group, key, target in distribution.entry_points]
    points += [(f"console_scripts:{key}", target) for key, target in distribution.scripts]
    task = {
        "site": str(site),
        "modules": modules[:_MOST_MODULES],
        "prefixes": list(prefixes),
        "loads": [(name, statement) for name, target in points if (statement := load_statement(target))],
    }
    file = place / f"task-{environment.place.name}.json"
    file.write_text(json.dumps(task), encoding="utf-8")
    command = Command(
        (environment.python, "-I", "-B", str(PROBER), str(file)),
        read_only=(environment.home, environment.place, PROBER, file),
        environment={"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"},
    )
    return read_answer(sandbox.run(command, LIMITS).stdout.replace(f"{environment.place}/", ""))


def read_answer(text: str) -> Probed:
    """The lines that a prober wrote; one that was ended in the middle counts for what it wrote."""
    modules: dict[str, tuple[str | None, list[list[Any]]]] = {}
    sites: dict[tuple[Any, ...], str] = {}
    complete = False
    for line in text.splitlines():
        try:
            kind, *rest = json.loads(line)
        except ValueError:
            continue
        if kind in ("module", "load"):
            modules[rest[0] if kind == "module" else f"entry-point:{rest[0]}"] = (rest[1], rest[2])
        elif kind == "site":
            file, (what, first, last, path, guard, scope, call), outcome = rest
            sites[(what, file, first, last, path, guard, scope, json.dumps(call))] = outcome
        elif kind == "end":
            complete = True
    return Probed(modules, sites, complete)


def _sites(baseline: Probed, candidate: Probed) -> tuple[tuple[ProbedSite, ...], tuple[tuple[str, int, int, str], ...]]:
    others: list[ProbedSite] = []
    sound: dict[tuple[str, int, int, str], None] = {}
    for key, before in baseline.sites.items():
        after = candidate.sites.get(key, "unsure")
        kind, file, first, last, path, guard, scope, _ = key
        site = ProbedSite(
            kind=kind, file=file, line=first, end=last, path=path, guard=guard, scope=scope, baseline=before,
            candidate=after,
        )  # fmt: skip
        if site.sound:
            sound[(file, first, last, f"{kind} {path}")] = None
        elif site.broken or before == "unsure" or after == "unsure":
            others.append(site)
    return tuple(others), tuple(sound)


def _lost(
    baseline: Probed, candidate: Probed, files: frozenset[str], own: frozenset[str], prefixes: Sequence[str]
) -> tuple[LostModule, ...]:
    found = []
    for name, (before, _) in baseline.modules.items():
        after, frames = candidate.modules.get(name, (None, []))
        if before is not None or after is None:
            continue
        place: tuple[str, int] | None = None
        by_upstream = True
        for file, line in frames:
            if file in files:
                place, by_upstream = (file, line), True
            elif file not in own:
                by_upstream = False
        roots = {prefix.split(".")[0] for prefix in prefixes}
        named = any(root in after for root in roots) or any(file in own for file, _ in frames)
        found.append(LostModule(name=name, error=after, place=place, by_upstream=by_upstream and named))
    return tuple(found)


def _witness(source: str, environments: Sequence[Environment], sandbox: Sandbox) -> tuple[str, str]:
    said = []
    for environment in environments:
        command, token = command_for(source, environment)
        result = read_result(sandbox.run(command, Limits(memory=3 << 30, seconds=60.0)), token, environment)
        said.append("ok" if result.completed else (result.error or f"status {result.status}")[:300])
    return said[0], said[1]
