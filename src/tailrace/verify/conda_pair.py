"""Makes two conda environments for a downstream that differ in nothing but its upstream.

The packages come from the user's channels in their order, as py-rattler solves; link scripts of packages are not run.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock

from tailrace import disk
from tailrace.conda import rattler
from tailrace.conda.folders import served_folder
from tailrace.conda.loading import channel_address, load_channel
from tailrace.conda.records import Channel, Record
from tailrace.conda.repodata import NEW_ENDING, OLD_ENDING, encode_index
from tailrace.conda.specs import parse_dependency
from tailrace.model import Release, TailraceError
from tailrace.sources.tidy import COMPLETE, mark_complete
from tailrace.verify.environments import Pair
from tailrace.verify.errors import PreparationError, ResolutionError, VerifyError
from tailrace.verify.installed import normal
from tailrace.verify.interpreters import Interpreter
from tailrace.verify.options import CondaChoice
from tailrace.verify.programs import Environment

_MOST_NAMES = 20_000


@dataclass(frozen=True, slots=True)
class CondaEnvironments:
    """Makes pairs from channels. `cache`: for downloads and unpacked packages. `homes`: interpreters of this machine,
    which a package may lead to.
    """

    choice: CondaChoice
    cache: Path
    place: Path
    homes: tuple[Interpreter, ...] = ()

    def make(self, downstream: Release, baseline: Release, candidate: Release, more: Sequence[str] = ()) -> Pair:
        """The pair. `more`: further specs for both. Raises `VerifyError` with the reason why there is none."""
        if not self.choice.channels:
            raise VerifyError("no channel is named to take packages from; name them with --channel")
        subdir = rattler.this_platform()
        try:
            channels = [load_channel(text, (subdir,), cache=self.cache / "channels") for text in self.choice.channels]
        except TailraceError as error:
            raise PreparationError(error.message) from None
        with tempfile.TemporaryDirectory(prefix="tailrace-conda-") as scratch:
            world = _World(channels, subdir, self.choice, Path(scratch))
            asked = [_exact(downstream), *more]
            first = world.solve([*asked, _exact(baseline)], downstream.name, baseline.name)
            second = world.solve([*asked, _exact(candidate)], downstream.name, candidate.name, first)
            notes = tuple(world.notes)
        made = [self._environment(records, channels) for records in (first, second)]
        versions = [{record.name: record.version for record in records} for records in (first, second)]
        moved = tuple(
            (name, versions[0].get(name, ""), versions[1].get(name, ""))
            for name in sorted(versions[0].keys() | versions[1].keys())
            if versions[0].get(name) != versions[1].get(name) and name != baseline.name
        )
        environment, interpreter = made[0]
        (record,) = (record for record in first if record.name == downstream.name)
        return Pair(environment, made[1][0], interpreter, moved, notes, info=self._info(environment.place, record))

    def _info(self, prefix: Path, record: Record) -> Path | None:
        """The metadata folder of an installed package, `None` where it is not in the cache any more. What the package
        says itself does not count: only a folder of the cache is answered.
        """
        stem = f"{record.name}-{record.version}-{record.build}"
        packages = (self.cache / "packages").resolve()
        try:
            raw = json.loads(disk.read_bounded(prefix / "conda-meta" / f"{stem}.json"))
            info = Path(str(raw["extracted_package_dir"])).resolve() / "info"
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None
        return info if info.is_relative_to(packages) and info.is_dir() and not info.is_symlink() else None

    def _environment(self, records: Sequence[Record], channels: Sequence[Channel]) -> tuple[Environment, Interpreter]:
        named = sorted(f"{record.channel}/{record.subdir}/{record.file_name}" for record in records)
        addresses = {channel.name: channel for channel in channels}
        files = [self._package(record, addresses[record.channel]) for record in records]
        key = hashlib.sha256("\0".join([*named, *(file.identity for file in files)]).encode()).hexdigest()[:32]
        place = self.place / key[:2] / f"conda-{key}"
        complete = place / COMPLETE
        place.parent.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(f"{place}.lock"):
            if not complete.is_file():
                shutil.rmtree(place, ignore_errors=True)
                try:
                    rattler.install_packages([file.source for file in files], place, self.cache / "packages")
                except rattler.UnreadableError as error:
                    shutil.rmtree(place, ignore_errors=True)
                    raise PreparationError(f"the environment could not be made: {error}") from None
                mark_complete(place)
            else:
                os.utime(complete)
        return self._described(place, records)

    def _package(self, record: Record, channel: Channel) -> _Package:
        folder = served_folder(channel.url)
        if folder is not None:
            archive = folder.path / record.subdir / record.file_name
            try:
                status = archive.stat()
            except OSError as error:
                raise PreparationError(f"{archive.name} cannot be read: {error.strerror or error}") from None
            identity = f"{status.st_size}|{status.st_mtime_ns}"
            return _Package(rattler.PackageFile(record.name, record.file_name, archive=archive), identity)
        url = channel_address(channel.url)
        repodata = rattler.fetch_repodata(url, record.subdir, self.cache / "index" / _key(url))
        if repodata is None:
            raise PreparationError(f"{channel.name} has no index for {record.subdir}")
        index = rattler.RepodataFile(url, record.subdir, repodata)
        return _Package(rattler.PackageFile(record.name, record.file_name, index=index), "")

    def _described(self, place: Path, records: Sequence[Record]) -> tuple[Environment, Interpreter]:
        """The environment and its interpreter. What a package says of an interpreter outside is believed only where
        one is known there.
        """
        python = next((record for record in records if record.name == "python"), None)
        if python is None or not (place / "bin" / "python").exists():
            raise PreparationError("no Python belongs to the environment")
        home = place
        real = (place / "bin" / "python").resolve()
        if not real.is_relative_to(place.resolve()):
            known = next((one for one in self.homes if Path(one.path) == real), None)
            if known is None:
                raise PreparationError("the Python of the environment leads outside of it")
            home = Path(known.home)
        numbers = [int(part) for part in re.findall(r"\d+", python.version)[:3]]
        major, minor, micro = (*numbers, 0, 0, 0)[:3]
        return Environment(place, home), Interpreter(str(place / "bin" / "python"), (major, minor, micro), str(home))


@dataclass(frozen=True, slots=True)
class _Package:
    source: rattler.PackageFile
    identity: str


class _World:
    """The records of the channels as the solver reads them, on one day."""

    def __init__(self, channels: Sequence[Channel], subdir: str, choice: CondaChoice, scratch: Path) -> None:
        self.channels = channels
        self.subdirs = (subdir, "noarch")
        self.choice = choice
        self.scratch = scratch
        self.notes: list[str] = []
        self.count = 0

    def solve(
        self, specs: Sequence[str], downstream: str, upstream: str, first: Sequence[Record] = ()
    ) -> tuple[Record, ...]:
        """What a client would install, `first` preferred. Where the downstream's requirement keeps the upstream out,
        it is left aside, as a check does that asks what would break. Raises `ResolutionError`.
        """
        answer = self._ask(specs, first, {})
        if isinstance(answer, str):
            relaxed = self._ask(specs, first, {downstream: upstream})
            if isinstance(relaxed, str):
                raise ResolutionError(" ".join(answer.split())[:600])
            self.notes.append(f"the requirement of {downstream} on {upstream} was left aside")
            return relaxed
        return answer

    def _ask(
        self, specs: Sequence[str], first: Sequence[Record], relaxed: Mapping[str, str]
    ) -> tuple[Record, ...] | str:
        names = self._reachable([parse_dependency(spec).name for spec in specs])
        known: dict[tuple[str, str, str], Record] = {}
        sources = []
        for channel in self.channels:
            for subdir in self.subdirs:
                records = [r for name in sorted(names) for r in channel.of(subdir).get(name, ()) if self._is_there(r)]
                sources.append(self._write(channel.url, subdir, records, relaxed, known))
        kept: dict[tuple[str, str], list[Record]] = {}
        addresses = {channel.name: channel.url for channel in self.channels}
        fixed = {parse_dependency(spec).name for spec in specs}
        for record in first:
            if record.name not in fixed:
                kept.setdefault((addresses[record.channel], record.subdir), []).append(record)
        locked = [self._write(url, subdir, records, relaxed, {}) for (url, subdir), records in kept.items()]
        try:
            answer = rattler.solve_sparse(
                specs, sources, self.choice.priority, rattler.detected_virtual_packages(), locked=locked
            )
        except rattler.UnreadableError as error:
            return str(error)
        if isinstance(answer, str):
            return answer
        return tuple(known[pick.channel_url, pick.subdir, pick.file_name] for pick in answer)

    def _is_there(self, record: Record) -> bool:
        return self.choice.as_of is None or (record.appeared or 0) <= self.choice.as_of

    def _reachable(self, names: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(names)
        while waiting and len(found) < _MOST_NAMES:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            for channel in self.channels:
                for subdir in self.subdirs:
                    for record in channel.of(subdir).get(name, ()):
                        waiting += [parse_dependency(text).name for text in record.depends]
        return found

    def _write(
        self,
        url: str,
        subdir: str,
        records: Iterable[Record],
        relaxed: Mapping[str, str],
        known: dict[tuple[str, str, str], Record],
    ) -> rattler.RepodataFile:
        self.count += 1
        path = self.scratch / f"{self.count}.json"
        packages: dict[str, Mapping[str, Any]] = {}
        for record in records:
            ending = NEW_ENDING if record.file_name.endswith(NEW_ENDING) else OLD_ENDING
            file_name = f"{record.name}-{record.version}-{record.build}{ending}"
            texts = (*record.depends, *record.constrains)
            if rattler.version(record.version) is None or any(parse_dependency(text).unreadable for text in texts):
                continue
            packages[file_name] = _plain(record, subdir, relaxed.get(record.name))
            known[url, subdir, file_name] = record
        path.write_bytes(encode_index(subdir, packages))
        return rattler.RepodataFile(url, subdir, path)


def _plain(record: Record, subdir: str, relaxed: str | None) -> dict[str, Any]:
    depends = [text for text in record.depends if relaxed is None or parse_dependency(text).name != relaxed]
    plain: dict[str, Any] = {
        "name": record.name,
        "version": record.version,
        "build": record.build,
        "build_number": record.build_number,
        "depends": depends,
        "constrains": record.constrains if relaxed is None else [],
        "subdir": subdir,
    }
    for field in ("noarch", "timestamp", "track_features", "features"):
        if (value := getattr(record, field)) is not None:
            plain[field] = int(value) if field == "timestamp" else value
    return plain


def _exact(release: Release) -> str:
    """The spec of one release: with its build where the release is a file of a channel."""
    stem = re.sub(r"\.(?:conda|tar\.bz2)\Z", "", release.filename or "")
    build = stem.rpartition("-")[2] if release.source == "conda" and stem.count("-") >= 2 else ""
    return f"{normal(release.name) if release.source != 'conda' else release.name} =={release.version} {build}".strip()


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()[:24]
