"""Source trees as wheels: their Python files, nothing of them run."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from verify_world import World

from support.packages import artifact
from tailrace.verify.trees import write_tree_wheel

# the tree's files, its search paths, what the wheel holds
TREES = {
    "packages at the top": ({"up/__init__.py": "", "up/a.py": ""}, ("",), ["up/__init__.py", "up/a.py"]),
    "packages in src": ({"src/up/__init__.py": "", "setup.py": ""}, ("src",), ["up/__init__.py"]),
    "setup.py is not a module": ({"up.py": "", "setup.py": "raise SystemExit"}, ("",), ["up.py"]),
    "both": ({"src/up/__init__.py": "", "up2.py": ""}, ("src", ""), ["up/__init__.py", "up2.py"]),
}


@pytest.mark.parametrize("name", TREES)
def test_a_tree_becomes_a_wheel_of_what_can_be_imported(name: str, tmp_path: Path) -> None:
    files, search_paths, expected = TREES[name]
    one = artifact(tmp_path / "tree", files, search_paths=search_paths, requires=("a>1", "not a requirement!"))
    wheel = write_tree_wheel(one, tmp_path / "wheels")
    with zipfile.ZipFile(wheel) as archive:
        assert sorted(n for n in archive.namelist() if ".dist-info" not in n) == expected
        metadata = archive.read("up-1.0.dist-info/METADATA").decode()
    assert "Requires-Dist: a>1" in metadata
    assert "not a requirement" not in metadata
    assert write_tree_wheel(one, tmp_path / "wheels") == wheel


def test_a_downstream_in_git_is_run_without_its_build(world: World, tmp_path: Path, sandbox: object) -> None:
    tree = tmp_path / "repository"
    (tree / "src" / "down").mkdir(parents=True)
    (tree / "src" / "down" / "__init__.py").write_text("def f():\n    from up import gone\n")
    (tree / "setup.py").write_text("raise SystemExit('the build was run')\n")
    (tree / "pyproject.toml").write_text(
        "[project]\nname = 'down'\nversion = '3.0'\ndependencies = ['up', 'not-to-be-had']\n"
    )
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *arguments], cwd=tree, check=True)
    world.add("up", "1.0", {"up.py": "def gone(): pass\n"})
    world.add("up", "2.0", {"up.py": ""})
    report = world.verify(f"git+{tree}@HEAD").downstreams[0]
    assert report.verification is not None
    assert report.verification.outcome == "reproduced"
    assert any("not-to-be-had" in note for note in report.verification.notes)
    assert sys.version_info >= (3, 11)


def test_the_version_is_written_where_a_build_would_write_it(tmp_path: Path) -> None:
    # old: auxlib's `.version`; new: the file that the project names
    rows = {
        "auxlib": ({"up/__init__.py": "__version__ = get_version(__file__)\n"}, "up/.version", "1.5"),
        "hatch-vcs": (
            {"up/__init__.py": "", "pyproject.toml": '[tool.hatch.build.hooks.vcs]\nversion-file = "up/_version.py"\n'},
            "up/_version.py",
            "version = '1.5'",
        ),
        "setuptools-scm": (
            {"up/__init__.py": "", "pyproject.toml": '[tool.setuptools_scm]\nwrite_to = "up/_v.py"\n'},
            "up/_v.py",
            "version_tuple = (1, 5,)",
        ),
    }
    for name, (files, path, text) in rows.items():
        root = tmp_path / name
        opened = artifact(root, files, version="1.5")
        with zipfile.ZipFile(write_tree_wheel(opened, tmp_path / "wheels")) as wheel:
            assert text in wheel.read(path).decode(), name
