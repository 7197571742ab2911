"""From check reports to the narrowest hotfix, with the reasons written above it. Writes no file."""

from tailrace.hotfix.suggest.by_channel import Suggestions, suggest_by_channel
from tailrace.hotfix.suggest.errors import FixedBuildError, NoReportError, SuggestError
from tailrace.hotfix.suggest.evidence import Evidence, Fact, read_evidence
from tailrace.hotfix.suggest.identity import Identity, identify, parse_fixed
from tailrace.hotfix.suggest.suggest import Suggestion, suggest

__all__ = [
    "Evidence",
    "Fact",
    "FixedBuildError",
    "Identity",
    "NoReportError",
    "SuggestError",
    "Suggestion",
    "Suggestions",
    "identify",
    "parse_fixed",
    "read_evidence",
    "suggest",
    "suggest_by_channel",
]
