"""The GitHub Action and the pre-commit hooks: well-formed, not injectable, and passing on what they are given."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from tailrace.cli.app import app
from tailrace.cli.check.publish import folders_in_repository
from tailrace.cli.failure import run

ROOT = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SCRIPTS = [step for step in STEPS if "run" in step]
BASH = shutil.which("bash")


def test_it_is_a_composite_action_whose_inputs_are_described() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert all(entry["description"] for entry in ACTION["inputs"].values())
    assert ACTION["inputs"]["candidate"]["required"] is True


@pytest.mark.parametrize("step", SCRIPTS, ids=lambda step: step["name"])
def test_no_expression_is_pasted_into_a_script(step: dict[str, Any]) -> None:
    assert "${{" not in step["run"]
    assert step["shell"] == "bash"


def test_every_input_is_used_and_every_used_input_exists() -> None:
    used = set(re.findall(r"inputs\.([\w-]+)", yaml.safe_dump(STEPS)))
    assert used == set(ACTION["inputs"])


@pytest.mark.skipif(BASH is None, reason="the action's scripts are written for bash")
@pytest.mark.parametrize(
    ("given", "expected", "status"),
    [
        (
            {"CANDIDATE": "up==2", "FORMATS": "github\nsarif:tailrace.sarif\n"},
            ["check", "--format=github", "--format=sarif:tailrace.sarif", "--", "up==2"],
            0,
        ),
        (
            {
                "CANDIDATE": "up==2",
                "BASELINE": "up==1",
                "DOWNSTREAMS": "a==1\r\n\n  b==2",
                "DOWNSTREAMS_FROM": "uv.lock",
            },
            [
                "check",
                "--baseline=up==1",
                "--downstream=a==1",
                "--downstream=  b==2",
                "--downstream-from=uv.lock",
                "--",
                "up==2",
            ],
            1,
        ),
        ({"CANDIDATE": "--help", "EXIT_ZERO": "true"}, ["check", "--exit-zero", "--", "--help"], 3),
        (
            {"CANDIDATE": '$(touch pwned)"; touch pwned; "', "DOWNSTREAMS": "`touch pwned`"},
            ["check", "--downstream=`touch pwned`", "--", '$(touch pwned)"; touch pwned; "'],
            0,
        ),
    ],
)
def test_the_check_step_passes_its_inputs_on_as_arguments(
    tmp_path: Path, given: dict[str, str], expected: list[str], status: int
) -> None:
    done, outputs = run_check_step(tmp_path, f"exit {status}", given)
    assert done.returncode == status
    arguments = (tmp_path / "arguments").read_text().splitlines()
    (report,) = [argument for argument in arguments if argument.startswith("--format=json:")]
    assert [argument for argument in arguments if argument != report] == expected
    assert report.startswith(f"--format=json:{tmp_path}/temp/")
    assert outputs["exit-status"] == str(status)
    assert not (tmp_path / "pwned").exists()


def run_check_step(
    folder: Path, script: str, given: dict[str, str]
) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
    """The step that checks, with a stand-in for Tailrace: what came of it, and its outputs.

    The script of the stand-in finds the path of the JSON report in `$report`; its arguments are kept in a file.
    """
    (folder / "temp").mkdir(exist_ok=True)
    find = 'for word in "$@"; do case "$word" in --format=json:*) report="${word#--format=json:}" ;; esac; done'
    program = folder / "tailrace"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > arguments\n{find}\n{script}\n')
    program.chmod(0o755)
    (folder / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (folder / "python").chmod(0o755)
    (step,) = [step for step in SCRIPTS if step["name"] == "Check"]
    empty = dict.fromkeys(step["env"], "")
    own = {"BIN": str(folder), "GITHUB_OUTPUT": str(folder / "output"), "RUNNER_TEMP": str(folder / "temp")}
    done = subprocess.run(
        [str(BASH), "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**os.environ, **empty, **own, **given},
        check=False,
        text=True,
        capture_output=True,
    )
    lines = (folder / "output").read_text().splitlines()
    return done, dict(line.split("=", 1) for line in lines)


REPORT = '{"verdict": "breaks", "counts": {"downstreams": 2, "breaks": 1}, "x": "a\\nverdict=clear"}'
WRITE = f"printf '%s' '{REPORT}' > \"$report\""


@pytest.mark.skipif(BASH is None, reason="the action's scripts are written for bash")
@pytest.mark.parametrize(
    ("script", "formats", "expected"),
    [
        (f"{WRITE}; exit 1", "github", {"exit-status": "1", "verdict": "breaks", "sarif": ""}),
        (f"{WRITE}; echo log > out.sarif; exit 1", "sarif:out.sarif", {"verdict": "breaks", "sarif": "out.sarif"}),
        (f"{WRITE}; exit 0", "json:x.json\nsarif:deep/er/out.sarif\n", {"sarif": "deep/er/out.sarif"}),
        ("exit 2", "github\r\nsarif:out.sarif\r\n", {"exit-status": "2", "verdict": "error", "sarif": "out.sarif"}),
        ("exit 3", "sarif:a b.sarif", {"exit-status": "3", "verdict": "error", "sarif": "a b.sarif"}),
        ("kill -9 $$", "sarif:out.sarif", {"exit-status": "137", "verdict": "error", "sarif": "out.sarif"}),
        ("exit 2", "text", {"verdict": "error", "sarif": ""}),
    ],
)
def test_the_outputs_and_the_sarif_file_are_there_whatever_happens(
    tmp_path: Path, script: str, formats: str, expected: dict[str, str]
) -> None:
    (tmp_path / "out.sarif").write_text("of an earlier run")
    _, outputs = run_check_step(tmp_path, script, {"CANDIDATE": "up==2", "FORMATS": formats})
    of_check = {name for name, output in ACTION["outputs"].items() if "steps.check." in output["value"]}
    assert set(outputs) == of_check
    if expected["sarif"]:
        expected = expected | {"sarif": str(tmp_path / expected["sarif"])}
        text = Path(expected["sarif"]).read_text()
        if text != "log\n":
            (run_of_sarif,) = json.loads(text)["runs"]
            assert run_of_sarif["invocations"][0]["executionSuccessful"] is False
            assert run_of_sarif["automationDetails"]["id"] == "tailrace/"
    assert {name: outputs[name] for name in expected} == expected
    if outputs["verdict"] == "error":
        assert (outputs["counts"], outputs["report"]) == ("{}", "")
    else:
        assert json.loads(outputs["counts"]) == {"downstreams": 2, "breaks": 1}
        assert json.loads(Path(outputs["report"]).read_text())["verdict"] == outputs["verdict"]


def test_actions_of_others_are_pinned_by_commit() -> None:
    files = [ROOT / "action.yml", *sorted((ROOT / ".github" / "workflows").glob("*.yml"))]
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    used = [line.split("uses:")[1].strip() for line in lines if "uses:" in line]
    assert used
    for action in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)+", action), action


def test_dependencies_are_installed_from_the_lock() -> None:
    (step,) = [step for step in SCRIPTS if step["name"] == "Install Tailrace"]
    assert ".ci/install.py" in step["run"]
    text = (ROOT / ".ci" / "install.py").read_text("utf-8")
    assert '"--frozen", "--no-dev"' in text
    pins = (ROOT / ".ci" / "build-constraints.txt").read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"[\w-]+==[\w.]+", pin) for pin in pins)
    assert any(pin.startswith("hatchling==") for pin in pins)


@pytest.mark.parametrize(
    ("place", "root", "expected"),
    [
        ("packages/app", ".", ("packages/app",)),
        (".", ".", ("",)),
        ("packages/app", "packages/app", ("",)),
        ("packages/app", "packages/other", ()),
        ("packages/app", None, ()),
        ("missing", ".", ()),
    ],
)
def test_a_folder_of_the_repository_has_its_place_in_it(
    tmp_path: Path, place: str, root: str | None, expected: tuple[str, ...]
) -> None:
    for folder in ("packages/app", "packages/other"):
        (tmp_path / folder).mkdir(parents=True)
    report: Any = SimpleNamespace(downstreams=[SimpleNamespace(spec=str(tmp_path / place))])
    environ = {} if root is None else {"GITHUB_WORKSPACE": str(tmp_path / root)}
    assert tuple(folder for _, folder in folders_in_repository(report, environ)) == expected


def test_the_hooks_run_commands_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {hook["id"] for hook in hooks} == {"tailrace-config", "tailrace-check", "tailrace-lint"}
    for hook in hooks:
        program, *arguments = hook["entry"].split()
        assert program == "tailrace"
        assert run(app, [*arguments, "--help"]) == 0
        re.compile(hook["files"])
    capsys.readouterr()


@pytest.mark.skipif(BASH is None, reason="the action's scripts are written for bash")
@pytest.mark.parametrize(
    ("decision", "status", "given", "expected", "exit_status"),
    [
        ({"verdict": "go", "rules": []}, 0, {}, ("go", "go: nothing speaks against it"), 0),
        (
            {"verdict": "wait", "rules": [{"id": "pair", "state": "wait", "reason": "waits for mill 1.1"}]},
            4,
            {},
            ("wait", "wait: pair: waits for mill 1.1"),
            4,
        ),
        (
            {"verdict": "stop", "rules": [{"id": "a", "state": "stop", "reason": "x\n::error::y" + "z" * 300}]},
            1,
            {"EXIT_ZERO": "true"},
            ("stop", "stop: a: x?::error::y" + "z" * 119),
            0,
        ),
        (None, 2, {}, ("error", "The gate did not decide."), 2),
    ],
)
def test_the_gate_step_decides_and_says_so_in_a_sentence(
    tmp_path: Path,
    decision: dict[str, Any] | None,
    status: int,
    given: dict[str, str],
    expected: tuple[str, str],
    exit_status: int,
) -> None:
    (step,) = [step for step in SCRIPTS if step["name"] == "Gate"]
    (tmp_path / "decision.json").write_text("" if decision is None else json.dumps(decision))
    program = tmp_path / "tailrace"
    program.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$*" >> arguments\n'
        f'if [ "$2" = evaluate ]; then cat decision.json; exit {status}; fi\n'
    )
    program.chmod(0o755)
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "report.json").write_text("{}")
    own = {
        "BIN": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "output"), "RUNNER_TEMP": str(tmp_path),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"), "LEDGER": "gate", "SUBJECT": "$(touch pwned)",
        "TARGET": "conda-forge/main", "REPORT": "report.json", "EXIT_ZERO": "",
    }  # fmt: skip
    done = subprocess.run(
        [str(BASH), "-eo", "pipefail", "-c", step["run"]],
        cwd=tmp_path, env={**os.environ, **own, **given}, check=False, text=True, capture_output=True,
    )  # fmt: skip
    assert done.returncode == exit_status, done.stderr
    outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
    assert (outputs["decision"], outputs["decision-text"]) == expected
    assert (tmp_path / "arguments").read_text().splitlines() == [
        "gate evidence add --ledger gate --subject $(touch pwned) -- report.json",
        f"gate evaluate --ledger=gate --target=conda-forge/main --format=json --summary={tmp_path}/summary "
        "-- $(touch pwned)",
    ]
    assert not (tmp_path / "pwned").exists()
