"""What catches a failure and what does not: handlers, suppress, hasattr, defaults, fallback branches, TYPE_CHECKING."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

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
    def fresh(): ...
    class Thing:
        def stays(self): ...
    def call(a): ...
"""
GONE = "name-removed up.gone"
LOST = "attribute-removed up.Thing.lost"


def _r(name: str, down: str, *said: str, wrong: str = "") -> Row:
    return Row(name, OLD, NEW, down, said, wrong=wrong)


ROWS = rows(
    # -- code that a compiler translates
    _r("a method in a function that numba compiles", "import numba, up\n@numba.njit(cache=True)\ndef f(t: up.Thing):\n    return t.lost()", f"{LOST} 4 possible"),
    _r("a method in one that nothing compiles", "import functools, up\n@functools.cache\ndef f(t: up.Thing):\n    return t.lost()", f"{LOST} 4"),
    _r("a name of the module in one that numba compiles", "import numba, up\n@numba.njit\ndef f():\n    return up.gone()", f"{GONE} 4"),
    # -- handlers around an import
    _r("nothing around", "from up import gone", f"{GONE} 1"),
    _r(
        "ImportError catches a missing name",
        "try:\n    from up import gone\nexcept ImportError:\n    gone = None",
        f"{GONE} 2 guard: except ImportError",
    ),
    _r(
        "ModuleNotFoundError does not: the module is there",
        "try:\n    from up import gone\nexcept ModuleNotFoundError:\n    gone = None",
        f"{GONE} 2",
    ),
    _r(
        "other exceptions do not",
        "try:\n    from up import gone\nexcept (TypeError, RuntimeError):\n    gone = None",
        f"{GONE} 2",
    ),
    _r(
        "a tuple with the right one in it does",
        "try:\n    from up import gone\nexcept (TypeError, ImportError):\n    gone = None",
        f"{GONE} 2 guard: except (TypeError, ImportError)",
    ),
    _r(
        "AttributeError does not catch a from-import",
        "try:\n    from up import gone\nexcept AttributeError:\n    gone = None",
        f"{GONE} 2",
    ),
    _r(
        "a bare except around an import does",
        "try:\n    from up import gone\nexcept:\n    gone = None",
        f"{GONE} 2 guard: except",
    ),
    _r(
        "Exception around an import does",
        "try:\n    from up import gone\nexcept Exception:\n    gone = None",
        f"{GONE} 2 guard: except Exception",
    ),
    _r(
        "a handler that raises again handles nothing",
        "try:\n    from up import gone\nexcept ImportError:\n    raise RuntimeError('install up')",
        f"{GONE} 2",
    ),
    _r(
        "a handler that leaves the program handles nothing",
        "import sys\ntry:\n    from up import gone\nexcept ImportError:\n    sys.exit(1)",
        f"{GONE} 3",
    ),
    _r(
        "a second handler may be the one",
        "try:\n    from up import gone\nexcept TypeError:\n    pass\nexcept ImportError:\n    gone = None",
        f"{GONE} 2 guard: except ImportError",
    ),
    _r(
        "an outer try counts too",
        "try:\n    try:\n        from up import gone\n    except TypeError:\n        pass\nexcept ImportError:\n    gone = 1",
        f"{GONE} 3 guard: except ImportError",
    ),
    _r(
        "an inner handler that raises again hands it to the outer one",
        """
        try:
            try:
                from up import gone
            except ImportError:
                raise
        except ImportError:
            gone = None
        """,
        f"{GONE} 4 guard: except ImportError",
    ),
    _r(
        "finally alone guards nothing",
        "try:\n    from up import gone\nfinally:\n    done = True",
        f"{GONE} 2",
    ),
    _r(
        "the else branch is outside of the guard",
        "try:\n    import up\nexcept ImportError:\n    up = None\nelse:\n    from up import gone",
        f"{GONE} 6",
    ),
    _r(
        "a try around a def guards nothing that the def does later",
        "import up\ntry:\n    def later():\n        return up.gone()\nexcept AttributeError:\n    pass",
        f"{GONE} 4",
    ),
    # -- suppress
    _r(
        "suppress of the right exception",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    from up import gone",
        f"{GONE} 3 guard: except (ImportError,)",
    ),
    _r(
        "suppress of another",
        "from contextlib import suppress\nwith suppress(KeyError):\n    from up import gone",
        f"{GONE} 3",
    ),
    # -- attributes and calls
    _r(
        "AttributeError around the attribute",
        "import up\ndef f():\n    try:\n        return up.gone()\n    except AttributeError:\n        return None",
        f"{GONE} 4 guard: except AttributeError",
    ),
    _r(
        "ImportError around an attribute catches nothing",
        "import up\ndef f():\n    try:\n        return up.gone()\n    except ImportError:\n        return None",
        f"{GONE} 4",
    ),
    _r(
        "TypeError around a call that no longer binds",
        "import up\ndef f():\n    try:\n        return up.call(1, b=2)\n    except TypeError:\n        return up.call(1)",
        "parameter-removed up.call(b=) 4 guard: except TypeError",
    ),
    _r(
        "a catch-all around a whole function hides, it does not handle",
        """
        import up
        def f():
            try:
                a = 1
                b = 2
                c = 3
                d = up.gone()
                e = 5
                g = 6
                h = 7
                return a, b, c, d, e, g, h
            except Exception as error:
                print(error)
        """,
        f"{GONE} 8",
    ),
    _r(
        "a catch-all around that one line is meant for it",
        "import up\ndef f():\n    try:\n        return up.gone()\n    except Exception:\n        return None",
        f"{GONE} 4 guard: except Exception",
    ),
    # -- tests before the use
    _r(
        "hasattr",
        "import up\ndef f():\n    if hasattr(up, 'gone'):\n        return up.gone()",
    ),
    _r(
        "hasattr of something else",
        "import up\ndef f():\n    if hasattr(up, 'kept'):\n        return up.gone()",
        f"{GONE} 4",
    ),
    _r(
        "the branch without it",
        "import up\ndef f():\n    if not hasattr(up, 'gone'):\n        return up.gone()",
        f"{GONE} 4",
    ),
    _r(
        "an early return",
        "import up\ndef f():\n    if not hasattr(up, 'gone'):\n        return None\n    return up.gone()",
    ),
    _r("a conditional expression", "import up\ngone = up.gone if hasattr(up, 'gone') else None"),
    _r("and", "import up\ngone = hasattr(up, 'gone') and up.gone"),
    _r("or with not", "import up\ngone = not hasattr(up, 'gone') or up.gone"),
    _r("or", "import up\ngone = hasattr(up, 'gone') or up.gone", f"{GONE} 2"),
    _r("getattr with a default", "import up\ngone = getattr(up, 'gone', None)"),
    _r("getattr without", "import up\ngone = getattr(up, 'gone')", f"{GONE} 2"),
    _r(
        "hasattr on an instance is believed",
        "from up import Thing\ndef f(t: Thing):\n    if hasattr(t, 'lost'):\n        t.lost()",
        f"{LOST} 4 possible guard: hasattr(t, 'lost')",
    ),
    # -- fallback branches
    _r(
        "a fallback to the old name is dead where the new one is there",
        "try:\n    from up import fresh\nexcept ImportError:\n    from up import gone as fresh",
    ),
    _r(
        "a fallback is alive where the first import fails as well",
        "try:\n    from up import never\nexcept ImportError:\n    from up import gone",
        f"{GONE} 4",
    ),
    _r(
        "a fallback under the wrong exception never runs",
        "try:\n    from up import never\nexcept KeyError:\n    from up import gone",
    ),
    _r(
        "a fallback for a third package that may be missing",
        "try:\n    from third import gone\nexcept ImportError:\n    from up import gone",
        f"{GONE} 4 if: only when `from third import gone` fails?",
    ),
    Row(
        "a fallback for a package that is required",
        OLD,
        NEW,
        "try:\n    from third import gone\nexcept ImportError:\n    from up import gone",
        (f"{GONE} 4 possible guard: only when `from third import gone` fails if: only when `from third import gone` fails?",),
        {"requires": ("up", "third")},
    ),
    _r(
        "a fallback for the upstream under another name",
        "try:\n    from third.packages.up import kept\nexcept ImportError:\n    from up import gone",
    ),
    _r(
        "a fallback for the same thing under another name",
        "try:\n    from third.packages.up import gone\nexcept ImportError:\n    from up import gone",
        f"{GONE} 4",
        f"{GONE} 2 guard: except ImportError",
        wrong="what a third package's copy lacks is taken for the upstream's own",
    ),
    _r(
        "a fallback for a standard module that is always there",
        "try:\n    import json\nexcept ImportError:\n    from up import gone",
    ),
    _r(
        "a branch for mishaps runs whenever one happens",
        "import up\ndef f():\n    try:\n        up.kept()\n    except ValueError:\n        up.gone()",
        f"{GONE} 6",
    ),
    _r(
        "a branch for a missing name does not run where it is there",
        "import up\ndef f():\n    try:\n        up.fresh()\n    except AttributeError:\n        up.gone()",
    ),
    _r(
        "nor where the body does other things besides",
        "import up\ndef f(n):\n    try:\n        if n not in up.kept():\n            up.kept().add(n)\n    except AttributeError:\n        up.gone()",
        f"{GONE} 7 possible guard: only when `if n not in up.kept():\n    up.kept().add(n)` fails if: only when `if n not in up.kept():\n    up.kept().add(n)` fails?",
    ),
    _r(
        "another kind of error may come from them",
        "import up\ndef f(n):\n    try:\n        if n not in up.kept():\n            up.kept().add(n)\n    except (AttributeError, KeyError):\n        up.gone()",
        f"{GONE} 7 if: only when `if n not in up.kept():\n    up.kept().add(n)` fails?",
    ),
    _r(
        "the body asks nothing of the upstream",
        "import up\ndef f(n):\n    try:\n        if n:\n            n.go()\n    except AttributeError:\n        up.gone()",
        f"{GONE} 7 if: only when `if n:\n    n.go()` fails?",
    ),
    # -- for type checkers only
    _r("TYPE_CHECKING", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from up import gone"),
    _r(
        "the other branch of it",
        "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    from up import gone",
        f"{GONE} 3",
    ),
    _r("if False", "if False:\n    from up import gone"),
    _r(
        "an annotation that is never evaluated",
        "from __future__ import annotations\nimport up\ndef f(x: up.gone): ...",
    ),
    _r("an annotation that is", "import up\ndef f(x: up.gone): ...", f"{GONE} 2"),
    _r("an annotation of a local is not", "import up\ndef f():\n    x: up.gone = 1\n    return x"),
    _r("a mention in a string or comment", "text = 'up.gone'  # up.gone\nimport up"),
    _r("a name of the downstream's own", "def gone(): ...\ngone()\nimport up\nup.kept()"),
)  # fmt: skip


def _beside(name: str, down: str, *said: str) -> Row:
    return Row(name, OLD, NEW, {"down/__init__.py": "", "down/selfcheck.py": down}, said)


_HERE = "down/selfcheck.py"
BESIDE = rows(
    _beside("a class of tests", "import unittest, up\nclass T(unittest.TestCase):\n    def test_a(self):\n        up.gone()\ndef f(): ...", f"{GONE} {_HERE}:4 in tests"),
    _beside("a class of tests through its own base", "import unittest, up\nclass B(unittest.TestCase): ...\nclass T(B):\n    def test_a(self):\n        up.gone()\ndef f(): ...", f"{GONE} {_HERE}:5 in tests"),
    _beside("a module of tests only", "from up import gone\nimport unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n        gone()", f"{GONE} {_HERE}:1 in tests"),
    _beside("a base class for the tests of others", "import unittest, up\nclass T(unittest.TestCase):\n    def ask(self):\n        up.gone()", f"{GONE} {_HERE}:4"),
    _beside("a product beside tests", "from up import gone\nimport unittest\nclass T(unittest.TestCase):\n    def test_a(self): ...\ndef f(): ...", f"{GONE} {_HERE}:1"),
    Row("a package", OLD, NEW, "import unittest, up\nclass T(unittest.TestCase):\n    def test_a(self):\n        up.gone()", (f"{GONE} 4",)),
)  # fmt: skip


@pytest.mark.parametrize("row", [*ROWS, *BESIDE])
def test_a_guard_is_one_only_where_it_catches_what_is_raised(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said
