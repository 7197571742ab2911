"""A page of the documentation in, its steps out, in their order; and what a run must show to be what the page shows."""

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


def is_shown(output: str, shown: str) -> bool:
    """Whether the output is what the page shows; a line `…` stands for any lines."""
    pattern = "\n".join(".*" if line == SKIPPED else re.escape(line) for line in shown.strip().splitlines())
    return re.fullmatch(pattern, output.strip(), re.DOTALL) is not None
