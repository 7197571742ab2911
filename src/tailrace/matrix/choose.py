"""Chooses the versions of a grid, and the version of the upstream that each row is compared with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tailrace.check.requirements import admits
from tailrace.model import Release, TailraceError
from tailrace.model.foreign import read_specifiers, read_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tailrace.sources import Sources

#: Versions of each side that are taken where nothing else is said: the newest.
NEWEST = 20
_COUNT = re.compile(r"\d{1,4}\Z")
_NAMED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*?)\s*([<>=!~].*)\Z")


class VersionsError(TailraceError):
    """A wish about versions that cannot be met."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which versions of a name: those that `specifier` lets in, or exactly `versions`; of these the `newest`."""

    specifier: str = ""
    versions: tuple[str, ...] = ()
    newest: int = NEWEST


def read_side(text: str) -> tuple[str, Wish]:
    """`NAME`, `NAME>=1,<2` or `NAME==1.0`: the name as written, and the wish in it."""
    plain = text.strip().removeprefix("pypi:")
    match = _NAMED.match(plain)
    if match is None:
        return plain, Wish()
    try:
        read_specifiers(match[2])
    except InvalidSpecifier:
        raise VersionsError(f"{text!r} has no valid version specifier.", hint="Write NAME>=1.0,<2.") from None
    return match[1], Wish(specifier=match[2].replace(" ", ""))


def read_wishes(texts: Sequence[str], upstream: str, downstream: str) -> tuple[Wish | None, Wish | None, int | None]:
    """`--versions`: for the upstream, for the downstream, and the number of newest versions for both.

    `20`; `NAME>=1.0`; `NAME==1.0,1.1,2.0` (a list); `>=1.0` and `1.0,1.1` speak of the upstream.
    """
    wishes: dict[str, Wish] = {}
    newest: int | None = None
    for text in texts:
        plain = text.strip()
        if _COUNT.match(plain):
            newest = int(plain)
            if not newest:
                raise VersionsError("--versions 0 leaves nothing to check.", hint="Write a number from 1 on.")
            continue
        name, rest = upstream, plain
        match = re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*?)\s*(?:[:=]=?\s*|(?=[<>!~]))(.*)\Z", plain)
        if match is not None and canonicalize_name(match[1]) in map(canonicalize_name, (upstream, downstream)):
            name, rest = match[1], match[2]
        elif match is not None and not re.match(r"\d", plain) and plain[:1] not in "<>=!~":
            raise VersionsError(
                f"--versions {text} names neither {upstream} nor {downstream}.",
                hint=f"Write 20, '{upstream}>=1.0' or '{downstream}==1.0,1.1'.",
            )
        wishes[str(canonicalize_name(name))] = _read_wish(text, rest)
    up, down = str(canonicalize_name(upstream)), str(canonicalize_name(downstream))
    return wishes.get(up), wishes.get(down), newest


def _read_wish(text: str, rest: str) -> Wish:
    if rest[:1] in tuple("<>=!~"):
        try:
            read_specifiers(rest)
        except InvalidSpecifier:
            raise VersionsError(f"--versions {text} is not a version specifier.", hint="Write '>=1.0,<2'.") from None
        return Wish(specifier=rest.replace(" ", ""), newest=10_000)
    versions = tuple(part.strip() for part in rest.split(",") if part.strip())
    try:
        for version in versions:
            read_version(version)
    except InvalidVersion:
        raise VersionsError(
            f"--versions {text} is not a list of versions.", hint="Write 20, '>=1.0', or 1.0,1.1,2.0."
        ) from None
    return Wish(versions=versions, newest=10_000)


def choose(name: str, wish: Wish, sources: Sources) -> tuple[str, ...]:
    """The versions, oldest first. Raises `VersionsError` where there is none, and what the source raises."""
    if wish.versions:
        return tuple(str(v) for v in sorted({read_version(text) for text in wish.versions}))
    known = sources.versions(name)
    fitting = [text for text in known if not wish.specifier or Version(text) in SpecifierSet(wish.specifier)]
    if not fitting:
        asked = f" that fits {wish.specifier}" if wish.specifier else ""
        shown = f"{known[0]} to {known[-1]}" if known else "none"
        raise VersionsError(f"there is no final release of {name}{asked}.", hint=f"The index has {shown}.")
    return tuple(fitting[-wish.newest :])


def baseline_for(
    downstream: Release, requirement: str | None, requires_python: str | None, upstream: str, sources: Sources
) -> tuple[str | None, str]:
    """The version of the upstream that a downstream is taken to work with, and how it was chosen: the newest one on the
    day of its upload that its requirement lets in. `None` where nothing says when either was uploaded."""
    from tailrace.sources import SourceError

    try:
        day = sources.upload_time(downstream)
    except SourceError:
        day = None
    try:
        history = sources.pypi.history(upstream)
    except SourceError:
        history = ()
    if day is not None:
        for version, when in reversed(history):
            if when <= day and admits(requirement, version, requires_python=requires_python):
                return version, f"newest on {day:%Y-%m-%d} that it admits"
    return None, "nothing says when they were uploaded"
