"""What argparse code builds, read without running it: one program text a row, and what its command line offers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from release_trees import artifact

from tailrace.python.commandlines import CommandLine, core, diff_commandlines, read_commandlines
from tailrace.python.commandlines.model import LIMIT


def read(root: Path, text: str, main: str | None = None) -> dict[str, CommandLine]:
    files = {"up/__init__.py": "", "up/cli.py": dedent(text), **({"up/__main__.py": main} if main else {})}
    found = read_commandlines(artifact(root, files, scripts={"up": "up.cli:main"}))
    return {line.symbol: line for line in found}


def strings(line: CommandLine) -> str:
    return " ".join("/".join(option.strings) for option in line.options)


HEAD = "import argparse\n"

PROGRAMS = {
    "a plain parser": (
        HEAD
        + """
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("path")
    parser.parse_args()
""",
        {"up": "-h/--help -v/--verbose"},
    ),
    "a parser made elsewhere, at module level, imported by another name": (
        "from argparse import ArgumentParser as P\nparser = P(add_help=False)\nparser.add_argument('--x')\n"
        "def main():\n    parser.parse_args()\n",
        {"up": "--x"},
    ),
    "subcommands with aliases": (
        HEAD
        + """
def main():
    parser = argparse.ArgumentParser()
    sub = parser.add_subparsers()
    clean = sub.add_parser("clean", aliases=["cl"])
    clean.add_argument("--all")
    sub.add_parser("list", add_help=False)
    parser.parse_args()
""",
        {"up": "-h/--help", "up clean": "-h/--help --all", "up list": ""},
    ),
    "helpers that get the parser, and give back a group": (
        HEAD
        + """
def add_json(p):
    group = p.add_argument_group("Output")
    group.add_argument("--json")
    return group

def configure(sub, name="clean"):
    p = sub.add_parser(name)
    add_json(p).add_argument("-q", "--quiet")

def build():
    p = argparse.ArgumentParser()
    configure(p.add_subparsers())
    configure(p._subparsers._group_actions[0], name="wipe")
    return p

def main():
    args = build().parse_args()
""",
        {"up": "-h/--help", "up clean": "-h/--help --json -q/--quiet", "up wipe": "-h/--help --json -q/--quiet"},
    ),
    "loops over literals, exclusive groups, parents, computed texts": (
        HEAD
        + """
NAMES = ("one", "two")
def main():
    base = argparse.ArgumentParser(add_help=False)
    base.add_argument("--base")
    parser = argparse.ArgumentParser(parents=[base])
    group = parser.add_mutually_exclusive_group()
    for name in NAMES:
        group.add_argument("--" + name)
        group.add_argument(f"--no-{name}")
    for args, kw in [(("-x", "--ex"), {"type": int})]:
        parser.add_argument(*args, **kw)
    parser.add_argument("--%s" % "last", action=argparse.BooleanOptionalAction)
    parser.parse_args()
""",
        {"up": "-h/--help --base --one --no-one --two --no-two -x/--ex --last/--no-last"},
    ),
    "a parser class with its own initialiser": (
        HEAD
        + """
class Parser(argparse.ArgumentParser):
    def __init__(self, *args, **kwargs):
        if "add_help" not in kwargs:
            kwargs["add_help"] = False
            own = True
        else:
            own = False
        super(Parser, self).__init__(*args, **kwargs)
        if own:
            self.add_argument("--usage")
def main():
    p = Parser()
    p.add_subparsers().add_parser("x", add_help=True)
    p.parse_args()
""",
        {"up": "--usage", "up x": "-h/--help"},
    ),
    "an object that keeps its parser": (
        HEAD
        + """
class App:
    def __init__(self):
        self.parser = argparse.ArgumentParser()
        self.add_options()
    def add_options(self):
        self.parser.add_argument("--kept")
    def run(self):
        return self.parser.parse_args()
def main():
    App().run()
""",
        {"up": "-h/--help --kept"},
    ),
    "a function handed to a runner of the package": (
        HEAD
        + """
def guarded(function):
    try:
        return function()
    except Exception:
        raise SystemExit(1)
def _main():
    p = argparse.ArgumentParser()
    p.add_argument("--inner")
    p.parse_args()
def main():
    guarded(_main)
""",
        {"up": "-h/--help --inner"},
    ),
    "a remembered parser behind a global": (
        HEAD
        + """
PARSER = None
def build():
    global PARSER
    if PARSER is not None:
        return PARSER
    PARSER = argparse.ArgumentParser()
    PARSER.add_argument("--once")
    return PARSER
def main():
    build().parse_args()
""",
        {"up": "-h/--help --once"},
    ),
    "both arms of a platform test, one arm of a known test": (
        HEAD
        + """
import sys
FULL = False
def main():
    p = argparse.ArgumentParser()
    if sys.platform == "win32":
        p.add_argument("--win")
    else:
        p.add_argument("--posix")
    if FULL:
        p.add_argument("--never")
    p.parse_args()
""",
        {"up": "-h/--help --win --posix"},
    ),
}


@pytest.mark.parametrize("case", PROGRAMS)
def test_the_command_line_is_read_from_the_code(case: str, tmp_path: Path) -> None:
    text, expected = PROGRAMS[case]
    assert {symbol: strings(line) for symbol, line in read(tmp_path, text).items()} == expected


def test_options_carry_place_choices_and_marks(tmp_path: Path) -> None:
    text = """\
import argparse
def main():
    p = argparse.ArgumentParser()
    p.add_argument("--solver", choices=["classic", "new"])
    p.add_argument("--old", help="deprecated: use --new", action="store_true")
    p.add_argument("rest", nargs=argparse.REMAINDER)
    p.parse_args()
"""
    line = read(tmp_path, text)["up"]
    solver, old = line.option("--solver"), line.option("--old")
    assert solver is not None
    assert old is not None
    assert (solver.file, solver.line, solver.choices, solver.takes_value) == ("up/cli.py", 4, ("classic", "new"), True)
    assert (old.deprecated, old.takes_value, solver.deprecated) == (True, False, False)
    assert [argument.nargs for argument in line.arguments] == ["remainder"]


def test_aliases_and_the_module_to_run_are_names_of_the_same_program(tmp_path: Path) -> None:
    text = HEAD + "def main():\n    p = argparse.ArgumentParser()\n    s = p.add_subparsers()\n"
    text += "    s.add_parser('a', aliases=('b',))\n    p.parse_args()\n"
    found = read(tmp_path, text, main="from up.cli import main\nmain()\n")
    assert found["up a"].aliases == ("b",)
    assert found["up"].also == ("python -m up",)


def test_a_helper_out_of_sight_leaves_an_open_end(tmp_path: Path) -> None:
    text = (
        HEAD
        + "import other\ndef main():\n    p = argparse.ArgumentParser()\n    other.add_more(p)\n    p.parse_args()\n"
    )
    assert read(tmp_path, text)["up"].open_ends == {"add_more"}
    near = text.replace("other.add_more(p)", "print(p)")
    assert read(tmp_path / "near", near)["up"].open_ends == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "def main(:\n",
        "import argparse\ndef main():\n    main()\n    argparse.ArgumentParser().parse_args()\n",
        "import argparse\nfrom up.cli import main\nfrom up.cli import *\n",
        "import argparse\nclass A(A): pass\ndef main():\n    A().add_argument('x')\n",
        "import argparse\np = argparse.ArgumentParser()\nwhile True:\n    p.add_argument('--x')\n",
        "import argparse\n" + "x = " + "(" * 300 + "1" + ")" * 300,
        "import argparse\nx = ['a'] * 10 ** 9\ny = '{:>999999999}'.format('a')\nz = '%999999999d' % 1\n",
        "import argparse\np = argparse.ArgumentParser()\n" + "for a in range(3):\n p.add_argument(a)\n" * 50,
        "import argparse\np = [argparse.ArgumentParser()]\np.extend(p)\np += p\nfor x in p:\n    p.append(x)\n",
    ],
)
def test_hostile_sources_end_quietly(text: str, tmp_path: Path) -> None:
    read(tmp_path, text)


def test_nothing_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    read(
        tmp_path / "tree", f"import argparse, pathlib\npathlib.Path({str(mark)!r}).touch()\nargparse.ArgumentParser()\n"
    )
    assert not mark.exists()


def test_too_much_work_leaves_everything_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core, "MAX_STEPS", 40)
    text = HEAD + "def main():\n    p = argparse.ArgumentParser()\n    p.add_argument('--x')\n    p.parse_args()\n"
    text += "    for a in 'abcdefgh':\n        p.add_argument('--' + a)\n"
    found = read(tmp_path, text)["up"]
    assert found.open_ends == {LIMIT}
    assert diff_commandlines([found], [replace(found, options=())]) == ()
