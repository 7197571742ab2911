"""A run of the benchmark end to end, with engines that answer, crash and hang."""

import json
import sys

import pytest

import incident_engines
import incidents
from incident_rows import Row
from incident_scoring import Answer, Reported
from incident_table import RowResult, render_comparison, render_tables

ROW = {
    "id": "B1",
    "expected": "break",
    "provider": "up",
    "provider_old": "1",
    "provider_new": "2",
    "consumer": "down",
    "consumer_broken": "5",
    "consumer_fixed": "6",
    "symbol": "up.gone",
    "file": "down/a.py",
    "line": 3,
    "technique": "direct",
    "static": True,
}


def test_a_run_over_git_rows_without_clones_says_not_run_and_is_written(tmp_path, capsys):
    rows, out = tmp_path / "rows.jsonl", tmp_path / "out.json"
    rows.write_text(json.dumps({**ROW, "provider_source": "git"}) + "\n")
    assert incidents.main(["--rows", str(rows), "--json", str(out)]) == 0
    assert "not-run, fixed not-run" in capsys.readouterr().out
    written = json.loads(out.read_text())
    assert [row["outcome"] for row in written["rows"]] == ["not-run"]
    assert incidents.main(["--rows", str(rows), "--compare", str(out)]) == 0
    assert "worse or otherwise changed: 0" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("raise SystemExit(7)", "exit status 7"),
        ("import os; os.abort()", "exit status -6"),
        ("print('[]')", "0 answers to 2 questions"),
        ("import time; time.sleep(60)", "no answer after"),
    ],
)
def test_a_crash_is_an_outcome_of_its_row(tmp_path, monkeypatch, program, reason):
    (tmp_path / "incident_engines.py").write_text(program)
    monkeypatch.setattr(incidents, "HERE", tmp_path)
    limit = 1.0 if "sleep" in program else 30.0
    result = incidents.run_row(Row(**ROW), "tailrace", {}, limit)
    assert (result.outcome, result.fixed_outcome) == ("error", "error")
    assert reason in (result.subject.reason or "")


def test_an_exception_of_the_engine_is_an_answer_for_each_downstream(monkeypatch, capsys):
    class Stdin:
        class buffer:
            @staticmethod
            def read():
                return json.dumps(
                    {
                        "engine": "tailrace",
                        "specs": {"baseline": "u==1", "candidate": "u==2", "subject": "d==1", "fixed": "d==2"},
                    }
                ).encode()

    def fail(specs):
        raise ValueError(f"cannot read {specs.subject}")

    monkeypatch.setattr(sys, "stdin", Stdin)
    monkeypatch.setitem(incident_engines.ENGINES, "tailrace", fail)
    incident_engines.main()
    answers = json.loads(capsys.readouterr().out)
    assert [(answer["status"], answer["reason"]) for answer in answers] == [
        ("error", "ValueError: cannot read d==1")
    ] * 2


def result(identifier, outcome, **more):
    return RowResult(row=Row(**{**ROW, "id": identifier}), outcome=outcome, subject=Answer(status="clear"), **more)


def test_the_tables_count_every_row_once_and_list_what_was_said_instead():
    said = Answer(
        status="breaks", reported=(Reported(file="down/b.py", line=9, symbol="up.other", rule="name-removed"),)
    )
    alarm = Answer(status="breaks", reported=(Reported(file="down/a.py", line=3, symbol="up.gone"),))
    results = [
        result("B1", "found"),
        RowResult(
            row=Row(**{**ROW, "id": "B2"}), outcome="misplaced", subject=said, fixed_outcome="false-alarm", fixed=alarm
        ),
        result("B3", "not-run"),
        result("B4", "error"),
    ]
    text = render_tables("tailrace", results)
    assert "all breaks" in text
    assert "33.3" in text  # one of the three rows that were run
    assert "B2 misplaced [direct] up.gone at down/a.py:3" in text
    assert "down/b.py:9 up.other (name-removed)" in text
    assert "B2 up 1→2 / down 6: up.gone" in text
    assert "Breaks not found: 1" in text
    assert "False alarms: 1" in text


def test_a_comparison_lists_only_what_changed():
    old = [result("B1", "found"), result("B2", "missed"), result("B3", "found")]
    new = [result("B1", "found"), result("B2", "found"), result("B3", "missed"), result("B4", "missed")]
    text = render_comparison(old, new)
    assert "B3 [direct] found → missed" in text
    assert "B2 [direct] missed → found" in text
    assert "B1" not in text
    assert "B4" not in text
