"""Attributes of classes and of values: through aliases, bases, constructors, annotations, self, with, returns and unions."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, report, rows, told

OLD = """
from typing import Optional, Union
class Base:
    KIND = 1
    def lost(self): ...
    def kept(self): ...
class C(Base):
    def __init__(self):
        self.field = 1
    def __enter__(self):
        return self
    def __exit__(self, *e): ...
    def lost(self): ...
    def again(self) -> "C": ...
    @property
    def part(self) -> "C": ...
class Other:
    def lost(self): ...
Alias = C
def make() -> C: ...
def maybe() -> Optional[C]: ...
def either() -> Union[C, Other]: ...
def untyped():
    return C()
thing = C()
"""
NEW = """
from typing import Optional, Union
class Base:
    def kept(self): ...
class C(Base):
    def __init__(self): ...
    def __enter__(self):
        return self
    def __exit__(self, *e): ...
    def again(self) -> "C": ...
    @property
    def part(self) -> "C": ...
class Other:
    def lost(self): ...
Alias = C
def make() -> C: ...
def maybe() -> Optional[C]: ...
def either() -> Union[C, Other]: ...
def untyped():
    return C()
thing = C()
"""


def _use(name: str, body: str, *lines: int, symbol: str = "up.C.lost", said: str = "", wrong: str = "") -> Row:
    """`lost` is used in `body`; it is found at these lines."""
    expected = (said,) if said else tuple(f"attribute-removed {symbol} {line}" for line in lines)
    return Row(name, OLD, NEW, f"from up import *\nimport up\n{body}\n", expected, wrong=wrong)


INSTANCES = rows(
    _use("a constructor", "C().lost()", 3),
    _use("a variable", "def f():\n    c = C()\n    c.lost()", 5),
    _use("an alias", "def f():\n    c = up.Alias()\n    c.lost()", 5),
    _use("a variable that is bound again", "def f():\n    c = C()\n    c = Other()\n    c.lost()"),
    _use("a variable that branches bind", "def f(x):\n    if x:\n        c = C()\n    else:\n        c = None\n    c.lost()", 8),
    _use("a parameter", "def f(c: C):\n    c.lost()", 4),
    _use("a parameter, quoted", "def f(c: 'C'):\n    c.lost()", 4),
    _use("a parameter that may be None", "def f(c: 'C | None' = None):\n    c.lost()", 4),
    _use("Optional", "def f(c: Optional[C] = None):\n    c.lost()", 4),
    _use("a parameter without an annotation", "def f(c):\n    c.lost()"),
    _use("a local with an annotation", "def f(x):\n    c: C = x\n    c.lost()", 5),
    _use("with", "def f():\n    with C() as c:\n        c.lost()", 5),
    _use("what a function returns", "def f():\n    up.make().lost()", 4),
    _use("what a function returns, or None", "def f():\n    up.maybe().lost()", 4),
    _use("one of two, the other has it", "def f():\n    up.either().lost()"),
    _use("what a function plainly returns", "def f():\n    up.untyped().lost()", 4),
    _use("what a method returns", "def f():\n    C().again().lost()", 4),
    _use("what a property gives", "def f():\n    C().part.lost()", 4),
    _use("a value of the upstream's module", "up.thing.lost()", 3),
    _use("a value of the own module", "mine = C()\ndef f():\n    mine.lost()", 5),
    _use("self.x of a constructor", "class D:\n    def __init__(self):\n        self.c = C()\n    def f(self):\n        self.c.lost()", 7),
    _use("self.x of an annotation", "class D:\n    c: C\n    def f(self):\n        self.c.lost()", 6),
    _use("self.x that the class leaves empty", "class D:\n    c = None\n    def g(self):\n        self.c = C()\n    def f(self):\n        self.c.lost()", said="attribute-removed up.C.lost 8 likely"),
    _use("self.x that a subclass fills otherwise", "class D:\n    c = None\n    def g(self):\n        self.c = C()\nclass E(D):\n    c = Other()\n    def f(self):\n        self.c.lost()"),
    _use("self.x of two kinds", "class D:\n    def __init__(self, x):\n        self.c = C() if x else x\n    def f(self):\n        self.c.lost()", said="attribute-removed up.C.lost 7 likely"),
    _use("another's method of the same name", "Other().lost()\nclass Mine:\n    def lost(self): ...\nMine().lost()"),
    _use("an awaited call", "async def f():\n    (await up.make()).lost()", 4),
    _use("a loop variable", "def f(cs: 'list[C]'):\n    for c in cs:\n        c.lost()", 5),
    _use("a method as a value", "def f():\n    return map(C().lost, [])", 4),
    _use("in a lambda", "f = lambda: C().lost()", 3),
    _use("in a comprehension", "x = [C().lost() for _ in range(3)]", 3),
    _use("in an f-string", "x = f'{C().lost()}'", 3),
    _use("two on one line are one", "x = C().lost(), C().lost()", 3),
    _use("an attribute that __init__ set", "C().field", 3, symbol="up.C.field"),
    _use("assigned, not read", "def f():\n    c = C()\n    c.lost = 1"),
    _use("del", "def f():\n    c = C()\n    del c.kept"),
    _use("isinstance narrows", "def f(c):\n    if isinstance(c, C):\n        c.lost()", 5),
    _use("isinstance of one of several", "def f(c):\n    if isinstance(c, (C, Other)):\n        c.lost()"),
    _use("not isinstance", "def f(c):\n    if not isinstance(c, C):\n        c.lost()"),
)  # fmt: skip

CLASSES = rows(
    _use("of the class", "C.lost", 3),
    _use("inherited", "C.KIND", 3, symbol="up.Base.KIND"),
    _use("of an alias", "up.Alias.lost", 3),
    _use("of the class under another name", "from up import C as D\nD.lost", 4),
    _use("of a variable", "def f():\n    cls = C\n    cls.lost", 5),
    _use("of an own subclass", "class D(C): ...\nD().lost()", 4),
    _use("of an own subclass that defines it", "class D(C):\n    def lost(self): ...\nD().lost()"),
    _use("of self", "class D(C):\n    def f(self):\n        self.lost()", 5),
    _use("of cls", "class D(C):\n    @classmethod\n    def f(cls):\n        cls.KIND", 6, symbol="up.Base.KIND"),
    _use("of super", "class D(C):\n    def f(self):\n        super().lost()", 5),
    _use("of super, defined here", "class D(C):\n    def lost(self):\n        return super().lost()", 5),
    _use("of super, in the own base", "class M(C):\n    def lost(self): ...\nclass D(M):\n    def lost(self):\n        return super().lost()"),
    _use("of self in a function inside", "class D(C):\n    def f(self):\n        def g():\n            self.lost()\n        return g", 6),
    _use("of self, set by the subclass", "class D(C):\n    def __init__(self):\n        self.lost = print\n    def f(self):\n        self.lost()"),
    _use("of self with __getattr__", "class D(C):\n    def __getattr__(self, name): ...\n    def f(self):\n        self.lost()"),
    _use("of self with another base that is not known", "import third\nclass D(C, third.Mixin):\n    def f(self):\n        self.lost()"),
    _use("of self with an own mixin that has it", "class M:\n    def lost(self): ...\nclass D(C, M):\n    def f(self):\n        self.lost()"),
    _use("in the body of a subclass", "class D(C):\n    x = C.KIND", 4, symbol="up.Base.KIND"),
    _use("a decorator", "@C.lost\ndef f(): ...", 3),
    _use("a default argument", "def f(x=C.KIND): ...", 3, symbol="up.Base.KIND"),
    _use("a staticmethod has no self", "class D(C):\n    @staticmethod\n    def f(self):\n        self.lost()"),
)  # fmt: skip

_ENUM = "import enum\nclass E(enum.Enum):\n    A = 1\n{}"
HOOKS = """
from typing import Any
class App:
    def lost(self): ...
    def kept(self): ...
class Hook:
    def run(self, app: App, other, anything: Any): ...
    def plain(self, app): ...
    @staticmethod
    def still(app: App): ...
"""


def _override(
    name: str, body: str, *lines: int, new: str = "    def lost(self): ...\n", to: str = "", said: str = ""
) -> Row:
    """A method in a class that derives from one of the upstream whose parameters say what they are."""
    expected = (said,) if said else tuple(f"attribute-removed up.App.lost {line} likely" for line in lines)
    return Row(name, HOOKS, HOOKS.replace(new, to), f"import up\n{body}\n", expected)


PARAMETERS = rows(
    _override("a parameter of an override", "class D(up.Hook):\n    def run(self, app, other, anything):\n        app.lost()", 4),
    _override("in an own base too", "class M(up.Hook):\n    def run(self, app, other, anything): ...\nclass D(M):\n    def run(self, app, other, anything):\n        app.lost()", 6),
    _override("in a function inside", "class D(up.Hook):\n    def run(self, app, other, anything):\n        def g():\n            app.lost()", 5),
    _override("another name", "class D(up.Hook):\n    def run(self, it, other, anything):\n        it.lost()"),
    _override("one that the base leaves open", "class D(up.Hook):\n    def run(self, app, other, anything):\n        other.lost()\n        anything.lost()"),
    _override("a base without annotations", "class D(up.Hook):\n    def plain(self, app):\n        app.lost()"),
    _override("a method of its own", "class D(up.Hook):\n    def mine(self, app):\n        app.lost()"),
    _override("bound again", "class D(up.Hook):\n    def run(self, app, other, anything):\n        app = other\n        app.lost()"),
    _override("its own annotation counts", "class D(up.Hook):\n    def run(self, app: 'Mine', other, anything):\n        app.lost()\nclass Mine:\n    def lost(self): ..."),
    _override("not derived", "class D:\n    def run(self, app, other, anything):\n        app.lost()"),
    _override("what is still there", "class D(up.Hook):\n    def run(self, app, other, anything):\n        app.kept()"),
    _override("asked for by another name now", "class D(up.Hook):\n    def run(self, app, other, anything):\n        app.lost()", new="app: App, other", to="app: Hook, other"),
    _override("tested first", "class D(up.Hook):\n    def run(self, app, other, anything):\n        if hasattr(app, 'lost'):\n            app.lost()", said="attribute-removed up.App.lost 5 possible guard: hasattr(app, 'lost')"),
)  # fmt: skip

MEMBERS = rows(
    Row("an enum member", _ENUM.format("    B = 2\n"), _ENUM.format(""), "from up import E\nE.A, E.B", ("attribute-removed up.E.B 2",)),
    Row("name and value of a member", _ENUM.format("    B = 2\n"), _ENUM.format(""), "from up import E\nE.A.name, E.A.value"),
    Row("a namedtuple field", "from collections import namedtuple\nP = namedtuple('P', 'a b')\nclass T(namedtuple('T', 'a b')): ...", "from collections import namedtuple\nP = namedtuple('P', 'a')\nclass T(namedtuple('T', 'a')): ...", "from up import T\ndef f(t: T):\n    t.a, t.b", ("attribute-removed up.T.b 3",)),
    Row("open instances", "class C:\n    def m(self): ...", "class C:\n    def __getattr__(self, n): ...", "from up import C\nC().m()"),
    Row("setattr with computed names", "class C:\n    def m(self): ...", "class C:\n    def __init__(self, **k):\n        for n in k: setattr(self, n, 1)", "from up import C\nC().m()"),
    Row("a class decorator that is not known", "class C:\n    def m(self): ...", "import third\n@third.magic\nclass C: ...", "from up import C\nC.m"),
    Row("setattr on the class at the end of the module", "class C:\n    def m(self): ...", "class C: ...\nsetattr(C, 'm', print)", "from up import C\nC().m()"),
    Row("an assignment to the class", "class C:\n    def m(self): ...", "class C: ...\nC.m = print", "from up import C\nC().m()"),
    Row("a metaclass", "class C:\n    m = 1", "class M(type):\n    m = 1\nclass C(metaclass=M): ...", "from up import C\nC.m"),
    Row("slots", "class C:\n    __slots__ = ('a', 'b')\n    def __init__(self): self.b = 1", "class C:\n    __slots__ = ('a',)", "from up import C\nC().b", ("attribute-removed up.C.b 2",)),
    Row("an exception's own attributes", "class E(Exception):\n    def __init__(self, m):\n        self.msg = m", "class E(Exception): ...", "from up import E\ndef f():\n    try:\n        f()\n    except E as e:\n        e.msg", ("attribute-removed up.E.msg 6",)),
    Row("an exception of several kinds", "class E(Exception):\n    def __init__(self, m):\n        self.msg = m", "class E(Exception): ...", "from up import E\ndef f():\n    try:\n        f()\n    except (E, ValueError) as e:\n        e.msg"),
    Row("an exception's inherited attributes", "class E(Exception): ...", "class E(Exception):\n    x = 1", "from up import E\nE('x').args"),
    Row("a function attribute", "def f(): ...\nf.cache = {}", "def f(): ...", "import up\nup.f.cache", ("attribute-removed up.f.cache 2",)),
    Row("a function attribute of every function", "def f(): ...", "def f(): ...\nx = 1", "import up\nup.f.__name__"),
    Row("a nested class", "class C:\n    class In: ...", "class C: ...", "from up import C\nC.In()", ("attribute-removed up.C.In 2",)),
    Row("a class that moved with an alias left", "class C:\n    def m(self): ...", {"up/__init__.py": "from up._c import C", "up/_c.py": "class C:\n    def m(self): ..."}, "from up import C\nC().m()"),
    Row("a member only type checkers see", "class C:\n    def m(self): ...", "from typing import TYPE_CHECKING\nclass C:\n    if TYPE_CHECKING:\n        def m(self): ...\n    else:\n        m = print", "from up import C\nC().m()"),
    Row("conditional members", "class C:\n    def m(self): ...", "import sys\nclass C:\n    if sys.platform == 'win32':\n        def m(self): ...", "from up import C\nC().m()"),
)  # fmt: skip


@pytest.mark.parametrize("row", [*INSTANCES, *CLASSES, *MEMBERS])
def test_an_attribute_is_found_missing_where_the_value_is_surely_the_upstreams(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


_COMPILED = {
    "up/__init__.py": "from up._core import C",
    "up/_core.pyx": "cdef class C:\n    def lost(self): ...\n    def kept(self): ...\n",
}
_PLAIN = {"up/__init__.py": "from up._pure import C", "up/_pure.py": "class C:\n    def kept(self): ...\n"}
_OPEN = {**_PLAIN, "up/_pure.py": "class C:\n    def kept(self): ...\n    def __getattr__(self, name): ...\n"}

COMPILED = rows(
    Row("a compiled class that is plain now", _COMPILED, _PLAIN, "import up\nup.C.lost()", ("attribute-removed up._core.C.lost 2 likely",)),
    Row("imported by name", _COMPILED, _PLAIN, "from up import C\ndef f():\n    C.lost()", ("attribute-removed up._core.C.lost 3 likely",)),
    Row("what is still there", _COMPILED, _PLAIN, "import up\nup.C.kept()"),
    Row("a name that the binary did not hold either", _COMPILED, _PLAIN, "import up\nup.C.never()"),
    Row("a compiled class in both", _COMPILED, _COMPILED, "import up\nup.C.lost()"),
    Row("the plain one takes any name", _COMPILED, _OPEN, "import up\nup.C().lost()"),
    Row("with a default", _COMPILED, _PLAIN, "import up\ngetattr(up.C, 'lost', None)"),
)  # fmt: skip


_SILENT = "class E:\n    def lost(self): ...\n    def part(self): ...\nclass F:\n    def kept(self): ...\n"
_SAYING = "class E:\n    def part(self) -> 'F': ...\nclass F:\n    def kept(self): ...\n"
_MAKER = "def make(cls=E, **k):\n    made = cls(**k)\n    made.ready = True\n    return made\n"


def _typed_now(name: str, body: str, *said: str, new: str = "-> E") -> Row:
    """A function whose result only the candidate's annotation tells."""
    typed = _SAYING + _MAKER.replace("):", f") {new}:", 1)
    return Row(name, _SILENT + _MAKER, typed, f"import up\n{body}\n", said)


NEWLY_TYPED = rows(
    _typed_now("a result", "up.make().lost()", "attribute-removed up.E.lost 2 likely"),
    _typed_now("a variable", "def f():\n    e = up.make()\n    e.lost()", "attribute-removed up.E.lost 4 likely"),
    _typed_now("self.x", "class D:\n    def __init__(self):\n        self.e = up.make()\n    def f(self):\n        self.e.lost()", "attribute-removed up.E.lost 6 likely"),
    _typed_now("what is still there", "up.make().part()"),
    _typed_now("what it never had", "up.make().ready.x\nup.make().never()"),
    _typed_now("a class that never had it", "up.make().lost()", new="-> F"),
    _typed_now("not said now either", "up.make().lost()", new="-> object"),
    _typed_now("one of several", "up.make().lost()", new="-> 'E | int'"),
)  # fmt: skip


@pytest.mark.parametrize("row", NEWLY_TYPED)
def test_the_class_of_a_result_that_only_the_candidate_tells_had_the_name_before(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", COMPILED)
def test_a_name_of_a_class_that_was_compiled_stands_in_its_binary(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", PARAMETERS)
def test_a_parameter_of_an_override_is_what_the_base_says(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


def _set(name: str, statement: str, *said: str) -> Row:
    new = f"class N: ...\nclass Other: ...\nimport up.more\ndef load(mp, key):\n    {statement}\n"
    old = "class N:\n    def lost(self): ...\n"
    return Row(name, old, new, "import up\nclass D(up.N):\n    def go(self):\n        return self.lost()\n", said)


SET_BY_TEXT = rows(
    _set("on the class", "setattr(N, 'lost', 1)"),
    _set("by an object that undoes it", "mp.setattr(N, 'lost', property(key), raising=False)"),
    _set("on the class of a module", "mp.setattr(up.N, 'lost', 1)"),
    _set("another name", "setattr(N, 'kept', 1)", "attribute-removed up.N.lost 4"),
    _set("on another class", "setattr(Other, 'lost', 1)", "attribute-removed up.N.lost 4"),
    _set("a name that is not written out", "setattr(N, key, 1)", "attribute-removed up.N.lost 4"),
    _set("no call", "'setattr N lost'", "attribute-removed up.N.lost 4"),
)


@pytest.mark.parametrize("row", SET_BY_TEXT)
def test_what_another_place_sets_on_a_class_by_its_name_is_not_gone(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


# A constructor that gives `self` to a function of the upstream's own, which sets what the constructor set before.
_SETS = "from other import Base\nclass R(Base):\n    def __init__(self, path):\n        self.path = path\n"


def _h(name: str, helper: str, body: str, *said: str) -> Row:
    new = f"from other import Base\nfrom typing import cast\n{helper}\nclass R(Base):\n    def __init__(self, path):\n        {body}\n"
    return Row(name, _SETS, new, "from up import R\nR(1).path\n", said)


_FILL = "def fill(it, path):\n    it.path = path"
_PATH = "attribute-removed up.R.path 2 likely"
HANDED = rows(
    _h("plainly", _FILL, "fill(self, path)"),
    _h("by a keyword", _FILL, "fill(path=path, it=self)"),
    _h("cast to another type", _FILL, "fill(cast(Base, self), path)"),
    _h("with a result that is kept", _FILL, "self.x = fill(self, path)"),
    _h("set by its name", "def fill(it, path):\n    setattr(it, 'path', path)", "fill(self, path)"),
    _h("under another name", "def fill(it, path):\n    o = cast(R, it)\n    o.path = path", "fill(self, path)"),
    _h("handed on once more", f"{_FILL}\ndef outer(a, b):\n    fill(b, a)", "outer(path, self)"),
    # Near-misses: the attribute is gone all the same.
    _h("another attribute", "def fill(it, path):\n    it.other = path", "fill(self, path)", _PATH),
    _h("of another object", _FILL, "fill(path, self)", _PATH),
    _h("only read", "def fill(it, path):\n    return it.path", "fill(self, path)", _PATH),
    _h("a function of another distribution", "from other import fill", "fill(self, path)", _PATH),
)


@pytest.mark.parametrize("row", HANDED)
def test_what_a_function_sets_on_the_object_it_is_given_is_not_gone(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


_FOREIGN = "from third import Base\nclass C(Base):\n    def kept(self): ...\n"
FOREIGN = rows(
    Row("a method of a class whose base is not known", _FOREIGN + "    def m(self):\n        return 1", _FOREIGN, "import up\nup.C().m()", ("attribute-removed up.C.m 2 likely",)),
    Row("a method that asks its base for the same", _FOREIGN + "    def m(self):\n        return super().m()", _FOREIGN, "import up\nup.C().m()"),
    Row("a method that is marked as an override", "from typing import override\n" + _FOREIGN + "    @override\n    def m(self):\n        return 1", _FOREIGN, "import up\nup.C().m()"),
    Row("a method that asks its base for another", _FOREIGN + "    def m(self):\n        return super().kept()", _FOREIGN, "import up\nup.C().m()", ("attribute-removed up.C.m 2 likely",)),
)  # fmt: skip


@pytest.mark.parametrize("row", FOREIGN)
def test_a_member_is_lost_where_a_base_that_is_not_known_need_not_have_it(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


def test_an_attribute_that_a_base_sets_on_instances_has_no_witness_on_the_class(tmp_path: Path) -> None:
    baseline = "class Base:\n    def __init__(self):\n        self.path = 1\n    def gone(self): ...\n"
    candidate = "class Base:\n    def __init__(self): ...\n"
    downstream = "import up\nclass Own(up.Base):\n    def m(self):\n        return self.path, self.gone()\n"
    found = {f.symbol: f.witness for f in report(tmp_path, baseline, candidate, downstream).findings}
    assert found == {"up.Base.path": None, "up.Base.gone": "from up import Base\nBase.gone"}
