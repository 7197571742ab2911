"""What a rule is: a text that explains one kind of break, and how one break of that kind is said. Judges nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypedDict

from tailrace.model import Severity

How = Literal[
    "import",  # import a.b
    "from-import",  # from a.b import c
    "attribute",  # a.b.c, a class attribute, or an attribute of an instance
    "call",  # a.b.f(...)
    "subclass",  # class X(a.b.C)
    "override",  # class X(a.b.C): def hook(self)
    "string",  # importlib.import_module("a.b"), getattr(a.b, "c"), mock.patch("a.b.c"), an entry point
    "process",  # subprocess.run(["tool", "--option"])
    "requirement",  # Requires-Dist, Requires-Python
    "diagnostic",  # only a type checker's diagnostic speaks
]


class BreakFacts(TypedDict, total=False):
    """What a rule's message or witness says of a break besides. Each rule has some of these; none has to be there."""

    #: Calls: the parameter; the call with the full dotted path (`upstream.fetch("x", retries=5)`), used as a witness
    #: when its arguments are literals; whether another function hands the argument on; what moved to another place.
    parameter: str
    call: str
    forwarded: Literal["yes"]
    moved: str
    #: Command lines and entry points.
    command: str
    option: str
    group: str
    entry_point: str
    #: What a name was and is: `function`, `method`, `class`, `property`, `attribute`, `async function`, …; an
    #: `old_kind` that begins with `instance` is not visible on the class. Or the kind of thing that is named.
    old_kind: str
    new_kind: str
    kind: str
    #: Bases: the dotted path of the one that is gone, what it gave, the `except` clause; a dataclass is frozen now.
    base: str
    attribute: str
    clause: str
    frozen: Literal["yes"]
    #: Results: the name that they are asked for.
    asked: str
    #: Metadata, as written.
    requirement: str
    upstream_requirement: str
    requires_python: str
    python: str
    imported: str
    #: A string that is passed.
    value: str
    #: The type checker's sentence; a deprecation mark; the exception that follows; `importing MODULE raises`, where the
    #: module is there and cannot be imported.
    diagnostic: str
    removed_in: str
    message: str
    raises: str
    note: str


@dataclass(frozen=True, slots=True)
class Break:
    """One break as the engine found it, before it is put into words.

    `symbol`: of the change that causes it, see `Change.symbol`. `used`: the upstream path that the downstream uses,
    where it is another one (`up.legacy.A`, gone with the module `up.legacy`). `module`: the longest part of that path
    that is (or was) an importable module, `name` the rest (`""` for a module itself). `how`: the way the downstream
    uses it. `detail`: one clause on what the candidate does instead ("it now takes 2 positional arguments"), may be
    empty. `facts`: what a rule's message or witness says besides.
    """

    rule: str
    symbol: str
    module: str
    name: str
    how: How
    upstream: str
    candidate_version: str
    baseline_version: str
    detail: str = ""
    facts: BreakFacts = field(default_factory=BreakFacts)
    used: str = ""

    @property
    def path(self) -> str:
        """The upstream path that the downstream uses."""
        return self.used or self.symbol


@dataclass(frozen=True, slots=True)
class Example:
    """The smallest old upstream, new upstream and downstream that show the rule, and a downstream that stays silent.

    Each is one text; `example_files` cuts it into files.
    """

    old: str
    new: str
    downstream: str
    near_miss: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `id` joins code, fixtures (`tests/rules/ID/`), golden and docs page (`docs/reference/rules/ID.md`).

    `rank`: its place in reports, which group by rule, lowest first. `summary`: one sentence. `why`: what happens at run
    time, Markdown. `repair`: how the downstream is fixed and how the release is contained, Markdown. `message(b)`: one
    sentence for a finding; `witness(b)`: a 1-5 line program that works with the baseline and fails with the candidate,
    or `None` where no program can show it.
    """

    id: str
    rank: int
    title: str
    severity: Severity
    summary: str
    why: str
    repair: str
    example: Example
    message: Callable[[Break], str]
    witness: Callable[[Break], str | None]
