"""The GitHub Action and the pre-commit hooks: well-formed, not injectable, and passing on what they are given."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tailrace.cli.app import app
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
    program = tmp_path / "tailrace"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > arguments\nexit {status}\n')
    program.chmod(0o755)
    (step,) = [step for step in SCRIPTS if step["name"] == "Check"]
    empty = dict.fromkeys(step["env"], "")
    environment = {**os.environ, **empty, "BIN": str(tmp_path), "GITHUB_OUTPUT": str(tmp_path / "output"), **given}
    done = subprocess.run([str(BASH), "-eo", "pipefail", "-c", step["run"]], cwd=tmp_path, env=environment, check=False)
    assert done.returncode == status
    assert (tmp_path / "arguments").read_text().splitlines() == expected
    assert (tmp_path / "output").read_text() == f"exit-status={status}\n"
    assert not (tmp_path / "pwned").exists()


def test_the_hooks_run_commands_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert {hook["id"] for hook in hooks} == {"tailrace-config", "tailrace-check", "tailrace-lint"}
    for hook in hooks:
        program, *arguments = hook["entry"].split()
        assert program == "tailrace"
        assert run(app, [*arguments, "--help"]) == 0
        re.compile(hook["files"])
    capsys.readouterr()
