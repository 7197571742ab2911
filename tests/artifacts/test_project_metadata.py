"""What a source tree says of itself, read from its files without running one."""

from __future__ import annotations

import pytest

from tailrace.artifacts.metadata import read_source, requirement_of

SETUP_PY = """
import os, sys
from setuptools import setup, find_packages
NAME = "demo"
REQUIRES = ["a>=1"]
EXTRA = dict(test=["pytest"])
if sys.version_info < (3, 8):
    REQUIRES.append("late")
setup(
    name=NAME, version=open("VERSION").read(), python_requires=">=3.7",
    install_requires=REQUIRES + ["b"], extras_require=EXTRA, package_dir={"": "src"}, py_modules=["one"],
    entry_points={"console_scripts": ["run = demo.cli:main"], "plug": "x = demo:x"},
    **os.environ
)
"""
SETUP_CFG = """
[metadata]
name = demo
version = 2.0
[options]
python_requires = >=3.8
install_requires =
    a>=1
    b; python_version < "3.9"
package_dir =
    = src
py_modules = one
[options.extras_require]
test = pytest
[options.entry_points]
console_scripts =
    run = demo.cli:main
    Other = demo.cli:other [test]
"""
PYPROJECT = """
[project]
name = "demo"
version = "3.0"
requires-python = ">=3.9"
dependencies = ["a>=1", "b"]
[project.optional-dependencies]
test = ["pytest; python_version > '3'"]
[project.scripts]
run = "demo.cli:main"
[project.entry-points.plug]
x = "demo:x"
[tool.setuptools.package-dir]
"" = "src"
"""
POETRY = """
[tool.poetry]
name = "demo"
version = "4.0"
packages = [{include = "demo", from = "lib"}]
[tool.poetry.dependencies]
python = "^3.8"
a = "^1.2.3"
b = {version = "~2.1", optional = true}
c = "*"
d = ">=1,<2"
e = "^0.3"
[tool.poetry.scripts]
run = "demo.cli:main"
"""
SCRIPT = (("console_scripts", (("run", "demo.cli:main"),)),)

TABLE = [
    (
        {"setup.py": SETUP_PY},
        "0",
        ">=3.7",
        ("a>=1", "b", 'pytest; extra == "test"'),
        ("src",),
        ("console_scripts", "plug"),
    ),
    (
        {"setup.cfg": SETUP_CFG},
        "2.0",
        ">=3.8",
        ("a>=1", 'b; python_version < "3.9"', 'pytest; extra == "test"'),
        ("src",),
        ("console_scripts",),
    ),
    (
        {"pyproject.toml": PYPROJECT},
        "3.0",
        ">=3.9",
        ("a>=1", "b", "pytest; python_version > '3' and extra == \"test\""),
        ("src",),
        ("console_scripts", "plug"),
    ),
    (
        {"pyproject.toml": POETRY},
        "4.0",
        ">=3.8,<4",
        ("a>=1.2.3,<2", "b>=2.1,<2.2", "c", "d>=1,<2", "e>=0.3,<0.4"),
        ("lib",),
        ("console_scripts",),
    ),
    (
        {"PKG-INFO": "Name: demo\nVersion: 5\nRequires-Dist: x\nRequires-Python: >=3\n", "setup.py": SETUP_PY},
        "5",
        ">=3",
        ("x",),
        ("src",),
        ("console_scripts", "plug"),
    ),
    (
        {"pyproject.toml": "[build-system]\n", "setup.cfg": SETUP_CFG},
        "2.0",
        ">=3.8",
        ("a>=1", 'b; python_version < "3.9"', 'pytest; extra == "test"'),
        ("src",),
        ("console_scripts",),
    ),
]


@pytest.mark.parametrize(
    ("files", "version", "python", "requires", "folders", "groups"),
    TABLE,
    ids=["setup.py", "setup.cfg", "pyproject", "poetry", "PKG-INFO", "mixed"],
)
def test_a_project_is_read(
    files: dict[str, str],
    version: str,
    python: str,
    requires: tuple[str, ...],
    folders: tuple[str, ...],
    groups: tuple[str, ...],
) -> None:
    metadata, project = read_source(files.get, (), "fallback", "0")
    assert (metadata.name, metadata.version, metadata.requires_python) == ("demo", version, python)
    assert metadata.requires_dist == requires
    assert project.package_dirs == folders
    assert tuple(group for group, _ in metadata.entry_points) == groups
    assert ("run", "demo.cli:main") in metadata.entry_point_group("console_scripts")


def test_what_setuptools_computed_fills_the_gaps() -> None:
    files = {
        "setup.py": "setup(name='demo', install_requires=compute())",
        "demo.egg-info/requires.txt": "a>=1\n\n[test]\npytest\n\n[:python_version < '3']\nold\n",
        "demo.egg-info/entry_points.txt": "[console_scripts]\nrun = demo:main\n",
        "demo.egg-info/top_level.txt": "demo\nother\n",
    }
    metadata, _ = read_source(files.get, ("demo.egg-info",), "x", "1")
    assert metadata.requires_dist == ("a>=1", 'pytest; extra == "test"', "old; python_version < '3'")
    assert metadata.entry_point_group("console_scripts") == (("run", "demo:main"),)
    assert metadata.top_level == ("demo", "other")


@pytest.mark.parametrize(
    "files",
    [
        {"setup.py": "def ("},
        {"setup.py": "print 'python 2'\nsetup(name='demo')"},
        {"setup.py": "setup(name=" + "[" * 500 + "]" * 500 + ")"},
        {"setup.py": "\0"},
        {"setup.cfg": "no section\n[x"},
        {"pyproject.toml": "[project]\nname = 1\ndependencies = {a = 1}\nscripts = []\n"},
        {"pyproject.toml": "[project]\ndependencies = [[[]]]\n[tool]\nsetuptools = 3\npoetry = []\n"},
        {"PKG-INFO": "\x00\xff"},
    ],
)
def test_nonsense_says_nothing(files: dict[str, str]) -> None:
    metadata, _ = read_source(files.get, (), "fallback", "0")
    assert (metadata.name, metadata.version) in (("fallback", "0"), ("demo", "0"))


@pytest.mark.parametrize(
    ("depend", "requirement"),
    [
        ("conda >=4.5,<5", "conda>=4.5,<5"),
        ("numpy 1.21.*", "numpy==1.21.*"),
        ("numpy 1.21*", "numpy==1.21.*"),
        ("numpy =1.21", "numpy==1.21.*"),
        ("numpy 1.21.0 py39_0", "numpy==1.21.0"),
        ("numpy", "numpy"),
        ("numpy *", "numpy"),
        ("numpy >=1.16|<1.0", "numpy"),
        ("numpy >=1.16.*", "numpy>=1.16"),
        ("conda-forge::numpy >=1", "numpy>=1"),
        ("python >=3.8", None),
        ("python_abi 3.9.* *_cp39", None),
        ("__unix", None),
        ("", None),
    ],
)
def test_a_dependency_of_a_conda_package_in_index_terms(depend: str, requirement: str | None) -> None:
    assert requirement_of(depend) == requirement
