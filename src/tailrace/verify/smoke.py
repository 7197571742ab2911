"""Makes the programs that try a whole distribution: imports, plug-ins, commands; and compares what they wrote with both
releases.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tailrace.verify.installed import Distribution
from tailrace.verify.programs import Result

MOST_SUBCOMMANDS = 30
_MARK = "tailrace-smoke:"
# Runs statements one after the other, each for itself, and tells which failed and which warned.
_BATCH = """\
import json, sys, warnings
found = {{}}
for key, statement in json.loads({statements!r}):
    said = None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(compile(statement, "<program>", "exec"), {{"__name__": "__program__"}})
        except BaseException as error:
            said = (type(error).__name__ + ": " + str(error))[:300]
    warned = sorted(set((w.category.__name__ + ": " + str(w.message))[:300] for w in caught))
    found[key] = [said, warned[:20]]
sys.stdout.flush()
print("\\n{mark}" + json.dumps(found))
"""
_COMMAND = """\
import sys
sys.argv = {arguments!r}
{load}
try:
    status = {call}()
except SystemExit as leaving:
    status = leaving.code
sys.stdout.flush()
if status not in (None, 0):
    raise RuntimeError("exit status %s" % (status,))
"""
# Group of entry points -> the host that loads every plug-in of it when it is asked for its help.
_HOSTS = {"flake8.extension": "flake8", "mkdocs.plugins": "mkdocs", "pylint.plugins": "pylint", "tox": "tox"}
_HOST = """\
import runpy, sys
sys.argv = [{host!r}, '--help']
try:
    runpy.run_module({host!r}, run_name='__main__')
except SystemExit as leaving:
    if leaving.code not in (None, 0):
        raise"""
# pytest adds options before it shows its version, configures plug-ins before it shows its help, and looks for unknown
# hooks when it collects, which gives the status 5 in an empty folder.
_OF_PYTEST = ("--version", "--help", "--collect-only")
_PYTEST = """\
import os, tempfile, pytest
class Listener:
    raised = None
    def pytest_internalerror(self, excinfo):
        self.raised = excinfo.value
os.chdir(tempfile.mkdtemp())
listener = Listener()
status = pytest.main([{argument!r}], plugins=[listener])
if listener.raised is not None:
    raise listener.raised
if status not in (0, 5):
    raise SystemExit(status)"""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one statement of a batch did: the error, `None` where it worked, and its warnings."""

    error: str | None
    warnings: tuple[str, ...] = ()


def statements(distribution: Distribution) -> tuple[tuple[str, str], ...]:
    """(key, Python statement) for every module and every entry point."""
    found = [(f"import {module}", f"import {module}") for module in distribution.modules]
    for group, name, target in distribution.entry_points:
        statement = load_statement(target)
        if statement is not None:
            found.append((f"load {group}:{name}", statement))
    for name, target in distribution.scripts:
        statement = load_statement(target)
        if statement is not None:
            found.append((f"load console_scripts:{name}", statement))
    return tuple(found)


def batch_program(chosen: Sequence[tuple[str, str]]) -> str:
    """One program that runs all statements."""
    return _BATCH.format(statements=json.dumps(list(chosen)), mark=_MARK)


def read_batch(result: Result) -> Mapping[str, Heard] | None:
    """What each statement did; `None` where the program did not get to its end."""
    _, mark, text = result.output.rpartition(f"\n{_MARK}")
    if not mark:
        return None
    try:
        raw = json.loads(text.splitlines()[0])
        return {key: Heard(said, tuple(warned)) for key, (said, warned) in raw.items()}
    except (ValueError, IndexError, TypeError, AttributeError):
        return None


def load_statement(target: str) -> str | None:
    """The statement that loads `module:attribute.path`."""
    module, _, path = target.partition(":")
    names = [*module.split("."), *(path.split(".") if path else [])]
    if not all(name.strip().isidentifier() for name in names):
        return None
    if not path:
        return f"import {module.strip()}"
    first, *rest = path.strip().split(".")
    return f"from {module.strip()} import {first}" + "".join(f"\n{'.'.join([first, *rest])}" for _ in rest[:1])


def command_program(name: str, target: str, *arguments: str) -> str | None:
    """The program that a console script is, with these arguments."""
    load = load_statement(target)
    call = target.partition(":")[2].strip()
    if load is None or not call:
        return None
    return _COMMAND.format(arguments=[name, *arguments], load=load, call=call)


def host_programs(distribution: Distribution, installed: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """(what is run, program) for every host of a plug-in that is installed too."""
    groups = {group for group, _, _ in distribution.entry_points}
    found: list[tuple[str, str]] = []
    if "pytest11" in groups and "pytest" in installed:
        found += [(f"pytest {argument}", _PYTEST.format(argument=argument)) for argument in _OF_PYTEST]
    for group, host in _HOSTS.items():
        if group in groups and host in installed:
            found.append((f"{host} --help", _HOST.format(host=host)))
    return tuple(found)


#: What a heading or a line of a list may begin with besides its words: blanks, and the frames that rich draws.
_DECORATION = " \t:-=*│|╭╮╰╯─┃━"


def subcommands(help_text: str) -> tuple[str, ...]:
    """The subcommands that a help names: argparse's `{a,b}`, click's list below `Commands:`."""
    found: list[str] = []
    for group in re.findall(r"\{([\w,-]+)\}", help_text):
        names = group.split(",")
        # Choices of an option look the same; subcommands are a positional argument.
        if re.search(rf"(?m)^\s+\{{{re.escape(group)}\}}", help_text) or re.search(
            rf"(?<!\S)\{{{re.escape(group)}\}} \.\.\.", help_text
        ):
            found += names
    listed = False
    for line in help_text.splitlines():
        title = line.strip(_DECORATION)
        if not listed:
            listed = title in {"Commands", "commands", "Subcommands", "subcommands"}
        elif title and line[0] not in _DECORATION:
            break  # the next heading, or text below the list
        elif named := re.match(r"[\s│|]{1,4}([a-z][\w-]*)(?:\s{2,}|$)", line):
            found.append(named[1])
    return tuple(dict.fromkeys(name for name in found if name and name != "help"))[:MOST_SUBCOMMANDS]


def became_silent(baseline: Result, candidate: Result) -> bool:
    """Whether a command that wrote something writes nothing any more."""
    return bool(baseline.stdout.strip()) and not candidate.stdout.strip()
