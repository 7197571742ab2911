"""Values of the upstream that an own class keeps from its constructor: found where they are used and where they are given."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, rows, told

_POOL = "class Pool:\n    def request(self) -> Response:\n        return Response()\n"
OLD = (
    "class Response:\n    def headers(self): ...\n    def read(self): ...\nclass Other:\n    def headers(self): ...\n"
    + _POOL
)
NEW = "class Response:\n    def read(self): ...\nclass Other:\n    def headers(self): ...\n" + _POOL
OURS = "import up\nclass Rest:\n    def __init__(self, resp, more=None):\n        self.raw = resp\n        self.more = more\n    def get(self):\n        return self.raw.headers()\n"
_HIT = "attribute-removed up.Response.headers {} possible"
HERE = _HIT.format(7)


def _give(name: str, more: str, *said: str, ours: str = OURS) -> Row:
    """The class, with `more` from line 8 on."""
    return Row(name, OLD, NEW, ours + more, said)


CALL = "def f():\n    r = up.Pool().request()\n    return Rest({})\n"
GIVEN = rows(
    _give("a local variable", CALL.format("r"), HERE, _HIT.format(10)),
    _give("a keyword", CALL.format("resp=r"), HERE, _HIT.format(10)),
    _give("the call itself", "def f():\n    return Rest(up.Response())\n", HERE, _HIT.format(9)),
    _give("a variable of the module", "r = up.Response()\nRest(r)\n", HERE, _HIT.format(9)),
    _give("an annotated parameter", "def f(r: up.Response):\n    return Rest(r)\n", HERE, _HIT.format(9)),
    _give("two callers of one kind", "Rest(up.Response())\nRest(up.Pool().request())\n", HERE, _HIT.format(8), _HIT.format(9)),
    _give("and one that gives None", "Rest(up.Response())\nRest(None)\n", HERE, _HIT.format(8)),
    _give("a subclass that leaves the constructor", "class Sub(Rest): ...\nSub(up.Response())\n", HERE, _HIT.format(9)),
    _give("a subclass with its own", "class Sub(Rest):\n    def __init__(self, x): ...\nSub(up.Response())\n"),
    _give("callers of two kinds", "Rest(up.Response())\nRest(up.Other())\n"),
    _give("a caller that gives another thing", "Rest(up.Response())\nRest(object())\n"),
    _give("a caller that gives a text", "Rest(up.Response())\nRest('x')\n"),
    _give("a caller that nobody knows", "def f(r):\n    Rest(up.Response())\n    Rest(r)\n"),
    _give("a caller that spreads", "def f(r):\n    Rest(up.Response())\n    Rest(**r)\n"),
    _give("a caller that spreads a list", "def f(r):\n    Rest(up.Response())\n    Rest(*r)\n"),
    _give("a list that may reach it", "def f(r):\n    Rest(up.Response())\n    Rest(1, *r)\n"),
    _give("nobody", ""),
    _give("another kind", "Rest(up.Other())\n"),
    _give("another parameter", "Rest(None, up.Response())\n"),
    _give("another class of the name", "def f():\n    from third import Rest\n    Rest(up.Response())\n"),
    _give("what it still has", "Rest(up.Response())\n", ours=OURS.replace("headers", "read")),
    _give("a default", "Rest(up.Response())\n", ours=OURS.replace("self.raw.headers()", "getattr(self.raw, 'headers', None)")),
    _give("asked for first", "Rest(up.Response())\n", "attribute-removed up.Response.headers 7 possible guard: hasattr(self.raw, 'headers')", _HIT.format(8), ours=OURS.replace("return self.raw.headers()", "return self.raw.headers() if hasattr(self.raw, 'headers') else 1"), ),
    _give("set elsewhere too", "Rest(up.Response())\n", ours=OURS + "    def set(self, x):\n        self.raw = wrap(x)\n"),
    _give("an annotated parameter of the constructor", "Rest(up.Response())\n", "attribute-removed up.Response.headers 7 likely", ours=OURS.replace("resp,", "resp: up.Response,")),
)  # fmt: skip

_HELPER = "import up\ndef dump(resp, sink=None):\n    return resp.headers()\n"
_ASKED = _HIT.format(3)


def _pass(name: str, more: str, *said: str, ours: str = _HELPER) -> Row:
    """The function, with `more` from line 4 on."""
    return Row(name, OLD, NEW, ours + more, said)


PASSED = rows(
    _pass("a local variable", "def f():\n    r = up.Pool().request()\n    return dump(r)\n", _ASKED, _HIT.format(6)),
    _pass("a keyword", "dump(resp=up.Response())\n", _ASKED, _HIT.format(4)),
    _pass("an element of a loop", "def f(all: list[up.Response]):\n    for r in all:\n        dump(r, [])\n", _ASKED, _HIT.format(6)),
    _pass("two callers of one kind", "dump(up.Response())\ndump(up.Pool().request())\n", _ASKED, _HIT.format(4), _HIT.format(5)),
    _pass("a method", "def f():\n    C().m(up.Response())\n", _HIT.format(4), _HIT.format(6), ours="import up\nclass C:\n    def m(self, resp):\n        return resp.headers()\n"),
    # Near-misses.
    _pass("callers of two kinds", "dump(up.Response())\ndump(up.Other())\n"),
    _pass("a caller that gives another thing", "dump(up.Response())\ndump('x')\n"),
    _pass("a caller that is not known", "def f(r):\n    dump(up.Response())\n    dump(r)\n"),
    _pass("nobody", ""),
    _pass("another parameter", "dump(None, up.Response())\n"),
    _pass("what it still has", "dump(up.Response())\n", ours=_HELPER.replace("headers", "read")),
    _pass("bound again", "dump(up.Response())\n", ours=_HELPER.replace("return", "resp = wrap(resp); return")),
    _pass("asked for first", "dump(up.Response())\n", ours=_HELPER.replace("return", "return hasattr(resp, 'headers') and")),
    _pass("in a try", "dump(up.Response())\n", ours="import up\ndef dump(resp):\n    try:\n        return resp.headers()\n    except AttributeError:\n        return None\n"),
    _pass("a decorator that may give another thing", "dump(up.Response())\n", ours=_HELPER.replace("def dump", "@third.wrap\ndef dump")),
    _pass("the parameter of a function inside", "dump(up.Response())\n", ours="import up\ndef dump(resp):\n    return lambda resp: resp.headers()\n"),
)  # fmt: skip

_CLIENT = "import up\nfrom down.rest import Rest\ndef f():\n    return Rest(up.Pool().request())\n"
_REST = OURS.removeprefix("import up\n")
APART = rows(
    Row("a class of a file that never names the upstream", OLD, NEW, {"down/__init__.py": _CLIENT, "down/rest.py": _REST}, (_HIT.format(4), _HIT.format("down/rest.py:6"))),
    Row("by its module", OLD, NEW, {"down/__init__.py": _CLIENT.replace("from down.rest import Rest", "from down import rest").replace("Rest(", "rest.Rest("), "down/rest.py": _REST}, (_HIT.format(4), _HIT.format("down/rest.py:6"))),
    Row("and given another thing", OLD, NEW, {"down/__init__.py": _CLIENT.replace("Pool().request", "Other"), "down/rest.py": _REST}),
)  # fmt: skip


@pytest.mark.parametrize("row", [*GIVEN, *APART, *PASSED])
def test_a_value_that_is_kept_is_followed_from_its_callers(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said
