"""Parses a harmful combination into a test over chosen records. Pure.

`conda >=4.13 & (conda-build <3.21.8 | conda-build 3.21.8 *_0)`: match specs joined by `&` (all of them are installed
together) and `|` (any of them), `&` binding tighter; parentheses group. A `|` that is followed by a version (`conda
4.13|4.14`) belongs to the spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tailrace.conda.errors import ExpressionError, MatchSpecError
from tailrace.conda.records import Record
from tailrace.conda.specs import Spec, parse_spec

#: Nested deeper than this is no expression a person wrote.
DEPTH = 50

_TOKEN = re.compile(
    r"\s*(?:(?P<mark>[&()])|(?P<bar>\|(?=\s*[A-Za-z_(]))|(?P<spec>(?:\[[^\]]*\]|[^&|()\[]|\|(?!\s*[A-Za-z_(]))+))"
)


@dataclass(frozen=True, slots=True)
class HarmfulCombination:
    """A tree of specs. `kind` `spec` is a leaf."""

    kind: str
    spec: Spec | None = None
    parts: tuple[HarmfulCombination, ...] = ()
    text: str = ""

    def harmful(self, records: Iterable[Record]) -> bool:
        """Whether an environment of these records holds the combination."""
        records = tuple(records)
        if self.spec is not None:
            return any(self.spec.matches(record) for record in records)
        return (all if self.kind == "all" else any)(part.harmful(records) for part in self.parts)

    @property
    def names(self) -> tuple[str, ...]:
        """The package names it speaks of, sorted."""
        if self.spec is not None:
            return (self.spec.name,)
        return tuple(sorted({name for part in self.parts for name in part.names}))


def parse_broken(text: str) -> HarmfulCombination:
    """The expression. Raises ExpressionError, with the column."""
    tokens = _tokens(text)
    parser = _Parser(text, tokens)
    tree = parser.any_of(0)
    parser.finish()
    return HarmfulCombination(tree.kind, tree.spec, tree.parts, text.strip())


def _tokens(text: str) -> list[tuple[str, str, int]]:
    tokens, place = [], 0
    while text[place:].strip():
        found = _TOKEN.match(text, place)
        if found is None:
            blank = len(text[place:]) - len(text[place:].lstrip())
            raise ExpressionError(text, place + blank + 1, f"{text[place + blank]!r} is not expected here")
        kind = found.lastgroup or ""
        tokens.append((kind, found[kind].strip(), found.start(kind) + 1))
        place = found.end()
    return tokens


class _Parser:
    def __init__(self, text: str, tokens: list[tuple[str, str, int]]) -> None:
        self.text = text
        self.tokens = tokens
        self.place = 0

    def _next(self) -> tuple[str, str, int]:
        return self.tokens[self.place] if self.place < len(self.tokens) else ("end", "", len(self.text) + 1)

    def any_of(self, depth: int) -> HarmfulCombination:
        parts = [self._all_of(depth)]
        while self._next()[0] == "bar":
            self.place += 1
            parts.append(self._all_of(depth))
        return parts[0] if len(parts) == 1 else HarmfulCombination("any", parts=tuple(parts))

    def _all_of(self, depth: int) -> HarmfulCombination:
        parts = [self._one(depth)]
        while self._next()[:2] == ("mark", "&"):
            self.place += 1
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else HarmfulCombination("all", parts=tuple(parts))

    def _one(self, depth: int) -> HarmfulCombination:
        kind, value, column = self._next()
        if depth > DEPTH:
            raise ExpressionError(self.text, column, "it is nested too deeply")
        if kind == "spec":
            self.place += 1
            spec, bad = None, value
            try:
                spec = parse_spec(value)
            except MatchSpecError as error:
                bad = error.spec
            if spec is None:  # raised here, so that nothing of the parser's goes along to another process
                raise ExpressionError(self.text, column, f"{bad!r} is not a match spec")
            return HarmfulCombination("spec", spec)
        if (kind, value) == ("mark", "("):
            self.place += 1
            inner = self.any_of(depth + 1)
            if self._next()[:2] != ("mark", ")"):
                raise ExpressionError(self.text, self._next()[2], "a closing parenthesis is missing")
            self.place += 1
            return inner
        raise ExpressionError(
            self.text, column, "a spec is missing" if kind == "end" else f"a spec is missing before {value!r}"
        )

    def finish(self) -> None:
        kind, value, column = self._next()
        if kind != "end":
            raise ExpressionError(self.text, column, f"{value!r} is not expected here")
