"""A checker that dies, hangs or is not there costs only what it was asked about."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tailrace.check.typecheck import Query, Setup, Side, run

from .conftest import Compare, write

GOOD = "import up\nup.x\n"
# Deeper than the checker's stack.
DEADLY = "import up\nup" + ".b" * 20_000 + "\n"


def setup(tmp_path: Path, **files: str) -> Setup:
    upstream = write(tmp_path / "up", {"up.py": "y = 1\n"})
    downstream = write(tmp_path / "down", {f"{name}.py": text for name, text in files.items()})
    return Setup(downstream, ("",), upstream, (upstream,), "3.12")


def program(tmp_path: Path, body: str) -> Path:
    path = tmp_path / "ty"
    path.write_text(f"#!{sys.executable}\nimport sys, time, os\n{body}\n")
    path.chmod(0o755)
    return path


def test_a_file_that_kills_the_checker_costs_only_itself(tmp_path: Path) -> None:
    result = run(["a.py", "deadly.py", "z.py"], setup(tmp_path, a=GOOD, deadly=DEADLY, z=GOOD), time_limit=60)
    assert [(one.file, one.line) for one in result.diagnostics] == [("a.py", 2), ("z.py", 2)]
    [lost] = result.unchecked
    assert (lost.file, lost.reason) == ("deadly.py", "crashed")
    assert not result.failed


def test_questions_can_be_asked_after_a_crash(tmp_path: Path) -> None:
    with Side(setup(tmp_path, a=GOOD, deadly=DEADLY), time_limit=60) as side:
        assert side.check(["deadly.py"]).unchecked
        answers = side.ask([Query("a.py", 2, 4, 2, 2)])
    assert [answer.receiver.text for answer in answers.values()] == ["<module 'up'>"]


posix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script with a #! line")


@posix
@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("time.sleep(100)", "timed-out"),
        ("sys.stdin.buffer.read()", "timed-out"),
        ("os.fork(); time.sleep(100)", "timed-out"),
        ("sys.exit('no')", "crashed"),
        ("print('Content-Length: 5\\r\\n\\r\\nabc', flush=True)", "crashed"),
        ("print('Content-Length: 3\\r\\n\\r\\nabc', flush=True); time.sleep(100)", "crashed"),
        ("print('Content-Length: x\\r\\n\\r\\nabc', flush=True); time.sleep(100)", "crashed"),
        ("print('Content-Length: 99999999999\\r\\n\\r\\n', flush=True); time.sleep(100)", "crashed"),
    ],
)
def test_a_checker_that_hangs_or_babbles_is_told_as_a_reason(tmp_path: Path, body: str, reason: str) -> None:
    begin = time.monotonic()
    limit = 1 if reason == "timed-out" else 60  # on a busy machine a second is over before a program has started
    result = run(["a.py"], setup(tmp_path, a=GOOD), time_limit=limit, program=program(tmp_path, body))
    assert [(entry.file, entry.reason) for entry in result.unchecked] == [("a.py", reason)]
    assert result.diagnostics == ()
    assert time.monotonic() - begin < 30


def test_a_checker_that_is_not_there_is_told_as_a_reason(tmp_path: Path) -> None:
    result = run(["a.py"], setup(tmp_path, a=GOOD), time_limit=1, program=tmp_path / "gone")
    assert result.failed
    assert [entry.reason for entry in result.unchecked] == ["not-found"]
    with Side(setup(tmp_path, a=GOOD), time_limit=1, program=tmp_path / "gone") as side:
        assert side.ask([Query("a.py", 1, 1)]) == {}


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    result = run(["gone.py", "a.py"], setup(tmp_path, a=GOOD), time_limit=60)
    assert [(entry.file, entry.reason) for entry in result.unchecked] == [("gone.py", "unreadable")]
    assert len(result.diagnostics) == 1


def test_a_file_of_data_is_left_out(tmp_path: Path) -> None:
    result = run(["big.py"], setup(tmp_path, big="x = '" + "a" * 9_000_000 + "'\n"), time_limit=60)
    assert [(entry.file, entry.reason) for entry in result.unchecked] == [("big.py", "unreadable")]


def test_no_time_is_no_answer_rather_than_a_clean_bill(tmp_path: Path) -> None:
    result = run(["a.py"], setup(tmp_path, a=GOOD), time_limit=0)
    assert [entry.file for entry in result.unchecked] == ["a.py"]


def test_no_files_is_nothing_to_say(tmp_path: Path) -> None:
    result = run([], setup(tmp_path), time_limit=60)
    assert (result.diagnostics, result.unchecked) == ((), ())


# Stands for a checker that hangs at a question: nothing makes the real one do so on purpose.
HANGS_AT_QUESTIONS = """
import json
while True:
    length = int(sys.stdin.buffer.readline().split(b":")[1])
    sys.stdin.buffer.readline()
    message = json.loads(sys.stdin.buffer.read(length))
    result = {"initialize": {"capabilities": {}}, "textDocument/diagnostic": {"items": []}}.get(message["method"])
    if result is not None:
        reply = json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode()
        sys.stdout.buffer.write(b"Content-Length: %d\\r\\n\\r\\n%b" % (len(reply), reply))
        sys.stdout.buffer.flush()
"""


@posix
def test_questions_without_an_answer_are_told(
    tmp_path: Path, compared: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sys.modules["tailrace.check.typecheck.run"], "find_program", lambda: program(tmp_path, HANGS_AT_QUESTIONS)
    )
    asked = [Query("down.py", 2, 4, 2, 2)]
    comparison = compared("x = 1\n", "y = 1\n", "import up\nup.x\n", queries=asked, time_limit=2)
    assert comparison.unanswered == "timed-out"
    assert comparison.answers == {}
