"""Two locks and two environments through uv. Nothing of a package is run: uv may neither build nor compile here.

uv asks the environment's interpreter about itself, and a filled environment runs its `.pth` files whenever that
interpreter starts: an environment is filled once, from empty, and uv never sees it again.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

import filelock

from tailrace.model import redact
from tailrace.processes import child_environment
from tailrace.sources.tidy import COMPLETE, mark_complete
from tailrace.verify.errors import PreparationError, ResolutionError
from tailrace.verify.feed import Indexes, Wanted
from tailrace.verify.interpreters import Interpreter

# A release may be a day older in one index than in another.
_SLACK = timedelta(days=2)
_PATIENCE = 300.0
LinkMode = Literal["hardlink", "copy"]


@dataclass(frozen=True, slots=True)
class Dates:
    """`everything`: the day after which no package is seen; `upstream`: the same for the upstream and its siblings."""

    everything: datetime
    upstream: datetime


@dataclass(frozen=True, slots=True)
class Locks:
    """The two locks as texts, one requirement a line, the one with the baseline first."""

    baseline: str
    candidate: str
    interpreter: Interpreter

    @property
    def moved(self) -> tuple[tuple[str, str, str], ...]:
        """(name, old version, new version) of every package that differs; an empty version where it is missing."""
        baseline, candidate = read_lock(self.baseline), read_lock(self.candidate)
        return tuple(
            (name, _version_of(baseline.get(name, "")), _version_of(candidate.get(name, "")))
            for name in sorted(baseline.keys() | candidate.keys())
            if baseline.get(name) != candidate.get(name)
        )


def _version_of(pinned: str) -> str:
    """The version that a lock names, also where it names the file of a wheel."""
    file = pinned.rpartition("/")[2]
    return file.split("-")[1] if pinned.startswith("file:") and file.count("-") >= 2 else pinned


def read_lock(text: str) -> dict[str, str]:
    """Name → version (or address) of every line of a lock."""
    found = {}
    for line in text.splitlines():
        pinned = re.fullmatch(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?\s*(?:==|@)\s*(\S+)", line.partition(" ;")[0].strip())
        if pinned:
            found[re.sub(r"[-_.]+", "-", pinned[1]).lower()] = pinned[2]
    return found


class Uv:
    """uv with settings of its own: the user's configuration files and caches have no say and are not touched."""

    def __init__(self, folder: Path, indexes: Indexes) -> None:
        self.folder = folder
        self.indexes = indexes

    def resolve(
        self,
        downstream: Sequence[str],
        baseline: Wanted,
        candidate: Wanted,
        interpreter: Interpreter,
        dates: Dates | None,
        scratch: Path,
        siblings: Sequence[str] = (),
        overrides: Sequence[str] = (),
        undated: Sequence[str] = (),
    ) -> Locks:
        """The two locks. `overrides`: requirements that count in place of those of others. `undated`: packages of any
        day. Raises `ResolutionError`.
        """
        (scratch / "in.txt").write_text("".join(f"{line}\n" for line in downstream))
        locks: list[str] = []
        for wanted, name in ((baseline, "old"), (candidate, "new")):
            lines = "".join(f"{line}\n" for line in (wanted.requirement, *overrides))
            (scratch / f"{name}-override.txt").write_text(lines)
            output = scratch / f"{name}.txt"
            if locks:  # an existing output is the preference of the next resolution
                output.write_text(locks[0])
            override = scratch / f"{name}-override.txt"
            self._compile(override, output, baseline.release.name, interpreter, dates, siblings, undated)
            locks.append(output.read_text())
        return Locks(locks[0], locks[1], interpreter)

    def _compile(
        self,
        override: Path,
        output: Path,
        upstream: str,
        interpreter: Interpreter,
        dates: Dates | None,
        siblings: Sequence[str],
        undated: Sequence[str],
    ) -> None:
        arguments = ["pip", "compile", "in.txt", "--override", override.name, "--output-file", output.name]
        arguments += ["--python", interpreter.path, "--no-header", "--no-annotate", "--only-binary", ":all:"]
        if dates is not None:
            arguments += ["--exclude-newer", _date(dates.everything)]
            for name in (upstream, *siblings):
                arguments += ["--exclude-newer-package", f"{name}={_date(dates.upstream)}"]
            for name in undated:
                arguments += ["--exclude-newer-package", f"{name}={_date(datetime.now(UTC))}"]
        ended = self._run(arguments, output.parent, dated=dates is not None)
        if ended.returncode != 0:
            message = explain(ended.stderr)
            kind = "no-wheel" if "building from source is disabled" in ended.stderr.replace("\n", " ") else "conflict"
            later = re.findall(r"`([A-Za-z0-9._-]+)` was filtered by `exclude-newer`", ended.stderr)
            raise ResolutionError(message, kind, tuple(dict.fromkeys(later)))

    def lock(self, requirements: Sequence[str], interpreter: Interpreter, day: datetime | None, scratch: Path) -> str:
        """One lock for these requirements, with the packages of a day; installers and setuptools may be newer."""
        (scratch / "requires.in").write_text("".join(f"{line}\n" for line in requirements))
        arguments = ["pip", "compile", "requires.in", "--output-file", "requires.txt", "--python", interpreter.path]
        arguments += ["--no-header", "--no-annotate", "--only-binary", ":all:"]
        if day is not None:
            arguments += ["--exclude-newer", _date(day)]
            for name in ("pip", "setuptools", "wheel", "flit-core"):
                arguments += ["--exclude-newer-package", f"{name}={_date(datetime.now(UTC))}"]
        ended = self._run(arguments, scratch, dated=day is not None)
        if ended.returncode != 0:
            raise ResolutionError(explain(ended.stderr))
        return (scratch / "requires.txt").read_text()

    def install(self, lock: str, interpreter: Interpreter, place: Path, link_mode: LinkMode) -> Path:
        """The environment that a lock names, made at `place` unless it is complete there. Raises `PreparationError`."""
        complete = place / COMPLETE
        place.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{place}.lock"):
            if complete.is_file():
                os.utime(complete)
                return place
            shutil.rmtree(place, ignore_errors=True)
            made = self._run(
                ["venv", str(place), "--python", interpreter.path, "--no-project", "--quiet"], place.parent
            )
            if made.returncode == 0:
                (place / "lock.txt").write_text(lock)
                arguments = ["pip", "sync", str(place / "lock.txt"), "--python", str(place / "bin" / "python")]
                arguments += ["--no-build", "--no-compile-bytecode", "--link-mode", link_mode, "--quiet"]
                made = self._run(arguments, place.parent)
            if made.returncode != 0:
                shutil.rmtree(place, ignore_errors=True)
                raise PreparationError(f"the environment could not be made: {explain(made.stderr)}")
            mark_complete(place)
        return place

    def _run(self, arguments: Sequence[str], folder: Path, *, dated: bool = False) -> subprocess.CompletedProcess[str]:
        """Offline first, without any index; then with the indexes, unless they may not be asked."""
        for offline in (True, False):
            if not offline and self.indexes.offline:
                break
            more = ["--offline"] if offline else []
            try:
                ended = subprocess.run(
                    [find_uv(), *arguments, *more],
                    capture_output=True,
                    check=False,
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                    env=self._environment(dated=dated),
                    cwd=folder,
                    timeout=_PATIENCE,
                )
            except subprocess.TimeoutExpired:
                raise PreparationError(f"uv took more than {_PATIENCE:g} seconds") from None
            if ended.returncode == 0:
                break
        return ended

    def _environment(self, *, dated: bool) -> dict[str, str]:
        """The variables for uv. `dated`: packages are chosen by their day, which folders and local indexes do not know;
        a release that they have too would count as one without a day.
        """
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_", "VIRTUAL_ENV"))
        }
        urls, find_links = self.indexes.urls, self.indexes.find_links
        remote = tuple(url for url in urls if not url.startswith("file:"))
        if dated and remote:
            urls, find_links = remote, ()
        own = {
            "UV_CACHE_DIR": str(self.folder / "uv"),
            "UV_NO_CONFIG": "1",
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_NO_PROGRESS": "1",
            "UV_INDEX_STRATEGY": "unsafe-best-match",  # as pip: the best of all indexes
            "UV_CONCURRENT_BUILDS": "1",
            "NO_COLOR": "1",
        }
        if urls:
            own["UV_DEFAULT_INDEX"] = urls[0]
            own["UV_INDEX"] = " ".join(urls[1:])
        else:
            own["UV_NO_INDEX"] = "1"
        if find_links:
            own["UV_FIND_LINKS"] = ",".join(link for link in find_links if _usable(link))
        if self.indexes.trusted_hosts:
            own["UV_INSECURE_HOST"] = " ".join(self.indexes.trusted_hosts)
        if self.indexes.certificates:
            own["SSL_CERT_FILE"] = self.indexes.certificates
        if self.indexes.proxy:
            own["ALL_PROXY"] = self.indexes.proxy
        return child_environment(kept, **own)


@cache
def find_uv() -> str:
    """The path of the uv that Tailrace depends on."""
    import uv

    return os.fspath(uv.find_uv_bin())


def plan_dates(downstream: Wanted, baseline: Wanted, candidate: Wanted) -> tuple[Dates | None, ...]:
    """The dates to try, in order: a downstream meets the packages of its own time; where that time is too early for
    what the upstream needs, those of the upstream's. Only `None` where an index says nothing about dates.
    """
    ups = [day for day in (baseline.uploaded, candidate.uploaded) if day is not None]
    if not ups or (downstream.uploaded is None and downstream.release.source == "pypi"):
        return (None,)
    late = max(ups) + _SLACK
    own = downstream.uploaded + _SLACK if downstream.uploaded is not None else late
    plans = [Dates(own, late)]
    if baseline.uploaded is not None:
        plans.append(Dates(max(own, baseline.uploaded + _SLACK), late))
    plans.append(Dates(max(own, late), max(own, late)))
    return tuple(dict.fromkeys(plans))


def environment_key(lock: str, interpreter: Interpreter, link_mode: LinkMode) -> str:
    """The name of an environment: the same lock, interpreter and way of installing give the same."""
    parts = (lock, interpreter.path, interpreter.text, link_mode, os.uname().machine if hasattr(os, "uname") else "")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def explain(stderr: str) -> str:
    """uv's own words on one line, without its drawing."""
    stderr = stderr[max(stderr.find("×"), stderr.rfind("\nerror:"), 0) :]  # what stands before are warnings
    text = re.sub(r"[×╰─▶│├]+", " ", stderr)
    text = re.sub(r"(?m)^\s*(error|warning):\s*", "", text)
    lines = [line for line in text.splitlines() if not re.match(r"\s*(hint|Using|Resolved|warning)", line)]
    said = " ".join(" ".join(lines).split())
    return redact(said)[:600] or "uv gave no reason"


def _date(day: datetime) -> str:
    return day.strftime("%Y-%m-%dT%H:%M:%SZ")


def _usable(link: str) -> bool:
    return ("://" in link and not link.startswith("file://")) or Path(link.removeprefix("file://")).exists()
