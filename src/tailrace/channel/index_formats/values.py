"""The answer of `channel check`: what was looked at, every difference, and what could not be looked at."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from tailrace.outcome import CommandOutcome, HasOutcome

Rule = Literal[
    "form-unreadable",
    "record-missing",
    "record-extra",
    "record-differs",
    "removed-differs",
    "removed-and-listed",
    "file-missing",
    "file-unlisted",
    "size-differs",
    "hash-differs",
    "name-differs",
    "subdir-differs",
    "dependency-unknown",
    "not-installable",
    "version-skew",
]
Status = Literal["fine", "differences", "incomplete"]
FormState = Literal["read", "absent", "unreadable"]


class Difference(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One thing that does not agree. `folder`: path of the subdir below the channel (`label/canary/noarch`).

    `form`: the served form that deviates from `repodata.json`. `expected` and `found` are JSON values as text.
    """

    folder: str
    rule: Rule
    form: str = ""
    file: str = ""
    field: str = ""
    expected: str | None = None
    found: str | None = None
    message: str = ""


class FormFound(msgspec.Struct, frozen=True, kw_only=True):
    """One served form. `records`: how many it has; `reason`: why it is absent or unreadable."""

    form: str
    file: str
    state: FormState
    records: int = 0
    reason: str | None = None


class FolderFound(msgspec.Struct, frozen=True, kw_only=True):
    """One subdir: its forms; `patched`: how many records a hotfix changed (`None`: the channel does not tell);
    `files`: how many package files were hashed (`None`: not asked for).
    """

    folder: str
    records: int
    removed: int
    forms: tuple[FormFound, ...]
    patched: int | None = None
    files: int | None = None


class NotChecked(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be looked at, and why. Never the same as fine."""

    what: str
    reason: str


class ChannelCheck(HasOutcome, msgspec.Struct, frozen=True, kw_only=True):
    """What `channel check` found. `counts`: differences by rule. `notes`: what is right, but should be known."""

    schema: Literal["tailrace.channel-check/1"] = "tailrace.channel-check/1"
    channel: str
    status: Status
    folders: tuple[FolderFound, ...]
    differences: tuple[Difference, ...] = ()
    counts: dict[str, int] = {}
    not_checked: tuple[NotChecked, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def outcome(self) -> CommandOutcome:
        """How the command ends."""
        return _OUTCOMES[self.status]


_OUTCOMES: dict[Status, CommandOutcome] = {
    "fine": CommandOutcome.CLEAR,
    "differences": CommandOutcome.BREAKS,
    "incomplete": CommandOutcome.INCOMPLETE,
}


def format_value(value: Any) -> str:
    """A value of a record as text, cut when it is long."""
    try:
        text = msgspec.json.encode(value).decode()
    except (TypeError, msgspec.MsgspecError, ValueError):
        text = repr(value)
    return text if len(text) <= 400 else f"{text[:380]}… ({len(text)} characters)"
