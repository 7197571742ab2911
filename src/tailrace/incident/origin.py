"""Reads what reports of other commands say of an incident: decisions, nightly runs, checks, exposure, proofs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from tailrace import disk
from tailrace.exposure.grid import ExposureReport
from tailrace.hotfix.prove import HotfixProof
from tailrace.incident.compute import windows_of, with_proof
from tailrace.incident.errors import IncidentDiskError, IncidentError
from tailrace.incident.model import IncidentEvent, IncidentRecord, Window

_LIMIT = 64 << 20
_MOST = 50


def events_of(path: Path, at: str) -> tuple[IncidentEvent, ...]:
    """What a report says happened: the verdict, and each thing that stopped, broke or went red."""
    data = _json(path)
    schema = str(data.get("schema", ""))
    kind = schema.removeprefix("tailrace.").partition("/")[0]
    if not schema.startswith("tailrace.") or not kind:
        raise IncidentError(f"{path} has no schema of Tailrace.", hint="Give the JSON of a decision or a report.")
    verdict = data.get("verdict")
    subject = _subject(data)
    moment = data.get("at") if isinstance(data.get("at"), str) else at
    first = f"{kind} of {subject}: {verdict}" if subject else f"{kind}: {verdict}"
    found = [IncidentEvent(at=str(moment), event=first, kind="detect", by="computed", source=path.name)]
    found += [
        IncidentEvent(at=str(moment), event=text, kind="harm", by="computed", source=path.name)
        for text in list(_reasons(data))[:_MOST]
    ]
    return tuple(found)


def read_exposure(path: Path) -> tuple[Window, ...]:
    """The windows of an exposure report."""
    try:
        report = msgspec.json.decode(_bytes(path), type=ExposureReport)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise IncidentError(f"{path} is not an exposure report: {error}.") from None
    return windows_of(report)


def add_proof(record: IncidentRecord, path: Path, at: str) -> IncidentRecord:
    """The record with the hotfix that a proof is about."""
    data = _bytes(path)
    try:
        proof = msgspec.json.decode(data, type=HotfixProof)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise IncidentError(f"{path} is not the proof of a hotfix: {error}.") from None
    counts = ", ".join(f"{number} {outcome}" for outcome, number in sorted(proof.counts.items()) if number)
    found = with_proof(record, proof, f"hotfix ({counts})", f"sha256:{hashlib.sha256(data).hexdigest()}")
    last = msgspec.structs.replace(found.mitigations[-1], at=at)
    return msgspec.structs.replace(found, mitigations=(*found.mitigations[:-1], last))


def _subject(data: dict[str, Any]) -> str:
    for key in ("subject", "candidate"):
        value = data.get(key)
        if isinstance(value, dict):
            return " ".join(str(value[k]) for k in ("name", "version") if value.get(k))
        if isinstance(value, str):
            return value
    return ""


def _reasons(data: dict[str, Any]) -> Iterator[str]:
    for rule in _dicts(data.get("rules")):
        if rule.get("state") in {"stop", "unknown"}:
            yield f"rule {rule.get('id', '')}: {rule.get('reason') or rule.get('message') or rule.get('state')}"
    for downstream in _dicts(data.get("downstreams")):
        if downstream.get("status") == "breaks":
            yield f"{downstream.get('name')} {downstream.get('version')} breaks"
    for key in ("causes", "groups", "rows", "cells"):
        for row in _dicts(data.get(key)):
            if row.get("state", row.get("status", row.get("verdict"))) in {"red", "fail", "failed"}:
                said = row.get("title") or row.get("name") or row.get("id") or ""
                yield f"{said}: {row.get('reason') or row.get('message') or 'red'}"


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(_bytes(path))
    except (ValueError, RecursionError) as error:
        raise IncidentError(f"{path} is not JSON: {error}.") from None
    if not isinstance(data, dict):
        raise IncidentError(f"{path} is not a report.")
    return data


def _bytes(path: Path) -> bytes:
    try:
        return disk.read_bounded(path, _LIMIT)
    except OSError as error:
        raise IncidentDiskError(f"{path} cannot be read: {error.strerror or error}.") from None
