"""Finds marks that name a replacement which does not exist in the release."""

from __future__ import annotations

from tailrace.deprecations.release_marks import MarkedRelease
from tailrace.deprecations.versions import read_version
from tailrace.python.marks import DeprecationMark
from tailrace.python.semantics.entities import Function


def replacement_fault(mark: DeprecationMark, release: MarkedRelease) -> str | None:
    """What is wrong with the replacement that a mark names, as a clause; `None` where it exists or is not known."""
    name = (mark.replacement or "").strip("`'\"~()")
    if not name:
        return None
    resolver = release.resolver
    if mark.kind == "argument" and name.isidentifier():
        return _lost_argument(mark, name, release)
    if name.split(".", 1)[0] not in release.surface.roots or "." not in name:
        return None
    if resolver.path(name).state == "absent":
        return f"it says to use {name}, which does not exist"
    other = next((m for m in release.marks if m.symbol == name and m.kind != "argument"), None)
    if other is None:
        return None
    mine, theirs = read_version(mark.deprecation.removed_in), read_version(other.deprecation.removed_in)
    if mine is not None and theirs is not None and theirs <= mine:
        return f"it says to use {name}, which is deprecated too and is removed in {other.deprecation.removed_in}"
    return None


def _lost_argument(mark: DeprecationMark, name: str, release: MarkedRelease) -> str | None:
    path = mark.symbol.rpartition("(")[0]
    entity = release.resolver.path(path).entity
    if not isinstance(entity, Function) or any("deprecat" not in d.lower() for d in entity.facts.decorators):
        return None  # another decorator may take it
    if any(p.name == name or p.kind == "var-keyword" for p in entity.facts.params):
        return None
    return f"it says to use {name}, and {path} has no such parameter"
