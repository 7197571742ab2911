"""Decides which requirement lines admit a version. Nothing is resolved or fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tailrace.changes.distribution import PYTHONS, supports
from tailrace.model.foreign import read_requirement, read_specifiers, read_version

if TYPE_CHECKING:
    from tailrace.model import Metadata

# Between two lines of `requirement_on`; neither PEP 508 nor MatchSpec can contain it outside a URL.
SEPARATOR = " & "

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_CHANNEL = re.compile(r"\s*[^\s;\[]+::")
_EXTRA = re.compile(r"\bextra\b")

_PLATFORMS = (
    {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"},
    {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"},
    {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"},
)
_MACHINES = ("x86_64", "AMD64", "aarch64", "arm64", "i686", "ppc64le", "s390x")
_IMPLEMENTATIONS = (
    {"implementation_name": "cpython", "platform_python_implementation": "CPython"},
    {"implementation_name": "pypy", "platform_python_implementation": "PyPy"},
)


def requirement_on(metadata: Metadata, name: str) -> str | None:
    """What `metadata` asks of the distribution `name`, as written; `None` when it asks nothing.

    Several lines (one per Python version, say) come joined by `" & "`, in their order. Lines that only an extra pulls
    in are left out unless there is no other.
    """
    wanted = canonicalize_name(name)
    lines = [line.strip() for line in metadata.requires_dist if _name_of(line) == wanted]
    plain = [line for line in lines if not needs_extra(line)]
    return SEPARATOR.join(dict.fromkeys(plain or lines)) or None


def admits(
    requirement: str | None, version: str, prereleases: bool = True, *, requires_python: str | None = None
) -> bool:
    """Whether `requirement` (from `requirement_on`) lets `version` in, somewhere where it asks anything at all.

    All lines that apply to an environment must admit. `requires_python` (the downstream's own) limits the environments.
    PEP 508 first; a line that is not PEP 508 (`conda 4.12.*`), or a version that is not PEP 440, is judged as a conda
    MatchSpec. What neither can read, and a direct URL, admits: a containment must be shown, not assumed.
    """
    if not requirement:
        return True
    lines = requirement.split(SEPARATOR)
    asked = False
    for environment in environments(lines, requires_python=requires_python):
        applying = [line for line in lines if applies(line, environment)]
        asked = asked or bool(applying)
        if applying and all(_line_admits(line, version, prereleases) for line in applying):
            return True
    return not asked


def containing_fix(name: str, candidate: str, baseline: str) -> str:
    """The shortest requirement that keeps `candidate` out and lets `baseline` in (2.1.0 over 2.0.1: `<2.1`).

    A pre-release is named in full, since installers disagree on whether `<2.1` keeps 2.1rc1 out (conda does not). Where
    no upper bound can tell the two apart (a downgrade, a final after its own pre-release, a local label), `<=`, `!=` or
    `==` is used. A candidate whose version is not known is kept out by what is known of the baseline; empty where
    that is nothing either.
    """
    candidate_version, baseline_version = _version(candidate), _version(baseline)
    if candidate_version is not None and candidate_version.local == "unknown":
        return f"{name}<={baseline_version.public}" if baseline_version is not None else ""
    if candidate_version is None:
        return f"{name}<{candidate}"
    bounds = [f"<{bound}" for bound in _bounds(candidate_version)]
    if baseline_version is None:
        return f"{name}{bounds[-1]}"
    for text in (*bounds, f"<={baseline_version.public}", f"!={candidate_version}", f"=={baseline_version}"):
        try:
            allowed = read_specifiers(text, prereleases=True)
        except InvalidSpecifier:
            continue
        if candidate_version not in allowed and baseline_version in allowed:
            return f"{name}{text}"
    return f"{name}!={candidate_version}"


def _bounds(version: Version) -> Iterator[str]:
    epoch = f"{version.epoch}!" if version.epoch else ""
    if not version.is_prerelease:
        for length in range(1, len(version.release) + 1):
            yield epoch + ".".join(map(str, version.release[:length]))
    yield version.public


def environments(lines: Iterable[str], *, requires_python: str | None = None) -> Iterator[dict[str, str]]:
    """The environments that the markers of `lines` can tell apart, each a complete PEP 508 environment; at least one.

    Dimensions that no marker mentions are not multiplied out.
    """
    markers = " ".join(str(found.marker) for line in lines if (found := parse_requirement(line)) and found.marker)
    pythons = [python for python in PYTHONS if supports(requires_python, python)] or list(PYTHONS)
    full = "full_version" in markers or "implementation_version" in markers
    versions = [(python, f"{python}.{micro}") for python in pythons for micro in ((0, 99) if full else (9,))]
    platforms = _PLATFORMS if re.search(r"os_name|sys_platform|platform_system", markers) else _PLATFORMS[:1]
    machines = _MACHINES if "platform_machine" in markers else _MACHINES[:1]
    implementations = _IMPLEMENTATIONS if re.search("implementation", markers) else _IMPLEMENTATIONS[:1]
    extras = sorted(set(re.findall(r"extra == ['\"]([^'\"]+)['\"]", markers))) or [""]
    if "python" not in markers and not full:
        versions = versions[-1:]
    for (python, full_version), platform, machine, implementation, extra in product(
        versions, platforms, machines, implementations, extras
    ):
        yield {
            **platform,
            **implementation,
            "python_version": python,
            "python_full_version": full_version,
            "implementation_version": full_version,
            "platform_machine": machine,
            "platform_release": "",
            "platform_version": "",
            "extra": extra,
        }


def applies(line: str, environment: Mapping[str, str]) -> bool:
    """Whether a requirement line holds in `environment`; a line that is not PEP 508 always does."""
    found = parse_requirement(line)
    if found is None or found.marker is None:
        return True
    try:
        return found.marker.evaluate(dict(environment))
    except (InvalidVersion, ValueError):  # a marker that compares the incomparable
        return True


@lru_cache(maxsize=4096)
def parse_requirement(line: str) -> Requirement | None:
    """A PEP 508 requirement, or `None` when the line is something else."""
    try:
        return read_requirement(line)
    except InvalidRequirement:
        return None


def _name_of(line: str) -> str | None:
    found = parse_requirement(line)
    if found is not None:
        return canonicalize_name(found.name)
    channel = _CHANNEL.match(line)  # not `sub`, which would try again at each character
    match = _NAME.match(line, channel.end() if channel else 0)
    return canonicalize_name(match[1]) if match else None


def needs_extra(line: str) -> bool:
    """Whether a requirement line only holds with an extra."""
    found = parse_requirement(line)
    return found is not None and found.marker is not None and _EXTRA.search(str(found.marker)) is not None


def _line_admits(line: str, version: str, prereleases: bool) -> bool:
    found, parsed = parse_requirement(line), _version(version)
    if found is not None and not found.specifier:
        return True
    if found is not None and parsed is not None:
        return found.specifier.contains(parsed, prereleases=prereleases)
    return _matchspec_admits(line.partition(";")[0].strip(), version)


def _matchspec_admits(line: str, version: str) -> bool:
    from tailrace.conda import rattler

    try:
        spec = rattler.split_spec(line).version
    except rattler.UnreadableError:  # what cannot be read admits
        return True
    wanted, found = rattler.version_spec(spec) if spec is not None else None, rattler.version(version)
    return wanted is None or found is None or bool(wanted.matches(found))


def _version(text: str) -> Version | None:
    try:
        return read_version(text)
    except InvalidVersion:
        return None
