"""The deprecation report, schema `tailrace.deprecations/1`: removals and marks that do not keep the policy."""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.model import Release
from tailrace.model.report import Tool

DeprecationRule = Literal[
    "removed-unannounced",
    "removed-early",
    "removal-overdue",
    "window-too-short",
    "window-off-schedule",
    "removal-brought-forward",
    "replacement-gone",
    "own-use",
]
RULE_IDS: tuple[DeprecationRule, ...] = (
    "removed-unannounced",
    "removal-overdue",
    "removed-early",
    "removal-brought-forward",
    "window-too-short",
    "window-off-schedule",
    "replacement-gone",
    "own-use",
)
RULE_TITLES: dict[DeprecationRule, str] = {
    "removed-unannounced": "Removed without an announcement",
    "removal-overdue": "Still there although its removal is due",
    "removed-early": "Removed before the announced version",
    "removal-brought-forward": "Removal moved to an earlier version",
    "window-too-short": "Too little time between announcement and removal",
    "window-off-schedule": "Announced for a version outside the schedule",
    "replacement-gone": "The replacement that is named does not exist",
    "own-use": "Used by the package itself",
}


class UsedBy(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One place in a downstream that uses the symbol. `breaks`: for certain, outside of tests, and without a guard."""

    name: str
    version: str
    file: str
    line: int
    breaks: bool = True


class DeprecationFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One departure from the policy.

    `symbol`: as in `tailrace diff`; an option by its longest string. `file`, `line`: where it stands in the baseline
    for a removal, else in the candidate; `None` where no place is known. `announced_in`, `remove_in`: the versions that
    the mark gives, as written. `severity`: an `error` stops the release. `fingerprint`: 16 hex digits that change with
    the rule, the symbol, the versions and the names of the downstreams, and with nothing else.
    """

    rule: DeprecationRule
    severity: Literal["error", "note"]
    symbol: str
    file: str | None = None
    line: int | None = None
    in_candidate: bool = True
    used_by: tuple[UsedBy, ...] = ()
    announced_in: str | None = None
    remove_in: str | None = None
    message: str
    fingerprint: str = ""


class AnnouncedRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """A public name that is gone as it had been announced. `by`: what announced it, such as `warnings.warn`, at `file`
    and `line` of the baseline. `announced_in`, `remove_in`: versions as the mark gives them.
    """

    symbol: str
    by: str
    file: str | None = None
    line: int | None = None
    announced_in: str | None = None
    remove_in: str | None = None
    used_by: tuple[UsedBy, ...] = ()


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A mark whose removal was put off: `before` and `after` are the versions of removal, as written."""

    symbol: str
    before: str
    after: str


class NotJudged(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be judged, and why. `hides_a_stop`: a stop may have been missed, so the answer is incomplete."""

    what: str
    reason: str
    hides_a_stop: bool = False


class MarkCounts(msgspec.Struct, frozen=True, kw_only=True):
    """`baseline`, `candidate`: public marks in each; `new`: those of the candidate that announce something for the
    first time. `removals`: public names that are gone, of which `announced` had a mark."""

    baseline: int
    candidate: int
    new: int
    removals: int
    announced: int


class DeprecationReport(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer. `version`: the version that is judged, which `--cutting` may set. `baseline`: `None` where one
    tree is judged by itself. `verdict`: `stop` with an error, `incomplete` where a stop may have been missed."""

    schema: Literal["tailrace.deprecations/1"] = "tailrace.deprecations/1"
    tool: Tool
    profile: str
    candidate: Release
    baseline: Release | None = None
    version: str
    verdict: Literal["stop", "clear", "incomplete"]
    counts: MarkCounts
    findings: tuple[DeprecationFinding, ...] = ()
    postponed: tuple[Moved, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    announced: tuple[AnnouncedRemoval, ...] = ()

    @property
    def stops(self) -> tuple[DeprecationFinding, ...]:
        """The findings that stop the release."""
        return tuple(f for f in self.findings if f.severity == "error")
