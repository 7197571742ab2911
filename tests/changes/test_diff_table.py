"""Two versions of a small package, and every change that the diff names; the near-misses name none."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from support.packages import artifact
from tailrace.changes.diff import diff_artifacts, load_or_diff
from tailrace.model import Artifact

Changes = set[tuple[str, str]]

LAZY = "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach(__name__, [], {{'a': [{}]}})\n"
GIVES = "T = {{'float': 1}}\ndef __getattr__(name):\n    if name in T:\n{}    raise AttributeError(name)\n"
MARKED = "import warnings\ndef {}():\n    warnings.warn('old', DeprecationWarning)\n"
ROWS: dict[str, tuple[dict[str, str], dict[str, str], Changes]] = {
    "a function is gone": (
        {"up.py": "def f(): ...\ndef g(): ...\n"},
        {"up.py": "def g(): ...\n"},
        {("name-removed", "up.f")},
    ),
    "methods that return calls of each other take less": (
        {"up.py": "class C:\n    def f(self, a): return self.g()\n    def g(self): return self.f()\n"},
        {"up.py": "class C:\n    def f(self): return self.g()\n    def g(self): return self.f()\n"},
        {("parameter-removed", "up.C.f(a=)"), ("arity-changed", "up.C.f")},
    ),
    "a private name is gone": ({"up.py": "_x = 1\n"}, {"up.py": ""}, {("name-removed", "up._x")}),
    "a name now comes by import": (
        {"up/__init__.py": "def f(): ...\n"},
        {"up/__init__.py": "from up.a import f\n", "up/a.py": "def f(): ...\n"},
        set(),
    ),
    "a name now comes by a star": (
        {"up/__init__.py": "def f(): ...\n"},
        {"up/__init__.py": "from up.a import *\n", "up/a.py": "def f(): ...\n"},
        set(),
    ),
    "a name now comes on demand": (
        {"up.py": "f = 1\ng = 1\n"},
        {"up.py": "def __getattr__(name):\n    if name == 'f':\n        return 1\n    raise AttributeError(name)\n"},
        {("name-removed", "up.g"), ("name-removed", "up.f")},  # `import *` asks no `__getattr__`
    ),
    "a lazy table loses a name": (
        {"up/__init__.py": LAZY.format("'f', 'g'"), "up/a.py": "f = g = 1\n"},
        {"up/__init__.py": LAZY.format("'f'"), "up/a.py": "f = g = 1\n"},
        {("name-removed", "up.g")},
    ),
    "a re-export is gone with what it led to": (
        {"up/__init__.py": "from up.a import f\n", "up/a.py": "def f(): ...\n"},
        {"up/__init__.py": "", "up/a.py": ""},
        {("name-removed", "up.f"), ("name-removed", "up.a.f")},
    ),
    "a standard import that nobody was offered": (
        {"up.py": "import os\nfrom typing import Any\n"},
        {"up.py": ""},
        set(),
    ),
    "a standard import that stands in __all__": (
        {"up.py": "from io import StringIO\n__all__ = ['StringIO']\n"},
        {"up.py": "__all__ = []\n"},
        {("name-removed", "up.StringIO")},
    ),
    "a compatibility name": (
        {"up.py": "try:\n    from io import StringIO\nexcept ImportError:\n    from StringIO import StringIO\n"},
        {"up.py": ""},
        {("name-removed", "up.StringIO")},
    ),
    "a module is gone": (
        {"up/__init__.py": "", "up/a.py": ""},
        {"up/__init__.py": ""},
        {("module-removed", "up.a")},
    ),
    "a package is gone, its modules are not said": (
        {"up/__init__.py": "", "up/p/__init__.py": "", "up/p/a.py": "", "up/p/b.py": ""},
        {"up/__init__.py": ""},
        {("module-removed", "up.p")},
    ),
    "a module becomes a package": (
        {"up/__init__.py": "", "up/a.py": "x = 1\n"},
        {"up/__init__.py": "", "up/a/__init__.py": "x = 1\n"},
        set(),
    ),
    "a module now raises": (
        {"up/__init__.py": "", "up/a.py": "x = 1\n"},
        {"up/__init__.py": "", "up/a.py": "raise ImportError('gone')\n"},
        {("module-removed", "up.a")},
    ),
    "tests are nobody's interface": (
        {"up/__init__.py": "", "up/tests/test_a.py": "x = 1\n"},
        {"up/__init__.py": ""},
        set(),
    ),
    "a method is gone": (
        {"up.py": "class C:\n    def m(self): ...\n    def n(self): ...\n"},
        {"up.py": "class C:\n    def n(self): ...\n"},
        {("attribute-removed", "up.C.m")},
    ),
    "an instance attribute is gone": (
        {"up.py": "class C:\n    def __init__(self):\n        self.x = self.y = 1\n"},
        {"up.py": "class C:\n    def __init__(self):\n        self.y = 1\n"},
        {("attribute-removed", "up.C.x")},
    ),
    "a class gets a constructor": (
        {"up.py": "class C:\n    def m(self): ...\n"},
        {"up.py": "class C:\n    def m(self): ...\n    def __init__(self, a): ...\n"},
        {("parameter-now-required", "up.C(a=)")},
    ),
    "a class gets a constructor beside that of its base": (
        {"up.py": "class B:\n    def __init__(self): ...\nclass C(B): ...\n"},
        {"up.py": "class B:\n    def __init__(self): ...\nclass C(B):\n    def __new__(cls, a): ...\n"},
        {("parameter-now-required", "up.C(a=)")},
    ),
    "a class gets a constructor that takes what it took": (
        {"up.py": "class C:\n    def m(self): ...\n"},
        {"up.py": "class C:\n    def m(self): ...\n    def __init__(self, a=1): ...\n"},
        set(),
    ),
    "an override is new and takes less": (
        {"up.py": "class B:\n    def m(self, a): ...\nclass C(B):\n    x = 1\n"},
        {"up.py": "class B:\n    def m(self, a): ...\nclass C(B):\n    x = 1\n    def m(self): ...\n"},
        {("arity-changed", "up.B.m"), ("parameter-removed", "up.B.m(a=)")},
    ),
    "an override is new and takes the same": (
        {"up.py": "class B:\n    def m(self, a): ...\nclass C(B):\n    x = 1\n"},
        {"up.py": "class B:\n    def m(self, a): ...\nclass C(B):\n    x = 1\n    def m(self, a, b=1): ...\n"},
        set(),
    ),
    "an override is new and of another kind": (
        {"up.py": "class B:\n    def m(self): ...\nclass C(B):\n    x = 1\n"},
        {"up.py": "class B:\n    def m(self): ...\nclass C(B):\n    x = 1\n    m = 1\n"},
        {("kind-changed", "up.B.m")},
    ),
    "an override is gone, and what it stood before is of another kind": (
        {"up.py": "class B:\n    m = 1\nclass C(B):\n    x = 1\n    def m(self): ...\n"},
        {"up.py": "class B:\n    m = 1\nclass C(B):\n    x = 1\n"},
        {("kind-changed", "up.C.m")},
    ),
    "a class asks something of its subclasses": (
        {"up.py": "class C:\n    x = 1\n"},
        {"up.py": "class C:\n    x = 1\n    def __init_subclass__(cls, *, a): ...\n"},
        {("arity-changed", "up.C.__init_subclass__")},
    ),
    "a class asks more of its subclasses": (
        {"up.py": "class C:\n    def __init_subclass__(cls): ...\n"},
        {"up.py": "class C:\n    def __init_subclass__(cls, *, a): ...\n"},
        {("arity-changed", "up.C.__init_subclass__")},
    ),
    "a class accepts something of its subclasses": (
        {"up.py": "class C:\n    x = 1\n"},
        {"up.py": "class C:\n    x = 1\n    def __init_subclass__(cls, a=1, **more): ...\n"},
        set(),
    ),
    "an instance attribute is set where the instance is made": (
        {"up.py": "class C:\n    def __init__(self):\n        self.x = 1\n"},
        {
            "up.py": "class C:\n    def __new__(cls):\n        self = object.__new__(cls)\n        self.x = 1\n"
            "        return self\n"
        },
        set(),
    ),
    "an instance attribute is set where a base makes the instance": (
        {"up.py": "class C(B):\n    def __init__(self):\n        self.x = 1\n"},
        {
            "up.py": "class C(B):\n    def __new__(cls):\n        made = super().__new__(cls)\n        made.x = 1\n"
            "        return made\n"
        },
        set(),
    ),
    "an attribute is set on another object": (
        {"up.py": "class C:\n    def __init__(self):\n        self.x = 1\n"},
        {
            "up.py": "class C:\n    def __new__(cls):\n        self = object.__new__(cls)\n        other.x = 1\n"
            "        return self\n"
        },
        {("attribute-removed", "up.C.x")},
    ),
    "a hook refuses what it gave, a name that only types are made of": (
        {"up/__init__.py": GIVES.format("        return T[name]\n"), "up/__init__.pyi": "from builtins import float\n"},
        {
            "up/__init__.py": GIVES.format("        raise AttributeError(name)\n"),
            "up/__init__.pyi": "from builtins import float\n",
        },
        {("name-removed", "up.float")},
    ),
    "a method moves to a base": (
        {"up.py": "class B: ...\nclass C(B):\n    def m(self): ...\n"},
        {"up.py": "class B:\n    def m(self): ...\nclass C(B): ...\n"},
        set(),
    ),
    "a class answers for any name": (
        {"up.py": "class C:\n    x = 1\n"},
        {"up.py": "class C:\n    def __getattr__(self, name): ...\n"},
        set(),
    ),
    "a base is gone with what came from it": (
        {"up.py": "class B:\n    def m(self): ...\nclass C(B): ...\n"},
        {"up.py": "class B:\n    def m(self): ...\nclass C: ...\n"},
        {("base-changed", "up.C")},
    ),
    "a base moves": (
        {"up/__init__.py": "", "up/a.py": "class B: ...\n", "up/b.py": "from up.a import B\nclass C(B): ...\n"},
        {
            "up/__init__.py": "",
            "up/a.py": "from up.c import B\n",
            "up/c.py": "class B: ...\n",
            "up/b.py": "from up.a import B\nclass C(B): ...\n",
        },
        set(),
    ),
    "object is no base that could be missed": ({"up.py": "class C(object): ...\n"}, {"up.py": "class C: ...\n"}, set()),
    "a parameter is gone": (
        {"up.py": "def f(a, b=1): ...\n"},
        {"up.py": "def f(a): ...\n"},
        {("parameter-removed", "up.f(b=)"), ("arity-changed", "up.f")},
    ),
    "a keyword is gone": (
        {"up.py": "def f(a, *, b=1): ...\n"},
        {"up.py": "def f(a): ...\n"},
        {("parameter-removed", "up.f(b=)")},
    ),
    "a parameter is renamed": (
        {"up.py": "class C:\n    def m(self, old): ...\n"},
        {"up.py": "class C:\n    def m(self, new): ...\n"},
        {("parameter-removed", "up.C.m(old=)"), ("parameter-now-required", "up.C.m(new=)")},
    ),
    "a default is gone": (
        {"up.py": "def f(a, b=1): ...\n"},
        {"up.py": "def f(a, b): ...\n"},
        {("parameter-now-required", "up.f(b=)")},
    ),
    "a parameter is now keyword-only": (
        {"up.py": "class C:\n    def __init__(self, a, b=1): ...\n"},
        {"up.py": "class C:\n    def __init__(self, a, *, b=1): ...\n"},
        {("parameter-now-keyword-only", "up.C(b=)")},
    ),
    "parameters change places": (
        {"up.py": "def f(a, b): ...\n"},
        {"up.py": "def f(b, a): ...\n"},
        {("arity-changed", "up.f")},
    ),
    "a parameter is added at the end": ({"up.py": "def f(a): ...\n"}, {"up.py": "def f(a, b=1, *, c=2): ...\n"}, set()),
    "keywords may still be taken out of **kwargs": (
        {"up.py": "def f(a=1): ...\n"},
        {"up.py": "def f(*args, **kwargs): ...\n"},
        set(),
    ),
    "what was taken out of *args has a name now, and must be given": (
        {"up.py": "def f(*args, **kw): ...\n"},
        {"up.py": "def f(cmd, *args, **kw): ...\n"},
        {("parameter-now-required", "up.f(cmd=)")},
    ),
    "what was taken out of *args has a name now, and a default": (
        {"up.py": "def f(*args, **kw): ...\n"},
        {"up.py": "def f(cmd=None, *args, **kw): ...\n"},
        set(),
    ),
    "a decorator of its own may keep the parameter": (
        {"up.py": "@renamed(old='new')\ndef f(old): ...\n"},
        {"up.py": "@renamed(old='new')\ndef f(new): ...\n"},
        set(),
    ),
    "a function is now async": (
        {"up.py": "def f(): ...\n"},
        {"up.py": "async def f(): ...\n"},
        {("kind-changed", "up.f")},
    ),
    "a method is now a property": (
        {"up.py": "class C:\n    def m(self): ...\n"},
        {"up.py": "class C:\n    @property\n    def m(self): ...\n"},
        {("kind-changed", "up.C.m")},
    ),
    "a function is now a class": (
        {"up.py": "def f(a): ...\n"},
        {"up.py": "class f:\n    def __init__(self, a): ...\n"},
        set(),
    ),
    "a mark is new": (
        {"up.py": "def f(): ...\n"},
        {"up.py": "import warnings\ndef f():\n    warnings.warn('old', DeprecationWarning)\n"},
        {("now-deprecated", "up.f")},
    ),
    "a mark is as it was": (
        {"up.py": "import warnings\ndef f():\n    warnings.warn('old', DeprecationWarning)\n    return 1\n"},
        {"up.py": "import warnings\ndef f():\n    warnings.warn('old', DeprecationWarning)\n    return 2\n"},
        set(),
    ),
    "a name leads to a new function with a mark": (
        {"up.py": "def f(): ...\nalias = f\n"},
        {"up.py": f"def f(): ...\n{MARKED.format('g')}alias = g\n"},
        {("now-deprecated", "up.g")},
    ),
    "a name leads to a function that had the mark": (
        {"up.py": f"def f(): ...\n{MARKED.format('g')}alias = f\n"},
        {"up.py": f"def f(): ...\n{MARKED.format('g')}alias = g\n"},
        {("now-deprecated", "up.g")},
    ),
    "a name leads to a function whose mark is new": (
        {"up.py": "def f(): ...\nalias = f\n"},
        {"up.py": f"{MARKED.format('f')}alias = f\n"},
        {("now-deprecated", "up.f")},
    ),
    "a name led to a function with a mark before": (
        {"up.py": f"{MARKED.format('f')}alias = f\n"},
        {"up.py": f"{MARKED.format('f')}{MARKED.format('g')}alias = g\n"},
        set(),
    ),
    "a module replaces itself": (
        {"up.py": "x = 1\n"},
        {"up.py": "import sys\nsys.modules[__name__] = object()\n"},
        set(),
    ),
    "a compiled module takes its place": (
        {"up/__init__.py": "", "up/a.py": "x = 1\n"},
        {"up/__init__.py": "", "up/a.cpython-312.so": "\0x\0"},
        set(),
    ),
    "a file that cannot be read any more": ({"up.py": "x = 1\n"}, {"up.py": "x = (\n"}, set()),
}


@pytest.mark.parametrize("row", ROWS, ids=list(ROWS))
def test_every_change_and_nothing_else(row: str, tmp_path: Path) -> None:
    old, new, expected = ROWS[row]
    changes = diff_artifacts(*_two(tmp_path, old, new))
    assert {(c.rule, c.symbol) for c in changes} == expected


def test_a_change_has_its_place_and_its_mark(tmp_path: Path) -> None:
    old = 'import warnings\n\ndef f():\n    warnings.warn("f is deprecated since 1.2, use g", DeprecationWarning)\n'
    (change,) = diff_artifacts(*_two(tmp_path, {"up.py": old}, {"up.py": ""}))
    assert (change.file, change.line, change.in_candidate, change.deprecated_in) == ("up.py", 3, False, "1.2")


def test_a_change_without_announcement_has_no_mark(tmp_path: Path) -> None:
    (change,) = diff_artifacts(*_two(tmp_path, {"up.py": "def f(): ...\n"}, {"up.py": ""}))
    assert (change.deprecation, change.deprecated_in) == (None, None)


def test_a_new_mark_stands_in_the_candidate(tmp_path: Path) -> None:
    new = 'import warnings\ndef f():\n    warnings.warn("f will be removed in 3.0", DeprecationWarning)\n'
    (change,) = diff_artifacts(*_two(tmp_path, {"up.py": "def f(): ...\n"}, {"up.py": new}))
    assert change.in_candidate
    assert change.deprecation is not None
    assert (change.deprecation.since, change.deprecation.removed_in) == (None, "3.0")


def test_a_re_export_says_where_it_came_from(tmp_path: Path) -> None:
    old = {"up/__init__.py": "from up.a import f\n", "up/a.py": "def f(): ...\n"}
    (change,) = diff_artifacts(*_two(tmp_path, old, {"up/__init__.py": "", "up/a.py": "def f(): ...\n"}))
    assert (change.symbol, change.detail) == ("up.f", "re-exported there from up.a")


def test_what_only_lies_in_the_metadata_is_named_too(tmp_path: Path) -> None:
    old = artifact(tmp_path / "o", {"up.py": ""}, scripts={"up": "up:m", "upd": "up:m"}, requires_python=">=3.8")
    new = artifact(tmp_path / "n", {"up.py": ""}, scripts={"up": "up:m"}, requires_python=">=3.9", requires=("six",))
    found = {(c.rule, c.symbol) for c in diff_artifacts(old, new)}
    assert found == {
        ("entry-point-removed", "script:upd"),
        ("python-dropped", "Requires-Python"),
        ("requirement-conflict", "six"),
    }


def test_options_gone_and_new(tmp_path: Path) -> None:
    head = "import argparse\ndef main():\n    p = argparse.ArgumentParser('up')\n"
    tail = "    p.parse_args()\n"
    old, new = (f"{head}    p.add_argument('{option}')\n{tail}" for option in ("--old", "--new"))
    first = artifact(tmp_path / "o", {"up.py": old}, scripts={"up": "up:main"})
    second = artifact(tmp_path / "n", {"up.py": new}, scripts={"up": "up:main"})
    found = {(c.rule, c.symbol, c.in_candidate) for c in diff_artifacts(first, second)}
    assert found == {("option-removed", "up --old", False), ("option-conflict", "up --new", True)}


def test_the_order_is_that_of_rules_and_symbols(tmp_path: Path) -> None:
    old = {f"up/{name}.py": "z = 1\na = 1\nclass C:\n    def m(self): ...\n" for name in ("__init__", "b", "a")}
    new = {"up/__init__.py": "class C: ...\n", "up/b.py": ""}
    changes = diff_artifacts(*_two(tmp_path, old, new))
    assert list(changes) == sorted(changes, key=lambda c: (c.rule, c.symbol))


def test_the_diff_of_two_archives_is_kept_under_their_hashes(tmp_path: Path) -> None:
    old = artifact(tmp_path / "o", {"up.py": "x = 1\n"}, sha256="a" * 64)
    new = artifact(tmp_path / "n", {"up.py": ""}, version="2.0", sha256="b" * 64)
    first = load_or_diff(old, new, tmp_path / "cache")
    (kept,) = (tmp_path / "cache").rglob("*.msgpack")
    (tmp_path / "o" / "up.py").unlink()
    assert load_or_diff(old, new, tmp_path / "cache") == first
    kept.write_bytes(b"cut")
    assert load_or_diff(old, new, tmp_path / "cache") != first
    assert [p.suffix for p in (tmp_path / "cache").rglob("*") if p.is_file()] == [".msgpack"]


def test_a_tree_has_no_hash_and_is_not_kept(tmp_path: Path) -> None:
    old, new = _two(tmp_path, {"up.py": "x = 1\n"}, {"up.py": ""})
    found = load_or_diff(old, new, tmp_path / "cache")
    assert found.identifiers == {"x"}
    assert not (tmp_path / "cache").exists()
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=type(found)) == found


def _two(tmp_path: Path, old: dict[str, str], new: dict[str, str]) -> tuple[Artifact, Artifact]:
    return artifact(tmp_path / "old", old), artifact(tmp_path / "new", new, version="2.0")
