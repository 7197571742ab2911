"""`syntax-refused`: another Python does not parse a file of the downstream. Texts only; judges nothing."""

from __future__ import annotations

from tailrace.rules.interface import Break, Example, Rule
from tailrace.rules.words import candidate, clip, with_detail


def _message(b: Break) -> str:
    what = clip(b.symbol.removeprefix("syntax:")) or "a statement"
    return with_detail(b, f"the file holds {what}, which {candidate(b)} does not parse", "; ")


def _witness(b: Break) -> str | None:
    return None


RULE = Rule(
    id="syntax-refused",
    rank=141,
    title="Another Python does not parse a file",
    severity="error",
    summary="A file of the downstream holds syntax that the candidate's Python does not know, or knows no longer.",
    why="""\
A module is parsed as a whole before anything of it runs: one statement that a version of Python does not know makes its
import fail with `SyntaxError`, whatever tests stand around that statement.
""",
    repair="""\
**Downstream**: write what both versions read, move the statement into a module that only the newer Python imports, or
state the supported versions in `Requires-Python`.

**Release**: let syntax go only after releases that warn of it, as Python does.
""",
    example=Example(
        old="""\
# file: upstream/__init__.py
# Python 3.10
""",
        new="""\
# file: upstream/__init__.py
# Python 3.9
""",
        downstream="""\
def kind(value):
    match value:
        case int():
            return "number"
        case _:
            return "other"
""",
        near_miss="""\
def kind(value):
    return "number" if isinstance(value, int) else "other"
""",
    ),
    message=_message,
    witness=_witness,
)
