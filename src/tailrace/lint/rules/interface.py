"""What a lint rule is: a text that explains one fault of channel policy, and the function that finds it in facts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tailrace.lint.edits import Edit
from tailrace.lint.facts import Document
from tailrace.lint.source import Word
from tailrace.model.finding import Severity


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `at`: where it stands; `fix`: what to do, one sentence; `edits`: how `--fix` does it, if it can.

    `safe`: the edits take away no channel that is named. `severity`: where it is not the rule's own. `policy`: a
    sentence that is true of every place where the same policy is broken; problems of one rule with the same policy are
    reported once for a repository, with all their places. `None` where each problem is a decision of its own.
    """

    at: Word
    message: str
    fix: str
    edits: tuple[Edit, ...] = ()
    safe: bool = True
    severity: Severity | None = None
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A file that is reported and one that is not. `fixed`: the bad one after `--unsafe-fixes`, `None` without a fix.

    `beside`: other files of the project, path → text.
    """

    path: str
    bad: str
    good: str
    fixed: str | None = None
    beside: Mapping[str, str] = field(default_factory=dict)


Check = Callable[[Document, Sequence[Document]], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class LintRule:
    """One rule. `id` joins code, examples, docs page and suppressions.

    `summary`: one sentence. `why`, `repair`: Markdown. `check(document, project)`: the problems in one document;
    `project` holds all documents of the run.
    """

    id: str
    title: str
    severity: Severity
    summary: str
    why: str
    repair: str
    examples: tuple[Example, ...]
    check: Check
