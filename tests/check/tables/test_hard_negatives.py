"""What only looks gone: names kept alive, bound elsewhere, set by the downstream, or not the upstream's at all. Every
silent row stands beside a true break that differs in little."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from engine_rows import Row, rows, told

OLD = """
def gone(): ...
def kept(): ...
class Thing:
    def lost(self): ...
    def stays(self): ...
def call(a, b=1): ...
"""
NEW = """
def kept(): ...
class Thing:
    def stays(self): ...
def call(a): ...
"""
GONE = "name-removed up.gone"
LOST = "attribute-removed up.Thing.lost"
CALL = "parameter-removed up.call(b=)"


def _r(name: str, down: str | dict[str, str], *said: str, wrong: str = "", **also: Any) -> Row:
    return Row(name, OLD, NEW, down, said, also, wrong)


def _up(
    name: str, new: str | dict[str, str], down: str, *said: str, old: str | dict[str, str] = OLD, wrong: str = ""
) -> Row:
    return Row(name, old, new, down, said, {}, wrong)


DOWNSTREAM = rows(
    # -- the downstream sets what is gone
    _r("set on the module before use", "import up\nup.gone = lambda: 1\nup.gone()"),
    _r("set in another module's name", "import os, up\nos.gone = lambda: 1\nup.gone()", f"{GONE} 3"),
    _r("set where it is missing", "import up\nif not hasattr(up, 'gone'):\n    up.gone = lambda: 1\ndef f():\n    return up.gone()"),
    _r("setattr before use", "import up\nsetattr(up, 'gone', print)\nup.gone()"),
    _r("setattr of another name", "import up\nsetattr(up, 'other', print)\nup.gone()", f"{GONE} 3"),
    _r("set on the class", "from up import Thing\nThing.lost = print\ndef f(t: Thing):\n    t.lost()"),
    _r("set on the instance", "from up import Thing\ndef f():\n    t = Thing()\n    t.lost = print\n    t.lost()"),
    _r("set on one instance, used on another", "from up import Thing\ndef f():\n    s = Thing()\n    s.lost = print\n    t = Thing()\n    t.lost()", f"{LOST} 6"),
    _r("set in another module of the downstream", {"down/__init__.py": "import up\nimport down.patch\nup.gone()\n", "down/patch.py": "import up\nup.gone = lambda: 1\n"}),
    _r("set after a test in another module", {"down/__init__.py": "from . import patch\nimport up\ndef f(): return up.gone()\n", "down/patch.py": "import up\nif not hasattr(up, 'gone'):\n    up.gone = lambda: 1\n"}),
    _r("read before it is set", "import up\nold = up.gone\nup.gone = lambda: old()", f"{GONE} 2"),
    _r("set in a function that may never run", "import up\ndef patch():\n    up.gone = print\ndef f():\n    return up.gone()", f"{GONE} 5"),
    _r("imported by name after it was set", "import up\nup.gone = print\nfrom up import gone"),
    _r("imported by name before it is set", "from up import gone\nimport up\nup.gone = print", f"{GONE} 1"),
    _r("set from itself, on one line", "import up\nup.gone = print(up.gone)", f"{GONE} 2"),
    _r("set in a function of another module", {"down/__init__.py": "import up\nimport down.patch\nup.gone()\n", "down/patch.py": "import up\ndef patch():\n    up.gone = print\n"}, f"{GONE} 3"),
    _r("set by the tests only", {"down/__init__.py": "import up\ndef f(): return up.gone()\n", "tests/test_it.py": "import up\nup.gone = print\n"}, f"{GONE} 2"),
    _r("set in __init__", "from up import Thing\nclass Mine:\n    def __init__(self):\n        self.t = Thing()\n        self.t.lost = print\n    def f(self):\n        self.t.lost()"),
    # -- subclasses and mixins
    _r("a subclass that has the member", "from up import Thing\nclass Mine(Thing):\n    def lost(self): ...\nMine().lost()"),
    _r("a subclass that has another member", "from up import Thing\nclass Mine(Thing):\n    def other(self): ...\nMine().lost()", "attribute-removed up.Thing.lost 4"),
    _r("a mixin that has it", "from up import Thing\nclass Mixin:\n    def lost(self): ...\nclass Mine(Mixin, Thing):\n    def f(self): self.lost()"),
    _r("a mixin that has it, on the right", "from up import Thing\nclass Mixin:\n    def lost(self): ...\nclass Mine(Thing, Mixin):\n    def f(self): self.lost()"),
    _r("a subclass that sets it", "from up import Thing\nclass Mine(Thing):\n    def __init__(self):\n        self.lost = 1\n    def f(self): return self.lost"),
    _r("a subclass with __getattr__", "from up import Thing\nclass Mine(Thing):\n    def __getattr__(self, name): return print\nMine().lost()"),
    _r("a base that is not known beside it", "from up import Thing\nfrom third import Base\nclass Mine(Base, Thing):\n    def f(self): self.lost()"),
    _r("a mixin of the downstream used with others", "from up import Thing\nclass Mixin:\n    def f(self): self.lost()\nclass Mine(Mixin, Thing): ..."),
    _r("super of a member that is gone", "from up import Thing\nclass Mine(Thing):\n    def lost(self):\n        super().lost()", f"{LOST} 4"),
    _r("super under hasattr", "from up import Thing\nclass Mine(Thing):\n    def lost(self):\n        if hasattr(super(), 'lost'):\n            super().lost()", f"{LOST} 5 possible guard: hasattr(super(), 'lost')"),
    _r("super by getattr with a default", "from up import Thing\nclass Mine(Thing):\n    def lost(self):\n        getattr(super(), 'lost', print)()"),
    _r("super where a mixin of the downstream has it", "from up import Thing\nclass Mixin:\n    def lost(self): ...\nclass Mine(Mixin, Thing):\n    def lost(self):\n        super().lost()"),
    _r("a stand-in for a class that is imported elsewhere", "try:\n    import third\n    from up import Thing\nexcept ImportError:\n    class Thing:\n        def f(self):\n            self.lost()"),
    _r("a subclass of the class that is imported", "try:\n    import third\n    from up import Thing\nexcept ImportError:\n    pass\nclass Mine(Thing):\n    def f(self):\n        self.lost()", f"{LOST} 8"),
    # -- names that are not the upstream's
    _r("a local that shadows the import", "import up\ndef f(up):\n    return up.gone()"),
    _r("a loop variable that shadows it", "import up\ndef f(all):\n    for up in all:\n        up.gone()"),
    _r("a comprehension that shadows it", "import up\ndef f(all):\n    return [up.gone() for up in all]"),
    _r("a with that shadows it", "import up\ndef f(x):\n    with x as up:\n        up.gone()"),
    _r("an except that shadows it", "import up\ndef f(x):\n    try:\n        x()\n    except ValueError as up:\n        up.gone()"),
    _r("a match that shadows it", "import up\ndef f(x):\n    match x:\n        case [up, *_]:\n            up.gone()"),
    _r("a nested function's parameter", "import up\ndef f():\n    def g(up):\n        return up.gone()\n    return g, up.gone()", f"{GONE} 5"),
    _r("a lambda's parameter", "import up\ng = lambda up: up.gone()"),
    _r("global that is bound anew", "import up\ndef f(x):\n    global up\n    up = x\n    up.gone()"),
    _r("a class of the same name", "from up import Thing\nclass Thing:\n    def lost(self): ...\nThing().lost()"),
    _r("a vendored copy", {"down/__init__.py": "from down._vendor import up\nup.gone()\n", "down/_vendor/__init__.py": "", "down/_vendor/up/__init__.py": "def gone(): ...\n"}),
    _r("a vendored copy that imports the real one", {"down/__init__.py": "from down._vendor import up\n", "down/_vendor/__init__.py": "", "down/_vendor/up/__init__.py": "import up\nup.gone()\n"}, f"{GONE} down/_vendor/up/__init__.py:2 possible"),
    _r("a module beside a package of its name", {"down/__init__.py": "import os\n", "down.py": "import up\nup.gone()\n"}),
    _r("imported by a module that is chosen by version", {"down/__init__.py": "import up\nif up.__version__ < '2':\n    from down.one import *\n", "down/one.py": "from down.deep import x\n", "down/deep.py": "import up\nx = up.gone\n"}),
    _r("imported by a module that is chosen, and by another", {"down/__init__.py": "import up\nif up.__version__ < '2':\n    from down.one import *\nimport down.two\n", "down/one.py": "from down.deep import x\n", "down/two.py": "from down.deep import x\n", "down/deep.py": "import up\nx = up.gone\n"}, f"{GONE} down/deep.py:2"),
    _r("a vendored copy and the real one", {"down/__init__.py": "from down._vendor import up\nimport up as real\nup.gone()\nreal.gone()\n", "down/_vendor/__init__.py": "", "down/_vendor/up/__init__.py": "def gone(): ...\n"}, f"{GONE} 4"),
    _r("a vendored copy relative", {"down/__init__.py": "from ._vendor.up import gone\n", "down/_vendor/__init__.py": "", "down/_vendor/up/__init__.py": "def gone(): ...\n"}),
    _r("a vendored copy as fallback", {"down/__init__.py": "try:\n    import up\nexcept ImportError:\n    from down._vendor import up\nup.kept()\n", "down/_vendor/__init__.py": "", "down/_vendor/up/__init__.py": "def gone(): ...\n"}),
    _r("a module of the downstream that is named alike, implicit", {"down/__init__.py": "", "down/up.py": "def gone(): ...\n", "down/use.py": "from .up import gone\nfrom down.up import gone as again\n"}),
    # -- guards
    _r("a flag through find_spec of another package", "import importlib.util, up\nif importlib.util.find_spec('third'):\n    up.gone()", f"{GONE} 3"),
    _r("in dir()", "import up\nif 'gone' in dir(up):\n    up.gone()", f"{GONE} 3 possible guard: 'gone' in dir(up)"),
    _r("in __dict__", "import up\nif 'gone' in up.__dict__:\n    up.gone()"),
    _r("in vars()", "import up\nif 'gone' in vars(up):\n    up.gone()", f"{GONE} 3 possible guard: 'gone' in vars(up)"),
    _r("another name in dir()", "import up\nif 'kept' in dir(up):\n    up.gone()", f"{GONE} 3"),
    _r("hasattr kept in a name", "import up\nHAS = hasattr(up, 'gone')\ndef f():\n    if HAS:\n        return up.gone()"),
    _r("hasattr kept in a name of a function", "import up\ndef f():\n    has = hasattr(up, 'gone')\n    if has:\n        return up.gone()"),
    _r("hasattr as an own function", "import up\ndef has_gone():\n    return hasattr(up, 'gone')\ndef f():\n    if has_gone():\n        return up.gone()"),
    _r("getattr then test", "import up\ng = getattr(up, 'gone', None)\nif g is not None:\n    up.gone()"),
    _r("try around the call of a function that a handler answers", "import up\ndef f():\n    try:\n        up.gone\n    except AttributeError:\n        return None\n    return up.gone()", f"{GONE} 4 guard: except AttributeError"),
    _r("try with return in the handler, then use", "def f():\n    try:\n        from up import gone\n    except ImportError:\n        return None\n    return gone()", f"{GONE} 3 guard: except ImportError"),
    _r("an early continue", "import up\ndef f(all):\n    for x in all:\n        if not hasattr(up, 'gone'):\n            continue\n        up.gone()"),
    _r("while", "import up\nwhile hasattr(up, 'gone'):\n    up.gone()"),
    _r("the signature is asked", "import inspect, up\ndef f():\n    if 'b' in inspect.signature(up.call).parameters:\n        return up.call(1, b=2)\n    return up.call(1)", f"{CALL} 4 possible guard: 'b' in inspect.signature(up.call).parameters"),
    _r("keywords by version", "import up\nkw = {}\nif up.__version__ < '2':\n    kw['b'] = 2\nup.call(1, **kw)"),
    # -- del and globals
    _r("a name that is deleted and made anew", "from up import kept as gone\ngone()\ndel gone"),
    _r("globals", "import up\nglobals()['gone'] = up.kept\ngone()"),
    # -- keywords
    _r("keywords that are popped", "import up\ndef f(**kw):\n    kw.pop('b', None)\n    return up.call(1, **kw)\nf(b=2)"),
    _r("keywords that are passed on", "import up\ndef f(**kw):\n    return up.call(1, **kw)\nf(b=2)", f"{CALL} 4", wrong="keywords that an own function passes on are not followed from its callers"),
    _r("keywords that are popped by a helper's default", "import up\ndef f(b=None, **kw):\n    return up.call(1, **kw)\nf(b=2)"),
    _r("keywords that are deleted", "import up\ndef f(**kw):\n    del kw['b']\n    return up.call(1, **kw)\nf(b=2)"),
    _r("keywords that are filtered", "import up\ndef f(**kw):\n    kw = {k: v for k, v in kw.items() if k != 'b'}\n    return up.call(1, **kw)\nf(b=2)"),
    _r("an own function of the same name", "from up import call\ndef call(a, b=1): ...\ncall(1, b=2)"),
    _r("a decorated wrapper of the downstream", "import functools, up\n@functools.wraps(up.call)\ndef call(a, b=1):\n    return up.call(a)\ncall(1, b=2)"),
)  # fmt: skip


V_OLD = "__version__ = '1.0'\nversion_info = (1, 0)\ndef gone(): ...\ndef kept(): ..."
V_NEW = "__version__ = '2.0'\nversion_info = (2, 0)\ndef kept(): ..."


def _v(name: str, down: str, *said: str) -> Row:
    return Row(name, V_OLD, V_NEW, down, said)


def _f(name: str, body: str, *said: str) -> Row:
    """A function of these statements."""
    return _v(name, "import up\ndef f(x, OLD=None):\n" + "".join(f"    {line}\n" for line in body.split("\n")), *said)


LOCAL_VALUES = rows(
    _f("a flag in a local", "old = up.version_info < (2,)\nif old:\n    up.gone()"),
    _f("a flag in a local that is true", "old = up.version_info > (1,)\nif old:\n    up.gone()", f"{GONE} 5"),
    _f("a version in a local", "v = tuple(int(p) for p in up.__version__.split('.'))\nif v < (2,):\n    up.gone()"),
    _f("a local made of another", "v = up.version_info\nold = v < (2,)\nif not old:\n    return\nup.gone()"),
    _f("hasattr in a local", "has = hasattr(up, 'gone')\nif has:\n    up.gone()"),
    _f("hasattr of another in a local", "has = hasattr(up, 'kept')\nif has:\n    up.gone()", f"{GONE} 5"),
    _f("a local that is set twice", "old = up.version_info < (2,)\nif x:\n    old = x\nif old:\n    up.gone()", f"{GONE} 7"),
    _f("set again where it is lacking", "call = getattr(up, 'kept', None)\nif call is None:\n    call = up.gone\ncall()"),
    _f("set again, and it is lacking", "call = getattr(up, 'never', None)\nif call is None:\n    call = up.gone\ncall()", f"{GONE} 5"),
    _f("set again in a loop around the test", "call = up.kept\nfor n in x:\n    if call is None:\n        call = up.gone\n    call = n", f"{GONE} 6"),
    _f("a local of a loop", "for old in x:\n    if old:\n        up.gone()", f"{GONE} 5"),
    _f("a parameter", "if x:\n    up.gone()", f"{GONE} 4"),
    _v("a parameter named like a flag", "import up\nOLD = up.version_info < (2,)\ndef f(OLD):\n    if OLD:\n        up.gone()", f"{GONE} 5"),
    _v("the flag itself", "import up\nOLD = up.version_info < (2,)\ndef f():\n    if OLD:\n        up.gone()"),
    _v("a flag that is bound globally in the function", "import up\nOLD = up.version_info < (2,)\ndef f():\n    global OLD\n    if OLD:\n        up.gone()"),
    _v("an import in the function", "def f():\n    import up\n    if up.version_info < (2,):\n        up.gone()"),
    _v("an import in the function, the other way", "def f():\n    import up\n    if up.version_info >= (2,):\n        up.gone()", f"{GONE} 4"),
    _f("a parser imported in the function", "from packaging.version import Version\nif Version(up.__version__) < Version('2'):\n    up.gone()"),
    _v("a flag of the enclosing function", "import up\ndef f():\n    old = up.version_info < (2,)\n    def g():\n        if old:\n            up.gone()\n    return g"),
    _v("a flag of a lambda's function", "import up\ndef f():\n    old = up.version_info < (2,)\n    return lambda: up.gone() if old else None"),
)  # fmt: skip


def _k(name: str, body: str, *said: str) -> Row:
    """A function of these statements, beside a subclass that has the member and another package's class."""
    head = "from up import Thing\nfrom third import Other\nclass Mine(Thing):\n    def lost(self): ...\n"
    return _r(
        name, f"{head}def f(t: Thing, u: Thing):\n" + "".join(f"    {line}\n" for line in body.split("\n")), *said
    )


KINDS = rows(
    _k("an own subclass", "if isinstance(t, Mine):\n    t.lost()"),
    _k("another variable", "if isinstance(u, Mine):\n    t.lost()", f"{LOST} 7"),
    _k("not an own subclass", "if not isinstance(t, Mine):\n    t.lost()", f"{LOST} 7"),
    _k("an early return", "if not isinstance(t, Mine):\n    return\nt.lost()"),
    _k("an assertion", "assert isinstance(t, Mine)\nt.lost()"),
    _k("and", "return isinstance(t, Mine) and t.lost()"),
    _k("or", "return isinstance(t, Mine) or t.lost()", f"{LOST} 6"),
    _k("a conditional expression", "return t.lost() if isinstance(t, Mine) else None"),
    _k("the exact type", "if type(t) is Mine:\n    t.lost()"),
    _k("a class of another package", "if isinstance(t, Other):\n    t.lost()"),
    _k("one of several classes", "if isinstance(t, (Other, Thing)):\n    t.lost()"),
    _k("the upstream's own class", "if isinstance(t, Thing):\n    t.lost()", f"{LOST} 7"),
    _k("an object of the object", "if isinstance(u.t, Mine):\n    t.lost()", f"{LOST} 7"),
)  # fmt: skip

TABLES = rows(
    _r("keys that are given", "import up\ndef f():\n    kw = {'b': 1}\n    return up.call(1, **kw)", f"{CALL} 4"),
    _r("keys that are added", "import up\ndef f():\n    kw = {'b': 1}\n    kw['a'] = 1\n    return up.call(**kw)", f"{CALL} 5"),
    _r("keys that are deleted again", "import up\ndef f():\n    kw = dict(b=1)\n    del kw['b']\n    return up.call(1, **kw)"),
    _r("keys that are popped", "import up\ndef f():\n    kw = {'b': 1}\n    if up.__version__ >= '2':\n        kw.pop('b')\n    return up.call(1, **kw)"),
    _r("keys that are popped of another", "import up\ndef f(x):\n    kw = {'b': 1}\n    x.pop('b')\n    return up.call(1, **kw)", f"{CALL} 5"),
)  # fmt: skip

SUBMODULE_OLD = {"up/__init__.py": "def gone(): ...", "up/sub.py": "def f(): ..."}


def _s(name: str, down: str, *said: str) -> Row:
    return Row(name, SUBMODULE_OLD, "", down, said)


SUB = "module-removed up.sub"
ENDS = rows(
    _s("after a try whose handler returns", "def f():\n    try:\n        import up.sub\n    except ImportError:\n        return None\n    return up.sub.f()", f"{SUB} 3 guard: except ImportError"),
    _s("after a try whose handler goes on", "import up\ndef f():\n    try:\n        import up.sub\n    except ImportError:\n        pass\n    return up.sub.f()", f"{SUB} 4 guard: except ImportError", f"{SUB} 7"),
    _s("after a try whose handler is for another error", "import up\ndef f():\n    try:\n        up.sub.f()\n    except KeyError:\n        return None\n    return up.sub.f()", f"{SUB} 4", f"{SUB} 7"),
    _s("in the else branch", "import up\ntry:\n    import up.sub\nexcept ImportError:\n    pass\nelse:\n    up.sub.f()", f"{SUB} 3 guard: except ImportError"),
    _s("after a try whose handler continues", "import up\ndef f(all):\n    for x in all:\n        try:\n            up.gone\n        except AttributeError:\n            continue\n        up.gone()", f"{GONE} 5 guard: except AttributeError"),
    _s("where the try may not reach it", "import up\ndef f(x):\n    try:\n        if x:\n            up.gone()\n    except AttributeError:\n        return None\n    return up.gone()", f"{GONE} 5 guard: except AttributeError", f"{GONE} 8"),
    _v("a program that ends first", "import up, sys\nif up.version_info >= (2,):\n    sys.exit('too new')\nup.gone()"),
    _v("a program that ends in the other case", "import up, sys\nif up.version_info < (2,):\n    sys.exit('too old')\nup.gone()", f"{GONE} 4"),
    _v("a test that is skipped", "import up, pytest\n@pytest.mark.skipif(up.version_info >= (2,), reason='')\ndef test(): up.gone()"),
    _v("a test that is skipped otherwise", "import up, pytest\n@pytest.mark.skipif(up.version_info < (2,), reason='')\ndef test(): up.gone()", f"{GONE} 3"),
    _v("a class of tests that is skipped", "import up, unittest\n@unittest.skipUnless(hasattr(up, 'gone'), '')\nclass T:\n    def test(self): up.gone()"),
    _v("a test that skips itself", "import up, pytest\ndef test():\n    if up.version_info >= (2,):\n        pytest.skip('')\n    up.gone()"),
    _v("a test that expects it", "import up, pytest\ndef test():\n    with pytest.raises(AttributeError):\n        up.gone()", f"{GONE} 4 guard: except (AttributeError,)"),
    _v("a test that expects another", "import up, pytest\ndef test():\n    with pytest.raises(KeyError):\n        up.gone()", f"{GONE} 4"),
)  # fmt: skip


_OPEN = "import third\n__all__ = ['keep']\n__all__ += third.names\n"
_PAD = "".join(f"def p{i}(): ...\n" for i in range(12))


def _behind(stub: str, code: str) -> dict[str, str]:
    """A package whose stub lists names that come through stars with a computed `__all__`."""
    init = f"{_PAD}from up.core import *\n"
    core = f"{_OPEN}from up.core.num import *\nfrom up.core.other import *\n"
    return {
        "up/__init__.py": init,
        "up/__init__.pyi": _PAD + stub,
        "up/core/__init__.py": core,
        "up/core/num.py": code,
        "up/core/other.py": _OPEN,
    }


_PRODUCT = "__all__ = ['product']\ndef product(): ...\n"
_MARK = "def deprecated(*a): ...\nclass B: ...\n"
STUBS = rows(
    _up("a stub that is behind the code", _behind("", _PRODUCT), "import up\nup.product()", old=_behind("def product(): ...\n", _PRODUCT)),
    _up("gone from stub and code", _behind("", "__all__ = []\n"), "import up\nup.product()", "name-removed up.product 2", old=_behind("def product(): ...\n", _PRODUCT)),
    _up("a builtin that the code only imports", _behind("", f"{_OPEN}from builtins import complex\n"), "import up\nup.complex", "name-removed up.complex 2", old=_behind("complex: type\n", "__all__ = ['complex']\nfrom builtins import complex\n")),
    _up("one name of a module is deprecated", f"{_MARK}deprecated(B, __name__, 'B is deprecated')\n", "import up", old=_MARK),
    _up("the module is deprecated", f"{_MARK}deprecated('1.0', '2.0')\n", "import up", "now-deprecated up 1", old=_MARK),
)  # fmt: skip


@pytest.mark.parametrize("row", [*DOWNSTREAM, *LOCAL_VALUES, *KINDS, *TABLES, *STUBS, *ENDS])
def test_what_only_looks_gone_is_no_break(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said
