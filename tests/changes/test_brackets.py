"""Calls with many arguments are seen in the bytes: never missed, and little else is taken for one."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace.changes.argument_count import may_give_more

ROWS = [
    pytest.param("f(1, 2, 3)", 2, True, id="one too many"),
    pytest.param("f(1, 2, 3)", 3, False, id="just as many"),
    pytest.param("f(1, 2, 3,)", 3, False, id="a trailing comma"),
    pytest.param("f(1, 2, c=3)", 2, False, id="a keyword is no position"),
    pytest.param("f(1, 2, *rest)", 2, False, id="nobody knows how many a star gives"),
    pytest.param("f(1, a == b, 3)", 2, True, id="a comparison is no keyword"),
    pytest.param("f(g(1, 2), h(3, 4))", 2, False, id="commas of inner calls"),
    pytest.param("f(g(1), [2, 3], {4: 5})", 2, True, id="brackets inside"),
    pytest.param("f(1)(1, 2, 3)", 2, True, id="what a call gives is called"),
    pytest.param("f[0](1, 2, 3)", 2, True, id="an item is called"),
    pytest.param("f (\n  1,\n  2,  # ), one more, and more\n  3)", 2, True, id="over several lines"),
    pytest.param('f(\'a, b, c\', """d, (e, """)', 2, False, id="commas and brackets in texts"),
    pytest.param("def f(a, b, c): pass", 2, False, id="a definition is no call"),
    pytest.param("from m import (a, b, c)", 2, False, id="nor an import"),
    pytest.param("x = [1, 2, 3]", 2, False, id="nor a list"),
    pytest.param("x = y in (1, 2, 3)", 2, False, id="nor a tuple behind a word of Python's"),
    pytest.param("f(1, 2, 3", 2, True, id="what does not end cannot be told"),
]


@pytest.mark.parametrize(("source", "positions", "more"), ROWS)
def test_a_call_with_more_arguments_is_seen(source: str, positions: int, more: bool) -> None:
    assert may_give_more(source.encode(), positions) is more


ITEMS = st.recursive(
    st.sampled_from(["1", "x", "'a, (b'", '"c)"', "x.y", "*z"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5).map(lambda items: f"g({', '.join(items)})"),
        st.lists(inner, min_size=1, max_size=4).map(lambda items: f"[{', '.join(items)}]"),
        st.tuples(inner, st.lists(inner, max_size=4)).map(lambda both: f"h({', '.join(both[1])})({both[0]})"),
        inner.map(lambda item: f"k(a={item.lstrip('*')}, b=2)"),
    ),
    max_leaves=20,
)


@given(items=st.lists(ITEMS, max_size=6), positions=st.integers(0, 6))
def test_no_call_is_missed(items: list[str], positions: int) -> None:
    source = f"f({', '.join(items)})  # and, so, on\n"
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    most = max(sum(not isinstance(a, ast.Starred) for a in call.args) for call in calls)
    assert most <= positions or may_give_more(source.encode(), positions)
