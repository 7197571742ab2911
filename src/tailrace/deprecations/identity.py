"""Matches marks of two releases that are the same announcement: kept, postponed, moved or reworded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from tailrace.python.marks import DeprecationMark

Relation = Literal["kept", "covered", "moved", "rewritten"]
_TOO_COMMON = frozenset(
    {"main", "name", "get", "run", "data", "value", "values", "args", "path", "copy", "dtype", "axis"}
)


@dataclass(frozen=True, slots=True)
class Announced:
    """A mark of the candidate and the one of the baseline that announced the same. `covered`: the earlier one marks
    what the thing is a part of."""

    mark: DeprecationMark
    earlier: DeprecationMark
    relation: Relation


def match_marks(
    baseline: Iterable[DeprecationMark], candidate: Iterable[DeprecationMark]
) -> tuple[list[Announced], list[DeprecationMark]]:
    """The candidate's marks that the baseline announced already, and those that are new."""
    before, after = list(baseline), list(candidate)
    here = {mark.symbol for mark in after}
    by_symbol: dict[str, list[DeprecationMark]] = {}
    by_name: dict[str, list[DeprecationMark]] = {}
    by_topic: dict[str, DeprecationMark] = {}
    for mark in before:
        by_symbol.setdefault(mark.symbol, []).append(mark)
        if mark.symbol not in here:  # it is not where it was
            by_name.setdefault(last_name(mark), []).append(mark)
        for topic in mark.words if mark.kind == "topic" else ():
            by_topic.setdefault(_plain(topic), mark)
    announced: list[Announced] = []
    topics: list[tuple[DeprecationMark, DeprecationMark]] = []
    new: list[DeprecationMark] = []
    for mark in after:
        found = (
            _kept(mark, by_symbol, by_topic)
            or _covered(mark, by_symbol)
            or _moved(mark, by_name.get(last_name(mark), []))
            or _rewritten(mark, before, here)
        )
        if found is None:
            new.append(mark)
        else:
            announced.append(Announced(mark, *found))
            topics += [(mark, found[0])] if mark.kind == "topic" else []
    for mark in list(new):  # what a topic names that had been announced
        word = mark.symbol.rpartition(".")[2]
        named = next((t for t in topics if _same_versions(t[0], mark) and word in _words(t[0])), None)
        if named is not None:
            new.remove(mark)
            announced.append(Announced(mark, named[1], "rewritten"))
    return announced, new


def last_name(mark: DeprecationMark) -> str:
    """The last name of what is marked: `x=` of an argument, `f` of a function."""
    if mark.kind in {"topic", "option"}:
        return mark.symbol
    argument = re.search(r"\.?(?<!\w)(\w+)\((\w+)=\)\Z", mark.symbol)
    return f"{argument[1]}({argument[2]}=)" if argument else mark.symbol.rpartition(".")[2]


def containers(symbol: str) -> list[str]:
    """What a thing is a part of, the nearest first: of `up.C.f(x=)` and `up.C.f(*)` `up.C.f`, `up.C` and `up`."""
    plain = symbol.partition(": ")[0]
    found = []
    if plain.endswith(")"):
        plain = plain.rpartition("(")[0]
        found.append(plain)
    while "." in plain:
        plain = plain.rpartition(".")[0]
        found.append(plain)
    return found


def _kept(
    mark: DeprecationMark, by_symbol: dict[str, list[DeprecationMark]], by_topic: dict[str, DeprecationMark]
) -> tuple[DeprecationMark, Relation] | None:
    same = by_symbol.get(mark.symbol, [])
    if same:
        return next((m for m in same if m.kind == mark.kind), same[0]), "kept"
    if mark.kind == "topic" and mark.words and (found := by_topic.get(_plain(mark.words[0]))) is not None:
        return found, "moved"
    return None


def _covered(
    mark: DeprecationMark, by_symbol: dict[str, list[DeprecationMark]]
) -> tuple[DeprecationMark, Relation] | None:
    for above in containers(mark.symbol):
        for earlier in by_symbol.get(above, []):
            if earlier.kind not in {"argument", "position"}:
                return earlier, "covered"
    return None


def _moved(mark: DeprecationMark, vanished: list[DeprecationMark]) -> tuple[DeprecationMark, Relation] | None:
    """The same name at another place, with a version in common, or the only one of its name."""
    name = last_name(mark)
    alike = [m for m in vanished if _common_version(m, mark)]
    if alike:
        return alike[0], "moved"
    if len(vanished) == 1 and len(name) > 5 and name not in _TOO_COMMON:
        return vanished[0], "moved"
    return None


def _rewritten(
    mark: DeprecationMark, before: list[DeprecationMark], here: set[str]
) -> tuple[DeprecationMark, Relation] | None:
    """The same announcement in another form: a topic in the function whose argument had been marked, a module of
    which only parts had been, an option that had been an argument."""
    place = {mark.symbol.partition(": ")[0], *containers(mark.symbol)[:1]} if mark.kind != "option" else set()
    words = set(_words(mark))
    for earlier in before:
        if "position" in (mark.kind, earlier.kind):
            continue  # how an argument is given is another matter than whether
        inside = mark.kind in {"module", "class"} and mark.symbol in containers(earlier.symbol)[:1]
        if inside and _same_versions(earlier, mark):
            return earlier, "rewritten"
        if earlier.symbol in here:
            continue
        if mark.kind in {"module", "class", "topic", "function"} and place & set(containers(earlier.symbol)[:1]):
            if _common_version(earlier, mark):
                return earlier, "rewritten"
        if (
            {mark.kind, earlier.kind} & {"option", "topic"}
            and words & set(_words(earlier))
            and mark.file == earlier.file
        ):
            return earlier, "rewritten"
    return None


def _common_version(one: DeprecationMark, other: DeprecationMark) -> bool:
    """A version of removal in common, or of warning where no removal is announced."""
    mine, theirs = one.deprecation, other.deprecation
    if mine.removed_in and theirs.removed_in:
        return mine.removed_in == theirs.removed_in
    return mine.since is not None and mine.since == theirs.since


def _same_versions(one: DeprecationMark, other: DeprecationMark) -> bool:
    mine, theirs = one.deprecation, other.deprecation
    return mine.removed_in is not None and (mine.since, mine.removed_in) == (theirs.since, theirs.removed_in)


def _words(mark: DeprecationMark) -> list[str]:
    """The names that a mark is about: of an option its strings without dashes, of a topic its quoted names."""
    if mark.kind == "option":
        return [word.lstrip("-").replace("-", "_") for word in mark.words]
    if mark.kind == "topic":
        return [
            w.lstrip("-").replace("-", "_")
            for text in mark.words
            for w in re.findall(r"[`'\"]([\w.-]+)[`'\"]|(--[\w-]+)", text)
            for w in [w[0] or w[1]]
        ]
    argument = re.search(r"\((\w+)=\)\Z", mark.symbol)
    return [argument[1]] if argument else [mark.symbol.rpartition(".")[2]]


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
