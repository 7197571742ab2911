"""Finds the downstream's own names for words that can hurt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set

from tailrace.changes.shapes import class_facts, member_names, member_words, words_of
from tailrace.python.facts import Binding
from tailrace.python.modules import Surface

Unit = tuple[str, frozenset[str]]
_MAX_DEPTH = 6


def own_words(words: frozenset[str], downstream: Surface, tokens: Mapping[str, Set[bytes]]) -> frozenset[str]:
    """Names such as `g` after `from up import f as g`, a subclass of `up.Base`, a function that returns an
    `up.Thing()`.

    `tokens`: the identifiers in each file that is looked at. Only files that hold one of the words, or one of the
    names found so
    far, are parsed.
    """
    found: set[str] = set()
    known = {word.encode() for word in words}
    unread = dict(tokens)
    waiting: list[Unit] = []
    while True:
        hit = [file for file, held in unread.items() if not known.isdisjoint(held)]
        for file in hit:
            del unread[file]
            waiting.extend(_units(downstream, file))
        every = words | found
        due = [unit for unit in waiting if not every.isdisjoint(unit[1])]
        candidate = {name for name, _ in due} - every
        if not hit and not candidate:
            return frozenset(found)
        done = set(due)
        waiting = [unit for unit in waiting if unit not in done]
        found |= candidate
        known.update(name.encode() for name in candidate)


def _units(surface: Surface, file: str) -> Iterator[Unit]:
    module = surface.module_of_file(file)
    facts = surface.module(module) if module is not None else None
    for name, bindings in facts.bindings.items() if facts is not None else ():
        yield name, frozenset(words_of(bindings))
        yield from _members(bindings, 0)


def _members(bindings: tuple[Binding, ...], depth: int) -> Iterator[Unit]:
    facts = class_facts(bindings)
    for name in member_names(facts):
        yield name, frozenset(member_words(facts, name))
        inner = tuple(b for c in facts for b in c.members.get(name, ()) if b.cls is not None)
        if inner and depth < _MAX_DEPTH:
            yield from _members(inner, depth + 1)
