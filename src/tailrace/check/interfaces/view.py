"""What a finder for an interface may look at: two releases, what changed between them, one downstream."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, cast

from tailrace.check.breakage import Breakage
from tailrace.check.release_pair import ReleasePair
from tailrace.check.requirements.transitive import Lookup
from tailrace.model import Artifact, Change, Confidence
from tailrace.python.modules import Surface
from tailrace.python.parsing import Parsed
from tailrace.python.usages import (
    Condition,
    FileUsage,
    InHandler,
    InTry,
    Root,
    Surrounding,
    Use,
    attempt_of,
    collect_usage,
)
from tailrace.python.usages.conventions import Conventions
from tailrace.rules.interface import BreakFacts

if TYPE_CHECKING:
    from tailrace.check.commandlines.joins import CommandLineJoins

T = TypeVar("T")
# A larger file is data, and few finders ask for it.
_LARGEST_KEPT = 500_000


@dataclass(frozen=True, slots=True)
class Doubt:
    """What could not be decided, as a sentence for the report. A downstream with one is not clear."""

    text: str


@dataclass(frozen=True, slots=True)
class View:
    """One downstream beside both releases. `changed`: the changes of `changes.interfaces`. `joins`: the command lines
    of both releases, where there are any. `memo`: what `once` keeps, shared by the downstreams of one pair.
    `lookup`: what other distributions require, where that can be asked. `conventions`: what plug-ins are given.
    `offered`: the names of the files that the index offers of both releases, where it was asked. `usages`: of the files
    that were read, with the same conventions."""

    pair: ReleasePair
    downstream: Artifact
    surface: Surface
    baseline: Surface
    candidate: Surface
    changed: tuple[Change, ...]
    joins: CommandLineJoins | None = None
    memo: dict[str, object] = field(default_factory=dict)
    lookup: Lookup | None = None
    conventions: Conventions | None = None
    offered: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    usages: Mapping[str, FileUsage] = field(default_factory=dict)
    _read: dict[str, bytes] = field(default_factory=dict)

    def once(self, key: str, make: Callable[[], T]) -> T:
        """What `make` gives, found out once for a pair of releases."""
        if key not in self.memo:
            self.memo[key] = make()
        return cast("T", self.memo[key])

    def changes(self, rule: str) -> dict[str, Change]:
        """The changes of one rule by symbol."""
        return {change.symbol: change for change in self.changed if change.rule == rule}

    def files(self) -> Iterator[str]:
        """The Python files of the downstream, stubs left out."""
        return (file for file in self.downstream.python_files if not file.endswith(".pyi"))

    def holding(self, words: Iterable[str]) -> Iterator[str]:
        """The Python files whose bytes hold one of the words."""
        return self.matching(re.compile(b"|".join(re.escape(word.encode()) for word in sorted(set(words))) or b"(?!)"))

    def matching(self, pattern: re.Pattern[bytes], words: Iterable[str] = ()) -> Iterator[str]:
        """The Python files whose bytes match. `words`: of which every match needs one, which is found much faster."""
        hints = [word.encode() for word in words]
        for file in self.files():
            data = self.data(file)
            if (not hints or any(hint in data for hint in hints)) and pattern.search(data):
                yield file

    def data(self, file: str) -> bytes:
        """The bytes of a file of the downstream; empty where it cannot be read. Sources are kept: every finder asks."""
        if file in self._read:
            return self._read[file]
        try:
            data = (self.downstream.root / file).read_bytes()
        except OSError:
            data = b""
        if file.endswith(".py") and len(data) <= _LARGEST_KEPT:
            self._read[file] = data
        return data

    def tree(self, file: str) -> Parsed | None:
        """The syntax tree of a file of the downstream."""
        return self.surface.tree(file)

    def module(self, file: str) -> str:
        """The dotted name of a file of the downstream."""
        return self.surface.module_of_file(file) or file.removesuffix(".py").replace("/", ".")

    def use_at(self, file: str, node: ast.AST) -> Use | None:
        """A use that stands where `node` does, with the tests and `try` statements around it."""
        parsed = self.tree(file)
        found = path_to(parsed.tree, node) if parsed is not None else None
        if found is None:
            return None
        around, inside, in_function = found
        return Use(
            root=Root("name", ""),
            steps=(),
            how="string",
            line=getattr(node, "lineno", 1),
            column=getattr(node, "col_offset", 0) + 1,
            inside=".".join((self.module(file), *inside)),
            scope="function" if in_function else "import",
            around=around,
        )

    def usage(self, file: str, parsed: Parsed) -> FileUsage:
        """What a file uses: as the check read it, else read here."""
        return self.usages.get(file) or collect_usage(
            parsed,
            self.module(file),
            file,
            is_package=file.endswith("__init__.py"),
            conventions=self.conventions,
        )

    def value_removed(
        self, symbol: str, file: str, node: ast.expr, confidence: Confidence, raises: frozenset[str], facts: BreakFacts
    ) -> Breakage:
        """`value-removed` at a text in a file of the downstream."""
        return Breakage(
            rule="value-removed",
            symbol=symbol,
            module="",
            name=symbol,
            how="string",
            file=file,
            line=node.lineno,
            column=node.col_offset + 1,
            use=self.use_at(file, node),
            confidence=confidence,
            raises=raises,
            facts=facts,
        )


Find = Callable[[View], Iterable[Breakage | Doubt]]


@dataclass(frozen=True, slots=True)
class Finder:
    """One kind of interface. A module of this package with a `FINDER` is one; nothing else names it.

    `of_stubs`: whether stubs of the upstream, as of the standard library, say what it needs.
    """

    find: Find
    of_stubs: bool = False


def path_to(tree: ast.Module, wanted: ast.AST) -> tuple[tuple[Surrounding, ...], tuple[str, ...], bool] | None:
    """Tests and `try` statements around a node, names of the functions and classes it is in, whether in a function."""
    line = getattr(wanted, "lineno", None)
    if line is None:
        return None
    around: list[Surrounding] = []
    inside: list[str] = []
    within: list[int] = []  # lines
    body: list[ast.stmt] = tree.body
    while True:
        node = next((s for s in body if _first_line(s) <= line <= (s.end_lineno or s.lineno)), None)
        if node is None or node is wanted:
            break
        blocks: list[tuple[list[ast.stmt], Surrounding | None]]
        match node:
            case ast.If():
                held = tuple(within)
                blocks = [
                    (node.body, Condition(node.test, True, held)),
                    (node.orelse, Condition(node.test, False, held)),
                ]
            case ast.Try():
                attempt = attempt_of(node, node.body, node.handlers)
                blocks = [(node.body, InTry(attempt) if node.handlers else None)]
                blocks += [(handler.body, InHandler(attempt, handler)) for handler in node.handlers]
                blocks += [(node.orelse, None), (node.finalbody, None)]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                inside.append(node.name)
                if line >= node.body[0].lineno:
                    within.append(node.lineno)
                    around = [item for item in around if not isinstance(item, InTry)]
                blocks = [(node.body, None)]
            case ast.ClassDef():
                inside.append(node.name)
                blocks = [(node.body, None)]
            case ast.With() | ast.AsyncWith():
                blocks = [(node.body, None)]
            case ast.For() | ast.AsyncFor() | ast.While():
                blocks = [(node.body, None), (node.orelse, None)]
            case _:
                break
        chosen = next(
            ((block, item) for block, item in blocks if block and _first_line(block[0]) <= line <= _last_line(block)),
            None,
        )
        if chosen is None:
            break
        body = chosen[0]
        if chosen[1] is not None:
            around.append(chosen[1])
    return tuple(around), tuple(inside), bool(within)


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min((node.lineno, *(d.lineno for d in decorators)))


def _last_line(block: list[ast.stmt]) -> int:
    return block[-1].end_lineno or block[-1].lineno
