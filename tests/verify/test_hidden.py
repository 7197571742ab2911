"""Imports inside functions: which there are, the tests that reach them, and what no test ran."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from support.packages import artifact
from tailrace.report import render
from tailrace.verify.coverage import CoverageError, read_coverage
from tailrace.verify.hidden import Hidden, find_hidden, ran_lines, without_tests
from tailrace.verify.testfiles import make_report

# source of down/a.py → (statement, guarded, conditional) of each import that is hidden
CASES = {
    "at the top is not hidden": ("from up import f\n", []),
    "in a function": ("def g():\n    from up.x import f\n", [("from up.x import f", False, False)]),
    "in a method": ("class C:\n    def g(self):\n        import up.x\n", [("import up.x", False, False)]),
    "in a class body is not": ("class C:\n    import up.x\n", []),
    "its own": ("def g():\n    import down.b\n    from . import b\n", []),
    "the standard library": ("def g():\n    import json\n", []),
    "caught": (
        "def g():\n    try:\n        import up\n    except ImportError:\n        import upx\n",
        [("import up", True, False), ("import upx", False, True)],
    ),
    "caught by another name is not": (
        "def g():\n    try:\n        import up\n    except KeyError:\n        pass\n",
        [("import up", False, False)],
    ),
    "on one platform": (
        "import sys\ndef g():\n    if sys.platform == 'win32':\n        import up\n",
        [("import up", False, True)],
    ),
    "under a plain test": ("def g(x):\n    if x:\n        import up\n", [("import up", False, False)]),
    "two in one line": (
        "def g():\n    import up, up2.y\n",
        [("import up", False, False), ("import up2.y", False, False)],
    ),
    "a try around the def catches nothing": (
        "try:\n    def g():\n        import up\nexcept ImportError:\n    pass\n",
        [("import up", False, False)],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_import_is_hidden_where_an_import_test_does_not_reach_it(name: str, tmp_path: Path) -> None:
    source, expected = CASES[name]
    one = artifact(
        tmp_path, {"down/__init__.py": "", "down/a.py": source, "down/tests/test_a.py": "def t(): import up"}
    )
    found, unread = find_hidden(one)
    assert [(h.statement, h.guarded, h.conditional) for h in found if h.kind == "import"] == expected
    assert unread == ()


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    one = artifact(tmp_path, {"down/__init__.py": "def f(:\n"})
    assert find_hidden(one) == ((), ("down/__init__.py",))


FOUND = (
    Hidden("down/a.py", 3, "import", "up.x", "f", "g"),
    Hidden("down/a.py", 4, "import", "up.x", "f", "h"),
    Hidden("down/a.py", 5, "import", "up", "", "g"),
    Hidden("down/a.py", 6, "import", "up", "gone", "g", guarded=True),
    Hidden("down/a.py", 9, "use", "up", "y", "g"),
)


def test_a_recipe_gets_each_import_once_and_no_guarded_one() -> None:
    assert render(make_report("down", found=FOUND), "recipe") == (
        "tests:\n  - python:\n      imports:\n        - up\n        - up.x\n"
        '  - script:\n      - "python -c \\"from up.x import f\\""\n'
    )
    assert render(make_report("down", found=FOUND), "meta") == (
        'test:\n  imports:\n    - up\n    - up.x\n  commands:\n    - "python -c \\"from up.x import f\\""\n'
    )
    assert "nothing" not in render(make_report("down", found=()), "recipe")


def test_the_pytest_file_passes_with_the_old_release_and_fails_with_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "test_hidden.py").write_text(render(make_report("down", found=FOUND), "pytest"))
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "__init__.py").write_text("")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "--rootdir",
        ".",
        ".",
    ]
    results = []
    for source in ("def f(): pass\n", ""):
        (tmp_path / "up" / "x.py").write_text(source)
        results.append(subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).returncode)
    assert results == [0, 1]


def test_what_no_test_ran_is_listed_the_most_dangerous_first() -> None:
    found = (
        Hidden("down/a.py", 3, "use", "up", "y", "g"),
        Hidden("down/a.py", 4, "import", "up", "f", "g"),
        Hidden("down/a.py", 5, "import", "up", "_f", "g"),
        Hidden("down/a.py", 6, "import", "up", "ran", "g"),
        Hidden("down/a.py", 7, "import", "up", "caught", "g", guarded=True),
    )
    missed = without_tests(found, {"/somewhere/site-packages/down/a.py": frozenset({6})}, Path())
    assert [one.name for one in missed] == ["_f", "f", "y", "caught"]
    assert "down/a.py:5" in render(make_report("down", missed=missed), "text").splitlines()[2]
    assert json.loads(render(make_report("down", missed=missed), "json"))["untested"][0]["private"] is True
    assert "every use" in render(make_report("down", missed=()), "text")


@pytest.mark.parametrize(
    ("file", "measured", "lines"),
    [
        ("down/a.py", {"/x/down/a.py": {1}}, {1}),
        ("src/down/a.py", {"/x/site-packages/down/a.py": {1}}, {1}),
        ("down/a.py", {"/x/other/a.py": {1}}, set()),
        ("a.py", {"/x/a.py": {1}}, {1}),
        ("down/sub/a.py", {"/x/down/a.py": {1}, "/x/down/sub/a.py": {2}}, {2}),
        ("down/a.py", {"C:\\x\\down\\a.py": {1}}, {1}),
        ("down/a.py", {}, set()),
    ],
)
def test_a_file_is_found_in_the_data_wherever_it_was_measured(
    file: str, measured: dict[str, set[int]], lines: set[int]
) -> None:
    assert ran_lines(file, {name: frozenset(ran) for name, ran in measured.items()}) == lines


@pytest.mark.parametrize("branch", [False, True])
def test_the_data_file_of_coverage_is_read(branch: bool, tmp_path: Path) -> None:
    (tmp_path / "prog.py").write_text("x = 1\nif x > 1:\n    y = 2\nz = 3\n")
    run = [sys.executable, "-m", "coverage", "run", "--data-file=data", *(["--branch"] if branch else []), "prog.py"]
    subprocess.run([*run[:4], "--rcfile=/dev/null", *run[4:]], cwd=tmp_path, check=True)
    (ran,) = [lines for name, lines in read_coverage(tmp_path / "data").items() if name.endswith("prog.py")]
    assert ran == {1, 2, 4}


def test_a_json_report_of_coverage_is_read(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"files": {"a.py": {"executed_lines": [1, 3]}}}')
    assert read_coverage(tmp_path / "c.json") == {"a.py": {1, 3}}


def test_what_is_no_coverage_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("hello")
    sqlite3.connect(tmp_path / "other").execute("create table t (a)").connection.close()
    for name in ("x", "other", "missing"):
        with pytest.raises(CoverageError) as raised:
            read_coverage(tmp_path / name)
        assert raised.value.exit_status == 2
