"""What only running all of a package shows."""

from __future__ import annotations

import pytest
from verify_world import World

from tailrace.model import DownstreamReport
from tailrace.verify.installed import module_of
from tailrace.verify.smoke import load_statement, subcommands

# Names that nothing but running spells out.
DYNAMIC = "import importlib\nup = importlib.import_module(bytes.fromhex('7570').decode())\n"
GONE = "getattr(up, bytes.fromhex('676f6e65').decode())"


def smoke(world: World, down: str, old: str, new: str, **more: object) -> DownstreamReport:
    world.add("up", "1.0", {"up.py": old})
    world.add("up", "2.0", {"up.py": new})
    world.add("down", "1.0", {"down/__init__.py": "", "down/a.py": down}, requires=["up"], **more)
    return world.verify(level="smoke").downstreams[0]


@pytest.mark.usefixtures("sandbox")
class TestRun:
    def test_an_import_that_no_finding_predicts_is_new_and_breaks(self, world: World) -> None:
        report = smoke(world, DYNAMIC + f"{GONE}\n", "gone = 1\n", "")
        (finding,) = [f for f in report.findings if f.severity == "error"]
        assert finding.verification is not None
        assert (finding.verification.outcome, finding.verification.level) == ("new", "smoke")
        assert (finding.file, finding.line, finding.rule) == ("down/a.py", 3, "unexplained")
        assert report.status == "breaks"
        assert report.verification is not None
        assert report.verification.outcome == "new"

    def test_what_a_finding_says_already_is_not_said_twice(self, world: World) -> None:
        report = smoke(world, "from up import gone\n", "gone = 1\n", "")
        assert [f.verification.outcome for f in report.findings if f.verification] == ["reproduced"]

    def test_a_module_that_fails_with_both_says_nothing(self, world: World) -> None:
        report = smoke(world, "import not_installed_anywhere\n", "gone = 1\n", "")
        assert report.status == "clear"
        assert report.verification is not None
        assert report.verification.outcome == "refuted"

    def test_a_command_that_no_longer_starts_is_new(self, world: World) -> None:
        code = DYNAMIC + (
            "import argparse\ndef main():\n    parser = argparse.ArgumentParser()\n    up.fill(parser)\n"
            "    parser.add_argument('-l')\n    parser.parse_args()\n"
        )
        new = "def fill(parser): parser.add_argument('-l')\n"
        report = smoke(
            world, code, "def fill(parser): pass\n", new, entry_points={"console_scripts": {"down": "down.a:main"}}
        )
        shown = [f for f in report.findings if f.verification and f.verification.outcome == "new"]
        assert [f.witness for f in shown] == ["down --help"]
        assert "conflicting option string" in str(shown[0].message)

    def test_a_command_that_falls_silent_is_new(self, world: World) -> None:
        code = DYNAMIC + "def main():\n    up.tell()\n"
        report = smoke(
            world, code, "def tell(): print('usage')\n", "def tell(): pass\n",
            entry_points={"console_scripts": {"down": "down.a:main"}},
        )  # fmt: skip
        assert [f.verification.reason for f in report.findings if f.verification] == [
            "`down --help` writes nothing any more"
        ]

    def test_a_subcommand_is_asked_too(self, world: World) -> None:
        code = DYNAMIC + (
            "import argparse\ndef main():\n    parser = argparse.ArgumentParser(prog='down')\n"
            "    commands = parser.add_subparsers()\n    one = commands.add_parser('one')\n"
            "    one.set_defaults(f=1)\n    import sys\n    if 'one' in sys.argv:\n        up.gone\n"
            "    parser.parse_args()\n"
        )
        report = smoke(world, code, "gone = 1\n", "", entry_points={"console_scripts": {"down": "down.a:main"}})
        assert [f.witness for f in report.findings if f.verification] == ["down one --help"]

    def test_a_plug_in_that_no_longer_loads_is_new(self, world: World) -> None:
        code = DYNAMIC + f"def __getattr__(name):\n    return {GONE}\n"
        report = smoke(world, code, "gone = 1\n", "", entry_points={"some.plugins": {"p": "down.a:plugin"}})
        assert [f.verification.outcome for f in report.findings if f.verification] == ["new"]

    def test_a_module_that_ends_the_interpreter_does_not_hide_the_others(self, world: World) -> None:
        world.add("up", "1.0", {"up.py": "gone = 1\n"})
        world.add("up", "2.0", {"up.py": ""})
        world.add(
            "down", "1.0",
            {
                "down/__init__.py": "",
                "down/a.py": "import os\nos._exit(0)\n",
                "down/b.py": DYNAMIC + f"{GONE}\n",
            },
            requires=["up"],
        )  # fmt: skip
        report = world.verify(level="smoke").downstreams[0]
        assert [f.file for f in report.findings if f.verification] == ["down/b.py"]


@pytest.mark.parametrize(
    ("help_text", "expected"),
    [
        ("usage: down [-h] {a,b-c} ...\n\npositional arguments:\n  {a,b-c}\n", ("a", "b-c")),
        (
            "Usage: down [OPTIONS] COMMAND\n\nOptions:\n  --help  x\n\nCommands:\n  one  Does it.\n  two\n",
            ("one", "two"),
        ),
        ("usage: down [-h] [--color {auto,never}]\n", ()),
        ("nothing at all", ()),
        ("Commands:\n  help  Shows it.\n  go    Goes.\n", ("go",)),
    ],
)
def test_subcommands_are_read_from_a_help(help_text: str, expected: tuple[str, ...]) -> None:
    assert subcommands(help_text) == expected


@pytest.mark.parametrize(
    ("target", "statement"),
    [
        ("a.b:f", "from a.b import f"),
        ("a.b", "import a.b"),
        ("a:C.f", "from a import C\nC.f"),
        ("a:f; import os", None),
        ("a b:c", None),
    ],
)
def test_an_entry_point_becomes_one_statement(target: str, statement: str | None) -> None:
    assert load_statement(target) == statement


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("a/b.py", "a.b"),
        ("a/__init__.py", "a"),
        ("a/_c.cpython-311-x86_64-linux-gnu.so", "a._c"),
        ("a/__main__.py", None),
        ("a/tests/test_b.py", None),
        ("a/conftest.py", None),
        ("a-1.dist-info/x.py", None),
        ("../../bin/x.py", None),
        ("a/data.txt", None),
        ("a/2to3.py", None),
        ("a/contest.py", "a.contest"),
    ],
)
def test_the_modules_of_a_distribution_are_those_that_can_be_imported(file: str, module: str | None) -> None:
    assert module_of(file) == module
