"""Decides whether two opened versions of an upstream can be compared: an error where that would say nothing, notes
where it says less.

A comparison of a release with itself, with another distribution, or with an empty archive finds no break, and would
read as clear.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from tailrace.model import Artifact, Release, TailraceError
from tailrace.model.foreign import is_lower
from tailrace.python.modules import Surface, is_test_file

if TYPE_CHECKING:
    from tailrace.check.upstream import Upstream

_NO_ROOTS = frozenset({"test", "tests", "doc", "docs", "examples", "example", "setup", "conftest", "benchmarks"})


class SameReleaseError(TailraceError):
    """The candidate is the baseline."""

    def __init__(self, candidate: Release, baseline: Release, why: str) -> None:
        same = f" ({baseline.spec})" if baseline.spec != candidate.spec else ""
        super().__init__(
            f"The candidate {_title(candidate)} is also the baseline{same}: {why}, so there is nothing to compare.",
            hint="Name an earlier release with --baseline VERSION.",
        )
        self.candidate = candidate
        self.baseline = baseline


class DifferentDistributionsError(TailraceError):
    """Candidate and baseline are not two versions of one thing."""

    def __init__(self, candidate: Release, baseline: Release) -> None:
        super().__init__(
            f"The candidate {_title(candidate)} and the baseline {_title(baseline)} are different distributions.",
            hint=f"Name a release of {candidate.name} with --baseline VERSION, and what uses it with --downstream.",
        )
        self.candidate = candidate
        self.baseline = baseline


class NothingInReleaseError(TailraceError):
    """A candidate or baseline that holds nothing that could be used from Python."""

    exit_status = 3

    def __init__(self, role: str, release: Release) -> None:
        super().__init__(
            f"The {role} {_title(release)} ({release.spec}) holds no Python module, so it cannot be compared.",
            hint="Check that it was built with its packages, or name another file of that release.",
        )
        self.role = role
        self.release = release


class UnreadReleaseError(TailraceError):
    """A candidate or baseline of which nothing could be read."""

    exit_status = 3

    def __init__(self, role: str, artifact: Artifact) -> None:
        release = artifact.release
        file, reason = artifact.unreadable[0]
        super().__init__(
            f"The {role} {_title(release)} ({release.spec}) cannot be compared: none of its modules could be read, "
            f"such as {file} ({reason}).",
            hint="Name another file of that release.",
        )
        self.role = role
        self.release = release


class WholeEnvironmentError(TailraceError):
    """A whole environment was named where one release is needed."""

    def __init__(self, role: str, release: Release) -> None:
        super().__init__(
            f"The {role} {release.spec} is a whole environment, not one release.",
            hint=f"Name one distribution in it: {release.spec}#name=NAME.",
        )
        self.role = role
        self.release = release


class PackageFolderError(TailraceError):
    """The folder of a package was named, not the folder that holds it: nothing could import what is in it."""

    def __init__(self, role: str, release: Release) -> None:
        folder = Path(release.spec)
        super().__init__(
            f"The {role} {release.spec} is the folder of a package itself (it holds an __init__.py), not of a project.",
            hint=f"Name the folder that holds it: {folder.parent}.",
        )
        self.role = role
        self.release = release


def refuse_equal_specs(candidate: Release, baseline: Release) -> None:
    """What can be known before anything is opened. Raises `SameReleaseError` and `WholeEnvironmentError`."""
    for role, release in (("candidate", candidate), ("baseline", baseline)):
        if release.source == "environment" and "#name=" not in release.spec:
            raise WholeEnvironmentError(role, release)
    if candidate.spec == baseline.spec:
        raise SameReleaseError(candidate, baseline, "both are the same release")
    if candidate.sha256 is not None and candidate.sha256 == baseline.sha256:
        raise SameReleaseError(candidate, baseline, "both are the same file")


def notes_on_comparison(upstream: Upstream) -> tuple[str, ...]:
    """What the reader should know about the two versions. Raises the errors of this module."""
    return _notes_on_surfaces(upstream.baseline_surface, upstream.candidate_surface)


def notes_on_diff(baseline: Surface, candidate: Surface, *, different_projects: bool = False) -> tuple[str, ...]:
    """What the reader should know about two releases that are compared for themselves, which may be equal.

    `different_projects`: they may also be of two projects. Raises the other errors of this module.
    """
    try:
        return _notes_on_surfaces(baseline, candidate)
    except SameReleaseError:
        return ("both releases hold the same files.",)
    except DifferentDistributionsError as error:
        if different_projects:
            return (f"{_title(error.baseline)} and {_title(error.candidate)} are releases of two projects.",)
        raise TailraceError(
            f"{_title(error.baseline)} and {_title(error.candidate)} are different distributions.",
            hint="Name two releases of one, or add --different-projects.",
        ) from None


def _notes_on_surfaces(baseline: Surface, candidate: Surface) -> tuple[str, ...]:
    notes = _notes(baseline.artifact, candidate.artifact, baseline.roots & candidate.roots)
    for role, surface in (("baseline", baseline), ("candidate", candidate)):
        notes += _notes_on_unread(role, surface.unread)
    return tuple(notes)


def _notes_on_unread(role: str, unread: Sequence[tuple[str, str]]) -> list[str]:
    """What the reader should know of modules of a release that could not be read; each with the reason."""
    if not unread:
        return []
    shown = ", ".join(f"{file} ({reason})" for file, reason in unread[:3])
    more = f" and {len(unread) - 3} more" if len(unread) > 3 else ""
    what = "1 module" if len(unread) == 1 else f"{len(unread)} modules"
    return [f"{what} of the {role} could not be read: {shown}{more}; what changed there is not known."]


def same_content(baseline: Artifact, candidate: Artifact) -> bool:
    """Whether both hold the same Python files, metadata aside."""
    if baseline.root == candidate.root and baseline.python_files == candidate.python_files:
        return True
    files = [_modules(artifact) for artifact in (baseline, candidate)]
    if files[0].keys() != files[1].keys() or not files[0]:
        return False
    return all(_equal(baseline.root / files[0][name], candidate.root / files[1][name]) for name in files[0])


def _notes(baseline: Artifact, candidate: Artifact, roots: frozenset[str]) -> list[str]:
    notes: list[str] = []
    for role, artifact in (("candidate", candidate), ("baseline", baseline)):
        loose = artifact.release.source == "directory" and artifact.search_paths == ("",)
        if loose and {"__init__.py", "__init__.pyi"} & set(artifact.python_files) and not _has_project(artifact.root):
            raise PackageFolderError(role, artifact.release)
    for role, artifact in (("candidate", candidate), ("baseline", baseline)):
        if artifact.unreadable and not artifact.compiled_files and not any(_modules(artifact)):
            raise UnreadReleaseError(role, artifact)
    if _is_empty(baseline):
        raise NothingInReleaseError("baseline", baseline.release)
    if _is_empty(candidate) and candidate.kind not in ("wheel", "conda"):
        raise NothingInReleaseError("candidate", candidate.release)
    names = [canonicalize_name(artifact.metadata.name or artifact.release.name) for artifact in (baseline, candidate)]
    if names[0] != names[1] and baseline.release.name != candidate.release.name:
        shared = sorted(_regular_roots(baseline) & _regular_roots(candidate) & roots)
        if not shared:
            raise DifferentDistributionsError(candidate.release, baseline.release)
        notes.append(
            f"the candidate is called {candidate.release.name} and the baseline {baseline.release.name}; "
            f"they are compared because both provide {', '.join(shared[:3])}."
        )
    versions = baseline.release.version == candidate.release.version
    if versions or "+unknown" in f"{baseline.release.version}{candidate.release.version}":
        if same_content(baseline, candidate):
            raise SameReleaseError(candidate.release, baseline.release, "both hold the same files")
    if versions and not candidate.release.version.endswith("+unknown"):
        notes.append(
            f"candidate and baseline are both called {_title(candidate.release)}; no requirement can tell them apart."
        )
    elif is_lower(candidate.release.version, baseline.release.version):
        notes.append(
            f"the candidate {candidate.release.version} is older than the baseline {baseline.release.version}."
        )
    return notes


def _has_project(folder: Path) -> bool:
    return any((folder / name).is_file() for name in ("pyproject.toml", "setup.cfg", "setup.py", "PKG-INFO"))


def _is_empty(artifact: Artifact) -> bool:
    return not artifact.compiled_files and not any(_modules(artifact)) and not artifact.unreadable


def _modules(artifact: Artifact) -> dict[str, str]:
    """Path below the nearest search path → path below the root, of the files that are the product."""
    found: dict[str, str] = {}
    places = sorted((f"{place}/" for place in artifact.search_paths if place), key=len, reverse=True)
    for file in artifact.python_files:
        place = next((place for place in places if file.startswith(place)), "")
        inside = file.removeprefix(place)
        if not place and "" not in artifact.search_paths:
            continue
        if not is_test_file(inside) and inside not in ("setup.py", "noxfile.py", "tasks.py"):
            found.setdefault(inside, file)
    return found


def _regular_roots(artifact: Artifact) -> frozenset[str]:
    """Import names that belong to this distribution alone: packages with an `__init__` and single modules."""
    names = _modules(artifact)
    tops = {
        name.partition("/")[0] for name in names if name.count("/") == 0 or name.split("/")[1].startswith("__init__.")
    }
    tops |= {file.rpartition("/")[2].partition(".")[0] for file in artifact.compiled_files}
    return frozenset(top.partition(".")[0] for top in tops) - _NO_ROOTS


def _equal(one: Path, other: Path) -> bool:
    try:
        return one.stat().st_size == other.stat().st_size and one.read_bytes() == other.read_bytes()
    except OSError:
        return False


def _title(release: Release) -> str:
    return f"{release.name} {release.version}".strip()
