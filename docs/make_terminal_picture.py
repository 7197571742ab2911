"""A real run of the demo's first command in, `docs/terminal.svg` out. Shows what was printed, invents nothing."""

from __future__ import annotations

import argparse
import io
import os
import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

COMMAND = "tailrace check MarkupSafe==2.1.0 --baseline MarkupSafe==2.0.1 --downstream Jinja2==2.11.3"
TARGET = Path(__file__).resolve().parent / "terminal.svg"


def main() -> int:
    """Runs the command and draws its output; the exit status is 1 when the command could not do its work."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--command", default=COMMAND, help="what to run instead")
    parser.add_argument("--output", type=Path, default=TARGET)
    parser.add_argument("--width", type=int, default=100)
    given = parser.parse_args()
    program, *arguments = shlex.split(given.command)
    here = Path(sys.executable).parent / program
    done = subprocess.run(
        [str(here), *arguments, "--color", "always"],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": str(given.width)},
        check=False,
    )
    if done.returncode not in (0, 1):
        sys.stderr.write(done.stderr)
        return 1
    console = Console(record=True, width=given.width, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), given.command))
    console.print(Text.from_ansi(done.stdout))
    console.print(Text.assemble(("$ ", "bold green"), "echo $?"))
    console.print(str(done.returncode))
    svg = console.export_svg(title="tailrace", unique_id="tailrace")
    # The picture stands for itself: no font is fetched from elsewhere when somebody looks at it.
    lines = (line.rstrip() for line in _without_fonts(svg).splitlines())
    given.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{given.output} written")
    return 0


def _without_fonts(svg: str) -> str:
    """The picture without its `@font-face` rules; the viewer's own monospace font takes their place."""
    head, *rest = svg.split("@font-face {")
    return head + "".join(part.partition("}")[2] for part in rest)


if __name__ == "__main__":
    sys.exit(main())
