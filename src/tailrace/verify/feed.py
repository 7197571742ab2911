"""Releases as an installer needs them: a requirement, a date, the indexes. The only module of this room that asks
`sources` and `artifacts`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.model import Release
from tailrace.verify.errors import PreparationError
from tailrace.verify.installed import normal

if TYPE_CHECKING:
    from tailrace.model import Artifact
    from tailrace.sources import Sources


@dataclass(frozen=True, slots=True)
class Indexes:
    """Where installers look. `urls` in the order asked, with credentials: for the environment of a process only."""

    urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    certificates: str | None = None
    proxy: str | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A release for an installer. `requirement`: `NAME==VERSION` or `NAME @ file:///…`. `uploaded`: when its index got
    it, `None` where that is unknown. `from_tree`: it is made of the Python files of a source tree, without a build.
    """

    release: Release
    requirement: str
    uploaded: datetime | None
    from_tree: bool = False


class Feed:
    """What verification asks of the rooms that fetch and open releases."""

    def __init__(self, sources: Sources, *, whole_trees: bool = False) -> None:
        """`whole_trees`: a release from a source tree is installed with the data files of its packages."""
        self.sources = sources
        self.whole_trees = whole_trees

    @property
    def folder(self) -> Path:
        """Where this room may keep things between runs."""
        return self.sources.cache.root / "verify"

    @cached_property
    def indexes(self) -> Indexes:
        """The indexes that pip and uv are configured for, or those of the settings."""
        downloader = self.sources.downloader
        return Indexes(
            urls=downloader.index_urls,
            # The installer starts in a folder of its own.
            find_links=tuple(
                link if "://" in link else str(Path(link).expanduser().absolute())
                for link in downloader.indexes.find_links
            ),
            trusted_hosts=downloader.indexes.trusted_hosts,
            certificates=downloader.indexes.certificates,
            proxy=downloader.indexes.proxy,
            offline=self.sources.settings.offline,
        )

    def want(self, release: Release) -> Wanted:
        """The release as an installer is asked for it."""
        match release.source:
            case "pypi":
                return Wanted(release, f"{release.name}=={release.version}", self.sources.upload_time(release))
            case "file" if (release.filename or release.spec).endswith(".whl"):
                return Wanted(
                    release, f"{release.name} @ {self.sources.locate(release).path.absolute().as_uri()}", None
                )
            case _:
                from tailrace.verify.trees import write_tree_wheel

                wheel = write_tree_wheel(
                    self.open(release), self.folder / "trees", self.source_files(release) if self.whole_trees else None
                )
                moment = self.sources.upload_time(release)
                return Wanted(release, f"{release.name} @ {wheel.absolute().as_uri()}", moment, from_tree=True)

    def siblings(self, *releases: Release) -> tuple[str, ...]:
        """The packages that belong to a release: it requires one exact version of them, or they share its name."""
        from packaging.requirements import InvalidRequirement, Requirement

        found: set[str] = set()
        for release in releases:
            for line in self.open(release).metadata.requires_dist:
                try:
                    requirement = Requirement(line)
                except InvalidRequirement:
                    continue
                name = normal(requirement.name)
                exact = any(part.operator in ("==", "===", "~=") for part in requirement.specifier)
                if exact or name.startswith(f"{normal(release.name)}-"):
                    found.add(name)
        return tuple(sorted(found - {normal(release.name) for release in releases}))

    def source_archive(self, name: str, specifier: str, day: datetime | None) -> tuple[Path, str]:
        """The newest source distribution until `day` (any day: `None`), and its version. Raises `PreparationError`."""
        release = self.sources.newest(name, specifier, day)
        sdist = self.sources.sdist(release) if release is not None else None
        if release is None or sdist is None:
            raise PreparationError(f"{name}{specifier} has neither a usable wheel nor a source distribution")
        return self.sources.locate(sdist).path, release.version

    def channels(self, *releases: Release) -> tuple[str, ...]:
        """The conda channels that these releases come from, each once."""
        found: dict[str, None] = {}
        for release in releases:
            if release.source == "conda":
                for channel in getattr(self.sources.read_spec(release.spec), "channels", ()):
                    found.setdefault(channel.reveal())
        return tuple(found)

    def source_files(self, release: Release) -> Path | None:
        """The folder with every file of a release's source, `None` where it has none. Nothing of it is run."""
        match release.source:
            case "pypi":
                sdist = self.sources.sdist(release)
                return self._unpacked(self.sources.locate(sdist).path) if sdist is not None else None
            case "git":
                return self.sources.whole_tree(release)
            case "directory":
                return self.sources.locate(release).path
            case "file":
                path = self.sources.locate(release).path
                return None if path.name.endswith((".whl", ".conda", ".tar.bz2")) else self._unpacked(path)
            case _:
                return None

    def _unpacked(self, archive: Path) -> Path:
        """Every regular file of an archive, without its top folder; unpacked once."""
        from tailrace.artifacts.members import iterate_members

        def fill(folder: Path) -> None:
            for member in iterate_members(archive, self.sources.settings.limits):
                target = folder / member.path
                if member.stream is None:
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as file:
                    while chunk := member.stream.read(1 << 20):
                        file.write(chunk)

        with archive.open("rb") as file:
            key = hashlib.file_digest(file, "sha256").hexdigest()
        folder = self.sources.cache.tree(key, fill)
        entries = sorted(folder.iterdir())
        return entries[0] if len(entries) == 1 and entries[0].is_dir() else folder

    def resolve(self, spec: str) -> Release:
        """The release that a spec names."""
        return self.sources.resolve(spec)

    def open(self, release: Release) -> Artifact:
        """The release's files, read only."""
        from tailrace.artifacts import open_release

        return open_release(release, self.sources)
