"""Sentences of the pinned checker, and what they mean."""

from __future__ import annotations

import pytest

from tailrace.check.typecheck.messages import Impact, class_name, parse_type, read_message, split_union

MEANINGS = [
    ("import-not-found", "Cannot resolve imported module `up.gone`", Impact("missing-import", name="up.gone")),
    (
        "import-not-found",
        "Cannot resolve imported module `up.gone`\n\ninfo: Searched in the following paths",
        Impact("missing-import", name="up.gone"),
    ),
    (
        "missing-module-member",
        "Module `up` has no member `gone`",
        Impact("missing-member", ("up",), ("up",), "gone", owner="up"),
    ),
    ("missing-attribute", "Object of type `A` has no attribute `x`", Impact("missing-attribute", ("A",), ("A",), "x")),
    ("missing-attribute", "Class `A` has no attribute `x`", Impact("missing-attribute", ("A",), ("A",), "x")),
    (
        "missing-attribute",
        "Object of type `A | None` has no attribute `x`",
        Impact("missing-attribute", ("A", "None"), ("A", "None"), "x"),
    ),
    (
        "missing-union-attribute",
        "Attribute `x` is not defined on `B`, `None` in union `A | B | None`",
        Impact("missing-attribute", ("A", "B", "None"), ("B", "None"), "x"),
    ),
    # Storing an undeclared attribute works.
    ("missing-attribute", "Unresolved attribute `x` on type `A`", Impact("type-only")),
    (
        "possibly-missing-import",
        "Member `x` of module `up` may be missing",
        Impact("possibly-missing", ("up",), (), "x"),
    ),
    (
        "unknown-argument",
        "Argument `z` does not match any known parameter of bound method `A.m`",
        Impact("unknown-argument", name="z", callee="A.m"),
    ),
    (
        "unknown-argument",
        "Argument `z` does not match any known parameter",
        Impact("unknown-argument", name="z"),
    ),
    (
        "missing-argument",
        "No arguments provided for required parameters `a`, `b` of function `f`",
        Impact("missing-argument", name="a,b", callee="f"),
    ),
    (
        "too-many-positional-arguments",
        "Too many positional arguments to `NT.__init__`: expected 3, got 4",
        Impact("too-many-positional", callee="NT.__init__"),
    ),
    (
        "positional-only-parameter-as-kwarg",
        "Positional-only parameter 1 (`a`) passed as keyword argument of function `f`",
        Impact("positional-only-as-keyword", name="a", callee="f"),
    ),
    (
        "parameter-already-assigned",
        "Multiple values provided for parameter `a` of function `f`",
        Impact("duplicate-argument", name="a", callee="f"),
    ),
    (
        "invalid-assignment",
        "Cannot assign to read-only property `p` on object of type `A`: Attempted assignment to `A.p` here",
        Impact("read-only", ("A",), ("A",), "p"),
    ),
    ("invalid-assignment", "Object of type `int` is not assignable to `str`", Impact("type-only")),
    ("not-callable", "Object of type `A` is not callable", Impact("not-callable", ("A",), ("A",))),
    ("invalid-await", "`A` is not awaitable", Impact("not-awaitable", ("A",), ("A",))),
    ("unresolved-reference", "Name `gone` used when not defined", Impact("undefined-name", name="gone")),
    ("invalid-argument-type", "Argument to function `len` is incorrect: …", Impact("type-only")),
    # A sentence or a rule that nobody has seen yet.
    ("missing-attribute", "Something else", Impact("missing-attribute")),
    ("rule-of-tomorrow", "Something else", Impact("type-only")),
    ("invalid-syntax", "Expected an expression", Impact("type-only")),
]


@pytest.mark.parametrize(("rule", "text", "meaning"), MEANINGS)
def test_a_sentence_means(rule: str, text: str, meaning: Impact) -> None:
    assert read_message(rule, text) == meaning


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("A", ("A",)),
        ("A | B | None", ("A", "B", "None")),
        ("list[A | B] | dict[str, A | None]", ("list[A | B]", "dict[str, A | None]")),
        ("Literal['a | b'] | int", ("Literal['a | b']", "int")),
        ("(A & ~AlwaysFalsy) | B", ("A", "B")),
        ("(() -> int | str) | None", ("() -> int | str", "None")),
        ("(a: int) -> A | B", ("(a: int) -> A", "B")),
        ("<module 'a.b'> | Unknown", ("<module 'a.b'>", "Unknown")),
        ("", ()),
    ],
)
def test_a_union_falls_apart_at_its_top_level_only(text: str, members: tuple[str, ...]) -> None:
    assert split_union(text) == members


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ("A", "A"),
        ("a.b.C", "a.b.C"),
        ("list[int]", "list"),
        ("type[A]", "A"),
        ("<class 'A'>", "A"),
        ("<module 'a.b'>", "a.b"),
        ("bound method A.m", "A.m"),
        ("Unknown", ""),
        ("(...) -> int", ""),
    ],
)
def test_a_member_names_a_class(member: str, name: str) -> None:
    assert class_name(member) == name


def test_a_type_with_an_unknown_member_is_known_as_such() -> None:
    assert parse_type("A | Unknown").unknown
    assert not parse_type("A | None").unknown
    assert parse_type("").unknown
