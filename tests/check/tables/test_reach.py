"""What fails with a line: modules, scripts and plug-ins that no longer load; tests apart; what a status is made of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from engine_rows import report

from tailrace.model import DownstreamReport

OLD = "def gone(): ...\ndef kept(): ...\nclass C:\n    def lost(self): ...\n"
NEW = "def kept(): ...\nclass C: ...\n"
USE = "from up import gone\n"
SCRIPTS = {"run": "down.cli:main", "other": "down.other:main"}
POINTS = {"down.plugins": {"a": "down.plugin:A", "b": "down.other"}}

REACH = [
    ("the module itself", {"down/__init__.py": "", "down/a.py": USE}, ("down.a",)),
    ("who imports it", {"down/__init__.py": "", "down/a.py": USE, "down/b.py": "import down.a"}, ("down.a", "down.b")),
    ("relatively", {"down/__init__.py": "", "down/a.py": USE, "down/b.py": "from . import a"}, ("down.a", "down.b")),
    ("a name of it", {"down/__init__.py": "", "down/a.py": USE, "down/b.py": "from .a import x"}, ("down.a", "down.b")),
    (
        "through another",
        {"down/__init__.py": "", "down/a.py": USE, "down/b.py": "import down.a", "down/c.py": "from down.b import x"},
        ("down.a", "down.b", "down.c"),
    ),
    (
        "a package takes its modules along",
        {"down/__init__.py": USE, "down/a.py": "", "down/sub/__init__.py": "", "down/sub/b.py": ""},
        ("down", "down.a", "down.sub", "down.sub.b"),
    ),
    (
        "an import in a function is none",
        {"down/__init__.py": "", "down/a.py": USE, "down/b.py": "def f():\n    import down.a"},
        ("down.a",),
    ),
    (
        "an import for type checkers is none",
        {
            "down/__init__.py": "",
            "down/a.py": USE,
            "down/b.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import down.a",
        },
        ("down.a",),
    ),
    (
        "scripts and plug-ins",
        {
            "down/__init__.py": "",
            "down/a.py": USE,
            "down/cli.py": "from down import a",
            "down/plugin.py": "import down.a",
            "down/other.py": "",
        },
        ("down.a", "down.cli", "down.plugin", "script:run", "entry-point:down.plugins:a"),
    ),
    (
        "a cycle",
        {"down/__init__.py": "", "down/a.py": USE + "import down.b", "down/b.py": "import down.a"},
        ("down.a", "down.b"),
    ),
    ("in a function, nothing", {"down/__init__.py": "", "down/a.py": "def f():\n    from up import gone"}, ()),
    (
        "guarded, nothing",
        {"down/__init__.py": "", "down/a.py": "try:\n    from up import gone\nexcept ImportError: ..."},
        (),
    ),
    (
        "in the body of a class",
        {"down/__init__.py": "", "down/a.py": "import up\nclass D:\n    x = up.gone"},
        ("down.a",),
    ),
    ("a default argument", {"down/__init__.py": "", "down/a.py": "import up\ndef f(x=up.gone): ..."}, ("down.a",)),
    ("a decorator", {"down/__init__.py": "", "down/a.py": "import up\n@up.gone\ndef f(): ..."}, ("down.a",)),
    ("a lambda, nothing", {"down/__init__.py": "", "down/a.py": "import up\nf = lambda: up.gone()"}, ()),
]


@pytest.mark.parametrize(("files", "broken"), [row[1:] for row in REACH], ids=[row[0] for row in REACH])
def test_what_no_longer_loads(files: Mapping[str, str], broken: tuple[str, ...], tmp_path: Path) -> None:
    found = report(tmp_path, OLD, NEW, files, scripts=SCRIPTS, entry_points=POINTS)
    assert len(found.findings) == 1
    assert found.findings[0].import_breaks == broken


TESTS = [
    "tests/test_a.py",
    "down/tests/test_a.py",
    "down/tests/helper.py",
    "docs/conf.py",
    "down/test_a.py",
    "conftest.py",
]
PRODUCT = ["down/testing.py", "down/contest.py", "down/latest.py"]


@pytest.mark.parametrize("file", TESTS)
def test_what_is_only_in_tests_is_no_break(file: str, tmp_path: Path) -> None:
    found = report(tmp_path, OLD, NEW, {"down/__init__.py": "", file: USE})
    assert [f.only_in_tests for f in found.findings] == [True]
    assert found.status == "possible"


@pytest.mark.parametrize("file", PRODUCT)
def test_what_looks_like_tests_and_is_not_is_a_break(file: str, tmp_path: Path) -> None:
    found = report(tmp_path, OLD, NEW, {"down/__init__.py": "", file: USE})
    assert [f.only_in_tests for f in found.findings] == [False]
    assert found.status == "breaks"


def _status(tmp_path: Path, source: str, **more: object) -> DownstreamReport:
    return report(tmp_path, OLD, NEW, source, **more)  # type: ignore[arg-type]


STATUSES: list[tuple[str, str, tuple[str, ...], str]] = [
    ("a break", USE, ("up",), "breaks"),
    ("a break that is not required at all", USE, (), "breaks"),
    ("a break that a bound keeps out", USE, ("up<2",), "contained"),
    ("a bound that lets it in", USE, ("up<3",), "breaks"),
    ("a bound of an extra only", USE, ("up<2; extra == 'x'",), "contained"),
    ("a guarded use", "try:\n    from up import gone\nexcept ImportError: ...", ("up",), "clear"),
    ("no use", "from up import kept", ("up",), "clear"),
    ("no file at all", "", ("up",), "clear"),
    ("a note", "import up", ("up",), "clear"),
    ("never met", "import sys, up\nif sys.version_info < (3, 0):\n    up.gone()", ("up",), "clear"),
]


@pytest.mark.parametrize(("source", "requires", "status"), [r[1:] for r in STATUSES], ids=[r[0] for r in STATUSES])
def test_a_status(source: str, requires: tuple[str, ...], status: str, tmp_path: Path) -> None:
    assert _status(tmp_path, source, requires=requires).status == status


def test_an_entry_point_of_the_downstream_that_leads_into_the_upstream(tmp_path: Path) -> None:
    files = {"down/__init__.py": "", "pyproject.toml": '[project.scripts]\nrun = "up:gone"\n'}
    found = report(tmp_path, OLD, NEW, files, scripts={"run": "up:gone", "stay": "up:kept"})
    assert [(f.rule, f.symbol, f.file, f.line) for f in found.findings] == [
        ("name-removed", "up.gone", "pyproject.toml", 2)
    ]
