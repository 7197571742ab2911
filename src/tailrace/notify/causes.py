"""Extracts verdicts and causes from the reports of other commands."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tailrace.notify.errors import NotifyError
from tailrace.notify.model import Reading, ReportKind, SeenCause

_LINES = 20
#: So many events of an incident are shown, the last.
_EVENTS = 8
_GOOD = frozenset({"go", "green", "clear", "contained", "closed", "pass"})


def read_causes(data: Any, at: str) -> Reading:
    """What a report says. `at`: now, for reports that carry no time. Raises `NotifyError` for any other JSON."""
    schema = data.get("schema") if isinstance(data, dict) else None
    reader = _READERS.get(str(schema).partition("/")[0])
    if reader is None or not str(schema).endswith("/1"):
        known = ", ".join(f"{name}/1" for name in _READERS)
        raise NotifyError(
            f"a report with the schema {schema!r} cannot be used here.", hint=f"Supported schemas: {known}."
        )
    return reader(data, at)


def cause_id(*parts: str) -> str:
    """16 hex digits that stand for a cause, the same in every report."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _gate(data: dict[str, Any], at: str) -> Reading:
    subject = _dict(data.get("subject"))
    name, target = _text(subject.get("name")), _text(data.get("target"))
    version = _text(subject.get("version"))
    causes = [
        _cause(
            cause_id("gate", name, target, _text(rule.get("id"))),
            f"{name} → {target}: {_text(rule.get('id'))} says {_text(rule.get('state'))}",
            f"{name} {version} for {target}: {_text(rule.get('reason'))}",
            (_text(finding.get("message")) for finding in _dicts(rule.get("findings"))),
            owner=next(
                (_text(step.get("who")) for step in _dicts(data.get("next")) if step.get("rule") == rule.get("id")), ""
            ),
        )
        for rule in _dicts(data.get("rules"))
        if rule.get("state") in {"stop", "unknown"}
    ]
    return _reading("gate", f"{name} → {target}", data, at, causes, summary=f"{name} {version}")


def _nightly(data: dict[str, Any], at: str) -> Reading:
    candidate = _dict(data.get("candidate"))
    scope = _text(data.get("label")) or _text(candidate.get("name")) or "nightly"
    causes = [
        _cause(
            cause_id("nightly", _text(cause.get("id")) or _text(cause.get("message"))),
            f"{_text(cause.get('project')) or scope}: {_text(cause.get('message') or cause.get('title'))}",
            " ".join(
                said
                for said in (
                    f"First bad: {_text(cause.get('first_bad'))}." if cause.get("first_bad") else "",
                    f"Seen in {_text(cause.get('failures'))} failures." if cause.get("failures") else "",
                )
                if said
            ),
            map(_text, _list(cause.get("cells"))),
            map(_text, _list(cause.get("lines"))),
            _text(cause.get("owner")),
        )
        for cause in _dicts(data.get("causes"))
    ]
    causes += [
        _cause(
            cause_id("nightly", _text(problem.get("kind")), _text(problem.get("project"))),
            f"{_text(problem.get('project')) or scope}: {_text(problem.get('message'))}",
            f"{_text(problem.get('kind'))}, since {_text(problem.get('since')) or 'an unknown time'}.",
            owner=_text(problem.get("owner")),
        )
        for problem in _dicts(data.get("problems"))
    ]
    # A run that was cut short, or that ran only some cells, shows nothing of the others.
    complete = data.get("verdict") in {"green", "red"} and not _list(data.get("left_out"))
    return _reading("nightly", scope, data, at, causes, complete=complete)


def _incident(data: dict[str, Any], at: str) -> Reading:
    state = _text(data.get("state")) or "open"
    id, title = _text(data.get("id")), _text(data.get("title"))
    events = [f"{_text(one.get('at'))} {_text(one.get('event'))}" for one in _dicts(data.get("events"))]
    mitigations = [
        f"mitigation, {_text(one.get('state')) or 'planned'}: {_text(one.get('what'))}"
        for one in _dicts(data.get("mitigations"))
    ]
    actions = [
        f"to do: {_text(one.get('what'))} ({_text(one.get('owner')) or 'nobody'}, {_text(one.get('due')) or 'no date'})"
        for one in _dicts(data.get("actions"))
        if one.get("state", "open") == "open"
    ]
    cause = _cause(
        cause_id("incident", id),
        title,
        _text(data.get("summary")) or _affected(data),
        (*events[-_EVENTS:], *mitigations, *actions),
    )
    return _reading("incident", id, {**data, "verdict": state}, at, [] if state == "closed" else [cause], summary=title)


def _affected(data: dict[str, Any]) -> str:
    """What is affected and how much has happened, for an incident without a summary."""
    affected = ", ".join(map(_text, _list(data.get("affected"))))
    count = len(_list(data.get("events")))
    said = [
        f"Affected: {affected}." if affected else "",
        f"{count} events so far; the last are below." if count else "",
    ]
    return " ".join(text for text in said if text)


def _check(data: dict[str, Any], at: str) -> Reading:
    candidate = _dict(data.get("candidate"))
    name = _text(candidate.get("name"))
    found: dict[str, list[str]] = {}
    for downstream in _dicts(data.get("downstreams")):
        title = f"{_text(downstream.get('name'))} {_text(downstream.get('version'))}"
        if downstream.get("status") == "breaks":
            for finding in _dicts(downstream.get("findings")):
                if finding.get("severity") == "error":
                    key = f"{_text(finding.get('rule'))} {_text(finding.get('symbol'))}"
                    found.setdefault(key, []).append(f"{title} {_text(finding.get('file'))}:{finding.get('line')}")
        elif downstream.get("status") == "not-checked":
            found.setdefault(f"not checked: {_text(downstream.get('name'))}", []).append(
                _text(downstream.get("reason"))
            )
    causes = [
        _cause(cause_id("check", name, key), f"{name}: {key}", "", places) for key, places in sorted(found.items())
    ]
    return _reading("check", name, data, at, causes, complete=data.get("verdict") != "incomplete")


def _deprecations(data: dict[str, Any], at: str) -> Reading:
    name = _text(_dict(data.get("candidate")).get("name"))
    causes = [
        _cause(
            cause_id("deprecations", name, _text(finding.get("rule")), _text(finding.get("symbol"))),
            f"{name}: {_text(finding.get('rule'))} {_text(finding.get('symbol'))}",
            _text(finding.get("message")),
            (
                f"{_text(use.get('name'))} {_text(use.get('version'))} {_text(use.get('file'))}:{use.get('line')}"
                for use in _dicts(finding.get("used_by"))
            ),
        )
        for finding in _dicts(data.get("findings"))
        if finding.get("severity") == "error"
    ]
    return _reading("deprecations", name, data, at, causes, complete=data.get("verdict") != "incomplete")


_READERS: dict[str, Callable[[dict[str, Any], str], Reading]] = {
    "tailrace.decision": _gate,
    "tailrace.nightly": _nightly,
    "tailrace.incident": _incident,
    "tailrace.check": _check,
    "tailrace.deprecations": _deprecations,
}


def _reading(
    kind: ReportKind,
    scope: str,
    data: dict[str, Any],
    at: str,
    causes: list[SeenCause],
    *,
    summary: str = "",
    complete: bool = True,
) -> Reading:
    verdict = _text(data.get("verdict"))
    if not verdict or not scope:
        raise NotifyError(f"the report of kind {kind} has no verdict, or does not say what it is about.")
    moment = _text(data.get("at") or data.get("made_at")) or at
    return Reading(
        kind=kind,
        scope=scope,
        verdict=verdict,
        is_good=verdict in _GOOD,
        at=moment,
        summary=summary,
        causes=tuple({cause.id: cause for cause in causes}.values()),
        complete=complete,
    )


def _cause(
    id: str, title: str, text: str, items: Iterable[str] = (), lines: Iterable[str] = (), owner: str = ""
) -> SeenCause:
    listed = [" ".join(item.split()) for item in items if item]
    more = (f"and {len(listed) - _LINES} more",) if len(listed) > _LINES else ()
    return SeenCause(
        id=id,
        title=" ".join(title.split()),
        text=text,
        items=(*listed[:_LINES], *more),
        lines=tuple(lines)[-_LINES:],
        owner=owner,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    return (item for item in _list(value) if isinstance(item, dict))
