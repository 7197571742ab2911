"""Command lines that a downstream writes out: what is gone speaks, everything near it is silent."""

from __future__ import annotations

from pathlib import Path

import pytest
from release_trees import artifact

from tailrace.check.breakage import Breakage
from tailrace.check.commandlines import ProcessFinder, UpstreamNames
from tailrace.python.commandlines import read_commandlines

OLD = """\
import argparse

class Commands:
    CLEAN = "clean"

def run_command(command, *arguments):
    main([command, *arguments])

def main(argv=None):
    p = argparse.ArgumentParser()
    p.add_argument("-n", "--name")
    p.add_argument("--root")
    sub = p.add_subparsers()
    clean = sub.add_parser("clean", aliases=["cl"])
    clean.add_argument("-s", "--source-cache", action="store_true")
    clean.add_argument("-y", "--yes", action="store_true")
    clean.add_argument("--solver", choices=["classic", "new"])
    clean.add_argument("paths", nargs="*")
    run = sub.add_parser("run")
    run.add_argument("--fast", action="store_true")
    run.add_argument("rest", nargs=argparse.REMAINDER)
    sub.add_parser("help").add_argument("topic", nargs="?")
    p.parse_args(argv)

def old():
    argparse.ArgumentParser().parse_args()
"""
NEW = (
    OLD.replace('    clean.add_argument("-s", "--source-cache", action="store_true")\n', "")
    .replace(', choices=["classic", "new"]', ', choices=["new"]')
    .replace('    sub.add_parser("help").add_argument("topic", nargs="?")\n', "")
    .replace('    run.add_argument("--fast", action="store_true")\n', "")
    .replace('    p.add_argument("--root")\n', "")
)
SCRIPTS = {"up": "up.cli:main", "up-old": "up.cli:old"}
MAIN = {"up/__init__.py": "", "up/__main__.py": "from up.cli import main\nmain()\n"}


def find(root: Path, body: str, old: str = OLD, new: str = NEW) -> tuple[Breakage, ...]:
    before = artifact(root / "old", {**MAIN, "up/cli.py": old}, scripts=SCRIPTS)
    after = artifact(root / "new", {**MAIN, "up/cli.py": new}, scripts={"up": "up.cli:main"})
    finder = ProcessFinder(
        read_commandlines(before),
        read_commandlines(after),
        before.metadata,
        after.metadata,
        UpstreamNames("up", "2", "1"),
    )
    return finder.find(artifact(root / "down", {"down.py": body}, name="down"))


GONE = "up clean --source-cache"

HITS = {
    'subprocess.run(["up", "clean", "--source-cache"])': (GONE, "certain"),
    'subprocess.check_call(args=["up", "clean", "-y", "-s"], cwd=here)': ("up clean -s", "certain"),
    'subprocess.run(["up", "--name", "clean", "clean", "--source-cache"])': (GONE, "certain"),
    'subprocess.run(["up", "-n=x", "cl", "--source-cache"])': (GONE, "certain"),
    'subprocess.run(["up", "clean", "--source"])': (GONE, "certain"),
    'subprocess.run(["up", "clean", *more, "--source-cache"])': (GONE, "certain"),
    'subprocess.run([sys.executable, "-m", "up", "clean", "-s"])': ("up clean -s", "certain"),
    'subprocess.run(["/usr/bin/up", "clean", "-s"])': ("up clean -s", "certain"),
    'os.system("up clean -s && echo done")': ("up clean -s", "certain"),
    'os.system(f"cd {here}; up clean {path} --source-cache > /dev/null")': (GONE, "certain"),
    'subprocess.run("up clean -s".split())': ("up clean -s", "certain"),
    'subprocess.run(shlex.split("up clean -s"))': ("up clean -s", "certain"),
    'asyncio.create_subprocess_exec("up", "clean", "-s")': ("up clean -s", "certain"),
    'subprocess.run(["up", "clean", "--solver", "classic"])': ("up clean --solver classic", "certain"),
    'subprocess.run(["up", "clean", "--solver=classic"])': ("up clean --solver classic", "certain"),
    'subprocess.run(["up", "help"])': ("up help", "certain"),
    'subprocess.run(["up", "--root", "x", "run", "y"])': ("up --root", "certain"),
    'helpers.execute(["up", "clean", "-s"])': ("up clean -s", "likely"),
    'command = ["up", "clean"]\ncommand.append("-s")\nsubprocess.run(command)': ("up clean -s", "certain"),
    'command = ["up", "clean"]\nif deep:\n    command += ["-s"]\nsubprocess.run(command)': ("up clean -s", "certain"),
    'command = ["up", "clean", "-s"]': ("up clean -s", "possible"),
    'from up.cli import main\nmain(["clean", "-s"])': ("up clean -s", "likely"),
    'from up import cli\ncli.main(argv=["clean", "-s"])': ("up clean -s", "likely"),
    'from up.cli import Commands, run_command\nrun_command(Commands.CLEAN, "-s")': ("up clean -s", "likely"),
    'subprocess.run(["up-old", "--anything"])': ("script:up-old", "certain"),
    'shutil.which("up-old")': ("script:up-old", "likely"),
    'os.popen("up-old")': ("script:up-old", "certain"),
    'helpers.execute(["up-old"])': ("script:up-old", "likely"),
    'def sh(*words):\n    subprocess.run(words)\nsh("up", "clean", "-s")': ("up clean -s", "likely"),
    'def sh(words):\n    subprocess.run(words)\nsh(["up-old", path])': ("script:up-old", "likely"),
    'class Job:\n    command = ["up", "clean", "-s"]': ("up clean -s", "possible"),
    'command = ["up-old"]\nsubprocess.run(command)': ("script:up-old", "certain"),
}


@pytest.mark.parametrize("body", HITS)
def test_what_the_candidate_no_longer_takes_is_found(body: str, tmp_path: Path) -> None:
    symbol, confidence = HITS[body]
    found = find(tmp_path, f"import subprocess\n{body}\n")
    assert [(hit.symbol, hit.confidence) for hit in found if hit.symbol.startswith(symbol)] == [(symbol, confidence)]
    assert all(hit.file == "down.py" and hit.line >= 2 and hit.how == "process" for hit in found)


@pytest.mark.parametrize(
    "body",
    [
        'subprocess.run(["up", "clean", "--yes"])',
        'subprocess.run(["other", "clean", "--source-cache"])',
        'subprocess.run(["other", "up", "clean", "-s"])',
        'subprocess.run(["up", "clean", "--", "--source-cache"])',
        'subprocess.run(["up", "run", "mytool", "--fast", "-s"])',
        'subprocess.run(["up", what, "--source-cache"])',
        'subprocess.run(["up", "clean", "--solver", "new"])',
        'subprocess.run(["up", "clean", "--solver", chosen])',
        'subprocess.run(["up", "--name", "help", "run"])',
        'subprocess.run(["up", "clean", "help"])',
        'print("up clean -s")',
        'text = "up clean -s"',
        'os.system("echo up clean -s")',
        'subprocess.run([sys.executable, "-m", "other", "clean", "-s"])',
        'subprocess.run([sys.executable, "up.py", "clean", "-s"])',
        'shutil.which("up")',
        'from other.cli import main\nmain(["clean", "-s"])',
        'from up.cli import main\nmain(["clean", "-y"])',
        'subprocess.run(["up", "unknown", "--source-cache"])',
        'subprocess.run("unbalanced \' up clean -s")',
        "subprocess.run([])",
        'project.set_value("packages", ["up-old"])',
        'project.set_value("packages", ["up-old", "other"])',
        'packages = ["up-old"]\nsetup(packages=packages)',
        'NAMES = ("up-old", "other")',
        'for name in ["up-old"]:\n    print(name)',
    ],
)
def test_what_still_works_is_silent(body: str, tmp_path: Path) -> None:
    assert find(tmp_path, f"import subprocess\n{body}\n") == ()


def test_nothing_is_said_when_the_new_parser_cannot_be_read(tmp_path: Path) -> None:
    body = 'import subprocess\nsubprocess.run(["up", "clean", "-s"])\n'
    assert find(tmp_path / "a", body, new="from elsewhere import main\n") == ()
    hidden = NEW.replace(
        '    clean.add_argument("paths"', '    elsewhere.extend(clean)\n    clean.add_argument("paths"'
    )
    assert find(tmp_path / "b", body, new="import elsewhere\n" + hidden) == ()
    assert find(tmp_path / "c", body, new=NEW) != ()


def test_the_cause_is_the_place_in_the_baseline(tmp_path: Path) -> None:
    (hit,) = find(tmp_path, 'import subprocess\nsubprocess.run(\n    ["up", "clean",\n     "-s"])\n')
    assert (hit.line, hit.column, hit.cause_file, hit.cause_line) == (4, 6, "up/cli.py", 15)
    assert hit.facts == {"call": "up clean -s", "option": "-s", "command": "up clean"}


def test_all_scripts_gone_at_once_may_be_unreadable_metadata(tmp_path: Path) -> None:
    before = artifact(tmp_path / "old", {"up.py": ""}, scripts={"up": "up:main"})
    after = artifact(tmp_path / "new", {"up.py": ""})
    finder = ProcessFinder((), (), before.metadata, after.metadata, UpstreamNames("up", "2", "1"))
    body = 'import subprocess\nsubprocess.run(["up"])\n'
    assert finder.find(artifact(tmp_path / "down", {"down.py": body}, name="down")) == ()
