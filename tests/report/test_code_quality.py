"""GitLab code quality: the fields that GitLab reads, one fingerprint for each issue, and nothing unchecked left out."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from official_sarif import official_validator
from report_examples import EXAMPLES, law, reports

from tailrace.channel.index_formats.values import ChannelCheck, Difference, NotChecked
from tailrace.model import CheckReport
from tailrace.report import RenderOptions, render

#: What GitLab's documentation asks of an issue.
ISSUE = {
    "type": "object",
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "properties": {
        "description": {"type": "string", "minLength": 1},
        "check_name": {"type": "string", "minLength": 1},
        "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": {
            "type": "object",
            "required": ["path", "lines"],
            "properties": {
                "path": {"type": "string", "minLength": 1},
                "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"minimum": 1}}},
            },
        },
    },
}
CHANNEL = ChannelCheck(
    channel="quay",
    status="differences",
    folders=(),
    differences=(
        Difference(folder="noarch", rule="size-differs", file="dock-2.0-0.conda", message="It has 3 bytes, not 4."),
        Difference(folder="noarch", rule="size-differs", file="dock-2.1-0.conda", message="It has 3 bytes, not 4."),
        Difference(folder="", rule="version-skew", message="dock 2.1 is nowhere else."),
    ),
    not_checked=(NotChecked(what="linux-64", reason="no index"), NotChecked(what="osx-64", reason="no index")),
    notes=("a note",),
)


def issues(report: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        render(report, "gitlab", options=RenderOptions(verbose=True, include_possible=True))
    )
    jsonschema.Draft202012Validator({"type": "array", "items": ISSUE}).validate(found)
    prints = [issue["fingerprint"] for issue in found]
    assert len(set(prints)) == len(prints)
    return found


@law
@given(reports())
def test_any_check_is_a_list_of_issues(report: CheckReport) -> None:
    findings = sum(len(d.findings) for d in report.downstreams)
    assert len(issues(report)) >= findings + sum(d.status == "not-checked" for d in report.downstreams)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_fingerprints_stay_when_lines_move(name: str) -> None:
    report = EXAMPLES[name]
    moved = msgspec.structs.replace(
        report,
        downstreams=tuple(
            msgspec.structs.replace(d, findings=tuple(msgspec.structs.replace(f, line=f.line + 7) for f in d.findings))
            for d in report.downstreams
        ),
    )
    assert {i["fingerprint"] for i in issues(moved)} == {i["fingerprint"] for i in issues(report)}


def test_a_channel_check_is_shown_by_the_same_writers() -> None:
    found = issues(CHANNEL)
    assert [issue["check_name"] for issue in found][:3] == ["size-differs", "size-differs", "version-skew"]
    assert {"linux-64", "osx-64"} <= {issue["location"]["path"] for issue in found}
    log = json.loads(render(CHANNEL, "sarif"))
    official_validator().validate(log)
    (run,) = log["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["size-differs", "size-differs", "version-skew"]
    assert not run["invocations"][0]["executionSuccessful"]
    lines = render(CHANNEL, "github").splitlines()
    assert sum(line.startswith("::error ") for line in lines) == 3
    assert sum(line.startswith("::warning ") and "no index" in line for line in lines) == 2
