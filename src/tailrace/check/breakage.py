"""One break at one place of a downstream, before it is put into words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tailrace.model import Confidence, Severity
from tailrace.python.usages import Use
from tailrace.rules.interface import BreakFacts, How

LINEAGES = {
    "ModuleNotFoundError": frozenset({"ModuleNotFoundError", "ImportError", "Exception", "BaseException"}),
    "ImportError": frozenset({"ImportError", "Exception", "BaseException"}),
    "AttributeError": frozenset({"AttributeError", "Exception", "BaseException"}),
    "TypeError": frozenset({"TypeError", "Exception", "BaseException"}),
    "ValueError": frozenset({"ValueError", "Exception", "BaseException"}),
    "KeyError": frozenset({"KeyError", "LookupError", "Exception", "BaseException"}),
}


@dataclass(frozen=True, slots=True, eq=False)
class Breakage:
    """One break at one place, not yet put into words.

    `symbol`: of the change that causes it, as in `Change.symbol`. `used`: the path that is used, where it is another.
    `raises`: class names of the exception that follows, for the guards around it; empty when nothing is raised.
    `cause`: file and line in the baseline (in the candidate when `cause_in_candidate`).
    """

    rule: str
    symbol: str
    module: str
    name: str
    how: How
    file: str
    line: int
    column: int = 1
    use: Use | None = None
    confidence: Confidence = "certain"
    raises: frozenset[str] = frozenset()
    detail: str = ""
    facts: BreakFacts = field(default_factory=BreakFacts)
    cause_file: str | None = None
    cause_line: int | None = None
    cause_in_candidate: bool = False
    severity: Severity | None = None
    used: str = ""

    @property
    def path(self) -> str:
        """The upstream path that the downstream uses."""
        return self.used or self.symbol


# A name in the message of a type checker.
_QUOTED = re.compile(r"`(\w{1,100})`")


def names_of(hit: Breakage) -> frozenset[str]:
    """The words by which code around a hit may ask whether it is there: its parameter, else its last name."""
    parameter = hit.facts.get("parameter", "")
    base = hit.facts.get("base", "").rsplit(".", 1)[-1]
    said = _QUOTED.findall(hit.facts.get("diagnostic", ""))
    return frozenset({parameter or hit.path.split("(", 1)[0].rsplit(".", 1)[-1], base, *said} - {""})


_CALL_LINES = 40


def is_said(diagnostic: Breakage, hits: Iterable[Breakage]) -> bool:
    """Whether a hit explains what the type checker reports: one in the same line, or one of the call that goes on
    there. A keyword may stand some lines below the name of what is called.
    """
    message = diagnostic.facts.get("diagnostic", "")
    for hit in hits:
        if hit.file != diagnostic.file:
            continue
        if hit.line == diagnostic.line:
            return True
        parameter = hit.facts.get("parameter", "")
        callee = hit.path.split("(", 1)[0].rsplit(".", 1)[-1]
        if parameter and f"`{parameter}`" in message and diagnostic.symbol.split(".")[0] == callee:
            if 0 < diagnostic.line - hit.line <= _CALL_LINES:
                return True
    return False


def deduplicated(hits: Iterable[Breakage]) -> tuple[Breakage, ...]:
    """One hit for each place and symbol."""
    seen: dict[tuple[object, ...], Breakage] = {}
    for hit in hits:
        seen.setdefault((hit.file, hit.line, hit.rule, hit.path), hit)
    return tuple(seen.values())
