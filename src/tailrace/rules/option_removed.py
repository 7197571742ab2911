"""`option-removed`: a command line no longer knows an option or subcommand. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, code, split_option, with_detail


def _message(b: Break) -> str:
    command, option = split_option(b)
    whole = f"{command} {option}".strip()
    return with_detail(b, f"running {code(whole)} fails: {candidate(b)} no longer has {code(option or whole)}")


def _witness(b: Break) -> str | None:
    command, option = split_option(b)
    words = command.split()
    if not words or not option or not all(word.isprintable() for word in (*words, option)):
        return None
    # Running the command itself could do harm; its help is safe to ask for, and lists what it takes.
    run = f"help = subprocess.run({[*words, '--help']!r}, capture_output=True, text=True).stdout"
    return (
        f"import re, subprocess\n{run}\nassert re.search(r'(?<![\\w-])' + re.escape({option!r}) + r'(?![\\w-])', help)"
    )


RULE = Rule(
    id="option-removed",
    rank=110,
    title="An option or subcommand is gone from the command line",
    severity="error",
    summary="The downstream runs a command of the upstream with an option that the candidate no longer has.",
    why="""\
The command prints its usage and exits with status 2. `subprocess.run(..., check=True)` then raises
`CalledProcessError`; without `check`, the downstream goes on with empty output.
""",
    repair="""\
**Downstream**: leave the option out, or ask for the version first.

```python
subprocess.run(["upstream-build", "--jobs", "2"], check=True)
```

**Release**: go on accepting the option for one deprecation cycle, hidden from the help.

```python
parser.add_argument("--fast", action="store_true", help=argparse.SUPPRESS)
```

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "1"

[project.scripts]
upstream-build = "upstream.cli:main"
# file: upstream/__init__.py
# file: upstream/cli.py
import argparse


def make_parser():
    parser = argparse.ArgumentParser("upstream-build")
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    return parser


def main():
    make_parser().parse_args()
""",
        new="""\
# file: pyproject.toml
[project]
name = "upstream"
version = "2"

[project.scripts]
upstream-build = "upstream.cli:main"
# file: upstream/__init__.py
# file: upstream/cli.py
import argparse


def make_parser():
    parser = argparse.ArgumentParser("upstream-build")
    parser.add_argument("--jobs", type=int, default=1)
    return parser


def main():
    make_parser().parse_args()
""",
        downstream="""\
import subprocess


def main():
    subprocess.run(["upstream-build", "--fast"], check=True)
""",
        near_miss="""\
import subprocess


def main():
    subprocess.run(["upstream-build", "--jobs", "2"], check=True)
""",
    ),
    message=_message,
    witness=_witness,
)
