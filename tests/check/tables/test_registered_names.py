"""Names that a call gives to a module, and the `del` of what they were made from."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, rows, told

SETS = """
import inspect, sys
class Handler:
    def __init__(self, version): self.version = version
    def constant(self, since, until, constant, value, *, addendum=None):
        module = inspect.getmodule(inspect.stack()[1][0])
        before = getattr(module, "__getattr__", None)
        def __getattr__(name):
            if name == constant:
                return value
            return before(name)
        module.__getattr__ = __getattr__
    def note(self, name, value):
        self.names = name
    def through(self, name, value):
        _set(name, value)
deprecated = Handler("1")
def _set(name, value):
    setattr(sys.modules["up.t"], name, value)
def keep(name, value):
    print(name, value)
def into(namespace, name, value):
    namespace.update({name: value})
def expose(name, value):
    sys._getframe(1).f_globals[name] = value
"""
HOOK = """
_TABLE = {}
def note(name, value):
    _TABLE[name] = value
def install(module):
    def find(name):
        try:
            return _TABLE[name]
        except KeyError:
            raise AttributeError(name) from None
    return find
"""
OLD = {"up/__init__.py": "", "up/t.py": "X = 1\n"}


def _r(name: str, module: str, *said: str) -> Row:
    new = {"up/__init__.py": "", "up/dep.py": SETS, "up/hook.py": HOOK, "up/other.py": "X = 1\n", "up/t.py": module}
    return Row(name, OLD, new, "from up.t import X", said)


GONE = "name-removed up.t.X 1"
REGISTERED = rows(
    _r("a constant", "from up.dep import deprecated\ndeprecated.constant('2', '3', 'X', 1)"),
    _r("by keyword", "from up.dep import deprecated\ndeprecated.constant(since='2', until='3', constant='X', value=1)"),
    _r("then deleted", "from up.dep import deprecated\nfrom up.other import X\ndeprecated.constant('2', '3', 'X', X)\ndel X"),
    _r("by keyword, then deleted", "from up.dep import deprecated\nfrom up.other import X\ndeprecated.constant(since='2', until='3', constant='X', value=X)\ndel X"),
    _r("a function of another name", "from up.dep import expose\nexpose('X', 1)"),
    _r("through a helper", "from up.dep import deprecated as handler\nhandler.through('X', 1)"),
    _r("in a branch", "import sys\nfrom up.dep import expose\nif sys.version_info > (3, 9):\n    expose('X', 1)\nelse:\n    expose('X', 2)"),
    _r("a function of another distribution", "import third\nthird.lend('X', 1)"),
    _r("in a table that the hook reads", "from up.hook import note, install\nnote('X', 1)\n__getattr__ = install(__name__)"),
    # Near-misses.
    _r("another name in the table that the hook reads", "from up.hook import note, install\nnote('Y', 1)\n__getattr__ = install(__name__)", GONE),
    _r("deleted alone", "from up.other import X\ndel X", GONE),
    _r("a function that only prints", "from up.dep import keep\nkeep('X', 1)", GONE),
    _r("a method that only notes", "from up.dep import deprecated as handler\nhandler.note('X', 1)", GONE),
    _r("a function of the standard library", "import warnings\nwarnings.warn('X')", GONE),
    _r("another name", "from up.dep import deprecated\ndeprecated.constant('2', '3', 'Y', 1)", GONE),
    _r("a comment", "from up.dep import deprecated\n# deprecated.constant('2', '3', 'X', 1)", GONE),
)  # fmt: skip


@pytest.mark.parametrize("row", REGISTERED)
def test_a_name_that_a_call_makes_is_there(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said
