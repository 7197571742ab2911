"""The installed program from end to end, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Outcome

INCIDENT = ["check", "MarkupSafe==2.1.0", "--baseline", "MarkupSafe==2.0.1", "--downstream"]


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Outcome]:
    def call(*arguments: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "tailrace", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "TAILRACE_CACHE_DIR": str(tmp_path / "cache")},
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return call


def project(folder: Path, name: str, version: str, code: str, requires: str = "") -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(code)
    dependencies = f'dependencies = ["{requires}"]\n' if requires else ""
    (folder / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "{version}"\n{dependencies}')


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    mark = f"open({str(tmp_path / 'executed')!r}, 'w')\n"
    project(tmp_path / "old", "up", "1.0", mark + "def kept(): ...\ndef gone(): ...\n")
    project(tmp_path / "new", "up", "2.0", mark + "def kept(): ...\n")
    project(tmp_path / "uses", "down", "1.0", mark + "import os\nfrom up import gone\n", "up>=1")
    project(tmp_path / "spared", "spared", "1.0", mark + "from up import kept\n", "up>=1")
    project(tmp_path / "bound", "bound", "1.0", mark + "from up import gone\n", "up>=1,<2")
    return tmp_path


@pytest.mark.parametrize(
    ("downstream", "status", "verdict"), [("uses", 1, "BREAKS"), ("spared", 0, "CLEAR"), ("bound", 0, "CONTAINED")]
)
def test_a_check_says_who_breaks(
    program: Callable[..., Outcome], projects: Path, downstream: str, status: int, verdict: str
) -> None:
    outcome = program("check", "./new", "--baseline", "./old", "--downstream", f"./{downstream}", "--offline")
    assert (outcome.status, outcome.out.split()[0]) == (status, verdict), outcome.err
    assert not (projects / "executed").exists()


def test_formats_agree_and_the_broken_line_is_named(program: Callable[..., Outcome], projects: Path) -> None:
    formats = ["--format", "json", "--format", "sarif:a.sarif", "--format", "concise:a.txt"]
    outcome = program("check", "./new", "-b", "./old", "-d", "./uses", "-d", "./spared", "-d", "./missing", *formats)
    assert outcome.status == 1
    report = json.loads(outcome.out)
    (finding,) = [finding for downstream in report["downstreams"] for finding in downstream["findings"]]
    assert (finding["symbol"], finding["file"], finding["line"]) == ("up.gone", "down/__init__.py", 3)
    counts = report["counts"]
    assert (counts["breaks"], counts["clear"], counts["not_checked"]) == (1, 1, 1)
    (result,) = json.loads((projects / "a.sarif").read_text())["runs"][0]["results"]
    assert result["ruleId"] == finding["rule"]
    assert "down/__init__.py:3" in (projects / "a.txt").read_text()


def test_a_project_checks_itself(program: Callable[..., Outcome], projects: Path) -> None:
    (projects / "uses" / ".git").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tailrace", "check", "../new", "--baseline", "../old"],
        cwd=projects / "uses",
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "TAILRACE_CACHE_DIR": str(projects / "cache")},
    )
    assert done.returncode == 1
    assert "down/__init__.py:3" in done.stdout


def test_an_allowed_break_does_not_fail(program: Callable[..., Outcome], projects: Path) -> None:
    entry = '[[allow]]\nrule = "name-removed"\nsymbol = "up.gone"\nreason = "agreed"\n'
    (projects / "tailrace.toml").write_text(entry)
    outcome = program("check", "./new", "-b", "./old", "-d", "./uses", "--format", "json")
    assert outcome.status == 0, outcome.out
    (downstream,) = json.loads(outcome.out)["downstreams"]
    assert downstream["findings"][0]["allowed"] == "agreed"


def test_a_diff_lists_the_change(program: Callable[..., Outcome], projects: Path) -> None:
    outcome = program("diff", "./old", "./new", "--format", "json")
    assert outcome.status == 0, outcome.err
    assert "up.gone" in outcome.out
    assert "up.kept" not in outcome.out


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell closes the streams")
@pytest.mark.parametrize(
    ("redirection", "status", "out", "err"),
    [
        ("2>&-", 1, "BREAKS", ""),
        ("<&-", 1, "BREAKS", "breaks: 1 downstream"),
        (">&-", 3, "", "error: the report could not be written to stdout: it is closed."),
        ("<&- >&- 2>&-", 3, "", ""),
        ("--format json:report.json >&-", 1, "", "written: report.json"),
    ],
)
def test_closed_streams_never_read_as_another_verdict(
    redirection: str, status: int, out: str, err: str, projects: Path
) -> None:
    check = "check ./new --baseline ./old --downstream ./uses --cache-dir cache"
    command = f'"{sys.executable}" -m tailrace {check} {redirection}'
    done = subprocess.run(["/bin/sh", "-c", command], cwd=projects, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:6]) == (status, out)
    assert err in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")  # noqa: PTH110
def test_a_report_that_could_not_be_written_is_no_verdict(projects: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tailrace",
        "check",
        "./new",
        "-b",
        "./old",
        "-d",
        "./uses",
        "--cache-dir",
        "cache",
    ]
    with open("/dev/full", "w") as full:  # noqa: PTH123
        done = subprocess.run(command, cwd=projects, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.splitlines()[0] == "error: the report could not be written to stdout: No space left on device."


def test_ctrl_c_is_status_130_and_one_line(tmp_path: Path) -> None:
    code = """if True:
        import time
        import tailrace.cli.wiring as wiring
        from tailrace.cli import main
        def wait(*_):
            print("ready", flush=True)
            time.sleep(60)
        wiring.run_check = wait
        main()
    """
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", code, "check", "up==2"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err.strip()) == (130, "interrupted")


@pytest.mark.online
@pytest.mark.parametrize(("downstream", "status"), [("Jinja2==2.11.3", 1), ("Jinja2==3.1.2", 0)])
def test_the_incident_of_the_readme(program: Callable[..., Outcome], downstream: str, status: int) -> None:
    outcome = program(*INCIDENT, downstream, "--format", "json")
    assert outcome.status == status, outcome.err
    (report,) = json.loads(outcome.out)["downstreams"]
    places = {(finding["symbol"], finding["file"], finding["line"]) for finding in report["findings"]}
    assert (("markupsafe.soft_unicode", "jinja2/filters.py", 13) in places) is bool(status)


@pytest.mark.online
@pytest.mark.parametrize(
    ("spec", "says"),
    [("MarkupSafe==2.1.99", "Nearest: 2.1.5"), ("markupsafee-no-such-thing==1", "There is no package")],
)
def test_an_unknown_release_is_status_2(program: Callable[..., Outcome], spec: str, says: str) -> None:
    outcome = program("check", spec, "--downstream", "Jinja2==3.1.2")
    assert outcome.status == 2
    assert says in outcome.err
