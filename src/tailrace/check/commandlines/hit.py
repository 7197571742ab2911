"""A break with its place in the downstream, as the joins hand it over. A value; judges nothing."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from tailrace.model import Confidence, Severity
from tailrace.rules.interface import Break


@dataclass(frozen=True, slots=True)
class Hit:
    """`file` is relative to the downstream's artifact; `line` and `column` are 1-based.

    `severity`: where it is not the rule's own. `node`: the syntax node, for guards and scope; `None` for metadata.
    `cause_file`, `cause_line`: the place in the upstream, in the candidate when `cause_in_candidate`.
    """

    break_: Break
    file: str
    line: int
    column: int = 1
    confidence: Confidence = "certain"
    severity: Severity | None = None
    node: ast.AST | None = field(default=None, compare=False, repr=False)
    cause_file: str | None = None
    cause_line: int | None = None
    cause_in_candidate: bool = False


@dataclass(frozen=True, slots=True)
class Upstream:
    """The name and the two versions that every break repeats."""

    name: str
    candidate: str
    baseline: str
