"""How far names of options are worked out: a few lines of Python a row, and the options that they add."""

# ruff: noqa: E501 - a row a line reads as a table
from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest
from release_trees import artifact

from tailrace.python.commandlines import CommandLine, read_commandlines

FRAME = """\
import argparse, collections, functools, itertools, sys, up.names
from up.names import *
from up.names import TABLE as table, again
from up import names, lazy
from typing import TYPE_CHECKING
def main(flag, *rest, switch=None, **options):
    p = argparse.ArgumentParser(add_help=False)
    add = p.add_argument
{}
    p.parse_args()
"""
NAMES = """\
from up.lazy import again
PUBLIC = ["--one", "--two"]
_HIDDEN = ["--hidden"]
TABLE = {"a": "--aa", "b": "--bb"}
class Names:
    first = "--first"
    second: str = "--second"
    @staticmethod
    def make(p, name="--static"):
        p.add_argument(name)
    @classmethod
    def build(cls, p):
        p.add_argument(cls.first)
    def __init__(self, prefix):
        self.prefix = prefix
    def add(self, p):
        p.add_argument(self.prefix + "-own")
class Child(Names):
    first = "--child"
    def add(self, p):
        super().add(p)
        p.add_argument("--more")
    def __call__(self, p):
        p.add_argument("--called")
"""
LAZY = "from up.names import again\n"


def read(root: Path, body: str) -> CommandLine:
    files = {
        "up/__init__.py": "",
        "up/names.py": NAMES,
        "up/lazy.py": LAZY,
        "up/cli.py": FRAME.format(indent(body, "    ")),
    }
    found = read_commandlines(artifact(root, files, scripts={"up": "up.cli:main"}))
    return next(line for line in found if line.prog == "up")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # texts
        ('add("--" + "a" + "-b")', "--a-b"),
        ('add("--%s-%d" % ("a", 1))', "--a-1"),
        ('add("--{}-{}".format("a", "b"))', "--a-b"),
        ("add(f'--{flag}') if False else add('--x')", "--x"),
        ('add("--A_B".lower().replace("_", "-"))', "--a-b"),
        ('add("  --a ".strip())\nadd("x--b".removeprefix("x"))', "--a --b"),
        ('for n in "--a --b".split():\n    add(n)', "--a --b"),
        ('for n in "--a,--b".split(","):\n    add(n)', "--a --b"),
        ('if "--a".startswith("--"):\n    add("--a")\nelse:\n    add("--b")', "--a"),
        # lists, dictionaries, comprehensions
        ("for n in PUBLIC:\n    add(n)", "--one --two"),
        ("for n in names._HIDDEN:\n    add(n)", "--hidden"),
        ("for n in list(up.names.PUBLIC) + ['--c']:\n    add(n)", "--one --two --c"),
        ("for k, v in table.items():\n    add('-' + k, v)", "-a/--aa -b/--bb"),
        ("for v in table.values():\n    add(v)", "--aa --bb"),
        ("for k in sorted(table):\n    add('--' + k)", "--a --b"),
        ("for k in table.keys():\n    add(table.get(k))", "--aa --bb"),
        ("for n in ['--' + k for k in table if k != 'b']:\n    add(n)", "--a"),
        ("for n in [a + b for a in ('--x', '--y') for b in 'zw']:\n    add(n)", "--xz --xw --yz --yw"),
        ("t = {k: v for k, v in TABLE.items()}\nadd(t['a'])", "--aa"),
        ("t = dict(TABLE, c='--cc')\nt['d'] = '--dd'\nt.update(e='--ee')\nfor v in t.values():\n    add(v)", "--aa --bb --cc --dd --ee"),
        ("t = {**TABLE, 'z': '--zz'}\nt.pop('a')\nt.setdefault('y', '--yy')\nfor v in t.values():\n    add(v)", "--bb --zz --yy"),
        ("t = TABLE.copy()\nadd(t.get('q', '--default'))", "--default"),
        ("l = ['--a']\nl.append('--b')\nl.insert(0, '--z')\nl += ['--c']\nl.remove('--b')\nfor n in l:\n    add(n)", "--z --a --c"),
        ("l = [*PUBLIC]\nl.extend(('--x',))\nl.pop()\nl.reverse\nadd(l[-1])", "--two"),
        ("for i, n in enumerate(PUBLIC):\n    add(n, str('-x') if i else '-y')", "--one/-y --two/-x"),
        ("for a, b in zip(['-a', '-b'], PUBLIC):\n    add(a, b)", "-a/--one -b/--two"),
        ("for n in itertools.chain(PUBLIC, ('--x',)):\n    add(n)", "--one --two --x"),
        ("for n in map(lambda s: s, PUBLIC):\n    add('--l')", "--l"),
        ("for n in map(lambda s: s + '-x', PUBLIC):\n    add(n)", "--one-x --two-x"),
        ("for n in PUBLIC[1:]:\n    add(n)\nadd('--'[:1] + 'q')\nadd('x--sliced'[1:])", "--two -q --sliced"),
        ("t = (*PUBLIC, '--t')\nt += ('--u',)\nfor n in t:\n    add(n)", "--one --two --t --u"),
        ("if any(n == '--one' for n in PUBLIC) and not all(['']):\n    add('--any')", "--any"),
        ("for n in range(2):\n    add(f'--n{n}')", "--n0 --n1"),
        ("on = False\nif flag:\n    on = True\nelse:\n    on = True\nif not on:\n    add('--off')", ""),
        ("on = True\nif flag:\n    on = False\nif on is True:\n    add('--maybe')", "--maybe"),
        ("def up_(s):\n    return '--' + s\nfor n in map(up_, ['a', 'b']):\n    add(n)", "--a --b"),
        ("if len(PUBLIC) == 2 and 'a' in TABLE and not 'q' in TABLE:\n    add('--yes')", "--yes"),
        ("if len(PUBLIC) == 3 or '--q' in PUBLIC:\n    add('--no')", ""),
        # flow
        ("for n in PUBLIC:\n    if n == '--two':\n        break\n    add(n)\nelse:\n    add('--else')", "--one"),
        ("for n in PUBLIC:\n    if n == '--one':\n        continue\n    add(n)\nelse:\n    add('--else')", "--two --else"),
        ("while True:\n    add('--w')\n    break", "--w"),
        ("with open('x') as f:\n    add('--with')", "--with"),
        ("try:\n    add('--t')\nexcept ImportError:\n    add('--e')\nelse:\n    add('--o')\nfinally:\n    add('--f')", "--t --e --o --f"),
        ("try:\n    raise ValueError\nexcept ValueError:\n    add('--e')", "--e"),
        ("def fails():\n    raise ValueError\nif __name__ == '__main__':\n    raise SystemExit\nfails()\nadd('--after')", "--after"),
        ("if flag:\n    raise ValueError\nadd('--near')\nfor n in flag:\n    raise ValueError\nadd('--loop')", "--near --loop"),
        ("try:\n    for n in PUBLIC:\n        raise ValueError\nfinally:\n    add('--f')\nadd('--never')", "--f"),
        ("try:\n    assert False\nexcept AssertionError:\n    add('--e')\nadd('--o')", "--e --o"),
        ("match flag:\n    case 1:\n        add('--m')\n    case _:\n        add('--n')", "--m --n"),
        ("if TYPE_CHECKING:\n    add('--never')\nif flag:\n    add('--may')\nelif sys.argv:\n    add('--be')", "--may --be"),
        ("x = '--a' if flag else '--a'\nadd(x)\nif (y := '--b') is not None:\n    add(y)", "--a --b"),
        ("n = switch or '--c'\nadd(n)", "--c"),
        ("q = p if flag else None\nq.add_argument('--q')\nr = flag or p\nr.add_argument('--r')", "--q --r"),
        ("if flag:\n    p = p\nelse:\n    p = None\np.add_argument('--kept')", "--kept"),
        ("a, (b, *c) = '--a', ('--b', 1)\nadd(a)\nadd(b)", "--a --b"),
        ("for x in flag:\n    add('--once')", "--once"),
        ("getattr(p, 'add_argument')('--got')\nif hasattr(p, 'add_argument'):\n    add('--has')", "--got --has"),
        ("functools.partial(p.add_argument, '--p')('-q')", "--p/-q"),
        # functions and classes
        ("def helper(q, *names, **kw):\n    q.add_argument(*names, **kw)\nhelper(p, '-a', '--aa', action='store_true')", "-a/--aa"),
        ("def helper(q, /, name='--d', *, also='--k'):\n    q.add_argument(name, also)\nhelper(p)\nhelper(p, also='--o', name='--n')", "--d/--k --n/--o"),
        ("def outer(q):\n    name = '--closed'\n    def inner():\n        q.add_argument(name)\n    inner()\nouter(p)", "--closed"),
        ("Names.make(p)\nNames.build(p)\nnames.Child.build(p)", "--static --first --child"),
        ("Names('--x').add(p)\nChild('--y').add(p)\nChild('')(p)", "--x-own --y-own --more --called"),
        ("add(Names.second)\nadd(Child.first)", "--second --child"),
        ("def again_(q, n):\n    q.add_argument('--deep')\n    again_(q, n)\nagain_(p, 1)", "--deep"),
        # containers of parsers
        ("for q in [p]:\n    q.add_argument('--in-list')\n{'k': p}['k'].add_argument('--in-table')", "--in-list --in-table"),
        ("g = p.add_argument_group('T')\n[x for x in p._action_groups if x.title == 'T'][0].add_argument('--t')", "--t"),
        ("p._optionals.add_argument('--o')\nfor a in p._actions:\n    p._remove_action(a)", ""),
        ("o = argparse.ArgumentParser(add_help=False)\no.add_argument('--o')\np._add_container_actions(o)", "--o"),
        # what must not be guessed
        ("add('--' + flag)\nadd(options['x'])\nadd(f'--{flag}')\nadd(again)\nadd('--{:>9}'.format('a'))", ""),
    ],
)  # fmt: skip
def test_the_options_are_worked_out(body: str, expected: str, tmp_path: Path) -> None:
    assert " ".join("/".join(option.strings) for option in read(tmp_path, body).options) == expected


def test_what_is_added_under_an_open_test_is_conditional(tmp_path: Path) -> None:
    line = read(tmp_path, "if sys.argv:\n    add('--a')\nadd('--b')\n")
    assert [(option.strings, option.conditional) for option in line.options] == [(("--a",), True), (("--b",), False)]


def test_what_cannot_be_worked_out_leaves_an_open_end(tmp_path: Path) -> None:
    assert read(tmp_path, "add('--' + flag)").open_ends == {"add_argument"}
    assert read(tmp_path / "near", "add('--flag')").open_ends == frozenset()
