"""An upstream in two versions and a downstream, written as trees, and what the check says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tailrace.check import CheckOptions, check

Files = Mapping[str, str]


@dataclass(frozen=True)
class Case:
    """`said`: the status, then `RULE SYMBOL FILE:LINE` of each finding, with the confidence where it is not certain."""

    name: str
    old: Files
    new: Files
    down: Files
    said: tuple[str, ...]
    old_project: str = ""
    new_project: str | None = None
    down_project: str = ""
    wrong: str = ""
    also: Mapping[str, Any] = field(default_factory=dict)


def cases(*table: Case) -> list[Any]:
    """The cases as parameters."""
    return [
        pytest.param(c, id=c.name, marks=[pytest.mark.xfail(strict=True, reason=c.wrong)] if c.wrong else [])
        for c in table
    ]


def told(root: Path, case: Case) -> tuple[str, ...]:
    """The status, and one line for each finding."""
    new_project = case.old_project if case.new_project is None else case.new_project
    for folder, name, version, files, project in (
        ("old", "up", "1.0", case.old, case.old_project),
        ("new", "up", "2.0", case.new, new_project),
        ("down", "dn", "1.0", case.down, case.down_project),
    ):
        head = f'[project]\nname = "{name}"\nversion = "{version}"\n'
        if "dependencies" not in project:
            head += 'dependencies = ["up"]\n' if name == "dn" else "dependencies = []\n"
        written = {"pyproject.toml": head + project} | dict(files)
        for file, text in written.items():
            path = root / folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    options = CheckOptions(in_process=True)
    report = check(str(root / "new"), str(root / "old"), [str(root / "down")], options=options).downstreams[0]
    lines = []
    for finding in report.findings:
        words = [finding.rule, finding.used or finding.symbol, f"{finding.file}:{finding.line}"]
        if finding.confidence != "certain":
            words.append(finding.confidence)
        if finding.guard is not None:
            words.append("guarded")
        if finding.only_in_tests:
            words.append("in tests")
        lines.append(" ".join(words))
    return (report.status, *lines)
