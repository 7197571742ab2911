"""Gives the reason why a downstream could not be checked, and notes on the parts that could not be read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tailrace.artifacts import ArtifactError, read_member
from tailrace.model import Artifact
from tailrace.python.modules import is_test_file

_SHOWN = 3


def why_unseen(downstream: Artifact, requirement: str | None, roots: Iterable[str]) -> str | None:
    """Why a downstream without any readable source cannot be called clear; `None` when it can.

    Compiled modules count where the downstream requires the upstream, or where their bytes hold one of its import
    `roots`; stubs (`.pyi`) are sources.
    """
    if downstream.python_files:
        return None
    if downstream.unreadable:
        return f"none of its Python files could be read: {_each(downstream.unreadable)}"
    if not downstream.compiled_files:
        return _why_empty(downstream)
    if requirement is None and not _names_any(downstream, roots):
        return None
    shown = _shorten(downstream.compiled_files)
    return f"it holds compiled modules only, and no stubs that tell what they use: {shown}"


def _why_empty(downstream: Artifact) -> str | None:
    """Why a downstream without any module cannot be called clear; one that states requirements is a meta-package."""
    if downstream.kind == "environment" and downstream.notes:
        return f"none of its files is known: {downstream.notes[0]}"
    if downstream.kind == "wheel" and not (downstream.other_files or downstream.opaque_files):
        return "it holds no module and no metadata, so there was nothing to check"
    if downstream.kind in ("wheel", "conda", "environment") or downstream.metadata.requires_dist:
        return None
    return "it holds neither a Python module nor requirements, so there was nothing to check"


@dataclass(frozen=True, slots=True)
class Unread:
    """Files that may use the upstream and that could not be read: those of the product, and tests, docs and examples.

    Each with the reason.
    """

    product: tuple[tuple[str, str], ...] = ()
    besides: tuple[tuple[str, str], ...] = ()

    @property
    def reason(self) -> str | None:
        """Why the downstream is not clear, `None` where nothing of the product is unread."""
        if not self.product:
            return None
        number = len(self.product)
        verb = "is" if number == 1 else "are"
        return f"{_count(number, 'file')} that may use the upstream {verb} unread: {_each(self.product)}"


def find_unread(downstream: Artifact, unparsed: Iterable[str], *, uses_upstream: bool) -> Unread:
    """The unread files that matter. `unparsed`: name the upstream, and no Python reads them.

    `uses_upstream`: whether the downstream requires the upstream or names it anywhere: then what could not be opened
    may name it too.
    """
    files = [(file, "it cannot be parsed as Python") for file in unparsed]
    if uses_upstream:
        files += downstream.unreadable
    files = list(dict.fromkeys(files))
    return Unread(
        tuple(one for one in files if not is_test_file(one[0])),
        tuple(one for one in files if is_test_file(one[0])),
    )


def notes_on_unread(
    unparsed: Iterable[str], downstream: Artifact, opaque: tuple[tuple[str, str], ...] = ()
) -> tuple[str, ...]:
    """What the reader should know of files that were not looked at. `opaque`: files with what they are."""
    notes: list[str] = []
    files = tuple(unparsed)
    if files:
        notes.append(f"{_count(len(files), 'file')} could not be parsed: {_shorten(files)}")
    if downstream.unreadable:
        number = len(downstream.unreadable)
        notes.append(f"{_count(number, 'Python file')} could not be read: {_each(downstream.unreadable)}")
    if opaque:
        what = "names the upstream and is" if len(opaque) == 1 else "name the upstream and are"
        notes.append(f"{_count(len(opaque), 'file')} that {what} not read: {_each(opaque)}")
    return tuple(notes)


def _names_any(downstream: Artifact, roots: Iterable[str]) -> bool:
    words = re.compile(
        rb"(?<![A-Za-z0-9_])(?:" + "|".join(map(re.escape, sorted(roots))).encode() + rb")(?![A-Za-z0-9_])"
    )
    for file in downstream.compiled_files:
        try:
            data = read_member(downstream, file)
        except (ArtifactError, OSError):
            return True  # not known
        if words.search(data):
            return True
    return False


def _each(unreadable: tuple[tuple[str, str], ...]) -> str:
    return _shorten(tuple(f"{file} ({reason})" for file, reason in unreadable))


def _shorten(texts: tuple[str, ...]) -> str:
    more = len(texts) - _SHOWN
    return ", ".join(texts[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"
