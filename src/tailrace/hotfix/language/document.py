"""The values of a hotfix document: conditions and actions with their places. Carries nothing out."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as member
from typing import Literal

Operator = Literal["is", "in", "lt", "le", "gt", "ge", "eq", "ne", "has"]
Verb = Literal["add", "remove", "reset", "replace", "rename", "relax_exact", "tighten", "loosen"]
Scalar = str | int

COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})


@dataclass(frozen=True, slots=True)
class RecordCondition:
    """One line of an `if` block.

    `field` is a record's key, or `subdir`/`artifact` (of the file, when `of_file`) or `depends`, `constrains`,
    `track_features` for `has`. `values`: one value for a comparison or `is`; any number for `in` (one must match) and
    `has` (all must be met). `as_list` keeps whether the author wrote a list, so that it can be written back.
    """

    field: str
    operator: Operator
    values: tuple[Scalar, ...]
    negated: bool = False
    of_file: bool = False
    as_list: bool = False
    line: int = member(default=0, compare=False)

    @property
    def key(self) -> str:
        """The key as it stands in YAML, such as `not_version_lt`."""
        match self.operator:
            case "is":
                text = self.field
            case "has":
                text = f"has_{self.field}"
            case _:
                text = f"{self.field}_{self.operator}"
        return f"not_{text}" if self.negated else text


@dataclass(frozen=True, slots=True)
class HotfixAction:
    """One instruction of a `then` block.

    `values` are the specs of `add`, `remove`, `reset`; `old`/`new` belong to `replace` and `rename`; `name`, `max_pin`,
    `upper_bound` to `relax_exact`, `tighten` and `loosen`.
    """

    verb: Verb
    field: Literal["depends", "constrains", "track_features"]
    values: tuple[str, ...] = ()
    old: str = ""
    new: str = ""
    name: str = ""
    max_pin: str | None = None
    upper_bound: str | None = None
    as_list: bool = False
    line: int = member(default=0, compare=False)

    @property
    def key(self) -> str:
        """The key as it stands in YAML, such as `add_depends`."""
        return f"{self.verb}_{self.field}"


@dataclass(frozen=True, slots=True)
class HotfixDocument:
    """One YAML document: when all `conditions` hold for a record, the `actions` are carried out in order.

    `file`, `number` (1-based, in the file) and `line` are where it stands; `comment` is written above it. None of these
    takes part in equality.
    """

    conditions: tuple[RecordCondition, ...]
    actions: tuple[HotfixAction, ...]
    file: str = member(default="", compare=False)
    number: int = member(default=0, compare=False)
    line: int = member(default=0, compare=False)
    comment: str = member(default="", compare=False)

    @property
    def place(self) -> str:
        """Where it stands, for messages: `conda-build.yaml#2`."""
        return f"{self.file}#{self.number}"
