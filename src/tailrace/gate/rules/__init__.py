"""The kinds of rules, by name: one module of this folder each, with an attribute `KIND`."""

from __future__ import annotations

from collections.abc import Mapping

from tailrace.gate.rules import (
    approval,
    calendar,
    check,
    deprecation,
    nightly,
    skew,
    tandem,
    verification,
)
from tailrace.gate.rules.interface import RuleKind

RULE_KINDS: Mapping[str, RuleKind] = {
    module.KIND.name: module.KIND
    for module in (check, deprecation, tandem, calendar, nightly, skew, verification, approval)
}

__all__ = ["RULE_KINDS", "RuleKind"]
