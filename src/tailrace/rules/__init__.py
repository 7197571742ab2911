"""Every kind of break, one module each. A module with a `RULE` in this folder is a rule; no list names them."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from tailrace.model import TailraceError
from tailrace.rules.example import example_files
from tailrace.rules.interface import Break, Example, How, Rule


def _load_rules() -> Mapping[str, Rule]:
    """The `RULE` of every module in this folder that has one, by id, in the order of their ranks."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    rules = sorted(
        (module.RULE for module in modules if hasattr(module, "RULE")), key=lambda rule: (rule.rank, rule.id)
    )
    return MappingProxyType({rule.id: rule for rule in rules})


RULES: Mapping[str, Rule] = _load_rules()


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
