"""Files appear whole or not at all; a reader that leaves is no failure; a summary fits."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tailrace.cli.formats import FormatError, Output, read_outputs
from tailrace.cli.output import OutputError, append_summary, publish, write_file, write_stdout
from tailrace.report import RenderOptions, formats
from tailrace.store.answers import Counts, UsesAnswer

LIMIT = 1 << 20


def test_a_file_is_replaced_whole_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o640)
    write_file(path, "new")
    assert path.read_text() == "new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [p.name for p in tmp_path.iterdir() if p.name != ".git"] == ["report.json"]


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()
    with pytest.raises(OutputError, match=r"could not be written to .*report\.json"):
        write_file(tmp_path / "report.json", "new")
    with pytest.raises(OutputError) as caught:
        write_file(tmp_path / "missing" / "report.json", "new")
    assert caught.value.exit_status == 3
    assert sorted(p.name for p in tmp_path.iterdir()) == [".git", "report.json"]


def test_what_cannot_be_written_costs_none_of_the_others(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    outputs = [Output("text"), Output("json", tmp_path / "missing" / "x.json"), Output("csv", tmp_path / "x.csv")]
    answer = UsesAnswer(symbol="up", store="s", generation=1, scanned=1, counts=Counts(), star_imports=0)
    with pytest.raises(OutputError, match=r"x\.json"):
        publish(answer, outputs, RenderOptions())
    assert (tmp_path / "x.csv").read_text().startswith("downstream,")
    assert b"no uses of up" in capfdbinary.readouterr().out


def test_a_library_that_is_not_there_is_missed_before_anything_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    find = formats.find_spec
    monkeypatch.setattr(formats, "find_spec", lambda name: None if name == "PIL" else find(name))
    with pytest.raises(FormatError, match=r"needs the library Pillow.*tailrace\[png\]"):
        read_outputs(["text", "png:grid.png"], "matrix")
    assert [output.format for output in read_outputs(["html:grid.html", "csv"], "matrix")] == ["html", "csv"]


def test_a_name_that_is_not_utf_8_can_still_be_written(tmp_path: Path) -> None:
    write_file(tmp_path / "a", "caf\udce9")
    assert (tmp_path / "a").read_text() == "caf\\udce9\n"


@pytest.mark.parametrize(
    ("format", "expected"), [("text", "naïve \\u2192 x\n".encode("latin-1")), ("json", "naïve → x\n".encode())]
)
def test_only_text_follows_the_locale(format: str, expected: bytes) -> None:
    program = f"from tailrace.cli.output import write_stdout; write_stdout('naïve → x', {format!r})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == expected


def test_a_reader_that_left_is_no_failure() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as gone:
        done = subprocess.run(
            [sys.executable, "-m", "tailrace", "explain", "--list"], stdout=gone, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("before", "length", "whole"),
    [(0, 100, True), (0, LIMIT - 200, True), (0, LIMIT + 10, False), (LIMIT - 500, 600, False)],
)
def test_a_summary_is_cut_where_it_would_not_fit(tmp_path: Path, before: int, length: int, whole: bool) -> None:
    path = tmp_path / "summary.md"
    path.write_text("b" * before)
    append_summary(path, "line\n" * (length // 5))
    text = path.read_text()
    assert len(text) <= LIMIT
    assert ("longer than GitHub shows" not in text) is whole
    assert text.startswith("b" * before + "line\n")


def test_a_full_summary_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_text("b" * LIMIT)
    append_summary(path, "line")
    assert path.stat().st_size == LIMIT


def test_text_ends_with_one_line_break(capsys: pytest.CaptureFixture[str]) -> None:
    write_stdout("a\n\n\n")
    assert capsys.readouterr().out == "a\n"
