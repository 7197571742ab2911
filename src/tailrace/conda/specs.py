"""Parses match specs into matchers of records. Pure; parsed texts are remembered, hostile ones match nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tailrace.conda import rattler
from tailrace.conda.errors import MatchSpecError
from tailrace.conda.records import Record
from tailrace.model import patterns

_NUMBER = re.compile(r"(>=|<=|==|!=|>|<|=)?\s*(\d+)$")


@dataclass(frozen=True, slots=True)
class Spec:
    """One match spec. `exactness` counts as conda does: 1 a bare name, 2 with a version, 3 with a build or anything
    more.
    """

    text: str
    name: str
    version: str | None = None
    build: str | None = None
    build_number: str | None = None
    channel: str | None = None
    subdir: str | None = None
    never: bool = False
    unreadable: bool = False

    @property
    def exactness(self) -> int:
        """How narrow conda takes the spec to be."""
        if self.build is not None or self.build_number is not None or self.channel or self.subdir or self.never:
            return 3
        return 1 if self.version is None else 2

    @property
    def anything(self) -> bool:
        """Whether the name alone decides."""
        return self.exactness == 1

    def matches(self, record: Record, channel_url: str = "") -> bool:
        """Whether a record meets the spec; `channel_url` is the base URL of the record's channel."""
        return (
            not self.never
            and record.name == self.name
            and (self.version is None or version_meets(self.version, record.version))
            and (self.build is None or build_meets(self.build, record.build))
            and (self.build_number is None or _number_meets(self.build_number, record.build_number))
            and (self.subdir is None or record.subdir == self.subdir)
            and (self.channel is None or _channel_meets(self.channel, record.channel, channel_url))
        )


@lru_cache(maxsize=100_000)
def parse_spec(text: str) -> Spec:
    """A match spec in any of conda's spellings. Raises SpecError."""
    try:
        parts = rattler.split_spec(text)
    except rattler.UnreadableError as error:
        raise MatchSpecError(text, str(error)) from None
    if parts.other or ("://" in text and "::" not in text):
        # A spec that is taken for a wider or a narrower one would make an exposed user look safe.
        raise MatchSpecError(text, "file names, hashes and package URLs are not supported")
    if parts.build is not None and is_expression(parts.build):
        try:
            patterns.compile_expression(parts.build)
        except patterns.PatternError as error:
            raise MatchSpecError(text, f"its build pattern is not supported: {error}") from None
    return Spec(text, parts.name, parts.version, parts.build, parts.build_number, parts.channel, parts.subdir)


@lru_cache(maxsize=100_000)
def parse_dependency(text: str) -> Spec:
    """A dependency as a record states it; one that cannot be read matches nothing, so that its record is never
    chosen.
    """
    try:
        return parse_spec(text)
    except MatchSpecError:
        return Spec(
            text, re.split(r"[\s=<>!~\[]", text.strip(), maxsplit=1)[0].lower() or "*", never=True, unreadable=True
        )


@lru_cache(maxsize=500_000)
def version_meets(spec: str, version: str) -> bool:
    """Whether a version lies within a version spec, in conda's order."""
    wanted, found = rattler.version_spec(spec), rattler.version(version)
    return wanted is not None and found is not None and bool(wanted.matches(found))


@lru_cache(maxsize=100_000)
def build_meets(pattern: str, build: str) -> bool:
    """Whether a build string equals the pattern, or fits it where it is a glob (`*_cp39`) or a regular expression
    (`^…$`).
    """
    try:
        if is_expression(pattern):
            return patterns.compile_expression(pattern)(build)
        if "*" in pattern:
            parts = (patterns.quote(part) for part in pattern.split("*"))
            return patterns.compile_expression(f"(?s:{'.*'.join(parts)})\\z")(build)
    except patterns.PatternError:
        return False
    return pattern == build


def is_expression(pattern: str) -> bool:
    """Whether a build pattern is a regular expression rather than a text or a glob."""
    return pattern.startswith("^") and pattern.endswith("$")


def _number_meets(spec: str, number: int) -> bool:
    found = _NUMBER.match(spec.strip())
    if found is None:
        return False
    bound = int(found[2])
    match found[1]:
        case ">=":
            return number >= bound
        case "<=":
            return number <= bound
        case ">":
            return number > bound
        case "<":
            return number < bound
        case "!=":
            return number != bound
        case _:
            return number == bound


def _channel_meets(wanted: str, name: str, url: str) -> bool:
    return wanted == url or wanted.rsplit("/", 1)[-1] == name


def pins_by_name(pins: Sequence[str]) -> dict[str, Spec]:
    """The pin of each name; of two the later, as in conda."""
    return {spec.name: spec for spec in map(parse_spec, pins) if "*" not in spec.name}
