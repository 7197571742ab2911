"""Tests that decide whether a line runs: the upstream's version in every usual spelling, interpreters, platforms, flags."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from engine_rows import Row, rows, told

OLD = "__version__ = '1.0'\nversion_info = (1, 0)\ndef gone(): ...\ndef kept(): ..."
NEW = "__version__ = '2.0'\nversion_info = (2, 0)\ndef kept(): ..."
GONE = "name-removed up.gone"


def _r(name: str, down: str | dict[str, str], *said: str, wrong: str = "", **also: Any) -> Row:
    return Row(name, OLD, NEW, down, said, also, wrong)


def _if(head: str, test: str, line: int, *, dead: bool, **also: Any) -> Row:
    """`gone` stands under the test: nothing may be said where the test is false with the candidate."""
    down = f"import up\n{head}\nif {test}:\n    up.gone()\n"
    return _r(f"{head} / {test}", down, *([] if dead else [f"{GONE} {line}"]), **also)


VERSIONS = rows(
    _if("", "up.version_info < (2,)", 4, dead=True),
    _if("", "up.version_info >= (2,)", 4, dead=False),
    _if("", "not up.version_info >= (2,)", 4, dead=True),
    _if("", "up.version_info[0] == 1", 4, dead=True),
    _if("", "up.version_info[0] > 1", 4, dead=False),
    _if("", "up.__version__.startswith('1.')", 4, dead=True),
    _if("", "up.__version__.startswith('2.')", 4, dead=False),
    _if("", "int(up.__version__.split('.')[0]) < 2", 4, dead=True),
    _if("", "int(up.__version__.split('.')[0]) >= 2", 4, dead=False),
    _if("", "tuple(int(p) for p in up.__version__.split('.')[:2]) < (2, 0)", 4, dead=True),
    _if("", "tuple(map(int, up.__version__.split('.')[:2])) < (1, 5)", 4, dead=True),
    _if("", "tuple(map(int, up.__version__.split('.')[:2])) < (2, 5)", 4, dead=False),
    _if("from packaging.version import Version", "Version(up.__version__) < Version('2.0')", 4, dead=True),
    _if("from packaging.version import Version", "Version(up.__version__) < Version('2.1')", 4, dead=False),
    _if("from packaging.version import parse", "parse(up.__version__) < parse('2.0')", 4, dead=True),
    _if("from packaging import version", "version.parse(up.__version__) <= version.parse('1.9')", 4, dead=True),
    _if("from packaging import version", "version.parse(up.__version__) >= version.parse('1.9')", 4, dead=False),
    _if("from distutils.version import LooseVersion", "LooseVersion(up.__version__) < LooseVersion('2.0')", 4, dead=True),
    _if("from distutils.version import LooseVersion", "LooseVersion(up.__version__) < '1.5'", 4, dead=True),
    _if("from pkg_resources import parse_version", "parse_version(up.__version__) < parse_version('2')", 4, dead=True),
    _if("import pkg_resources", "pkg_resources.get_distribution('up').version < '2'", 4, dead=True),
    _if("from importlib.metadata import version", "version('up').startswith('1')", 4, dead=True),
    _if("from importlib import metadata", "int(metadata.version('up').split('.')[0]) < 2", 4, dead=True),
    _if("from importlib.metadata import version", "version('up').startswith('2')", 4, dead=False),
    _if("UP_VERSION = up.version_info", "UP_VERSION < (2, 0)", 4, dead=True),
    _if("UP_VERSION = up.version_info", "UP_VERSION > (1, 0)", 4, dead=False),
    _if("OLD_UP = up.version_info < (2, 0)", "OLD_UP", 4, dead=True),
    _if("OLD_UP = up.version_info < (2, 0)", "not OLD_UP", 4, dead=False),
    _if("", "up.version_info < (2, 0) and len('x') > 0", 4, dead=True),
    _if("", "up.version_info >= (2, 0) and True", 4, dead=False),
    _if("", "(1, 5) <= up.version_info < (2, 0)", 4, dead=True),
    _if("", "(1, 5) <= up.version_info < (3, 0)", 4, dead=False),
    _if("", "up.version_info < (2, 0) or up.version_info >= (3, 0)", 4, dead=True),
    _if("", "True", 4, dead=False),
    _if("import os", "os.environ.get('OLD_UP')", 4, dead=False),
)  # fmt: skip

_DATA = "import pkgutil\n__version__ = pkgutil.get_data(__package__, 'VERSION').decode().strip()\n"
_PARSED = _DATA + "version_info = tuple(int(v) if v.isdigit() else v for v in __version__.split('.'))\n"
_READ = _DATA + "import third\nversion_tuple, digits = third.read(__file__)\n"


def _hidden(name: str, head: str, test: str, *said: str) -> Row:
    """The version does not stand in the upstream's text."""
    down = f"import up\nif {test}:\n    up.gone()\n"
    return Row(name, f"{head}def gone(): ...", head, down, said, {"new_version": "2.1.0"})


HIDDEN = rows(
    _hidden("read from a file", _DATA, "up.__version__ < '2'"),
    _hidden("a tuple of what is read from a file", _PARSED, "up.version_info < (2,)"),
    _hidden("a tuple of what is read from a file, true", _PARSED, "up.version_info >= (2,)", f"{GONE} 3"),
    _hidden("a tuple that another package makes", _READ, "up.version_tuple < (2,)"),
    _hidden("a tuple that another package makes, true", _READ, "up.version_tuple >= (2, 1)", f"{GONE} 3"),
    _hidden("something else about the version that is not known", _READ, "up.version_string() < '2'", f"{GONE} 3 possible guard: up.version_string() < '2'"),
    _hidden("something that is not about the version", _READ, "up.digits < 2", f"{GONE} 3"),
)  # fmt: skip

SHAPES = rows(
    _r("else", "import up\nif up.version_info >= (2,):\n    up.kept()\nelse:\n    up.gone()"),
    _r("elif", "import up\nif up.version_info >= (2,):\n    up.kept()\nelif up.version_info >= (1,):\n    up.gone()"),
    _r(
        "an early return",
        "import up\ndef f():\n    if up.version_info >= (2,):\n        return up.kept()\n    return up.gone()",
    ),
    _r(
        "an early return the other way",
        "import up\ndef f():\n    if up.version_info < (2,):\n        return up.kept()\n    return up.gone()",
        f"{GONE} 5",
    ),
    _r(
        "an early raise",
        "import up\ndef f():\n    if up.version_info >= (2,):\n        raise RuntimeError('too new')\n    return up.gone()",
    ),
    _r("assert", "import up\ndef f():\n    assert up.version_info < (2,)\n    return up.gone()"),
    _r("a conditional expression", "import up\nf = up.gone if up.version_info < (2,) else up.kept"),
    _r("and", "import up\nf = up.version_info < (2,) and up.gone"),
    _r("a test around the import", "import up\nif up.version_info < (2,):\n    from up import gone\nelse:\n    gone = up.kept\n\ndef f():\n    return gone()"),
    _r("a test around a def", "import up\nif up.version_info < (2,):\n    def f():\n        return up.gone()"),
    _r("a test around a class", "import up\nif up.version_info < (2,):\n    class C:\n        x = up.gone\n        def f(self):\n            return up.gone()"),
    _r(
        "a flag of another module",
        {
            "down/__init__.py": "import up\nfrom down.compat import UP_2\nif not UP_2:\n    up.gone()\n",
            "down/compat.py": "import up\nUP_2 = up.version_info >= (2, 0)\n",
        },
    ),
    _r(
        "a flag of another module that is true",
        {
            "down/__init__.py": "import up\nfrom down.compat import UP_2\nif UP_2:\n    up.gone()\n",
            "down/compat.py": "import up\nUP_2 = up.version_info >= (2, 0)\n",
        },
        f"{GONE} 4",
    ),
    _r(
        "a flag set by try and except",
        "import up\ntry:\n    from up import gone\n    HAS_GONE = True\nexcept ImportError:\n    HAS_GONE = False\n\ndef f():\n    if HAS_GONE:\n        return gone()",
        f"{GONE} 3 guard: except ImportError",
    ),
    _r(
        "the same flag denied",
        "import up\ntry:\n    from up import gone\n    HAS_GONE = True\nexcept ImportError:\n    HAS_GONE = False\n\ndef f():\n    if not HAS_GONE:\n        return up.gone()",
        f"{GONE} 3 guard: except ImportError",
        f"{GONE} 10",
    ),
    _r(
        "a flag set by a fallback",
        "try:\n    from up import gone\nexcept ImportError:\n    gone = None\n\ndef f():\n    if gone is not None:\n        return gone()",
        f"{GONE} 2 guard: except ImportError",
    ),
    _r(
        "a test that cannot be worked out but asks for the version is believed with doubt",
        "import up\ndef f(up_version):\n    if up_version < (2, 0):\n        return up.gone()",
        f"{GONE} 4 possible guard: up_version < (2, 0)",
    ),
    _r(
        "a test that cannot be worked out and asks for something else is not",
        "import up\ndef f(verbose):\n    if verbose:\n        return up.gone()",
        f"{GONE} 4",
    ),
    _r(
        "the version of another package",
        "import up\nimport numpy\nif numpy.__version__ < '2':\n    up.gone()",
        f"{GONE} 4",
    ),
)  # fmt: skip

PYTHONS = rows(
    _r(
        "met by some interpreters",
        "import sys, up\nif sys.version_info < (3, 12):\n    up.gone()",
        f"{GONE} 3 if: sys.version_info < (3, 12)",
        requires_python=">=3.10",
    ),
    _r(
        "met by none that is supported",
        "import sys, up\nif sys.version_info < (3, 8):\n    up.gone()",
        f"{GONE} 3 if: sys.version_info < (3, 8) (never)",
        requires_python=">=3.10",
    ),
    _r(
        "met by all that are supported",
        "import sys, up\nif sys.version_info >= (3, 8):\n    up.gone()",
        f"{GONE} 3",
        requires_python=">=3.10",
    ),
    _r(
        "Python 2 only",
        "import sys, up\nif sys.version_info[0] == 2:\n    up.gone()",
        f"{GONE} 3 if: sys.version_info[0] == 2 (never)",
    ),
    _r("major above 2", "import sys, up\nif sys.version_info.major >= 3:\n    up.gone()", f"{GONE} 3"),
    _r("six.PY2", "import six, up\nif six.PY2:\n    up.gone()"),
    _r("hasattr of another module", "import os, up\nif hasattr(os, 'getuid'):\n    up.gone()", f"{GONE} 3"),
    _r(
        "the else branch",
        "import sys, up\nif sys.version_info >= (3, 12):\n    pass\nelse:\n    up.gone()",
        f"{GONE} 5 if: not (sys.version_info >= (3, 12))",
        requires_python=">=3.10",
    ),
    _r(
        "a named flag",
        "import sys, up\nPY310 = sys.version_info >= (3, 10)\nif not PY310:\n    up.gone()",
        f"{GONE} 4 if: not PY310 (never)",
        requires_python=">=3.10",
    ),
    _r(
        "a module of newer interpreters as the first choice",
        "try:\n    import tomllib\nexcept ImportError:\n    from up import gone",
        f"{GONE} 4 if: Python 3.10 or older",
        requires_python=">=3.10",
    ),
    _r(
        "and where no supported interpreter lacks it",
        "try:\n    import tomllib\nexcept ImportError:\n    from up import gone",
        requires_python=">=3.11",
    ),
)  # fmt: skip

PLATFORMS = rows(
    _r("Windows", "import sys, up\nif sys.platform == 'win32':\n    up.gone()", f"{GONE} 3 if: sys.platform == 'win32' on win32"),
    _r("not Windows", "import os, up\nif os.name != 'nt':\n    up.gone()", f"{GONE} 3 if: os.name != 'nt' on linux,darwin"),
    _r("startswith", "import sys, up\nif sys.platform.startswith('linux'):\n    up.gone()", f"{GONE} 3 if: sys.platform.startswith('linux') on linux"),
    _r("platform.system", "import platform, up\nif platform.system() == 'Darwin':\n    up.gone()", f"{GONE} 3 if: platform.system() == 'Darwin' on darwin"),
    _r("a flag", "import sys, up\nWINDOWS = sys.platform == 'win32'\nif WINDOWS:\n    up.gone()", f"{GONE} 4 if: WINDOWS on win32"),
    _r("in", "import sys, up\nif sys.platform in ('linux', 'darwin'):\n    up.gone()", f"{GONE} 3 if: sys.platform in ('linux', 'darwin') on linux,darwin"),
)  # fmt: skip


@pytest.mark.parametrize("row", [*VERSIONS, *HIDDEN, *SHAPES])
def test_a_line_that_only_the_old_version_reaches_is_no_break(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", PYTHONS)
def test_an_interpreter_is_named_where_only_some_reach_the_line(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", PLATFORMS)
def test_a_platform_is_named_where_only_some_reach_the_line(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said
