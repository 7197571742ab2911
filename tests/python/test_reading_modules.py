"""A source text, and what is read of the names it binds: how, when, and with what."""

from __future__ import annotations

import pytest

from tailrace.python.facts import Binding, ModuleFacts, Param
from tailrace.python.parsing import parse_python
from tailrace.python.read import read_module

# source → what is said of the name `x`
BINDINGS: dict[str, dict[str, object]] = {
    "import x": {"kind": "import", "target": "x"},
    "import x.y": {"kind": "import", "target": "x"},
    "import a.b as x": {"kind": "import", "target": "a.b"},
    "from a.b import x": {"kind": "from", "target": "a.b", "attr": "x"},
    "from a import y as x": {"kind": "from", "target": "a", "attr": "y"},
    "from . import x": {"kind": "from", "target": "up", "attr": "x"},
    "from ..a import x": {"kind": "from", "target": "a", "attr": "x"},
    "x = 1": {"kind": "value", "target": None, "literal": "1"},
    "x = y.z": {"kind": "value", "target": "y.z", "called": False},
    "x = y.z(1)": {"kind": "value", "target": "y.z", "called": True},
    "x: int = 1": {"kind": "value", "annotation": "int"},
    "x, y = 1, 2": {"kind": "value", "literal": "1"},
    "(x, *y) = z": {"kind": "value", "target": None},
    "x = y = z": {"kind": "value", "target": "z"},
    "def x(): ...": {"kind": "function", "conditional": False},
    "async def x(): ...": {"kind": "function"},
    "class x: ...": {"kind": "class"},
    "if test():\n    x = 1": {"conditional": True},
    "if TYPE_CHECKING:\n    x = 1": {"runtime": False},
    "if not TYPE_CHECKING:\n    x = 1": {"runtime": True, "conditional": False},
    "try:\n    import x\nexcept ImportError:\n    pass": {"kind": "import", "conditional": True},
    "with a() as x:\n    pass": {"kind": "value"},
    "for x in y: pass": {"kind": "value", "conditional": True},
    "with a():\n    x = 1": {"conditional": False},
    "match y:\n    case 1:\n        x = 1": {"conditional": True},
    "globals()['x'] = 1": {"kind": "value"},
    "setattr(sys.modules[__name__], 'x', 1)": {"kind": "value"},
    "def f():\n    global x\n    x = 1": {"kind": "value", "conditional": True},
    "if (x := y()):\n    pass": {},
}


@pytest.mark.parametrize("source", BINDINGS)
def test_how_a_name_is_bound(source: str) -> None:
    expected = BINDINGS[source]
    found = read(source).bindings.get("x", ())
    if not expected:
        assert len(found) <= 1
        return
    (binding,) = found
    assert {name: getattr(binding, name) for name in expected} == expected


@pytest.mark.parametrize(
    "source", ["x: int", "x.y = 1", "x[0] = 1", "del x", "x = 1\ndel x", "def f():\n    x = 1", "x", "print(x)"]
)
def test_what_binds_nothing(source: str) -> None:
    assert "x" not in read(source).bindings


def test_the_last_unconditional_binding_counts() -> None:
    assert lines(read("x = 1\nx = 2\n").bindings["x"]) == [2]
    assert lines(read("x = 1\nif y:\n    x = 2\n").bindings["x"]) == [1, 3]
    assert lines(read("if y:\n    x = 1\nx = 2\n").bindings["x"]) == [3]


FLAGS: dict[str, dict[str, object]] = {
    "__all__ = ['a']\n__all__ += ['b']\n__all__.append('c')\n__all__.extend(('d',))": {
        "all_names": ("a", "b", "c", "d"),
        "all_open": False,
    },
    "__all__ = ['a'] + other.__all__": {"all_names": ("a",), "all_open": True},
    "__all__ = tuple(names)": {"all_names": (), "all_open": True},
    "x = 1": {
        "all_names": None,
        "all_open": False,
        "getattr_hook": False,
        "raises": None,
        "replaced": False,
        "open_names": False,
    },
    "from a import *\nfrom .b import *": {"stars": ("up.b", "a")},
    "try:\n    from a import *\nexcept ImportError:\n    from b import *": {"stars": ("a", "b")},
    "def __getattr__(name): ...": {"getattr_hook": True},
    "__getattr__, __dir__, __all__ = lazy.attach(__name__, [])": {"getattr_hook": True, "all_open": True},
    "raise ImportError('no')": {"raises": "ImportError"},
    "if x:\n    raise ImportError('no')": {"raises": None},
    "import sys\nsys.modules[__name__] = x": {"replaced": True},
    "import sys\nsys.modules['up.six'] = six.moves": {"aliases": (("up.six", "six.moves"),)},
    "globals().update(table)": {"open_names": True},
    "exec(text)": {"open_names": True},
    "import a, b.c\nfrom d import e": {"imports": ("a", "b.c", "d")},
}


@pytest.mark.parametrize("source", FLAGS)
def test_what_is_said_of_the_module(source: str) -> None:
    facts = read(source)
    assert {name: getattr(facts, name) for name in FLAGS[source]} == FLAGS[source]


def test_parameters_with_their_kinds_and_defaults() -> None:
    function = read("def f(a, b=1, /, c: int = 2, *d, e, g=3, **h): ...").bindings["f"][0].function
    assert function is not None
    assert function.params == (
        Param("a", "positional"),
        Param("b", "positional", "1"),
        Param("c", "normal", "2", "int"),
        Param("d", "var-positional"),
        Param("e", "keyword"),
        Param("g", "keyword", "3"),
        Param("h", "var-keyword"),
    )


CLASS = """
class C(A, b.B[int], metaclass=M):
    x = 1
    y: int
    z, w = 1, 2
    if test:
        def m(self): ...
    def __init__(self):
        self.a = self.b = 1
        self.c: int = 2
        self.d, self.e = 1, 2
        setattr(self, "f", 1)
        def inner():
            self.g = 1
        with open() as self.h: ...
    @overload
    def o(self, a: int): ...
    def o(self, a): ...
    @property
    def p(self): ...
    @p.setter
    def p(self, value): ...
    @staticmethod
    def s(self):
        self.no = 1
    class Inner:
        deep = 1
C.late = 1
setattr(C, "later", 1)
"""


def test_members_of_a_class() -> None:
    cls = read(CLASS).bindings["C"][0].cls
    assert cls is not None
    assert (cls.bases, cls.metaclass) == (("A", "b.B"), "M")
    assert set(cls.members) == {"x", "y", "z", "w", "m", "__init__", "o", "p", "s", "Inner", "late", "later"}
    assert set(cls.instance) == {"a", "b", "c", "d", "e", "f", "g", "h"}
    assert [b.runtime for b in cls.members["o"]] == [False, True]
    assert (cls.open_class, cls.open_instance) == (False, False)


@pytest.mark.parametrize(
    ("body", "flags"),
    [
        ("def __getattr__(self, name): ...", (False, True)),
        ("def __init__(self, **kw):\n        self.__dict__.update(kw)", (False, True)),
        ("def __init__(self, **kw):\n        for k in kw: setattr(self, k, kw[k])", (False, True)),
        ("locals().update(table)", (True, True)),
        ("def m(self, other):\n        setattr(other, name, 1)", (False, False)),
    ],
)
def test_classes_that_take_names_nobody_can_list(body: str, flags: tuple[bool, bool]) -> None:
    cls = read(f"class C:\n    {body}\n").bindings["C"][0].cls
    assert cls is not None
    assert (cls.open_class, cls.open_instance) == flags


def lines(bindings: tuple[Binding, ...]) -> list[int]:
    return [binding.line for binding in bindings]


def read(source: str) -> ModuleFacts:
    parsed = parse_python(source.encode())
    assert parsed is not None
    return read_module(parsed, "up", "up/__init__.py", is_package=True)
