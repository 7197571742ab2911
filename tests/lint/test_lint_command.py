"""The command: what it reads, how it reports, how it leaves."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lint_helpers import write_tree

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.lint.source import MAX_BYTES
from tailrace.report.schema import build_schema, schema_text

MIXED = "channels:\n  - conda-forge\n  - defaults\ndependencies:\n  - numpy\n"
CLEAN = "channels:\n  - conda-forge\n  - nodefaults\ndependencies:\n  - numpy\n"
Outcome = tuple[int, str, str]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("TAILRACE_") or name in ("NO_COLOR", "FORCE_COLOR"):
            monkeypatch.delenv(name)


@pytest.fixture
def lint(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*arguments: str) -> Outcome:
        capsys.readouterr()
        status = run(app, ["lint", *arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


@pytest.mark.parametrize(
    ("files", "arguments", "status", "said"),
    [
        ({"environment.yml": CLEAN}, [], 0, "CLEAN  nothing found in 1 file"),
        ({}, [], 0, "CLEAN  nothing found in 0 files"),
        ({"environment.yml": MIXED}, [], 1, "environment.yml:3:5: error: defaults-mixed"),
        (
            {"environment.yml": "channels:\n  - conda-forge\n  - defaults\n"},
            [],
            1,
            "environment.yml:3:5: error: defaults-mixed",
        ),
        ({"values.yml": "channels:\n  - conda-forge\n  - defaults\n"}, [], 0, "CLEAN  nothing found in 0 files"),
        ({"pixi.toml": "[workspace]\nchannels = ['a']\n"}, [], 0, "1 note"),
        (
            {"environment.yml": "channels: [\n", "a/.condarc": "x: 1\n"},
            [],
            3,
            "environment.yml:2: not checked: it is not YAML",
        ),
        ({"environment.yml": "channels: [\n", ".condarc": "channel_priority: false\n"}, [], 1, "1 could not be read"),
        (
            {"x.yml": "channels: [\n", "Chart.yaml": "name: x\ndependencies:\n- name: a\n  version: 1\n"},
            [],
            0,
            "in 0 files",
        ),
        ({"environment.yml": MIXED}, ["nowhere"], 2, "no file or folder 'nowhere'"),
        ({"environment.yml": MIXED}, ["--disable", "default-mixed"], 2, "Did you mean `defaults-mixed`?"),
        ({"environment.yml": MIXED}, ["--disable", "defaults-mixed"], 0, "CLEAN"),
        ({"environment.yml": MIXED}, ["--format", "xml"], 2, "there is no format 'xml'"),
        ({"environment.yml": MIXED}, ["--exclude", "env*"], 0, "Left out: environment.yml."),
        ({"tests/environment.yml": MIXED}, [], 0, "Left out: tests/."),
        ({"tests/environment.yml": MIXED}, ["tests"], 1, "tests/environment.yml:3:5"),
        (
            {"node_modules/environment.yml": MIXED, "e/conda-meta/history": "", "e/environment.yml": MIXED},
            [],
            0,
            "0 files",
        ),
        ({"notes.txt": "x"}, ["notes.txt"], 3, "it is of no kind that lint reads"),
        ({"tailrace.toml": "[lint]\ndisable = ['defaults-mixed']\n", "environment.yml": MIXED}, [], 0, "CLEAN"),
        ({"tailrace.toml": "[lint]\nexclude = ['env*']\n", "environment.yml": MIXED}, [], 0, "CLEAN"),
        (
            {"tailrace.toml": "[lint]\ndisable = ['nope-nope']\n", "environment.yml": MIXED},
            [],
            2,
            "no lint rule 'nope-nope'",
        ),
        ({"tailrace.toml": "[lint]\ndisabled = []\n"}, [], 2, "did you mean `lint.disable`?"),
    ],
)
def test_status_and_words(
    lint: Callable[..., Outcome], tmp_path: Path, files: dict[str, str], arguments: list[str], status: int, said: str
) -> None:
    write_tree(tmp_path, files)
    got, out, err = lint(*arguments)
    assert said in out + err
    assert got == status


HOSTILE: dict[str, bytes] = {
    "environment.yml": b"channels: " + b"[" * 50_000,
    "deep/environment.yml": b"\n".join(b" " * depth + b"a:" for depth in range(200)) + b"\ndependencies: []\n",
    "bomb/environment.yml": b"variables:\n  k0: &a0 [x, x]\n"
    + b"".join(b"  k%d: &a%d [*a%d, *a%d]\n" % (n, n, n - 1, n - 1) for n in range(1, 60))
    + b"dependencies: *a59\nchannels: *a59\n",
    ".condarc": b"&a [*a]",
    "loop/.condarc": b"channels: &a [*a, conda-forge]\nx: &b {y: *b}\n",
    "binary/.condarc": b"\0\1\2channels",
    "latin/.condarc": "channels: [caf\xe9]".encode("latin-1"),
    "utf16/.condarc": "channels: [a]".encode("utf-16"),
    "huge/.condarc": b"#" * (MAX_BYTES + 1),
    "types/.condarc": b"channels: {a: 1}\nchannel_priority: [strict]\npinned_packages: {a: {b: c}}\nrepodata_fns: 3\n",
    "types/environment.yml": b"channels: 3\ndependencies: {a: b}\n",
    "list/conda-forge.yml": b"- a\n- b\n",
    "types/conda-forge.yml": b"channels: 3\nremote_ci_setup: {a: b}\nchannel_priority: {x: y}\n",
    "types/conda_build_config.yaml": b"channel_sources: {a: [b]}\nchannel_targets: 3\n",
    "recipe.yaml": b"package: 1\nrequirements: [a, {if: x, then: {y: z}}]\n",
    "tag/.condarc": b"channels: !!python/object/apply:os.system ['touch pwned']\n",
    "deep/pixi.toml": b"[workspace]\nchannels = " + b"[" * 3000 + b"]" * 3000,
    "types/pixi.toml": b"workspace = 3\nfeature = [1]\ndependencies = 'x'\n",
    "odd/pixi.toml": b"[workspace]\nchannels = [1, {x = 2}, {channel = 3}, '']\n[feature]\na = 1\n"
    b"[dependencies]\na = [1]\n",
    "Dockerfile": b"FROM\nRUN <<EOF\nconda install \\",
    ".github/workflows/a.yml": b"conda: &x\n  run: *x\nuses: [conda]\nwith: 3\n",
    "a.sh": b"conda install 'unclosed\n$(( ${{ `",
    "b.sh": b"conda " * 100_000,
    "c.sh": b'bash -c "bash -c \'bash -c \\"conda install -c conda-forge a\\"\'"\n' * 500,
    "meta.yaml": b"package:\n" + b"\n".join(b" " * n + b"- a:" for n in range(1000)),
    "pyproject.toml": b"[tool.pixi.dependencies]\n" + b"".join(b"a%d = '*'\n" % n for n in range(20_000)),
}


def test_hostile_files_are_named_and_never_followed(lint: Callable[..., Outcome], tmp_path: Path) -> None:
    write_tree(tmp_path, dict(HOSTILE))
    status, out, err = lint("--format", "json")
    assert status in (1, 3), err
    report = json.loads(out)
    unread = {entry["file"]: entry["reason"] for entry in report["unreadable"]}
    read = {name for name, _ in report["files"]}
    assert unread.keys() | read == HOSTILE.keys() - {"types/environment.yml"}  # which is none
    assert unread.keys().isdisjoint(read)
    for name in ("environment.yml", "deep/environment.yml", "deep/pixi.toml"):
        assert "nested" in unread[name]
    assert "not a text file" in unread["binary/.condarc"]
    assert "UTF-8" in unread["latin/.condarc"]
    assert "larger than 2 MiB" in unread["huge/.condarc"]
    assert not (tmp_path / "pwned").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read every file")
def test_what_may_not_be_opened_is_named(lint: Callable[..., Outcome], tmp_path: Path) -> None:
    write_tree(tmp_path, {"environment.yml": CLEAN, "shut/a.sh": "conda info"})
    (tmp_path / "environment.yml").chmod(0)
    (tmp_path / "shut").chmod(0)
    try:
        status, out, _ = lint()
    finally:
        (tmp_path / "shut").chmod(0o700)
    assert status == 3
    assert "environment.yml: not checked: it cannot be opened" in out
    assert "shut: not checked: the folder cannot be opened" in out


def test_no_file_that_is_none_is_waited_for(lint: Callable[..., Outcome], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "environment.yml")
    (tmp_path / "a").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / ".condarc").symlink_to("nowhere")
    status, out, _ = lint()
    assert status == 3
    assert "environment.yml: not checked: it is no regular file" in out
    assert ".condarc: not checked: it cannot be opened" in out


FORMATS_TREE = {
    "environment.yml": MIXED,
    "a b/\u202eodd::name/.condarc": "channels:\n  - http://me:s3cret@mirror.example/a\n  - b  # ##[warning]\n",
    "ci/.condarc": "channels: [a, b]  # tailrace: ignore[priority-unset] set by the image\n",
    "pixi.toml": "[workspace]\nchannels = ['a']\n",
    "broken/.condarc": "channels: [",
}


def test_json_is_what_the_schema_says_and_its_counts_agree(lint: Callable[..., Outcome], tmp_path: Path) -> None:
    write_tree(tmp_path, dict(FORMATS_TREE))
    status, out, _ = lint("--format", "json")
    report = json.loads(out)
    jsonschema.Draft202012Validator(build_schema("lint")).validate(report)
    counts, found = report["counts"], report["findings"]
    open_ = [finding for finding in found if finding["suppressed"] is None]
    assert status == 1
    assert report["schema"] == "tailrace.lint/1"
    assert counts["findings"] == counts["errors"] + counts["warnings"] + counts["notes"] == len(open_)
    assert counts["files"] == counts["read"] + counts["unreadable"] == len(FORMATS_TREE)
    assert counts["suppressed"] == 1
    assert [f["suppressed"] for f in found if f["suppressed"]] == ["set by the image"]
    assert "s3cret" not in out


def test_the_shipped_schema_is_that_of_the_model() -> None:
    folder = Path(__file__).parents[2] / "src" / "tailrace" / "report" / "schemas"
    assert (folder / "tailrace.lint-1.json").read_text("utf-8") == schema_text("lint")


def _official() -> Any:
    path = Path(__file__).parents[1] / "report" / "official_sarif.py"
    spec = importlib.util.spec_from_file_location("official_sarif_for_lint", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.official_validator()


def test_sarif_is_valid_and_whole(lint: Callable[..., Outcome], tmp_path: Path) -> None:
    write_tree(tmp_path, dict(FORMATS_TREE))
    _, out, _ = lint("--format", "sarif")
    log = json.loads(out)
    _official().validate(log)
    (run_,) = log["runs"]
    assert len(run_["results"]) == len(json.loads(lint("--format", "json")[1])["findings"])
    assert [r["suppressions"][0]["justification"] for r in run_["results"] if "suppressions" in r] == [
        "set by the image"
    ]
    assert run_["invocations"][0]["executionSuccessful"] is False
    assert all(run_["tool"]["driver"]["rules"][r["ruleIndex"]]["id"] == r["ruleId"] for r in run_["results"])


@pytest.mark.parametrize("name", ["text", "concise", "github"])
def test_lines_hold_no_tricks(lint: Callable[..., Outcome], tmp_path: Path, name: str) -> None:
    write_tree(tmp_path, dict(FORMATS_TREE))
    status, out, _ = lint("--format", name, "--verbose")
    assert status == 1
    assert "\u202e" not in out.replace("%E2%80%AE", "") or name == "github"
    assert "##[" not in out or name != "github"
    assert "s3cret" not in out
    assert "broken/.condarc" in out


def test_a_report_goes_to_a_file_and_another_to_the_terminal(lint: Callable[..., Outcome], tmp_path: Path) -> None:
    write_tree(tmp_path, {"environment.yml": MIXED})
    status, out, _ = lint("--format", "concise", "--format", "sarif:out.sarif")
    assert status == 1
    assert out.splitlines()[1] == (
        "environment.yml:3:5: error: defaults-mixed: `defaults` is searched together with `conda-forge`"
    )
    assert json.loads((tmp_path / "out.sarif").read_text("utf-8"))["version"] == "2.1.0"


def test_rules_are_listed_and_explained(lint: Callable[..., Outcome]) -> None:
    status, out, _ = lint("--list-rules")
    assert status == 0
    assert "defaults-mixed" in out
    status, out, _ = lint("--explain", "defaults-mixed")
    assert status == 0
    assert "Why" in out
    assert lint("--explain", "defaults-mix")[0] == 2
