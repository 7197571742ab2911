"""What a scenario may be wrong in, and that all of it is said at once."""

from __future__ import annotations

import pickle
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from tailrace.replay import ScenarioError, UnknownScenarioError, load_incident, scenarios
from tailrace.replay.scenario import split_file_name

SHIPPED = Path(str(files("tailrace.replay"))) / "scenarios"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED / "conda-23.9", tmp_path / "mine"))


def edit(folder: Path, old: str, new: str, file: str = "scenario.toml") -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")


def mistakes(folder: Path) -> tuple[str, ...]:
    with pytest.raises(ScenarioError) as caught:
        load_incident(str(folder))
    assert caught.value.exit_status == 2
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.mistakes == caught.value.mistakes
    return caught.value.mistakes


def test_a_folder_is_a_scenario(folder: Path) -> None:
    assert load_incident(str(folder)).scenario.title == "conda 23.9.0, September 2023"


def test_all_scenarios_load_and_have_titles() -> None:
    assert set(scenarios()) >= {"conda-4.13", "conda-23.9"}
    assert all(load_incident(name).scenario.title == title for name, title in scenarios().items())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "conda', 'titel = "conda', "titel"),
        ('subdir = "linux-64"\nsince', "since", "subdir"),
        ("[candidate]", "[candidate", "is not TOML"),
        ("tailrace.scenario/1", "tailrace.scenario/2", "tailrace.scenario/2"),
        ('since = "2023-09-26"', 'since = "26 September"', "since: '26 September' is not a date"),
        ('since = "2023-09-26"', 'since = "2023-10-26"', "until is not after since"),
        ("conda >=23.9 & conda-build <3.25", "conda >=23.9 & (conda-build", "broken: "),
        ('orders = [["conda-forge"]]', 'orders = [["forge"]]', "grid.orders names the channel 'forge'"),
        ('orders = [["conda-forge"]]', "orders = []", "grid.orders is empty"),
        ('priorities = ["strict", "flexible"', 'priorities = ["strickt", "flexible"', "strickt"),
        ('specs = ["conda-build"]', 'specs = ["conda-build >>"]', "asks: "),
        ('baseline = "conda@23.7.4"', 'baseline = "cnda@23.7.4"', "'cnda@23.7.4' is not REPOSITORY@REF"),
        ('at = "2023-10-02T11:42Z"\nevent', 'at = "2023-11-02T11:42Z"\nevent', "timeline is not in the order of time"),
        ("hotfixes/2023-10-02-conda-forge.yaml", "hotfixes/none.yaml", "hotfixes/none.yaml cannot be read"),
        ("hotfixes/2023-10-02-conda-forge.yaml", "../../etc/passwd", "is not a file of the scenario's own folder"),
        ('file = "check.json"', 'file = "/etc/passwd"', "is not a file of the scenario's own folder"),
        ("conda-23.7.4-py311h38be061_0.conda", "conda-23.7.4.zip", "is no NAME-VERSION-BUILD"),
        ("conda-build-3.25.0-py311", "conda-build-3.24.0-py311", "stands twice"),
        ('"truststore 0.8.0"', '"truststore"', "leaves: 'truststore' is not NAME VERSION [BUILD]"),
        ('version = "23.9.0"', 'version = "23.9.1"', "check.json is about conda 23.9.0, not about conda 23.9.1"),
        ('provenance = "recorded"', 'provenance = "heard"', "heard"),
    ],
)
def test_a_mistake_is_named(folder: Path, old: str, new: str, said: str) -> None:
    edit(folder, old, new)
    assert any(said in mistake for mistake in mistakes(folder)), mistakes(folder)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("check.json", b"{", "check.json is not a check report"),
        ("check.json", b"\xff\xfe", "check.json is not UTF-8"),
        ("check.json", b'{"schema": "tailrace.check/1"}', "check.json is not a check report"),
        ("hotfixes/2023-10-02-conda-forge.yaml", b"if: {nam: x}\nthen: [{add_depends: y}]\n", "nam"),
        ("scenario.toml", b"\xff", "scenario.toml is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(folder: Path, file: str, content: bytes, said: str) -> None:
    (folder / file).write_bytes(content)
    assert any(said in mistake for mistake in mistakes(folder))


def test_mistakes_come_together(folder: Path) -> None:
    edit(folder, 'until = "2023-10-06"', 'until = "some day"')
    edit(folder, 'specs = ["conda-build"]', 'specs = ["conda-build >>"]')
    edit(folder, "version_lt", "version_less", "hotfixes/2023-10-02-conda-forge.yaml")
    (folder / "check.json").unlink()
    assert len(mistakes(folder)) == 4


@pytest.mark.parametrize(
    ("name", "hint"),
    [("conda-4.31", "Did you mean conda-4.13?"), ("conda-23", "Did you mean conda-23.9?"), ("", "The scenarios are")],
)
def test_an_unknown_scenario_has_the_nearest_one(name: str, hint: str) -> None:
    with pytest.raises(UnknownScenarioError) as caught:
        load_incident(name)
    assert hint in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).known == caught.value.known


@pytest.mark.parametrize(
    ("file", "parts"),
    [
        ("conda-build-3.21.8-py39_0.tar.bz2", ("conda-build", "3.21.8", "py39_0")),
        ("conda-4.13.0-0.conda", ("conda", "4.13.0", "0")),
        ("conda-4.13.0.conda", None),
        ("conda-4.13.0-0.zip", None),
    ],
)
def test_a_file_name_tells_name_version_and_build(file: str, parts: tuple[str, str, str] | None) -> None:
    assert split_file_name(file) == parts
