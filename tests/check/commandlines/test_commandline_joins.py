"""All joins of one upstream pair at once."""

from __future__ import annotations

from pathlib import Path

from release_trees import artifact

from tailrace.check.commandlines import CommandLineJoins, UpstreamNames

PARSER = """\
import argparse
def parser():
    p = argparse.ArgumentParser()
    p.add_argument("{}")
    return p
def main():
    parser().parse_args()
"""
DOWN = """\
import subprocess
from up import parser
def main():
    p = parser()
    p.add_argument("--new")
    subprocess.run(["up", "--old"])
    subprocess.run(["up", "--other"])
"""


def test_each_join_is_asked(tmp_path: Path) -> None:
    old = artifact(tmp_path / "o", {"up.py": PARSER.format("--old")}, scripts={"up": "up:main", "up2": "up:main"})
    new = artifact(tmp_path / "n", {"up.py": PARSER.format("--new")}, scripts={"up": "up:main"})
    joins = CommandLineJoins(old, new, UpstreamNames("up", "2", "1"))
    text = DOWN + "    subprocess.run('up2 --old', shell=True)\n"
    down = artifact(tmp_path / "d", {"down.py": text, "other.py": "x = 1\n"}, name="down")
    assert sorted((hit.line, hit.rule, hit.symbol) for hit in joins.find(down)) == [
        (5, "option-conflict", "up --new"),
        (6, "option-removed", "up --old"),
        (8, "entry-point-removed", "script:up2"),
    ]
    assert [change.symbol for change in joins.changes] == ["up --old"]
    assert joins.find(down, files=["other.py"]) == ()
