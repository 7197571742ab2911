"""Old upstream, new upstream, downstream, and what the real checker finds new."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailrace.check.typecheck import Comparison

from .conftest import Compare, Files


def lines(comparison: Comparison) -> list[tuple[int, str, str, str]]:
    return [(one.line, one.kind, one.name, comparison.proof(one)) for one in comparison.added]


A = "class A:\n    def m(self, a, *, k=1): ...\n    def n(self): ...\n"

BREAKS = [
    (
        "a removed method of an instance",
        A,
        A.replace("def n", "def o"),
        "import up\nup.A().n()\n",
        "missing-attribute",
        "n",
    ),
    (
        "a removed method, of self's attribute",
        A,
        A.replace("def n", "def o"),
        "import up\nclass D:\n    def __init__(self): self.a = up.A()\n    def f(self): self.a.n()\n",
        "missing-attribute",
        "n",
    ),
    (
        "a removed method, inherited",
        A,
        A.replace("def n", "def o"),
        "import up\nclass D(up.A):\n    def f(self): self.n()\n",
        "missing-attribute",
        "n",
    ),
    (
        "a removed method of what a function returns",
        A + "def make() -> A: ...\n",
        A.replace("def n", "def o") + "def make() -> A: ...\n",
        "import up\nup.make().n()\n",
        "missing-attribute",
        "n",
    ),
    (
        "a function that returns something else",
        A + "class B: ...\ndef make() -> A: ...\n",
        A + "class B: ...\ndef make() -> B: ...\n",
        "import up\nup.make().n()\n",
        "missing-attribute",
        "n",
    ),
    (
        "a removed decorator that gave an attribute",
        "import functools\n@functools.lru_cache\ndef f(): ...\n",
        "def f(): ...\n",
        "import up\nup.f.cache_clear()\n",
        "missing-attribute",
        "cache_clear",
    ),
    ("a removed keyword", A, A.replace(", *, k=1", ""), "import up\nup.A().m(1, k=2)\n", "unknown-argument", "k"),
    ("a parameter that is required now", A, A.replace("k=1", "k"), "import up\nup.A().m(1)\n", "missing-argument", "k"),
    ("fewer parameters", A, A.replace("a, *, k=1", "*, k=1"), "import up\nup.A().m(1)\n", "too-many-positional", ""),
    ("a removed name", "x = 1\n", "y = 1\n", "from up import x\n", "missing-member", "x"),
    (
        "a method that became a property",
        A,
        A.replace("    def n", "    @property\n    def n").replace("n(self): ...", "n(self) -> int: ..."),
        "import up\nup.A().n()\n",
        "not-callable",
        "",
    ),
    (
        "in a branch for old interpreters",
        A,
        A.replace("def n", "def o"),
        "import sys, up\nif sys.version_info < (3, 6): up.A().n()\n",
        "missing-attribute",
        "n",
    ),
    (
        "in the branch that runs",
        A,
        A.replace("def n", "def o"),
        "import up\nfrom typing import TYPE_CHECKING\nif not TYPE_CHECKING: up.A().n()\n",
        "missing-attribute",
        "n",
    ),
    (
        "under a comment that silences checkers",
        A,
        A.replace("def n", "def o"),
        "import up\nup.A().n()  # type: ignore  # ty: ignore\n",
        "missing-attribute",
        "n",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "downstream", "kind", "name"), [row[1:] for row in BREAKS], ids=[row[0] for row in BREAKS]
)
def test_a_break_is_new_and_shown(compared: Compare, old: str, new: str, downstream: str, kind: str, name: str) -> None:
    comparison = compared(old, new, downstream)
    [(line, *what)] = lines(comparison)
    assert what[:2] == [kind, name]
    assert what[2] == "shown" or kind == "not-callable"
    assert line == len(downstream.splitlines())


SILENT = [
    ("nothing has changed", A, A, "import up\nup.A().gone()\nup.A().m()\n"),
    (
        "another class of the same name loses it",
        A + "class B:\n    def n(self): ...\n",
        A + "class B: ...\n",
        "import up\nup.A().n()\n",
    ),
    (
        "a subclass of our own still has it",
        A,
        A.replace("def n", "def o"),
        "import up\nclass D(up.A):\n    def n(self): ...\nD().n()\n",
    ),
    ("a module __getattr__ gives it", "x = 1\n", "def __getattr__(name): ...\n", "import up\nup.x\n"),
    ("a class __getattr__ gives it", A, "class A:\n    def __getattr__(self, name): ...\n", "import up\nup.A().n()\n"),
    (
        "stricter annotations of arguments",
        "def f(a): ...\n",
        "def f(a: int) -> int: ...\n",
        "import up\nx: str = up.f('a')\n",
    ),
    (
        "the annotation admits None now",
        A + "def f() -> A: ...\n",
        A + "def f() -> A | None: ...\n",
        "import up\nup.f().n()\n",
    ),
    (
        "a deprecation",
        A,
        "import warnings\n" + A.replace("    def n", "    @warnings.deprecated('x')\n    def n"),
        "import up\nup.A().n()\n",
    ),
    ("storing what nobody declares", A, "class A:\n    def m(self): ...\n", "import up\na = up.A()\na.n = 1\n"),
    ("hasattr has been asked", A, A.replace("def n", "def o"), "import up\na = up.A()\nif hasattr(a, 'n'): a.n()\n"),
    ("syntax of Python 2", "x = 1\n", "x = 2\n", "import up\nprint up.x\nexec 'a'\n"),
]


@pytest.mark.parametrize(("old", "new", "downstream"), [row[1:] for row in SILENT], ids=[row[0] for row in SILENT])
def test_no_break_is_silent(compared: Compare, old: str, new: str, downstream: str) -> None:
    assert lines(compared(old, new, downstream)) == []


def test_a_receiver_that_the_baseline_left_unknown_shows_nothing(compared: Compare) -> None:
    old, new = "def make(x): return x\n", "class A: ...\ndef make(x) -> A: ...\n"
    comparison = compared(old, new, "import up\nup.make(1).n()\n")
    assert lines(comparison) == [(2, "missing-attribute", "n", "stricter")]


def test_some_members_lacked_it_and_now_all_do(compared: Compare) -> None:
    both = "class A:\n    def get(self): ...\nclass B: ...\n"
    comparison = compared(both + "def f() -> A | B: ...\n", both + "def f() -> B: ...\n", "import up\nup.f().get()\n")
    assert lines(comparison) == [(2, "missing-attribute", "get", "shown")]
    assert len(comparison.baseline_run.diagnostics) == 1


def test_the_upstream_lost_it_although_the_standard_library_has_it(compared: Compare) -> None:
    old = "class R:\n    def get(self): ...\nclass S: ...\ndef f() -> R | S: ...\n"
    new = "class S: ...\ndef f() -> S: ...\n"
    user = (
        "import sys\nif sys.version_info < (3, 8):\n    from up import f\nelse:\n    from os import environ\n"
        "    f = lambda: environ\nf().get('x')\n"
    )
    comparison = compared(old, new, user)
    assert [(one.line, one.name) for one in comparison.added] == [(7, "get")]


def test_python_2_is_checked_as_far_as_it_goes(compared: Compare) -> None:
    comparison = compared("x = 1\ny = 1\n", "y = 1\n", "import up\nprint 'a', up.x\nexcept ValueError, e: pass\nup.x\n")
    assert {(one.line, one.name) for one in comparison.added} == {(2, "x"), (4, "x")}


@pytest.mark.parametrize(
    ("coding", "text"),
    [
        ("latin-1", "# coding: latin-1\ns = 'é'; import up; up.x\n"),
        ("utf-8", "s = 'é'; import up; up.x\n"),
        ("utf-8-sig", "import up; up.x\n"),
    ],
)
def test_columns_are_those_of_ast(compared: Compare, coding: str, text: str) -> None:
    import ast

    [one] = compared("x = 1\n", "", {"down.py": text.encode(coding)}).added
    node = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute))
    assert (one.line, one.column - 1, one.end_column - 1) == (node.lineno, node.col_offset, node.end_col_offset)


PKGUTIL = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
DECLARED = "__import__('pkg_resources').declare_namespace(__name__)\n"


@pytest.mark.parametrize("init", [None, PKGUTIL, DECLARED])
def test_a_namespace_package_may_be_split_between_both(compared: Compare, init: str | None) -> None:
    shared: Files = {} if init is None else {"ns/__init__.py": init}
    old, new = ({**shared, "ns/api/__init__.py": text} for text in ("x = 1\n", "y = 1\n"))
    user = {
        **shared,
        "ns/sdk/__init__.py": "from ns.api import x\nfrom .w import v\nimport ns.sdk.w\n",
        "ns/sdk/w.py": "v = 1\n",
    }
    assert lines(compared(old, new, user)) == [(1, "missing-member", "x", "shown")]


def test_a_source_layout_is_found(compared: Compare) -> None:
    user = {
        "src/d/__init__.py": "from .e import v\n",
        "src/d/e.py": "import up\nv = up.x\n",
        "tests/t.py": "from d.e import v\n",
    }
    comparison = compared("x = 1\n", "", user, downstream_paths=("src",))
    assert [(one.file, one.line) for one in comparison.added] == [("src/d/e.py", 2)]


HOSTILE: dict[str, Files] = {
    "silencing settings": {"ty.toml": '[rules]\nall = "ignore"\n[src]\nexclude = ["*.py"]\n'},
    "broken settings": {"ty.toml": "[[["},
    "project file": {
        "pyproject.toml": '[project]\nname = "x"\nrequires-python = ">=2.7"\n[tool.ty.rules]\nall = "ignore"\n'
    },
    "ignored by git": {".gitignore": "*\n"},
    "environment with another upstream": {
        ".venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.12\n",
        ".venv/lib/python3.12/site-packages/up.py": "x = 1\n",
    },
    "own copy of the upstream": {"up.py": "x = 1\n"},
}


@pytest.mark.parametrize("files", HOSTILE.values(), ids=HOSTILE)
def test_the_downstream_has_no_say_in_how_it_is_checked(compared: Compare, files: Files) -> None:
    comparison = compared("x = 1\n", "", {"down.py": "import up\nup.x\n", **files})
    assert [(one.file, one.line, one.name) for one in comparison.added] == [("down.py", 2, "x")]


def test_nothing_of_ours_is_importable_for_the_downstream(compared: Compare) -> None:
    comparison = compared("", "", "import pytest, msgspec, tailrace\n")
    assert [one.name for one in comparison.baseline_run.diagnostics] == ["pytest", "msgspec", "tailrace"]


def test_nothing_is_executed_and_nothing_written(compared: Compare, tmp_path: Path) -> None:
    mark = f"open({str(tmp_path / 'mark')!r}, 'w')\n"
    compared(mark + "x = 1\n", mark, {"down.py": mark + "import up\nup.x\n", "conftest.py": mark, "setup.py": mark})
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert written == {"old/up.py", "new/up.py", "downstream/down.py", "downstream/conftest.py", "downstream/setup.py"}


def test_one_after_the_other_gives_the_same(compared: Compare) -> None:
    tables = ("x = 1\n", "", "import up\nup.x\n")
    assert compared(*tables, parallel=False) == compared(*tables)


def test_what_the_standard_library_gives_is_known_every_time(compared: Compare) -> None:
    """The server unpacks its stubs on first use, for two questions at once."""
    old = "import functools\n@functools.lru_cache\ndef f(): ...\n"
    for _ in range(6):
        comparison = compared(old, "def f(): ...\n", "import up\nup.f.cache_clear()\n")
        assert [comparison.proof(one) for one in comparison.added] == ["shown"]
