"""Programs that find their subcommands in tables, in classes of cleo, or in their own entry points."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from release_trees import artifact

from tailrace.python.commandlines import read_commandlines

BASE = """
import optparse
class Command:
    def __init__(self, name, summary=""):
        self.parser = optparse.OptionParser(prog=f"up {name}")
        self.options = optparse.OptionGroup(self.parser, "Options")
        self.add_options()
    def add_options(self): ...
"""
ONE = """
from optparse import Option
from functools import partial
from up.base import Command
fast = partial(Option, "--fast", action="store_true")
class One(Command):
    def add_options(self):
        self.options.add_option(fast())
        self.parser.insert_option_group(0, self.options)
"""
TWO = "from up.base import Command\nclass Two(Command):\n    def add_options(self):\n        self.options.add_option('--slow')\n"
MAIN = """
import optparse
from up.commands import commands
def main():
    parser = optparse.OptionParser(prog="up")
    parser.disable_interspersed_args()
    _, rest = parser.parse_args()
    return commands[rest[0]]
"""
PARTS = {"up/__init__.py": "", "up/base.py": BASE, "up/one.py": ONE, "up/two.py": TWO, "up/main.py": MAIN}
TABLES = {
    "names of modules and classes": 'commands = {"one": ("up.one", "One"), "two": ("up.two", "Two")}\n',
    "a call for each": 'Info = dict\ncommands: dict = {"one": Info("up.one", "One", "1"), "two": Info("up.two", "Two", "2")}\n',
    "pairs": 'commands = dict([("one", "up.one:One"), ("two", "up.two:Two")])\n',
    "dotted": 'commands = {"one": "up.one.One", "two": "up.two.Two"}\n',
    "classes": 'from up.one import One\nfrom up.two import Two\ncommands = {"one": One, "two": Two}\n',
}
NO_TABLES = {
    "of one entry": 'commands = {"one": ("up.one", "One")}\n',
    "of other words": 'commands = {"one": ("up.gone", "One"), "two": ("up.two", "Gone")}\n',
    "of functions": 'commands = {"one": lambda: 1, "two": lambda: 2, "three": 3, "four": None}\n',
    "of another name": 'things = {"one": ("up.one", "One"), "two": ("up.two", "Two")}\ncommands = things\n',
}


def lines(
    root: Path, files: Mapping[str, str], scripts: Mapping[str, str], **more: Mapping[str, str]
) -> dict[str, list[str]]:
    points = {"console_scripts": scripts, **more}
    read = read_commandlines(artifact(root, dict(files), entry_points=points))
    return {
        line.symbol: sorted(s for o in line.options for s in o.strings if s != "--help") for line in read if line.script
    }


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_commands_gives_subcommands(table: str, tmp_path: Path) -> None:
    found = lines(tmp_path, {**PARTS, "up/commands.py": TABLES[table]}, {"up": "up.main:main"})
    assert found == {"up": ["-h"], "up one": ["--fast", "-h"], "up two": ["--slow", "-h"]}


@pytest.mark.parametrize("table", NO_TABLES)
def test_another_table_gives_none(table: str, tmp_path: Path) -> None:
    found = lines(tmp_path, {**PARTS, "up/commands.py": NO_TABLES[table]}, {"up": "up.main:main"})
    assert "up" in found
    assert "up one" not in found


CLEO = {
    "up/__init__.py": "",
    "up/app.py": "from cleo.application import Application\nNAMES = ['add', 'env list']\ndef main():\n    return Application().run()\n",
    "up/base.py": "from cleo.commands.command import Command as Base\nclass Command(Base): ...\n",
    "up/add.py": "from cleo.helpers import option\nfrom up.base import Command\nclass Add(Command):\n    name = 'add'\n    options = [option('dry-run', None, 'x'), option('group', 'G', 'x', flag=False)]\n",
    "up/env.py": "from up.base import Command\nclass EnvList(Command):\n    name = 'env list'\n",
    "up/other.py": "from up.base import Command\nclass Other(Command):\n    name = 'other'\nclass Plain:\n    name = 'add'\n",
}  # fmt: skip


def test_commands_of_cleo_that_the_application_names(tmp_path: Path) -> None:
    found = lines(tmp_path, CLEO, {"up": "up.app:main"})
    assert found == {"up": [], "up add": ["--dry-run", "--group", "-G"], "up env": [], "up env list": []}


GROUP = """
import click
from importlib.metadata import entry_points
@click.group()
def main(): ...
for point in entry_points(group="up.commands"):
    main.add_command(point.load(), point.name)
"""
SUB = "import click\n@click.command()\n@click.option('--deep')\ndef clean(deep): ...\n"


def test_commands_that_come_from_entry_points_of_its_own(tmp_path: Path) -> None:
    files = {"up/__init__.py": GROUP, "up/sub.py": SUB}
    found = lines(tmp_path, files, {"up": "up:main"}, **{"up.commands": {"wipe": "up.sub:clean"}})
    assert found == {"up": [], "up wipe": ["--deep"]}
    assert "up wipe" not in lines(tmp_path / "none", files, {"up": "up:main"})
