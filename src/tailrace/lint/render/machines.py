"""A lint report in, JSON, SARIF 2.1.0 or GitHub workflow commands out: always whole. Prints nothing."""

from __future__ import annotations

from typing import Any

import msgspec

from tailrace.lint.model import LintFinding, LintReport
from tailrace.lint.render.pages import render_lint_rule
from tailrace.lint.render.people import headline, place
from tailrace.lint.rules import LINT_RULES
from tailrace.report.clean import prose, relative_uri, source_line
from tailrace.report.github import command, plain
from tailrace.report.json import dump_json
from tailrace.report.options import RenderOptions
from tailrace.report.sarif import literal, notification, rule_name, sarif_log

_MAX_NAMED = 20
_COMMAND = {"error": "error", "warning": "warning", "note": "notice"}


def render_json(report: LintReport, options: RenderOptions) -> str:
    """The report as it is, schema `tailrace.lint/1`."""
    return dump_json(msgspec.to_builtins(report))


def render_sarif(report: LintReport, options: RenderOptions) -> str:
    """One run; files are relative to `%SRCROOT%`, what could not be read is a notification of an unsuccessful run."""
    rules = sorted({finding.rule for finding in report.findings})
    return sarif_log(
        {
            "tool": {
                "driver": {"name": "tailrace", "version": report.tool.version, "rules": [_rule(r) for r in rules]}
            },
            "automationDetails": {"id": "tailrace/lint/"},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "Where the run began"}}},
            "invocations": [
                {
                    "executionSuccessful": not report.unreadable,
                    "toolExecutionNotifications": [
                        notification("error", prose(f"{u.file} was not checked: {u.reason}")) for u in report.unreadable
                    ],
                }
            ],
            "results": [_result(finding, rules.index(finding.rule)) for finding in report.findings],
            "properties": {"verdict": report.verdict, "headline": headline(report)},
        }
    )


def _rule(rule_id: str) -> dict[str, Any]:
    rule = LINT_RULES[rule_id]
    return {
        "id": rule_id,
        "name": rule_name(rule_id),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.summary},
        "help": {"text": render_lint_rule(rule, format="text"), "markdown": render_lint_rule(rule, format="markdown")},
        "defaultConfiguration": {"level": rule.severity},
    }


def _result(finding: LintFinding, index: int) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": finding.line, "startColumn": finding.column}
    if finding.source.strip():
        region["snippet"] = {"text": source_line(finding.source)}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {
            "text": literal("\n".join(map(prose, (finding.message, *_others(finding), f"fix: {finding.fix}"))))
        },
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(finding.file), "region": region}}],
        "partialFingerprints": {"tailrace/v1": finding.fingerprint},
        "properties": {"fixable": finding.fixable, "generated": finding.generated},
    }
    if len(finding.places) > 1:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": literal(prose(other.message))},
                "physicalLocation": {
                    "artifactLocation": _artifact(other.file),
                    "region": {"startLine": other.line, "startColumn": other.column},
                },
            }
            for number, other in enumerate(finding.places[1:], start=1)
        ]
    if finding.suppressed is not None:
        result["suppressions"] = [
            {"kind": "inSource", "justification": prose(finding.suppressed), "status": "accepted"}
        ]
    return result


def _artifact(file: str) -> dict[str, str]:
    return {"uri": relative_uri(file), "uriBaseId": "%SRCROOT%"}


def _others(finding: LintFinding) -> tuple[str, ...]:
    """The further places of the finding, in a sentence."""
    others = [place(other) for other in finding.places[1:]]
    if not others:
        return ()
    more = f", and {len(others) - _MAX_NAMED} more" if len(others) > _MAX_NAMED else ""
    return (f"also in {', '.join(others[:_MAX_NAMED])}{more}",)


def render_github(report: LintReport, options: RenderOptions) -> str:
    """One annotation for each finding and for each file that could not be read."""
    lines = [plain(f"{report.verdict.upper()}  {headline(report)}")]
    for finding in report.findings:
        if finding.suppressed is None:
            said = "\n".join((finding.message, *_others(finding), f"fix: {finding.fix}"))
            lines.append(
                command(
                    _COMMAND[finding.severity],
                    said,
                    file=finding.file,
                    line=finding.line,
                    col=finding.column,
                    title=finding.rule,
                )
            )
    for unreadable in report.unreadable:
        line = max(unreadable.line, 1)
        lines.append(command("warning", unreadable.reason, file=unreadable.file, line=line, title="not checked"))
    return "\n".join(lines) + "\n"
