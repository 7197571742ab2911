"""Find the lint rule of an id. Every module with a `RULE` in this folder is a rule."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from tailrace.lint.errors import LintError
from tailrace.lint.rules.interface import Example, LintRule, Problem


def load_rules() -> Mapping[str, LintRule]:
    """The rules of all modules of this folder, by id, in the order of the ids."""
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    rules = sorted((module.RULE for module in modules if hasattr(module, "RULE")), key=lambda rule: rule.id)
    return MappingProxyType({rule.id: rule for rule in rules})


LINT_RULES: Mapping[str, LintRule] = load_rules()


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
