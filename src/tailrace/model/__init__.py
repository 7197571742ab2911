"""The frozen values that all rooms exchange. Plain data, without I/O."""

from tailrace.model.address import Address, conceal, redact, reveal
from tailrace.model.artifact import Artifact, Metadata
from tailrace.model.change import Change, Deprecation
from tailrace.model.errors import TailraceError
from tailrace.model.finding import CauseSite, Confidence, Finding, Scope, Severity
from tailrace.model.release import Release, SourceKind
from tailrace.model.report import AllowedNote, CheckReport, Counts, DownstreamReport, FileCounts, Status, Verdict
from tailrace.model.verification import Ecosystem, Level, Observation, Outcome, Verification

__all__ = [
    "Address",
    "AllowedNote",
    "Artifact",
    "CauseSite",
    "Change",
    "CheckReport",
    "Confidence",
    "Counts",
    "Deprecation",
    "DownstreamReport",
    "Ecosystem",
    "FileCounts",
    "Finding",
    "Level",
    "Metadata",
    "Observation",
    "Outcome",
    "Release",
    "Scope",
    "Severity",
    "SourceKind",
    "Status",
    "TailraceError",
    "Verdict",
    "Verification",
    "conceal",
    "redact",
    "reveal",
]
