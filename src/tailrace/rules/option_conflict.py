"""`option-conflict`: the downstream adds an option that the candidate now has. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, clip, code, split_option, with_detail

# What adds one more option to the parser of a host that loads its plug-ins itself.
_PROGRAMS = {
    "pytest": """\
import pytest
class Plugin:
    def pytest_addoption(self, parser):
        parser.addoption({option!r})
pytest.main(["--markers"], plugins=[Plugin()])""",
    "django": """\
import django
from django.conf import settings
settings.configure()
django.setup()
from django.core.management import get_commands, load_command_class
command = load_command_class(get_commands()[{command!r}], {command!r})
command.create_parser("manage.py", {command!r}).add_argument({option!r})""",
}


def _message(b: Break) -> str:
    command, option = split_option(b)
    kind = b.facts.get("kind") or ("option" if option.startswith("-") else "subcommand")
    to = f" to {code(command)}" if command else ""
    return with_detail(
        b, f"adding the {kind} {code(option)}{to} fails: {candidate(b)} now defines {code(option)} itself"
    )


def _witness(b: Break) -> str | None:
    command, option = split_option(b)
    program = _PROGRAMS.get(b.upstream.lower())
    if program is None or not option.startswith("-") or not f"{command}{option}".isprintable():
        return None
    return program.format(command=clip(command), option=option)


RULE = Rule(
    id="option-conflict",
    rank=120,
    title="The downstream adds an option that the upstream now has",
    severity="error",
    summary="The downstream adds to the upstream's parser an option or subcommand that the candidate now has.",
    why="""\
`argparse` raises `ArgumentError: argument -l: conflicting option string: -l` while the parser is built, so
that *every* run of the command fails, `--help` too. A subcommand that is added twice raises since Python
3.11, and silently replaces the first one before.

Nothing was removed: an upstream that only looks for what it took away does not see this.
""",
    repair="""\
**Downstream**: add the option only where it is not there yet, or give it a name of your own.

```python
if "--lock" not in parser._option_string_actions:
    parser.add_argument("--lock", action="store_true")
```

**Release**: choose another option string, or tell downstreams to drop theirs before the release goes out. With
`conflict_handler="resolve"` on your own parser the later definition wins, and nobody crashes.

If the release is out already, downstreams need the bound `upstream<2`.
""",
    example=Example(
        old="""\
# file: upstream/__init__.py
# file: upstream/cli.py
import argparse


def make_parser():
    parser = argparse.ArgumentParser("upstream")
    parser.add_argument("--all", action="store_true")
    return parser
""",
        new="""\
# file: upstream/__init__.py
# file: upstream/cli.py
import argparse


def make_parser():
    parser = argparse.ArgumentParser("upstream")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--lock", action="store_true")
    return parser
""",
        downstream="""\
from upstream.cli import make_parser


def main():
    parser = make_parser()
    parser.add_argument("--lock", action="store_true", help="remove stale locks")
    return parser.parse_args([])
""",
        near_miss="""\
from upstream.cli import make_parser


def main():
    parser = make_parser()
    parser.add_argument("--stale", action="store_true", help="remove stale locks")
    return parser.parse_args([])
""",
    ),
    message=_message,
    witness=_witness,
)
