"""Whether a call still binds: every kind of parameter, classes, dataclasses, decorators, `**kwargs` passed on and on."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, Sources, rows, told


def _r(name: str, old: Sources, new: Sources, down: Sources, *said: str, wrong: str = "") -> Row:
    return Row(name, old, new, down, said, wrong=wrong)


def _sig(old: str, new: str, call: str, *said: str, wrong: str = "") -> Row:
    """`def f(OLD)` becomes `def f(NEW)`; the downstream calls `f(CALL)`."""
    down = f"import up\nup.f({call})\n"
    name = f"({old}) -> ({new}): f({call})"
    return Row(name, f"def f({old}): ...\n", f"def f({new}): ...\n", down, said, wrong=wrong)


REMOVED = "parameter-removed up.f(b=) 2"
REQUIRED = "parameter-now-required up.f(b=) 2"
KEYWORD = "parameter-now-keyword-only up.f(b=) 2"
ARITY = "arity-changed up.f 2"

SIGNATURES = rows(
    _sig("a, b=1", "a", "1, b=2", REMOVED),
    _sig("a, b=1", "a", "1"),
    _sig("a, b=1", "a", "1, 2", ARITY),
    _sig("a, b=1", "a, c=1", "1, b=2", REMOVED),
    _sig("a, b=1", "a, c=1", "1, 2"),
    _sig("a, b=1", "a, *, b=1", "1, 2", KEYWORD),
    _sig("a, b=1", "a, *, b=1", "1, b=2"),
    _sig("a, b=1", "a, **kwargs", "1, b=2"),
    _sig("a, b=1", "a, **kwargs", "1, 2", ARITY),
    _sig("a, b=1", "a, *args", "1, 2"),
    _sig("a, b=1", "a, *args", "1, b=2", REMOVED),
    _sig("a, b=1", "a, b", "1", REQUIRED),
    _sig("a, b=1", "a, b", "1, 2"),
    _sig("a, b=1", "a, b", "*x"),
    _sig("a, b=1", "a, b", "1, **x"),
    _sig("a", "a, b", "1", REQUIRED),
    _sig("a", "a, *, b", "1", REQUIRED),
    _sig("a", "a, b=1", "1"),
    _sig("a", "a, /", "a=1", "parameter-removed up.f(a=) 2"),
    _sig("a", "a, /", "1"),
    _sig("a, b", "b, a", "1, b=2", "arity-changed up.f(b=) 2"),
    _sig("a, b", "b, a", "1, 2"),
    _sig("*args", "a", "1, 2", ARITY),
    _sig("*args", "a", "*x"),
    _sig("a, *args, b=1", "a, *, b=1", "1, 2", "arity-changed up.f(b=) 2"),
    _sig("a, *args, b=1", "a, *, b=1", "1, b=2"),
    _sig("**kwargs", "a=1", "b=2", REMOVED),
    _sig("**kwargs", "a=1", "**x"),
    _sig("a, b=1", "a", "*x, b=2", REMOVED),
    _sig("a", "b", "1"),
    _sig("a", "b", "a=1", "parameter-removed up.f(a=) 2"),
    _sig("", "a", "", "parameter-now-required up.f(a=) 2"),
    _sig("a=1", "", "1", ARITY),
    _sig("a, b=1, c=2", "a", "1, b=1, c=2", REMOVED, "parameter-removed up.f(c=) 2"),
    _sig("b=1, c=2", "x=1, y=2", "b=1, c=2", REMOVED, "parameter-removed up.f(c=) 2"),
    _sig("a, b=1, c=2", "a, b, c", "1", REQUIRED, "parameter-now-required up.f(c=) 2"),
    _sig("a, b=1, c=2", "a, c=2", "1, b=1, c=2", REMOVED),
    _sig("a, b=1", "a, c", "1, b=2", REMOVED),  # renamed: one fault
    _sig("a, b=1, c=2", "a, **kwargs", "1, b=1, c=2"),
    _sig("a, b", "a, b", "1"),  # wrong with either: not the release's doing
    _sig("a", "a", "1, b=2"),
)  # fmt: skip

CLASSES = rows(
    _r(
        "a constructor",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nC(1, b=2)",
        "parameter-removed up.C(b=) 2",
    ),
    _r(
        "a constructor that is inherited",
        "class B:\n    def __init__(self, a, b=1): ...\nclass C(B): ...",
        "class B:\n    def __init__(self, a): ...\nclass C(B): ...",
        "from up import C\nC(1, b=2)",
        "parameter-removed up.C(b=) 2",
    ),
    _r(
        "no constructor any more",
        "class C:\n    def __init__(self, a): ...",
        "class C: ...",
        "from up import C\nC(1)",
        "arity-changed up.C 2",
    ),
    _r(
        "__new__ that takes it",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __new__(cls, a, b=1): return super().__new__(cls)",
        "from up import C\nC(1, b=2)",
    ),
    _r(
        "a metaclass that may do anything",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class M(type):\n    def __call__(cls, *a, **k): ...\nclass C(metaclass=M):\n    def __init__(self, a): ...",
        "from up import C\nC(1, b=2)",
    ),
    _r(
        "an unknown base may bring a constructor",
        "class C:\n    def __init__(self, a): ...",
        "import third\nclass C(third.Base): ...",
        "from up import C\nC(1)",
    ),
    _r(
        "a dataclass field that is gone",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int\n    b: int = 1",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int",
        "from up import C\nC(1, b=2)",
        "parameter-removed up.C(b=) 2",
    ),
    _r(
        "a keyword that a function adds to its own",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nclass D(C):\n    def __init__(self, *args, **kw):\n        kw.setdefault('b', 2)\n        super().__init__(*args, **kw)",
        "parameter-removed up.C(b=) 5",
    ),
    _r(
        "a keyword that a function adds after it passed its own on",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nclass D(C):\n    def __init__(self, *args, **kw):\n        super().__init__(*args, **kw)\n        kw['b'] = 2",
    ),
    _r(
        "a keyword that a function adds under a test",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nclass D(C):\n    def __init__(self, *args, **kw):\n        if args:\n            kw['b'] = 2\n        super().__init__(*args, **kw)",
    ),
    _r(
        "a keyword that a function takes out again",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nclass D(C):\n    def __init__(self, *args, **kw):\n        kw.update(b=2)\n        kw.pop('b')\n        super().__init__(*args, **kw)",
    ),
    _r(
        "a dataclass whose fields are by keyword from a mark on",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int\n    b: int = 1",
        "from dataclasses import KW_ONLY, dataclass\n@dataclass\nclass C:\n    a: int\n    _: KW_ONLY\n    b: int = 1",
        "from up import C\nC(1)\nC(1, b=2)\nC(1, 2)",
        "parameter-now-keyword-only up.C(b=) 4",
    ),
    _r(
        "a dataclass field without a default is new",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int\n    b: int",
        "from up import C\nC(1)",
        "parameter-now-required up.C(b=) 2",
    ),
    _r(
        "a dataclass field with a default is new",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int",
        "from dataclasses import dataclass, field\n@dataclass\nclass C:\n    a: int\n    b: list = field(default_factory=list)",
        "from up import C\nC(1)",
    ),
    _r(
        "a ClassVar is no field",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int",
        "from dataclasses import dataclass\nfrom typing import ClassVar\n@dataclass\nclass C:\n    a: int\n    b: ClassVar[int]",
        "from up import C\nC(1)",
    ),
    _r(
        "a dataclass that derives from one",
        "from dataclasses import dataclass\n@dataclass\nclass B:\n    a: int\n@dataclass\nclass C(B):\n    b: int = 1",
        "from dataclasses import dataclass\n@dataclass\nclass B:\n    z: int\n@dataclass\nclass C(B):\n    b: int = 1",
        "from up import C\nC(a=1)",
        "parameter-removed up.C(a=) 2",
    ),
    _r(
        "kw_only",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    a: int",
        "from dataclasses import dataclass\n@dataclass(kw_only=True)\nclass C:\n    a: int",
        "from up import C\nC(1)",
        "parameter-now-keyword-only up.C(a=) 2",
    ),
    _r(
        "a method of an instance",
        "class C:\n    def m(self, a, b=1): ...",
        "class C:\n    def m(self, a): ...",
        "from up import C\nC().m(1, b=2)",
        "parameter-removed up.C.m(b=) 2",
    ),
    _r(
        "a classmethod and a staticmethod",
        "class C:\n    @classmethod\n    def m(cls, a, b=1): ...\n    @staticmethod\n    def s(a, b=1): ...",
        "class C:\n    @classmethod\n    def m(cls, a): ...\n    @staticmethod\n    def s(a): ...",
        "from up import C\nC.m(1, b=2)\nC.s(1, 2)\nC.m(1)\nC.s(1)",
        "parameter-removed up.C.m(b=) 2",
        "arity-changed up.C.s 3",
    ),
    _r(
        "a method through the class takes its self",
        "class C:\n    def m(self, a): ...",
        "class C:\n    def m(self, a): ...\n    x = 1",
        "from up import C\nC.m(C(), 1)",
    ),
    _r(
        "an instance that is called",
        "class C:\n    def __call__(self, a, b=1): ...\nc = C()",
        "class C:\n    def __call__(self, a): ...\nc = C()",
        "from up import c\nc(1, b=2)",
        "parameter-removed up.C(b=) 2",
    ),
    _r(
        "an own subclass without a constructor",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nclass D(C): ...\nD(1, b=2)",
        "parameter-removed up.C(b=) 3",
    ),
    _r(
        "an own subclass with its own constructor",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nclass D(C):\n    def __init__(self, a, b): super().__init__(a)\nD(1, b=2)",
    ),
    _r(
        "super().__init__",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nclass D(C):\n    def __init__(self, a):\n        super().__init__(a, b=2)",
        "parameter-removed up.C(b=) 4",
    ),
    _r(
        "super() with arguments",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nclass D(C):\n    def __init__(self, a):\n        super(D, self).__init__(a, b=2)",
        "parameter-removed up.C(b=) 4",
    ),
    _r(
        "the base by its name",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nclass D(C):\n    def __init__(self, a):\n        C.__init__(self, a, b=2)",
        "parameter-removed up.C(b=) 4",
    ),
    _r(
        "an own subclass that passes its keywords on",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nclass D(C):\n    def __init__(self, **more):\n        super().__init__(**more)\nD(a=1, b=2)",
        "parameter-removed up.C(b=) 5",
    ),
    _r(
        "an own subclass that takes it out first",
        "class C:\n    def __init__(self, a, b=1): ...",
        "class C:\n    def __init__(self, a): ...",
        "from up import C\nclass D(C):\n    def __init__(self, **more):\n        more.pop('b')\n        super().__init__(**more)\nD(a=1, b=2)",
    ),
)  # fmt: skip

_F = "def f(a, **kwargs):\n    {}\n"


def _forwarded(name: str, old: str, new: str, *said: str, wrong: str = "") -> Row:
    return Row(name, old, new, "import up\nup.f(1, b=2)\n", said, wrong=wrong)


_INNER = "def g(a, b=1): ...\ndef h(**k): ...\n"
_LESS = "def g(a): ...\ndef h(**k): ...\n"
FORWARDING = rows(
    _forwarded("to a function that refuses it", _INNER + _F.format("return g(a, **kwargs)"), _LESS + _F.format("return g(a, **kwargs)"), REMOVED),
    _forwarded("to a function that takes it", _INNER + _F.format("return g(a, **kwargs)"), _INNER + _F.format("return g(a, **kwargs)  # still")),
    _forwarded(
        "through two levels",
        _INNER + "def m(a, **more): return g(a, **more)\n" + _F.format("return m(a, **kwargs)"),
        _LESS + "def m(a, **more): return g(a, **more)\n" + _F.format("return m(a, **kwargs)"),
        REMOVED,
    ),
    _forwarded(
        "to a class",
        "class C:\n    def __init__(self, a, b=1): ...\n" + _F.format("return C(a, **kwargs)"),
        "class C:\n    def __init__(self, a): ...\n" + _F.format("return C(a, **kwargs)"),
        REMOVED,
    ),
    _forwarded("swallowed", _INNER + _F.format("return g(a, **kwargs)"), _LESS + _F.format("return g(a)")),
    _forwarded("popped first", _INNER + _F.format("return g(a, **kwargs)"), _LESS + _F.format("kwargs.pop('b', None); return g(a, **kwargs)")),
    _forwarded("read first", _INNER + _F.format("return g(a, **kwargs)"), _LESS + _F.format("print(kwargs.get('b')); return a")),
    _forwarded("asked for with in", _INNER + _F.format("return g(a, **kwargs)"), _LESS + _F.format("\n    if 'b' in kwargs: del kwargs['b']\n    return g(a, **kwargs)")),
    _forwarded("another one is popped", _INNER + _F.format("return g(a, **kwargs)"), _LESS + _F.format("kwargs.pop('c', None); return g(a, **kwargs)"), REMOVED),
    _forwarded(
        "refused when anything is left",
        _F.format("b = kwargs.pop('b', 1)\n    if kwargs: raise TypeError(kwargs)"),
        _F.format("if kwargs: raise TypeError(kwargs)"),
        REMOVED,
    ),
    _forwarded("handed to something unknown", _INNER + _F.format("return g(a, **kwargs)"), "import third\n" + _F.format("return third.g(a, **kwargs)")),
    _forwarded("handed on as a mapping", _INNER + _F.format("return g(a, **kwargs)"), _LESS + _F.format("return h(options=kwargs)")),
    _forwarded("copied into another mapping", _INNER + _F.format("return g(a, **kwargs)"), _LESS + _F.format("more = dict(kwargs); more.pop('b'); return g(a, **more)")),
    _forwarded(
        "to one of two callees, only one of which refuses",
        _INNER + _F.format("return g(a, **kwargs)"),
        _LESS + _F.format("return g(a, **kwargs) if a else h(**kwargs)"),
    ),
    _forwarded(
        "to a method of self",
        "class C:\n    def __init__(self, a, **kwargs): self.go(**kwargs)\n    def go(self, b=1): ...\ndef f(a, **k): return C(a, **k)\n",
        "class C:\n    def __init__(self, a, **kwargs): self.go(**kwargs)\n    def go(self): ...\ndef f(a, **k): return C(a, **k)\n",
        REMOVED,
    ),
    _forwarded(
        "to super().__init__",
        "class B:\n    def __init__(self, a, b=1): ...\nclass f(B):\n    def __init__(self, a, **kwargs): super().__init__(a, **kwargs)\n",
        "class B:\n    def __init__(self, a): ...\nclass f(B):\n    def __init__(self, a, **kwargs): super().__init__(a, **kwargs)\n",
        REMOVED,
    ),
    _forwarded(
        "to object, which takes nothing",
        "class B:\n    def __init__(self, b=1): ...\nclass f(B):\n    def __init__(self, a, **kwargs): super().__init__(**kwargs)\n",
        "class f:\n    def __init__(self, a, **kwargs): super().__init__(**kwargs)\n",
        REMOVED,
    ),
)  # fmt: skip

_PASSED = _INNER + _F.format("return g(a, **kwargs)")
SWALLOWED = rows(
    _forwarded(
        "a decorator that names it",
        _PASSED,
        _LESS + "def old(*n): ...\n@old('b')\n" + _F.format("return g(a, **kwargs)"),
    ),
    _forwarded(
        "a decorator that is not known",
        _PASSED,
        "import third\n" + _LESS + "@third.x\n" + _F.format("return g(a, **kwargs)"),
    ),
    _forwarded(
        "a callee with such a decorator",
        _PASSED,
        "import third\n@third.x\n" + _LESS + _F.format("return g(a, **kwargs)"),
    ),
    _forwarded("looked up", _PASSED, _LESS + _F.format("return kwargs['b']")),
    _forwarded("another is looked up", _PASSED, _LESS + _F.format("kwargs['c']; return g(a, **kwargs)"), REMOVED),
    _forwarded("a computed one is looked up", _PASSED, _LESS + _F.format("kwargs[a]; return g(a, **kwargs)")),
    _forwarded("a computed one is popped", _PASSED, _LESS + _F.format("kwargs.pop(a, 1); return g(a, **kwargs)")),
    _forwarded("set before", _PASSED, _LESS + _F.format("kwargs['b'] = 1; return g(a, **kwargs)"), REMOVED),
    _forwarded("changed as a whole", _PASSED, _LESS + _F.format("kwargs.update(a); return g(a, **kwargs)")),
    _forwarded(
        "asked whether there are any",
        _PASSED,
        _LESS + _F.format("\n    if not kwargs: return 1\n    return g(a, **kwargs)"),
        REMOVED,
    ),
    _forwarded(
        "told in an error",
        _PASSED,
        _LESS + _F.format("\n    if a: raise ValueError(f'{kwargs}')\n    return g(a, **kwargs)"),
        REMOVED,
    ),
    _forwarded("bound to another name", _PASSED, _LESS + _F.format("more = kwargs; return g(a, **more)")),
    _forwarded("to a variable", _PASSED, _LESS + _F.format("h = g if a else h; return h(a, **kwargs)")),
    _forwarded("to a parameter", _PASSED, _LESS + _F.format("return a(**kwargs)")),
    _forwarded(
        "to what a module holds",
        _PASSED,
        {"up/__init__.py": "import up.inner\n" + _F.format("return up.inner.g(a, **kwargs)"), "up/inner.py": _LESS},
        REMOVED,
    ),
    _forwarded("to itself, for ever", _PASSED, _F.format("return f(a, **kwargs)")),
    _forwarded(
        "to the class of a classmethod",
        "class C:\n    def __init__(self, a, b=1): ...\n    @classmethod\n    def make(cls, a, **kwargs): return cls(a, **kwargs)\nf = C.make\n",
        "class C:\n    def __init__(self, a): ...\n    @classmethod\n    def make(cls, a, **kwargs): return cls(a, **kwargs)\nf = C.make\n",
        "parameter-removed up.C.make(b=) 2",
    ),
)

DECORATED = rows(
    _r(
        "a helper of the upstream keeps the old keyword alive",
        "def f(a, b=1): ...",
        "def deprecate_kwarg(old, new): ...\n@deprecate_kwarg('b', 'c')\ndef f(a, c=1): ...",
        "import up\nup.f(1, b=2)",
    ),
    _r(
        "a decorator that is not known may widen",
        "def f(a, b=1): ...",
        "import third\n@third.wrap\ndef f(a): ...",
        "import up\nup.f(1, b=2)",
    ),
    _r(
        "one that keeps the signature",
        "import functools\n@functools.lru_cache\ndef f(a, b=1): ...",
        "import functools\n@functools.lru_cache\ndef f(a): ...",
        "import up\nup.f(1, b=2)",
        REMOVED,
    ),
    _r(
        "a context manager",
        "import contextlib\n@contextlib.contextmanager\ndef f(a, b=1): yield",
        "import contextlib\n@contextlib.contextmanager\ndef f(a): yield",
        "import up\nwith up.f(1, b=2): ...",
        REMOVED,
    ),
    _r(
        "overloads: the implementation decides",
        "from typing import overload\n@overload\ndef f(a): ...\n@overload\ndef f(a, b): ...\ndef f(a, b=1): ...",
        "from typing import overload\n@overload\ndef f(a): ...\n@overload\ndef f(a, c): ...\ndef f(a, b=1): ...",
        "import up\nup.f(1, b=2)",
    ),
    _r(
        "an alias",
        "def _f(a, b=1): ...\nf = _f",
        "def _f(a): ...\nf = _f",
        "import up\nup.f(1, b=2)",
        "parameter-removed up._f(b=) 2",
    ),
    _r(
        "a function in some branches only",
        "try:\n    from third import f\nexcept ImportError:\n    def f(a, b=1): ...",
        "try:\n    from third import f\nexcept ImportError:\n    def f(a): ...",
        "import up\nup.f(1, b=2)",
        wrong="the fallback definition is taken for the only one",
    ),
    _r(
        "two definitions, one of which takes it",
        "def f(a, b=1): ...",
        "import sys\nif sys.version_info >= (3, 12):\n    def f(a): ...\nelse:\n    def f(a, b=1): ...",
        "import up\nup.f(1, b=2)",
    ),
    _r(
        "partial",
        "def f(a, b=1): ...",
        "def f(a): ...",
        "import functools, up\ng = functools.partial(up.f, b=2)\n",
        REMOVED,
    ),
    _r(
        "partial with arguments that fit, the rest to follow",
        "def f(a, b=1): ...",
        "def f(a, b): ...",
        "import functools, up\ng = functools.partial(up.f, b=2)\nh = functools.partial(up.f)\n",
    ),
    _r(
        "a default argument calls it when the module is imported",
        "def f(a, b=1): ...",
        "def f(a): ...",
        "import up\ndef g(x=up.f(1, b=2)): ...",
        REMOVED,
    ),
    _r(
        "a decorator too",
        "def f(a, b=1): ...",
        "def f(a): ...",
        "import up\n@up.f(1, b=2)\ndef g(): ...",
        REMOVED,
    ),
)  # fmt: skip


_MADE = "from third import wrap\ndef f(*a, **k): ...\nclass C:\n    def __init__(self, *a, **k): ...\n    def m(self, *a, **k): ...\n"
_HIDDEN = {"up/__init__.py": "from up._made import f, C\n", "up/_made.py": f"{_MADE}f = wrap(f)\nC = wrap(C)\n"}


def _stub(name: str, new: str, down: str, *said: str) -> Row:
    """`f(a, b=1)`, `C(a, b=1)`, `C.m(a, b=1)`, and their `@overload`s in the candidate's stub: only stubs tell."""

    def stub(*signatures: str) -> dict[str, str]:
        mark = ["@overload"] if len(signatures) > 1 else []
        lines = [line for s in signatures for line in (*mark, f"def f({s}): ...")]
        inner = [line for m in ("__init__", "m") for s in signatures for line in (*mark, f"def {m}(self, {s}): ...")]
        text = "\n".join(["from typing import overload", *lines, "class C:", *(f"    {line}" for line in inner), ""])
        return {**_HIDDEN, "up/__init__.pyi": text}

    return Row(name, stub("a, b=1"), stub(*new.split("; ")), down, said)


STUBS = rows(
    _stub("overloads that require more in one case", "a; a, b", "import up\nup.f(1)\nup.C(1).m(1)"),
    _stub("overloads that take it in one case", "a; a, b", "import up\nup.f(1, b=2)\nup.C(1, b=2).m(1, b=2)"),
    _stub("overloads that take it by name only in one case", "a, *, b; a, b", "import up\nup.f(1, 2)\nup.C(1, 2).m(1, 2)"),
    _stub("overloads none of which takes it", "a; a, c", "import up\nup.f(1, b=2)", "parameter-removed up.f(b=) 2"),
    _stub("overloads all of which require more", "a, c; a, c, d", "import up\nup.f(1)", "parameter-now-required up.f(c=) 2"),
)  # fmt: skip


FEWER = "parameter-now-keyword-only up.f(c=) {}"


def _held(name: str, down: str, *said: str) -> Row:
    return Row(
        name, "def f(a=0, b=0, c=0, *, lost=0): ...\n", "def f(a=0, b=0, *, c=0): ...\n", "import up\n" + down, said
    )


CONTAINERS = rows(
    _held("a tuple of the module", "A = (1, 2, 3)\ndef g():\n    up.f(*A)", FEWER.format(4)),
    _held("a list of the function", "def g():\n    a = [1, 2]\n    up.f(0, *a)", FEWER.format(4)),
    _held("a tuple in the call", "up.f(*(1, 2), 3)", FEWER.format(2)),
    _held("a dictionary of the module", "D = {'lost': 1}\ndef g():\n    up.f(**D)", "parameter-removed up.f(lost=) 4"),
    _held("a dictionary in the call", "up.f(**{'lost': 1})", "parameter-removed up.f(lost=) 2"),
    _held("a key that is set later", "def g():\n    d = {}\n    d['lost'] = 1\n    up.f(**d)", "parameter-removed up.f(lost=) 5"),
    # Near-misses.
    _held("as many as it takes", "A = (1, 2)\ndef g():\n    up.f(*A)"),
    _held("a list that becomes shorter", "def g():\n    a = [1, 2, 3]\n    a.pop()\n    up.f(*a)"),
    _held("a parameter of the same name", "A = (1, 2, 3)\ndef g(A):\n    up.f(*A)"),
    _held("a local variable of the same name", "D = {'lost': 1}\ndef g(x):\n    D = x\n    up.f(**D)"),
    _held("set twice", "A = (1, 2, 3)\nA = A[:2]\ndef g():\n    up.f(*A)"),
    _held("a key that is set in some cases", "def g(x):\n    d = {}\n    if x:\n        d['lost'] = 1\n    up.f(**d)"),
    _held("a key that is taken out", "D = {'lost': 1}\ndef g():\n    D.pop('lost')\n    up.f(**D)"),
    _held("a star among the items", "def g(x):\n    a = [1, *x, 2, 3]\n    up.f(*a)"),
)  # fmt: skip

FIELDS = "from dataclasses import dataclass\nfrom typing import NamedTuple\n"
BOTH = "\nclass K:\n    def __init__(self):\n        self.kept = 1\n"


def _field(name: str, down: str, *said: str) -> Row:
    old = (
        FIELDS
        + "@dataclass\nclass D:\n    a: int = 0\n    lost: int = 0\nclass N(NamedTuple):\n    a: int = 0\n    lost: int = 0\n"
    )
    new = FIELDS + "@dataclass\nclass D:\n    a: int = 0\nclass N(NamedTuple):\n    a: int = 0\n"
    return Row(name, old + BOTH + "        self.lost = 2\n", new + BOTH, "import up, dataclasses\n" + down, said)


REPLACED = rows(
    _field("dataclasses.replace", "def g(d: up.D):\n    dataclasses.replace(d, lost=1)", "parameter-removed up.D(lost=) 3"),
    _field("imported by its name", "from dataclasses import replace\nreplace(up.D(), lost=1)", "parameter-removed up.D(lost=) 3"),
    _field("of a named tuple", "up.N()._replace(lost=1)", "parameter-removed up.N(lost=) 2"),
    _field("fields by place", "match up.D():\n    case up.D(1, 2):\n        pass", "arity-changed up.D 3"),
    _field("a field by name", "match up.D():\n    case up.D(lost=2):\n        pass", "attribute-removed up.D.lost 3 possible"),
    _field("an attribute", "match up.K():\n    case up.K(lost=2):\n        pass", "attribute-removed up.K.lost 3 possible"),
    # Near-misses.
    _field("a field that is kept", "dataclasses.replace(up.D(), a=1)"),
    _field("another function of this name", "import third\nthird.replace(up.D(), lost=1)"),
    _field("a method of this name", "def g(d: up.D, s):\n    s.replace(d, lost=1)"),
    _field("as many fields as there are", "match up.D():\n    case up.D(1):\n        pass"),
    _field("an attribute that is kept", "match up.K():\n    case up.K(kept=2):\n        pass"),
)  # fmt: skip


def _taken(name: str, body: str, call: str, *said: str) -> Row:
    return Row(
        name,
        "def f(b=None, **more): ...",
        f"def f(c=None, **more):\n    {body}\n    return c\n",
        f"import up\nup.f({call})",
        said,
    )


TAKEN = rows(
    _taken("taken out, then refused", "b = more.pop('b', None)\n    if b is not None:\n        raise TypeError", "b=1", REMOVED),
    _taken("refused as it is taken out", "if more.get('b') is not None:\n        raise TypeError", "b=1", REMOVED),
    _taken("refused where it is there", "if 'b' in more:\n        raise TypeError('b')", "b=1", REMOVED),
    _taken("refused after another one", "a = more.pop('a', None)\n    if a is not None:\n        c = a\n    b = more.pop('b', None)\n    if b is not None:\n        raise TypeError", "b=1", REMOVED),
    # Near-misses.
    _taken("given as nothing", "b = more.pop('b', None)\n    if b is not None:\n        raise TypeError", "b=None"),
    _taken("another keyword", "a = more.pop('a', None)\n    if a is not None:\n        raise TypeError", "b=1"),
    _taken("taken with a warning", "b = more.pop('b', None)\n    if b is not None:\n        warn('b')", "b=1"),
    _taken("refused together with another", "b = more.pop('b', None)\n    if b is not None and c is not None:\n        raise TypeError", "b=1"),
    _taken("refused after something that may return", "for x in c:\n        return\n    if 'b' in more:\n        raise TypeError", "b=1"),
)  # fmt: skip


@pytest.mark.parametrize("row", TAKEN)
def test_a_keyword_that_is_taken_out_to_be_refused_is_gone(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", CONTAINERS)
def test_what_a_container_holds_is_given_by_a_star(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", REPLACED)
def test_a_field_is_asked_for_by_a_pattern_and_by_a_copy(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", [*SIGNATURES, *CLASSES, *STUBS])
def test_a_call_breaks_where_it_bound_before_and_does_not_now(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", [*FORWARDING, *SWALLOWED])
def test_a_keyword_is_followed_to_where_it_is_refused(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", DECORATED)
def test_what_wraps_a_function_is_taken_into_account(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said
