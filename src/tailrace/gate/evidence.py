"""Evidence as a value: what was found out about a release, when, by what, and for how long that counts.

A file of evidence is named by the sha256 of its bytes and never changes. What is inside (`body`) stays undecoded until
a rule asks for it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal, TypeVar

import msgspec

from tailrace.gate.errors import EvidenceError, SubjectError
from tailrace.gate.moments import parse_duration, parse_time
from tailrace.gate.names import Subject, parse_subject, same_name, same_target, same_version
from tailrace.model.errors import TailraceError

T = TypeVar("T")

Kind = Literal[
    "check",
    "exposure",
    "verification",
    "deprecation",
    "nightly",
    "hotfix-proof",
    "channel-state",
    "approval",
    "incident",
]
KINDS: tuple[Kind, ...] = (
    "check",
    "exposure",
    "verification",
    "deprecation",
    "nightly",
    "hotfix-proof",
    "channel-state",
    "approval",
    "incident",
)
#: The schema of a report → the kind of evidence that it is.
_KIND_OF_NAME: tuple[tuple[str, Kind], ...] = (
    ("check", "check"),
    ("exposure", "exposure"),
    ("deprecations", "deprecation"),
    ("nightly", "nightly"),
    ("hotfix-proof", "hotfix-proof"),
    ("channel-state", "channel-state"),
    ("approval", "approval"),
    ("incident", "incident"),
)
KIND_OF_SCHEMA: Mapping[str, Kind] = {f"tailrace.{name}/1": kind for name, kind in _KIND_OF_NAME}
SCHEMA: Final = "tailrace.evidence/1"
LIMIT = 256 << 20


class Producer(msgspec.Struct, frozen=True, kw_only=True):
    """What made it."""

    name: str
    version: str = ""


class SubjectText(msgspec.Struct, frozen=True, kw_only=True):
    """The release that it is about. `sha256`: of the files that were looked at."""

    name: str
    version: str
    sha256: str | tuple[str, ...] | None = None


class EvidenceFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of evidence as it is written (`tailrace.evidence/1`). `target`: where it holds, null for everywhere.
    `made_at`: ISO 8601, UTC. `valid_for`: a duration, null where only the policy says how old it may be.
    """

    schema: Literal["tailrace.evidence/1"] = SCHEMA
    kind: str
    subject: SubjectText | str
    target: str | None = None
    made_at: str
    valid_for: str | None = None
    producer: Producer
    body: msgspec.Raw


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence, read. `made`, `valid_for`: ms. `sha256`: of the file; it is the name of the file."""

    sha256: str
    kind: Kind
    subject: Subject
    hashes: frozenset[str]
    target: str | None
    made: int
    valid_for: int | None
    producer: str
    body: bytes

    def decode(self, kind: type[T]) -> T:
        """The body as a value. Raises EvidenceError."""
        try:
            return msgspec.json.decode(self.body, type=kind)
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            raise EvidenceError(f"evidence {self.sha256[:12]} ({self.kind}) cannot be read: {error}.") from None

    @cached_property
    def schema(self) -> str:
        """What its body says it is."""
        return _head(self.body).schema

    def about(self, name: str, version: str) -> bool:
        """Whether it is about this release."""
        return same_version(self.subject.version, version) and same_name(self.subject.name, name)

    def holds_for(self, target: str) -> bool:
        """Whether it speaks of this target."""
        return self.target is None or same_target(self.target, target)


class Head(msgspec.Struct, kw_only=True):
    """As much of a report as says what it is and what it is about."""

    schema: str = ""
    kind: Any = None
    made_at: Any = None
    candidate: Any = None
    subject: Any = None
    version: Any = None
    channel: Any = None
    target: Any = None


def _head(data: bytes) -> Head:
    try:
        return msgspec.json.decode(data, type=Head)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return Head()


_ENVELOPE = msgspec.json.Decoder(EvidenceFile)


def hash_of(data: bytes) -> str:
    """The name of the evidence with these bytes."""
    return hashlib.sha256(data).hexdigest()


def parse_evidence(data: bytes, sha256: str) -> Evidence:
    """The evidence in these bytes. Raises EvidenceError with the reason; `sha256` is believed."""
    try:
        file = _ENVELOPE.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise EvidenceError(f"is not evidence (schema {SCHEMA}): {error}") from None
    if file.kind not in KINDS:
        raise EvidenceError(f"has the unknown kind {file.kind[:40]!r}; the kinds are {', '.join(KINDS)}")
    subject, hashes = _subject(file.subject)
    try:
        made = parse_time(file.made_at)
        valid = parse_duration(file.valid_for) if file.valid_for is not None else None
    except (TailraceError, ValueError) as error:
        raise EvidenceError(f"cannot be read: {error}") from None
    producer = f"{file.producer.name} {file.producer.version}".strip()
    return Evidence(sha256, file.kind, subject, hashes, file.target, made, valid, producer, bytes(file.body))


def _subject(value: SubjectText | str) -> tuple[Subject, frozenset[str]]:
    if isinstance(value, str):
        try:
            return parse_subject(value), frozenset()
        except SubjectError as error:
            raise EvidenceError(f"has a subject that cannot be read: {error.message}") from None
    hashes = (value.sha256,) if isinstance(value.sha256, str) else value.sha256 or ()
    return _checked(value.name, value.version), frozenset(hashes)


def _checked(name: str, version: str) -> Subject:
    """A release as it may be named on a command line. Raises EvidenceError for what no package is called."""
    try:
        return parse_subject(f"{name} {version}")
    except SubjectError:
        raise EvidenceError(f"is about {name[:60]!r} {version[:60]!r}, which is not a release") from None


def make_evidence(
    data: bytes,
    *,
    made_at: str,
    kind: str | None = None,
    subject: Subject | None = None,
    target: str | None = None,
    valid_for: str | None = None,
    producer: Producer | None = None,
) -> bytes:
    """The file of evidence for a report: its kind is that of its schema, its subject that of its candidate.

    Evidence that is given whole stays as it is. Raises EvidenceError for what is no report, or does not say what it is
    about.
    """
    if len(data) > LIMIT:
        raise EvidenceError(f"is larger than {LIMIT >> 20} MB")
    try:
        head = msgspec.json.decode(data, type=Head)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise EvidenceError(f"is not a report: {error}") from None
    if head.schema == SCHEMA or (not head.schema and head.made_at is not None and head.kind is not None):
        parse_evidence(data, "")
        return data
    found = kind or KIND_OF_SCHEMA.get(head.schema)
    if found is None:
        known = ", ".join(KIND_OF_SCHEMA)
        named = f"has the schema {head.schema[:60]!r}" if head.schema else "has no schema"
        raise EvidenceError(f"{named}, which is none of {known}; --kind says what it is")
    if found not in KINDS:
        raise EvidenceError(f"cannot be of the kind {found!r}; the kinds are {', '.join(KINDS)}")
    check_body(found, data)
    about, hashes = _subject_of(head, subject)
    if target is None:
        target = next((one for one in (head.target, head.channel) if isinstance(one, str)), None)
    file = EvidenceFile(
        kind=found,
        subject=SubjectText(name=about.name, version=about.version, sha256=tuple(sorted(hashes)) or None),
        target=target,
        made_at=made_at,
        valid_for=valid_for,
        producer=producer or _producer(data),
        body=msgspec.Raw(data.strip()),
    )
    made = msgspec.json.encode(file) + b"\n"
    parse_evidence(made, "")
    return made


def check_body(kind: str, data: bytes) -> None:
    """Raise EvidenceError for a check report that contradicts itself, so that it cannot be read as clear."""
    if kind not in ("check", "verification"):
        return
    from tailrace.model.report import CheckReport

    try:
        report = msgspec.json.decode(data, type=CheckReport)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise EvidenceError(f"is not a check report: {error}") from None
    counts = report.counts
    parts = counts.breaks + counts.contained + counts.possible + counts.clear + counts.not_checked
    found = Counter(one.status for one in report.downstreams)
    told = (counts.breaks, counts.contained, counts.possible, counts.clear)
    if not parts == counts.downstreams == len(report.downstreams) or told != tuple(
        found[status] for status in ("breaks", "contained", "possible", "clear")
    ):
        raise EvidenceError("contradicts itself: its counts do not add up to its downstreams")
    if (report.verdict == "breaks") != any(one.status == "breaks" for one in report.downstreams):
        raise EvidenceError(f"contradicts itself: its downstreams do not lead to the verdict {report.verdict!r}")


def _subject_of(head: Head, given: Subject | None) -> tuple[Subject, frozenset[str]]:
    table = next((one for one in (head.candidate, head.subject) if isinstance(one, dict)), None)
    said: Subject | None = None
    hashes: frozenset[str] = frozenset()
    if table is not None and isinstance(table.get("name"), str) and isinstance(table.get("version"), str):
        # A deprecation report says which version it judged, which may be the one that is about to be cut.
        said = _checked(table["name"], head.version if isinstance(head.version, str) else table["version"])
        value = table.get("sha256")
        hashes = frozenset([value] if isinstance(value, str) else [])
    elif isinstance(head.subject, str):
        said, hashes = _subject(head.subject)
    elif isinstance(head.candidate, str):
        said, hashes = _subject(head.candidate)
    if given is None and said is None:
        raise EvidenceError("does not say which release it is about; --subject says so")
    if given is None or (said is not None and same_name(said.name, given.name) and said.version == given.version):
        assert said is not None or given is not None
        about = given or said
        assert about is not None
        return about, hashes | about.hashes
    if said is not None and not (same_name(said.name, given.name) and same_version(said.version, given.version)):
        raise EvidenceError(f"is about {said}, not about {given}")
    return given, hashes | given.hashes


def _producer(data: bytes) -> Producer:
    class Told(msgspec.Struct):
        tool: Producer | None = None

    try:
        told = msgspec.json.decode(data, type=Told).tool
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        told = None
    if told is not None:
        return told
    from tailrace import __version__

    return Producer(name="tailrace", version=__version__)


def in_order(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Oldest first; of one moment by hash, so that the order in which files are read says nothing."""
    return tuple(sorted(evidence, key=lambda one: (one.made, one.sha256)))
