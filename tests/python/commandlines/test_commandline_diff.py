"""What is gone and what is new between two command lines; every row has a near-miss."""

from __future__ import annotations

from pathlib import Path

import pytest
from release_trees import artifact

from tailrace.python.commandlines import added_options, diff_commandlines, read_commandlines

FRAME = """\
import argparse
import elsewhere
def main():
    p = argparse.ArgumentParser()
    sub = p.add_subparsers()
    clean = sub.add_parser("clean", aliases=["cl"])
    {}
    p.parse_args()
"""
BOTH = 'clean.add_argument("-l", "--lock", choices=["a", "b"]); sub.add_parser("list")'
LOCK_B = "up clean --lock b: up clean --lock no longer takes b"


def lines(root: Path, body: str):  # type: ignore[no-untyped-def]
    text = FRAME.format(body) if body else "import argparse\n"
    return read_commandlines(artifact(root, {"up/__init__.py": "", "up/cli.py": text}, scripts={"up": "up.cli:main"}))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (BOTH, BOTH, []),
        (BOTH, BOTH.replace('"-l", ', ""), ["up clean -l: --lock stays"]),
        (BOTH, 'sub.add_parser("list")', ["up clean -l: the option is gone", "up clean --lock: the option is gone"]),
        (BOTH, BOTH.replace(', "b"', ""), ["up clean --lock b: up clean --lock no longer takes b"]),
        (BOTH, BOTH.replace('["a", "b"]', "elsewhere.ALL"), []),
        (BOTH, BOTH.partition(";")[0], ["up list: the subcommand is gone"]),
        (BOTH, BOTH.partition(";")[0] + '; sub.add_parser("all", aliases=("list",))', []),
        # what cannot be seen any more is no evidence
        (BOTH, "elsewhere.configure(clean); elsewhere.more(sub)", []),
        (BOTH, "", []),
        (BOTH, "get(clean).add_argument('--more')", []),
        # a converter may make the old choices of the new ones
        (BOTH, BOTH.replace('choices=["a", "b"]', 'choices=["a"], type=elsewhere.convert'), []),
        (BOTH, BOTH.replace('choices=["a", "b"]', 'choices=["a"], type=str'), [LOCK_B]),
        # additions are no removals
        (BOTH.partition(";")[0], BOTH, []),
    ],
)
def test_only_what_is_surely_gone_is_said_to_be(old: str, new: str, expected: list[str], tmp_path: Path) -> None:
    changes = diff_commandlines(lines(tmp_path / "old", old), lines(tmp_path / "new", new))
    assert [f"{change.symbol}: {change.detail}" for change in changes] == expected
    assert all(change.rule == "option-removed" and change.file == "up/cli.py" and change.line for change in changes)


def test_an_alias_that_is_gone_is_a_removal(tmp_path: Path) -> None:
    old = read_commandlines(artifact(tmp_path / "a", {"up.py": FRAME.format("pass")}, scripts={"up": "up:main"}))
    text = FRAME.format("pass").replace(', aliases=["cl"]', "")
    new = read_commandlines(artifact(tmp_path / "b", {"up.py": text}, scripts={"up": "up:main"}))
    assert [change.symbol for change in diff_commandlines(old, new)] == ["up cl"]


def test_a_removed_option_that_was_marked_says_so(tmp_path: Path) -> None:
    old = lines(tmp_path / "old", 'clean.add_argument("--fast", help="DEPRECATED")')
    (change,) = diff_commandlines(old, lines(tmp_path / "new", "pass"))
    assert change.deprecation is not None


def test_additions_are_kept_for_the_join(tmp_path: Path) -> None:
    old, new = lines(tmp_path / "old", "pass"), lines(tmp_path / "new", BOTH)
    assert [(added.symbol, added.subcommand, added.line) for added in added_options(old, new)] == [
        ("up clean -l", False, 7),
        ("up clean --lock", False, 7),
        ("up list", True, 7),
    ]
    assert added_options(new, new) == ()
    # a program that the old release did not have at all collides with nobody
    assert added_options(lines(tmp_path / "none", ""), new) == ()
