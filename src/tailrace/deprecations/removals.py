"""Decides for each removal whether it had been announced."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tailrace.deprecations.identity import containers
from tailrace.deprecations.public import PublicNames
from tailrace.deprecations.release_marks import MarkedRelease
from tailrace.model import Change
from tailrace.python.marks import DeprecationMark
from tailrace.python.modules import STUB
from tailrace.python.semantics.entities import Class, Module

REMOVALS = frozenset(
    {
        "name-removed",
        "attribute-removed",
        "module-removed",
        "parameter-removed",
        "parameter-now-keyword-only",
        "option-removed",
        "entry-point-removed",
    }
)
_DUNDER = re.compile(r"\.__\w+__\Z")
# What positional arguments that end lead to; how many there are is also changed in other ways, so it counts where it
# was announced.
_POSITIONS = frozenset({"parameter-now-keyword-only", "arity-changed"})
_NAMES = frozenset({"name-removed", "module-removed"})
_ARGUMENT = re.compile(r"\((\w+)=\)\Z")


@dataclass(frozen=True, slots=True)
class Removal:
    """One public thing that is gone. `mark`: what announced it in the baseline, `None` where nothing did."""

    change: Change
    mark: DeprecationMark | None


def find_removals(
    changes: Iterable[Change], baseline: MarkedRelease, candidate: MarkedRelease, public: PublicNames
) -> tuple[list[Removal], list[Change]]:
    """The public removals, and those of private names."""
    announced = _Announcements(baseline)
    standing = _Announcements(candidate)
    kept = {mark.symbol for mark in candidate.marks if mark.kind == "name"}
    found: list[Removal] = []
    private: list[Change] = []
    for change in changes:
        if change.symbol in kept:
            continue  # `deprecated.constant(…)` keeps a name alive whose definition is gone
        if change.rule in _POSITIONS and standing.of_positions(change) is not None:
            continue  # they are still taken, with a warning
        if change.rule not in REMOVALS and not (change.rule in _POSITIONS and announced.of_positions(change)):
            continue
        if change.rule in _NAMES and candidate.resolver.path(change.symbol).state == "present":
            continue  # a module's `__getattr__` gives it
        if change.rule == "name-removed" and _DUNDER.search(change.symbol):
            private.append(change)  # a module's `__getattr__` or `__tables__`, not for users
            continue
        if change.rule in {"option-removed", "entry-point-removed"}:
            shown = True
        else:
            shown = public.is_public(baseline.resolver, change.symbol) and not _borrowed(baseline, change)
        if shown:
            found.append(Removal(change, announced.of(change)))
        else:
            private.append(change)
    return found, private


def _borrowed(baseline: MarkedRelease, change: Change) -> bool:
    """Whether a module had merely imported the name for its own use: it is not a module's to announce."""
    if change.rule != "name-removed":
        return False
    module, _, name = change.symbol.rpartition(".")
    facts = baseline.resolver.facts(module)
    if facts is None or (facts.all_names is not None and name in facts.all_names):
        return False
    bound = [b for b in facts.bindings.get(name, ()) if b.runtime]
    imported = bool(bound) and all(b.kind in {"import", "from"} for b in bound)
    if not imported:
        return False
    if facts.all_names is not None:
        return True
    # A package offers what it imports from its own modules; a module does not, unless it gives it another name.
    own = any(b.kind == "from" and (b.target or "").split(".", 1)[0] in baseline.surface.roots for b in bound)
    renamed = any(b.attr is not None and b.attr != name for b in bound)
    return not (own and (facts.is_package or renamed))


class _Announcements:
    """The marks of the baseline, by what they speak of."""

    def __init__(self, release: MarkedRelease) -> None:
        self.resolver = release.resolver
        self.by_symbol: dict[str, DeprecationMark] = {}
        self.options: dict[str, DeprecationMark] = {}
        self.topics: list[DeprecationMark] = []
        for mark in release.marks:
            if mark.kind == "option":
                self.options.update(dict.fromkeys(mark.words, mark))
            elif mark.kind == "topic":
                self.topics.append(mark)
                self.by_symbol.setdefault(mark.symbol.partition(": ")[0], mark)
            else:
                self.by_symbol.setdefault(mark.symbol, mark)

    def of(self, change: Change) -> DeprecationMark | None:
        """The mark that announced a removal: on the thing, on what it is a part of, or on what its name led to."""
        if change.rule == "option-removed":
            return self._option(change)
        if change.rule in _POSITIONS and (mark := self.of_positions(change)) is not None:
            return mark
        for symbol in self._names(change.symbol):
            for path in (symbol, *containers(symbol)):
                mark = self.by_symbol.get(path)
                if mark is not None and (mark.kind != "argument" or path == symbol):
                    return mark
        if change.deprecation is not None:
            return DeprecationMark(
                kind="name",
                symbol=change.symbol,
                file=change.file or "",
                line=change.line or 1,
                deprecation=change.deprecation,
            )
        return self._topic(change.symbol)

    def of_positions(self, change: Change) -> DeprecationMark | None:
        """The mark that announced the end of a parameter, or of any argument, by position."""
        argument = _ARGUMENT.search(change.symbol)
        for symbol in self._names(change.symbol):
            mark = self.by_symbol.get(_ARGUMENT.sub("", symbol) + "(*)")
            if mark is not None and (argument is None or not mark.words or argument[1] in mark.words):
                return mark
        return None

    def _names(self, symbol: str) -> list[str]:
        """The paths of a thing: as users name it, where it is defined, and where its classes inherit it from."""
        argument = _ARGUMENT.search(symbol)
        plain, suffix = (symbol[: argument.start()], argument.group()) if argument else (symbol, "")
        found = [symbol]
        entity = self.resolver.path(plain).entity
        path = getattr(entity, "path", getattr(entity, "name", None))
        if isinstance(path, str) and not isinstance(entity, Module):
            found.append(path.replace(STUB, "").removesuffix(".__init__") + suffix)
        owner = self.resolver.path(plain.rpartition(".")[0]).entity
        if isinstance(owner, Class):
            name = plain.rpartition(".")[2]
            found += [f"{cls.path.replace(STUB, '')}.{name}{suffix}" for cls in self.resolver.mro(owner)[0]]
        return list(dict.fromkeys(found))

    def _option(self, change: Change) -> DeprecationMark | None:
        word = change.symbol.rpartition(" ")[2]
        if word in self.options:
            return self.options[word]
        about = next((m for m in self.topics if any(_mentions(text, word) for text in m.words)), None)
        if about is None and change.deprecation is not None:
            return DeprecationMark(
                kind="option",
                symbol=word,
                file=change.file or "",
                line=change.line or 1,
                deprecation=change.deprecation,
            )
        return about

    def _topic(self, symbol: str) -> DeprecationMark | None:
        plain = _ARGUMENT.sub("", symbol)
        tail = ".".join(plain.split(".")[-2:])
        return next((m for m in self.topics if any(_mentions(t, plain) or _mentions(t, tail) for t in m.words)), None)


def _mentions(text: str, word: str) -> bool:
    return re.search(rf"(?<![\w.-]){re.escape(word)}(?![\w-])", text) is not None
