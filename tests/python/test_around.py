"""What surrounds a line that no use marks: tests, `try` statements and functions."""

from __future__ import annotations

import ast

import pytest

from tailrace.python.text import source_of
from tailrace.python.usages import Condition, InHandler, surroundings_of

SOURCE = """\
x = 1
if a:
    x = 2
elif b:
    x = 3
else:
    x = 4
try:
    x = 5
except KeyError:
    x = 6
else:
    x = 7
class C:
    def m(self):
        while c:
            with d:
                x = 8
try:
    def f():
        match e:
            case 1:
                x = 9
finally:
    x = 10
"""
# For each line: the surroundings, the path, and whether it runs at import.
TABLE = {
    1: ([], "m", True),
    3: (["a"], "m", True),
    5: (["not a", "b"], "m", True),
    7: (["not a", "not b"], "m", True),
    9: (["try"], "m", True),
    11: (["except KeyError"], "m", True),
    13: ([], "m", True),
    18: (["c"], "m.C.m", False),
    23: ([], "m.f", False),
    25: ([], "m", True),
}


@pytest.mark.parametrize("line", TABLE)
def test_each_line_has_its_surroundings(line: int) -> None:
    around, inside, at_import = surroundings_of(ast.parse(SOURCE), line, "m")
    said = []
    for item in around:
        if isinstance(item, Condition):
            said.append(f"{'' if item.polarity else 'not '}{source_of(item.test)}")
        elif isinstance(item, InHandler):
            said.append(f"except {source_of(item.handler.type)}" if item.handler.type is not None else "except")
        else:
            said.append("try")
    assert (said, inside, at_import) == TABLE[line]
