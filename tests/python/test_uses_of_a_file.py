"""A snippet, and the uses that are read of it: what they start from, their steps, when they run, what stands around
them."""

from __future__ import annotations

import gc
import weakref

import pytest

from tailrace.python.parsing import parse_python
from tailrace.python.text import source_of
from tailrace.python.usages import AfterTry, Condition, FileUsage, InHandler, InTry, Surrounding, Use, collect_usage

# snippet → every use as `scope: root steps`. Roots: `import a.b`, `a.b:name` (from a.b import name), a plain name,
# `self C`.
ROWS: dict[str, list[str]] = {
    "import a.b": ["import: import a.b"],
    "import a.b as c\nc.d": ["import: import a.b", "import: c .d"],
    "from a import b as c": ["import: a:b"],
    "from . import b": ["import: down.pkg:b"],
    "from ..a import b": ["import: down.a:b"],
    "from a import *": ["import: a:*"],
    "x.y.z": ["import: x .y .z"],
    "x.y(1, k=2).z": ["import: x .y (1, k) .z"],
    "x(*a, **k)": ["import: x (0, *, **)"],
    "x(y.z)": ["import: x (1)", "import: y .z"],
    "x[y.z].w": ["import: x [key] .w", "import: y .z"],
    "x.v[0].w": ["import: x .v", "import: x .v .__getitem__", "import: x .v [0] .w"],
    "x.v[1:].w": ["import: x .v", "import: x .v .__getitem__"],
    "a.b() / 'x'": ["import: a .b (0)", "import: a .b (0) .__truediv__"],
    "a.b() / c.d": ["import: a .b (0)", "import: c .d"],
    "'x' in a.b": ["import: a .b", "import: a .b .__contains__"],
    "len(a.b)": ["import: a .b", "import: a .b .__len__", "import: len (1)"],
    "def f():\n    with a.b() as c:\n        c.d": [
        "function: a .b (0)",
        "function: a .b (0) .__enter__",
        "function: a .b (0) .__enter__ instance .d",
    ],
    "def f():\n    x, y = a.b()\n    y.c": [
        "function: a .b (0)",
        "function: a .b (0) .__iter__",
        "function: a .b (0) [1] .c",
    ],
    "def f():\n    for k, v in a.b():\n        v.c": [
        "function: a .b (0)",
        "function: a .b (0) .__iter__",
        "function: a .b (0) [each] .__iter__",
        "function: a .b (0) [each] [1] .c",
    ],
    "def f(xs: 'list[C]'):\n    xs[0].y": [
        "function: C instance [<list>]",
        "function: C instance [<list>] .__getitem__",
        "function: C instance [<list>] [0] .y",
    ],
    "match x:\n    case a.B(y=a.C):\n        pass": [
        "import: a .B",
        "import: a .B instance .y",
        "import: a .C",
    ],
    "def f():\n    match a.b():\n        case C() as c:\n            c.d": [
        "function: C instance .d",
        "function: a .b (0)",
    ],
    "x.y = z.w": ["import: z .w"],
    "x": [],
    "1 + 2": [],
    "def f():\n    from a import b\n    b.c()": ["function: a:b", "function: a:b .c (0)"],
    "def f():\n    import a.b\n    a.b.c": ["function: import a.b", "function: import a .b .c"],
    "def f(x):\n    x.y": [],
    "def f(x=a.b): ...": ["import: a .b"],
    "def f(x: a.b) -> a.c: ...": ["import: a .b", "import: a .c"],
    "from __future__ import annotations\ndef f(x: a.b): ...": ["import: __future__:annotations"],
    "def f(x: C):\n    x.y": ["function: C instance .y"],
    "def f(x: 'C | None'):\n    x.y": ["function: C instance .y"],
    "def f(x: 'Optional[C]'):\n    x.y": ["function: C instance .y"],
    "@a.b(1)\ndef f(): ...": ["import: a .b (1)"],
    "@a.b\nclass C(d.e, metaclass=g.h): ...": ["import: a .b (1)", "import: d .e", "import: g .h"],
    "class C:\n    x = a.b": ["import: a .b"],
    "class C:\n    def m(self):\n        self.x.y": ["function: self C .x .y"],
    "class C:\n    @classmethod\n    def m(cls):\n        cls.x()": ["function: class C .x (0)"],
    "class C:\n    @staticmethod\n    def m(other):\n        other.x": [],
    "class C:\n    def m(self):\n        super().m(1)": ["function: super C .m (1)"],
    "class C:\n    def m(self):\n        def inner():\n            self.x\n        inner()": ["function: self C .x"],
    "def f():\n    x = a.b()\n    x.c": ["function: a .b (0)", "function: a .b (0) .c"],
    "def f():\n    x = a.b()\n    x = 1\n    x.c": ["function: a .b (0)"],
    "def f():\n    for x in a.b():\n        x.c": [
        "function: a .b (0)",
        "function: a .b (0) .__iter__",
        "function: a .b (0) [each] .c",
    ],
    "f = lambda x, y=a.b: c.d(x.e)": ["import: a .b", "function: c .d (1)"],
    "[x.y for x in a.b if c.d]": ["import: a .b", "import: a .b .__iter__", "import: a .b [each] .y", "import: c .d"],
    "{a.k: a.v for _ in b.c}": ["import: a .k", "import: a .v", "import: b .c", "import: b .c .__iter__"],
    "f'{a.b:{c.d}}'": ["import: a .b", "import: c .d"],
    "getattr(a, 'b').c": ["import: a .b .c"],
    "getattr(a, name)": [],
    # names that go through texts
    "for n in ('b', 'c'):\n    getattr(a, n)": ["import: a .b", "import: a .c"],
    "for n in ['b']:\n    getattr(a.x, n, None)": ["import: a .x", "import: a .x .b"],
    "[getattr(a, n) for n in ('b', 'c')]": ["import: a .b", "import: a .c"],
    "for n in ('b', 'c'):\n    if hasattr(a, n):\n        getattr(a, n)": ["import: hasattr (2)"],
    "for n in ('b', 'c'):\n    if n in dir(a):\n        getattr(a, n)": [
        "import: dir (1)",
        "import: dir (1) .__contains__",
    ],
    "[getattr(a, n) for n in ('b', 'c') if hasattr(a, n)]": ["import: hasattr (2)"],
    "for n in ('b', 'c'):\n    n = n.upper()\n    getattr(a, n)": ["import: n .upper (0)"],
    "for n in ('b', c):\n    getattr(a, n)": [],
    "for n in ('b', 'not a name'):\n    getattr(a, n)": [],
    "for n in ('b',):\n    pass\nfor n in x:\n    getattr(a, n)": [],
    "for n in ('b',):\n    [getattr(a, n) for n in f.x]": [
        "import: f .x",
        "import: f .x .__iter__",
        "import: f .x [each]",
    ],
    "N = 'b'\ngetattr(a, N)": ["import: a .b"],
    "N = 'b'\ndef f():\n    getattr(a, N)": ["function: a .b"],
    "N = 'b'\nN = 'c'\ngetattr(a, N)": [],
    "N = 'b'\ndef f(N):\n    getattr(a, N)": [],
    "N = 'b'\ndef f():\n    N = x\n    getattr(a, N)": [],
    "N = 'b'\ndef f():\n    global N\n    N = x\n    getattr(a, N)": [],
    # what is called by name
    "methodcaller('b', 1, k=2)(a.c)": ["import: a .c", "import: a .c .b (1, k)"],
    "methodcaller(name)(a.c)": ["import: a .c", "import: methodcaller (1) (1)"],
    # the text of `exec` is code that runs here, and what it binds is known there
    "exec('from a import b')": ["import: a:b", "import: exec (1)"],
    "exec('import a.b as c; c.d(1)')": ["import: exec (1)", "import: import a.b", "import: import a.b .d (1)"],
    "exec('x = a.b\\nx.c')": ["import: a .b", "import: a .b .c", "import: exec (1)"],
    "eval(' a.b(1)')": ["import: a .b (1)", "import: eval (1)"],
    "eval('a.' + 'b', globals())": ["import: a .b", "import: eval (2)", "import: globals (0)"],
    "exec('import a.b\\nc.d', {})": ["import: exec (2)", "import: import a.b"],
    "def f():\n    from a import b\n    exec('b.c')": ["function: a:b", "function: a:b .c", "function: exec (1)"],
    "exec('no code at all')": ["import: exec (1)"],
    "exec('x' * 9)": ["import: exec (1)"],
    "exec(text)": ["import: exec (1)"],
    "x.exec('a.b')": ["import: x .exec (1)"],
    # a type variable is at least its bound
    "T = TypeVar('T', bound=C)\ndef f(x: T):\n    x.y": ["function: C instance .y", "import: TypeVar (1, bound)"],
    "T = typing.TypeVar('T', bound='a.C')\ndef f(x: T):\n    x.y": [
        "function: a .C instance .y",
        "import: typing .TypeVar (1, bound)",
    ],
    "T = TypeVar('T')\ndef f(x: T):\n    x.y": ["function: T instance .y", "import: TypeVar (1)"],
    "def f[T: C](x: T):\n    x.y": ["function: C instance .y"],
    "def f[T: C, U: a.D](x: U, y: T):\n    x.y\n    y.z": ["function: C instance .z", "function: a .D instance .y"],
    "def f[T](x: T):\n    x.y": [],
    "class K[T: C]:\n    def m(self, x: T):\n        x.y": ["function: C instance .y"],
    "class K[T: C]: ...\ndef f(x: T):\n    x.y": ["function: T instance .y"],
    "k = {'b': 1}\na.c(**k)": ["import: a .c (0, b, **)"],
    "k = {'b': 1}\nk.pop('b')\na.c(**k)": ["import: a .c (0, **)", "import: k .pop (1)"],
    "def f():\n    k = {'b': 1}\na.c(**k)": ["import: a .c (0, **)"],
    "importlib.import_module('a.b')": ["import: import a.b", "import: importlib .import_module (1)"],
    "importlib.import_module('a.b').c": [
        "import: import a.b",
        "import: import a.b .c",
        "import: importlib .import_module (1)",
    ],
    "importlib.import_module('.b')": ["import: importlib .import_module (1)"],
    "mock.patch('a.b.c')": ["import: import a .b .c", "import: mock .patch (1)"],
    "mock.patch('not a path')": ["import: mock .patch (1)"],
    "log.info('a.b.c')": ["import: log .info (1)"],
    "if TYPE_CHECKING:\n    from a import b": [],
    "if not TYPE_CHECKING:\n    from a import b": ["import: a:b"],
    "def f():\n    return a.b\n    a.c": ["function: a .b"],
    "def f():\n    raise a.B\n    a.c": ["function: a .B"],
    "async def f():\n    (await a.b()).c": ["function: a .b (0) .c"],
}


@pytest.mark.parametrize("source", ROWS)
def test_uses(source: str) -> None:
    assert sorted(shown(use) for use in read(source).uses) == sorted(ROWS[source])


# snippet with a use of `a.b` → what stands around it, outermost first
AROUND: dict[str, list[str]] = {
    "a.b": [],
    "if x:\n    a.b": ["x"],
    "if x:\n    pass\nelse:\n    a.b": ["not x"],
    "if x:\n    pass\nelif y:\n    a.b": ["not x", "y"],
    "def f():\n    if x:\n        return\n    a.b": ["not x"],
    "def f():\n    if not x:\n        raise E\n    a.b": ["not not x"],
    "def f():\n    if x:\n        y()\n    a.b": [],
    "while x:\n    a.b": ["x"],
    "x and a.b": ["x"],
    "x or a.b": ["not x"],
    "a.b if x else y": ["x"],
    "y if x else a.b": ["not x"],
    "def f():\n    assert x\n    a.b": ["x"],
    "try:\n    a.b\nexcept E:\n    pass": ["try"],
    "try:\n    pass\nexcept E:\n    a.b": ["except E"],
    "try:\n    pass\nexcept E:\n    pass\nelse:\n    a.b": ["after try"],
    "try:\n    a.b\nfinally:\n    pass": [],
    "try:\n    pass\nfinally:\n    a.b": [],
    "with contextlib.suppress(E):\n    a.b": ["try"],
    "with open(p):\n    a.b": [],
    "try:\n    def f():\n        a.b\nexcept E:\n    pass": [],
    "if x:\n    def f():\n        a.b": ["x"],
    "if x:\n    class C:\n        def m(self):\n            a.b": ["x"],
    "def f():\n    if x:\n        if y:\n            a.b": ["x", "y"],
}


@pytest.mark.parametrize("source", AROUND)
def test_what_stands_around_a_use(source: str) -> None:
    (use,) = (u for u in read(source).uses if u.root.name == "a")
    assert [around(item) for item in use.around] == AROUND[source]


def test_branches_that_meet_keep_both_values() -> None:
    source = "def f():\n    if x:\n        v = a.b()\n    else:\n        v = c.d()\n    v.e"
    assert {shown(u) for u in read(source).uses if u.steps[-1].name == "e"} == {
        "function: a .b (0) .e",
        "function: c .d (0) .e",
    }


def test_places_are_those_of_the_names() -> None:
    (use,) = read("x = (aa\n     .bb\n     .cc())\n").uses
    assert (use.line, use.column) == (1, 6)
    assert [(s.line, s.column) for s in use.steps if s.name] == [(2, 7), (3, 7)]


def test_where_a_use_stands() -> None:
    source = "a.x\nclass C:\n    a.y\n    def m(self):\n        a.z\n        lambda: a.w\n"
    inside = {use.steps[0].name: use.inside for use in read(source).uses}
    base = "down.pkg"
    assert inside == {"x": base, "y": f"{base}.C", "z": f"{base}.C.m", "w": f"{base}.C.m.<lambda>"}


def read(source: str) -> FileUsage:
    parsed = parse_python(source.encode())
    assert parsed is not None
    return collect_usage(parsed, "down.pkg", "down/pkg/__init__.py", is_package=True)


def shown(use: Use) -> str:
    root = use.root
    match root.kind:
        case "name":
            start = root.name
        case "from":
            start = f"{root.module}:{root.name}"
        case _:
            start = f"{root.kind} {root.name}"
    steps = []
    for step in use.steps:
        if step.name is not None:
            steps.append(f".{step.name}")
        elif step.call is not None:
            call = step.call
            parts = [
                str(call.positional),
                *call.keywords,
                *(["*"] if call.star else []),
                *(["**"] if call.double_star else []),
            ]
            steps.append(f"({', '.join(parts)})")
        else:
            steps.append(f"[{step.element}]" if step.element else "instance")
    return " ".join([f"{use.scope}:", start, *steps])


def around(item: Surrounding) -> str:
    match item:
        case Condition(test=test, polarity=polarity):
            return source_of(test) if polarity else f"not {source_of(test)}"
        case InTry():
            return "try"
        case AfterTry():
            return "after try"
        case InHandler(handler=handler):
            return f"except {source_of(handler.type)}"


def test_the_uses_of_a_file_keep_no_function_of_it_in_memory() -> None:
    source = (
        b"import up\n\ndef f(x):\n    try:\n        if x:\n            return up.a(1)\n    except up.E:\n        pass\n"
    )
    parsed = parse_python(source)
    assert parsed is not None
    function = parsed.tree.body[1]
    kept = [weakref.ref(function), weakref.ref(function.body[0])]  # type: ignore[attr-defined]  # a `def`
    usage = collect_usage(parsed, "down", "down.py", is_package=False)
    del parsed, function
    gc.collect()
    assert [around(item) for item in usage.uses[1].around] == ["try", "x"]
    assert [reference() for reference in kept] == [None, None]
