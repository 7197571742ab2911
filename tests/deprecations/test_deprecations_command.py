"""`tailrace deprecations` as a user calls it: formats, the schema, exit statuses, and what a user gets wrong."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.report.formats import formats_of
from tailrace.report.schema import build_schema

HOSTILE = "use\\x1b[2J [x](https://evil.example) <b> %0A::error::x"
BASELINE = "def gone(): ...\ndef kept(): ...\n"
CANDIDATE = (
    f"import warnings\ndef kept():\n    warnings.warn('since 1.5, removed in 1.6 {HOSTILE}', DeprecationWarning)\n"
)


@pytest.fixture(autouse=True)
def _projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("TAILRACE_", "GITHUB_")):
            monkeypatch.delenv(name)
    project("old", "up", "1.4.0", BASELINE)
    project("new", "up", "1.5.0", CANDIDATE)
    project("down", "down", "3.0", "from up import gone\n")
    project("broken", "down", "3.0", "from up import (\n")
    project("due", "up", "25.1.0", "@deprecated('24.11', '25.1')\nclass C: ...\n")


def project(folder: str, name: str, version: str, source: str) -> None:
    package = Path(folder, name)
    package.mkdir(parents=True)
    requires = 'dependencies = ["up"]\n' if name == "down" else ""
    Path(folder, "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "{version}"\n{requires}')
    (package / "__init__.py").write_text(source)


STATUSES: dict[str, tuple[list[str], int]] = {
    "a removal that is used": (["./old", "./new", "-d", "./down"], 1),
    "a removal that nobody is known to use": (["./old", "./new"], 0),
    "a downstream that cannot be read": (["./old", "./new", "-d", "./broken"], 3),
    "due in the version that is cut": (["./due", "--cutting", "25.1.0", "--profile", "conda-build"], 1),
    "not due in an earlier one": (["./due", "--cutting", "24.11.3", "--profile", "conda-build"], 0),
    "due in the candidate": (["./old", "./due", "--profile", "conda-build"], 1),
    "cut as another version": (["./old", "./due", "--cutting", "24.11.3", "--profile", "conda-build"], 0),
}


@pytest.mark.parametrize("row", STATUSES)
def test_exit_statuses(row: str) -> None:
    arguments, status = STATUSES[row]
    assert run(app, ["deprecations", *arguments]) == status


MISTAKES: dict[str, tuple[list[str], str]] = {
    "no release": ([], "BASELINE CANDIDATE"),
    "one release and no version": (["./new"], "--cutting VERSION"),
    "three releases": (["./old", "./new", "./down"], "BASELINE CANDIDATE"),
    "a profile that does not exist": (["./old", "./new", "--profile", "cep9"], "cep-9"),
    "a version that is none": (["./new", "--cutting", "tomorrow"], "is not a version"),
    "a pattern that is none": (["./old", "./new", "--public", "a b"], "pkg.*"),
    "a format that does not exist": (["./old", "./new", "-f", "yaml"], "sarif"),
    "a folder that does not exist": (["./old", "./none"], "none"),
    "the same release": (["./old", "./old"], "same"),
    "two projects": (["./old", "./down"], "up"),
}


@pytest.mark.parametrize("row", MISTAKES)
def test_mistakes_have_a_way_out(row: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, said = MISTAKES[row]
    assert run(app, ["deprecations", *arguments]) == 2
    shown = capsys.readouterr().err
    assert said in shown
    assert "Traceback" not in shown


def test_json_is_what_the_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    run(app, ["deprecations", "./old", "./new", "-d", "./down", "--profile", "n-minors", "-f", "json"])
    report = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(build_schema("deprecations")).validate(report)
    assert report["schema"] == "tailrace.deprecations/1"
    first = report["findings"][0]
    assert {k: first[k] for k in ("rule", "severity", "symbol", "file", "line", "announced_in", "remove_in")} == {
        "rule": "removed-unannounced",
        "severity": "error",
        "symbol": "up.gone",
        "file": "up/__init__.py",
        "line": 1,
        "announced_in": None,
        "remove_in": None,
    }
    assert first["used_by"] == [
        {"name": "down", "version": "3.0", "file": "down/__init__.py", "line": 1, "breaks": True}
    ]
    assert [f["rule"] for f in report["findings"]] == ["removed-unannounced", "window-too-short"]


@pytest.mark.parametrize("format", formats_of("deprecations"))
def test_every_format_names_the_finding_and_stays_inert(format: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(app, ["deprecations", "./old", "./new", "-d", "./down", "--profile", "n-minors", "-f", format])
    out = capsys.readouterr().out
    assert "up.gone" in out
    assert "removed-unannounced" in out
    assert "\x1b[2J" not in out
    if format == "github":
        assert out.count("\n::") == 2
    if format == "markdown":
        assert "](https" not in out


def test_sarif_is_valid(capsys: pytest.CaptureFixture[str]) -> None:
    run(app, ["deprecations", "./old", "./new", "-d", "./down", "--profile", "n-minors", "-f", "sarif"])
    log = json.loads(capsys.readouterr().out)
    _official().validate(log)
    results = log["runs"][0]["results"]
    assert [(r["ruleId"], r["level"]) for r in results] == [
        ("removed-unannounced", "error"),
        ("window-too-short", "note"),
    ]


def test_the_configuration_gives_the_profile_and_the_public_names(capsys: pytest.CaptureFixture[str]) -> None:
    Path("tailrace.toml").write_text('[deprecations]\nprofile = "n-minors=3"\npublic = ["up.*", "!up.gone"]\n')
    assert run(app, ["deprecations", "./old", "./new", "-d", "./down", "-f", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["profile"] == "n-minors=3"
    assert [f["rule"] for f in report["findings"]] == ["window-too-short"]


def _official() -> Any:
    path = Path(__file__).parents[1] / "report" / "official_sarif.py"
    spec = importlib.util.spec_from_file_location("official_sarif_for_deprecations", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.official_validator()
