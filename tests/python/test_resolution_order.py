"""The order in which classes are asked for an attribute is Python's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.packages import world
from tailrace.python.semantics.entities import Class

ORDERS = {
    "a line": "class A: ...\nclass B(A): ...\nclass D(B): ...\n",
    "two bases": "class A: ...\nclass B: ...\nclass D(A, B): ...\n",
    "a diamond": "class A: ...\nclass B(A): ...\nclass C(A): ...\nclass D(B, C): ...\n",
    "a diamond below another": (
        "class A: ...\nclass B(A): ...\nclass C(A): ...\nclass E(B, C): ...\nclass F(C): ...\nclass D(E, F): ...\n"
    ),
    "a base that is also a base of a base, last": "class A: ...\nclass B(A): ...\nclass D(B, A): ...\n",
}


@pytest.mark.parametrize("source", ORDERS.values(), ids=list(ORDERS))
def test_the_order_is_that_of_python(source: str, tmp_path: Path) -> None:
    names: dict[str, type] = {}
    exec(source, names)  # our own text, above
    expected = [cls.__name__ for cls in names["D"].__mro__[:-1]]
    here = world(tmp_path, {"up/__init__.py": source})
    cls = here.expression("D", "up").entity
    assert isinstance(cls, Class)
    assert [each.facts.name for each in here.mro(cls)[0]] == expected
