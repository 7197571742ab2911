"""Command lines in files that are not Python: tox.ini, Makefiles, workflows, shell scripts, Dockerfiles. Runs nothing.

The kinds differ in where a command may stand, and not in what a command is: each line, with its continuations, is
searched for a known program in the place of a command.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tailrace.python.commandlines.invocations import Word, split_shell
from tailrace.sources.wanted import CALLER_SUFFIXES, is_caller_name

_CONFIG = ("tox.ini", "setup.cfg", "pyproject.toml", "tox.toml", "noxfile.toml", ".pre-commit-config.yaml")
_LARGEST = 500_000
_LONGEST = 1_000
# What may stand before a command: a list item, a key, an instruction, a prefix of make or tox, a quote, an operator.
_PLACE = (
    r"(?:^|&&|\|\||[;|(`]|\$\(|[\"'\[,]|\b(?:RUN|CMD|ENTRYPOINT|then|do|else|if|while|until)\b"
    r"|\b(?:run|entry|script|commands?|args|[a-z_]*_(?:script|commands?)|install|test|lint|build|cmd|shell)\s*[:=]|=|:)"
)
_PREFIX = (
    r"[\s>|@+!-]{0,80}(?:[\"'\[]{1,3}\s{0,8})?"
    r"(?:(?:[A-Z_][A-Z0-9_]*=\S*|sudo(?:\s+-\S+)*|env|time|exec|xargs|nohup|then|do|else|!"
    r"|(?:poetry|pipenv|uv|pdm|hatch|rye|pixi|conda|mamba|micromamba|coverage|xvfb)[ -]run"
    r"(?:\s+-[-\w]+(?:[ =][^\s-]\S*)?){0,6}"
    r"(?:\s+--?m(?:odule)?)?|\$[({]\w{0,40}(?:RUN|EXEC|POETRY|UV|HATCH|PDM|PIPENV|VENV)\w{0,40}[)}]|uvx|pipx\s+run|bundle\s+exec"
    r"|(?:\{envpython\}|\$[({]?\w*(?:PY|PYTHON|python)[)}]?|(?:\S{0,200}/|\{env\w*\}|\$[({]?\w+[)}]?)?python[\d.]*)\s+-m"
    r")\s+){0,4}"
)

# Keys whose values are commands, and keys whose values are not.
_COMMAND = re.compile(
    r"\b(?:run|entry|script|commands?|cmd|shell|\w+_(?:script|commands?))[\"']?\s*[:=]", re.IGNORECASE
)
_NO_COMMAND = re.compile(
    r"(?:^|[\s{,-])[\"']?(?:name|display_?name|id|repo|uses|title|description|summary|notes?|message|comment|reason|label|url|"
    r"deps|dependencies|requires?|install_requires|packages?"
    r"|keywords|image|extras|version|key|label|path|paths|authors?|classifiers|known_\w+|select|ignore)[\"']?\s*[:=]",
    re.IGNORECASE,
)
# `script: >`, and `cat <<EOF`, whose lines nothing runs.
_FOLDED = re.compile(r":\s*>[-+]?\s*\Z")
_PRINTED = re.compile(r"\b(?:cat|tee)\b[^|]*<<-?\s*['\"]?(\w+)['\"]?[^|]*\Z")
# The value of an option of another program: `pytest --cov=up --durations 5`.
_VALUE = re.compile(r"(?:^|\s)--?[A-Za-z][\w-]{0,60}=[\"']?\Z")
# What prints the text after it.
_SPOKEN = re.compile(r"(?:^|[\s;&|(@:=\"'-])(?:echo|printf|print|say|warn|die)\s+[^;&|`]*\Z")
# `UP = $(RUN) up`, `export UP="up"`; and the places where such a variable stands for a command.
_SETS = re.compile(
    r"^(?:(?:export|readonly|local)[ ])?(?P<name>[A-Za-z_]\w{0,60})[ \t]{0,20}[:?]?=[ \t]{0,20}"
    r"(?P<value>[^\n#=&|;<>]{1,200})$",
    re.MULTILINE,
)
_PUT_IN = re.compile(r"(?:(?<=[\t @&|;(-])|^)\$(?:[({](?P<name>\w{1,60})[)}]|(?P<plain>[A-Za-z_]\w{0,60}))(?=\s)")
_MOST_VARIABLES = 100


@dataclass(frozen=True, slots=True)
class Call:
    """One command line in a file. The words stand at the line and column of the program."""

    words: tuple[Word, ...]
    line: int


def is_caller(file: str) -> bool:
    """Whether a file may hold command lines of this kind."""
    name = file.rpartition("/")[2]
    return name.endswith((*CALLER_SUFFIXES, ".ini", ".cfg")) or is_caller_name(name) or name in _CONFIG


def read_calls(file: str, data: bytes, programs: Iterable[str]) -> Iterator[Call]:
    """The calls of some programs in the bytes of a file."""
    plain = _is_shell(file)
    names = "|".join(re.escape(name) for name in sorted(programs, key=len, reverse=True))
    if not names or len(data) > _LARGEST:
        return
    raw = data.decode("utf-8", "replace")
    if not re.search(rf"(?<![\w./-])(?:{names})(?![\w.-])", raw):
        return
    found = re.compile(rf"{_PLACE}{_PREFIX}(?:\S{{0,200}}/)?(?P<program>{names})(?=[\s\"'\],]|$)(?P<rest>[^\n]*)")
    held = _variables(raw, names) if plain else {}
    for number, written in _lines(raw, folds=file.endswith((".yml", ".yaml"))):
        line = _filled(written, held)
        if line.lstrip().startswith(("#", ";", "//")) or len(line) > _LONGEST:
            continue
        for match in found.finditer(line):
            rest = match["rest"]
            text = match["program"] + _rest(line[: match.start("program")], rest)
            node = ast.Constant(text)
            node.lineno, node.col_offset = number, match.start("program")
            commands = split_shell(text, node)
            before = line[: match.start("program")]
            if (
                not commands
                or (not plain and _NO_COMMAND.search(before))
                or _is_spoken(before)
                or _VALUE.search(before)
            ):
                continue
            if len(commands[0]) > 1 or plain or _COMMAND.search(before):
                yield Call(tuple(commands[0]), number)


def _variables(text: str, names: str) -> dict[str, str]:
    """The variables of a Makefile or a shell script that hold a program: `UP = $(RUN) up`, `UP="python -m up"`."""
    named = re.compile(rf"(?<![\w./-])(?:{names})(?![\w.-])")
    found: dict[str, str] = {}
    lost: set[str] = set()
    for match in _SETS.finditer(text):
        name, value = match["name"], match["value"].strip().strip("'\"")
        if name in found or name in lost or not named.search(value) or len(found) >= _MOST_VARIABLES:
            found.pop(name, None)
            lost.add(name)
        else:
            found[name] = value
    return found


def _filled(line: str, held: Mapping[str, str]) -> str:
    """A line with known variables in the place of a command put in."""
    if not held or "$" not in line or _SETS.match(line):
        return line
    return _PUT_IN.sub(lambda match: held.get(match["name"] or match["plain"], match[0]), line)


def _is_spoken(before: str) -> bool:
    """Whether the text is printed: `echo "up --all"`; in `echo $(up --all)` it is run."""
    spoken = _SPOKEN.search(before[-200:])
    return spoken is not None and "$(" not in spoken[0]


def _is_shell(file: str) -> bool:
    """Whether each line of a file may be a command; elsewhere a single word may be a requirement or a name."""
    name = file.rpartition("/")[2]
    return name.endswith((".sh", ".bash", ".mk")) or is_caller_name(name)


def _lines(text: str, *, folds: bool) -> Iterator[tuple[int, str]]:
    """Lines with their continuations, each with the number of its first; texts that a shell is given to print are left
    out. `folds`: the lines of a block that YAML folds (`script: >`) are one."""
    held, start, fold, quoted = "", 0, -1, ""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip("\r")
        if quoted:
            quoted = "" if line.strip() == quoted else quoted
            continue
        indent = len(line) - len(line.lstrip())
        if fold >= 0 and line.strip() and indent > fold and len(held) < _LONGEST:
            start = start or number
            held += line.strip() + " "
            continue
        if fold >= 0 and line.strip():
            if held:
                yield start, held
            held, start, fold = "", 0, -1
        if folds and _FOLDED.search(line):
            fold = indent
            continue
        printed = _PRINTED.search(line)
        quoted = printed[1] if printed is not None else ""
        start = start or number
        if line.endswith("\\") and len(held) < _LONGEST:
            held += line[:-1] + " "
            continue
        yield start, held + line
        held, start = "", 0
    if held:
        yield start, held


def _rest(before: str, rest: str) -> str:
    """What follows the program as a shell line: list items without their commas, the end of an open quote left out."""
    if rest[:1] in {'"', "'"}:  # a list of words: ["up", "--gone"]
        items = re.findall(r"[\"']([^\"']*)[\"']", rest[1:])
        return " " + " ".join(item if item and " " not in item else "''" for item in items)
    quote = next((sign for sign in ('"', "'") if before.count(sign) % 2), "")
    if quote:
        rest = rest.partition(quote)[0]
    for opening, closing in ((r"\$\([^)]*\Z", ")"), (r"\A[^`]*`[^`]*\Z", "`")):  # X=$(up --all)
        if re.search(opening, before[-200:]):
            rest = rest.partition(closing)[0]
    # What tox, make, workflows and the shell put in is not known.
    return re.sub(r"\$\{\{.*?\}\}|\$\([^)]*\)|\$\{[^}]*\}|\{[^}]*\}|\$\w+|\$[@*]", "\0", rest)
