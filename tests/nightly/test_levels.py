"""What each level finds with the candidate alone, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from nightly_world import CELL, NightlyWorld

from tailrace.nightly import cell
from tailrace.nightly.levels import shells
from tailrace.nightly.values import CellResult, LevelResult

pytestmark = pytest.mark.usefixtures("sandboxed")

# A host that hands commands on by the text of a function, as command lines of plug-ins do.
HOST = """
def parse(argv):
    name = argv[0] if argv else "help"
    return "{prefix}main_" + name
"""
# It knows its commands by that text.
MAIN = """
import sys, up
def main():
    argv = sys.argv[1:]
    if "--help" in argv:
        print("usage: down [-h] {{list,info}} ...\\n\\nCommands:\\n  list    what is there\\n  info    all about it")
        return 0
    if not argv:
        return 2
    wanted = up.parse(argv)
    if wanted == ".main_list":
        print("# packages in the environment\\nup   down   numpy")
    elif wanted == ".main_info":
        print("version: 1\\nplatform: linux\\nchannels: none")
    else:
        print("Currently only list and info are supported.")
    return 0
"""
SCRIPT = {"console_scripts": {"down": "down:main"}}
Row = tuple[dict[str, str], dict[str, str], dict[str, str], dict[str, Any]]


def run(world: NightlyWorld, row: Row, *levels: str) -> CellResult:
    old, new, down, more = row
    world.add("up", "1.0", old, **more.get("up", {}))
    world.add("up", "2.0", new, **more.get("up", {}))
    world.add("down", "1.0", down, requires=["up"], **more.get("down", {}))
    return world.run(*levels)  # type: ignore[arg-type]


def host(prefix: str) -> dict[str, str]:
    return {"up.py": HOST.format(prefix=prefix)}


MAIN_FILE = {"down.py": MAIN.replace("{{", "{").replace("}}", "}")}


def test_a_command_that_is_no_longer_reached_is_found_by_what_it_says(world: NightlyWorld) -> None:
    result = run(world, (host("."), host("up.cli."), MAIN_FILE, {"down": {"entry_points": SCRIPT}}), "help", "call")
    assert result.outcome == "red"
    assert {(f.level, f.kind, f.what) for f in result.failures} == {
        ("call", "other-output", "down list"),
        ("call", "other-output", "down info"),
    }
    assert len({f.cause for f in result.failures}) == 1


@pytest.mark.parametrize("prefix", [".", ".x."])
def test_the_help_of_a_command_says_nothing_of_it(world: NightlyWorld, prefix: str) -> None:
    result = run(world, (host("."), host(prefix), MAIN_FILE, {"down": {"entry_points": SCRIPT}}), "help")
    assert result.outcome == "green", result.failures


# old up, new up, down, the kinds of failures at these levels
SAYS = "import up\ndef main():\n    {}\n"
CASES: dict[str, tuple[str, str, str, tuple[str, ...], list[str]]] = {
    "other words for the same": (
        "text = 'the sum of all parts is 3'\n",
        "text = 'the sum of all its parts is 4'\n",
        SAYS.format("print(up.text)"),
        ("call",),
        [],
    ),
    "another version": ("v = '1.0'\n", "v = '2.0'\n", SAYS.format("print('down', up.v)"), ("call",), []),
    "silence": ("x = 'hello'\n", "x = ''\n", SAYS.format("print(up.x) if up.x else None"), ("call",), ["silent"]),
    "an exit status": ("x = 0\n", "x = 3\n", SAYS.format("return up.x"), ("call",), ["fails"]),
    "an exception": ("x = 0\n", "", SAYS.format("print(up.x)"), ("call",), ["fails"]),
    "broken with both": ("", "", SAYS.format("print(up.x)"), ("call",), []),
    "a module": ("def gone(): pass\n", "", "from up import gone\n", ("import",), ["fails"]),
    "a hidden import": ("def gone(): pass\n", "", "def f():\n    from up import gone\n", ("hidden",), ["fails"]),
    "a hidden import that is guarded": (
        "def gone(): pass\n",
        "",
        "def f():\n    try:\n        from up import gone\n    except ImportError:\n        pass\n",
        ("hidden", "import"),
        [],
    ),
    "the static check": ("def gone(): pass\n", "", "def f():\n    from up import gone\n", ("check",), ["static"]),
    "a command that runs away": (
        "import time\ndef go(): print('done')\n",
        "import time\ndef go(): time.sleep(600)\n",
        SAYS.format("up.go()"),
        ("call",),
        ["fails"],
    ),
    "an import that runs away": (
        "x = 1\n",
        "while True: pass\n",
        "import up\n",
        ("import",),
        ["runaway"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_level_finds_what_fails_with_the_candidate_alone(
    name: str, world: NightlyWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, down, levels, kinds = CASES[name]
    world.add("up", "1.0", {"up.py": old})
    world.add("up", "2.0", {"up.py": new})
    points = SCRIPT if "def main" in down else None
    world.add("down", "1.0", {"down.py": down}, requires=["up"], entry_points=points)
    runner = world.runner(*levels)  # type: ignore[arg-type]
    if "runs away" in name:  # it takes all of its time, several times over; a command has a limit of its own below that
        runner = replace(runner, limits=replace(runner.limits, seconds=6.0))
        monkeypatch.setattr("tailrace.nightly.commands.LIMIT", 4.0)
    result = runner.run(CELL)
    assert sorted({failure.kind for failure in result.failures}) == kinds, result
    if kinds:
        assert result.outcome == "red"


SHELL = """\
tool() {{
    case "$1" in
        install|remove) "$UP_EXE" "$@" && {} ;;
        *) true ;;
    esac
}}
"""


@pytest.mark.parametrize(
    ("old", "new", "down", "outcome"),
    [
        ("__up_again() { true; }\n", "", SHELL.format("__up_again"), "red"),
        ("__up_again() { true; }\n", "__up_again() { false; }\n", SHELL.format("__up_again"), "green"),
        ("", "", SHELL.format("__never_there"), "green"),
        ("x=1\n", "if then fi\n", SHELL.format("true"), "red"),
    ],
    ids=["a function that is gone", "a function that fails", "never there", "a syntax error"],
)
def test_shell_functions_are_called_with_each_word_that_they_know(
    old: str, new: str, down: str, outcome: str, world: NightlyWorld
) -> None:
    world.add("up", "1.0", {"up/__init__.py": "", "up/shell/etc/profile.d/up.sh": old})
    world.add("up", "2.0", {"up/__init__.py": "", "up/shell/etc/profile.d/up.sh": new})
    world.add("down", "1.0", {"down/__init__.py": "", "down/shell_templates/down.sh": down}, requires=["up"])
    result = world.run("shell")
    assert result.outcome == outcome, result
    if "gone" in old + down and outcome == "red":
        assert {f.what for f in result.failures} == {"bash: tool install", "bash: tool remove"}


PLUGINS = """
import pluggy
spec, impl = pluggy.HookspecMarker("up"), pluggy.HookimplMarker("up")
class Specs:
    @spec
    def {hook}(self): pass
def get_plugin_manager():
    import down
    manager = pluggy.PluginManager("up")
    manager.add_hookspecs(Specs)
    manager.register(down, "down")
    return manager
"""


@pytest.mark.parametrize(("hook", "outcome"), [("up_solvers", "red"), ("up_register", "green")])
def test_a_plug_in_whose_hook_is_gone_is_found_at_its_host(hook: str, outcome: str, world: NightlyWorld) -> None:
    from support.wheels import write_installed_wheel

    write_installed_wheel(world.wheels, "pluggy")
    down = "import pluggy\nimpl = pluggy.HookimplMarker('up')\n@impl\ndef up_register(): return []\n"
    for version, name in (("1.0", "up_register"), ("2.0", hook)):
        files = {"up/__init__.py": "", "up/plugins.py": PLUGINS.format(hook=name)}
        world.add("up", version, files, requires=["pluggy"])
    world.add("down", "1.0", {"down.py": down}, requires=["up", "pluggy"])
    result = world.run("plugins")
    assert result.outcome == outcome, result


def test_configured_commands_are_run_with_both(world: NightlyWorld) -> None:
    world.add("up", "1.0", {"up.py": "x = 1\n"})
    world.add("up", "2.0", {"up.py": "x = 2\n"})
    world.add("down", "1.0", {"down.py": "import up\n"}, requires=["up"])
    chosen = msgspec.structs.replace(CELL, commands=("python -c 'import up; assert up.x == 1'", "true"))
    result = world.run("commands", cell=chosen)
    assert [f.what for f in result.failures] == ["python -c 'import up; assert up.x == 1'"]


@pytest.mark.parametrize(
    ("others", "word"),
    [(("nowhere==1.0",), "nowhere"), (("/nowhere/at/all",), "nowhere"), (("git+/nowhere@main",), "nowhere")],
)
def test_a_project_that_cannot_be_had_is_not_run_with_the_reason(
    others: tuple[str, ...], word: str, world: NightlyWorld
) -> None:
    world.add("up", "1.0", {"up.py": ""})
    world.add("up", "2.0", {"up.py": ""})
    result = world.run("import", cell=msgspec.structs.replace(CELL, others=others))
    assert result.outcome == "not-run"
    assert word in str(result.reason)


def test_a_cell_whose_time_is_over_is_not_green(world: NightlyWorld) -> None:
    world.add("up", "1.0", {"up.py": ""})
    world.add("up", "2.0", {"up.py": ""})
    world.add("down", "1.0", {"down.py": "import up\n"}, requires=["up"])
    result = world.run("import", "call", time_limit=0.0)
    assert result.outcome == "not-run"
    assert "the time for one cell" in str(result.reason)


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [("fine", "BROKEN", "red"), ("fine", "other", "green"), ("BROKEN", "BROKEN", "not-run")],
)
def test_powershell_files_are_parsed_where_there_is_pwsh(
    old: str, new: str, outcome: str, world: NightlyWorld, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "pwsh" / "pwsh"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\nfor last; do :; done\nif grep -q BROKEN "$last"; then echo unexpected; exit 1; fi\n')
    program.chmod(0o755)
    monkeypatch.setattr(shells, "find_program", lambda name: program if name == "pwsh" else None)
    monkeypatch.setattr(cell, "find_program", lambda name: program)
    for version, text in (("1.0", old), ("2.0", new)):
        world.add("up", version, {"up/__init__.py": "", "up/shell/up.ps1": text})
    world.add("down", "1.0", {"down/__init__.py": ""}, requires=["up"])
    assert world.run("shell").outcome == outcome


HOST_OF_EXECUTABLES = """
import os, subprocess, sys
def main():
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name.startswith("-") or not name:
        print("usage: up [-h] command")
        return 0
    {}
"""
FINDS = "return subprocess.call(['up-' + name, *sys.argv[2:]])"
PLAIN = "sys.exit('up: no such command: ' + name)"


@pytest.mark.parametrize(("new", "outcome"), [(PLAIN, "red"), (FINDS, "green")], ids=["gone", "still there"])
def test_an_executable_that_is_no_longer_a_subcommand_is_found(new: str, outcome: str, world: NightlyWorld) -> None:
    for version, text in (("1.0", FINDS), ("2.0", new)):
        files = {"up.py": HOST_OF_EXECUTABLES.format(text)}
        world.add("up", version, files, entry_points={"console_scripts": {"up": "up:main"}})
    extra = "def main():\n    print('usage: up-extra')\n"
    points = {"console_scripts": {"up-extra": "down:main"}}
    world.add("down", "1.0", {"down.py": extra}, requires=["up"], entry_points=points)
    result = world.run("help")
    assert result.outcome == outcome, result
    if outcome == "red":
        assert [failure.what for failure in result.failures] == ["up extra --help"]


@pytest.mark.parametrize(
    ("rows", "blind"),
    [
        ([("import", 10, 2), ("help", 3, 0)], False),
        ([("import", 10, 2), ("help", 0, 3)], True),
        ([("import", 2, 10), ("help", 3, 0)], True),
        ([("import", 10, 0), ("call", 0, 5)], False),
        ([("import", 10, 0), ("build", 0, 1)], False),
        ([("import", 0, 0)], True),
        ([], True),
    ],
)
def test_a_cell_of_which_little_works_with_the_baseline_is_not_green(
    rows: list[tuple[Any, int, int]], blind: bool
) -> None:
    levels = [LevelResult(level=name, tried=tried, broken_before=broken) for name, tried, broken in rows]
    assert (cell.blind_spot(levels) is not None) is blind


def test_what_the_check_says_and_what_running_shows_are_one_cause(world: NightlyWorld) -> None:
    world.add("up", "1.0", {"up.py": "def gone(): pass\n"})
    world.add("up", "2.0", {"up.py": ""})
    down = "def main():\n    from up import gone\n    print(gone)\n"
    world.add("down", "1.0", {"down.py": down}, requires=["up"], entry_points=SCRIPT)
    result = world.run("check", "hidden", "call")
    assert {failure.level for failure in result.failures} == {"check", "hidden", "call"}
    assert len({failure.cause for failure in result.failures}) == 1, result.failures
    assert not any(str(world.folder) in " ".join((f.message, *f.lines)) for f in result.failures)
