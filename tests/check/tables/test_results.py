"""What is asked of a result that is of another type with the candidate, and of what containers hold."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, rows, told

from support.packages import moments
from tailrace.changes.diff import diff_artifacts

HEAD = "from __future__ import annotations\nfrom pathlib import Path\nfrom typing import *\nfrom collections import namedtuple\nfrom functools import lru_cache\n"
C = "class C:\n    def kept(self): ...\n"
LOST = C + "    def lost(self): ...\n"
RESULT = "result-changed up.f"


def _t(name: str, old: str, new: str, down: str, *said: str) -> Row:
    return Row(name, HEAD + old, HEAD + new, "import up\n" + down, said)


P = "def f() -> Path:\n    return Path('x')\n"
T = "def f() -> Tuple[Path, str]:\n    return Path('x'), 'y'\n"
S, B = "def f() -> str:\n    return 'x'\n", "def f() -> bytes:\n    return b'x'\n"
D = "class D:\n    a = b = 1\n"

_DEEP = "def f6():\n    return {}\n" + "".join(f"def f{n}():\n    return f{n + 1}()\n" for n in range(5, 0, -1))

TYPES = rows(
    _t("an operator", P, T, "up.f() / 'x'", f"{RESULT} 2 likely"),
    _t("an attribute", P, T, "up.f().joinpath('x')", f"{RESULT} 2 likely"),
    _t("through a variable", P, T, "def g():\n    p = up.f()\n    return p.name", f"{RESULT} 4 likely"),
    _t("under a cache", "@lru_cache()\n" + P, "@lru_cache()\n" + T, "up.f() / 'x'", f"{RESULT} 2 likely"),
    _t("without an annotation", "def f():\n    return Path('x')", "def f():\n    return Path('x'), 'y'", "up.f() / 'x'", f"{RESULT} 2 likely"),
    _t("text to bytes", S, B, "up.f().encode()", f"{RESULT} 2 likely"),
    _t("bytes to text", B, S, "up.f().decode()", f"{RESULT} 2 likely"),
    _t("bytes to text, by a literal", B, S, "up.f() + b'y'", f"{RESULT} 2 likely"),
    _t("bytes to text, membership", B, S, "b'y' in up.f()", f"{RESULT} 2 likely"),
    _t("a tuple that grew, unpacked", "def f():\n    return 1, 2", "def f():\n    return 1, 2, 3", "a, b = up.f()", f"{RESULT} 2 likely"),
    _t("a tuple to a class, unpacked", "def f() -> Tuple[int, int]:\n    return 1, 2", D + "def f() -> D:\n    return D()", "a, b = up.f()", f"{RESULT} 2 likely"),
    _t("a tuple to a class, by place", "def f() -> Tuple[int, int]:\n    return 1, 2", D + "def f() -> D:\n    return D()", "up.f()[0]", f"{RESULT} 2 likely"),
    _t("an awaited tuple to a class", "async def f() -> Tuple[int, int]:\n    return 1, 2", D + "async def f() -> D:\n    return D()", "async def g():\n    a, b = await up.f()", f"{RESULT} 3 likely"),
    _t("a list to a class, iterated", "def f() -> List[int]:\n    return [1]", D + "def f() -> D:\n    return D()", "for x in up.f():\n    pass", f"{RESULT} 2 likely"),
    _t("a list to a class, in a comprehension", "def f() -> List[int]:\n    return [1]", D + "def f() -> D:\n    return D()", "y = [x for x in up.f()]", f"{RESULT} 2 likely"),
    _t("a list to a class, its length", "def f() -> List[int]:\n    return [1]", D + "def f() -> D:\n    return D()", "len(up.f())", f"{RESULT} 2 likely"),
    _t("a dictionary to a list", "def f():\n    return {}", "def f():\n    return []", "up.f().items()", f"{RESULT} 2 likely"),
    _t("of a method", "class K:\n    def m(self) -> str:\n        return 'x'", "class K:\n    def m(self) -> bytes:\n        return b'x'", "up.K().m().encode()", "result-changed up.K.m 2 likely"),
    _t("of a property", "class K:\n    @property\n    def p(self) -> str:\n        return 'x'", "class K:\n    @property\n    def p(self) -> bytes:\n        return b'x'", "up.K().p.encode()", "result-changed up.K.p 2 likely"),
    _t("of a function behind it", "def _f():\n    return 'x'\ndef f():\n    return _f()", "def _f():\n    return b'x'\ndef f():\n    return _f()", "up.f().encode()", f"{RESULT} 2 likely"),
    _t("of the last call in a chain", "class K:\n    def m(self):\n        return 'x'\ndef f() -> str:\n    return K().m()", "class K:\n    def m(self):\n        return b'x'\ndef f() -> bytes:\n    return K().m()", "up.f().encode()", f"{RESULT} 2 likely"),
    _t("a tuple within another that grew, unpacked", "def f() -> List[Tuple[int, Tuple[int, int]]]:\n    return [(1, (2, 3))]", "def f() -> List[Tuple[int, Tuple[int, int, int]]]:\n    return [(1, (2, 3, 4))]", "for a, (b, c) in up.f():\n    pass", f"{RESULT} 2 likely"),
    _t("of a joined literal", "def f(x):\n    return ''.join(x)", "def f(x):\n    return b''.join(x)", "up.f(1).encode()", f"{RESULT} 2 likely"),
    _t("of bytes that are decoded", "def f(x):\n    return x.encode('utf-8')", "def f(x):\n    y = x.encode()\n    return y.decode('utf-8')", "up.f(1).decode()", f"{RESULT} 2 likely"),
    _t("asked for by a longer way first", _DEEP.format("'x'"), _DEEP.format("b'x'"), "up.f1().encode()\nup.f4().encode()", "result-changed up.f4 3 likely"),
    _t("a property that is a method", "class K:\n    @property\n    def p(self) -> list:\n        return []", "class K:\n    def p(self) -> list:\n        return []", "for x in up.K().p:\n    pass", "kind-changed up.K.p 2"),
    # Near-misses.
    _t("of what decodes in its own way", "def f(x):\n    return x.encode(1)", "def f(x):\n    return x.decode(1)", "up.f(1).decode()"),
    _t("an attribute that both have", S, B, "up.f().upper()"),
    _t("only the annotation", "def f() -> Path:\n    return g()", "def f() -> Tuple[Path, str]:\n    return g()", "up.f() / 'x'"),
    _t("an interface instead of a class", "def f() -> List[int]:\n    return g()", "def f() -> Iterable[int]:\n    return h()", "len(up.f())"),
    _t("None besides", P, "def f() -> Optional[Path]:\n    return Path('y')", "up.f() / 'x'"),
    _t("one of both", S, "def f() -> Union[str, bytes]:\n    return 'x'", "up.f().encode()"),
    _t("a subclass", S, "class T(str): ...\ndef f() -> T:\n    return T('x')", "up.f().encode()"),
    _t("a class that unpacks", "def f() -> Tuple[int, int]:\n    return 1, 2", "class D:\n    def __iter__(self):\n        return iter((1, 2))\ndef f() -> D:\n    return D()", "a, b = up.f()"),
    _t("a named tuple of two", "def f() -> Tuple[int, int]:\n    return 1, 2", "class D(NamedTuple):\n    a: int\n    b: int\ndef f() -> D:\n    return D(1, 2)", "a, b = up.f()"),
    _t("a starred target within another", "def f() -> List[Tuple[int, Tuple[int, int]]]:\n    return [(1, (2, 3))]", "def f() -> List[Tuple[int, Tuple[int, int, int]]]:\n    return [(1, (2, 3, 4))]", "for a, (b, *c) in up.f():\n    pass"),
    _t("a starred target", "def f():\n    return 1, 2", "def f():\n    return 1, 2, 3", "a, *b = up.f()"),
    _t("a type that only the candidate says", "def f():\n    return g()", T, "up.f() / 'x'"),
    _t("any object", "def f() -> Any:\n    return g()", T, "up.f() / 'x'"),
    _t("a test that asks", P, T, "x = up.f()\nif isinstance(x, tuple):\n    x = x[0]\nx / 'y'"),
    _t("the else of a test that asks", P, T, "def g():\n    x = up.f()\n    if isinstance(x, tuple):\n        return x[0] / 'y'\n    return x / 'y'"),
    _t("both branches of one", P, T, "def g():\n    x = up.f()\n    return x[0] / 'y' if isinstance(x, tuple) else x / 'y'"),
    _t("what is raised is caught", T, P, "def g():\n    try:\n        a, b = up.f()\n    except TypeError:\n        a = up.f()", f"{RESULT} 4 likely guard: except TypeError"),
    _t("a decorator that may give anything", "from third import d\n@d\n" + P, "from third import d\n@d\n" + T, "up.f() / 'x'"),
)  # fmt: skip


@pytest.mark.parametrize("row", TYPES)
def test_a_result_of_another_type_is_a_break_where_more_is_asked_of_it(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


ITEMS = "def f() -> List[C]:\n    return [C()]\ndef d() -> Dict[str, C]:\n    return {}\ndef t() -> Tuple[int, C]:\n    return 1, C()\ndef g() -> Iterator[C]:\n    yield C()\nclass S:\n    def __aiter__(self):\n        return self\n    async def __anext__(self) -> C:\n        return C()\n"
GONE = "attribute-removed up.C.lost"


def _e(name: str, down: str, *lines: int) -> Row:
    said = tuple(f"{GONE} {line}" for line in lines)
    return Row(name, HEAD + LOST + ITEMS, HEAD + C + ITEMS, "import up\n" + down, said)


ELEMENTS = rows(
    _e("a loop", "def h():\n    for x in up.f():\n        x.lost()", 4),
    _e("a loop over a generator", "def h():\n    for x in up.g():\n        x.lost()", 4),
    _e("an asynchronous loop over an object", "async def h():\n    async for x in up.S():\n        x.lost()", 4),
    _e("a comprehension", "y = [x.lost() for x in up.f()]", 2),
    _e("a test in a comprehension", "y = [x for x in up.f() if x.lost()]", 2),
    _e("a generator expression", "y = any(x.lost() for x in up.f())", 2),
    _e("a subscript", "up.f()[0].lost()", 2),
    _e("a negative subscript", "up.f()[-1].lost()", 2),
    _e("a variable subscript", "def h(i):\n    return up.f()[i].lost()", 3),
    _e("a value of a dictionary", "up.d()['x'].lost()", 2),
    _e("items of a dictionary", "def h():\n    for k, v in up.d().items():\n        v.lost()", 4),
    _e("values of a dictionary", "def h():\n    for v in up.d().values():\n        v.lost()", 4),
    _e("got from a dictionary", "up.d().get('x').lost()", 2),
    _e("a place of a tuple", "up.t()[1].lost()", 2),
    _e("an unpacked tuple", "def h():\n    n, c = up.t()\n    c.lost()", 4),
    _e("a sorted list", "def h():\n    for x in sorted(up.f()):\n        x.lost()", 4),
    _e("a parameter", "from typing import List\ndef h(xs: List[up.C]):\n    for x in xs:\n        x.lost()", 5),
    _e("a pattern", "def h(x):\n    match x:\n        case up.C() as c:\n            c.lost()", 5),
    _e("a literal list", "def h():\n    for x in [up.C(), up.C()]:\n        x.lost()", 4),
    # Near-misses.
    _e("what is kept", "def h():\n    for x in up.f():\n        x.kept()"),
    _e("the key of a dictionary", "def h():\n    for k in up.d():\n        k.lost()"),
    _e("another place of a tuple", "up.t()[0].lost()"),
    _e("a slice", "up.f()[1:].lost()"),
    _e("a loop variable that is set again", "def h():\n    for x in up.f():\n        x = Other()\n        x.lost()"),
    _e("a loop over something else", "def h(ys):\n    for x in ys:\n        x.lost()"),
)  # fmt: skip


@pytest.mark.parametrize("row", ELEMENTS)
def test_what_a_container_holds_is_followed(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


_OPERATORS = (
    ("with", "enter", "with up.C():\n    pass"),
    ("async with", "aenter", "async def g():\n    async with up.C():\n        pass"),
    ("for", "iter", "for x in up.C():\n    pass"),
    ("len", "len", "len(up.C())"),
    ("in", "contains", "1 in up.C()"),
    ("[]", "getitem", "up.C()[0]"),
    ("[] =", "setitem", "up.C()[0] = 1"),
    ("del []", "delitem", "def g():\n    c = up.C()\n    del c[0]"),
    ("+", "add", "up.C() + 1"),
)


@pytest.mark.parametrize(("name", "method", "down"), _OPERATORS, ids=[o[0] for o in _OPERATORS])
@pytest.mark.parametrize("kept", [False, True])
def test_a_special_method_that_is_gone(name: str, method: str, down: str, kept: bool, tmp_path: Path) -> None:
    old = f"class C:\n    def __{method}__(self, *a): ...\n"
    row = Row(
        name,
        old,
        old + "    def more(self): ...\n" if kept else "class C:\n    def more(self): ...\n",
        "import up\n" + down,
    )
    found = told(tmp_path, row)
    assert [text.rsplit(" ", 1)[0] for text in found] == ([] if kept else [f"attribute-removed up.C.__{method}__"])


TUPLES = rows(
    _t("a field more, constructed", "R = namedtuple('R', 'a b')", "R = namedtuple('R', 'a b c')", "up.R(1, 2)", "parameter-now-required up.R(c=) 2"),
    _t("a field less, constructed", "R = namedtuple('R', 'a b c')", "R = namedtuple('R', 'a b')", "up.R(1, 2, 3)", "arity-changed up.R 2"),
    _t("a field less, by keyword", "R = namedtuple('R', ['a', 'b'])", "R = namedtuple('R', ['a'])", "up.R(a=1, b=2)", "parameter-removed up.R(b=) 2"),
    _t("a field less, read", "R = namedtuple('R', ['a', 'b'])", "R = namedtuple('R', ['a'])", "def f(r: up.R):\n    return r.b", "attribute-removed up.R.b 3"),
    _t("a field more, unpacked", "R = namedtuple('R', 'a b')\ndef f() -> R:\n    return R(1, 2)", "R = namedtuple('R', 'a b c')\ndef f() -> R:\n    return R(1, 2, 3)", "a, b = up.f()", "result-changed up.R 2 likely"),
    _t("a class, a field more", "class R(NamedTuple):\n    a: int", "class R(NamedTuple):\n    a: int\n    b: int", "up.R(1)", "parameter-now-required up.R(b=) 2"),
    _t("a call, a field more", "R = NamedTuple('R', [('a', int)])", "R = NamedTuple('R', [('a', int), ('b', int)])", "up.R(1)", "parameter-now-required up.R(b=) 2"),
    _t("a dataclass, a field more", "from dataclasses import dataclass\n@dataclass\nclass R:\n    a: int", "from dataclasses import dataclass\n@dataclass\nclass R:\n    a: int\n    b: int", "up.R(1)", "parameter-now-required up.R(b=) 2"),
    _t("a dataclass, a field that is made", "from dataclasses import dataclass, field\n@dataclass\nclass R:\n    a: int\n    b: int = field(default=1)", "from dataclasses import dataclass, field\n@dataclass\nclass R:\n    a: int\n    b: int = field(init=False)", "up.R(1, b=2)", "parameter-removed up.R(b=) 2"),
    # Near-misses.
    _t("a field with a default", "R = namedtuple('R', 'a b')", "R = namedtuple('R', 'a b c', defaults=(None,))", "up.R(1, 2)"),
    _t("a class, with a default", "class R(NamedTuple):\n    a: int", "class R(NamedTuple):\n    a: int\n    b: int = 1", "up.R(1)"),
    _t("computed fields", "R = namedtuple('R', 'a b')", "R = namedtuple('R', fields())", "up.R(1, 2)"),
    _t("a dataclass, with a factory", "from dataclasses import dataclass, field\n@dataclass\nclass R:\n    a: int", "from dataclasses import dataclass, field\n@dataclass\nclass R:\n    a: int\n    b: list = field(default_factory=list)", "up.R(1)"),
    _t("read by name", "R = namedtuple('R', 'a b')\ndef f() -> R:\n    return R(1, 2)", "R = namedtuple('R', 'a b c')\ndef f() -> R:\n    return R(1, 2, 3)", "up.f().a"),
)  # fmt: skip


@pytest.mark.parametrize("row", TUPLES)
def test_fields_of_named_tuples_and_dataclasses(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", [p for table in (TYPES, ELEMENTS, TUPLES) for p in table])
def test_each_is_a_change(row: Row, tmp_path: Path) -> None:
    old, new = row.old, row.new
    assert isinstance(old, str)
    assert isinstance(new, str)
    parts = moments(tmp_path, {"up/__init__.py": old}, {"up/__init__.py": new}, {"down/__init__.py": ""})
    changes = {f"{c.rule} {c.symbol}" for c in diff_artifacts(parts.old, parts.new)}
    assert {" ".join(said.split()[:2]) for said in row.said} <= changes


GIVERS = """
from contextlib import contextmanager, asynccontextmanager
class C:
    def kept(self): ...
{lost}
class Box:
    def __init__(self, c: C):
        self.own = None
        self.given = c
        self.other = None
    def fill(self):
        self.own = C()
        return self.own
    def peek(self):
        return self.own
    def pair(self):
        c = self.fill()
        return 1, c
    def every(self):
        return [self.fill(), C()]
    def __iter__(self):
        for n in range(3):
            yield n, C()
    def either(self, x):
        return C() if x else self.own
    def mixed(self, x):
        if x:
            return C()
        return x
    def two(self, x):
        return C() if x else D()
    def from_outside(self):
        return self.other
    async def wait(self):
        return self.peek()
class D:
    def kept(self): ...
    def lost(self): ...
def loop():
    for n, c in Box(C()):
        if n:
            return c
@contextmanager
def entered():
    yield C()
@asynccontextmanager
async def awaited():
    c = C()
    yield c
class Door:
    async def __aenter__(self):
        return C()
    async def __aexit__(self, *a): ...
class View:
    def __call__(self): return self
    def __iter__(self): return iter(())
class Graph:
    {nodes}
"""
METHOD, VIEW = "def nodes(self): return list(self.n)", "nodes = property(lambda self: View())"
PROPERTY = "@property\n    def nodes(self): return View()"


def _g(name: str, down: str, *said: str) -> Row:
    old = GIVERS.format(lost="    def lost(self): ...", nodes=METHOD)
    return Row(name, old, GIVERS.format(lost="", nodes=PROPERTY), "import up\n" + down, said)


INFERRED = rows(
    _g("an attribute of the own object", "up.Box(None).peek().lost()", f"{GONE} 2 likely"),
    _g("a parameter that is kept", "up.Box(None).given.lost()", f"{GONE} 2 likely"),
    _g("what another method gives", "up.Box(None).fill().lost()", f"{GONE} 2 likely"),
    _g("a place of a tuple", "n, c = up.Box(None).pair()\ndef g():\n    n, c = up.Box(None).pair()\n    c.lost()", f"{GONE} 5 likely"),
    _g("an item of a list", "def g():\n    for c in up.Box(None).every():\n        c.lost()", f"{GONE} 4 likely"),
    _g("what a generator yields", "def g():\n    for n, c in up.Box(None):\n        c.lost()", f"{GONE} 4 likely"),
    _g("either of two branches", "up.Box(None).either(1).lost()", f"{GONE} 2 likely"),
    _g("one of several, of which one is not known", "up.Box(None).mixed(1).lost()", f"{GONE} 2 likely"),
    _g("a variable of a loop", "up.loop().lost()", f"{GONE} 2 likely"),
    _g("what a context manager yields", "def g():\n    with up.entered() as c:\n        c.lost()", f"{GONE} 4 likely"),
    _g("what an asynchronous one yields", "async def g():\n    async with up.awaited() as c:\n        c.lost()", f"{GONE} 4 likely"),
    _g("what is awaited on entering", "async def g():\n    async with up.Door() as c:\n        c.lost()", f"{GONE} 4"),
    _g("what is awaited", "async def g():\n    (await up.Box(None).wait()).lost()", f"{GONE} 3 likely"),
    _g("a method that became an object that can be called", "up.Graph().nodes().sort()", "result-changed up.Graph.nodes 2 likely"),
    _g("through an attribute of an own class", "class K:\n    def __init__(self, box: up.Box):\n        self.c = box.fill()\n    def g(self):\n        self.c.lost()", f"{GONE} 6 likely"),
    _g("through an own context manager", "from contextlib import contextmanager\n@contextmanager\ndef own():\n    yield up.C()\ndef g():\n    with own() as c:\n        c.lost()", f"{GONE} 8 likely"),
    _g("through an own generator", "def own():\n    for n in 1, 2:\n        yield up.C()\ndef g():\n    for c in own():\n        c.lost()", f"{GONE} 7 likely"),
    _g("the default of a dictionary", "def g(d, box: up.Box):\n    c = d.get('c', box.given)\n    c.lost()", f"{GONE} 4 likely"),
    # Near-misses.
    _g("what is kept", "up.Box(None).peek().kept()"),
    _g("one of two classes, of which one has it", "up.Box(None).two(1).lost()"),
    _g("an attribute that others set", "up.Box(None).from_outside().lost()"),
    _g("an object that can be called and iterated", "for n in up.Graph().nodes():\n    print(n)"),
)  # fmt: skip


def _stubbed(name: str, old: str, new: str, down: str, *said: str) -> Row:
    sides = (
        {"up/__init__.py": "from up.c import *\n", "up/c.pyi": text, "up/c.so": "PyInit_c f"} for text in (old, new)
    )
    return Row(name, *sides, "import up\n" + down, said)


DECLARED = rows(
    _stubbed("fewer values", "def f() -> tuple[int, int, int]: ...", "def f() -> tuple[int, int]: ...", "a, b, c = up.f()", "result-changed up.f 2 likely"),
    # Near-misses.
    _stubbed("as many", "def f() -> tuple[int, int]: ...", "def f() -> tuple[int, str]: ...", "a, b = up.f()"),
    _stubbed("any number", "def f() -> tuple[int, int]: ...", "def f() -> tuple[int, ...]: ...", "a, b = up.f()"),
    _stubbed("another class", "def f() -> str: ...", "def f() -> bytes: ...", "up.f().encode()"),
)  # fmt: skip


@pytest.mark.parametrize("row", [*INFERRED, *DECLARED])
def test_what_a_function_without_an_annotation_gives_is_inferred(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said
