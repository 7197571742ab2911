"""Between a base of the upstream and a subclass of the downstream: hooks that are called no more, or otherwise, or by name."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, Sources, rows, told


def _r(name: str, old: Sources, new: Sources, down: Sources, *said: str, wrong: str = "") -> Row:
    return Row(name, old, new, down, said, wrong=wrong)


BASE = "class B:\n    def run(self):\n        return self.{}\n    def {}: ...\n"
OLD = BASE.format("hook()", "hook(self)")
RENAMED = BASE.format("on_run()", "on_run(self)")
MORE = BASE.format("hook(1)", "hook(self, x)")
ORPHAN = "override-orphaned up.B.hook 3"
ARITY = "arity-changed up.B.hook 3"


def _own(body: str, *, head: str = "from up import B") -> str:
    return f"{head}\nclass D(B):\n    {body}\n"


MADE = "class B:\n    def __init__(self, a=1): ...\n    @classmethod\n    def load(cls):\n        return cls({})\n"
MADE_OLD, MADE_NEW = MADE.format("a=2"), MADE.format("a=2, b=3").replace("a=1", "a=1, b=1")
MIDDLE = "from up import B\nclass M(B):\n    {}\nclass D(M):\n    def __init__(self, a=1): ...\n"


ROWS = rows(
    _r("a base that makes instances otherwise", MADE_OLD, MADE_NEW, MIDDLE.format("x = 1"), "arity-changed up.B.__init__ 5"),
    _r("a base that does, whose method a class in between overrides", MADE_OLD, MADE_NEW, MIDDLE.format("@classmethod\n    def load(cls):\n        return cls(a=3)")),
    _r("a hook that is gone", OLD, RENAMED, _own("def hook(self): ..."), ORPHAN),
    _r("a hook of a base in another module", {"up/__init__.py": "", "up/b.py": OLD}, {"up/__init__.py": "", "up/b.py": RENAMED}, _own("def hook(self): ...", head="from up.b import B"), "override-orphaned up.b.B.hook 3"),
    _r("a hook that both versions call", OLD, OLD + "    x = 1\n", _own("def hook(self): ...")),
    _r("a hook that is still there but not called", OLD, OLD.replace("self.hook()", "1"), _own("def hook(self): ...")),
    _r("a subclass that overrides the successor too", OLD, RENAMED, _own("def hook(self): ...\n    def on_run(self): ...")),
    _r("a subclass that calls its hook itself", OLD, RENAMED, _own("def hook(self): ...\n    def run(self):\n        return self.hook()")),
    _r("a helper that the base never called", "class B:\n    def hook(self): ...", "class B: ...", _own("def hook(self): ...")),
    _r("a method of the same name without the base", OLD, RENAMED, "class D:\n    def hook(self): ..."),
    _r("dunder methods", "class B:\n    def run(self):\n        return self.__len__()\n    def __len__(self): ...", "class B: ...", _own("def __len__(self): ...")),
    _r("a base that has another base, not known", OLD, "import third\n" + RENAMED.replace("class B:", "class B(third.X):"), _own("def hook(self): ...")),
    _r("a base that calls what it asks for by name", OLD, "class B:\n    def run(self):\n        hook = getattr(self, 'hook', None)\n        return hook and hook()", _own("def hook(self): ...")),
    _r("a grandchild", OLD, RENAMED, "from up import B\nclass M(B): ...\nclass D(M):\n    def hook(self): ...", "override-orphaned up.B.hook 4"),
    _r("the base calls it with more", OLD, MORE, _own("def hook(self): ..."), ARITY),
    _r("and the override takes more", OLD, MORE, _own("def hook(self, x=None): ...")),
    _r("and the override takes anything", OLD, MORE, _own("def hook(self, *args, **kwargs): ...")),
    _r("and the override is static", OLD, MORE, _own("@staticmethod\n    def hook(*args): ...")),
    _r("and the override is decorated", OLD, MORE, _own("@wrap\n    def hook(self): ...", head="from third import wrap\nfrom up import B")),
    _r("with a keyword", OLD, BASE.format("hook(x=1)", "hook(self, x=0)"), _own("def hook(self): ..."), ARITY),
    _r("with less", MORE, OLD, _own("def hook(self, x): ..."), ARITY),
    _r("with less, and the override does not mind", MORE, OLD, _own("def hook(self, x=0): ...")),
    _r("it never fitted", MORE, MORE + "    y = 1\n", _own("def hook(self): ...")),
    _r("with what cannot be counted", OLD, BASE.format("hook(*self.args)", "hook(self, *args)"), _own("def hook(self): ...")),
    _r("a class under a test that is never met", "__version__ = '1'\n" + OLD, "__version__ = '2'\n" + RENAMED, "import up\nfrom up import B\nif up.__version__ < '2':\n    class D(B):\n        def hook(self): ..."),
)  # fmt: skip

_BUILT = "class B:\n    def rules(self):\n        return [getattr(self, {}) for r in self.names]\n    def parse_a(self): ...\n    def parse_b(self): ...\n"
_LESS = "class B:\n    def rules(self):\n        return [getattr(self, {}) for r in self.names]\n    def parse_a(self): ...\n"
NAMES = rows(
    *(
        _r(f"names built by {how}", _BUILT.format(how), _LESS.format(how), _own("names = ['a', 'b']"), "attribute-removed up.B.parse_b 3 likely")
        for how in ("'parse_' + r", "f'parse_{r}'", "'parse_%s' % r")
    ),
    _r("a name that the subclass defines", _BUILT.format("'parse_' + r"), _LESS.format("'parse_' + r"), _own("names = ['a', 'b']\n    def parse_b(self): ...")),
    _r("names under a test of their own", _BUILT.format("'parse_' + r"), _LESS.format("'parse_' + r"), _own("names = ['a', 'b'] if OLD else ['a']", head="from up import B\nOLD = 1")),
    _r("names with a default", _BUILT.format("'parse_' + r, None"), _LESS.format("'parse_' + r, None"), _own("names = ['a', 'b']")),
    _r("other strings", _BUILT.format("'parse_' + r"), _LESS.format("'parse_' + r"), _own("names = ['a', 'c', 'not a name']")),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_a_hook_is_held_to_how_the_base_calls_it(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", NAMES)
def test_a_name_that_the_base_builds_is_looked_up(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said
