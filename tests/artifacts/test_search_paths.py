"""Which folders of a source tree an importer would look into."""

from __future__ import annotations

import pytest

from tailrace.artifacts.layout import find_search_paths

TABLE = [
    # files, folders with a project file, declared folders, expected
    (["demo/__init__.py", "setup.py", "tests/__init__.py"], [""], [], ("",)),
    (["src/demo/__init__.py", "setup.py", "docs/conf.py"], [""], [], ("src",)),
    (["src/opentelemetry/sdk/__init__.py"], [""], [], ("src",)),
    (["opentelemetry/sdk/__init__.py"], [""], [], ("",)),
    (["google/cloud/storage/__init__.py"], [""], [], ("",)),
    (["demo.py", "setup.py"], [""], [], ("",)),
    (["src/demo.py", "setup.py"], [""], [], ("src",)),
    (["lib/demo/__init__.py", "setup.py"], [""], [], ("lib",)),
    (["python/demo/__init__.py", "setup.py"], [""], [], ("python",)),
    (["lib/__init__.py", "lib/x.py", "setup.py"], [""], [], ("",)),
    (["mamba/mamba/__init__.py", "mamba/setup.py", "release.py"], ["mamba"], [], ("mamba",)),
    (["a/a/__init__.py", "b/src/b/__init__.py"], ["a", "b"], [], ("a", "b/src")),
    (["a/a/__init__.py", "examples/x/x/__init__.py"], ["a", "examples/x"], [], ("a",)),
    (["demo/__init__.py", "plugin/plugin/__init__.py"], ["", "plugin"], [], ("",)),
    (["source/lib/demo/__init__.py", "setup.py"], [""], ["source/lib"], ("source/lib",)),
    (["demo/__init__.py"], [""], ["nowhere", "../out", "/abs"], ("",)),
    (["src/demo/__init__.py", "tool/__init__.py"], [""], [], ("src",)),
    (["src/demo/__init__.py", "demo_compat/__init__.py"], [""], [], ("src", "")),
    (["tests/test_a.py", "docs/conf.py"], [""], [], ("",)),
    ([], [], [], ("",)),
]


@pytest.mark.parametrize(("files", "projects", "declared", "expected"), TABLE, ids=[str(row[0])[:60] for row in TABLE])
def test_search_paths(files: list[str], projects: list[str], declared: list[str], expected: tuple[str, ...]) -> None:
    assert find_search_paths(files, projects, declared) == expected
    assert find_search_paths(files[::-1], projects[::-1], declared) == expected
