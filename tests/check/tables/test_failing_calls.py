"""Calls that fail whatever they give, handlers that only write the failure down, and paths given as two texts."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, report, rows, told

from support.packages import moments
from tailrace.changes.diff import diff_artifacts

STUB = "class Gone(Exception): ...\ndef removed(name):\n    raise Gone(name)\ndef through(name):\n    '''Doc.'''\n    text = name\n    removed(text)\n"
WARN = "import warnings\nclass Gone(Exception): ...\ndef removed(name):\n    warnings.warn(name)\ndef through(name):\n    removed(name)\n"


def _c(name: str, old: str, new: str, down: str, *said: str) -> Row:
    return Row(name, old, new, "import up\n" + down, said)


F = "def f(a=None):\n    return a\n"
RAISES = "call-raises up.f 2"
STUBS = rows(
    _c("at once", F, "def f(a=None):\n    raise RuntimeError('gone')\n", "up.f(1)", RAISES),
    _c("after its documentation", F, "def f(a=None):\n    'Doc.'\n    import os\n    raise RuntimeError('gone')\n", "up.f(1)", RAISES),
    _c("through a helper", F, STUB + "def f(a=None):\n    removed('f')\n    return a\n", "up.f(1)", RAISES),
    _c("through two helpers", F, STUB + "def f(a=None):\n    through('f')\n    return a\n", "up.f(1)", RAISES),
    _c("only the helper changed", WARN + "def f(a=None):\n    through('f')\n", STUB + "def f(a=None):\n    through('f')\n", "up.f(1)", RAISES),
    _c("a class", "class C:\n    def __init__(self, a): ...", STUB + "class C:\n    def __init__(self, a):\n        removed('C')", "up.C(1)", "call-raises up.C 2"),
    _c("a class whose base raises", "class B:\n    def __init__(self, a): ...\nclass C(B): ...", STUB + "class B:\n    def __init__(self, a):\n        removed('B')\nclass C(B): ...", "up.C(1)", "call-raises up.B 2"),
    _c("a method", "class C:\n    def m(self): ...", STUB + "class C:\n    def m(self):\n        removed('m')", "up.C().m()", "call-raises up.C.m 2 likely"),
    # Near-misses.
    _c("not called", F, "def f(a=None):\n    raise RuntimeError('gone')\n", "g = up.f"),
    _c("under a test", F, STUB + "def f(a=None):\n    if a is None:\n        removed('f')\n    return a\n", "up.f(1)"),
    _c("a helper that raises under a test", F, "def removed(n):\n    if n:\n        raise ValueError\ndef f(a=None):\n    removed(a)\n    return a\n", "up.f(1)"),
    _c("a helper that warns", F, WARN + "def f(a=None):\n    through('f')\n    return a\n", "up.f(1)"),
    _c("a method to override", "class C:\n    def m(self): ...", "class C:\n    def m(self):\n        raise NotImplementedError", "def f(c: up.C):\n    c.m()"),
    _c("raised before already", "def f(a=None):\n    raise ValueError\n", "def f(a=None):\n    raise RuntimeError\n", "up.f(1)"),
    _c("a generator", F, "def f(a=None):\n    raise ValueError\n    yield a\n", "up.f(1)"),
)  # fmt: skip

ABC = "import abc\nclass B(abc.ABC):\n    @abc.abstractmethod\n    def a(self): ...\n"
ABSTRACT = "now-abstract up.B.b"
ABSTRACTS = rows(
    _c("a subclass", ABC, ABC + "    @abc.abstractmethod\n    def b(self): ...\n", "class D(up.B):\n    def a(self): ...\nx = D()", f"{ABSTRACT} 4"),
    _c("a subclass of a subclass", ABC, ABC + "    @abc.abstractmethod\n    def b(self): ...\n", "class D(up.B):\n    def a(self): ...\nclass E(D): ...\nx = E()", f"{ABSTRACT} 5"),
    _c("a property", ABC, ABC + "    @property\n    @abc.abstractmethod\n    def b(self): ...\n", "class D(up.B):\n    def a(self): ...\nx = D()", f"{ABSTRACT} 4"),
    _c("the class itself", "import abc\nclass B(abc.ABC):\n    def b(self): ...", "import abc\nclass B(abc.ABC):\n    @abc.abstractmethod\n    def b(self): ...", "up.B()", f"{ABSTRACT} 2"),
    # Near-misses.
    _c("defined", ABC, ABC + "    @abc.abstractmethod\n    def b(self): ...\n", "class D(up.B):\n    def a(self): ...\n    def b(self): ...\nx = D()"),
    _c("never instantiated", ABC, ABC + "    @abc.abstractmethod\n    def b(self): ...\n", "class D(up.B):\n    def a(self): ..."),
    _c("not abstract", ABC, ABC + "    def b(self): ...\n", "class D(up.B):\n    def a(self): ...\nx = D()"),
    _c("without the metaclass", "import abc\nclass B:\n    def a(self): ...", "import abc\nclass B:\n    @abc.abstractmethod\n    def a(self): ...", "class D(up.B): ...\nx = D()"),
)  # fmt: skip

LOW = "def low(a, *, limit=None):\n    return a\n"
KEPT = "    def open(self):\n        return low(1, **self.kwargs)\n"
G = LOW + "class C:\n    def __init__(self, uri, *, old=None, **kwargs):\n        self.kwargs = kwargs\n" + KEPT
H = LOW + "class C:\n    def __init__(self, uri, *, new=None, **kwargs):\n        self.kwargs = kwargs\n"
KEYWORDS = rows(
    _c("kept and passed on", G, H + KEPT, "up.C(1, old=2)", "parameter-removed up.C(old=) 2"),
    # Near-misses.
    _c("kept and taken there", G, H.replace("limit=None", "limit=None, old=None") + KEPT, "up.C(1, old=2)"),
    _c("kept and passed on to anything", G, H.replace("limit=None", "**more") + KEPT, "up.C(1, old=2)"),
    _c("kept and changed", G, H + "    def open(self):\n        self.kwargs.pop('old', 1)\n        return low(1, **self.kwargs)\n", "up.C(1, old=2)"),
    _c("kept and never read", G, H, "up.C(1, old=2)"),
    _c("another keyword", G, H + KEPT, "up.C(1, limit=2)"),
)  # fmt: skip

OPTIONS = "def f(*fs, pre=False, skip=False):\n    return fs\n"
VALIDATOR = "def f(*fs, pre=False, skip=False):\n    'Doc.'\n    if fs:\n        return f()(*fs)\n    mode = 'b' if pre is True else 'a'\n    if {}:\n        raise RuntimeError('say which')\n    return mode\n"
LEAVING = VALIDATOR.format("pre is False and skip is not True")
CHOICE = "def f(a=None, b=None):\n    if a is None and b is None:\n        raise ValueError\n"
LEFT_OUT = rows(
    _c("none of two is given", OPTIONS, LEAVING, "up.f()", "parameter-now-required up.f(pre=) 2"),
    _c("as a decorator in a class", OPTIONS, LEAVING, "class C:\n    @up.f()\n    def check(self): ...", "parameter-now-required up.f(pre=) 3"),
    _c("as a bare decorator, which is called without anything", OPTIONS, LEAVING, "class C:\n    @up.f\n    def check(self): ...", "parameter-now-required up.f(pre=) 3"),
    _c("not one is true", OPTIONS, VALIDATOR.format("not (pre or skip)"), "up.f()", "parameter-now-required up.f(pre=) 2"),
    _c("neither of two values", F, CHOICE, "up.f()", "parameter-now-required up.f(a=) 2"),
    _c("a sentinel", F, "_U = object()\ndef f(a=_U):\n    if a is _U:\n        raise TypeError\n", "up.f()", "parameter-now-required up.f(a=) 2"),
    _c("a constructor", "class C:\n    def __init__(self, key=''): ...", "class C:\n    def __init__(self, key=''):\n        if not key:\n            raise ValueError", "up.C()", "parameter-now-required up.C(key=) 2"),
    # Near-misses.
    _c("one of two is given", OPTIONS, LEAVING, "up.f(skip=True)\nup.f(pre=True)\n"),
    _c("an earlier test leaves", OPTIONS, LEAVING.replace("f()(*fs)", "fs"), "up.f(print)"),
    _c("by position", F, CHOICE, "up.f(1)"),
    _c("it raised before", CHOICE, CHOICE.replace("ValueError", "RuntimeError"), "up.f()"),
    _c("what is spread may give it", F, CHOICE, "def g(**k):\n    up.f(**k)"),
    _c("set before it is asked", F, "def f(a=None):\n    a = a or 1\n    if a is None:\n        raise ValueError\n", "up.f()"),
    _c("a test of something else", F, "import os\ndef f(a=None):\n    if a is None and os.name == 'x':\n        raise ValueError\n", "up.f()"),
    _c("after a test that is not decided", F, "import os\ndef f(a=None):\n    if os.name:\n        return 1\n    if a is None:\n        raise ValueError\n", "up.f()"),
    _c("inside a loop", F, "def f(a=None):\n    for _ in ():\n        if a is None:\n            raise ValueError\n", "up.f()"),
)  # fmt: skip

M = "class C:\n    def m(self): ...\nx = 1\n"
TEXTS = rows(
    _c("a module and a path", M, "class C: ...\nx = 1\n", "from wrapt import wrap_function_wrapper\nwrap_function_wrapper('up', 'C.m', print)", "attribute-removed up.C.m 3"),
    _c("by keyword", M, "class C: ...\nx = 1\n", "from third import wrap\nwrap(module='up', name='C.m', wrapper=print)", "attribute-removed up.C.m 3"),
    _c("a helper of the downstream's own", M, "class C: ...\nx = 1\n", "from down.tools import patch\npatch('up', 'C.m')", "attribute-removed up.C.m 3"),
    # Near-misses.
    _c("what is kept", M, "class C: ...\nx = 1\n", "from third import wrap\nwrap('up', 'x', print)"),
    _c("what was never there", M, "class C: ...\nx = 1\n", "from third import wrap\nwrap('up', 'never', print)"),
    _c("another module", M, "class C: ...\nx = 1\n", "from third import wrap\nwrap('third', 'C.m', print)"),
    _c("words", M, "class C: ...\nx = 1\n", "print('up', 'C m')"),
)  # fmt: skip


@pytest.mark.parametrize("row", [*STUBS, *ABSTRACTS, *TEXTS, *KEYWORDS, *LEFT_OUT])
def test_calls_that_always_fail(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", [*STUBS, *ABSTRACTS, *KEYWORDS, *LEFT_OUT])
def test_each_is_a_change_of_the_release(row: Row, tmp_path: Path) -> None:
    parts = moments(
        tmp_path, {"up/__init__.py": str(row.old)}, {"up/__init__.py": str(row.new)}, {"down/__init__.py": ""}
    )
    changes = {f"{c.rule} {c.symbol}" for c in diff_artifacts(parts.old, parts.new)}
    assert {" ".join(said.split()[:2]) for said in row.said} <= changes


HANDLERS = {
    "logging.warning('x: %s', e)": "breaks",
    "print(e)": "breaks",
    "self.log.exception(e)": "breaks",
    "logging.warning(e)\n        pass": "breaks",
    "pass": "clear",
    "return None": "clear",
    "logging.warning(e)\n        return None": "breaks",
    "logging.debug(e)\n        return None": "clear",
    "print(e)\n        return": "breaks",
    "print(e)\n        return up.kept()": "clear",
    "self.connected = False\n        logging.warning(e)": "breaks",
    "self.a, self.b = False, None\n        if self.loud:\n            logging.warning(e)": "breaks",
    "self.connected = False\n        logging.debug(e)": "clear",
    "self.connected = True\n        logging.warning(e)": "clear",
    "self.value = 1\n        logging.warning(e)": "clear",
    "known = False\n        logging.warning(e)": "clear",
    "if self.loud:\n            logging.warning(e)\n        else:\n            up.kept()": "clear",
    "logging.warning(e)\n        up.kept()": "clear",
    "up.kept()": "clear",
    "raise": "breaks",
}


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_that_only_writes_down_what_happened_is_no_guard(handler: str, tmp_path: Path) -> None:
    down = f"import logging\nimport up\ndef f(self):\n    try:\n        return up.gone(1)\n    except AttributeError as e:\n        {handler}\n"
    found = report(tmp_path, "def gone(a): ...\ndef kept(): ...", "def kept(): ...", down)
    assert found.status == HANDLERS[handler]
