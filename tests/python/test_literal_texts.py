"""The texts that an expression stands for: all of them, or none."""

from __future__ import annotations

import ast

import pytest

from tailrace.python.literal_texts import LiteralTexts
from tailrace.python.spelled import puts_together

# name → (statements, the expression, its texts)
CASES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "a sum": ("", "'go' + 'ne'", ("gone",)),
    "a name": ("a = 'gone'", "a", ("gone",)),
    "a name of a name": ("a = 'go'\nb = a + 'ne'", "b", ("gone",)),
    "an f-string": ("a = 'up'", "f'{a}.x'", ("up.x",)),
    "an f-string that is converted": ("a = 'up'", "f'{a!r}.x'", ()),
    "an f-string with a format": ("a = 'up'", "f'{a:>9}.x'", ()),
    "a percent sign": ("a = 'x'", "'read_%s' % a", ("read_x",)),
    "two percent signs": ("", "'%s_%s' % ('read', 'x')", ("read_x",)),
    "a percent sign of another kind": ("", "'read_%d' % 1", ()),
    "one that is written twice": ("", "'%%s' % 'x'", ()),
    "too few values": ("", "'%s_%s' % ('read',)", ()),
    "braces": ("a = 'x'", "'up.{}'.format(a)", ("up.x",)),
    "braces with a number": ("", "'up.{0}'.format('x')", ()),
    "braces with a name": ("", "'up.{a}'.format(a='x')", ()),
    "braces that are written twice": ("", "'{{}}{}'.format('x')", ()),
    "joined": ("a = 'up'", "'.'.join([a, 'x'])", ("up.x",)),
    "joined of nothing that is known": ("", "'.'.join(['up', x])", ()),
    "paths": ("", "os.path.join('up', 'x')", ("up/x",)),
    "in capitals": ("", "'gone'.upper()", ("GONE",)),
    "another method": ("", "'gone'.strip()", ()),
    "two values": ("a = 'x'\na = 'y'", "f'up.{a}'", ("up.x", "up.y")),
    "one of two is not known": ("a = 'x'\na = f()", "f'up.{a}'", ()),
    "a loop": ("for a in ['x', 'y']: pass", "'up.' + a", ("up.x", "up.y")),
    "a loop over something": ("for a in f(): pass", "'up.' + a", ()),
    "a parameter": ("a = 'x'", "(lambda a: f'up.{a}')(1)", ()),
    "a pattern binds it": ("a = 'x'\nmatch 1:\n    case a: pass", "a", ()),
    "a rest binds it": ("a = 'x'\nmatch 1:\n    case {'k': 1, **a}: pass", "a", ()),
    "it is deleted": ("a = 'x'\ndel a", "a", ()),
    "an import binds it": ("a = 'x'\nimport a", "a", ()),
    "it is added to": ("a = 'x'\na += f()", "a", ()),
    "a circle": ("a = b\nb = a", "a", ()),
    "too many": ("a = 'x'\na = 'y'", " + ".join(["a"] * 7), ()),
    "too long": ("a = '" + "x" * 600 + "'", "a + a", ()),
}


@pytest.mark.parametrize("name", CASES)
def test_an_expression_stands_for_these_texts(name: str) -> None:
    before, expression, expected = CASES[name]
    tree = ast.parse(f"{before}\n({expression})")
    statement = tree.body[-1]
    assert isinstance(statement, ast.Expr)
    node: ast.expr = statement.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Lambda):
        node = node.func.body
    texts = LiteralTexts(tree)
    assert texts.of(node) == expected
    assert texts.one(node) == (expected[0] if len(expected) == 1 else None)
    if expected:  # the sieve that looks at the bytes must let it through
        assert isinstance(node, ast.Constant) or puts_together(f"{before}\nimport_module({expression})")


PUT_TOGETHER = {
    "two parts": ("getattr(up, 'go' + 'ne')", True),
    "one part": ("getattr(up, 'gone')", False),
    "one part and a default": ("getattr(up, 'gone', None)", False),
    "one part without a blank": ("getattr(up,'gone')", False),
    "a part that an attribute holds": ("getattr(up, 'go' + x.y)", False),
    "a bound part": ("A = 'ne'\ngetattr(up, 'go' + A)", True),
    "a parameter": ("def f(A):\n    getattr(up, 'go' + A)", False),
    "a module": ("B = 'up'\nimport_module(B)", True),
    "a module that a loop names": ("for b in 'x', 'y':\n    import_module(b)", True),
    "a module that a walrus names": ("if (b := 'up'):\n    import_module(b)", True),
    "a module that a declared name holds": ("b: str = 'up'\nimport_module(b)", True),
    "a module that nothing names": ("def f(b):\n    import_module(b)", False),
    "a module that an attribute names": ("b = 1\nimport_module(self.b)", False),
    "an optional module": ("importorskip('up', reason='x')", False),
    "several lines": ("getattr(\n    up, 'go'\n    + 'ne',\n)", True),
    "a bracket in a text": ("getattr(up, ')' + 'gone')", True),
    "a text that holds such a call": ("a = 'getattr(up, \"'\nb = 1", False),
    "an item of vars": ("vars(up)['go' + 'ne']", True),
    "a whole item of vars": ("vars(up)['gone']", False),
    "an item of globals": ("globals()['go' + 'ne']", True),
    "text that no Python reads": ("getattr(up, 'go' + + * 'ne')", True),
}


@pytest.mark.parametrize("name", PUT_TOGETHER)
def test_a_source_may_put_a_name_together(name: str) -> None:
    source, expected = PUT_TOGETHER[name]
    assert puts_together(source) is expected
    assert puts_together(source.encode()) is expected
