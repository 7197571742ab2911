"""A report view in, SARIF 2.1.0 out. What could not be checked is a failed invocation's notification, never silence."""

from __future__ import annotations

import re
from typing import Any

from tailrace.report.json import dump_json
from tailrace.report.options import RenderOptions
from tailrace.report.rule import render_rule
from tailrace.report.view import DownstreamView, GroupView, ReportView, SiteView
from tailrace.rules import RULES

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_KIND = {"allowed": "external", "guarded": "inSource", "refuted": "external"}
_BASELINE, _CANDIDATE = "UPSTREAM_BASELINE", "UPSTREAM_CANDIDATE"
Json = dict[str, Any]


def render_sarif(view: ReportView, options: RenderOptions) -> str:
    """One run. Each downstream's files are relative to a base of its own: `%SRCROOT%` when there is only one, and for
    those that are folders of the repository.
    """
    rules = sorted({group.rule for d in view.downstreams for group in d.groups})
    bases = _bases(view.downstreams)
    run = {
        "tool": {"driver": {"name": "tailrace", "version": view.tool_version, "rules": [_rule(r) for r in rules]}},
        # Without versions: code scanning compares a run with the last one of the same category.
        "automationDetails": {"id": f"tailrace/{view.candidate_name}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {
            base: {"description": {"text": f"The root of {title}"}}
            for base, title in [
                *((base, _root(d)) for base, d in zip(bases, view.downstreams, strict=True)),
                (_BASELINE, view.baseline),
                (_CANDIDATE, view.candidate),
            ]
        },
        "invocations": [_invocation(view)],
        "results": [
            _result(view, d, group, site, base, rules.index(group.rule))
            for base, d in zip(bases, view.downstreams, strict=True)
            for group, site in d.sites
        ],
        "properties": {"verdict": view.verdict, "headline": view.headline},
    }
    return sarif_log(run)


def sarif_log(run: Json) -> str:
    """The log that holds this one run."""
    return dump_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def rule_name(rule_id: str) -> str:
    """`name-removed` as viewers like to show it: `NameRemoved`."""
    return "".join(part.capitalize() for part in rule_id.split("-"))


def _bases(downstreams: tuple[DownstreamView, ...]) -> list[str]:
    if len(downstreams) == 1:
        return ["%SRCROOT%"]
    bases: list[str] = []
    for number, d in enumerate(downstreams, 1):
        if d.in_repository:
            bases.append("%SRCROOT%")
            continue
        name = re.sub(r"[^A-Za-z0-9]+", "_", d.title).strip("_").upper()[:60] or "DOWNSTREAM"
        taken = name in (*bases, _BASELINE, _CANDIDATE)
        # No cleaned name holds two low lines in a row, so the number makes it unique.
        bases.append(f"{name}__{number}" if taken else name)
    return bases


def _root(d: DownstreamView) -> str:
    return "the repository" if d.in_repository else d.title


def _rule(rule_id: str) -> Json:
    rule = RULES.get(rule_id)
    said: Json = {"id": rule_id, "name": rule_name(rule_id)}
    if rule is not None:
        said |= {
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": rule.summary},
            "help": {"text": render_rule(rule, format="text"), "markdown": render_rule(rule, format="markdown")},
            "defaultConfiguration": {"level": rule.severity},
        }
    return said


def _invocation(view: ReportView) -> Json:
    failed = [notification("error", f"{d.title} was not checked: {d.reason}") for d in view.not_checked]
    notes = [notification("note", note) for note in view.notes]
    notes += [notification("note", f"{d.title}: {note}") for d in view.downstreams for note in d.notes]
    notes += [notification("note", f"{d.title}: {d.undecided}") for d in view.downstreams if d.state != d.status]
    stale = [
        notification("warning", f"allow-list entry {e.state}: {e.rule} {e.symbol}: {e.message}")
        for e in view.allow_list
    ]
    notes += [notification("note", f"{d.title}: {d.verified}") for d in view.downstreams if d.verified]
    return {"executionSuccessful": not failed, "toolExecutionNotifications": [*failed, *stale, *notes]}


def notification(level: str, text: str) -> Json:
    """What a run tells besides its results."""
    return {"level": level, "message": {"text": literal(text)}}


def _result(view: ReportView, d: DownstreamView, group: GroupView, site: SiteView, base: str, rule_index: int) -> Json:
    region: Json = {"startLine": site.line, "startColumn": site.column}
    if site.source:
        region["snippet"] = {"text": site.source}
    location: Json = {
        "physicalLocation": {"artifactLocation": {"uri": site.uri, "uriBaseId": base}, "region": region},
    }
    if site.inside:
        location["logicalLocations"] = [{"fullyQualifiedName": site.inside}]
    result: Json = {
        "ruleId": group.rule,
        "ruleIndex": rule_index,
        "level": site.level,
        "message": {"text": _message(group, site)},
        "locations": [location],
        "partialFingerprints": {"tailrace/v1": site.fingerprint},
        "properties": {
            "downstream": d.name,
            "downstreamVersion": d.version,
            "downstreamStatus": d.status,
            "symbol": group.symbol,
            "confidence": site.confidence,
        },
    }
    if group.fix:
        result["properties"]["fix"] = group.fix
    if site.verified is not None:
        result["properties"]["verification"] = site.verified.outcome
    if group.cause_uri:
        result["relatedLocations"] = [_cause(view, group)]
    if site.suppressed:
        suppression = {"kind": _KIND[site.suppressed], "justification": site.suppressed_because}
        result["suppressions"] = [suppression | {"status": "accepted"}]
    return result


def _message(group: GroupView, site: SiteView) -> str:
    said = [f"{site.message} ({', '.join(site.marks)})" if site.marks else site.message, site.loads]
    said += [f"cause: {group.cause}" if group.cause else "", f"fix: {group.fix}" if group.fix else ""]
    if site.verified is not None:
        said += [f"run: {site.verified.said}", *site.verified.traceback]
    return literal("\n".join(filter(None, said)))


def literal(text: str) -> str:
    """The text with nothing in it that reads as an embedded link (SARIF 3.11.6) or a placeholder (3.11.5).

    Viewers differ in how they take escapes back, so only what would be misread is escaped.
    """
    if "](" in text:
        text = text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return text.replace("{", "{{").replace("}", "}}") if re.search(r"\{\d+\}", text) else text


def _cause(view: ReportView, group: GroupView) -> Json:
    base = _CANDIDATE if group.cause_in_candidate else _BASELINE
    physical: Json = {"artifactLocation": {"uri": group.cause_uri, "uriBaseId": base}}
    if group.cause_line:
        physical["region"] = {"startLine": group.cause_line}
    release = view.candidate if group.cause_in_candidate else view.baseline
    verb = "stands" if group.cause_in_candidate else "stood"
    return {"physicalLocation": physical, "message": {"text": f"the cause {verb} here in {release}"}}
