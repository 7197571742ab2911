"""What check, lint and `channel check` found, in the one shape that formats for tools are made from.

All texts are already harmless (see `tailrace.model.inert`); formats add only their own escapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tailrace.model import Severity
from tailrace.report.views.verified import ObservationView

SOURCE_ROOT = "%SRCROOT%"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file. `file`: for people; `uri`: a relative URI reference below `base`, which names a root.

    `line`, `column`: 1-based, `None` where only the file is known. `message`: what is said about this place alone.
    """

    file: str
    uri: str
    line: int | None = None
    column: int | None = None
    source: str = ""
    base: str = SOURCE_ROOT
    message: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line or 1}:{self.column or 1}"


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a diagnostic is silent. `in_source`: a comment or a guard in the file says so, not a list elsewhere."""

    in_source: bool
    because: str
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `label`: what a line for `grep` calls it; `title`: the heading of an annotation; `subject`: the
    release or folder it was found in, empty where there is only one.

    `also`, `effect`, `cause`, `fix`: clauses without their heading, empty where there is nothing to say. `excuse`: why
    it does not fail, where `fails` is false. `related`: further places. `symbol`: what it is about. `suite`: the number
    of its suite.
    `is_minor`: shown to people only if they ask for everything. `properties`: facts for machines.
    """

    rule: str
    level: Severity
    message: str
    location: Location
    label: str
    title: str
    fingerprint: str
    subject: str = ""
    inside: str = ""
    marks: tuple[str, ...] = ()
    effect: str = ""
    also: str = ""
    more: str = ""
    cause: str = ""
    fix: str = ""
    observed: ObservationView | None = None
    suppression: Suppression | None = None
    fails: bool = True
    excuse: str = ""
    related: tuple[Location, ...] = ()
    symbol: str = ""
    suite: int = 0
    is_minor: bool = False
    properties: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_hidden(self) -> bool:
        """Whether only formats that keep everything have it."""
        return self.suppression is not None and self.suppression.is_hidden


@dataclass(frozen=True, slots=True)
class Notice:
    """What a run reports besides its findings. `not-checked` and `undecided` are never a pass.

    `label`: what a reader is shown for `kind`. `is_detail`: only for formats that keep everything.
    """

    kind: Literal["not-checked", "undecided", "allow-list", "note", "verified"]
    level: Severity
    label: str
    text: str
    subject: str = ""
    location: Location | None = None
    suite: int = 0
    is_detail: bool = False

    @property
    def failed(self) -> bool:
        """Whether something could not be checked."""
        return self.kind == "not-checked"

    @property
    def title(self) -> str:
        """`jinja2 2.11.3 was not checked`."""
        if self.failed:
            return f"{self.subject} was {self.label}" if self.subject else self.label
        return f"{self.subject}: {self.label}" if self.subject else self.label


@dataclass(frozen=True, slots=True)
class RulePage:
    """What a viewer shows about a rule. `text` and `markdown`: its whole page."""

    id: str
    title: str = ""
    summary: str = ""
    severity: Severity = "error"
    text: str = ""
    markdown: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """What was checked, as one suite of tests. `name`: without a version; `summary`: its state in words."""

    title: str
    name: str
    summary: str


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """A whole run. `title`: what it was about. `suites`: what was checked, also where nothing was found.

    `category`: keeps runs of different questions apart. `roots`: base id → what it stands for.
    """

    title: str
    verdict: str
    headline: str
    suites: tuple[Suite, ...]
    category: str
    tool_version: str
    roots: Mapping[str, str]
    rules: tuple[RulePage, ...]
    diagnostics: tuple[Diagnostic, ...]
    notices: tuple[Notice, ...]

    @property
    def failures(self) -> tuple[Notice, ...]:
        """What could not be checked."""
        return tuple(notice for notice in self.notices if notice.failed)
