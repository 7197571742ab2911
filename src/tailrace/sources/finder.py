"""Finds the release that a spec names and its files on disk, whatever the source."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, assert_never

from tailrace.model import Address, Release, TailraceError, conceal
from tailrace.model.foreign import read_version
from tailrace.sources.cache import Cache
from tailrace.sources.errors import NoPreviousError, SourceError, SpecError
from tailrace.sources.located import Located
from tailrace.sources.settings import SourceSettings
from tailrace.sources.spec import (
    CondaSpec,
    EnvironmentSpec,
    GitSpec,
    PathSpec,
    PypiSpec,
    Spec,
    UrlSpec,
    addresses,
    parse_spec,
    spec_text,
    with_addresses,
)
from tailrace.sources.wanted import PROJECT_NAMES

if TYPE_CHECKING:
    from tailrace.sources.conda import CondaSource
    from tailrace.sources.download import Downloader
    from tailrace.sources.git import GitSource, GitTree
    from tailrace.sources.pinned import Pin
    from tailrace.sources.pypi import PypiSource

T = TypeVar("T")
# The most that one pattern may stand for.
_MATCHES = 10_000


class Sources:
    """Everything that a spec can name. One value serves many specs; it holds the session and the answers."""

    def __init__(self, settings: SourceSettings | None = None) -> None:
        self.settings = settings or SourceSettings()
        self.cache = Cache(self.settings.cache_dir)
        # What an address is shown as → the address with its secret. Releases hold the former.
        self._logins: dict[str, Address] = {}

    def __getstate__(self) -> dict[str, object]:
        """Only the settings and logins travel to another process; sessions are made there anew."""
        return {"settings": self.settings, "cache": self.cache, "_logins": self._logins}

    def resolve(self, spec: str | Address) -> Release:
        """The exact release that a spec names. No archive is opened. The release holds no secret of the spec."""
        parsed = self.read_spec(spec)
        if isinstance(parsed, PypiSpec) and not parsed.specifier and isinstance(spec, str):
            _refuse_ambiguous(spec.strip())
        with _scrubbing(parsed):
            return self._resolve(parsed)

    def _resolve(self, parsed: Spec) -> Release:
        match parsed:
            case PypiSpec(name="python"):
                from tailrace.sources.interpreters import resolve_interpreter

                return resolve_interpreter(parsed)
            case PypiSpec():
                return self.pypi.resolve(parsed)
            case CondaSpec():
                return self.conda.resolve(parsed)
            case PathSpec():
                from tailrace.sources.local import resolve_path

                return resolve_path(parsed, self.cache)[0]
            case UrlSpec():
                return self._resolve_url(parsed)
            case GitSpec():
                return self._resolve_git(parsed)[0]
            case EnvironmentSpec():
                from tailrace.sources.local import resolve_environment

                return resolve_environment(parsed)[0]
        assert_never(parsed)

    def locate(self, spec_or_release: str | Address | Release) -> Located:
        """The release and its files; downloads what is not there."""
        release = spec_or_release if isinstance(spec_or_release, Release) else self.resolve(spec_or_release)
        with _scrubbing(self.read_spec(release.spec) if self._logins else None):
            return self._locate(release)

    def _locate(self, release: Release) -> Located:
        match release.source:
            case "pypi":
                return Located(release, self.pypi.locate(release), "archive")
            case "conda":
                conda = self._as(CondaSpec, release.spec)
                return Located(release, self.conda.locate(release, conda), "archive")
            case "git":
                spec = self._as(GitSpec, release.spec)
                found, tree = self._resolve_git(spec)
                return Located(found, tree.path, "git", tree_key=tree.key, unreadable=tree.unreadable)
            case "file":
                return self._locate_file(release)
            case "directory":
                return Located(release, Path(release.spec), "directory")
            case "interpreter":
                from tailrace.sources.interpreters import locate_interpreter

                return Located(release, locate_interpreter(release, self.cache), "directory")
            case "environment":
                environment = self._as(EnvironmentSpec, release.spec)
                return Located(release, Path(environment.prefix), "environment", distribution=environment.name)
        assert_never(release.source)

    def previous(self, release: Release) -> Release:
        """The highest release below this one in the same source (for files, directories and environments: in the
        indexes).
        """
        match release.source:
            case "conda":
                return self.conda.previous(release, self._as(CondaSpec, release.spec))
            case "git":
                return self._previous_tag(release)
            case "interpreter":
                from tailrace.sources.interpreters import previous_interpreter

                return previous_interpreter(release)
            case "directory" | "file":
                return self._previous_of_own(release)
            case _:
                return self.pypi.previous(release.name, release.version, release.spec)

    def _previous_of_own(self, release: Release) -> Release:
        """Of what was made here: from the indexes, and where they do not know it, the last tag of its repository."""
        from tailrace.sources.baseline import previous_tag, shares_no_version, tree_of

        tree = tree_of(release, self)
        try:
            found = self.pypi.previous(release.name, release.version, release.spec)
        except SourceError as error:
            if tree is None:
                raise
            return self.resolve(previous_tag(release, tree, self, error))
        if tree is not None and shares_no_version(release, tree, self):
            unknown = NoPreviousError(release.spec, f"the index has another project named {release.name}")
            return self.resolve(previous_tag(release, tree, self, unknown))
        return found

    def baseline(self, text: str | Address, candidate: Release) -> Release:
        """The release that was named as the baseline of a candidate: a spec, or a version or git revision of it."""
        from tailrace.sources.baseline import read_baseline

        return self.resolve(read_baseline(text, candidate, self))

    def sdist(self, release: Release) -> Release | None:
        """The source distribution of the same release, `None` when its source has none."""
        return self.pypi.sdist(release) if release.source == "pypi" else None

    def whole_tree(self, release: Release) -> Path:
        """Every file of a release that a git tree holds, also those that are never read. Raises `GitError`."""
        return self.git.locate(self._as(GitSpec, release.spec), everything=True).path

    def commit(self, release: Release) -> str:
        """The full hash of the commit that a release from git is. Raises `GitError`."""
        return self.git.commit(self._as(GitSpec, release.spec))

    def commits_between(self, baseline: Release, candidate: Release) -> tuple[str, ...]:
        """The specs of the commits after one release of a git repository up to another, oldest first; along the main
        line. Raises `GitError`.
        """
        return self.git.commits_between(self._as(GitSpec, baseline.spec), self._as(GitSpec, candidate.spec))

    def built(self, release: Release) -> datetime | None:
        """When a package of a conda channel was built, as its index says; `None` where that is not said."""
        return self.conda.built(release, self._as(CondaSpec, release.spec))

    def files(self, release: Release) -> tuple[str, ...] | None:
        """The names of the files of a release of an index; `None` where that is not known."""
        if release.source != "pypi":
            return None
        try:
            return self.pypi.files(release)
        except SourceError:
            return None

    def versions(self, name: str) -> tuple[str, ...]:
        """The final, not yanked releases of a name, oldest first."""
        return self.pypi.versions(name)

    def history(self, name: str) -> tuple[tuple[str, datetime], ...]:
        """(version, time of upload) of the final, not yanked releases whose time the index says, lowest first."""
        return self.pypi.history(name)

    def newest(self, name: str, specifier: str = "", day: datetime | None = None) -> Release | None:
        """The highest release that fits and that its index had on `day`; `None` where there is none."""
        return self.pypi.newest(name, specifier, day)

    def requirements(self, name: str, specifier: str) -> tuple[str, ...] | None:
        """What the newest release that fits requires, as its index says; `None` where that is not known."""
        try:
            release = self.pypi.newest(name, specifier, None)
            return self.pypi.requirements(release) if release is not None else None
        except SourceError:
            return None

    def upload_time(self, release: Release) -> datetime | None:
        """When the release was uploaded, as its index says, or committed; `None` where nothing says so."""
        if release.source == "git":
            return self.git.commit_time(self._as(GitSpec, release.spec))
        return self.pypi.upload_time(release) if release.source == "pypi" else None

    def expand(self, file: Path) -> tuple[str | Address, ...]:
        """The specs that a requirements, lock or environment file lists, in its order."""
        from tailrace.sources.lists import read_list

        return read_list(Path(file))

    def parts(self, spec: str | Address) -> tuple[str | Address, ...]:
        """What a spec stands for as a downstream: an environment for each distribution in it, a pattern (`./lib*`) for
        each file and folder that matches, anything else for itself, which is an `Address` where it holds a secret.
        """
        from tailrace.sources.local import holds_distributions

        try:
            parsed = parse_spec(spec)
            if isinstance(parsed, EnvironmentSpec) and parsed.name is None:
                return self.installed(Path(parsed.prefix).expanduser()) or (spec,)
            if isinstance(parsed, PathSpec) and holds_distributions(Path(parsed.path).expanduser()):
                return self.installed(Path(parsed.path).expanduser())
            if isinstance(parsed, PathSpec) and (matching := _matching(Path(parsed.path).expanduser())):
                return matching
        except SourceError:  # whoever resolves it says what is wrong
            pass
        return (conceal(spec) if isinstance(spec, str) else spec,)

    def pins(self, name: str, *, folder: Path | None = None, file: Path | None = None) -> tuple[Pin, ...]:
        """The versions of a package that a project's folder, or a list file, is held at; the most telling first."""
        from tailrace.sources.pinned import pins_of_list, pins_of_project

        if file is not None:
            return tuple(pins_of_list(file, name, file.name))
        return tuple(pins_of_project(folder, name)) if folder is not None else ()

    def pins_installed(self, prefix: Path, name: str, shown: str) -> tuple[Pin, ...]:
        """The version of a package that an environment has."""
        from tailrace.sources.pinned import pins_of_environment

        return tuple(pins_of_environment(prefix, name, shown))

    def installed(self, prefix: Path) -> tuple[str, ...]:
        """The specs of what is installed in an environment, sorted."""
        from tailrace.sources.local import installed_specs

        return installed_specs(Path(prefix))

    @cached_property
    def downloader(self) -> Downloader:
        """The one HTTP session of these sources. Raises `SourceError` where it is not known which indexes to ask."""
        from tailrace.sources.configured import BrokenFileError, read_indexes
        from tailrace.sources.download import Downloader

        try:
            indexes = read_indexes(self.settings)
        except BrokenFileError as error:
            raise SourceError(f"The indexes to ask are not known: {error}.", hint="Correct the file.") from None
        return Downloader(
            self.cache,
            indexes,
            offline=self.settings.offline,
            size_limit=self.settings.limits.archive_size,
        )

    @cached_property
    def pypi(self) -> PypiSource:
        """The package indexes."""
        from tailrace.sources.pypi import PypiSource

        return PypiSource(self.settings, self.cache, self.downloader)

    @cached_property
    def conda(self) -> CondaSource:
        """The conda channels."""
        from tailrace.sources.conda import CondaSource

        return CondaSource(self.settings, self.cache, self.downloader)

    @cached_property
    def git(self) -> GitSource:
        """The git repositories."""
        from tailrace.sources.git import GitSource

        return GitSource(self.cache, self.settings.limits, offline=self.settings.offline, refresh=self.settings.refresh)

    def _resolve_url(self, spec: UrlSpec) -> Release:
        from tailrace.sources.local import name_of_archive

        url = spec.url.reveal()
        filename = url.partition("?")[0].rpartition("/")[2]
        _, sha256 = self.downloader.fetch(url, filename, {"sha256": spec.sha256} if spec.sha256 else {})
        name, version = name_of_archive(filename)
        return Release(
            name=name,
            version=version,
            spec=str(UrlSpec(spec.url, sha256)),
            source="file",
            filename=filename,
            sha256=sha256,
            url=spec.url.public,
        )

    def _locate_file(self, release: Release) -> Located:
        spec = self.read_spec(release.spec)
        if isinstance(spec, UrlSpec):
            hashes = {"sha256": release.sha256} if release.sha256 else {}
            return Located(
                release, self.downloader.fetch(spec.url.reveal(), release.filename or "", hashes)[0], "archive"
            )
        return Located(release, Path(release.spec), "archive")

    def _resolve_git(self, spec: GitSpec) -> tuple[Release, GitTree]:
        from packaging.utils import canonicalize_name

        from tailrace.sources.git import split_tag
        from tailrace.sources.local import UNKNOWN_VERSION, find_project

        tree = self.git.locate(spec)
        fallback = spec.subdirectory.rpartition("/")[2] or self.git.project_name(spec)
        tag = split_tag(spec.ref)
        project, _ = find_project(tree.path, *((tag[0].rstrip("v").rstrip("-_/"),) if tag else ()), fallback)
        release = Release(
            name=str(canonicalize_name(project.name or fallback)),
            version=project.version or (tag[1] if tag else UNKNOWN_VERSION),
            spec=str(spec),
            source="git",
            requires_python=project.requires_python,
        )
        return release, tree

    def _previous_tag(self, release: Release) -> Release:
        from packaging.version import InvalidVersion, Version

        from tailrace.sources.baseline import own_tags
        from tailrace.sources.git import split_tag

        spec = self._as(GitSpec, release.spec)
        own = split_tag(spec.ref)
        here = self.git.commit(spec)
        try:
            upper = read_version(own[1] if own else release.version)
        except InvalidVersion:
            upper = Version("0+unknown")
        known = upper.local != "unknown"
        tags = {tag: at for tag, at in self.git.version_tags(spec, merged=not known).items() if at != here}
        if own:
            tags = {tag: at for tag, at in tags.items() if (split := split_tag(tag)) and split[0] == own[0]}
            found = [(Version(split[1]), tag) for tag in tags if (split := split_tag(tag))]
        else:
            found = own_tags(tags, release.name, spec.subdirectory)
        below = [(v, not v.is_prerelease, tag) for v, tag in found if not known or v < upper]
        finals = below if known and upper.is_prerelease else [entry for entry in below if entry[1]] or below
        if not finals:
            raise NoPreviousError(release.spec, "the repository has no lower version tag")
        return self.resolve(spec_text(GitSpec(spec.repository, max(finals)[2], spec.subdirectory)))

    def read_spec(self, text: str | Address) -> Spec:
        """The spec; the address that a release shows stands for the one with its secret."""
        spec = parse_spec(text)
        for address in addresses(spec):
            if address.is_secret:
                self._logins[str(address)] = address
        return with_addresses(spec, lambda address: self._logins.get(address.reveal(), address))

    def _as(self, kind: type[T], text: str) -> T:
        spec = self.read_spec(text)
        if not isinstance(spec, kind):
            raise SpecError(text, "does not lead back to its release")
        return spec


def _refuse_ambiguous(text: str) -> None:
    """Raises `SpecError` for a bare name that a project's folder or a Python file has here."""
    here = Path(text)
    if here.suffix == ".py" and here.is_file():
        raise SpecError(text, "is a Python file, not a release", hint="Name the folder of the project that it is in.")
    if any((here / name).is_file() for name in PROJECT_NAMES):
        raise SpecError(
            text,
            "is the folder of a project here, and may be the name of a package",
            hint=f"Write ./{text} for the folder, or pypi:{text} for the package.",
        )


def _matching(path: Path) -> tuple[str, ...]:
    """The specs of what a pattern for paths matches, sorted; none for a path that exists, or is not a pattern."""
    import glob

    text = str(path)
    if not glob.has_magic(text) or path.exists():
        return ()
    found = sorted(itertools.islice(glob.iglob(text), _MATCHES))  # noqa: PTH207 - a pattern may be absolute
    return tuple(one if Path(one).is_absolute() else f"./{one}" for one in found)


@contextmanager
def _scrubbing(spec: Spec | None) -> Iterator[None]:
    """Takes out of an error what a library or a server repeated of the spec's addresses."""
    try:
        yield
    except TailraceError as error:
        for address in addresses(spec) if spec is not None else ():
            error.scrub(address)
        raise
