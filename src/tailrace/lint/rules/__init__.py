"""A lint rule's id in, the rule out: every rule, one file each, in the order of the reference."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from tailrace.lint.errors import LintError
from tailrace.lint.rules import (
    allowlist_contradiction,
    canary_label,
    channel_credentials,
    channel_leak,
    channel_order,
    channel_repeated,
    channel_unverified,
    conda_auto_update,
    current_repodata_pinned,
    cutoff_missing,
    defaults_implicit,
    defaults_installer,
    defaults_mixed,
    defaults_repointed,
    defaults_terms_accepted,
    feature_widens_channels,
    nodefaults_misplaced,
    nodefaults_missing,
    override_channels_missing,
    priority_not_strict,
    priority_unset,
    retired_option,
    setup_action_keeps_defaults,
    suppression_invalid,
    tandem_unbounded,
    upload_label_unguarded,
)
from tailrace.lint.rules.interface import Example, LintRule, Problem

LINT_RULES: Mapping[str, LintRule] = MappingProxyType(
    {
        module.RULE.id: module.RULE
        for module in (
            defaults_implicit,
            defaults_mixed,
            nodefaults_missing,
            nodefaults_misplaced,
            defaults_repointed,
            defaults_installer,
            defaults_terms_accepted,
            setup_action_keeps_defaults,
            override_channels_missing,
            priority_not_strict,
            priority_unset,
            channel_order,
            channel_leak,
            channel_repeated,
            feature_widens_channels,
            canary_label,
            upload_label_unguarded,
            conda_auto_update,
            tandem_unbounded,
            cutoff_missing,
            current_repodata_pinned,
            allowlist_contradiction,
            channel_credentials,
            channel_unverified,
            retired_option,
            suppression_invalid,
        )
    }
)


class UnknownLintRuleError(LintError):
    """No lint rule has this id. `rule` is what was asked for, `nearest` the closest id there is, if any is close."""

    def __init__(self, rule: str, nearest: str | None) -> None:
        hint = f"Did you mean `{nearest}`?" if nearest else "`tailrace lint --list-rules` names them all."
        super().__init__(f"there is no lint rule {rule!r}.", hint=hint)
        self.rule = rule
        self.nearest = nearest


def get_lint_rule(rule_id: str) -> LintRule:
    """The rule with this id; raises `UnknownLintRuleError` naming the nearest one."""
    rule = LINT_RULES.get(rule_id)
    if rule is None:
        asked = rule_id.strip().lower().replace("_", "-")
        raise UnknownLintRuleError(rule_id, next(iter(get_close_matches(asked, LINT_RULES, n=1, cutoff=0.5)), None))
    return rule


__all__ = ["LINT_RULES", "Example", "LintRule", "Problem", "UnknownLintRuleError", "get_lint_rule"]
