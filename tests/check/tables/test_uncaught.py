"""Exceptions of the upstream that changed their base: found at the `except` clause that no longer catches them."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from engine_rows import Row, Sources, rows, told

BASE = "class Base(Exception): ...\n"
OLD = BASE + "class Timeout(Base): ...\nclass Other(Base): ...\n"
NEW = BASE + "class Timeout(Exception): ...\nclass Other(Base): ...\n"
GO = "def go():\n    raise Timeout('late')\n"
LOST = "base-changed up.Timeout 4 possible"


def _try(name: str, *said: str, body: str = "return up.go()", clause: str = "except up.Base: return None", more: str = GO, old: str = OLD, new: str = NEW) -> Row:  # fmt: skip
    """The downstream's function calls `body` under `clause`, which stands in line 4."""
    down = f"import up\ndef f(client: up.Client = None):\n    try: {body}\n    {clause}\n"
    return Row(name, old + more, new + more, down, said)


CLIENT = "class Client:\n    def get(self): return self._send()\n    def _send(self):\n        raise Timeout\n"
CLAUSES = rows(
    _try("one clause", LOST),
    _try("a tuple of them", LOST, clause="except (KeyError, up.Base): return None"),
    _try("the exception is named too", clause="except (up.Base, up.Timeout): return None"),
    _try("another clause has it", clause="except up.Base: return 1\n    except up.Timeout: return None"),
    _try("everything is caught", clause="except up.Base: return 1\n    except Exception: return None"),
    _try("everything, unnamed", clause="except up.Base: return 1\n    except: return None"),
    _try("the clause lets it through", clause="except up.Base: raise"),
    _try("the clause makes it the downstream's own", LOST, clause="except up.Base as e: raise ValueError from e"),
    _try("another exception is named", clause="except up.Other: return None"),
    _try("a clause that is not known", clause="except ERRORS: return None"),
    _try("raised deeper down", LOST, more="def go():\n    return _inner()\ndef _inner():\n    raise Timeout\n"),
    _try("raised under a test", LOST, more="def go(x=1):\n    if x:\n        raise Timeout\n"),
    _try("raised by a method", LOST, body="return up.Client().get()", more=CLIENT),
    _try("raised by a method of a parameter", LOST, body="return client.get()", more=CLIENT),
    _try("raised by a constructor", LOST, body="up.C()", more="class C:\n    def __init__(self):\n        raise Timeout\n"),
    _try("what is called raises another", more="def go():\n    raise Other\n"),
    _try("what is called raises nothing", more="def go():\n    return len('x')\n"),
    _try("what is called calls what is not known", LOST, more="import third\ndef go():\n    return third.x()\n"),
    _try("nothing of the upstream is called", body="return print()"),
    _try("the call stands outside", body="x = 1", clause="except up.Base: return up.go()"),
    _try("the exception is gone", new=BASE + "class Other(Base): ...\n", more="def go(): ...\n"),
    _try("a base between", new=BASE + "class Mid(Base): ...\nclass Timeout(Mid): ...\n"),
    _try("the base between lost it", "base-changed up.Mid 4 possible", old=BASE + "class Mid(Base): ...\nclass Timeout(Mid): ...\n", new=BASE + "class Mid(Exception): ...\nclass Timeout(Mid): ...\n", more=GO + "def mid():\n    raise Mid\n", body="return up.go() or up.mid()"),
    _try("a foreign base instead", new=BASE + "import third\nclass Timeout(third.Error): ...\n"),
    _try("nothing changed", new=OLD),
    _try("another base besides", new=BASE + "class Timeout(Base, OSError): ...\n"),
    _try("a built-in base", LOST, old="class Timeout(KeyError): ...\n", new="class Timeout(Exception): ...\n", clause="except KeyError: return None"),
    _try("a base of the built-in one", LOST, old="class Timeout(KeyError): ...\n", new="class Timeout(ValueError): ...\n", clause="except LookupError: return None"),
    _try("still a base of the built-in one", old="class Timeout(KeyError): ...\n", new="class Timeout(IndexError): ...\n", clause="except LookupError: return None"),
    _try("a built-in base, and another is raised", old="class Timeout(KeyError): ...\n", new="class Timeout(Exception): ...\n", more="def go(): return {}['x']\n", clause="except KeyError: return None"),
)  # fmt: skip


def _down(name: str, down: str, *said: str, old: Sources = OLD + GO, new: Sources = NEW + GO) -> Row:
    return Row(name, old, new, down, said)


_APART = {"up/__init__.py": "from up.errors import Base, Timeout\n" + GO}
PLACES = rows(
    _down("the name is imported", "from up import Base, go\ntry:\n    go()\nexcept Base:\n    pass", LOST),
    _down("under another name", "from up import Base as B, go\ntry:\n    go()\nexcept B:\n    pass", LOST),
    _down("imported in the function", "def f():\n    from up import Base, go\n    try: go()\n    except Base: pass", LOST),
    _down("an outer clause has it", "import up\ntry:\n    try: up.go()\n    except up.Base: pass\nexcept up.Timeout: pass", "base-changed up.Timeout 4 possible guard: except up.Timeout"),
    _down("an outer clause is for all", "import up\ndef f():\n    try:\n        try: up.go()\n        except up.Base: pass\n    except Exception: return 1", "base-changed up.Timeout 5 possible guard: except Exception"),
    _down("suppress", "import up\nfrom contextlib import suppress\ndef f():\n    with suppress(up.Base): up.go()", LOST),
    _down("exceptions of a module of their own", "import up\nfrom up.errors import Base\ntry: up.go()\nexcept Base: pass", "base-changed up.errors.Timeout 4 possible", old=_APART | {"up/errors.py": OLD}, new=_APART | {"up/errors.py": NEW}),
    _down("a built-in base, in a module of their own", "import up\n\ntry: up.go()\nexcept KeyError: pass", "base-changed up.errors.Timeout 4 possible", old=_APART | {"up/errors.py": BASE + "class Timeout(Base, KeyError): ..."}, new=_APART | {"up/errors.py": BASE + "class Timeout(Base): ..."}),
    _down("an exception of the downstream", "import up\nclass Base(Exception): ...\ntry: up.go()\nexcept Base: pass"),
)  # fmt: skip


@pytest.mark.parametrize("row", [*CLAUSES, *PLACES])
def test_a_clause_that_no_longer_catches_is_found(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", [*CLAUSES, *PLACES])
def test_it_is_found_where_only_what_differs_is_looked_for(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, replace(row, also={"compared": True})) == row.said
