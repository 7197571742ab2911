"""Decorators of the upstream's own: those that change nothing, and those that took more than the function."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, rows, told

from support.packages import moments
from tailrace.changes.diff import diff_artifacts

DECORATORS = """
import functools
from typing import cast
class Appender:
    def __init__(self, text): self.text = text
    def __call__(self, func):
        func.__doc__ = self.text
        return func
class Replacer:
    def __call__(self, func):
        return other
class Kept:
    def __init__(self, func):
        functools.update_wrapper(self, func)
        self.func = func
    def __call__(self, *args, **kwargs):
        return self.func(*args, **kwargs)
class Binding(Kept):
    def __get__(self, obj, cls=None):
        return functools.partial(self, obj)
class Dropping(Kept):
    def __call__(self, *args, **kwargs):
        kwargs.pop("b", None)
        return self.func(*args, **kwargs)
def note(func):
    func.noted = True
    return func
def noting(text):
    def _note(func):
        return func
    return _note
def timed(func):
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        return func(*args, **kwargs)
    return wrapper
def renamed(before, after):
    def _renamed(func):
        @functools.wraps(func)
        def wrapper(*args, **kwargs):
            value = kwargs.pop(before, None)
            if value is not None:
                kwargs[after] = value
            return func(*args, **kwargs)
        return cast(object, wrapper)
    return _renamed
def drops_old(func):
    def wrapper(*args, **kwargs):
        if "old" in kwargs:
            del kwargs["old"]
        return func(*args, **kwargs)
    return functools.update_wrapper(wrapper, func)
def named(func):
    def inner(*args, **kwargs):
        kwargs.update(zip(["y", "sr"], args))
        return func(**kwargs)
    functools.update_wrapper(inner, func)
    return inner
def anything(func):
    def inner(*args, **kwargs):
        return run(func, args, kwargs)
    return inner
KNOWN = {}
def listed(*names, group=None):
    def inner(cls):
        found = list(names)
        if hasattr(cls, "EVENTS"):
            found += cls.EVENTS
        try:
            where = inspect.getmodule(cls).__name__
        except Exception as error:
            warnings.warn(f"{cls}: {error}")
        KNOWN[group].append((cls, found))
        cls.names = found
        return cls
    return inner
def kept_by_name(cls):
    BY_NAME[cls.__name__] = cls
    return cls
def made_anew(cls):
    cls.__init__ = make_init(cls)
    return cls
def set_by_name(cls):
    setattr(cls, "__init__", wrap)
    return cls
def handed_on(cls):
    patch(cls)
    return cls
def another_name(cls):
    it = cls
    it.__init__ = wrap
    return cls
def subclassed(cls):
    class Sub(cls):
        def __init__(self, **kwargs): ...
    return Sub
"""


def _d(name: str, old: str, new: str, down: str, *said: str) -> Row:
    head = "from up.deco import *\nimport third\n"
    files = {"up/deco.py": DECORATORS}
    return Row(
        name, files | {"up/__init__.py": head + old}, files | {"up/__init__.py": head + new}, "import up\n" + down, said
    )


A, B = "def f(a, b=None): ...\n", "def f(a): ...\n"
GONE = "parameter-removed up.f(b=) 2"
K, L = (f"class K:\n    def __init__(self, {given}): ...\n" for given in ("a, b=None", "a"))
LOST = "parameter-removed up.K(b=) 2"
CALLS = rows(
    _d("an object that gives the function back", "@Appender('x')\n" + A, "@Appender('x')\n" + B, "up.f(1, b=2)", GONE),
    _d("an object that calls the function", "@Kept\n" + A, "@Kept\n" + B, "up.f(1, b=2)", GONE),
    _d("an object that calls the function, once", A, "@Kept\n" + B, "up.f(1, b=2)", GONE),
    _d("a function that gives it back", "@note\n" + A, "@note\n" + B, "up.f(1, b=2)", GONE),
    _d("a factory of one", "@noting('x')\n" + A, "@noting('x')\n" + B, "up.f(1, b=2)", GONE),
    _d("a wrapper that passes all on", "@timed\n" + A, "@timed\n" + B, "up.f(1, b=2)", GONE),
    _d("two of them", "@timed\n@note\n" + A, "@timed\n@note\n" + B, "up.f(1, b=2)", GONE),
    _d("a long text", "@Appender('" + "x" * 300 + "')\n" + A, "@Appender('" + "x" * 300 + "')\n" + B, "up.f(1, b=2)", GONE),
    _d("a shim that went", "@renamed('b', 'c')\ndef f(a, c=None): ...", "def f(a, c=None): ...", "up.f(1, b=2)", GONE),
    _d("a shim of another name that stays", "@renamed('b', 'c')\n@renamed('x', 'y')\ndef f(a, c=None): ...", "@renamed('x', 'y')\ndef f(a, c=None): ...", "up.f(1, b=2)", GONE),
    _d("a shim that spells the name", "@drops_old\ndef f(a): ...", "def f(a): ...", "up.f(1, old=2)", "parameter-removed up.f(old=) 2"),
    _d("positions that only a decorator took", "@named\ndef f(*, y=None, sr=1): ...", "def f(*, y=None, sr=1): ...", "up.f(1, 2)", "parameter-now-keyword-only up.f(y=) 2"),
    _d("of a method", "class C:\n    @timed\n    def f(self, a, b=None): ...", "class C:\n    @timed\n    def f(self, a): ...", "up.C().f(1, b=2)", "parameter-removed up.C.f(b=) 2"),
    _d("of a class, listed somewhere", "@listed('f')\n" + K, "@listed('f', group='x')\n" + L, "up.K(1, b=2)", LOST),
    _d("of a class, without a call", "@kept_by_name\n" + K, "@kept_by_name\n" + L, "up.K(1, b=2)", LOST),
    _d("of a class, of another distribution", "@third.magic\n" + K, "@third.magic\n" + L, "up.K(1, b=2)", f"{LOST} likely"),
    _d("of a class, that comes", K, "@listed()\n" + L, "up.K(1, b=2)", LOST),
    _d("of a class, whose member is gone", "@listed()\nclass K:\n    def gone(self): ...", "@listed()\nclass K: ...", "up.K().gone()", "attribute-removed up.K.gone 2"),
    # Near-misses.
    _d("an object that takes more than the function", "@Kept\n" + A, "@Dropping\n" + B, "up.f(1, b=2)"),
    _d("an object that binds it", "@Binding\n" + A, "@Binding\n" + B, "up.f(1, b=2)"),
    _d("of a class, which sets the constructor", "@made_anew\n" + K, "@made_anew\n" + L, "up.K(1, b=2)"),
    _d("of a class, which sets it by its name", "@set_by_name\n" + K, "@set_by_name\n" + L, "up.K(1, b=2)"),
    _d("of a class, which hands it on", "@handed_on\n" + K, "@handed_on\n" + L, "up.K(1, b=2)"),
    _d("of a class, under another name", "@another_name\n" + K, "@another_name\n" + L, "up.K(1, b=2)"),
    _d("of a class, which gives a subclass", "@subclassed\n" + K, "@subclassed\n" + L, "up.K(1, b=2)"),
    _d("of a class without a constructor, of another distribution", "@third.magic\nclass K:\n    a: int\n    b: int = 1", "@third.magic\nclass K:\n    a: int", "up.K(1, b=2)"),
    _d("of a class, which sets what is gone", "@listed()\nclass K:\n    names = ()", "@listed()\nclass K: ...", "up.K().names"),
    _d("a shim that stays", "@renamed('b', 'c')\ndef f(a, c=None): ...", "@renamed('b', 'c')\ndef f(a, c=None): ...", "up.f(1, b=2)"),
    _d("a shim that comes", A, "@renamed('b', 'c')\ndef f(a, c=None): ...", "up.f(1, b=2)"),
    _d("a decorator that comes and takes positions", "def f(y=None, sr=1): ...", "@named\ndef f(*, y=None, sr=1): ...", "up.f(1, 2)"),
    _d("an object that gives another function", "@Replacer()\n" + A, "@Replacer()\n" + B, "up.f(1, b=2)"),
    _d("a decorator of another distribution", "@third.magic\n" + A, "@third.magic\n" + B, "up.f(1, b=2)"),
    _d("a wrapper that nobody can follow", "@anything\n" + A, "@anything\n" + B, "up.f(1, b=2)"),
    _d("a shim that went, and a keyword that is kept", "@renamed('b', 'c')\ndef f(a, c=None): ...", "def f(a, c=None): ...", "up.f(1, c=2)"),
    _d("a shim that went where anything is taken", "@renamed('b', 'c')\ndef f(a, **k): ...", "def f(a, **k): ...", "up.f(1, b=2)"),
)  # fmt: skip


@pytest.mark.parametrize("row", CALLS)
def test_a_decorator_is_followed(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", CALLS)
def test_each_is_a_change_too(row: Row, tmp_path: Path) -> None:
    assert not isinstance(row.old, str)
    assert not isinstance(row.new, str)
    parts = moments(tmp_path, row.old, row.new, {"down/__init__.py": ""})
    changes = {f"{c.rule} {c.symbol}" for c in diff_artifacts(parts.old, parts.new)}
    assert {" ".join(said.split()[:2]) for said in row.said} <= changes
