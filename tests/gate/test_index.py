"""What a package index offers, and which of it lets a release in."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.gate.index_records import observe_index
from tailrace.gate.moments import parse_time
from tailrace.gate.names import Subject

UP = Subject(name="up", version="2.0")
NOW = parse_time("2026-03-01")
POLICY = """
schema = "tailrace.policy/1"
id = "library"
subjects = ["up"]
targets = ["pypi"]
[channels]
pypi = "index+./wheels"
[[rules]]
id = "no-new-breaks"
kind = "check"
versions = "VERSIONS"
downstreams = ["down", "other"]
max-age = "7d"
"""


class Index:
    """An index in memory: name → version → (day, requirements)."""

    def __init__(self, **projects: dict[str, tuple[str, tuple[str, ...] | None]]) -> None:
        self.projects = projects

    def offered(self, name: str) -> dict[str, datetime | None] | None:
        if name not in self.projects:
            return None
        days = {version: day for version, (day, _) in self.projects[name].items()}
        return {v: datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None for v, day in days.items()}

    def requires(self, name: str, version: str) -> tuple[str, ...] | None:
        return self.projects[name][version][1]


# the requirements of a version of `down`, whether it lets up 2.0 in; `left out` where it does not require up
ADMITS: dict[str, tuple[tuple[str, ...] | None, bool | str | None]] = {
    "any version": (("up",), True),
    "a lower bound": (("up>=1.5",), True),
    "an upper bound": (("up<2",), False),
    "another spelling": (("UP >= 1, < 2",), False),
    "a compatible release": (("up~=1.4",), False),
    "two lines for two environments": (("up<2; python_version<'3.9'", "up; python_version>='3.9'"), True),
    "with an extra only": (("up<2; extra == 'x'",), "left out"),
    "beside an extra": (("up<2; extra == 'x'", "up>=1"), True),
    "from an address": (("up @ https://example.org/up.whl",), None),
    "something else": (("upper<2", "numpy"), "left out"),
    "a line that cannot be read": (("up >>> 2",), "left out"),
    "nothing": ((), "left out"),
    "nothing that can be read": (None, None),
}


@pytest.mark.parametrize("row", ADMITS)
def test_whether_requirements_let_the_release_in(row: str) -> None:
    requires, expected = ADMITS[row]
    state = observe_index(Index(up={}, down={"1.0": ("", requires)}), "pypi", UP, ["down"], NOW)
    assert [one.admits for one in state.of("down")] == ([] if expected == "left out" else [expected])
    assert all(one.requires for one in state.of("down"))


def test_what_came_later_is_not_offered_and_old_versions_are() -> None:
    days = {"0.9": "2020-01-01", "1.0": "2025-01-01", "1.1": "2026-06-01", "1.2": ""}
    index = Index(up={"1.0": ("2020-01-01", ())}, down={v: (day, ("up",)) for v, day in days.items()})
    state = observe_index(index, "pypi", UP, ["down"], NOW)
    assert [one.version for one in state.of("down")] == ["0.9", "1.0", "1.2"]
    assert [one.since for one in state.of("up")] == ["2020-01-01T00:00:00Z"]
    newest = observe_index(index, "pypi", UP, ["down"], NOW, newest=True)
    assert [one.version for one in newest.of("down")] == ["1.2"]


@pytest.mark.parametrize(("names", "complete"), [(["down"], True), (["down", "lost"], False), ([], False)])
def test_what_the_index_does_not_say_is_not_complete(names: list[str], complete: bool) -> None:
    assert observe_index(Index(up={}, down={}), "pypi", UP, names, NOW).complete is complete


def write_wheel(folder: Path, name: str, version: str, code: str, *requires: str) -> None:
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/__init__.py", code)
        lines = "".join(f"Requires-Dist: {line}\n" for line in requires)
        wheel.writestr(
            f"{name}-{version}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{lines}"
        )
        wheel.writestr(f"{name}-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{name}-{version}.dist-info/RECORD", "")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wheels").mkdir()
    write_wheel(tmp_path / "wheels", "up", "1.0", "def old(): pass\ndef kept(): pass\n")
    write_wheel(tmp_path / "wheels", "up", "2.0", "def kept(): pass\n")
    write_wheel(tmp_path / "wheels", "down", "1.0", "from up import old\n", "up")
    write_wheel(tmp_path / "wheels", "down", "1.1", "from up import old\n", "up<2")
    write_wheel(tmp_path / "wheels", "down", "1.2", "from up import kept\n", "up>=1")
    write_wheel(tmp_path / "wheels", "other", "3.0", "import up\nup.kept()\n", "up")
    (tmp_path / "gate").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("versions", "status", "said"),
    [("admitted", 1, "breaks down 1.0"), ("latest", 0, "nothing breaks in 2 downstream versions")],
)
def test_collect_and_decide_on_an_index(
    folder: Path, capsys: pytest.CaptureFixture[str], versions: str, status: int, said: str
) -> None:
    """Every version that the index offers and that lets the release in, not the newest alone."""
    (folder / "gate" / "policy.toml").write_text(POLICY.replace("VERSIONS", versions))
    assert run(app, ["gate", "collect", "up 2.0"]) == 0
    capsys.readouterr()
    assert run(app, ["gate", "evaluate", "up 2.0", "--target", "pypi", "-f", "json"]) == status
    decision = json.loads(capsys.readouterr().out)
    assert said in decision["rules"][0]["reason"]


def test_a_downstream_that_is_not_there_leaves_the_answer_unknown(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = POLICY.replace("VERSIONS", "latest").replace('"other"', '"otherr"')
    (folder / "gate" / "policy.toml").write_text(policy)
    assert run(app, ["gate", "collect", "up 2.0"]) == 3
    assert "otherr" in capsys.readouterr().err
    assert run(app, ["gate", "evaluate", "up 2.0", "--target", "pypi"]) == 3


def test_an_index_needs_the_names_of_downstreams(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = POLICY.replace("VERSIONS", "latest").replace('downstreams = ["down", "other"]\n', "")
    (folder / "gate" / "policy.toml").write_text(policy)
    assert run(app, ["gate", "collect", "up 2.0"]) == 3
    assert "name them with --downstream NAME" in capsys.readouterr().err
    assert run(app, ["gate", "collect", "up 2.0", "--downstream", "down", "-d", "other"]) == 0
    assert run(app, ["gate", "evaluate", "up 2.0", "--target", "pypi"]) == 0


def test_a_place_that_is_no_folder_is_a_mistake(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "gate" / "policy.toml").write_text(POLICY.replace("VERSIONS", "latest"))
    assert run(app, ["gate", "collect", "up 2.0", "--channel", "pypi=index+./nowhere"]) == 2
    assert "is not a folder" in capsys.readouterr().err
