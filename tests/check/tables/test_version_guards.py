"""Tests of the upstream's version, however they are written: the branch that the candidate never takes is no break."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, Sources, report, rows

ORDER = "class Order:\n    def __init__(self, s):\n        self.version = [[0]] + [[int(x)] for x in s.split('.')]\n"
OLD = {"up/__init__.py": "__version__ = '1.0'\nversion = '1.0'\ndef old(): ...\n", "up/order.py": ORDER}
NEW = {"up/__init__.py": "__version__ = '2.0'\nversion = '2.0'\ndef other(): ...\n", "up/order.py": ORDER}
IN_ELSE = "def get():\n    if {test}:\n        return up.other()\n    else:\n        return up.old()\n"


def _r(name: str, head: str, test: str, *said: str, files: dict[str, str] | None = None) -> Row:
    down = "import up\n" + head + "\n" + IN_ELSE.format(test=test)
    return Row(name, OLD, NEW, {"down/__init__.py": down, **(files or {})}, said)


def _w(name: str, down: Sources, *said: str) -> Row:
    return Row(name, OLD, NEW, down, said)


CLEAR = rows(
    _r("a constant", "NEW = up.__version__ >= '2'", "NEW"),
    _r("a tuple", "V = tuple(int(x) for x in up.__version__.split('.'))", "V >= (2, 0)"),
    _r("a tuple by map", "V = tuple(map(int, up.__version__.split('.')))", "V >= (2,)"),
    _r("through a class of the upstream's", "from itertools import chain\nfrom up.order import Order\nMAJOR_MINOR = tuple(chain.from_iterable(Order(up.__version__).version))[1:3]", "MAJOR_MINOR >= (2, 0)"),
    _r("through a function", "def is_new():\n    return up.__version__.startswith('2')", "is_new()"),
    _r("through a function that is given it", "def at_least(v, n):\n    return int(v.split('.')[0]) >= n", "at_least(up.__version__, 2)"),
    _r("through two functions", "def major():\n    return int(up.__version__.split('.')[0])\ndef is_new():\n    return major() >= 2", "is_new()"),
    _r("through a function that nobody can read", "from third import parse\ndef major():\n    return parse(up.__version__)[0]", "major() >= 2"),
    _r("of the metadata", "from importlib.metadata import version\nV = version('up')", "V >= '2'"),
    _r("of the metadata, by another name", "import importlib.metadata as md\nfrom third import parse\nV = parse(md.version('up'))", "V >= parse('2')"),
    _r("in a module of its own", "from down.compat import IS_NEW", "IS_NEW", files={"down/compat.py": "import up\nIS_NEW = up.__version__ >= '2'\n"}),
    _r("in a module of its own, unreadable", "from down.compat import API", "API > 1", files={"down/compat.py": "import up\nfrom third import parse\nAPI = parse(up.__version__).major\n"}),
    _r("an attribute of an object", "from third import parse\nclass Facts:\n    major = parse(up.__version__)[0]\nfacts = Facts()", "facts.major >= 2"),
    _r("set in the constructor", "from third import parse\nclass Facts:\n    def __init__(self):\n        self.major = parse(up.__version__)[0]\nfacts = Facts()", "facts.major >= 2"),
    _r("set by a test", "try:\n    from up import other\n    API = 2\nexcept ImportError:\n    API = 1", "API == 2"),
    _r("set under a test", "if up.__version__ >= '2':\n    API = 2\nelse:\n    API = 1", "API == 2"),
    _w("a class chosen by version", "import up\nfrom third import parse\nclass A:\n    def f(self):\n        return up.old()\nclass B:\n    def f(self):\n        return up.other()\nC = B if parse(up.__version__) > parse('1.5') else A\n"),
    _w("a function chosen by version", "import up\nfrom third import parse\ndef _a():\n    return up.old()\ndef _b():\n    return up.other()\nif parse(up.__version__) > parse('1.5'):\n    f = _b\nelse:\n    f = _a\n"),
    _w("a module chosen by version", {"down/__init__.py": "import up\nif up.__version__ >= '2':\n    from down.two import f\nelse:\n    from down.one import f\n", "down/one.py": "from up import old as f\n", "down/two.py": "from up import other as f\n"}),
    _w("the else of a guard in another module", {"down/__init__.py": "from down.compat import HAS_OTHER\nimport up\nif not HAS_OTHER:\n    up.old()\n", "down/compat.py": "try:\n    from up import other\n    HAS_OTHER = True\nexcept ImportError:\n    HAS_OTHER = False\n"}),
    _w("left before", "import up\nfrom third import parse\nMAJOR = parse(up.__version__)[0]\ndef f():\n    if MAJOR >= 2:\n        return up.other()\n    return up.old()\n"),
    _w("raised before", "import up\nfrom third import parse\nM = parse(up.__version__)[0]\ndef f():\n    if M >= 2:\n        raise RuntimeError\n    return up.old()\n"),
    _w("second place guarded by the first", "import up\ntry:\n    from up import old\nexcept ImportError:\n    old = None\ndef f():\n    if old is not None:\n        return up.old()\n"),
    _w("a conditional expression", "import up\nfrom third import parse\nM = parse(up.__version__)[0]\nf = up.other if M >= 2 else up.old\n"),
    _w("and", "import up\nfrom third import parse\nM = parse(up.__version__)[0]\nf = M < 2 and up.old()\n"),
)  # fmt: skip

BREAKS = rows(
    _w("no test", "import up\nup.old()\n"),
    _r("of another project's version", "import third\nV = third.__version__", "V >= '2'"),
    _r("of a constant", "from third import MODE", "MODE >= 2"),
    _r("of Python's version", "import sys", "sys.version_info >= (3, 50)"),
    _r("of a setting", "import os\nMODE = os.environ.get('M')", "MODE"),
    _r("of what the upstream gives", "API = up.order", "API.x > 2"),
    _r("the wrong way round", "", "up.__version__ < '2'"),
    _r("of a version that both are", "", "up.__version__ < '0'"),
    _w("a class chosen by another test", "import up\nfrom third import mode\nclass A:\n    def f(self):\n        return up.old()\nclass B: ...\nC = B if mode else A\n"),
    _w("a class chosen by version that is also used elsewhere", "import up\nfrom third import parse\nclass A:\n    def f(self):\n        return up.old()\nclass B: ...\nC = B if parse(up.__version__) > parse('1.5') else A\nkept = A()\n"),
    _w("a class chosen by version that another file takes", {"down/__init__.py": "", "down/m.py": "import up\nfrom third import parse\nclass A:\n    def f(self):\n        return up.old()\nclass B: ...\nC = B if parse(up.__version__) > parse('1.5') else A\n", "down/n.py": "from down.m import A\n"}),
)  # fmt: skip


@pytest.mark.parametrize("row", CLEAR)
def test_what_the_version_decides_is_no_break(row: Row, tmp_path: Path) -> None:
    assert report(tmp_path, row.old, row.new, row.down).status == "clear"


@pytest.mark.parametrize("row", BREAKS)
def test_what_something_else_decides_is_one(row: Row, tmp_path: Path) -> None:
    assert report(tmp_path, row.old, row.new, row.down).status == "breaks"
