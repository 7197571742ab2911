"""A lint report in, text in one of five formats out. Writes no file, prints nothing."""

from __future__ import annotations

from tailrace.lint.model import LintReport
from tailrace.lint.render.pages import render_lint_rule, render_lint_rules
from tailrace.report.options import RenderOptions

LINT_FORMATS = ("text", "concise", "json", "sarif", "github")


def render_lint(report: LintReport, format: str, *, options: RenderOptions) -> str:
    """The report in one of `LINT_FORMATS`. `text` and `concise` hold notes only if verbose, the others always."""
    from tailrace.lint.render import machines, people

    renderers = {
        "text": people.render_text,
        "concise": people.render_concise,
        "json": machines.render_json,
        "sarif": machines.render_sarif,
        "github": machines.render_github,
    }
    return renderers[format](report, options)


__all__ = ["LINT_FORMATS", "render_lint", "render_lint_rule", "render_lint_rules"]
