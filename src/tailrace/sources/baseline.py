"""Turns what a user wrote for the baseline into a release spec: a version, a git revision, or a spec as it is.

`--baseline 1.4.0`, `v1.4.0`, `HEAD~1`, `main` or `pkg-1.2.0` mean a release or a commit of the candidate itself.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.model import Address, Release
from tailrace.sources.errors import GitError, NoPreviousError, SourceError, SpecError
from tailrace.sources.git import split_tag
from tailrace.sources.spec import CondaSpec, GitSpec, looks_like_path, parse_spec

if TYPE_CHECKING:
    from packaging.version import Version

    from tailrace.sources.finder import Sources

_OPERATOR = re.compile(r"(?:===?|~=|[<>]=?|!=|=)\s*v?\d")
_VERSION = re.compile(r"v?\d++(?:[.!+_-]?[A-Za-z0-9*])*+\Z", re.IGNORECASE)
_REVISION = re.compile(r"HEAD\b|.*[~^]\d*\Z|[0-9a-f]{40}\Z")
_SIMPLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]*(?:[~^]\d*)*\Z")


def read_baseline(text: str | Address, candidate: Release, sources: Sources) -> str | Address:
    """The spec of the baseline. Raises `SourceError` where the text can only be a revision that does not exist."""
    if isinstance(text, Address):  # holds a URL, so it is a spec
        return text
    text = text.strip()
    if _OPERATOR.match(text):
        return _of_version(text, candidate)
    tree = tree_of(candidate, sources)
    short = _SIMPLE.match(text) is not None and "::" not in text and not _is_path(text)
    version = short and _VERSION.match(text) is not None
    if tree is not None and short and (ref := _revision(text, candidate, tree, sources)):
        return ref
    if version:
        return _of_version(f"=={text}", candidate)
    if short and _REVISION.match(text):
        if tree is not None:
            return str(GitSpec(tree.repository, text, tree.subdirectory))  # git says what is wrong with it
        raise SpecError(
            text,
            f"is a git revision, and {candidate.name} {candidate.version} is not in a git repository",
            hint="Write git+PATH_OR_URL@REVISION, or the version of a release.",
        )
    return text


def tree_of(release: Release, sources: Sources) -> GitSpec | None:
    """The place in a git repository that a folder, an archive in it, or a git spec belongs to; `ref` is HEAD."""
    if release.source == "git":
        spec = sources.read_spec(release.spec)
        return GitSpec(spec.repository, "HEAD", spec.subdirectory) if isinstance(spec, GitSpec) else None
    if release.source not in ("directory", "file") or "://" in release.spec:
        return None
    path = Path(release.spec)
    found = sources.git.enclosing(path if path.is_dir() else path.parent)
    if found is None:
        return None
    top, inside = found
    if release.source == "directory":
        return GitSpec(Address(str(top)), "HEAD", inside)
    return _project_above(path.parent, top, release.name)


def previous_tag(release: Release, tree: GitSpec, sources: Sources, unknown: SourceError) -> str:
    """The spec of the last version tag before what lies in a work tree, its own commit included.

    `unknown`: why the indexes gave no baseline. Raises `NoPreviousError` with what can be done.
    """
    from packaging.version import InvalidVersion, Version

    try:
        tags = sources.git.version_tags(tree, merged=True)
    except GitError:  # a repository without a single commit
        tags = {}
    try:
        upper = Version(release.version)
    except InvalidVersion:
        upper = Version("0+unknown")
    found = own_tags(tags, release.name, tree.subdirectory)
    below = [(v, tag) for v, tag in found if upper.local == "unknown" or v <= upper] or found
    finals = [entry for entry in below if not entry[0].is_prerelease] or below
    if finals:
        return str(GitSpec(tree.repository, max(finals)[1], tree.subdirectory))
    reason = unknown.message.rstrip(".")
    if sources.git.is_shallow(tree):
        raise NoPreviousError(
            release.spec,
            f"{reason}, and the shallow clone {tree.repository} has no version tag",
            hint="Fetch the tags with `git fetch --tags --unshallow`, or name the baseline: --baseline VERSION.",
        ) from None
    raise NoPreviousError(
        release.spec,
        f"{reason}, and {tree.repository} has no version tag before it",
        hint="Name the baseline: --baseline HEAD~1, a branch, a tag, or the version of a release.",
    ) from None


def shares_no_version(release: Release, tree: GitSpec, sources: Sources) -> bool:
    """Whether a repository has version tags, and the indexes have a release of none of them.

    Then the project of this name in an index is another one.
    """
    from packaging.version import InvalidVersion, Version

    try:
        tags = sources.git.version_tags(tree, merged=True)
    except GitError:
        return False
    tagged = {version for version, _ in own_tags(tags, release.name, tree.subdirectory)}
    published: set[Version] = set()
    for text in sources.versions(release.name):
        try:
            published.add(Version(text))
        except InvalidVersion:
            continue
    return bool(tagged) and tagged.isdisjoint(published)


def own_tags(tags: dict[str, str], name: str, subdirectory: str = "") -> list[tuple[Version, str]]:
    """(version, tag) of the tags of one project: those with its name before the version, else those without any."""
    from packaging.utils import canonicalize_name
    from packaging.version import Version

    names = {str(canonicalize_name(name)), str(canonicalize_name(subdirectory.rpartition("/")[2] or name))}
    named: list[tuple[Version, str]] = []
    plain: list[tuple[Version, str]] = []
    for tag in tags:
        split = split_tag(tag)
        if split is None:
            continue
        prefix = str(canonicalize_name(split[0].removesuffix("v").rstrip("-_/")))
        kind = named if prefix in names else plain if prefix in ("", "release", "version", "rel", "ver") else None
        if kind is not None:
            kind.append((Version(split[1]), tag))
    return named or plain


def _revision(text: str, candidate: Release, tree: GitSpec, sources: Sources) -> str | None:
    """The spec of a tag, branch or commit of the candidate's repository, `None` where it has none of that name."""
    git = sources.git
    is_version = _VERSION.match(text) is not None
    published = candidate.source != "git" and is_version and not text.lower().startswith("v")
    if published and _is_published(text, candidate, sources):
        return None
    if git.has_revision(tree, text):
        return str(GitSpec(tree.repository, text, tree.subdirectory))
    if not is_version:
        return None
    wanted = split_tag(text)
    for version, tag in own_tags(git.version_tags(tree), candidate.name, tree.subdirectory):
        if wanted is not None and str(version) == _public(wanted[1]):
            return str(GitSpec(tree.repository, tag, tree.subdirectory))
    if candidate.source == "git":
        return str(GitSpec(tree.repository, text, tree.subdirectory))  # the error names the nearest tags
    return None


def _is_published(version: str, candidate: Release, sources: Sources) -> bool:
    try:
        sources.resolve(f"{candidate.name}=={version}")
    except SourceError:
        return False
    return True


def _of_version(text: str, candidate: Release) -> str:
    """`==1.4.0` as a release of the candidate's own distribution, in the channel of a conda package."""
    wanted = re.sub(r"(?<=[=<>~!])\s*v(?=\d)", "", text, flags=re.IGNORECASE)
    if candidate.source == "conda":
        spec = parse_spec(candidate.spec)
        if isinstance(spec, CondaSpec):
            return str(CondaSpec(spec.channels, spec.name, wanted.removeprefix("==").removeprefix("=").strip()))
    if re.match(r"=\s*[^=]", wanted):
        wanted = f"={wanted}"
    return f"{candidate.name}{wanted}"


def _public(text: str) -> str:
    from packaging.version import InvalidVersion, Version

    try:
        return str(Version(text))
    except InvalidVersion:
        return text


def _is_path(text: str) -> bool:
    return looks_like_path(text) and Path(text).expanduser().exists()


def _project_above(folder: Path, top: Path, name: str) -> GitSpec | None:
    """The folder between an archive and the top of its repository that holds the project it was built from."""
    from packaging.utils import canonicalize_name

    from tailrace.sources.local import folder_reader
    from tailrace.sources.project import read_project

    for place in (folder, *folder.parents):
        project = read_project(folder_reader(place))
        if project.name and canonicalize_name(project.name) == name:
            inside = place.resolve().relative_to(top.resolve()).as_posix()
            return GitSpec(Address(str(top)), "HEAD", "" if inside == "." else inside)
        if place == top or not place.resolve().is_relative_to(top.resolve()):
            break
    return None
