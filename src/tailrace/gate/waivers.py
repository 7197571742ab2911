"""Waivers (`waivers/*.toml`): a person answers for one finding, another one approves, and it ends by itself.

A waiver names rule, subject and the fingerprint of the finding, so a finding that changes is not waived. One that
matches nothing, or has expired, is an error: nobody shall believe that it still covers something.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tailrace.gate.moments import DAY, Moment, day_of, show_duration
from tailrace.gate.names import Subject, parse_subject, same_release, same_target
from tailrace.gate.policy import Policy
from tailrace.model.errors import TailraceError
from tailrace.model.inert import visible
from tailrace.toml.fields import TEXT, Field, Reader
from tailrace.toml.kinds import Text

FIELDS = {
    "rule": Field(TEXT),
    "subject": Field(TEXT),
    "target": Field(TEXT, None),
    "fingerprint": Field(Text("a fingerprint of 16 hex digits")),
    "reason": Field(TEXT),
    "by": Field(TEXT),
    "approved-by": Field(TEXT),
    "made-at": Field(Moment(), None),
    "expires": Field(Moment(start=False)),
}


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver. `expires`: ms, the last moment that it counts. `made_at`: ms; before it the waiver did not exist.
    `origin`: the file that it is in.
    """

    rule: str
    subject: Subject
    fingerprint: str
    reason: str
    by: str
    approved_by: str
    expires: int
    target: str | None = None
    made_at: int | None = None
    origin: str = ""

    def __str__(self) -> str:
        return f"{self.origin}: the waiver of {self.rule} for {self.subject} ({self.fingerprint})"

    def is_about(self, subject: Subject, target: str) -> bool:
        """Whether it is for this release on this target."""
        return same_release(self.subject, subject.name, subject.version) and (
            self.target is None or same_target(self.target, target)
        )

    def existed(self, moment: int) -> bool:
        """Whether it had been made by that moment."""
        return self.made_at is None or self.made_at <= moment


def parse_waivers(data: bytes, origin: str, policy: Policy) -> tuple[Waiver, ...]:
    """The waivers in these bytes. Raises ConfigError with all mistakes."""
    reader = Reader(origin, data)
    document = reader.document()
    found = []
    for key in document:
        if key not in ("waivers", "schema"):
            reader.add((key,), f"there is no key {key!r}; a file of waivers has [[waivers]] alone")
    entries = document.get("waivers", [])
    if not isinstance(entries, list) or not entries:
        reader.add((), "there are no [[waivers]] in it")
        entries = []
    for number, entry in enumerate(entries):
        path = ("waivers", number)
        before = len(reader.mistakes)
        values = reader.table(entry, FIELDS, path)
        if len(reader.mistakes) > before:
            continue
        try:
            values["subject"] = parse_subject(values["subject"])
        except TailraceError as error:
            reader.add((*path, "subject"), error.message)
            continue
        waiver = Waiver(**values, origin=origin)
        for problem in problems(waiver, policy):
            reader.add(path, problem)
        found.append(waiver)
    reader.finish()
    return tuple(found)


def problems(waiver: Waiver, policy: Policy) -> Iterable[str]:
    """What is wrong with a waiver whatever it waives, as sentences."""
    if _person(waiver.by) == _person(waiver.approved_by):
        yield f"by and approved-by are both {waiver.by!r}; somebody else must approve a waiver"
    if waiver.made_at is not None and waiver.expires < waiver.made_at:
        yield "the waiver expires before it is made"
    longest = policy.max_waiver
    if longest is not None and waiver.made_at is not None and waiver.expires - waiver.made_at > longest + DAY:
        yield f"the waiver lasts longer than {show_duration(longest)}, the max-waiver of the policy"
    known = [rule.id for rule in policy.rules]
    if waiver.rule not in known:
        from tailrace.toml.kinds import nearest

        near = nearest(waiver.rule, tuple(known))
        yield f"the policy has no rule {waiver.rule!r}" + (f"; did you mean {near}?" if near else "")
    if not policy.covers(waiver.subject.name):
        yield f"the policy does not cover {waiver.subject.name}"


def write_waivers(waivers: Sequence[Waiver]) -> bytes:
    """The file of these waivers."""
    parts = []
    for one in waivers:
        rows = {
            "rule": one.rule,
            "subject": str(one.subject),
            "target": one.target,
            "fingerprint": one.fingerprint,
            "reason": one.reason,
            "by": one.by,
            "approved-by": one.approved_by,
        }
        lines = ["[[waivers]]", *(f"{key} = {_quoted(value)}" for key, value in rows.items() if value is not None)]
        if one.made_at is not None:
            from tailrace.gate.moments import show_moment

            lines.append(f"made-at = {show_moment(one.made_at)}")
        lines.append(f"expires = {day_of(one.expires)}")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts).encode()


def same_people(one: str, other: str) -> bool:
    """Whether two texts name the same person."""
    return _person(one) == _person(other)


def _person(text: str) -> str:
    return " ".join(text.split()).casefold().lstrip("@")


def _quoted(text: str) -> str:
    """A basic string of TOML."""
    return json.dumps(visible(text), ensure_ascii=False).replace("\x7f", "\\u007f")


__all__ = ["Waiver", "parse_waivers", "problems", "same_people", "write_waivers"]
