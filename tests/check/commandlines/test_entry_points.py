"""Entry points that a downstream loads or registers: those that are gone speak, their neighbours are silent."""

from __future__ import annotations

from pathlib import Path

import pytest
from release_trees import artifact

from tailrace.check.breakage import Breakage
from tailrace.check.commandlines import EntryPointFinder, UpstreamNames, entry_point_targets
from tailrace.model import Metadata

READS = "from importlib.metadata import entry_points\nfound = entry_points(group='{}')\n"


def find(root: Path, body: str, groups: dict[str, dict[str, str]] | None = None) -> tuple[Breakage, ...]:
    points = {"up.codecs": {"json": "up:j", "xml": "up:x"}, "console_scripts": {"up": "up:main"}}
    old = artifact(root / "old", {"up/__init__.py": READS.format("up.plugins")}, entry_points=points)
    fewer = {**points, "up.codecs": {"json": "up:j"}}
    new = artifact(root / "new", {"up/__init__.py": READS.format("up.extensions")}, entry_points=fewer)
    down = {
        "down.py": body,
        "pyproject.toml": "[project]\n\n[project.entry-points.'up.plugins']\nmine = \"down:hook\"\n",
    }
    finder = EntryPointFinder(old, new, UpstreamNames("up", "2", "1"))
    return finder.find(artifact(root / "down", down, name="down", entry_points=groups))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('entry_points(group="up.codecs")["xml"].load()', ["entry-point:up.codecs:xml"]),
        ('entry_points(group="up.codecs", name="xml")', ["entry-point:up.codecs:xml"]),
        ('importlib.metadata.entry_points()["up.codecs"]', []),
        ('pkg_resources.load_entry_point("up", "up.codecs", "xml")', ["entry-point:up.codecs:xml"]),
        ('next(pkg_resources.iter_entry_points("up.codecs", "xml"))', ["entry-point:up.codecs:xml"]),
        ('stevedore.driver.DriverManager(namespace="up.codecs", name="xml")', ["entry-point:up.codecs:xml"]),
        ('entry_points(group="up.codecs")["json"]', []),
        ('entry_points(group="other.codecs")["xml"]', []),
        ('print("up.codecs", "xml")', []),
        ('entry_points(group="up.codecs")', []),
    ],
)
def test_loads_by_name(body: str, expected: list[str], tmp_path: Path) -> None:
    found = dict.fromkeys(hit.symbol for hit in find(tmp_path, body + "\n"))
    assert list(found) == expected


def test_a_hook_that_nothing_reads_any_more(tmp_path: Path) -> None:
    (hit,) = find(tmp_path, "", {"up.plugins": {"mine": "down:hook"}})
    assert (hit.symbol, hit.confidence) == ("entry-point:up.plugins:mine", "likely")
    assert (hit.file, hit.line) == ("pyproject.toml", 4)


def test_a_group_that_only_a_constant_of_another_module_names(tmp_path: Path) -> None:
    constants = "GROUP = '{}'\n"
    old = artifact(tmp_path / "old", {"up/a.py": "iter_entry_points(GROUP)\n", "up/b.py": constants.format("up.old")})
    new = artifact(tmp_path / "new", {"up/a.py": "iter_entry_points(GROUP)\n", "up/b.py": constants.format("up.new")})
    finder = EntryPointFinder(old, new, UpstreamNames("up", "2", "1"))
    for group, confidences in (("up.old", ["possible"]), ("up.new", []), ("up.other", [])):
        down = artifact(tmp_path / group, {"dn/__init__.py": ""}, name="dn", entry_points={group: {"mine": "dn:hook"}})
        assert [hit.confidence for hit in finder.find(down)] == confidences


@pytest.mark.parametrize("group", ["up.extensions", "other.plugins", "console_scripts"])
def test_hooks_that_are_read_or_belong_to_others_are_silent(group: str, tmp_path: Path) -> None:
    assert find(tmp_path, "", {group: {"mine": "down:hook"}}) == ()


def test_targets_are_handed_on_as_references() -> None:
    points = (
        ("console_scripts", (("a", "up.mod:func"), ("b", "up.mod:Class.method [extra]"))),
        ("g", (("c", "up.x"),)),
    )
    assert entry_point_targets(Metadata(name="d", version="1", entry_points=points)) == (
        ("console_scripts", "a", "up.mod", "func"),
        ("console_scripts", "b", "up.mod", "Class.method"),
        ("g", "c", "up.x", ""),
    )
