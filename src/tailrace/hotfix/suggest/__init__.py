"""From check reports to the narrowest hotfix, with the reasons written above it. Writes no file."""

from tailrace.hotfix.suggest.by_channel import Suggestions, suggest_by_channel
from tailrace.hotfix.suggest.errors import FixedBuildError, NoReportError, SameNameError, SuggestError
from tailrace.hotfix.suggest.evidence import Evidence, Fact, read_evidence
from tailrace.hotfix.suggest.harmful_combination import HarmNotSaidError, harmful_combination
from tailrace.hotfix.suggest.identity import Identity, identify, parse_fixed
from tailrace.hotfix.suggest.suggest import Suggestion, parse_cutoff, suggest

__all__ = [
    "Evidence",
    "Fact",
    "FixedBuildError",
    "HarmNotSaidError",
    "Identity",
    "NoReportError",
    "SameNameError",
    "SuggestError",
    "Suggestion",
    "Suggestions",
    "harmful_combination",
    "identify",
    "parse_cutoff",
    "parse_fixed",
    "read_evidence",
    "suggest",
    "suggest_by_channel",
]
