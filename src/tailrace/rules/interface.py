"""What a rule is: a text that explains one kind of break, and how one break of that kind is said. Judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Break:
    """One break as the engine found it, before it is put into words.

    `symbol`: of the change that causes it, see `Change.symbol`. `used`: the upstream path that the downstream uses,
    where it is another one (`up.legacy.A`, gone with the module `up.legacy`). `module`: the longest part of that path
    that is (or was) an importable module, `name` the rest (`""` for a module itself). `how`: the way the downstream
    uses it. `detail`: one clause on what the candidate does instead ("it now takes 2 positional arguments"), may be
    empty. `facts`: what a rule's message or witness says besides, all optional and all text:

    - `parameter`; `call`: the call with the full dotted path (`upstream.fetch("x", retries=5)`), used as a witness when
      its arguments are literals;
    - `command`, `option`: of a command line; `group`, `entry_point`: of an entry point;
    - `old_kind`, `new_kind`: `function`, `method`, `class`, `property`, `attribute`, `async function`, …; an `old_kind`
      that begins with `instance` is not visible on the class; `base`: dotted path of the base that is gone;
    - `requirement`, `upstream_requirement`, `requires_python`, `python`: as written in the metadata;
    - `diagnostic`: the type checker's sentence; `removed_in`, `message`: of a deprecation mark; `raises`: an exception;
      `note`: `importing MODULE raises`, where the module is there and cannot be imported.
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
    facts: Mapping[str, str] = field(default_factory=dict)
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
