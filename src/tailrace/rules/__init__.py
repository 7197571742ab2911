"""A rule id in, the rule out: every kind of break, one file each, in the order in which reports group them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from tailrace.model import TailraceError
from tailrace.rules import (
    arity_changed,
    attribute_removed,
    base_changed,
    entry_point_removed,
    kind_changed,
    module_removed,
    name_removed,
    now_deprecated,
    option_conflict,
    option_removed,
    override_orphaned,
    parameter_now_keyword_only,
    parameter_now_required,
    parameter_removed,
    python_dropped,
    requirement_conflict,
    unexplained,
)
from tailrace.rules.example import example_files
from tailrace.rules.interface import Break, Example, How, Rule

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        module.RULE.id: module.RULE
        for module in (
            module_removed,
            name_removed,
            attribute_removed,
            parameter_removed,
            parameter_now_required,
            parameter_now_keyword_only,
            arity_changed,
            kind_changed,
            base_changed,
            override_orphaned,
            option_removed,
            option_conflict,
            entry_point_removed,
            python_dropped,
            requirement_conflict,
            unexplained,
            now_deprecated,
        )
    }
)


class UnknownRuleError(TailraceError):
    """No rule has this id. `rule` is what was asked for, `nearest` the closest id there is, if any is close."""

    def __init__(self, rule: str, nearest: str | None) -> None:
        hint = f"Did you mean `{nearest}`?" if nearest else "`tailrace explain --list` names them all."
        super().__init__(f"There is no rule {rule!r}.", hint=hint)
        self.rule = rule
        self.nearest = nearest


def get_rule(rule_id: str) -> Rule:
    """The rule with this id; raises `UnknownRuleError` naming the nearest one."""
    rule = RULES.get(rule_id)
    if rule is None:
        asked = rule_id.strip().lower().replace("_", "-")
        raise UnknownRuleError(rule_id, next(iter(get_close_matches(asked, RULES, n=1, cutoff=0.5)), None))
    return rule


__all__ = ["RULES", "Break", "Example", "How", "Rule", "UnknownRuleError", "example_files", "get_rule"]
