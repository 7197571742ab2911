"""A toolkit is one object: registered under its import roots, it is read and joined like the others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from release_trees import artifact

from tailrace.python.commandlines import read_commandlines, toolkits
from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.program import builds_command_lines
from tailrace.python.commandlines.toolkits.argparse import add_argument, new_parser
from tailrace.python.commandlines.toolkits.interface import Toolkit
from tailrace.python.commandlines.values import Parser, Site
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Method, Value


class Opts(Toolkit):
    name = "opts"
    roots = frozenset({"opts"})
    triggers = (rb"OptionParser",)
    building = frozenset({"OptionParser", "add_option"})
    adding = frozenset({"add_option"})

    def call(self, machine: Core, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        if path != "opts.OptionParser":
            return UNKNOWN
        parser = new_parser(machine, site)
        parser.toolkit, parser.ready = self.name, True
        return parser

    def attribute(self, machine: Core, owner: Value, name: str) -> Value:
        return Method(owner, name)

    def method(self, machine: Core, owner: Value, name: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        if name == "add_option" and isinstance(owner, Parser):
            return add_argument(machine, owner, arguments, site)
        if name == "parse_args" and isinstance(owner, Parser):
            owner.scripts.append(machine.script or "")
        return UNKNOWN


PROGRAM = """\
import opts

def add(parser):
    parser.add_option("-n", "--name")

def main():
    parser = opts.OptionParser()
    add(parser)
    parser.parse_args()
"""


@pytest.fixture
def opts() -> Iterator[None]:
    toolkits.REGISTRY.register(Opts())
    yield
    toolkits.REGISTRY.remove("opts")


def test_it_is_read_like_the_others(tmp_path: Path, opts: None) -> None:
    release = artifact(tmp_path, {"up.py": PROGRAM}, scripts={"up": "up:main"})
    assert builds_command_lines(release)
    (line,) = read_commandlines(release)
    assert (line.symbol, line.toolkit) == ("up", "opts")
    assert [(option.strings, option.line) for option in line.options] == [(("-n", "--name"), 4)]


def test_without_it_nothing_is_read(tmp_path: Path) -> None:
    release = artifact(tmp_path, {"up.py": PROGRAM}, scripts={"up": "up:main"})
    assert read_commandlines(release) == ()


def test_every_file_of_the_package_is_registered() -> None:
    files = {path.stem for path in Path(str(toolkits.__file__)).parent.glob("*.py")} - {"__init__", "interface"}
    assert set(toolkits.REGISTRY.by_name) == files


@pytest.mark.parametrize(
    ("file", "read"),
    [
        ("up/cli.py", True),
        ("up/testing/cli.py", False),
        ("up/untesting/cli.py", True),
        ("up/tests/cli.py", False),
        ("up/_tests/cli.py", False),
        ("up/cli_test.py", False),
        ("up/test_cli.py", False),
        ("setup.py", False),
    ],
)
def test_what_is_a_test_file_is_no_program(file: str, read: bool, tmp_path: Path) -> None:
    release = artifact(tmp_path, {"up/__init__.py": "", file: "import argparse\nargparse.ArgumentParser()\n"})
    assert builds_command_lines(release) is read
