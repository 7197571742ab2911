"""Where an attribute and its receiver's class come from, on both sides."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tailrace.check.typecheck import Answer, Location, Query, TypeText, lost_member, receiver_types

from .conftest import Compare, artifact

OLD = "class Base:\n    def get(self): ...\nclass A(Base):\n    @property\n    def p(self) -> int: ...\n"
NEW = "class Base: ...\nclass A(Base):\n    def p(self): ...\n"
USER = "import up\nclass D:\n    def __init__(self): self.a = up.A()\n    def f(self, z):\n        {}\n"


def queries(text: str, attribute: str) -> list[Query]:
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute) and node.attr == attribute]
    return [Query.of("down.py", node) for node in nodes]


@pytest.mark.parametrize(
    ("expression", "receiver", "lost"),
    [
        ("self.a.get()", "A", True),
        ("up.A().get()", "A", True),
        ("D().a.get()", "A", True),
        ("[up.A()][0].get()", "A", True),
        ("(up.A()\n         # a comment\n         .get())", "A", True),
        ("up.A.get", "<class 'A'>", True),
        # near misses
        ("z.get()", "Unknown", False),
        ("dict().get(1)", "dict[Unknown, Unknown]", False),
    ],
)
def test_the_receiver_is_known(compared: Compare, expression: str, receiver: str, lost: bool) -> None:
    text = USER.format(expression)
    [query] = queries(text, "get")
    comparison = compared(OLD, NEW, text, queries=[query])
    before, after = comparison.answers[query]
    assert before.receiver.text in (receiver, "dict")
    assert (comparison.lost == (query,)) is lost
    if lost:
        assert before.members == (Location("upstream", "up.py", 2, 9),)
        assert before.classes == (Location("upstream", "up.py", 3, 7),)
        assert after.members == ()
        assert after.classes == (Location("upstream", "up.py", 2, 7),)


def test_a_kind_that_changes_shows_in_the_members_type(compared: Compare) -> None:
    text = USER.format("self.a.p")
    [query] = queries(text, "p")
    before, after = compared(OLD, NEW, text, queries=[query]).answers[query]
    assert before.member.text == "int"
    assert after.member.text.startswith("bound method A.p")


def test_a_query_about_a_file_that_is_not_there_has_no_answer(compared: Compare) -> None:
    assert compared(OLD, NEW, "import up\n", queries=[Query("gone.py", 1, 1)]).answers == {}


def test_a_place_past_the_end_has_an_empty_answer(compared: Compare) -> None:
    query = Query("down.py", 99, 99, 99, 98)
    assert compared(OLD, NEW, "import up\n", queries=[query]).answers == {query: (Answer(), Answer())}


HERE, THERE = Location("upstream", "up.py", 1), Location("stdlib", "functools.pyi", 1)


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        (Answer(classes=(HERE,), members=(HERE,)), Answer(classes=(HERE,)), True),
        (Answer(classes=(HERE,), members=(HERE,)), Answer(classes=(HERE,), members=(HERE,)), False),
        (Answer(classes=(HERE,), members=(HERE,)), Answer(classes=(HERE,), members=(THERE,)), False),
        (Answer(classes=(HERE,), members=(HERE,)), Answer(TypeText("Unknown", ("Unknown",), unknown=True)), False),
        (Answer(classes=(HERE,)), Answer(classes=(HERE,)), False),
        # No place is named, but the attribute has a type.
        (Answer(classes=(HERE,), members=(HERE,)), Answer(classes=(HERE,), member=TypeText("str", ("str",))), False),
        (
            Answer(classes=(HERE,), members=(HERE,)),
            Answer(classes=(HERE,), member=TypeText("Unknown | str", ("Unknown", "str"), unknown=True)),
            False,
        ),
        (
            Answer(classes=(HERE,), members=(HERE,)),
            Answer(classes=(HERE,), member=TypeText("Unknown", ("Unknown",), unknown=True)),
            True,
        ),
    ],
)
def test_lost_means_had_and_has_not(before: Answer, after: Answer, lost: bool) -> None:
    assert lost_member(before, after) is lost


@pytest.mark.parametrize("infer_returns", [True, False])
def test_what_a_function_without_annotation_returns_is_inferred_on_request(tmp_path: Path, infer_returns: bool) -> None:
    text = "import up\nup.make().get()\n"
    [query] = queries(text, "get")
    made = "def make(): return A()\n"
    sides = [artifact(tmp_path / name, {"up.py": up + made}) for name, up in (("old", OLD), ("new", NEW))]
    downstream = artifact(tmp_path / "downstream", {"down.py": text})
    answers = receiver_types(
        [query], downstream=downstream, baseline=sides[0], candidate=sides[1], infer_returns=infer_returns
    )
    assert lost_member(*answers[query]) is infer_returns
