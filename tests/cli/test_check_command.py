"""`tailrace check`: which report goes where, and which exit status follows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tailrace.config.settings import SETTINGS, Setting
from tailrace.model import Address, TailraceError

from .conftest import Outcome, report

Run = Callable[..., Outcome]
Answer = Callable[..., list[Any]]


@pytest.mark.parametrize(
    ("verdict", "arguments", "status"),
    [
        ("clear", [], 0),
        ("breaks", [], 1),
        ("incomplete", [], 3),
        ("breaks", ["--exit-zero"], 0),
        ("incomplete", ["--exit-zero"], 0),
        ("breaks", ["--format", "sarif"], 0),
        ("incomplete", ["--format", "sarif:a.sarif"], 0),
        ("breaks", ["--format", "sarif:a.sarif", "--format", "text"], 1),
        ("breaks", ["--format", "json"], 1),
        ("breaks", ["--exit-zero", "--no-exit-zero"], 1),
    ],
)
def test_the_exit_status_follows_the_verdict(
    tailrace: Run, answer: Answer, verdict: Any, arguments: list[str], status: int
) -> None:
    answer(report(verdict))
    assert tailrace("check", "up==2", *arguments).status == status


def test_the_text_goes_to_stdout_and_the_summary_to_stderr(tailrace: Run, answer: Answer) -> None:
    answer(report("breaks"))
    outcome = tailrace("check", "up==2")
    assert "down/a.py" in outcome.out
    assert "\x1b" not in outcome.out
    assert outcome.err.startswith("breaks: 1 downstream (1 break): ")


def test_several_formats_go_to_files_and_one_to_stdout(tailrace: Run, answer: Answer, tmp_path: Path) -> None:
    answer(report("breaks"))
    outcome = tailrace(
        "check", "up==2", "-f", "json", "-f", "sarif:a.sarif", "-f", "junit:b.xml", "-f", "markdown:c.md"
    )
    assert json.loads(outcome.out)["verdict"] == "breaks"
    assert json.loads((tmp_path / "a.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "b.xml").read_text().startswith("<?xml")
    assert "up.gone" in (tmp_path / "c.md").read_text()
    assert outcome.err.endswith("; written: a.sarif, b.xml, c.md\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".git", "a.sarif", "b.xml", "c.md"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["-f", "text", "-f", "json"], "only one format can go to stdout, not text and json."),
        (["-f", "txt"], "there is no format 'txt'.\nhint: Did you mean text?"),
        (["-f", "pdf"], "hint: The formats are text, concise"),
        (["-f", "json:"], "names no file"),
        (["-f", "json:."], "names a folder"),
        (["-f", "json:missing/a.json"], "the folder missing of --format json:missing/a.json does not exist"),
        (["-f", "json:a", "-f", "text:./a"], "two formats would write the same file"),
        (["--jobs", "many"], 'must be a whole number, 0 or more, not "many"'),
        (["--jbos", "1"], "--jobs"),
        (["--include", "certain"], "must be possible"),
        (["--config", "missing.toml"], "missing.toml: cannot be read"),
    ],
)
def test_a_mistake_is_told_before_anything_is_checked(
    tailrace: Run, answer: Answer, arguments: list[str], says: str
) -> None:
    asked = answer(report())
    outcome = tailrace("check", "up==2", *arguments)
    assert outcome.status == 2
    assert outcome.out == ""
    assert outcome.err.startswith("error: ")
    assert says in outcome.err
    assert asked == []


FLAG_VALUES = {
    "downstreams": ("a==1", ("a==1",)),
    "downstreams-from": ("r.txt", ("r.txt",)),
    "format": ("json", ("json",)),
    "include": ("possible", ("possible",)),
    "color": ("never", "never"),
    "extra-index-urls": ("./more", ("./more",)),
    "find-links": ("./wheels", ("./wheels",)),
    "jobs": ("3", 3),
    "python-version": ("3.12", "3.12"),
    "time-limit": ("7", 7.0),
    "memory-limit": ("512MiB", 512 << 20),
    "verify.level": ("smoke", "smoke"),
    "verify.sandbox": ("none", "none"),
    "verify.timeout": ("7", 7.0),
    "verify.ecosystem": ("conda", "conda"),
    "verify.channels": ("./channel", ("./channel",)),
    "verify.channel-priority": ("strict", "strict"),
    "verify.test-command": ("pytest -x", ("pytest -x",)),
    "store": ("s3://bucket/facts", Address("s3://bucket/facts")),
}


@pytest.mark.parametrize("setting", [s for s in SETTINGS if s.flag], ids=lambda s: s.key)
def test_every_flag_reaches_its_setting(tailrace: Run, answer: Answer, setting: Setting) -> None:
    asked = answer(report())
    if setting.default is False:
        assert tailrace("check", "up==2", setting.flag).status == 0
        expected: object = True
    else:
        text, expected = FLAG_VALUES.get(setting.key, ("some", "some"))
        # Without a downstream the store would be asked for them.
        named = ("-d", "a==1") if setting.key == "store" else ()
        assert tailrace("check", "up==2", setting.flag, text, *named).status == 0
    ((_, _, settings),) = asked
    assert getattr(settings, setting.field) == expected
    assert settings.values[setting.key].origin == setting.flag
    others = {key: value.origin for key, value in settings.values.items() if key != setting.key}
    if setting.key == "store":
        del others["downstreams"]
    assert set(others.values()) == {"default"}


def test_flags_replace_the_lists_of_the_file(tailrace: Run, answer: Answer, tmp_path: Path) -> None:
    (tmp_path / "tailrace.toml").write_text('downstreams = ["a==1"]\nexit-zero = true\n')
    asked = answer(report("breaks"))
    assert tailrace("check", "up==2", "-b", "up==1", "-d", "b==1", "-d", "c==1").status == 0
    assert asked[0][:2] == ("up==2", "up==1")
    assert asked[0][2].downstreams == ("b==1", "c==1")


def test_the_step_summary_gets_the_whole_markdown_with_the_github_format_only(
    tailrace: Run, answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    answer(report("breaks"))
    tailrace("check", "up==2")
    assert summary.read_text() == "# before\n"
    outcome = tailrace("check", "up==2", "--format", "github")
    assert "\n::error file=down/a.py," in outcome.out
    assert summary.read_text().startswith("# before\n")
    assert "up.gone" in summary.read_text()


@pytest.mark.parametrize(
    ("error", "status", "lines"),
    [
        (TailraceError("no such thing.", hint="Try that."), 2, ["error: no such thing.", "hint: Try that."]),
        (TailraceError("odd \x1b[31mname\x07."), 2, ["error: odd �[31mname�."]),
        (KeyboardInterrupt(), 130, ["interrupted"]),
        (
            ValueError("boom"),
            3,
            [
                "error: Tailrace failed: ValueError: boom",
                "hint: this is a fault of Tailrace; please report it with what `TAILRACE_DEBUG=1` adds",
            ],
        ),
    ],
)
def test_a_failure_is_a_sentence_and_a_status(
    tailrace: Run, answer: Answer, error: BaseException, status: int, lines: list[str]
) -> None:
    answer(error)
    outcome = tailrace("check", "up==2")
    assert (outcome.status, outcome.out, outcome.err.strip().splitlines()) == (status, "", lines)


def test_what_could_not_be_checked_is_status_3(tailrace: Run, answer: Answer) -> None:
    class UnreachableIndexError(TailraceError):
        exit_status = 3

    answer(UnreachableIndexError("it did not answer."))
    assert tailrace("check", "up==2").status == 3


def test_the_traceback_comes_when_asked_for(tailrace: Run, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(ValueError("boom"))
    assert "Traceback" not in tailrace("check", "up==2").err
    monkeypatch.setenv("TAILRACE_DEBUG", "1")
    assert "Traceback" in tailrace("check", "up==2").err


def test_a_variable_that_names_no_setting_is_warned_about(
    tailrace: Run, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(report())
    monkeypatch.setenv("TAILRACE_OFLINE", "1")
    outcome = tailrace("check", "up==2")
    assert outcome.err.startswith("warning: TAILRACE_OFLINE is not a setting; did you mean TAILRACE_OFFLINE?\n")
    assert outcome.status == 0


@pytest.mark.parametrize(
    ("color", "environment", "colored"),
    [
        ("always", {}, True),
        ("always", {"NO_COLOR": "1"}, True),
        ("never", {"FORCE_COLOR": "1"}, False),
        ("auto", {}, False),
        ("auto", {"FORCE_COLOR": "1"}, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ("auto", {"FORCE_COLOR": "0"}, False),
    ],
)
def test_colour_is_used_when_it_should_be(
    tailrace: Run,
    answer: Answer,
    monkeypatch: pytest.MonkeyPatch,
    color: str,
    environment: dict[str, str],
    colored: bool,
) -> None:
    answer(report("breaks"))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in tailrace("check", "up==2", "--color", color).out) is colored
