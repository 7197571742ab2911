"""Names that lead to another kind of thing, bases that are lost, names that are newly deprecated: found where it matters only."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, Sources, rows, told


def _r(name: str, old: Sources, new: Sources, down: Sources, *said: str, wrong: str = "") -> Row:
    return Row(name, old, new, down, said, wrong=wrong)


def _member(name: str, old: str, new: str, use: str, *said: str, wrong: str = "") -> Row:
    """A member of class `C` as it was and is; the downstream's function has an instance `c`."""
    old_text, new_text = ("class C:\n" + "".join(f"    {line}\n" for line in m.split("\n")) for m in (old, new))
    down = f"from up import C\nasync def f(c: C):\n    {use}\n"
    return Row(name, old_text, new_text, down, said, wrong=wrong)


METHOD = "def m(self) -> str: return 'x'"
PROPERTY = f"@property\n{METHOD}"
ASYNC = f"async {METHOD}"
CHANGED = "kind-changed up.C.m 3"
MEMBERS = rows(
    _member("a method that is a property is called", METHOD, PROPERTY, "c.m()", CHANGED),
    _member("and is not called", METHOD, PROPERTY, "return c.m"),
    _member("a property whose value may be callable", METHOD, "@property\ndef m(self): return Thing()", "c.m()"),
    _member("one that is callable", METHOD, "@property\ndef m(self): return self._call()", "c.m()"),
    _member("one whose value is not known", METHOD, "@property\ndef m(self): return self._m", "c.m()", f"{CHANGED} likely"),
    _member("one that returns a literal", METHOD, "@property\ndef m(self): return 'x'", "c.m()", CHANGED),
    _member("one that gives an object", METHOD, "@property\ndef m(self) -> 'D': return D()\nclass D: ...", "c.m()"),
    _member("one that gives an int or None", METHOD, "@property\ndef m(self) -> 'int | None': ...", "c.m()", CHANGED),
    _member("one that gives nothing known", METHOD, "@property\ndef m(self) -> 'third.X': ...", "c.m()"),
    _member("cached_property", METHOD, f"@cached_property\n{METHOD}", "c.m()", CHANGED),
    _member("a decorator that is not known", METHOD, f"@magic\n{METHOD}", "c.m()"),
    _member("a method that is a plain value", METHOD, "m = 'x'", "c.m()", CHANGED),
    _member("a value to be filled in", METHOD, "m = None", "c.m()"),
    _member("a property that is a method", PROPERTY, METHOD, "return c.m.upper()", CHANGED),
    _member("a property that is a method, called", PROPERTY, METHOD, "return c.m()"),
    _member("an attribute of methods too", PROPERTY, METHOD, "return c.m.__name__"),
    _member("asked for first", METHOD, PROPERTY, "return c.m() if callable(c.m) else c.m"),
    _member("caught", METHOD, PROPERTY, "\n    try: return c.m()\n    except TypeError: return c.m", "kind-changed up.C.m 4 guard: except TypeError"),
    _member("a coroutine whose result is used", METHOD, ASYNC, "return c.m().upper()", CHANGED),
    _member("a coroutine that is awaited", METHOD, ASYNC, "return (await c.m()).upper()"),
    _member("a coroutine that nobody awaits", METHOD, ASYNC, "c.m()", CHANGED),
    _member("a coroutine that goes somewhere", METHOD, ASYNC, "return c.m()"),
    _member("an awaitable all along", "def m(self): return loop.task()", ASYNC, "c.m()"),
    _member("a method of coroutines", METHOD, ASYNC, "c.m().close()"),
    _member("no coroutine any more, awaited", ASYNC, METHOD, "return await c.m()", CHANGED),
    _member("no coroutine any more, but an awaitable", ASYNC, "def m(self): return loop.task()", "return await c.m()"),
    _member("nothing is returned any more", ASYNC, "def m(self): pass", "await c.m()", CHANGED),
    _member("an async generator", METHOD, "async def m(self): yield 1", "return c.m().upper()"),
    _member("both", PROPERTY, PROPERTY + "  # rewritten", "return c.m"),
)  # fmt: skip

NAMES = rows(
    _r("a value of an upstream class", "class K: ...\nclass C:\n    def m(self) -> K: ...", "class K: ...\nclass C:\n    @property\n    def m(self) -> K: ...", "from up import C\nC().m()", "kind-changed up.C.m 2"),
    _r("a value of a class that can be called", "class K:\n    def __call__(self): ...\nclass C:\n    def m(self) -> K: ...", "class K:\n    def __call__(self): ...\nclass C:\n    @property\n    def m(self) -> K: ...", "from up import C\nC().m()"),
    _r("of an own subclass", "class C:\n    def m(self): ...", "class C:\n    m = 'x'", "from up import C\nclass D(C):\n    def f(self):\n        return self.m()", "kind-changed up.C.m 4"),
    _r("of an own subclass that defines it", "class C:\n    def m(self): ...", "class C:\n    m = 'x'", "from up import C\nclass D(C):\n    def m(self): ...\n    def f(self):\n        return self.m()"),
    _r("of the downstream's own compat module", "def f(): ...", "f = 1", {"down/__init__.py": "from down.compat import f\nf()", "down/compat.py": "from up import f"}, "kind-changed up.f 2"),
    _r("a class that is a constant", "class C: ...", "C = 1", "import up\nup.C()", "kind-changed up.C 2"),
    _r("a function that is a constant", "def f(): ...", "f = 1", "import up\nup.f()", "kind-changed up.f 2"),
    _r("a function to be filled in", "def f(): ...", "f = None\ndef _set():\n    global f\n    f = print", "import up\nup.f()"),
    _r("a constant that is a function", "V = '1.0'", "def V(): return '2.0'", "import up\nup.V.split('.')", "kind-changed up.V 2"),
    _r("a constant that is a function, as a value", "V = '1.0'", "def V(): return '2.0'", "import up\nprint(up.V)"),
    _r("a function that is a class", "def f(): ...", "class f: ...", "import up\nup.f()"),
    _r("a class that is a function", "class C: ...", "def C(): ...", "import up\nup.C()"),
    _r("a class that is a function, as a base", "class C: ...", "def C(): ...", "import up\nclass D(up.C): ...", "kind-changed up.C 2"),
    _r("the base under another name", "class C: ...", "def C(): ...", "from up import C as Base\nclass D(Base): ...", "kind-changed up.C 2"),
    _r("a function that is a module", {"up/__init__.py": "def f(): ..."}, {"up/__init__.py": "from up import f", "up/f.py": ""}, "import up\nup.f()", "kind-changed up.f 2"),
    _r("an awaited function", "async def f() -> int: ...", "def f() -> int: ...", "import up\nasync def g():\n    await up.f()", "kind-changed up.f 3"),
)  # fmt: skip

_BASE = "class B:\n    def b(self): ...\n"
BASES = rows(
    _r("an upstream base", _BASE + "class C(B): ...", _BASE + "class C: ...", "from up import C\nC().b()", "base-changed up.C.b 2"),
    _r("a standard base", "class C(dict): ...", "class C: ...", "from up import C\nC().keys()", "base-changed up.C.keys 2"),
    _r("deeper down", "class B(dict): ...\nclass C(B): ...", "class B: ...\nclass C(B): ...", "from up import C\nC().keys()", "base-changed up.B.keys 2"),
    _r("another base has it", _BASE + "class C(B): ...", _BASE + "class A(B): ...\nclass C(A): ...", "from up import C\nC().b()"),
    _r("the class has it itself", _BASE + "class C(B): ...", _BASE + "class C:\n    def b(self): ...", "from up import C\nC().b()"),
    _r("the base lost it", _BASE + "class C(B): ...", "class B: ...\nclass C(B): ...", "from up import C\nC().b()", "attribute-removed up.B.b 2"),
    _r("a subclass of the downstream's", "class C(dict): ...", "class C: ...", "from up import C\nclass D(C):\n    def f(self): return self.keys()", "base-changed up.C.keys 3"),
    _r("a subclass that brings the base", "class C(dict): ...", "class C: ...", "from up import C\nclass D(C, dict):\n    def f(self): return self.keys()"),
    _r("isinstance before", "class C(dict): ...", "class C: ...", "from up import C\nc = C()\nif isinstance(c, dict):\n    c.keys()", "base-changed up.C.keys 4 possible guard: isinstance(c, dict)"),
    _r(
        "a frozen dataclass",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int = 1",
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass C:\n    a: int = 1",
        "from dataclasses import dataclass\nfrom up import C\n@dataclass\nclass D(C):\n    b: int = 2",
        "base-changed up.C 4",
    ),
    _r(
        "a frozen dataclass, and a plain class from it",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int = 1",
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass C:\n    a: int = 1",
        "from up import C\nclass D(C):\n    b = 2",
    ),
)  # fmt: skip

_PROPERTY = "class C:\n    @property\n    def a(self):\n        return 1\n"
_SETTER = _PROPERTY + "    @a.setter\n    def a(self, value): ...\n"
_PLAIN = "class C:\n    def __init__(self):\n        self.a = 1\n"
_SET = "import up\ndef f(c: up.C):\n    c.a = 2\n"
_OWN = "import up\nclass D(up.C):\n    def g(self):\n        self.a = 2\n"
STORES = rows(
    _r("a property that lost its setter", _SETTER, _PROPERTY, _SET, "kind-changed up.C.a 3 likely"),
    _r("an attribute that is a property now", _PLAIN, _PROPERTY, _SET, "kind-changed up.C.a 3 likely"),
    _r("of the class", "class C:\n    a = 1\n", _PROPERTY, _SET.replace("=", "+="), "kind-changed up.C.a 3 likely"),
    _r("in a subclass", _SETTER, _PROPERTY, _OWN, "kind-changed up.C.a 4 likely"),
    _r("by a text", _SETTER, _PROPERTY, "import up\ndef f(c: up.C):\n    setattr(c, 'a', 2)\n", "kind-changed up.C.a 3 likely"),
    # Near-misses.
    _r("a setter that stays", _SETTER, _SETTER + "    def other(self): ...\n", _SET),
    _r("a property that never had one", _PROPERTY, _PROPERTY + "    def other(self): ...\n", _SET),
    _r("an attribute with a setter now", _PLAIN, _SETTER, _SET),
    _r("only read", _SETTER, _PROPERTY, _SET.replace(" = 2", "")),
    _r("a cached property", _PLAIN, "from functools import cached_property\n" + _PROPERTY.replace("@property", "@cached_property"), _SET),
    _r("a class that sets in its own way", _PLAIN, _PROPERTY + "    def __setattr__(self, name, value): ...\n", _SET),
    _r("a subclass that has the attribute itself", _SETTER, _PROPERTY, _OWN.replace("    def g", "    a = 0\n    def g")),
    _r("a test that asks first", _SETTER, _PROPERTY, "import up\ndef f(c: up.C):\n    try:\n        c.a = 2\n    except AttributeError:\n        pass", "kind-changed up.C.a 4 likely guard: except AttributeError"),
)  # fmt: skip

_WARN = "import warnings\ndef f():\n    warnings.warn('old', DeprecationWarning)\n"
DEPRECATED = rows(
    _r("a call", "def f(): ...", _WARN, "import up\nup.f()", "now-deprecated up.f 2"),
    _r("a mere mention", "def f(): ...", _WARN, "from up import f"),
    _r("deprecated before", _WARN, _WARN, "import up\nup.f()"),
    _r("a decorator", "def f(): ...", "from warnings import deprecated\n@deprecated('use g')\ndef f(): ...", "from up import f\nf()", "now-deprecated up.f 2"),
    _r("a class", "class C: ...", "from warnings import deprecated\n@deprecated('use D')\nclass C: ...", "from up import C\nC()", "now-deprecated up.C 2"),
    _r("a warning under a test", "def f(a=1): ...", "import warnings\ndef f(a=1):\n    if a:\n        warnings.warn('old', DeprecationWarning)", "import up\nup.f()"),
    _r("another kind of warning", "def f(): ...", "import warnings\ndef f():\n    warnings.warn('slow', RuntimeWarning)", "import up\nup.f()"),
    _r("a module", {"up/__init__.py": "", "up/m.py": "x = 1"}, {"up/__init__.py": "", "up/m.py": "import warnings\nwarnings.warn('old', DeprecationWarning)\nx = 1"}, "from up.m import x", "now-deprecated up.m 1"),
    _r("a call under a test that is never met", "__version__ = '1.0'\ndef f(): ...", "__version__ = '2.0'\n" + _WARN, "import up\nif up.__version__ < '2':\n    up.f()"),
)  # fmt: skip


@pytest.mark.parametrize("row", [*MEMBERS, *NAMES])
def test_another_kind_of_thing_is_found_where_it_is_used_as_the_old_one(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", STORES)
def test_what_can_no_longer_be_set_is_found_where_it_is_set(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", BASES)
def test_a_lost_base_is_found_where_something_of_it_is_used(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", DEPRECATED)
def test_a_new_deprecation_is_noted_where_it_warns(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said
