"""Subjects and targets as users write them, and when two of them are the same. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache

import msgspec

from tailrace.gate.errors import SubjectError

_SUBJECT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*?)\s*(?:\s|===?|=|@)\s*v?([0-9A-Za-z][0-9A-Za-z._+!-]*)\s*")
_TARGET = re.compile(r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*")
_LONGEST = 200
MAIN = "main"


class File(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One file of a release. `sha256`: 64 hex digits."""

    name: str
    sha256: str


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate decides on: one version of one package, and its files where they are known."""

    name: str
    version: str
    files: tuple[File, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    @property
    def hashes(self) -> frozenset[str]:
        """The sha256 of its files."""
        return frozenset(file.sha256 for file in self.files)


def parse_subject(text: str) -> Subject:
    """`conda 4.13.0`, `conda==4.13.0`, `conda=4.13.0` or `conda@4.13.0`. Raises SubjectError."""
    match = _SUBJECT.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise SubjectError(
            f"{text[:_LONGEST]!r} is not a release.", hint="Write its name and its version, as in 'conda 4.13.0'."
        )
    return Subject(name=match[1], version=match[2])


def parse_target(text: str) -> str:
    """A target as it is kept: `CHANNEL/LABEL`, with the label `main` where none is written. An index keeps its name.

    Raises SubjectError.
    """
    shown = text.strip()
    if len(shown) > _LONGEST or not _TARGET.fullmatch(shown):
        raise SubjectError(
            f"{text[:_LONGEST]!r} is not a target.", hint="Write a channel and its label, as in defaults/main."
        )
    return shown


def choose_target(text: str, targets: Iterable[str]) -> str:
    """The target of the policy that is meant: `defaults` means `defaults/main` where the policy has that.

    Raises SubjectError for one that the policy does not have.
    """
    wanted = parse_target(text)
    known = tuple(targets)
    found = next((one for one in known if same_target(one, wanted)), None)
    if found is None:
        from tailrace.toml.kinds import nearest

        near = nearest(wanted, known)
        hint = f"Did you mean {near}?" if near else f"The targets are {', '.join(known)}."
        raise SubjectError(f"the policy has no target {wanted!r}.", hint=hint)
    return found


def same_target(one: str, other: str) -> bool:
    """Whether two targets are the same; `defaults` is `defaults/main`, and `defaults/label/rc` is `defaults/rc`."""
    return one == other or target_key(one) == target_key(other)


@lru_cache(maxsize=10_000)
def target_key(target: str) -> str:
    """The same for every spelling of a target."""
    return target.removesuffix(f"/{MAIN}").replace("/label/", "/")


def label_target(target: str, label: str) -> str:
    """The target of another label of the same channel: `defaults/main` and `rc` give `defaults/rc`."""
    return f"{channel_of(target)}/{label}"


def channel_of(target: str) -> str:
    """The channel of a target, without its label."""
    return target_key(target).split("/")[0]


def target_label(target: str) -> str:
    """The label of a target: `main` for `defaults/main` and for `pypi`."""
    return target_key(target).partition("/")[2] or MAIN


@lru_cache(maxsize=100_000)
def name_key(name: str) -> str:
    """The same for every spelling of a package name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def same_name(one: str, other: str) -> bool:
    """Whether two texts name the same package."""
    return one == other or name_key(one) == name_key(other)


@lru_cache(maxsize=100_000)
def version_key(version: str) -> str:
    """The same for every spelling of a version: `4.13` and `4.13.0`, `1.0rc1` and `1.0.RC1`."""
    text = version.strip().lower().removeprefix("v").replace("-", ".").replace("_", ".")
    text = re.sub(r"\.?(a|b|rc|alpha|beta|dev|post)\.?(?=\d)", r"\1", text)
    text = text.replace("alpha", "a").replace("beta", "b")
    main, plus, local = text.partition("+")
    return re.sub(r"(?:\.0+)+$", "", main) + plus + local


def same_version(one: str, other: str) -> bool:
    """Whether two texts are the same version."""
    return one == other or version_key(one) == version_key(other)


def same_release(one: Subject, name: str, version: str) -> bool:
    """Whether a subject is this release."""
    return same_name(one.name, name) and same_version(one.version, version)


@lru_cache(maxsize=100_000)
def version_order(version: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts versions as people number them: numbers by value, `a`, `b`, `rc` before the release itself."""
    parts = re.findall(r"\d+|[a-z]+", version_key(version))
    key = [
        (1, int(part), "") if part.isdigit() else (2 if part in ("post", "p") else -1, 0, part) for part in parts[:40]
    ]
    return (*key, (0, 0, ""))


def matches(globs: Iterable[str], text: str) -> bool:
    """Whether one of the globs fits, whatever the spelling of a name."""
    return any(fnmatchcase(text, glob) or fnmatchcase(name_key(text), name_key(glob)) for glob in globs)
