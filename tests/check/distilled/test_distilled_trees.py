"""Small trees distilled from kinds of breaks that happen, and of what only looks like one.

A text file holds many of them: `##### NAME | KIND | STATUS` begins a tree, `>> FOLDER/PATH` one of its files (`both`
stands for `old` and `new`), and `#!` ends the lines that must carry a finding. Each break was seen to fail with the
candidate only when it ran, and each quiet tree to run with both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tailrace.check import CheckOptions, check

_HERE = Path(__file__).parent
_FOLDERS = {"both": ("old", "new"), "down": ("downstream",)}
_NO_PACKAGES = frozenset({"tests"})
_MARK = "#!"
_WEIGHT = {"clear": 0, "contained": 0, "possible": 1, "breaks": 2}

# What the check gets wrong as yet.
_OPEN = {
    "version-tuple-became-str": "comparisons of constants are not asked",
    "cached-function-lost-parameter": "what is registered with singledispatch may take more",
    "suppress-in-loop": "a handler that does nothing counts as a guard",
}


@dataclass(slots=True)
class Tree:
    """One tree: its files by path, and what must come out."""

    name: str
    kind: str
    status: str
    files: dict[str, list[str]] = field(default_factory=dict)

    def write(self, root: Path) -> frozenset[tuple[str, int]]:
        """Write the files; the places that must carry a finding."""
        marked: set[tuple[str, int]] = set()
        for path, lines in self.files.items():
            top, _, rest = path.partition("/")
            marked |= {(rest, number) for number, line in enumerate(lines, 1) if line.endswith(_MARK)}
            text = "\n".join(line.removesuffix(_MARK).rstrip() for line in lines) + "\n"
            for folder in _FOLDERS.get(top, (top,)):
                file = root / folder / rest
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
        name = _package(root / "old")
        for folder, version in (("old", "1.0"), ("new", "2.0")):
            _project(root / folder, name, version, "")
        _project(root / "downstream", _package(root / "downstream"), "1.0", f'dependencies = ["{name}"]\n')
        return frozenset(marked)


def _package(folder: Path) -> str:
    packages = sorted(path.name for path in folder.iterdir() if path.is_dir() and path.name not in _NO_PACKAGES)
    return packages[0] if packages else min(path.stem for path in folder.glob("*.py"))


def _project(folder: Path, name: str, version: str, more: str) -> None:
    file = folder / "pyproject.toml"
    if not file.exists():
        file.write_text(f'[project]\nname = "{name}"\nversion = "{version}"\n{more}', encoding="utf-8")


def _trees(file: str) -> list[object]:
    trees: list[Tree] = []
    lines: list[str] = []
    for line in (_HERE / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("##### "):
            trees.append(Tree(*(part.strip() for part in line[6:].split("|"))))
        elif line.startswith(">> "):
            lines = trees[-1].files.setdefault(line[3:].strip(), [])
        else:
            lines.append(line)
    return [
        pytest.param(
            tree,
            id=f"{tree.kind}: {tree.name}",
            marks=[pytest.mark.xfail(strict=True, reason=_OPEN[tree.name])] if tree.name in _OPEN else [],
        )
        for tree in trees
    ]


@pytest.mark.parametrize("tree", _trees("breaks.txt"))
def test_a_break_is_found_at_its_lines(tree: Tree, tmp_path: Path) -> None:
    marked = tree.write(tmp_path)
    found = _check(tmp_path)
    assert _WEIGHT[found[0]] >= _WEIGHT[tree.status]
    assert marked <= found[1]


@pytest.mark.parametrize("tree", _trees("quiet.txt"))
def test_what_works_is_no_break(tree: Tree, tmp_path: Path) -> None:
    tree.write(tmp_path)
    status, _ = _check(tmp_path)
    assert status in (("clear", "contained", "possible") if tree.status == "at most possible" else ("clear",))


def _check(root: Path) -> tuple[str, frozenset[tuple[str, int]]]:
    """Status and places of the findings."""
    sides = (str(root / folder) for folder in ("new", "old", "downstream"))
    candidate, baseline, downstream = sides
    report = check(candidate, baseline, [downstream], options=CheckOptions(in_process=True)).downstreams[0]
    return report.status, frozenset((finding.file, finding.line) for finding in report.findings)
