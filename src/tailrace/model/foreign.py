"""Requirements, specifiers, markers, versions and match specs that strangers wrote, bounded before they are parsed.

The parsers of these small languages recurse or repeat: packaging's ends in a RecursionError on nested parentheses,
py-rattler's kills the process, and 50,000 clauses are compared one by one with each version. No text that a person or
a tool wrote for use comes near the bounds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packaging.markers import Marker
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

#: Characters, parentheses (or brackets) inside each other, and clauses.
MAX_LENGTH = 8_192
MAX_NESTING = 40
MAX_CLAUSES = 500
#: Characters of one version.
MAX_VERSION = 512


def beyond_bounds(text: str) -> str | None:
    """Why a text is not given to a parser, `None` when it may be."""
    if len(text) > MAX_LENGTH:
        return f"longer than {MAX_LENGTH} characters"
    depth = 0
    for char in text:
        if char in "([{":
            depth += 1
            if depth > MAX_NESTING:
                return f"nested more than {MAX_NESTING} levels deep"
        elif char in ")]}" and depth:
            depth -= 1
    if text.count(",") + text.count("|") > MAX_CLAUSES:
        return f"of more than {MAX_CLAUSES} clauses"
    return None


def read_requirement(text: str) -> Requirement:
    """A PEP 508 requirement. Raises `packaging.requirements.InvalidRequirement`, and nothing else."""
    from packaging.requirements import InvalidRequirement, Requirement

    if problem := beyond_bounds(text):
        raise InvalidRequirement(f"a requirement {problem}")
    try:
        found = Requirement(text)
    except (ValueError, RecursionError) as error:
        raise InvalidRequirement(str(error)) from None
    if _has_long_version(found.specifier):
        raise InvalidRequirement(f"a requirement with a version longer than {MAX_VERSION} characters")
    return found


def read_specifiers(text: str, *, prereleases: bool | None = None) -> SpecifierSet:
    """A PEP 440 specifier set. Raises `packaging.specifiers.InvalidSpecifier`, and nothing else."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    if problem := beyond_bounds(text):
        raise InvalidSpecifier(f"a specifier {problem}")
    try:
        found = SpecifierSet(text, prereleases=prereleases)
    except ValueError as error:
        raise InvalidSpecifier(str(error)) from None
    if _has_long_version(found):
        raise InvalidSpecifier(f"a specifier with a version longer than {MAX_VERSION} characters")
    return found


def read_marker(text: str) -> Marker:
    """A PEP 508 marker. Raises `packaging.markers.InvalidMarker`, and nothing else."""
    from packaging.markers import InvalidMarker, Marker

    if problem := beyond_bounds(text):
        raise InvalidMarker(f"a marker {problem}")
    try:
        return Marker(text)
    except (ValueError, RecursionError) as error:
        raise InvalidMarker(str(error)) from None


def read_version(text: str) -> Version:
    """A PEP 440 version. Raises `packaging.version.InvalidVersion`, and nothing else."""
    from packaging.version import InvalidVersion, Version

    if len(text) > MAX_VERSION:
        raise InvalidVersion(f"a version longer than {MAX_VERSION} characters")
    try:
        return Version(text)
    except ValueError as error:
        raise InvalidVersion(str(error)) from None


def is_lower(version: str, other: str) -> bool:
    """Whether the first version is lower than the other as PEP 440 orders them; false where one cannot be read."""
    from packaging.version import InvalidVersion

    try:
        first, second = read_version(version), read_version(other)
    except InvalidVersion:
        return False
    return first < second and first.local != "unknown"


def _has_long_version(specifiers: SpecifierSet) -> bool:
    # The library reads the number when it is first compared, and then raises what it raises.
    return any(len(one.version) > MAX_VERSION for one in specifiers)
