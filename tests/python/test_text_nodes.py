"""The fast walk over syntax trees sees the same nodes, in the same order, as the standard library's."""

import ast
import sys
from pathlib import Path

import pytest

from tailrace.python.text import children, descendants

LEAVES = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
SOURCES = [
    "a.b[1:2, ...] = c = not -x < y in z",
    "def f(a, /, b: int = 1, *c, d=2, **e) -> int: return (yield)",
    "lambda *, a, b=1: {**a, 'k': b}",
    "class A(B, metaclass=M): x: int = 1",
    "try:\n    pass\nexcept (A, B) as e:\n    raise X from e\nelse:\n    pass\nfinally:\n    pass",
    "match x:\n    case {'a': 1, **rest}: pass\n    case [1, *more] | C(a, b=2): pass",
    "match x:\n    case None as n: pass\n    case _: pass",
    "from . import a as b, c\nimport d.e as f\nglobal g",
    "async def f():\n    async with a as b, c: await d\n    async for x in y: pass",
    "[x for x in y if z for w in v]; {a: b for c in d}; f'{a!r:>{width}}{b}'",
    "print(*a, **b, sep='')",
    "@d(1)\ndef f(): nonlocal_ = (w := 1); del a; assert b, c",
]


def plain(nodes):
    return [node for node in nodes if not isinstance(node, LEAVES)]


@pytest.mark.parametrize("source", SOURCES)
def test_every_node_is_seen_in_the_order_of_the_library(source):
    tree = ast.parse(source)
    assert descendants(tree) == plain(ast.walk(tree))
    for node in ast.walk(tree):
        assert children(node) == plain(ast.iter_child_nodes(node))


@pytest.mark.parametrize("name", ["ast.py", "typing.py", "asyncio/tasks.py"])
def test_whole_modules(name):
    tree = ast.parse((Path(ast.__file__).parent / name).read_bytes())
    assert descendants(tree) == plain(ast.walk(tree))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of Python 3.12")
@pytest.mark.parametrize(
    "source", ["type A[T: int, *Ts, **P] = list[T]", "def f[T](x: T) -> T: ...", "class A[T]: ..."]
)
def test_type_parameters(source):
    tree = ast.parse(source)
    assert descendants(tree) == plain(ast.walk(tree))
