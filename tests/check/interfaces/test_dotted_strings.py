"""Dotted names in strings that somebody imports by: what is gone speaks, what only names it is silent."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from trees import Case, Files, cases, told

OLD: Files = {"up/__init__.py": "", "up/ext.py": "class With: ...\nclass Kept: ...\n", "up/gone.py": ""}
NEW: Files = {"up/__init__.py": "", "up/ext.py": "class Kept: ...\n"}
WITH = "name-removed up.ext.With dn/__init__.py"


def _s(name: str, down: Files | str, *said: str) -> Case:
    return Case(
        name, OLD, NEW, {"dn/__init__.py": down} if isinstance(down, str) else {"dn/__init__.py": "", **down}, said
    )


CASES = cases(
    _s("a list", "EXTENSIONS = ['up.ext.With']\n", "breaks", f"{WITH}:1 likely"),
    _s("a list that grows", "APPS = []\nAPPS += ['up.ext.With']\n", "breaks", f"{WITH}:2 likely"),
    _s("a list whose use its name does not show", "x = ['up.gone', 'other']\n", "possible", "module-removed up.gone dn/__init__.py:1 possible"),
    _s("a value of settings", "BACKENDS = {'default': {'CLASS': 'up.ext.With'}}\n", "breaks", f"{WITH}:1 likely"),
    _s("under a key that says it", "OPTIONS = {'extensions': ['up.ext.With'], 'x': 1}\n", "breaks", f"{WITH}:1 likely"),
    _s("under a key that does not", "OPTIONS = {'words': ['up.ext.With']}\n", "possible", f"{WITH}:1 possible"),
    _s("a keyword", "make(backend='up.ext.With')\n", "breaks", f"{WITH}:1 likely"),
    _s("a module", "EXTENSIONS = ['up.gone']\n", "breaks", "module-removed up.gone dn/__init__.py:1 likely"),
    _s("with a colon", "PLUGINS = ('up.ext:With',)\n", "breaks", f"{WITH}:1 likely"),
    _s("given to what loads it", "def f(app):\n    app.setup_extension('up.gone')\n", "possible", "module-removed up.gone dn/__init__.py:2 possible"),
    _s("a plain setting", "BACKEND = 'up.ext.With'\n", "possible", f"{WITH}:1 possible"),
    _s("an attribute of a configuration", "c.Exporter.preprocessors = ['up.ext.With']\n", "breaks", f"{WITH}:1 likely"),
    _s("a key of a configuration", "config['extensions'] = ['up.ext.With']\n", "breaks", f"{WITH}:1 likely"),
    _s("an attribute whose name does not show it", "self.words = ['up.ext.With']\n", "clear"),
    _s("a file of settings", {"dn.ini": "[a]\nclass = up.ext.With\n"}, "possible", "name-removed up.ext.With dn.ini:2 possible"),
    _s("a name that stays", "EXTENSIONS = ['up.ext.Kept']\n", "clear"),
    _s("a name that never was", "EXTENSIONS = ['up.ext.Other']\n", "clear"),
    _s("a key", "NAMES = {'up.ext.With': 1}\n", "clear"),
    _s("compared with", "def f(x):\n    return x == 'up.ext.With'\n", "clear"),
    _s("looked into", "KNOWN = ['up.ext.With']\ndef f(x):\n    return x in KNOWN\n", "clear"),
    _s("a logger", "import logging\nlogging.getLogger('up.gone')\n", "clear"),
    _s("a sentence", "TEXTS = ['up.ext.With is gone']\n", "clear"),
    _s("a docstring", '"""up.ext.With"""\n', "clear"),
    _s("a comment in a file of settings", {"dn.ini": "[a]\n# up.ext.With\n"}, "clear"),
    _s("another package", "EXTENSIONS = ['upper.ext.With']\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_dotted_strings(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said
