"""Options, values and entry points that both a downstream and the candidate add."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from trees import Case, Files, cases, told

DJANGO = "import argparse\nclass BaseCommand:\n    def create_parser(self):\n        parser = argparse.ArgumentParser()\n        parser.add_argument('--verbosity')\n{}        self.add_arguments(parser)\n        return parser\n    def add_arguments(self, parser): ...\n"
SKIP = "        parser.add_argument('--skip-checks', action='store_true')\n"
TEST = "from up.base import BaseCommand\nclass Command(BaseCommand):\n    def add_arguments(self, parser):\n        parser.add_argument('--kept')\n{}"
PDB = "        parser.add_argument('--pdb')\n"


def _up(base: str = "", test: str = "") -> Files:
    return {"up/__init__.py": "", "up/base.py": DJANGO.format(base), "up/management/__init__.py": "", "up/management/commands/__init__.py": "", "up/management/commands/test.py": TEST.format(test)}  # fmt: skip


def _c(
    name: str,
    file: str,
    down: str,
    *said: str,
    old: Files | None = None,
    new: Files | None = None,
    old_project: str = "",
    new_project: str | None = None,
    down_project: str = "",
) -> Case:
    return Case(name, old or _up(), new or _up(SKIP, PDB), {"dn/__init__.py": "", file: down}, said, old_project, new_project, down_project)  # fmt: skip


OWN = "from up.base import BaseCommand\nclass Command(BaseCommand):\n    def add_arguments(self, parser):\n        parser.add_argument('{}')\n"
PATCH = "from up.management.commands import test\nextra = [('{}', {{}})]\ndef add_arguments(self, parser):\n    for name, more in extra:\n        parser.add_argument(name, **more)\ntest.Command.add_arguments = add_arguments\n"
BELOW = "from up.management.commands.test import Command as Test\nclass Command(Test):\n    def add_arguments(self, parser):\n{}        parser.add_argument('--pdb')\n"
COMMAND = "dn/management/commands/go.py"
PATCHED = "dn/management/commands/test.py"
FLAKE = "class P:\n    # a plug-in of flake8\n    @classmethod\n    def add_options(cls, parser):\n        parser.add_option('{}', parse_from_config=True)\n"
FLAKE_UP = "# flake8\ndef register_default_options(option_manager):\n    add_option = option_manager.add_option\n    option_manager.add_option('--kept')\n{}"
SPHINX = "def setup(app):\n    app.add_config_value('kept', 1, '')\n{}"
PYTEST = "def pytest_addoption(parser):\n    parser.addoption('{}')\n"
GROUP = "import click\nfrom importlib.metadata import entry_points\n@click.group()\ndef main(): ...\n@main.command()\ndef run(): ...\n{}for ep in entry_points(group='up.commands'):\n    main.add_command(ep.load(), ep.name)\n"
DECLARES = "from typing import Any, Callable, Union\nclass Option:\n    def __init__(self, name: str, type: {} = None):\n        {}\n"
TAKES = DECLARES.format("Union[str, Callable[..., Any]]", "type = int if isinstance(type, str) else type")
ASKS = "# up\nclass P:\n    @classmethod\n    def add_options(cls, parser):\n        {}\n"
VALUE = "    app.add_config_value('path', None, '')\n"


def _one(text: str) -> Files:
    return {"up/__init__.py": text}


CASES = cases(
    _c("an option of every command", COMMAND, OWN.format("--skip-checks"), "breaks", f"option-conflict up --skip-checks {COMMAND}:4"),
    _c("an option of its own", COMMAND, OWN.format("--mine"), "clear"),
    _c("an option that both releases have", COMMAND, OWN.format("--kept"), "clear"),
    _c("a command that is patched", PATCHED, PATCH.format("--pdb"), "breaks", f"option-conflict test --pdb {PATCHED}:2 likely"),
    _c("the command below it", PATCHED, BELOW.format("        super().add_arguments(parser)\n"), "breaks", f"option-conflict test --pdb {PATCHED}:5 likely", f"option-conflict up --pdb {PATCHED}:5"),
    _c("the command below it, which is not asked", PATCHED, BELOW.format(""), "clear"),
    _c("a command that is patched with another option", PATCHED, PATCH.format("--mine"), "clear"),
    _c("flake8", "dn/plugin.py", FLAKE.format("--new"), "breaks", "option-conflict flake8 --new dn/plugin.py:5", old=_one(FLAKE_UP.format("")), new=_one(FLAKE_UP.format("    option_manager.add_option('--new')\n"))),
    _c("flake8, named by keyword", "dn/plugin.py", FLAKE.format("--new").replace("'--new'", "long_option_name='--new'"), "breaks", "option-conflict flake8 --new dn/plugin.py:5", old=_one(FLAKE_UP.format("")), new=_one(FLAKE_UP.format("    option_manager.add_option('--new')\n"))),
    _c("a command for a group", "dn/x.py", "import click\n@click.group()\ndef db(): ...\n", "possible", "option-conflict up db pyproject.toml:6 possible", old=_one(GROUP.format("")), new=_one(GROUP.format("@main.command('db')\ndef database(): ...\n")), old_project='[project.scripts]\nup = "up:main"\n', down_project='[project.entry-points."up.commands"]\ndb = "dn.x:db"\n'),
    _c("another command for a group", "dn/x.py", "import click\n@click.group()\ndef db(): ...\n", "clear", old=_one(GROUP.format("")), new=_one(GROUP.format("@main.command('db')\ndef database(): ...\n")), old_project='[project.scripts]\nup = "up:main"\n', down_project='[project.entry-points."up.commands"]\nmine = "dn.x:db"\n'),
    _c("flake8 with another option", "dn/plugin.py", FLAKE.format("--mine"), "clear", old=_one(FLAKE_UP.format("")), new=_one(FLAKE_UP.format("    option_manager.add_option('--new')\n"))),
    _c("a value of sphinx", "dn/ext.py", SPHINX.format(VALUE), "breaks", "option-conflict path dn/ext.py:3", old=_one(SPHINX.format("")), new=_one(SPHINX.format(VALUE))),
    _c("a value of the host's own table", "dn/ext.py", SPHINX.format(VALUE), "breaks", "option-conflict path dn/ext.py:3", old=_one("class C:\n    config_values = {}\n"), new=_one("class C:\n    config_values = {'path': 1}\n")),
    _c("a value from a table", "dn/ext.py", "VALUES = {'mine': 1, 'path': 2}\ndef setup(app):\n    for name, default in VALUES.items():\n        app.add_config_value(name, default, '')\n", "breaks", "option-conflict path dn/ext.py:4", old=_one(SPHINX.format("")), new=_one(SPHINX.format(VALUE))),
    _c("values from another table", "dn/ext.py", "VALUES = {'mine': 1}\nOTHERS = ['path']\ndef setup(app):\n    for name in VALUES:\n        app.add_config_value(name, 1, '')\n", "clear", old=_one(SPHINX.format("")), new=_one(SPHINX.format(VALUE))),
    _c("pytest, in a class", "dn/p.py", "class P:\n    def pytest_addoption(self, parser):\n        parser.addoption('--new')\n", "breaks", "option-conflict pytest --new dn/p.py:3", old=_one(PYTEST.format("--kept")), new=_one(PYTEST.format("--new"))),
    _c("pytest, in a static method", "dn/p.py", "class P:\n    @staticmethod\n    def pytest_addoption(parser):\n        parser.addoption('--new')\n", "breaks", "option-conflict pytest --new dn/p.py:4", old=_one(PYTEST.format("--kept")), new=_one(PYTEST.format("--new"))),
    _c("pytest, in a class with another option", "dn/p.py", "class P:\n    def pytest_addoption(self, parser):\n        parser.addoption('--mine')\n", "clear", old=_one(PYTEST.format("--kept")), new=_one(PYTEST.format("--new"))),
    _c("another value of sphinx", "dn/ext.py", SPHINX.format(VALUE), "clear", old=_one(SPHINX.format("")), new=_one(SPHINX.format(VALUE.replace("path", "paths")))),
    _c("a text that an option no longer takes", "dn/p.py", ASKS.format("parser.add_option('--size', type='int')"), "breaks", "value-removed value:int dn/p.py:5 likely", old=_one(TAKES), new=_one(DECLARES.format("Callable[..., Any] | None", "pass"))),
    _c("a text that is handed on with the parser", "dn/p.py", ASKS.format("register(parser, '--size', type='int')"), "breaks", "value-removed value:int dn/p.py:5 likely", old=_one(TAKES), new=_one(DECLARES.format("'Callable[..., Any] | None'", "pass"))),
    _c("a type that an option takes", "dn/p.py", ASKS.format("parser.add_option('--size', type=int)"), "clear", old=_one(TAKES), new=_one(DECLARES.format("Callable[..., Any] | None", "pass"))),
    _c("a text that an option may still take", "dn/p.py", ASKS.format("parser.add_option('--size', type='int')"), "clear", old=_one(TAKES), new=_one(DECLARES.format("Callable[..., Any] | str", "pass"))),
    _c("a text for something else", "dn/p.py", ASKS.format("other.add_option('--size', type='int')"), "clear", old=_one(TAKES), new=_one(DECLARES.format("Callable[..., Any] | None", "pass"))),
    _c("an entry point of a host", "dn/x.py", "", "breaks", "option-conflict lint pyproject.toml:6 likely", old=_one(""), new=_one(""), new_project='[project.entry-points.host]\nlint = "up"\n', down_project='[project.entry-points.host]\nlint = "dn.x"\n'),
    _c("of another host", "dn/x.py", "", "clear", old=_one(""), new=_one(""), new_project='[project.entry-points.other]\nlint = "up"\n', down_project='[project.entry-points.host]\nlint = "dn.x"\n'),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_both_add(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said
