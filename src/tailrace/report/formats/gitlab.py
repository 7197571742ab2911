"""GitLab code quality: the issues that a merge request shows (the part of Code Climate's format that it reads)."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from tailrace.report.formats.interface import Format, has_findings
from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions

if TYPE_CHECKING:
    from tailrace.report.views.diagnostics import Diagnostic, Diagnostics, Notice

_SEVERITY = {"error": "major", "warning": "minor", "note": "info"}


def render_gitlab(found: Diagnostics) -> str:
    """An issue for each finding that is shown, and one for everything that was not checked or not decided.

    GitLab tells issues apart by their fingerprint, which stays when unrelated lines move.
    """
    from tailrace.report.json import dump_json

    issues = [_issue(one) for one in found.diagnostics if not one.is_hidden]
    issues += [_notice(notice) for notice in found.notices if not notice.is_detail]
    seen: Counter[str] = Counter()
    for issue in issues:
        seen[issue["fingerprint"]] += 1
        if (number := seen[issue["fingerprint"]]) > 1:
            issue["fingerprint"] = _digest(f"{issue['fingerprint']} {number}")
    return dump_json(issues)


def _issue(one: Diagnostic) -> dict[str, Any]:
    said = [f"{one.subject}: {one.message}" if one.subject else one.message]
    said += [one.suppression.because if one.suppression else ""]
    said += [f"cause: {one.cause}" if one.cause else "", f"fix: {one.fix}" if one.fix else ""]
    return {
        "description": "; ".join(filter(None, said)),
        "check_name": one.rule or "tailrace",
        "fingerprint": _digest(f"{one.rule} {one.fingerprint}"),
        "severity": _SEVERITY[one.level],
        "location": {"path": one.location.file, "lines": {"begin": one.location.line or 1}},
    }


def _notice(notice: Notice) -> dict[str, Any]:
    place = notice.location
    return {
        "description": f"{notice.title}: {notice.text}",
        "check_name": notice.kind,
        "fingerprint": _digest(f"{notice.kind} {place.file if place else notice.subject or notice.text}"),
        "severity": _SEVERITY[notice.level],
        # GitLab takes no issue without a place.
        "location": {
            "path": place.file if place else notice.subject or "tailrace",
            "lines": {"begin": (place.line if place else None) or 1},
        },
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _render(kind: Kind, report: object, options: RenderOptions) -> str:
    return render_gitlab(kind.make("diagnostics", report, options))


FORMAT = Format(
    "gitlab",
    "GitLab merge requests",
    remarks="a code quality report: findings, what was not checked, and uses that are undecided",
    serves=has_findings,
    render=_render,
    is_machine=True,
    is_for_forge=True,
)
