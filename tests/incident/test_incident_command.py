"""`tailrace incident` as a user calls it, and what stands in the ledger afterwards."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.report.formats import formats_of
from tailrace.report.schema import build_schema

POSTMORTEM = Path(__file__).parent / "postmortem.md"
HOSTILE = "<script>alert(1)</script> [x](javascript:alert(1)) \x1b[2J ::error::x | ]]> &"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("TAILRACE_"):
            monkeypatch.delenv(name)


def incident(*arguments: str) -> int:
    return run(app, ["incident", *arguments])


def record() -> dict[str, object]:
    (path,) = Path("incidents").glob("*/incident.toml")
    return tomllib.loads(path.read_text("utf-8"))


def test_a_record_from_the_first_event_to_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    assert incident("open", "quay 5.2 breaks dock", "--at", "2024-03-04T23:09Z", "--affected", "quay 5.2.0") == 0
    assert incident("event", "bug filed", "--at", "2024-03-05T02:09+01:00", "--kind", "detect") == 0
    assert incident("event", "it had landed", "--at", "2024-03-04", "--link", "https://example.org/1") == 0
    assert incident("mitigate", "pin quay", "--state", "planned") == 0
    assert incident("mitigate", "pin quay", "--state", "merged", "--at", "2024-03-05T03:00Z") == 0
    assert incident("action", "test both", "--kind", "detect", "--owner", "ann", "--due", "2024-06-01") == 0
    data = record()
    assert data["schema"] == "tailrace.incident/1"
    assert [(e["at"], e["event"]) for e in data["events"]] == [  # type: ignore[attr-defined]
        ("2024-03-04T23:09Z", "incident opened: quay 5.2 breaks dock"),
        ("2024-03-05T01:09Z", "bug filed"),
        ("2024-03-04", "it had landed"),
    ]
    assert data["mitigations"] == [{"what": "pin quay", "state": "merged", "at": "2024-03-05T03:00Z"}]
    capsys.readouterr()
    assert incident("timeline") == 0
    shown = capsys.readouterr().out
    assert shown.index("it had landed") < shown.index("incident opened") < shown.index("bug filed")


MISTAKES: dict[str, tuple[list[str], int, str]] = {
    "no incident": (["render"], 2, "there is no incident"),
    "an unknown one": (["event", "x", "--id", "none"], 2, "there is no incident none"),
    "a bad id": (["open", "x", "--id", "../up"], 2, "is not an id"),
    "a bad moment": (["open", "x", "--at", "yesterday"], 2, "is not a date"),
    "an address that is none": (["event", "x", "--link", "javascript:1"], 2, "is not an address"),
    "an empty text": (["event", " "], 2, "empty"),
    "a kind that does not exist": (["event", "x", "--kind", "bad"], 2, "harm"),
    "a file that does not exist": (["import", "none.md"], 3, "cannot be read"),
    "a combination that is none": (["open", "x", "--broken", "conda >="], 2, "conda"),
    "a scenario that does not exist": (["open", "x", "--scenario", "none"], 2, "conda-4.13"),
}


@pytest.mark.parametrize("row", MISTAKES)
def test_mistakes_have_a_way_out(row: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, status, said = MISTAKES[row]
    assert incident(*arguments) == status
    assert said in capsys.readouterr().err
    assert not Path("incidents").exists() or not list(Path("incidents").glob("*/incident.toml"))


def test_nothing_is_overwritten(capsys: pytest.CaptureFixture[str]) -> None:
    assert incident("import", str(POSTMORTEM)) == 0
    before = record()
    assert incident("import", str(POSTMORTEM)) == 2
    assert "already" in capsys.readouterr().err
    assert record() == before


def test_import_names_the_disorders(capsys: pytest.CaptureFixture[str]) -> None:
    assert incident("import", str(POSTMORTEM), "--id", "a", "--ledger", "book") == 0
    out = capsys.readouterr().out
    assert "9 events, 3 mitigations, 5 action items, 12 disorders" in out
    assert "row-out-of-order, line 40" in out
    assert Path("book/a/incident.toml").is_file()


def test_render_writes_the_picture_beside_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    incident("import", str(POSTMORTEM), "--id", "a")
    assert incident("render", "--id", "a", "-o", "out.md") == 0
    assert "![Timeline](timeline.svg)" in Path("out.md").read_text()
    root = ElementTree.fromstring(Path("timeline.svg").read_text())
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 9 + 5
    capsys.readouterr()
    assert incident("render", "--id", "a") == 0
    assert "## Timeline <small>(UTC)</small>" in capsys.readouterr().out
    assert Path("incidents/a/timeline.svg").is_file()


def test_json_is_what_the_schema_says(capsys: pytest.CaptureFixture[str]) -> None:
    incident("import", str(POSTMORTEM), "--scenario", "conda-4.13")
    capsys.readouterr()
    assert incident("render", "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(build_schema("incident")).validate(document)
    assert document["schema"] == "tailrace.incident/1"
    assert document["candidate"]["name"] == "conda"


@pytest.mark.parametrize("format", formats_of("incident"))
def test_hostile_texts_stay_texts(format: str, capsys: pytest.CaptureFixture[str]) -> None:
    incident("open", HOSTILE, "--id", "a", "--author", HOSTILE, "--affected", HOSTILE)
    incident("event", HOSTILE, "--source", HOSTILE)
    incident("mitigate", HOSTILE, "--owner", HOSTILE)
    incident("action", HOSTILE)
    capsys.readouterr()
    assert incident("render", "--format", format) == 0
    out = capsys.readouterr().out
    assert "\x1b[2J" not in out
    if format == "html":
        assert "<script" not in out
        assert 'href="javascript' not in out
    for line in out.split("\n"):
        assert not line.startswith("::error")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//host/x"])
def test_only_addresses_become_links(link: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path("incidents/a")
    folder.mkdir(parents=True)
    event = f'events = [{{ at = "2024-01-01T00:00Z", event = "e", link = "{link}" }}]\n'
    (folder / "incident.toml").write_text(f'schema = "tailrace.incident/1"\nid = "a"\ntitle = "t"\n{event}')
    for format, mark in (("markdown", f"]({link})"), ("html", f'href="{link}"')):
        assert incident("render", "--format", format) == 0
        assert mark not in capsys.readouterr().out


def test_no_more_of_a_post_mortem_is_read_than_it_may_hold(capsys: pytest.CaptureFixture[str]) -> None:
    with Path("pm.md").open("wb") as file:  # with a hole, so that the disk holds none of it
        file.truncate(1 << 40)
    assert incident("import", "pm.md") == 2
    assert "longer than 4 MiB" in capsys.readouterr().err


def test_a_hostile_picture_is_well_formed(capsys: pytest.CaptureFixture[str]) -> None:
    incident("open", HOSTILE, "--id", "a")
    capsys.readouterr()
    assert incident("timeline", "--format", "svg") == 0
    text = capsys.readouterr().out
    ElementTree.fromstring(text)
    assert "<script" not in text


def test_the_windows_are_those_of_exposure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    channel = tmp_path / "harbour" / "noarch"
    channel.mkdir(parents=True)
    packages = {
        f"{name}-{version}-0.conda": {
            "name": name,
            "version": version,
            "build": "0",
            "build_number": 0,
            "depends": depends,
            "subdir": "noarch",
            "timestamp": when,
        }
        for name, version, depends, when in (
            ("dock", "1.0", ["quay"], 1_709_251_200_000),
            ("quay", "5.1", [], 1_709_251_200_000),
            ("quay", "5.2", [], 1_709_510_400_000),  # 2024-03-04
            ("dock", "1.1", ["quay"], 1_709_683_200_000),  # 2024-03-06
        )
    }
    (channel / "repodata.json").write_text(
        json.dumps({"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": packages})
    )
    asked = ["exposure", "dock", "-c", "./harbour", "--since", "2024-03-02", "--until", "2024-03-10"]
    assert run(app, [*asked, "--broken", "quay >=5.2 & dock <1.1", "--format", "json:exposure.json"]) == 1
    report = json.loads(Path("exposure.json").read_text())
    spans = {
        (course["client"], course["priority"], span["begin"], span["end"])
        for course in report["courses"]
        for span in course["spans"]
        if span["exposed"]
    }
    incident("open", "quay 5.2 breaks dock", "--id", "a", "--at", "2024-03-05T10:00Z")
    assert incident("timeline", "--exposure", "exposure.json", "--save") == 0
    windows = record()["windows"]
    assert {(w["client"], w["priority"], w["begin"], w["end"]) for w in windows} == {  # type: ignore[attr-defined]
        (client, priority, begin.replace(":00Z", "Z"), end.replace(":00Z", "Z"))
        for client, priority, begin, end in spans
    }
    out = capsys.readouterr().out
    assert "the first harmful pair is installed" in out
    assert out.index("first harmful pair") < out.index("incident opened") < out.index("cease to get it")
    assert incident("timeline", "--exposure", "exposure.json", "--save") == 0
    assert len(record()["windows"]) == len(windows)  # type: ignore[arg-type]


def test_a_decision_opens_an_incident() -> None:
    decision = {
        "schema": "tailrace.decision/1",
        "subject": {"name": "conda", "version": "4.13.0"},
        "at": "2022-05-26T23:09:00Z",
        "verdict": "stop",
        "rules": [
            {"id": "no-new-breaks", "state": "stop", "reason": "conda-build breaks"},
            {"id": "x", "state": "pass"},
        ],
    }
    Path("decision.json").write_text(json.dumps(decision))
    assert incident("open", "conda 4.13.0", "--from", "decision.json", "--at", "2022-05-26T23:10Z") == 0
    assert [e["event"] for e in record()["events"]] == [  # type: ignore[attr-defined]
        "incident opened: conda 4.13.0",
        "decision of conda 4.13.0: stop",
        "rule no-new-breaks: conda-build breaks",
    ]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": "other/1"}', "[" * 100_000])
def test_what_is_not_a_reason(text: str) -> None:
    Path("bad.json").write_text(text)
    assert incident("open", "x", "--from", "bad.json") == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "schema = 1",
        'schema = "tailrace.incident/2"\nid = "a"\ntitle = "t"',
        'schema = "tailrace.incident/1"',
        "a = [",
        pytest.param("a = " + "[" * 5000, id="nested deeply"),
    ],
)
def test_a_broken_record_is_not_believed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path("incidents/a")
    folder.mkdir(parents=True)
    (folder / "incident.toml").write_text(text)
    assert incident("event", "x", "--id", "a") == 2
    assert (folder / "incident.toml").read_text() == text
    assert "incident.toml" in capsys.readouterr().err


def test_a_key_that_nobody_knows_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    folder = Path("incidents/a")
    folder.mkdir(parents=True)
    (folder / "incident.toml").write_text('schema = "tailrace.incident/1"\nid = "a"\ntitle = "t"\ntitel = "u"\n')
    assert incident("render") == 2
    assert "titel" in capsys.readouterr().err


def test_the_facts_of_a_scenario_are_a_record() -> None:
    scenario = Path(__file__).parents[2] / "src/tailrace/replay/scenarios/conda-4.13/scenario.toml"
    text = scenario.read_text("utf-8").replace(
        'schema = "tailrace.scenario/1"', 'schema = "tailrace.incident/1"\nid = "a"'
    )
    folder = Path("incidents/a")
    folder.mkdir(parents=True)
    (folder / "incident.toml").write_text(text)
    assert incident("timeline") == 0


def test_events_of_several_processes_are_all_kept() -> None:
    incident("open", "x", "--id", "a")
    command = [sys.executable, "-m", "tailrace", "incident", "event", "--id", "a"]
    running = [subprocess.Popen([*command, f"event {n}"], stdout=subprocess.DEVNULL) for n in range(3)]
    assert [process.wait(120) for process in running] == [0, 0, 0]
    events = record()["events"]
    assert {e["event"] for e in events} >= {f"event {n}" for n in range(3)}  # type: ignore[attr-defined]


def test_no_half_written_file_is_left() -> None:
    incident("open", "x", "--id", "a")
    incident("event", "y")
    names = {path.name for path in Path("incidents/a").iterdir()}
    assert {name for name in names if not re.fullmatch(r"incident\.toml|\.lock", name)} == set()
