"""The JSON report: its schema, the way back, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from report_examples import EXAMPLES, MARKUPSAFE, law, reports

from tailrace.model import CheckReport
from tailrace.report import UnreadableReportError, parse_report, render
from tailrace.report.schema import load_schema, schema_text
from tailrace.report.views.order import normalise

_SCHEMA = load_schema("check")


def test_the_schema_file_is_what_the_model_says() -> None:
    """Written anew with `python -m tailrace.report.schema`."""
    assert json.loads(schema_text("check")) == _SCHEMA
    jsonschema.Draft202012Validator.check_schema(_SCHEMA)


@pytest.mark.parametrize("name", sorted(EXAMPLES.keys() - {"hostile"}))
def test_examples_are_valid(name: str) -> None:
    jsonschema.Draft202012Validator(_SCHEMA).validate(json.loads(render(EXAMPLES[name], "json")))


def _broken(*path: str | int, value: Any) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(render(MARKUPSAFE, "json"))
    place: Any = data
    for key in path[:-1]:
        place = place[key]
    if value is None and isinstance(path[-1], str) and path[-1] == "verdict":
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return data


_INVALID = [
    ("another schema", _broken("schema", value="tailrace.check/2")),
    ("no verdict", _broken("verdict", value=None)),
    ("an unknown verdict", _broken("verdict", value="fine")),
    ("a negative count", _broken("counts", "clear", value=-1)),
    ("line zero", _broken("downstreams", 0, "findings", 0, "line", value=0)),
    ("a fingerprint that is none", _broken("downstreams", 0, "findings", 0, "fingerprint", value="XYZ")),
    ("not checked without a reason", _broken("downstreams", 0, "status", value="not-checked")),
    ("checked with a reason", _broken("downstreams", 0, "reason", value="tired")),
]


@pytest.mark.parametrize(("what", "data"), _INVALID, ids=[row[0] for row in _INVALID])
def test_the_schema_refuses(what: str, data: dict[str, Any]) -> None:
    assert not jsonschema.Draft202012Validator(_SCHEMA).is_valid(data)


def test_the_schema_takes_fields_that_come_later() -> None:
    jsonschema.Draft202012Validator(_SCHEMA).validate(_broken("downstreams", 0, "exposure", value="wide"))


@law
@given(reports())
def test_json_comes_back_as_the_same_report(report: CheckReport) -> None:
    text = render(report, "json")
    back = parse_report(text)
    # Half characters cannot be in UTF-8, and are written out; everything else comes back as it was.
    if "\\udc80" not in ascii(report):
        assert back == normalise(report)
    assert render(back, "json") == text
    jsonschema.Draft202012Validator(_SCHEMA).validate(json.loads(text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "truncated|malformed"),
        ("[]", "Expected `object`"),
        ("{", "truncated"),
        (b"\xff\xfe", "malformed|Invalid"),
        ("[" * 100_000, "recurs|malformed|Expected"),
        (json.dumps(_broken("schema", value="tailrace.check/2")), "tailrace.check/2"),
        (json.dumps(_broken("counts", "clear", value=1)), "it counts 3 downstreams, by status 2, and holds 3"),
        (json.dumps(_broken("downstreams", value=[])), "it counts 3 downstreams, by status 3, and holds 0"),
    ],
)
def test_what_is_no_report_is_refused_with_the_reason(text: str | bytes, reason: str) -> None:
    with pytest.raises(UnreadableReportError, match=reason):
        parse_report(text)
