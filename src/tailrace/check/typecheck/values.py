"""What a type-check run says, as values. No process, no file, no judgement about upstreams."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "missing-import",
    "missing-member",
    "missing-attribute",
    "unknown-argument",
    "missing-argument",
    "too-many-positional",
    "positional-only-as-keyword",
    "duplicate-argument",
    "not-callable",
    "not-iterable",
    "not-subscriptable",
    "not-awaitable",
    "not-context-manager",
    "unsupported-operator",
    "no-overload",
    "invalid-class",
    "invalid-exception",
    "abstract-instantiation",
    "read-only",
    "undefined-name",
    "possibly-missing",
    "type-only",
]

# A diagnostic of these kinds raises when the line runs.
FAILS: frozenset[Kind] = frozenset(
    {
        "missing-import",
        "missing-member",
        "missing-attribute",
        "unknown-argument",
        "missing-argument",
        "too-many-positional",
        "positional-only-as-keyword",
        "duplicate-argument",
        "not-callable",
        "not-iterable",
        "not-awaitable",
        "not-context-manager",
        "invalid-class",
        "abstract-instantiation",
        "read-only",
        "undefined-name",
    }
)

# These follow from annotations that may be narrower than what the code accepts, or hold on some paths only.
MAY_FAIL: frozenset[Kind] = frozenset(
    {"not-subscriptable", "unsupported-operator", "no-overload", "invalid-exception", "possibly-missing"}
)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing the type checker says about one place.

    `file`: relative to the downstream's root, POSIX. `line`, `column`, `end_line`, `end_column`: 1-based; a column is
    the UTF-8 offset plus one, that is, `ast`'s `col_offset + 1`. `rule`: the checker's own name. `receiver`: the
    types the message names, one per union member; `lacking`: those of them without the member. `name`: the attribute,
    member, parameter, module or name in question. `callee`: the called thing as the checker prints it. `owner`: the
    module of a missing member.
    """

    file: str
    line: int
    column: int
    rule: str
    kind: Kind
    message: str
    receiver: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    name: str = ""
    callee: str = ""
    owner: str = ""
    end_line: int = 0
    end_column: int = 0

    @property
    def fails(self) -> bool:
        """True when the line raises whenever it runs, as far as the checker can know."""
        return self.kind in FAILS


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A file about which nothing is known. `file` is empty when it holds for the whole run."""

    file: str
    reason: Literal["crashed", "timed-out", "not-found", "unreadable"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TypecheckRun:
    """The diagnostics of one run (sorted by place), and what could not be checked. Both may hold something."""

    diagnostics: tuple[Diagnostic, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()

    @property
    def failed(self) -> bool:
        """True when the run as a whole said nothing."""
        return any(not entry.file for entry in self.unchecked)


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a release or in the standard library.

    `origin`: whose file it is. `file`: relative to that origin's root, POSIX (for `stdlib`, relative to the stubs'
    root: `functools.pyi`). `line`, `column`: 1-based, of the defining name.
    """

    origin: Literal["upstream", "downstream", "stdlib", "elsewhere"]
    file: str
    line: int
    column: int = 1


@dataclass(frozen=True, slots=True)
class Query:
    """A question about one attribute use.

    `line`, `column` (as in `Diagnostic`): the first letter of the attribute's name. `receiver_line`,
    `receiver_column`: the last letter of the receiver expression, zero where it cannot be asked about.
    """

    file: str
    line: int
    column: int
    receiver_line: int = 0
    receiver_column: int = 0

    @classmethod
    def of(cls, file: str, node: ast.Attribute) -> Query:
        """The question about `node`, an attribute in the unchanged source of `file`."""
        line, end = node.end_lineno or node.lineno, node.end_col_offset or 0
        value = node.value
        # Of a parenthesised receiver `ast` tells the inside's end; the attribute's definition is still found.
        whole = isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
        return cls(
            file,
            line,
            end - len(node.attr.encode()) + 1,
            (value.end_lineno or 0) if whole else 0,
            (value.end_col_offset or 0) if whole else 0,
        )


@dataclass(frozen=True, slots=True)
class TypeText:
    """A type as the checker prints it. `members`: one text per union member. `unknown`: some member is not known."""

    text: str
    members: tuple[str, ...] = ()
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What one side knows about one `Query`.

    `receiver`: the receiver's type. `classes`: where its classes (or modules, functions) are defined, one per union
    member. `members`: where the attribute is defined; empty when no member of the receiver has it. `member`: the
    attribute's own type.
    """

    receiver: TypeText = TypeText("")
    classes: tuple[Location, ...] = ()
    members: tuple[Location, ...] = ()
    member: TypeText = TypeText("")

    @property
    def upstream_members(self) -> tuple[Location, ...]:
        """The places in the upstream that give the attribute."""
        return tuple(place for place in self.members if place.origin == "upstream")

    @property
    def on_upstream(self) -> bool:
        """True when the receiver is, or may be, something that the upstream defines."""
        return any(place.origin == "upstream" for place in self.classes)


def lost_member(before: Answer, after: Answer) -> bool:
    """The attribute came from the upstream, and no longer does, although the receiver still is the upstream's.

    An unknown receiver proves nothing. What a subclass or the standard library still gives is found, hence not lost.
    An attribute that has a type is there, wherever it is defined: of a generic class with an unknown argument the
    checker names no place.
    """
    typed = any(part != "Unknown" for part in after.member.members)
    lost = not after.members and not typed
    return bool(before.upstream_members) and lost and after.on_upstream and before.on_upstream
