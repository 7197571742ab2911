"""Each function of the Python interface, on small releases and channels on disk."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import tailrace
from tailrace import api

BROKEN = "dock >=2 & ferry <1.2"
HOTFIX = 'if: {name: ferry, version_lt: "1.2"}\nthen:\n  - tighten_depends: {name: dock, upper_bound: "2.0"}\n'


def write_channel(root: Path, name: str, **depends: list[str]) -> str:
    """`ferry_1_1=["dock >=1"]`: a package with what it depends on."""
    packages = {}
    for label, needs in depends.items():
        package, _, version = label.partition("_")
        version = version.replace("_", ".")
        packages[f"{package}-{version}-0.conda"] = {
            "name": package, "version": version, "build": "0", "build_number": 0, "depends": needs,
            "subdir": "noarch", "timestamp": 1_650_000_000_000,
        }  # fmt: skip
    place = root / name / "noarch"
    place.mkdir(parents=True)
    index = {"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": packages}
    (place / "repodata.json").write_text(json.dumps(index))
    return str(root / name)


@pytest.fixture
def channels(tmp_path: Path) -> list[str]:
    """`quay` brings `dock` 2 to a `ferry` that breaks under it."""
    harbour = write_channel(tmp_path, "harbour", ferry_1_0=["dock >=1"], ferry_1_1=["dock >=1"], dock_1_9=[])
    return [harbour, write_channel(tmp_path, "quay", dock_2_0=[])]


def write_project(root: Path, name: str, version: str, text: str, *requires: str) -> str:
    folder = root / f"{name}-{version}"
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(text)
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{name}"\nversion = "{version}"\ndependencies = {json.dumps(requires)}\n'
    )
    return str(folder)


@pytest.fixture
def projects(tmp_path: Path) -> tuple[str, str, str]:
    """The baseline and the candidate of `dock`, which loses a name, and a `ferry` that imports it."""
    return (
        write_project(tmp_path, "dock", "1.9", "def gone():\n    return 1\n\n\ndef kept():\n    return 1\n"),
        write_project(tmp_path, "dock", "2.0", "def kept():\n    return 1\n"),
        write_project(tmp_path, "ferry", "1.1", "from dock import gone, kept\n", "dock"),
    )


OPTIONS: dict[str, Any] = {"clients": ["conda", "mamba"], "priorities": ["flexible"], "subdirs": ["linux-64"]}


def checked(projects: tuple[str, str, str]) -> tailrace.CheckReport:
    baseline, candidate, downstream = projects
    return tailrace.check(candidate, baseline, [downstream], options=tailrace.CheckOptions(in_process=True))


def test_check_finds_the_broken_import(projects: tuple[str, str, str]) -> None:
    report = checked(projects)
    assert report.verdict == "breaks"
    assert [(f.rule, f.symbol, f.line) for d in report.downstreams for f in d.findings] == [
        ("name-removed", "dock.gone", 1)
    ]


def test_diff_lists_the_change(projects: tuple[str, str, str]) -> None:
    found = tailrace.diff(projects[0], projects[1])
    assert (found.baseline.version, found.candidate.version) == ("1.9", "2.0")
    assert [(change.rule, change.symbol) for change in found.changes] == [("name-removed", "dock.gone")]


def test_lint_reports_a_file_and_leaves_out_what_is_disabled(tmp_path: Path) -> None:
    (tmp_path / "environment.yml").write_text("channels: [conda-forge, defaults]\ndependencies: [python]\n")
    report = tailrace.lint([tmp_path])
    assert "defaults-mixed" in {finding.rule for finding in report.findings}
    without = tailrace.lint([tmp_path], disable=["defaults-mixed"])
    assert "defaults-mixed" not in {finding.rule for finding in without.findings}


def test_exposure_says_who_gets_what_is_harmful(channels: list[str]) -> None:
    report = tailrace.exposure(["ferry", "dock >=2"], channels, broken=BROKEN, **OPTIONS)
    assert report.exposed
    assert {cell.client for cell in report.cells} == {"conda", "mamba"}
    assert not tailrace.exposure(["ferry"], channels[:1], broken="dock 1.9 & ferry <1.1", **OPTIONS).exposed


def test_a_report_says_what_is_harmful_and_which_hotfix_contains_it(
    channels: list[str], projects: tuple[str, str, str], tmp_path: Path
) -> None:
    report = checked(projects)
    found = tailrace.suggest_hotfix([report], channels, before="never")
    assert list(found.by_channel) == ["harbour"]
    (tmp_path / "hotfix.yaml").write_text(found.by_channel["harbour"].text)
    assert tailrace.exposure(["ferry", "dock >=2"], channels, reports=[report], **OPTIONS).exposed
    proof = tailrace.prove_hotfix({"harbour": tmp_path / "hotfix.yaml"}, channels, reports=[report], **OPTIONS)
    assert proof.verdict == "proven"


def test_a_hotfix_is_proven_or_not(channels: list[str], tmp_path: Path) -> None:
    (tmp_path / "hotfix.yaml").write_text(HOTFIX)
    (tmp_path / "none.yaml").write_text("if: {name: nobody}\nthen:\n  - add_depends: x\n")
    proof = tailrace.prove_hotfix(tmp_path / "hotfix.yaml", channels, broken=BROKEN, **OPTIONS)
    assert proof.verdict == "proven"
    assert tailrace.prove_hotfix(tmp_path / "none.yaml", channels, broken=BROKEN, **OPTIONS).verdict == "not-proven"


@pytest.mark.parametrize(
    ("function", "arguments", "options", "says"),
    [
        ("exposure", (["ferry"], []), {}, "No channel is given."),
        ("exposure", (["ferry"], "harbour"), {}, "`channels` is one text."),
        ("exposure", (["ferry"], ["./x"]), {}, "no such folder"),
        ("exposure", (["ferry"], ["./x"]), {"since": "2022-05-01"}, "belong together"),
        ("exposure", (["ferry"], ["./x"]), {"broken": "a", "reports": ["r.json"]}, "r.json cannot be read"),
        ("suggest_hotfix", ([],), {}, "No check report was given."),
        ("suggest_hotfix", (["missing.json"],), {}, "missing.json cannot be read"),
        ("prove_hotfix", ("x.yaml", ["./x"]), {}, "It is not said what is harmful."),
        ("prove_hotfix", ({"y": "x.yaml"}, ["./x"]), {"broken": "a & b"}, "There are patches for y"),
        ("lint", (["./missing"],), {}, "missing"),
        ("lint", (["."],), {"disable": ["defaults-mixd"]}, "defaults-mixed"),
        ("check", ("dock==1",), {}, "there is no downstream to check"),
    ],
)
def test_a_mistake_is_one_sentence(
    function: str,
    arguments: tuple[Any, ...],
    options: dict[str, Any],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(tailrace.TailraceError, match=says):
        getattr(tailrace, function)(*arguments, **options)


def test_two_sources_of_what_is_harmful_are_refused(projects: tuple[str, str, str]) -> None:
    with pytest.raises(tailrace.TailraceError, match="give one of them"):
        tailrace.exposure(["ferry"], ["./x"], broken="dock", reports=[checked(projects)])


@pytest.mark.parametrize("name", api.__all__)
def test_every_function_is_described(name: str) -> None:
    function = getattr(api, name)
    text = inspect.cleandoc(function.__doc__ or "")
    assert "Returns:" in text
    assert "Raises:" in text
    described = text.partition("Args:\n")[2].partition("Returns:")[0]
    for parameter in inspect.signature(function).parameters:
        assert parameter in described, parameter


def test_exposure_on_a_past_day_has_the_hotfixes_of_that_day(channels: list[str], tmp_path: Path) -> None:
    (tmp_path / "hotfix.yaml").write_text(HOTFIX)
    history = [f"harbour={tmp_path / 'hotfix.yaml'}@2022-05-01"]

    def exposed(day: str, *hotfixes: str) -> bool:
        asked = ["ferry", "dock >=2"]
        return tailrace.exposure(asked, channels, broken=BROKEN, as_of=[day], hotfixes=hotfixes, **OPTIONS).exposed

    assert [exposed("2022-04-30", *history), exposed("2022-05-02", *history), exposed("2022-05-02")] == [
        True,
        False,
        True,
    ]


def test_hotfixes_of_a_channel_that_is_not_given_are_refused(channels: list[str]) -> None:
    for text, said in (("elsewhere=x.yaml", "not among the channels"), ("harbour", "CHANNEL=PATCHES")):
        with pytest.raises(tailrace.TailraceError, match=said) as caught:
            tailrace.exposure(["ferry"], channels, hotfixes=[text], **OPTIONS)
        assert caught.value.exit_status == 2


@pytest.mark.parametrize("name", ["check", "lint", "exposure"])
def test_a_function_with_the_name_of_a_room_can_be_called_before_and_after_the_room_is_imported(name: str) -> None:
    code = (
        f"import importlib, tailrace\nfirst = tailrace.{name}\nassert callable(first)\n"
        f"importlib.import_module('tailrace.{name}')\nassert callable(tailrace.{name})\n"
        f"try: tailrace.{name}(nonsense=1)\nexcept TypeError as error: assert 'nonsense' in str(error), error\n"
        f"import tailrace.{name} as room\nassert room.__path__\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_package_itself_imports_nothing_heavy() -> None:
    code = "import sys, tailrace; print(sorted(m for m in sys.modules if m.startswith('tailrace')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['tailrace']"
