"""SARIF 2.1.0. What could not be checked is a notification of a failed run, never silence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tailrace.report.formats.interface import Format, has_findings
from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions

if TYPE_CHECKING:
    from tailrace.report.views.diagnostics import Diagnostic, Diagnostics, Location, Notice, RulePage

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
Json = dict[str, Any]


def render_sarif(found: Diagnostics) -> str:
    """A log with one run."""
    from tailrace.report.json import dump_json

    index = {rule.id: number for number, rule in enumerate(found.rules)}
    run = {
        "tool": {
            "driver": {"name": "tailrace", "version": found.tool_version, "rules": [_rule(r) for r in found.rules]}
        },
        "automationDetails": {"id": found.category},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {base: {"description": {"text": root}} for base, root in found.roots.items()},
        "invocations": [
            {
                "executionSuccessful": not found.failures,
                "toolExecutionNotifications": [_notification(notice) for notice in found.notices],
            }
        ],
        "results": [_result(one, index[one.rule]) for one in found.diagnostics],
        "properties": {"verdict": found.verdict, "headline": found.headline},
    }
    return dump_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(page: RulePage) -> Json:
    shown: Json = {"id": page.id, "name": "".join(part.capitalize() for part in page.id.split("-"))}
    if page.text:
        shown |= {
            "shortDescription": {"text": page.title},
            "fullDescription": {"text": page.summary},
            "help": {"text": page.text, "markdown": page.markdown},
            "defaultConfiguration": {"level": page.severity},
        }
    return shown


def _notification(notice: Notice) -> Json:
    title = notice.subject if notice.label == "note" else notice.title
    return {
        "level": notice.level,
        "message": {"text": literal(f"{title}: {notice.text}" if title else notice.text)},
    }


def _result(one: Diagnostic, rule_index: int) -> Json:
    physical = _physical(one.location)
    if one.location.source:
        physical["region"]["snippet"] = {"text": one.location.source}
    location: Json = {"physicalLocation": physical}
    if one.inside:
        location["logicalLocations"] = [{"fullyQualifiedName": one.inside}]
    result: Json = {
        "ruleId": one.rule,
        "ruleIndex": rule_index,
        "level": one.level,
        "message": {"text": _message(one)},
        "locations": [location],
        "partialFingerprints": {"tailrace/v1": one.fingerprint},
        "properties": dict(one.properties),
    }
    if one.related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(other), "message": {"text": literal(other.message)}}
            for number, other in enumerate(one.related, 1)
        ]
    if one.suppression:
        result["suppressions"] = [
            {
                "kind": "inSource" if one.suppression.in_source else "external",
                "justification": one.suppression.because,
                "status": "accepted",
            }
        ]
    return result


def _physical(place: Location) -> Json:
    physical: Json = {"artifactLocation": {"uri": place.uri, "uriBaseId": place.base}}
    if place.line:
        physical["region"] = {"startLine": place.line} | ({"startColumn": place.column} if place.column else {})
    return physical


def _message(one: Diagnostic) -> str:
    said = [f"{one.message} ({', '.join(one.marks)})" if one.marks else one.message, one.effect, one.also]
    said += [f"cause: {one.cause}" if one.cause else "", f"fix: {one.fix}" if one.fix else ""]
    if one.observed is not None:
        said += [f"run: {one.observed.said}", *one.observed.traceback]
    return literal("\n".join(filter(None, said)))


def literal(text: str) -> str:
    """The text with nothing in it that reads as an embedded link (SARIF 3.11.6) or a placeholder (3.11.5).

    Viewers differ in how they take escapes back, so only what would be misread is escaped.
    """
    if "](" in text:
        text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return text.replace("{", "{{").replace("}", "}}") if re.search(r"\{\d+\}", text) else text


def _render(kind: Kind, report: object, options: RenderOptions) -> str:
    return render_sarif(kind.make("diagnostics", report, options))


FORMAT = Format(
    "sarif",
    "code scanning",
    remarks="SARIF 2.1.0 with stable fingerprints; the category of a check is `tailrace/NAME/`",
    serves=has_findings,
    render=_render,
    is_machine=True,
    is_for_forge=True,
)
