"""The standard library as upstream: what the newer Python no longer has, as typeshed says."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest

from tailrace.check import CheckOptions, check
from tailrace.sources import Sources, SourceSettings, interpreters
from tailrace.sources.errors import NoPreviousError, SpecError, UnknownVersionError

PROJECT = '[project]\nname = "dn"\nversion = "1"\n'

# (from, to, the downstream, what the project says besides, what is said)
ROWS = [
    ("3.11", "3.12", "import imp\n", "", ("breaks", "module-removed imp 1")),
    ("3.11", "3.12", "import asyncore, json\n", "", ("breaks", "module-removed asyncore 1")),
    ("3.11", "3.12", "from distutils.version import LooseVersion\n", "", ("breaks", "module-removed distutils 1")),
    ("3.11", "3.12", "import distutils\n", 'dependencies = ["setuptools"]\n', ("clear",)),
    ("3.11", "3.12", "import asyncore\n", 'dependencies = ["pyasyncore"]\n', ("clear",)),
    ("3.12", "3.13", "import cgi\n", 'dependencies = ["legacy-cgi"]\n', ("clear",)),
    ("3.12", "3.13", "import cgi, telnetlib\n", "", ("breaks", "module-removed cgi 1", "module-removed telnetlib 1")),
    ("3.12", "3.13", "try:\n    import cgi\nexcept ImportError:\n    cgi = None\n", "", ("clear", "module-removed cgi 2")),
    ("3.12", "3.13", "import sys\nif sys.version_info < (3, 13):\n    import cgi\n", "", ("clear",)),
    ("3.12", "3.13", "import cgi\n", 'requires-python = "<3.13"\n', ("contained", "module-removed cgi 1")),
    ("3.11", "3.12", "import unittest\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEquals(1, 1)\n", "", ("breaks", "attribute-removed unittest.case.TestCase.assertEquals 4")),
    ("3.11", "3.12", "import configparser\nconfigparser.SafeConfigParser()\n", "", ("breaks", "name-removed configparser.SafeConfigParser 2")),
    ("3.13", "3.14", "import ast\ndef f(node):\n    return isinstance(node, ast.Num)\n", "", ("breaks", "name-removed ast.Num 3")),
    ("3.13", "3.14", "import ast, json, sys\nprint(ast.Constant, json.dumps, sys.argv)\n", "", ("clear",)),
    ("3.10", "3.9", "def f(x):\n    match x:\n        case 1: ...\n", "", ("breaks", "syntax-refused syntax:a match statement 2")),
    ("3.9", "3.10", "def f(x):\n    match x:\n        case 1: ...\n", "", ("clear",)),
    ("3.12", "3.11", "def f(x):\n    match x:\n        case 1: ...\n", "", ("clear",)),
    ("3.9", "3.8", "@a[0]\ndef f(x): ...\n@a.b(1)\ndef g(): ...\n", "", ("breaks", "syntax-refused syntax:a decorator that is any expression 1")),
    ("3.10", "3.9", "import sys\nif sys.version_info >= (3, 10):\n    def f(x):\n        match x:\n            case 1: ...\n", "", ("breaks", "syntax-refused syntax:a match statement 4")),
    ("3.6", "3.7", "def f(call, async=False): ...\n", "", ("breaks", "syntax-refused syntax:`async` or `await` as a name 1")),
    ("3.6", "3.7", "def f(pool):\n    return pool.async\n", "", ("breaks", "syntax-refused syntax:`async` or `await` as a name 2")),
    ("3.6", "3.7", "async def f(g):\n    async with g as h:\n        return await h\n", "", ("clear",)),
    ("3.6", "3.7", "def f(async):\n    print 'x'\n", "", ("clear",)),
    ("3.11", "3.12", "HANDLERS = ['asyncore.dispatcher']\n", "", ("breaks", "module-removed asyncore 1")),
]  # fmt: skip


@pytest.mark.parametrize(("baseline", "candidate", "source", "more", "said"), ROWS)
def test_what_a_python_no_longer_has(
    baseline: str, candidate: str, source: str, more: str, said: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "dn").mkdir()
    (tmp_path / "dn" / "__init__.py").write_text(source, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(PROJECT + more, encoding="utf-8")
    options = CheckOptions(in_process=True)
    report = check(f"python=={candidate}", f"python=={baseline}", [str(tmp_path)], options=options).downstreams[0]
    assert (report.status, *(f"{f.rule} {f.symbol} {f.line}" for f in report.findings)) == said


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(SourceSettings(cache_dir=tmp_path))


@pytest.mark.parametrize(
    ("spec", "version"), [("python==3.14", "3.14"), ("python==3.14.2", "3.14"), ("python==3.9.*", "3.9")]
)
def test_a_feature_release_is_named(sources: Sources, spec: str, version: str) -> None:
    release = sources.resolve(spec)
    assert (release.name, release.version, release.spec) == ("python", version, f"python=={version}")
    assert release.requires_python == f"=={version}.*"


@pytest.mark.parametrize(
    ("spec", "error"), [("python", SpecError), ("python>=3.9", SpecError), ("python==3.99", UnknownVersionError), ("python==2.7", SpecError)]
)  # fmt: skip
def test_what_is_no_version_is_refused(sources: Sources, spec: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        sources.resolve(spec)


def test_the_version_before_is_the_baseline(sources: Sources, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreters, "installed_library", lambda version: None)
    assert sources.previous(sources.resolve("python==3.14")).version == "3.13"
    with pytest.raises(NoPreviousError):
        sources.previous(sources.resolve("python==3.8"))


def _library(root: Path, name: str, version: str, files: dict[str, str]) -> None:
    for file, text in {"os.py": "", "ensurepip/__init__.py": "", **files}.items():
        path = root / name / "lib" / f"python{version}" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def test_sources_of_installed_interpreters_are_read_where_both_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("UV_PYTHON_INSTALL_DIR", str(tmp_path / "uv"))
    _library(tmp_path / "pyenv/versions", "3.12.1", "3.12", {"inspect.py": "class _Finder: ...\n"})
    _library(
        tmp_path / "uv", "cpython-3.13.0-linux", "3.13", {"inspect.py": "", "test/x.py": "", "site-packages/y.py": ""}
    )
    found = interpreters.installed_library("3.13")
    assert found == tmp_path / "uv/cpython-3.13.0-linux/lib/python3.13"
    assert interpreters.installed_library("3.14") is None
    _library(tmp_path / "pyenv/versions", "3.12.9", "3.12", {"inspect.py": "class _Finder: ...\n"})
    assert interpreters.installed_library("3.12") == tmp_path / "pyenv/versions/3.12.9/lib/python3.12"
    down = tmp_path / "down"
    (down / "dn").mkdir(parents=True)
    (down / "dn" / "__init__.py").write_text("from inspect import _Finder\n", encoding="utf-8")
    (down / "pyproject.toml").write_text(PROJECT, encoding="utf-8")

    def said(candidate: str, baseline: str) -> tuple[str, ...]:
        options = CheckOptions(in_process=True)
        report = check(candidate, baseline, [str(down)], options=options).downstreams[0]
        return (report.status, *(f.symbol for f in report.findings))

    assert said("python==3.13", "python==3.12") == ("breaks", "inspect._Finder")
    assert said("python==3.14", "python==3.13") == ("clear",), "of 3.14 only the stubs are known"
