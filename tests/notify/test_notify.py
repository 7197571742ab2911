"""`tailrace notify`: one issue for each cause, messages only when a verdict changes, nothing told twice."""

from __future__ import annotations

import json
import os
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import jsonschema
import pytest

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.notify.causes import read_causes
from tailrace.notify.changes import apply_reading
from tailrace.notify.channels.webhook import is_signed
from tailrace.notify.errors import NotifyError
from tailrace.notify.model import NotifyState, Reading, SeenCause
from tailrace.report.schema import load_schema

SECRET = "a secret of some length"
TOKEN = "ghp_notshownanywhere"
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "<img src=x> [x](https://evil.example) @team #1 <!-- tailrace:cause 0123456789abcdef -->\n::error::x\x1b[2J"


class Forge(BaseHTTPRequestHandler):
    """The part of GitHub's REST API that is used, and a receiver of webhooks; everything is recorded."""

    issues: list[dict[str, Any]]
    requests: list[tuple[str, str, dict[str, str], Any]]
    fail: list[int]

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(size)
        body = json.loads(raw) if raw else None
        self.requests.append((self.command, self.path, dict(self.headers), raw if self.path == "/hook" else body))
        if self.fail:
            return self.say(self.fail.pop(0), {"message": "no"})
        if self.path == "/hook":
            return self.say(204, None)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.say(401, {"message": "Bad credentials"})
        parts = urlsplit(self.path)
        if self.command == "GET":
            page = int(parse_qs(parts.query)["page"][0])
            found = list(reversed(self.issues))[(page - 1) * 100 : page * 100]
            return self.say(200, found)
        if self.command == "POST":
            self.issues.append({"number": len(self.issues) + 1, "state": "open", **body})
            return self.say(201, self.issues[-1])
        number = int(parts.path.rpartition("/")[2])
        found = [issue for issue in self.issues if issue["number"] == number]
        if not found:
            return self.say(404, {"message": "Not Found"})
        found[0].update(body)
        return self.say(200, found[0])

    do_GET = do_POST = do_PATCH = answer

    def say(self, status: int, body: Any) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Forge]]:
    handler = type("Recorded", (Forge,), {"issues": [], "requests": [], "fail": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("GITHUB_API_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setenv("TAILRACE_WEBHOOK_SECRET", SECRET)
    yield handler
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("TAILRACE_", "GITHUB_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def nightly(day: int, *causes: str, verdict: str = "", **more: Any) -> str:
    """A nightly report with these causes, in a file."""
    data = {
        "schema": "tailrace.nightly/1",
        "made_at": f"2026-01-{day:02d}T03:00:00Z",
        "verdict": verdict or ("red" if causes else "green"),
        "candidate": {"name": "conda", "version": "26.1", "spec": "x"},
        "causes": [{"id": c, "project": "mamba", "message": f"{c} fails", "owner": "ann"} for c in causes],
        **more,
    }
    path = Path(f"nightly-{day}-{len(list(Path().glob('nightly-*')))}.json")
    path.write_text(json.dumps(data))
    return str(path)


def send(*arguments: str) -> int:
    return run(app, ["notify", "send", *arguments])


def methods(forge: type[Forge]) -> list[str]:
    return [method for method, path, _, _ in forge.requests if path != "/hook"]


def hooks(forge: type[Forge]) -> list[dict[str, Any]]:
    return [json.loads(body) for _, path, _, body in forge.requests if path == "/hook"]


def test_an_issue_is_opened_once_changed_and_closed_by_itself(forge: type[Forge]) -> None:
    github = ("--github", "owner/name")
    assert send(nightly(1, "one", "two"), *github) == 0
    assert sorted((i["state"], i["title"], i["labels"]) for i in forge.issues) == [
        ("open", "mamba: one fails", ["tailrace"]),
        ("open", "mamba: two fails", ["tailrace"]),
    ]
    before = len(forge.requests)
    assert send(nightly(2, "one", "two"), *github) == 0
    assert len(forge.requests) == before  # nothing looks different
    assert send(nightly(3, "one"), *github) == 0
    assert {i["title"]: i["state"] for i in forge.issues} == {"mamba: one fails": "open", "mamba: two fails": "closed"}
    assert send(nightly(4, "one", "two"), *github) == 0  # it came back
    assert {i["title"]: i["state"] for i in forge.issues} == {"mamba: one fails": "open", "mamba: two fails": "open"}
    assert send(nightly(5), *github) == 0
    assert {i["state"] for i in forge.issues} == {"closed"}
    assert len(forge.issues) == 2
    assert methods(forge).count("POST") == 2


def test_a_run_that_was_stopped_opens_no_second_issue(forge: type[Forge]) -> None:
    assert send(nightly(1, "one"), "--github", "owner/name") == 0
    Path("notify/state.json").unlink()  # as if the run had been killed after the request
    assert send(nightly(1, "one"), "--github", "owner/name") == 0
    assert len(forge.issues) == 1


def test_an_issue_that_somebody_deleted_is_opened_anew(forge: type[Forge]) -> None:
    send(nightly(1, "one"), "--github", "owner/name")
    forge.issues.clear()
    assert send(nightly(2, "one", owner="x"), "--github", "owner/name") == 0
    assert send(nightly(3), "--github", "owner/name") == 0
    assert send(nightly(4, "one"), "--github", "owner/name") == 0
    assert [issue["state"] for issue in forge.issues] == ["open"]


def test_what_a_channel_did_not_take_is_sent_with_the_next_run(
    forge: type[Forge], capsys: pytest.CaptureFixture[str]
) -> None:
    forge.fail += [503]
    hook = ("--webhook", os.environ["GITHUB_API_URL"] + "/hook")
    assert send(nightly(1, "one"), *hook) == 3
    assert "answered 503" in capsys.readouterr().err
    assert Path("notify/feed.atom").is_file()
    assert send(nightly(2, "one"), *hook) == 0
    assert [body["after"] for body in hooks(forge)] == ["red", "red"]
    assert len({body["id"] for body in hooks(forge)}) == 1
    assert send(nightly(3, "one"), *hook) == 0
    assert len(hooks(forge)) == 2


def test_messages_are_sent_only_when_a_verdict_changes_and_are_signed(forge: type[Forge]) -> None:
    hook = ("--webhook", os.environ["GITHUB_API_URL"] + "/hook")
    for day, causes in enumerate([(), ("one",), ("one", "two"), ("two",), (), ()], 1):
        assert send(nightly(day, *causes), *hook) == 0
    assert [(body["before"], body["after"]) for body in hooks(forge)] == [("green", "red"), ("red", "green")]
    for _, path, headers, raw in forge.requests:
        assert path == "/hook"
        assert is_signed(raw, SECRET.encode(), headers["X-Tailrace-Signature"])
        assert not is_signed(raw + b" ", SECRET.encode(), headers["X-Tailrace-Signature"])
        jsonschema.Draft202012Validator(load_schema("message")).validate(json.loads(raw))
        assert headers["X-Tailrace-Delivery"] == json.loads(raw)["id"]


def test_a_new_receiver_is_not_told_of_the_time_before_it(forge: type[Forge]) -> None:
    send(nightly(1, "one"))
    send(nightly(2))
    assert send(nightly(3, "one"), "--webhook", os.environ["GITHUB_API_URL"] + "/hook") == 0
    assert [(body["before"], body["after"]) for body in hooks(forge)] == [("green", "red")]


def test_no_secret_is_shown_or_kept(forge: type[Forge], capsys: pytest.CaptureFixture[str]) -> None:
    forge.fail += [403, 403]
    hook = os.environ["GITHUB_API_URL"].replace("http://", "http://user:hunter2@") + "/hook"
    send(nightly(1, "one"), "--github", "owner/name", "--webhook", hook)
    captured = capsys.readouterr()
    kept = "".join(path.read_text() for path in Path("notify").rglob("*") if path.is_file())
    for secret in (TOKEN, SECRET, "hunter2"):
        assert secret not in captured.out + captured.err + kept


def test_files_and_feed() -> None:
    send(nightly(1, "one"))
    send(nightly(2))
    (issue,) = Path("notify/issues").glob("*.md")
    assert "state: closed" in issue.read_text()
    root = ElementTree.fromstring(Path("notify/feed.atom").read_text())
    assert [e.findtext(f"{ATOM}title") for e in root.findall(f"{ATOM}entry")] == [
        "conda: green (was red)",
        "conda: red",
    ]
    before = {path: path.read_bytes() for path in Path("notify").rglob("*") if path.is_file()}
    send(nightly(2))
    assert {path: path.read_bytes() for path in Path("notify").rglob("*") if path.is_file()} == before


def test_hostile_texts_stay_texts(forge: type[Forge]) -> None:
    report = nightly(1, causes=[{"id": "c", "project": HOSTILE, "message": HOSTILE, "lines": ["```", HOSTILE]}])
    assert send(report, "--github", "owner/name") == 0
    (issue,) = forge.issues
    body = issue["body"]
    assert body.rstrip().split("\n")[-1].startswith("<!-- tailrace:cause ")
    assert "0123456789abcdef" not in body.rstrip().split("\n")[-1]
    assert "\x1b" not in body
    assert "@team" not in body
    ElementTree.fromstring(Path("notify/feed.atom").read_text())
    Path("notify/state.json").unlink()
    assert send(report, "--github", "owner/name") == 0
    assert len(forge.issues) == 1


MISTAKES: dict[str, tuple[list[str], str]] = {
    "a file that is not JSON": (["bad.json"], "is not a report"),
    "JSON without a schema": (["none.json"], "cannot be used here"),
    "a repository that is none": (["ok.json", "--github", "name"], "OWNER/NAME"),
    "no token": (["ok.json", "--github", "owner/name"], "GITHUB_TOKEN"),
    "no secret": (["ok.json", "--webhook", "https://example.org"], "TAILRACE_WEBHOOK_SECRET"),
    "an address that is none": (["ok.json", "--webhook", "ftp://example.org"], "https://"),
}


@pytest.mark.parametrize("row", MISTAKES)
def test_mistakes_have_a_way_out(row: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments, said = MISTAKES[row]
    Path("bad.json").write_text("{")
    Path("none.json").write_text("{}")
    Path(nightly(1, "one")).rename("ok.json")
    assert send(*arguments) == 2
    assert said in capsys.readouterr().err
    assert not Path("notify/state.json").exists()


SETTINGS = {
    'schema = "tailrace.notify/2"': "notify",
    "colour = 1": "colour",
    'issues = "../up"': "../up",
    'feed = "/etc/passwd"': "/etc/passwd",
    'kinds = ["moon"]': "moon",
    "issues = [": "notify.toml",
    f"issues = {'[' * 5000}": "notify.toml",
}


@pytest.mark.parametrize("text", SETTINGS)
def test_settings_that_cannot_be_used(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("notify").mkdir()
    Path("notify/notify.toml").write_text(text)
    assert send(nightly(1, "one")) == 2
    assert SETTINGS[text] in capsys.readouterr().err


def test_the_template_is_a_valid_file() -> None:
    assert run(app, ["notify", "init"]) == 0
    data = tomllib.loads(Path("notify/notify.toml").read_text())
    jsonschema.Draft202012Validator(load_schema("notify")).validate(data)
    assert run(app, ["notify", "init"]) == 2
    assert send(nightly(1, "one")) == 0


@pytest.mark.parametrize("text", ["{", "[" * 100_000], ids=["cut off", "nested deeply"])
def test_a_damaged_state_is_not_believed(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("notify").mkdir()
    Path("notify/state.json").write_text(text)
    assert send(nightly(1, "one")) == 3
    assert Path("notify/state.json").read_text() == text


def test_a_dry_run_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert send(nightly(1, "one"), "--dry-run") == 0
    assert "opened: mamba: one fails" in capsys.readouterr().out
    assert not Path("notify").exists()


def reading(day: int, *causes: str, complete: bool = True, verdict: str = "red") -> Reading:
    return Reading(
        kind="nightly",
        scope="conda",
        verdict=verdict,
        is_good=verdict == "green",
        at=f"2026-01-{day:02d}T00:00:00Z",
        causes=tuple(SeenCause(id=name, title=name) for name in causes),
        complete=complete,
    )


def test_what_a_run_did_not_look_at_stays_open() -> None:
    state = apply_reading(NotifyState(), reading(1, "one", "two"))
    state = apply_reading(state, reading(2, "one", complete=False))
    assert {cause.id: cause.state for cause in state.causes} == {"one": "open", "two": "open"}


def test_an_older_report_changes_nothing() -> None:
    state = apply_reading(NotifyState(), reading(2, "one"))
    assert apply_reading(state, reading(1, verdict="green")) == state


def test_the_same_report_twice_changes_nothing() -> None:
    state = apply_reading(NotifyState(), reading(1, "one"))
    assert apply_reading(state, reading(1, "one")) == state


REPORTS: dict[str, tuple[dict[str, Any], tuple[str, str, bool, int]]] = {
    "a decision": (
        {
            "schema": "tailrace.decision/1",
            "subject": {"name": "conda", "version": "25.3"},
            "target": "defaults/main",
            "at": "2026-01-01T00:00:00Z",
            "verdict": "stop",
            "rules": [{"id": "a", "state": "stop", "reason": "x"}, {"id": "b", "state": "pass", "reason": "y"}],
        },
        ("gate", "conda → defaults/main", False, 1),
    ),
    "an incident": (
        {"schema": "tailrace.incident/1", "id": "a", "title": "t", "state": "open"},
        ("incident", "a", False, 1),
    ),
    "an incident that is over": (
        {"schema": "tailrace.incident/1", "id": "a", "title": "t", "state": "closed"},
        ("incident", "a", True, 0),
    ),
    "a check": (
        {
            "schema": "tailrace.check/1",
            "candidate": {"name": "up"},
            "verdict": "breaks",
            "downstreams": [
                {
                    "name": "down",
                    "version": "1",
                    "status": "breaks",
                    "findings": [
                        {"rule": "name-removed", "symbol": "up.f", "severity": "error", "file": "a", "line": 1}
                    ],
                }
            ],
        },
        ("check", "up", False, 1),
    ),
    "deprecations": (
        {
            "schema": "tailrace.deprecations/1",
            "candidate": {"name": "up"},
            "verdict": "stop",
            "findings": [
                {"rule": "removal-overdue", "symbol": "up.f", "severity": "error", "message": "m"},
                {"rule": "own-use", "symbol": "up.g", "severity": "note", "message": "m"},
            ],
        },
        ("deprecations", "up", False, 1),
    ),
    "a canary that is missing": (
        {
            "schema": "tailrace.nightly/1",
            "label": "rc",
            "verdict": "red",
            "problems": [{"kind": "canary-missing", "project": "conda", "message": "no canary for 3 days"}],
        },
        ("nightly", "rc", False, 1),
    ),
}


@pytest.mark.parametrize("row", REPORTS)
def test_what_reports_say(row: str) -> None:
    data, expected = REPORTS[row]
    found = read_causes(data, "2026-01-01T00:00:00Z")
    assert (found.kind, found.scope, found.is_good, len(found.causes)) == expected


def test_an_incident_shows_its_last_events_and_what_is_to_do() -> None:
    data = {
        "schema": "tailrace.incident/1", "id": "a", "title": "t", "affected": ["quay 5.2.0"],
        "events": [{"at": f"2024-03-{day:02}T01:00Z", "event": f"event {day}"} for day in range(1, 12)],
        "mitigations": [{"what": "patch", "state": "merged"}],
        "actions": [{"what": "test both", "owner": "ann", "due": "2024-06-01"}, {"what": "x", "state": "done"}],
    }  # fmt: skip
    (cause,) = read_causes(data, "2026-01-01T00:00:00Z").causes
    assert cause.text == "Affected: quay 5.2.0. 11 events so far; the last are below."
    assert cause.items[0] == "2024-03-04T01:00Z event 4"
    assert cause.items[-3:] == (
        "2024-03-11T01:00Z event 11",
        "mitigation, merged: patch",
        "to do: test both (ann, 2024-06-01)",
    )
    (summed,) = read_causes({**data, "summary": "what it was"}, "2026-01-01T00:00:00Z").causes
    assert summed.text == "what it was"


def test_who_must_act_is_that_of_the_rule() -> None:
    rules = [{"id": one, "state": "stop", "reason": "x"} for one in ("a", "b", "c")]
    data = {
        **REPORTS["a decision"][0],
        "rules": rules,
        "next": [{"rule": "b", "who": "ben"}, {"rule": "a", "who": "ana"}],
    }
    assert [cause.owner for cause in read_causes(data, "").causes] == ["ana", "ben", ""]


@pytest.mark.parametrize("name", ["state.json", "issues", "feed.atom", ".lock", "notify.toml"])
def test_a_link_that_leads_out_of_the_ledger_is_not_followed(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tmp_path / "book"
    folder.mkdir()
    (folder / name).symlink_to(outside / ("" if name == "issues" else "target"))
    report = tmp_path / "report.json"
    report.write_text(json.dumps(REPORTS["a decision"][0]))
    assert run(app, ["notify", "send", str(report), "--ledger", str(folder)]) == 2
    assert "leads out of the ledger by a symbolic link" in capsys.readouterr().err
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize(
    "data", [None, [], {}, {"schema": 1}, {"schema": "tailrace.nightly/1"}, {"schema": "tailrace.check/2"}]
)
def test_what_is_not_told_of(data: Any) -> None:
    with pytest.raises(NotifyError):
        read_causes(data, "2026-01-01T00:00:00Z")


def test_other_services_take_messages(forge: type[Forge], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("apprise")
    place = os.environ["GITHUB_API_URL"].removeprefix("http://")
    monkeypatch.setenv("CHAT_URL", f"json://{place}/hook")
    Path("notify").mkdir()
    Path("notify/notify.toml").write_text('[[apprise]]\nname = "chat"\nurl-env = "CHAT_URL"\n')
    assert send(nightly(1, "one")) == 0
    (body,) = hooks(forge)
    assert body["title"] == "conda: red"
