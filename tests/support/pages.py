"""Reads the steps of a documentation page in order, and what a run must show to match the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SKIPPED = "…"


def steps(page: Path) -> Iterator[tuple[str, str]]:
    """`("save", text)` for a block of a file, `("run", command and the output that is shown)` for each command."""
    for language, text in BLOCK.findall(page.read_text("utf-8")):
        if language == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                yield "run", part
        else:
            yield "save", text


def typed_and_shown(text: str) -> tuple[str, str]:
    """A step's command, its lines that end with a backslash joined, and the output below it."""
    lines = text.splitlines()
    count = next((place for place, line in enumerate(lines, 1) if not line.endswith("\\")), len(lines))
    command = " ".join(line.removesuffix("\\").strip() for line in lines[:count])
    return command, "".join(f"{line}\n" for line in lines[count:])


def is_shown(output: str, shown: str) -> bool:
    """Whether the output is what the page shows; a line `…` stands for any lines."""
    pattern = "\n".join(".*" if line == SKIPPED else re.escape(line) for line in shown.strip().splitlines())
    return re.fullmatch(pattern, output.strip(), re.DOTALL) is not None
