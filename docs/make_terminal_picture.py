"""Real runs of commands in, the pictures of the README out. Shows what was printed, invents nothing; what is left
out at either end is marked.
"""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

HERE = Path(__file__).resolve().parent
WIDTH = 100


@dataclass(frozen=True)
class Picture:
    """What is run, and which of its lines are shown: from the first that begins with `first` up to the next that
    begins with `end`. Empty: from the beginning, to the end with the exit status.
    """

    file_name: str
    command: str
    first: str = ""
    end: str = ""


PICTURES = (
    Picture(
        "terminal.svg",
        "tailrace check MarkupSafe==2.1.0 --baseline MarkupSafe==2.0.1 --downstream Jinja2==2.11.3",
    ),
    Picture("replay.svg", "tailrace replay conda-4.13", first="── 1/7", end="  conda-smithy 'conda >=4.13'"),
)


def main() -> int:
    """Runs the commands and draws their output; the exit status is 1 when one could not do its work."""
    for picture in PICTURES:
        program, *arguments = shlex.split(picture.command)
        done = subprocess.run(
            [str(Path(sys.executable).parent / program), *arguments, "--color", "always"],
            capture_output=True,
            text=True,
            env={**os.environ, "COLUMNS": str(WIDTH)},
            check=False,
        )
        if done.returncode not in (0, 1):
            sys.stderr.write(done.stderr)
            return 1
        target = HERE / picture.file_name
        target.write_text(draw(picture, done.stdout, done.returncode), encoding="utf-8")
        print(f"{target} written")
    return 0


def draw(picture: Picture, output: str, status: int) -> str:
    """The SVG of one command and what it printed."""
    shown = Text.from_ansi(output).split("\n")
    plain = [line.plain for line in shown]
    first = next(place for place, line in enumerate(plain) if line.startswith(picture.first))
    end = len(plain)
    if picture.end:
        end = next(place for place, line in enumerate(plain) if place > first and line.startswith(picture.end))
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), picture.command))
    if first:
        console.print(Text("⋯\n", "dim"))
    console.print(Text("\n").join(shown[first:end]))
    if end < len(plain):
        console.print(Text("⋯", "dim"))
    else:
        console.print(Text.assemble(("$ ", "bold green"), "echo $?"))
        console.print(str(status))
    svg = console.export_svg(title="tailrace", unique_id="tailrace")
    # The picture stands for itself: no font is fetched from elsewhere when somebody looks at it.
    return "\n".join(line.rstrip() for line in _without_fonts(svg).splitlines()) + "\n"


def _without_fonts(svg: str) -> str:
    """The picture without its `@font-face` rules; the viewer's own monospace font takes their place."""
    head, *rest = svg.split("@font-face {")
    return head + "".join(part.partition("}")[2] for part in rest)


if __name__ == "__main__":
    sys.exit(main())
