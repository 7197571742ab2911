"""What every format shows of the rules of the check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import msgspec

from tailrace.model import Severity
from tailrace.report.options import RenderOptions
from tailrace.rules import Rule, example_files


@dataclass(frozen=True, slots=True)
class RuleList:
    """Rules that are listed, each in a line."""

    rules: tuple[Rule, ...]


class RuleDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of the check. `why`, `repair`: Markdown. `example`: title → path → content of the files."""

    schema: Literal["tailrace.rule/1"] = "tailrace.rule/1"
    id: str
    title: str
    severity: Severity
    summary: str
    why: str
    repair: str
    example: dict[str, dict[str, str]]


def examples(rule: Rule) -> list[tuple[str, dict[str, str]]]:
    """The files of the smallest example, each group with its title."""
    example = rule.example
    return [
        ("The old upstream", example_files(example.old, "upstream")),
        ("The new upstream", example_files(example.new, "upstream")),
        ("A downstream that is reported", example_files(example.downstream, "downstream")),
        ("A downstream that is not", example_files(example.near_miss, "downstream")),
    ]


def rule_document(rule: Rule, options: RenderOptions) -> RuleDocument:
    """The whole rule."""
    return RuleDocument(
        id=rule.id,
        title=rule.title,
        severity=rule.severity,
        summary=rule.summary,
        why=rule.why,
        repair=rule.repair,
        example=dict(examples(rule)),
    )


def rules_document(found: RuleList, options: RenderOptions) -> list[dict[str, object]]:
    """The id, severity, title and summary of each."""
    return [{"id": r.id, "severity": r.severity, "title": r.title, "summary": r.summary} for r in found.rules]
