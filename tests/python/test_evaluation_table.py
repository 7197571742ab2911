"""Module-level code, and the value of a name after it; what cannot be decided stays undecided."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.packages import artifact, world
from tailrace.python.commandlines.machine import Machine
from tailrace.python.commandlines.program import Program
from tailrace.python.interpreter import UNKNOWN, Interpreter, Moment
from tailrace.python.interpreter.values import is_open

HEAD = "import sys, os, re\nfrom packaging.version import Version\n"
ROWS: dict[str, tuple[str, object]] = {
    "a literal": ("x = [1, 'a', (True, None)]", [1, "a", (True, None)]),
    "an f-string": ("n = 'a'\nx = f'{n}-{1 + 1}'", "a-2"),
    "an f-string with a format": ("x = f'{1:>3}'", UNKNOWN),
    "a name of elsewhere": ("from other import y\nx = y + 'a'", UNKNOWN),
    "a table filled by literal keys": ("x = {}\nfor n in ('a', 'b'):\n    x[n] = n", {"a": "a", "b": "b"}),
    "a table filled by update": ("x = {'a': 1}\nx.update({'b': 2})\nx.update(c=3)", {"a": 1, "b": 2, "c": 3}),
    "a table updated by who knows what": ("x = {'a': 1}\nx.update(more())", UNKNOWN),
    "a loop over who knows what": ("x = {'a': 1}\nfor n in more():\n    x[n] = 1", UNKNOWN),
    "a comprehension": ("x = {n: n.upper() for n in ['a', 'b'] if n != 'b'}", {"a": "A"}),
    "a comprehension over who knows what": ("x = [n for n in more()]", UNKNOWN),
    "sets together": ("x = sorted({'b'} | set(['a']))", ["a", "b"]),
    "string methods": ("x = ' a.b '.strip().split('.')", ["a", "b"]),
    "a slice": ("x = [1, 2, 3][1:]", [2, 3]),
    "a branch that is decided": ("if 1 < 2:\n    x = 'yes'\nelse:\n    x = 'no'", "yes"),
    "branches that agree": ("if more():\n    x = 1\nelse:\n    x = 1", 1),
    "a name bound in one branch only": ("if more():\n    x = 1", 1),
    "a local bound in one branch only": ("def f():\n    if more():\n        y = 1\n    return y\nx = f()", UNKNOWN),
    "branches that do not": ("if more():\n    x = 1\nelse:\n    x = 2", UNKNOWN),
    "or with a known truth": ("x = more() or True", True),
    "and with a known falsehood": ("x = more() and False", False),
    "not of who knows what": ("x = not more()", UNKNOWN),
    "is None": ("x = 'a' is None", False),
    "membership": ("x = 'a' in ('a', 'b')", True),
    "membership in who knows what": ("x = 'a' in ('b', more())", UNKNOWN),
    "a function of its own": ("def f(a, b=2):\n    return a + b\nx = f(1)", 3),
    "a function with two ends": ("def f():\n    if more():\n        return 1\n    return 2\nx = f()", UNKNOWN),
    "a function that calls itself": ("def f(n):\n    return f(n)\nx = f(1)", UNKNOWN),
    "a lambda": ("f = lambda a: a * 1 if False else 'k'\nx = f(1)", "k"),
    "a missing name that a handler gives": (
        "try:\n    _SETUP\nexcept NameError:\n    _SETUP = False\nx = _SETUP",
        False,
    ),
    "a missing key that a handler gives": (
        "t = {'a': 1}\ntry:\n    x = t['b']\nexcept KeyError:\n    x = 'none'",
        "none",
    ),
    "a version": ("x = Version('1.10') > Version('1.9')", True),
    "a version as text": ("x = '1.10' > '1.9'", False),
    "the interpreter": ("x = sys.version_info >= (3, 8)", UNKNOWN),
    "an endless loop": ("x = 1\nwhile True:\n    x += 1", UNKNOWN),
    "a product of text": ("x = len('a' * 10)", UNKNOWN),
    "an attribute that a text does not have": ("x = 'a'.__version__", UNKNOWN),
    "a function with what is passed on": ("def f(a=1):\n    return a\nx = f(**more())", UNKNOWN),
    "a loop that ends early": ("x = []\nfor n in ['a', 'b']:\n    if n == 'b':\n        break\n    x.append(n)", ["a"]),
    "a case that fits": ("match 'a':\n    case 'a':\n        x = 1\n    case _:\n        x = 2", 1),
    "cases of which any may fit": (
        "x = 1\nmatch more():\n    case 'a':\n        x = 1\n    case _:\n        x = 2",
        UNKNOWN,
    ),
    "a table with keys that are not known": ("x = {more(): 1}", UNKNOWN),
    "an item that a table may not have": ("x = {'a': 1}.get(more(), 2)", UNKNOWN),
    "a closure in a closure": (
        "def f(a):\n    def g():\n        return (lambda: a)()\n    return g()\nx = f('k')",
        "k",
    ),
    "a format that asks for much memory": ("x = '{:>999999999999}'.format('a')", UNKNOWN),
    "what only type checkers see": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    x = 1\nelse:\n    x = 2",
        UNKNOWN,
    ),
    "walrus": ("if (x := 'a'):\n    pass", "a"),
}


@pytest.mark.parametrize("row", ROWS)
def test_what_a_name_holds(row: str, tmp_path: Path) -> None:
    source, expected = ROWS[row]
    found = _value(tmp_path, source, Moment())
    assert found == expected or (found is expected)


VERSION_TESTS = {
    "sys.version_info >= (3, 8)": {(3, 7): False, (3, 8): True, (3, 12): True},
    "sys.version_info < (3,)": {(3, 8): False},
    "sys.version_info[:2] == (3, 9)": {(3, 8): False, (3, 9): True},
    "sys.version_info[0] == 2": {(3, 8): False},
    "sys.version_info.major == 3 and sys.version_info.minor > 9": {(3, 9): False, (3, 10): True},
    "sys.hexversion >= 0x03080000": {(3, 7): False, (3, 8): True},
    "more(sys.version_info)": {(3, 8): UNKNOWN},
}


@pytest.mark.parametrize("test", VERSION_TESTS)
def test_tests_of_the_interpreter(test: str, tmp_path: Path) -> None:
    found = {p: _value(tmp_path / str(p[1]), f"x = {test}", Moment(python=p)) for p in VERSION_TESTS[test]}
    assert found == VERSION_TESTS[test]


@pytest.mark.parametrize(
    ("test", "platform", "expected"),
    [
        ("sys.platform == 'win32'", "win32", True),
        ("sys.platform == 'win32'", "linux", False),
        ("sys.platform.startswith('lin')", "linux", True),
        ("sys.platform == 'win32'", None, UNKNOWN),
        ("platform_of('win32')", "win32", UNKNOWN),
    ],
)
def test_tests_of_the_platform(test: str, platform: str | None, expected: object, tmp_path: Path) -> None:
    assert _value(tmp_path, f"x = {test}", Moment(platform=platform)) is expected


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("up.__version__ >= '2'", False),
        ("Version(up.__version__) < Version('2')", True),
        ("tuple(int(p) for p in up.__version__.split('.')) < (2, 0)", True),
        ("importlib.metadata.version('up') == '1.0'", True),
        ("hasattr(up, 'old')", True),
        ("hasattr(up, 'new')", False),
        ("other.__version__ >= '2'", UNKNOWN),
        ("hasattr(other, 'old')", UNKNOWN),
    ],
)
def test_tests_of_the_upstream(test: str, expected: object, tmp_path: Path) -> None:
    up = {
        "up/__init__.py": "from up._version import __version__\nold = 1\n",
        "up/_version.py": "__version__ = read()\n",
    }
    down = {"down.py": f"{HEAD}import importlib.metadata\nimport up, other\nx = {test}\n"}
    machine = Interpreter(world(tmp_path, up, down))
    assert machine.runner.global_value("down", "x") is expected


def _value(folder: Path, source: str, moment: Moment) -> object:
    machine = Interpreter(world(folder, {"up.py": f"{HEAD}{source}\n"}), moment)
    return machine.runner.global_value("up", "x")


# Versions are parsed by the interpreter alone, which is asked about them.
_NOT_EXPLORED = {"a version"}


@pytest.mark.parametrize("row", sorted(row for row, (_, expected) in ROWS.items() if expected is not UNKNOWN))
def test_both_policies_agree_where_a_value_is_known(row: str, tmp_path: Path) -> None:
    source, expected = ROWS[row]
    found = _explored(tmp_path, source)
    assert (found == expected) is (row not in _NOT_EXPLORED), found


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = [1, *more()]", [1]),
        ("x = {'a': 1, **more()}", {"a": 1}),
        ("x = ['a']\nx += more()", ["a"]),
        ("x = ['a']\nx.extend(more())", ["a"]),
        ("x = {'a': 1}\nx[more()] = 2", {"a": 1}),
        ("if more():\n    x = 'a'", "a"),
        ("x = 'a' if more() else None", "a"),
    ],
)
def test_what_the_interpreter_leaves_open_is_explored(source: str, expected: object, tmp_path: Path) -> None:
    found = _explored(tmp_path / "explored", source)
    assert found == expected
    assert is_open(found) or isinstance(expected, str)
    # What another policy may add to, this one does not know.
    if not isinstance(expected, str):
        assert _value(tmp_path / "exact", source, Moment()) is UNKNOWN


def _explored(folder: Path, source: str) -> object:
    files = {"up.py": f"{HEAD}{source}\n"}
    program = Program([("up", artifact(folder, files), None)])
    machine = Machine(program, frozenset())
    return machine.lookup("x", machine.module_frame(program.modules["up"]))


def test_an_exception_that_is_kept_holds_no_frames() -> None:
    from tailrace.python.interpreter.values import Raised

    try:
        try:
            raise Raised(frozenset({"KeyError"}), "KeyError")
        except Raised as first:
            raise Raised(frozenset({"ValueError"}), "ValueError") from first
    except Raised as error:
        kept = error.kept()
    assert (kept.__traceback__, kept.__context__, kept.name) == (None, None, "ValueError")
