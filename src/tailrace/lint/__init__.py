"""Checks files about channels against a policy, and fixes them. Executes nothing of them."""

from __future__ import annotations

from tailrace.lint.discover import TEST_DATA
from tailrace.lint.engine import lint_paths, report_of, run_lint
from tailrace.lint.errors import LintError, NoSuchPathError, UnreadableFileError
from tailrace.lint.model import LintCounts, LintFinding, LintReport, UnreadableFile
from tailrace.lint.rules import LINT_RULES, LintRule, get_lint_rule

__all__ = [
    "LINT_RULES",
    "TEST_DATA",
    "LintCounts",
    "LintError",
    "LintFinding",
    "LintReport",
    "LintRule",
    "NoSuchPathError",
    "UnreadableFile",
    "UnreadableFileError",
    "get_lint_rule",
    "lint_paths",
    "report_of",
    "run_lint",
]
