"""Modules and the names in them: moved, shadowed, re-exported, starred, lazy, copied, named in strings."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from engine_rows import Row, Sources, report, rows, told


def _r(name: str, old: Sources, new: Sources, down: Sources, *said: str, wrong: str = "") -> Row:
    return Row(name, old, new, down, said, wrong=wrong)


OLD = {
    "up/__init__.py": "from up.text import gone, kept\nimport up.inner",
    "up/text.py": "def gone(): ...\ndef kept(): ...",
    "up/inner/__init__.py": "from up.inner.deep import x",
    "up/inner/deep.py": "x = 1\ny = 2",
}
NEW = {"up/__init__.py": "from up.text import kept", "up/text.py": "def kept(): ...", "up/inner/__init__.py": "x = 1"}
GONE = "name-removed up.gone"
DEEP = "module-removed up.inner.deep"


def _m(name: str, down: Sources, *said: str, wrong: str = "") -> Row:
    return Row(name, OLD, NEW, down, said, wrong=wrong)


IMPORTS = rows(
    _m("from import", "from up import gone", f"{GONE} 1"),
    _m("from import of several", "from up import (\n    kept,\n    gone,\n)", f"{GONE} 3"),
    _m("from import under another name", "from up import gone as here\nhere()", f"{GONE} 1"),
    _m("from the module that defines it", "from up.text import gone", "name-removed up.text.gone 1"),
    _m("attribute", "import up\nup.gone()", f"{GONE} 2"),
    _m("attribute of an alias", "import up as u\nu.gone()", f"{GONE} 2"),
    _m("attribute of a submodule", "import up.text\nup.text.gone()", "name-removed up.text.gone 2"),
    _m("attribute of a submodule under another name", "import up.text as t\nt.gone()", "name-removed up.text.gone 2"),
    _m("a module", "import up.inner.deep", f"{DEEP} 1"),
    _m("a module, from its package", "from up.inner import deep", f"{DEEP} 1"),
    _m("a name of a module that is gone", "from up.inner.deep import x", f"{DEEP}.x 1"),
    _m("two names of a module that is gone", "from up.inner.deep import x, y", f"{DEEP}.x 1", f"{DEEP}.y 1"),
    _m("a submodule that the package no longer imports", "import up\nup.inner.x", "name-removed up.inner 2 likely"),
    _m("a submodule that the downstream imports itself", "import up\nimport up.inner\nup.inner.x"),
    _m("a relative import of the same name", {"down/__init__.py": "from . import up", "down/up.py": "gone = 1"}),
    _m("a module of the downstream's by the same name", {"down/__init__.py": "from down import up\nup.gone", "down/up.py": "gone = 1"}),
    _m("a local variable by the same name", "import up\ndef f(up):\n    up.gone()"),
    _m("a variable of the module by the same name", "up = object()\nup.gone()"),
    _m("in a function", "def f():\n    from up import gone\n    return gone", f"{GONE} 2"),
    _m("in a function that shadows", "def f():\n    import other as up\n    up.gone()"),
    _m("star", "from up import *\ngone()", "name-removed up.gone 2"),
    _m("star, of a name that is kept", "from up import *\nkept()"),
    _r("two stars, of a name that the last gives", {"up/__init__.py": "", "up/a.py": "def f(): ...", "up/b.py": "def f(): ..."}, {"up/__init__.py": "", "up/a.py": "", "up/b.py": "def f(): ..."}, "from up.a import *\nfrom up.b import *\nf()"),
    _r("two stars, of a name that the last gave", {"up/__init__.py": "", "up/a.py": "def f(): ...", "up/b.py": "def f(): ..."}, {"up/__init__.py": "", "up/a.py": "", "up/b.py": "def f(): ..."}, "from up.b import *\nfrom up.a import *\nf(1)"),
    _r("two stars, of a call that the last changes", {"up/__init__.py": "", "up/a.py": "def f(): ...", "up/b.py": "def f(x=1): ..."}, {"up/__init__.py": "", "up/a.py": "def f(): ...", "up/b.py": "def f(): ..."}, "from up.a import *\nfrom up.b import *\nf(1)", "arity-changed up.b.f 3"),
    _m("a name of the upstream's that nobody asks for", "import up"),
    _m("a from import of what was never there", "from up import never"),
)  # fmt: skip

THROUGH = rows(
    _m(
        "an own compat module",
        {"down/__init__.py": "from down.compat import gone\ngone()", "down/compat.py": "from up import gone"},
        f"{GONE} down/compat.py:1",
    ),
    _m(
        "an own compat module that guards",
        {"down/__init__.py": "from down.compat import gone\ngone()", "down/compat.py": "try:\n    from up import gone\nexcept ImportError:\n    def gone(): ..."},
        f"{GONE} down/compat.py:2 guard: except ImportError",
    ),
    _m(
        "an attribute of the upstream module that an own module holds",
        {"down/__init__.py": "from down.compat import up\nup.gone()", "down/compat.py": "import up"},
        f"{GONE} 2",
    ),
    _m(
        "a variable",
        "import up\nu = up\ndef f():\n    u.gone()",
        f"{GONE} 4",
    ),
    _m("a dead module of the downstream's", {
        "down/__init__.py": "from importlib.metadata import version\nif version('up') < '2':\n    from down import old\n",
        "down/old.py": "from up import gone\n",
    }),
    _m("a module that its importer guards", {
        "down/__init__.py": "try:\n    from down import old\nexcept ImportError:\n    old = None\n",
        "down/old.py": "from up import gone\n",
    }, f"{GONE} down/old.py:1 guard: at its importer: except ImportError"),
    _m("a module that one of two importers guards", {
        "down/__init__.py": "try:\n    from down import old\nexcept ImportError:\n    old = None\n",
        "down/old.py": "from up import gone\n",
        "down/other.py": "from down import old\n",
    }, f"{GONE} down/old.py:1"),
    _m("a function in a guarded module fails later", {
        "down/__init__.py": "try:\n    from down import old\nexcept ImportError:\n    old = None\n",
        "down/old.py": "import up\ndef f():\n    up.gone()\n",
    }, f"{GONE} down/old.py:3"),
)  # fmt: skip

_MODULE = {"up/__init__.py": "", "up/a.py": "x = 1\ny = 1", "up/b.py": ""}
SHAPES = rows(
    _r("moved, with a forwarding name", "def f(): ...", {"up/__init__.py": "from up._f import f", "up/_f.py": "def f(): ..."}, "from up import f"),
    _r("a module became a package", {"up/__init__.py": "", "up/a.py": "x = 1"}, {"up/__init__.py": "", "up/a/__init__.py": "x = 1"}, "from up.a import x"),
    _r("a module and a function of one name", {"up/__init__.py": "from up.f import f", "up/f.py": "def f(): ...\ndef g(): ..."}, {"up/__init__.py": "from up.f import f", "up/f.py": "def f(): ..."}, "import up\nup.f()\nfrom up.f import g", "name-removed up.f.g 3"),
    _r("a function that hid the module is gone", {"up/__init__.py": "from up.f import f", "up/f.py": "def f(): ..."}, {"up/__init__.py": "import up.f", "up/f.py": "def f(): ..."}, "import up\nup.f()", "kind-changed up.f 2"),
    _r("defined in some branches", "def f(): ...", "import sys\nif sys.platform == 'win32':\n    def f(): ...", "from up import f"),
    _r("defined by an import that may fail", "def f(): ...", "try:\n    from third import f\nexcept ImportError:\n    pass", "from up import f"),
    _r("made at run time", "def f(): ...", "for n in 'fg':\n    globals()[n] = print", "from up import f"),
    _r("__getattr__ that knows it", "def f(): ...", "def __getattr__(name):\n    if name == 'f':\n        return print\n    raise AttributeError(name)", "from up import f"),
    _r("__getattr__ that does not", "def f(): ...", "def __getattr__(name):\n    if name == 'g':\n        return print\n    raise AttributeError(name)", "from up import f", "name-removed up.f 1"),
    _r("__getattr__ with a table", "def f(): ...\ndef g(): ...", "_OLD = {'f': 'x'}\ndef __getattr__(name):\n    if name in _OLD:\n        return print\n    raise AttributeError(name)", "from up import f\nfrom up import g", "name-removed up.g 2"),
    _r("__getattr__ that warns and gives it", "def f(): ...", "import warnings\ndef __getattr__(name):\n    if name == 'f':\n        warnings.warn('old', DeprecationWarning)\n        return print\n    raise AttributeError(name)", "import up\nup.f()"),
    _r("__getattr__ that cannot be worked out", "def f(): ...", "import third\ndef __getattr__(name):\n    return third.find(name)", "from up import f"),
    _r("a lazy loader that has it", {"up/__init__.py": "def f(): ..."}, {"up/__init__.py": "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach(__name__, submod_attrs={'a': ['f']})", "up/a.py": "def f(): ..."}, "from up import f"),
    _r("a lazy loader that lost it", {"up/__init__.py": "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach(__name__, submod_attrs={'a': ['f', 'g']})", "up/a.py": "def f(): ...\ndef g(): ..."}, {"up/__init__.py": "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach(__name__, submod_attrs={'a': ['f']})", "up/a.py": "def f(): ..."}, "from up import g", "name-removed up.g 1"),
    _r("a deprecated constant that a helper sets", "X = 1", "from third import deprecated\ndeprecated.constant('1', '3', 'X', 1)", "from up import X"),
    _r("a module that now raises", {"up/__init__.py": "", "up/a.py": "x = 1"}, {"up/__init__.py": "", "up/a.py": "raise ImportError('moved')"}, "from up.a import x", "module-removed up.a.x 1"),
    _r("a module entered in sys.modules", {"up/__init__.py": "", "up/a.py": "x = 1"}, {"up/__init__.py": "import sys, json\nsys.modules['up.a'] = json"}, "import up.a"),
    _r("made global by a function that is called", "f = g = 1", "def load():\n    f = 1\n    globals().update(locals())\nload()", "from up import f"),
    _r("made global by a function that is called, not this one", "f = g = 1", "def load():\n    f = 1\n    globals().update(locals())\nload()", "from up import g", "name-removed up.g 1"),
    _r("made global by a function from a table", "f = g = 1", "def load(table):\n    globals().update(table)\nload(read())", "from up import f"),
    _r("a table of its own that a function updates", "f = g = 1", "def load(table):\n    names.update(table)\nnames = {}", "from up import f", "name-removed up.f 1"),
    _r("a module that needs another one, and says so otherwise now", {"up/__init__.py": "", "up/a.py": "import sys\ntry:\n    import third\nexcept ImportError:\n    sys.exit('no third')\nx = 1"}, {"up/__init__.py": "", "up/a.py": "try:\n    import third\nexcept ImportError:\n    raise RuntimeError('no third')\nx = 1"}, "from up.a import x"),
    _r("a module that needs another one now", {"up/__init__.py": "", "up/a.py": "x = 1"}, {"up/__init__.py": "", "up/a.py": "import sys\ntry:\n    import third\nexcept ImportError:\n    sys.exit('no third')\nx = 1"}, "from up.a import x", "module-removed up.a.x 1"),
    _r("made at run time by both, which cannot be told apart", "for n in ('f', 'g'):\n    globals()[n] = print", "for n in ('g',):\n    globals()[n] = print", "from up import f"),
    _r("made at run time before, listed now", "for n in ('f', 'g'):\n    globals()[n] = print", "def g(): ...", "from up import f\nimport up\nup.f", "name-removed up.f 1 likely", "name-removed up.f 3 likely"),
    _r("made at run time before, still mentioned", "for n in ('f', 'g'):\n    globals()[n] = print", "x = 'f'\ndef g(): ...", "from up import f"),
    _r("one of several kinds, none of which has it", "from typing import Union\nclass A:\n    def m(self): ...\nclass B:\n    def m(self): ...\ndef f() -> Union[A, B]: ...", "from typing import Union\nclass A: ...\nclass B: ...\ndef f() -> Union[A, B]: ...", "import up\nup.f().m()", "attribute-removed up.A.m 2"),
    _r("a private name", "_f = 1", "", "from up import _f", "name-removed up._f 1"),
    _r("a name that leaves __all__ only", "__all__ = ['f', 'g']\ndef f(): ...\ndef g(): ...", "__all__ = ['g']\ndef f(): ...\ndef g(): ...", "from up import f"),
    _r("a name that leaves __all__, and star", "__all__ = ['f', 'g']\ndef f(): ...\ndef g(): ...", "__all__ = ['g']\ndef f(): ...\ndef g(): ...", "from up import *\nf()", "name-removed up.f 2"),
    _r("a cycle of imports", {"up/__init__.py": "from up.a import x", "up/a.py": "from up.b import x", "up/b.py": "from up.a import x"}, {"up/__init__.py": "from up.a import x", "up/a.py": "from up.b import x", "up/b.py": "from up.a import x  #"}, "from up import x"),
    _r("a standard name that went through", "import os\ndef f(): ...", "def f(): ...", "from up import os", "name-removed up.os 1"),
    _r("a third package's name that went through", "from third import x", "", "from up import x", "name-removed up.x 1"),
)  # fmt: skip

_BEFORE = {
    "up/__init__.py": "from . import tools, sub",
    "up/tools.py": "",
    "up/sub.py": "def f(): ...",
    "up/more.py": "import up.sub",
}


def _sub(name: str, new: Mapping[str, str], down: Sources, *said: str) -> Row:
    return Row(name, _BEFORE, {**_BEFORE, "up/__init__.py": "from . import tools", **new}, down, said)


_LAZY = """
import sys
from typing import TYPE_CHECKING
_names = {{"a": {names}}}
if TYPE_CHECKING:
    from .a import {listed}
else:
    from ._lazy import Lazy
    sys.modules[__name__] = Lazy(__name__, globals()["__file__"], _names)
"""
_MADE = {"up/_lazy.py": "class Lazy:\n    def __getattr__(self, name): ...", "up/a.py": "def f(): ...\ndef g(): ..."}


def _lazy(name: str, new: str, *said: str) -> Row:
    sides = ({**_MADE, "up/__init__.py": text} for text in (_LAZY.format(names=["f", "g"], listed="f, g"), new))
    return Row(name, *sides, "import up\nup.f\n", said)


LAZY = rows(
    _lazy("a name that leaves both lists", _LAZY.format(names=["g"], listed="g"), "name-removed up.f 2 likely"),
    _lazy("a name that leaves the list for checkers only", _LAZY.format(names=["f", "g"], listed="g")),
    _lazy("a list that is made at run time", _LAZY.format(names="find()", listed="*")),
    _lazy("a module that nothing replaces", "from .a import f, g"),
)  # fmt: skip


_FILLED = """
import sys
from ._lazy import Lazy
_names = {{"b": ["g"]}}
try:
    import torch
except ImportError:
    pass
else:
    {}
sys.modules[__name__] = Lazy(__name__, globals()["__file__"], _names)
"""


def _filled(name: str, new: str, *said: str, down: str = "from up import f\n") -> Row:
    sides = ({**_MADE, "up/__init__.py": _FILLED.format(text)} for text in ('_names["a"] = ["f", "g"]', new))
    return Row(name, *sides, down, said)


FILLED = rows(
    _filled("a name that leaves the list it was imported from", '_names["a"] = ["g"]', "name-removed up.f 1 likely"),
    _filled("as an attribute", '_names["a"] = ["g"]', "name-removed up.f 2 likely", down="import up\nup.f\n"),
    _filled("a list that is added to", '_names["a"] = []\n    _names["a"].append("g")', "name-removed up.f 1 likely"),
    _filled("a name that another list has", '_names["c"] = ["f"]'),
    _filled("a list that is filled by a call", "_names.update(find())"),
    _filled("a list that is worked out", '_names["a"] = find()'),
)  # fmt: skip

_MEMBERS = "import sys\nfrom enum import Enum\nclass A(Enum):\n    kept = 1\n{}class B(Enum):\n    other = 3\nmodule = sys.modules[__name__]\n{}"
_EACH = "for enum in (A, B):\n    for item in enum:\n        setattr(module, item.name, item.value)\n"


def _enumerated(name: str, loop: str, *said: str, left: str = "", down: str = "import up\nup.f\n") -> Row:
    return _r(name, _MEMBERS.format("    f = 2\n", loop), _MEMBERS.format(left, loop), down, *said)


ENUMERATED = rows(
    _enumerated("each member of some enumerations", _EACH, "name-removed up.f 2"),
    _enumerated("each member of one", "for item in A:\n    globals()[item.name] = item\n", "name-removed up.f 2"),
    _enumerated("the table of its members", "globals().update(A.__members__)\n", "name-removed up.f 2"),
    _enumerated("the table, which has repeated values", "globals().update(A.__members__)\n", left="    f = 1\n"),
    _enumerated("the table, which has other names", "globals().update(A.__members__)\n", left="    f = kept\n"),
    _enumerated("an other name in a loop", _EACH, "name-removed up.f 2", left="    f = kept\n"),
    _enumerated("imported", _EACH, "name-removed up.f 1", down="from up import f, kept, other\n"),
    _enumerated("a member that stays", _EACH, down="from up import kept, other\n"),
    _enumerated("a member that has another value", _EACH, left="    f = 4\n"),
    _enumerated("a member that now repeats a value", _EACH, "name-removed up.f 2", left="    f = 1\n"),
    _enumerated("of the values, not the names", "for item in A:\n    setattr(module, item.value, item)\n"),
    _enumerated("of what is not a class here", "for item in find():\n    setattr(module, item.name, item)\n"),
    _enumerated("of one that is not known", "for item in (*A, *find()):\n    setattr(module, item.name, item)\n"),
    _enumerated("of a loop whose variable is bound again", "for item in A:\n    pass\nfor item in find():\n    setattr(module, item.name, item)\n"),
)  # fmt: skip

_FALLBACK = "import math\ndef __getattr__(name):\n    return getattr({}, name)\n"
FALLBACKS = rows(
    _r("a fallback to a module that has no such name", "def f(): ...", _FALLBACK.format("math"), "import up\nup.f()", "name-removed up.f 2 likely"),
    _r("a fallback to one that has it", "def sqrt(x): ...", _FALLBACK.format("math"), "import up\nup.sqrt(1)"),
    _r("a fallback to what is not known", "def f(): ...", "import third\n" + _FALLBACK.format("third"), "import up\nup.f()", "name-removed up.f 2 likely"),
    _r("a fallback that was there before", "import third\n" + _FALLBACK.format("third"), "import third\n" + _FALLBACK.format("third"), "import up\nup.f()"),
)  # fmt: skip


USE = "import up\ndef g():\n    up.sub.f()\n"
UNLOADED = "name-removed up.sub 3"
SUBMODULES = rows(
    _sub("imported by nothing any more", {}, USE, f"{UNLOADED} likely"),
    _sub("with another release's own import", {"up/tools.py": "import up.more"}, USE),
    _sub("under a test of the release", {"up/tools.py": "try:\n    from .sub import f\nexcept ImportError:\n    pass"}, USE),
    _sub("by a function of the release", {"up/tools.py": "def t():\n    from up import sub"}, USE, f"{UNLOADED} possible"),
    _sub("for a type checker", {"up/tools.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from up import sub"}, USE, f"{UNLOADED} possible"),
    _sub("by a hook", {"up/__init__.py": "import importlib\ndef __getattr__(name):\n    return importlib.import_module('up.' + name)"}, USE),
    _sub("the package of the release has another thing of that name", {"up/__init__.py": "from .sub import f as sub"}, "import up\nup.sub"),
    _sub("imported as a module", {}, "import up.sub\nup.sub.f()"),
    _sub("imported from its package", {}, "from up import sub\nsub.f()"),
    _sub("imported by another file", {}, {"down/__init__.py": USE, "down/other.py": "from up import (\n    tools,\n    sub,\n)"}),
    _sub("imported along with another module", {}, {"down/__init__.py": USE, "down/other.py": "from up import more"}),
    _sub("imported by its name as a text", {}, {"down/__init__.py": USE, "down/other.py": "import importlib\nimportlib.import_module('up.sub')"}),
)  # fmt: skip

_HOOKED = """
import sys, types
class Swapped(types.ModuleType):
    def __getattr__(self, name):
        return find(self, name)
sys.modules[__name__].__class__ = Swapped
"""


def _table(name: str, new: str, *said: str) -> Row:
    old = _HOOKED + "__deprecated_attributes__ = {'f': print, 'g': print}\n"
    return Row(name, old, _HOOKED + new, "import up\ndef h():\n    up.f()\n", said)


TABLES = rows(
    _table("an entry that is gone", "__deprecated_attributes__ = {'g': print}\n", "name-removed up.f 3 likely"),
    _table("a table that is empty now", "__deprecated_attributes__ = {}\n", "name-removed up.f 3 likely"),
    _table("an entry that another table has", "__deprecated_attributes__ = {}\nOTHER = {'f': print}\n"),
    _table("a table that is gone", "OTHER = {}\n"),
    _table("a table that is made", "__deprecated_attributes__ = dict(g=print)\n"),
)  # fmt: skip

_SIDE = {"up/a/__init__.py": "", "up/a/b.py": "def f(x, y=1): ...\n"}
_ATTACH = "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy."


def _attached(name: str, package: Mapping[str, str], *said: str) -> Row:
    old = {
        "up/__init__.py": "from up import a",
        "up/a/__init__.py": "from up.a.b import f",
        "up/a/b.py": "def f(x, y=1): ...\n",
    }
    new = {
        **_SIDE,
        "up/a/b.py": "def f(x, *, y=1): ...\n",
        "up/__init__.py": _ATTACH + "attach(__name__, ['a'])\n",
        **package,
    }
    return Row(name, old, new, "import up\ndef h():\n    up.a.f(1, 2)\n", said)


ATTACHED = rows(
    _attached("a table of names", {"up/a/__init__.py": _ATTACH + "attach(__name__, submod_attrs={'b': ['f']})\n"}, "parameter-now-keyword-only up.a.f(y=) 3"),
    _attached("a stub", {"up/a/__init__.py": _ATTACH + "attach_stub(__name__, __file__)\n", "up/a/__init__.pyi": "from .b import f\n"}, "parameter-now-keyword-only up.a.f(y=) 3"),
    _attached("a function that takes it still", {"up/a/b.py": "def f(x, y=1): ...\n", "up/a/__init__.py": _ATTACH + "attach(__name__, submod_attrs={'b': ['f']})\n"}),
)  # fmt: skip

SPELLED = rows(
    _m("added up", "import up\ngetattr(up, 'go' + 'ne')", f"{GONE} 2"),
    _m("with a constant", "import up\nK = 'ne'\ngetattr(up, f'go{K}')", f"{GONE} 3"),
    _m("by a percent sign", "import up\nK = 'ne'\ngetattr(up, 'go%s' % K)", f"{GONE} 3"),
    _m("by format", "import up\nK = 'ne'\ngetattr(up, 'go{}'.format(K))", f"{GONE} 3"),
    _m("joined", "import up\ngetattr(up, ''.join(['go', 'ne']))", f"{GONE} 2"),
    _m("in small letters", "import up\ngetattr(up, 'GONE'.lower())", f"{GONE} 2"),
    _m("of a local constant", "import up\ndef f():\n    k = 'ne'\n    return getattr(up, 'go' + k)", f"{GONE} 4"),
    _m("in a table of names", "import up\nup.__dict__['go' + 'ne']", f"{GONE} 2"),
    _m("a module", "import importlib\nB = 'up'\nimportlib.import_module(B + '.inner.deep')", f"{DEEP} 3"),
    _m("a module in a text", "import importlib\nB = 'up'\nimportlib.import_module(f'{B}.inner.deep')", f"{DEEP} 3"),
    _m("out of a dictionary", "from up import text\nT = {'a': text}\ndef f():\n    return T['a'].gone()", "name-removed up.text.gone 4"),
    _m("out of a dictionary, by get", "from up import text\nT = {'a': text}\ndef f():\n    return T.get('a').gone()", "name-removed up.text.gone 4"),
    _m("out of a tuple", "from up import text\nT = (text, None)\ndef f():\n    return T[0].gone()", "name-removed up.text.gone 4"),
    _m("each value of a dictionary", "from up import text\nT = {'a': text}\ndef f():\n    for m in T.values():\n        m.gone()", "name-removed up.text.gone 5"),
    _m("each item of a dictionary", "from up import text\nT = {'a': text}\ndef f():\n    for k, m in T.items():\n        m.gone()", "name-removed up.text.gone 5"),
    _m("each item of a list", "from up import text\nT = [text]\ndef f():\n    return [m.gone() for m in T]", "name-removed up.text.gone 4"),
    # Near-misses.
    _m("what is kept", "import up\ngetattr(up, 'ke' + 'pt')"),
    _m("with a default", "import up\ngetattr(up, 'go' + 'ne', None)"),
    _m("of a name that is bound twice", "import up\nK = 'ne'\nK = 'pt'\ngetattr(up, 'go' + K)", "name-removed up.gone 4 possible"),
    _m("of a parameter of that name", "import up\nK = 'ne'\ndef f(K):\n    getattr(up, 'go' + K)", "name-removed up.gone 4 possible"),
    _m("of an object of the downstream", "import up\nclass O: ...\ngetattr(O(), 'go' + 'ne', up)"),
    _m("a dictionary that is filled later", "from up import text\nT = {'a': text}\nT['a'] = None\ndef f():\n    return T['a'].gone()"),
    _m("a dictionary that others may fill", "from up import text\nT = {'a': text}\nprint(T)\ndef f():\n    return T['a'].gone()"),
    _m("another item", "from up import text\nT = {'a': text, 'b': print}\ndef f():\n    return T['b'].gone()"),
)  # fmt: skip

LISTED = rows(
    _m("a name that only the star gave", "from up import *\n__all__ = ['gone', 'kept']", f"{GONE} 2 possible"),
    _m("a name that is defined as well", "from up import *\ndef gone(): ...\n__all__ = ['gone', 'kept']"),
    _m("a name that another import gives", "from up import *\nfrom third import gone\n__all__ = ['gone']"),
)  # fmt: skip

STRINGS = rows(
    _m("import_module", "import importlib\nimportlib.import_module('up.inner.deep')", f"{DEEP} 2"),
    _m("import_module of a name put together", "import importlib\nHOME = 'up.inner'\nimportlib.import_module(HOME + '.deep')\nimportlib.import_module(f'{HOME}')", f"{DEEP} 3"),
    _m("import_module of a name that is set twice", "import importlib\nHOME = 'up.inner'\ndef f():\n    global HOME\n    HOME = 'other'\nimportlib.import_module(HOME + '.deep')"),
    _m("import_module of what is there", "import importlib\nimportlib.import_module('up.inner')"),
    _m("__import__", "__import__('up.inner.deep')", f"{DEEP} 1"),
    _m("the module that import_module gives", "import importlib\nm = importlib.import_module('up')\nm.gone()", f"{GONE} 3"),
    _m("the module that import_module gives, with what is there", "import importlib\nm = importlib.import_module('up')\nm.kept()"),
    _m("the module that import_module gives, at once", "import importlib\nimportlib.import_module('up').gone()", f"{GONE} 2"),
    _m("the module that sys.modules.get gives", "import sys\nsys.modules.get('up').gone()", f"{GONE} 2"),
    _m("the module that sys.modules.get gives, with what is there", "import sys\nsys.modules.get('up').kept()"),
    _m("what another get gives", "registry = {}\nregistry.get('up').gone()"),
    _m("the module that import_module gives, in a function", "from importlib import import_module\ndef f():\n    m = import_module('up')\n    return m.gone()", f"{GONE} 4"),
    _m("the module that import_module gives, for a function", "from importlib import import_module\nm = import_module(name='up.text')\ndef f():\n    return m.gone()", "name-removed up.text.gone 4"),
    _m("the module that import_module gives, kept by a method", "import importlib\nclass K:\n    m = importlib.import_module('up')\n    def f(self):\n        return self.m.gone()", f"{GONE} 5"),
    _m("the module that import_module gives, kept by an instance", "import importlib\nclass K:\n    def __init__(self):\n        self.m = importlib.import_module('up')\n    def f(self):\n        self.m.kept()\n        return self.m.gone()", f"{GONE} 7"),
    _r("an upstream's own import_module", "def import_module(name): ...", "", "import up\nx = up.import_module('json').dumps", "name-removed up.import_module 2"),
    _m("import_module with a name from its package", "import importlib\nm = importlib.import_module('.text', 'up')\nm.gone()", "name-removed up.text.gone 3"),
    _m("import_module with a name from an own package", "import importlib\nm = importlib.import_module('.up', __package__)\nm.gone()"),
    _m("import_module of a variable", "import importlib\ndef f(name):\n    return importlib.import_module(name).gone()"),
    _m("import_module of another module", "import up, importlib\nm = importlib.import_module('json')\nm.gone()"),
    _m("import_module and a lookup by name", "import importlib\ngetattr(importlib.import_module('up'), 'gone')()", f"{GONE} 2"),
    _m("import_module and a lookup that does not mind", "import importlib\ngetattr(importlib.import_module('up'), 'gone', None)"),
    _m("import_module that may fail", "import importlib\ntry:\n    m = importlib.import_module('up')\n    m.gone\nexcept AttributeError:\n    m = None", f"{GONE} 4 guard: except AttributeError"),
    _m("an own function of that name", "import up\ndef import_module(name):\n    return object()\nm = import_module('up')\nm.gone"),
    _m("an own method of that name", "import up\nclass K:\n    def import_module(self, name):\n        return self\n    def f(self):\n        return self.import_module('up').gone"),
    _m("an own method of that name beside the one of importlib", "import importlib\nclass K:\n    def import_module(self, name): ...\nimportlib.import_module('up').gone", f"{GONE} 4"),
    _m("import_module under another name", "from importlib import import_module as load\nm = load('up')\nm.gone()", f"{GONE} 3"),
    _m("import_module under another name, in a function", "def f():\n    from importlib import import_module as load\n    return load('up').gone", f"{GONE} 3"),
    _m("importlib under another name", "import importlib as il\ndef f():\n    return il.import_module('up').gone", f"{GONE} 3"),
    _m("import_module kept in a variable", "import importlib\nload = importlib.import_module\nload('up').gone", f"{GONE} 3"),
    _m("a function by the same other name", "from importlib import import_module as load\ndef load(name): ...\nload('up').gone"),
    _m("import_module, relative", "import importlib as il\nil.import_module('.deep', 'up.inner')", f"{DEEP} 2"),
    _m("import_module, relative to what is there", "import importlib as il\nil.import_module('.text', 'up')"),
    _m("run_module", "import runpy\nrunpy.run_module('up.inner.deep')", f"{DEEP} 2"),
    _m("__import__ under another name", "load = __import__\nload('up').gone", f"{GONE} 2"),
    _m("importorskip under another name", "from pytest import importorskip as needs\nup = needs('up')\nup.gone", f"{GONE} 3"),
    _m("a lazy loader", "import lazy_loader as lazy\nup = lazy.load('up')\nup.gone", f"{GONE} 3"),
    _m("a table of names", "import up\nvars(up)['gone']\nup.__dict__['kept']\nup.__dict__['gone']", f"{GONE} 2", f"{GONE} 4"),
    _m("a table of names that is asked", "import up\nvars(up).get('gone')\nname = 'gone'\nvars(up)[name]"),
    _m("attrgetter", "import up, operator\noperator.attrgetter('gone')(up)\noperator.attrgetter('kept')(up)", f"{GONE} 2"),
    _m("a name in two parts", "import up  # gone\ngetattr(up, 'go' + 'ne')", f"{GONE} 2"),
    _m("a walrus", "(u := __import__('up')).gone", f"{GONE} 1"),
    _m("the module that __import__ gives", "m = __import__('up')\nm.gone()", f"{GONE} 2"),
    _m("the package that __import__ gives", "m = __import__('up.text')\nm.gone()", f"{GONE} 2"),
    _m("the submodule that __import__ gives", "m = __import__('up.text', fromlist=['gone'])\nm.gone()", "name-removed up.text.gone 2"),
    _m("the module that importorskip gives", "import pytest\nup = pytest.importorskip('up')\ndef test(): up.gone()", f"{GONE} 3"),
    _m("a module of sys.modules", "import sys, up\nm = sys.modules['up']\nm.gone()", f"{GONE} 3"),
    _m("a module of sys.modules, at once", "import sys, up\ndef f():\n    return sys.modules['up'].gone()", f"{GONE} 3"),
    _m("a module of sys.modules, with what is there", "import sys, up\nsys.modules['up'].kept()"),
    _m("mock.patch", "from unittest import mock\n@mock.patch('up.gone')\ndef f(): ...", f"{GONE} 2"),
    _m("patch.object", "from unittest.mock import patch\nimport up\nwith patch.object(up, 'gone'): ...", f"{GONE} 3"),
    _m("patch.object that creates", "from unittest.mock import patch\nimport up\nwith patch.object(up, 'gone', create=True): ..."),
    _m("monkeypatch", "import up\ndef test(monkeypatch):\n    monkeypatch.setattr(up, 'gone', 1)", f"{GONE} 3"),
    _m("monkeypatch by name", "def test(monkeypatch):\n    monkeypatch.setattr('up.gone', 1)", f"{GONE} 2"),
    _m("monkeypatch that does not mind", "import up\ndef test(monkeypatch):\n    monkeypatch.setattr(up, 'gone', 1, raising=False)"),
    _m("getattr", "import up\ngetattr(up, 'gone')()", f"{GONE} 2"),
    _m("getattr of a variable", "import up\ndef f(name):\n    return getattr(up, name)"),
    _m("an own lookup function", "import up\ndef find(name):\n    return getattr(up, name)\nfind('gone')\nfind('kept')", f"{GONE} 4"),
    _m("an own lookup method", "import up\nclass K:\n    def find(self, name):\n        return getattr(up, name)\ndef f(k: K):\n    return k.find('gone')", f"{GONE} 6"),
    _m("an own lookup function of another thing", "import up, other\ndef find(name):\n    return getattr(other, name)\nfind('gone')"),
)  # fmt: skip

_UP = {"down/__init__.py": "", "down/b.py": "from up import *"}
_INSIDE = {
    "down/__init__.py": "",
    "down/b.py": "import up\nclass K:\n    def __init__(self):\n        self.up = up\nk = K()",
}
_HOOK = {"down/__init__.py": "", "down/b.py": "import up\ndef __getattr__(name):\n    return getattr(up, name)"}
AT_C = f"{GONE} down/c.py:"
# What another module of the downstream passes on, in which the name itself stands nowhere.
PASSED_ON = rows(
    _m("star of a module that is gone", "from up.inner.deep import *", f"{DEEP} 1"),
    _m("star of a module that is gone, guarded", "try:\n    from up.inner.deep import *\nexcept ImportError:\n    pass", f"{DEEP} 2 guard: except ImportError"),
    _m("star of a module that is kept", "from up.inner import *"),
    _m("import of a starred name", {**_UP, "down/c.py": "from down.b import gone"}, f"{AT_C}1"),
    _m("import of a starred name that is kept", {**_UP, "down/c.py": "from down.b import kept"}),
    _m("attribute of a module that stars", {**_UP, "down/c.py": "from down import b\nb.gone()"}, f"{AT_C}2"),
    _m("attribute of a module that stars, of a name that is kept", {**_UP, "down/c.py": "from down import b\nb.kept()"}),
    _m("a starred name that the module defines anew", {**_UP, "down/b.py": "from up import *\ndef gone(): ...", "down/c.py": "from down.b import gone"}),
    _m("a package that stars", {"down/__init__.py": "from up import *", "down/c.py": "import down\ndown.gone()"}, f"{AT_C}2"),
    _m("a package that stars, relatively", {"down/__init__.py": "from up import *", "down/c.py": "from . import gone"}, f"{AT_C}1"),
    _m("a package that stars, from below", {"down/__init__.py": "from up import *", "down/d/__init__.py": "", "down/d/c.py": "from .. import (\n    gone)"}, f"{GONE} down/d/c.py:2"),
    _m("three stars in a row", {**_UP, "down/c.py": "from .b import *", "down/d.py": "from .c import *", "down/e.py": "from .d import gone as g"}, f"{GONE} down/e.py:1"),
    _m("a star of another distribution", {"down/__init__.py": "", "down/b.py": "from other import *\nimport up", "down/c.py": "from .b import gone"}),
    _m("a hook that asks the upstream", {**_HOOK, "down/c.py": "from .b import gone"}, f"{AT_C}1"),
    _m("a hook that asks the upstream for what is kept", {**_HOOK, "down/c.py": "from .b import kept"}),
    _m("a function that gives the module", {"down/__init__.py": "", "down/b.py": "def load():\n    import up\n    return up", "down/c.py": "from .b import load\nload().gone()"}, f"{AT_C}2"),
    _m("a function that gives a submodule", {"down/__init__.py": "", "down/b.py": "def load():\n    import up.text as t\n    return t", "down/c.py": "from .b import load\nload().gone()"}, "name-removed up.text.gone down/c.py:2"),
    _m("a function that gives one of two modules", {"down/__init__.py": "", "down/b.py": "def load(x):\n    import up, json\n    if x:\n        return json\n    return up", "down/c.py": "from .b import load\nload(1).gone()"}),
    _m("an object that holds the module", {**_INSIDE, "down/c.py": "from .b import k\nk.up.gone()"}, f"{AT_C}2"),
    _m("an object that holds the module, with what is kept", {**_INSIDE, "down/c.py": "from .b import k\nk.up.kept()"}),
)  # fmt: skip

_VENDORED = {
    "down/__init__.py": "from down._vendor.up import gone\ngone()",
    "down/_vendor/__init__.py": "",
    "down/_vendor/up/__init__.py": "from .text import gone\nfrom . import inner\ninner.x",
    "down/_vendor/up/text.py": "def gone(): ...",
    "down/_vendor/up/inner.py": "x = 1",
}
COPIES = rows(
    _m("a vendored copy is not the upstream", _VENDORED),
    _m("a vendored copy, and the upstream beside it", {**_VENDORED, "down/real.py": "from up import gone"}, f"{GONE} down/real.py:1"),
    _m("relative imports to a vendored copy", {**_VENDORED, "down/__init__.py": "from ._vendor.up import gone\nfrom ._vendor import up\nup.gone()"}),
    _m("a fallback to the vendored copy", {**_VENDORED, "down/__init__.py": "try:\n    from up import gone\nexcept ImportError:\n    from down._vendor.up import gone"}, f"{GONE} 2 guard: except ImportError"),
)  # fmt: skip


@pytest.mark.parametrize("row", [*IMPORTS, *THROUGH])
def test_a_name_is_found_missing_however_it_is_reached(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", SHAPES)
def test_a_name_is_there_however_the_upstream_makes_it(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", PASSED_ON)
def test_a_name_is_found_missing_when_a_module_passes_it_on(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", [*STRINGS, *COPIES])
def test_names_in_strings_count_and_copies_do_not(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ({"up/a.py": "raise ImportError('moved')"}, "importing `up.a` raises `ImportError` in up 2.0"),
        ({}, "up 2.0 no longer has the module `up.a`"),
    ],
)
def test_a_module_that_raises_is_not_said_to_be_gone(new: dict[str, str], message: str, tmp_path: Path) -> None:
    old = {"up/__init__.py": "", "up/a.py": "x = 1"}
    found = report(tmp_path, old, {"up/__init__.py": "", **new}, "import up.a").findings
    assert [f.message for f in found] == [f"`import up.a` fails: {message}"]


@pytest.mark.parametrize("row", SUBMODULES)
def test_a_submodule_is_an_attribute_once_it_is_imported(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", [*LAZY, *FILLED, *ENUMERATED, *FALLBACKS])
def test_an_object_in_the_place_of_a_module_has_the_names_of_its_list(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", [*SPELLED, *LISTED])
def test_a_name_that_constants_make_up_is_as_good_as_a_literal(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize(
    ("down", "undecided", "changed"),
    [
        ("import os, up\ngetattr(up, os.environ['X'])", 1, 1),
        ("import os, up\ngetattr(up.text, os.environ['X'])", 1, 1),
        ("import os, up\ngetattr(up, os.environ['X'], None)", 0, 0),
        ("import importlib\ndef f(x):\n    importlib.import_module(f'up.{x}')", 1, 1),
        ("import importlib\ndef f(x):\n    importlib.import_module('up.' + x)", 1, 1),
        ("import importlib, up\ndef f(x):\n    importlib.import_module(f'down.{x}')", 0, 0),
        ("import os, up\nclass O: ...\ngetattr(O, os.environ['X'])", 0, 0),
    ],
)
def test_a_name_that_only_running_shows_is_undecided(down: str, undecided: int, changed: int, tmp_path: Path) -> None:
    uses = report(tmp_path, OLD, NEW, down).uses
    assert (uses.undecided, uses.undecided_changed) == (undecided, changed)


@pytest.mark.parametrize("row", TABLES)
def test_an_entry_that_leaves_a_table_of_names_is_gone(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", ATTACHED)
def test_a_lazily_attached_name_is_what_it_leads_to(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said
