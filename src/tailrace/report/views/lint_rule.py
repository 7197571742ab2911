"""What every format shows of the rules of lint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from tailrace.lint.rules.interface import LintRule
from tailrace.model import Severity
from tailrace.report.options import RenderOptions


@dataclass(frozen=True, slots=True)
class LintRuleList:
    """Rules that are listed, each in a line."""

    rules: tuple[LintRule, ...]


class LintExample(msgspec.Struct, frozen=True, kw_only=True):
    """The text of a file that is reported, and of one that is not."""

    path: str
    reported: str
    not_reported: str


class LintRuleDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of lint. `why`, `repair`: Markdown."""

    schema: Literal["tailrace.lint-rule/1"] = "tailrace.lint-rule/1"
    id: str
    title: str
    severity: Severity
    summary: str
    why: str
    repair: str
    examples: tuple[LintExample, ...]


def fixed_by(rule: LintRule) -> str:
    """The option that fixes what the rule finds; empty where none does."""
    if not any(example.fixed for example in rule.examples):
        return ""
    return "`--unsafe-fixes`" if "--unsafe-fixes" in rule.repair else "`--fix`"


def lint_rule_document(rule: LintRule, options: RenderOptions) -> LintRuleDocument:
    """The whole rule."""
    return LintRuleDocument(
        id=rule.id,
        title=rule.title,
        severity=rule.severity,
        summary=rule.summary,
        why=rule.why,
        repair=rule.repair,
        examples=tuple(LintExample(path=one.path, reported=one.bad, not_reported=one.good) for one in rule.examples),
    )


def lint_rules_document(found: LintRuleList, options: RenderOptions) -> list[dict[str, object]]:
    """The id, severity, title and summary of each."""
    return [{"id": r.id, "severity": r.severity, "title": r.title, "summary": r.summary} for r in found.rules]
