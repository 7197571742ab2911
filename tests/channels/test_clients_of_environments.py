"""What each client makes of an existing environment, compared with real conda 26.7.1 where it was run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tailrace.cli.channel import options as channel_options
from tailrace.conda.errors import PrefixError
from tailrace.conda.loading import load_directory
from tailrace.conda.prefixes import is_made_by_pixi, read_pins
from tailrace.conda.records import Channel, Record
from tailrace.conda.repodata import channel_from_packages, decode_subdir
from tailrace.exposure.grid import Question, expose
from tailrace.exposure.harmful import parse_broken
from tailrace.solvers import CLIENT_MODELS, CLIENTS, FAMILIES, PRIORITIES, Client, Installed, Problem, solve


def record(name: str, version: str, *depends: str, build: str = "0", number: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "version": version,
        "build": build,
        "build_number": number,
        "depends": list(depends),
        **more,
    }


def channel(name: str, *records: dict[str, Any]) -> Channel:
    packages = {f"{r['name']}-{r['version']}-{r['build']}.conda": r for r in records}
    return channel_from_packages(name, {"noarch": packages})


def package(name: str, version: str, *depends: str, asked: str | None = None) -> Installed:
    found = Record(name=name, version=version, build="0", depends=depends, channel="c", subdir="noarch")
    return Installed(found, "file:///c", asked)


BASE = channel(
    "c",
    record("python", "3.12.1"),
    record("python", "3.12.9"),
    record("python", "3.13.1"),
    record("lib", "1", "python"),
    record("lib", "2", "python"),
    record("tool", "0.1", "python", "lib <2"),
    record("openssl", "3.0"),
    record("openssl", "3.5"),
)
#: `tool` was installed before its record was repaired.
STALE = (
    package("python", "3.12.1", asked="python=3.12"),
    package("lib", "1", "python", asked="lib"),
    package("tool", "0.1", "python", "lib", asked="tool"),
)


def versions(client: Client, specs: tuple[str, ...], **more: Any) -> dict[str, str] | str:
    given: dict[str, Any] = {"installed": STALE, "add_pip": False, **more}
    found = solve(Problem(specs, (BASE,), "noarch", **given), client, "strict")
    return {r.name: r.version for r in found.records} if found.status == "solved" else found.explanation


@pytest.mark.parametrize(
    ("client", "python", "lib"),
    [
        ("conda", "3.13.1", "1"),  # real conda 26.7.1: believes the channel's record of tool
        ("conda-rattler", "3.13.1", "2"),  # real conda 26.7.1: believes the environment's
        ("conda-libmamba", "3.13.1", "2"),
        ("mamba", "3.12.1", "1"),  # what satisfies the request stays
        ("pixi", "3.13.1", "2"),
    ],
)
def test_each_client_changes_an_environment_in_its_own_way(client: Client, python: str, lib: str) -> None:
    assert versions(client, ("lib", "python")) == {"python": python, "lib": lib, "tool": "0.1"}


@pytest.mark.parametrize("client", ["conda", "conda-libmamba", "conda-rattler", "mamba"])
@pytest.mark.parametrize(
    ("pin", "python"),
    [
        ("python 3.12.*", "3.12.9"),
        ("python=3.12", "3.12.9"),
        ("python>=3.12,<3.13", "3.12.9"),
        ("python 3.12.1", "3.12.1"),
        ("python[version='3.12.*']", "3.12.9"),
        ("c::python 3.12.*", "3.12.9"),
        ("python 3.12.* *", "3.12.9"),
    ],
)
def test_a_pin_holds_what_is_asked_for(client: Client, pin: str, python: str) -> None:
    found = versions(client, ("python",), pins=(pin,))
    assert isinstance(found, dict), found
    assert found["python"] == ("3.12.1" if CLIENT_MODELS[client].keeps else python)


@pytest.mark.parametrize("client", ["conda-libmamba", "conda-rattler"])
def test_a_request_against_a_pin_is_refused_by_conda_and_overrides_it_in_the_classic_solver(client: Client) -> None:
    assert "pins python 3.12.*" in versions(client, ("python=3.13",), pins=("python 3.12.*",))
    assert versions("conda", ("python=3.13",), pins=("python 3.12.*",))["python"] == "3.13.1"  # type: ignore[index]


@pytest.mark.parametrize("client", CLIENTS)
def test_a_pin_on_something_else_changes_nothing(client: Client) -> None:
    assert versions(client, ("lib", "python"), pins=("other 1.*",)) == versions(client, ("lib", "python"))


def test_the_classic_solver_leaves_a_pin_alone_that_the_request_cannot_reach() -> None:
    # Real conda 26.7.1: `lib` is pinned, but installed otherwise already, and the new package does not need it.
    installed = (*STALE[:1], package("lib", "2", "python", asked="lib"))
    found = versions("conda", ("openssl",), installed=installed, pins=("lib 1.*",))
    assert found == {"python": "3.12.1", "lib": "2", "openssl": "3.5"}


def test_of_two_pins_on_a_name_the_later_counts() -> None:
    pins = ("python 3.12.1", "python 3.12.*")
    assert versions("conda-rattler", ("python",), pins=pins)["python"] == "3.12.9"  # type: ignore[index]


@pytest.mark.parametrize("client", ["conda", "conda-libmamba", "conda-rattler", "mamba"])
def test_python_keeps_its_minor_version_unless_it_is_asked_for(client: Client) -> None:
    found = versions(client, ("lib",), installed=(package("python", "3.12.1"), package("lib", "1", "python")))
    assert isinstance(found, dict)
    assert found["python"].startswith("3.12.")


def test_conda_brings_openssl_up_to_date_whatever_is_asked_for() -> None:
    installed = (*STALE, package("openssl", "3.0"))
    assert versions("conda-rattler", ("lib",), installed=installed)["openssl"] == "3.5"  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "pins"),
    [
        ("python 3.12.*\n", ("python 3.12.*",)),
        ("# why\n\n  numpy=1.26  \npython 3.12.*\n", ("numpy=1.26", "python 3.12.*")),
        ("python 3.12.*  # since June\n", ("python 3.12.*",)),
        ("conda-forge::numpy 1.26.* py312*\r\n", ("conda-forge::numpy 1.26.* py312*",)),
        ("\ufeffpython 3.12.*", ("python 3.12.*",)),
        ("", ()),
    ],
)
def test_the_file_of_pins_is_read_line_by_line(tmp_path: Path, text: str, pins: tuple[str, ...]) -> None:
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "pinned").write_text(text, encoding="utf-8")
    assert tuple(pin.spec for pin in read_pins(tmp_path, {})) == pins


def test_configured_pins_come_before_those_of_the_environment(tmp_path: Path) -> None:
    home, prefix = tmp_path / "home", tmp_path / "env"
    (prefix / "conda-meta").mkdir(parents=True)
    home.mkdir()
    (home / ".condarc").write_text("pinned_packages:\n  - a 1.*\n  - b=2&c=3\n")
    (prefix / ".condarc").write_text("pinned_packages: d 4\n")
    (prefix / "conda-meta" / "pinned").write_text("f 6\n")
    environ = {"HOME": str(home), "CONDA_PINNED_PACKAGES": "e 5"}
    assert [pin.spec for pin in read_pins(prefix, environ)] == ["a 1.*", "b=2", "c=3", "d 4", "e 5", "f 6"]
    (prefix / ".condarc").write_text("pinned_packages: [")
    with pytest.raises(PrefixError, match="condarc"):
        read_pins(prefix, environ)


def test_only_pixis_own_environments_are_pixis(tmp_path: Path) -> None:
    (tmp_path / "conda-meta").mkdir()
    assert not is_made_by_pixi(tmp_path)
    (tmp_path / "conda-meta" / "pixi").write_text("{}")
    assert is_made_by_pixi(tmp_path)


def served(tmp_path: Path, repodata: dict[str, Any]) -> Channel:
    (tmp_path / "ch/noarch").mkdir(parents=True)
    (tmp_path / "ch/noarch/repodata.json").write_text(json.dumps(repodata))
    return load_directory(tmp_path / "ch")


def given(found: Channel, client: Client, *specs: str) -> tuple[str, ...]:
    return solve(Problem(specs, (found,), "noarch", add_pip=False), client, "strict").packages


CASES = [
    ("conda", "ch::a-2-0"),
    ("conda-libmamba", "ch::a-2-0"),
    ("conda-rattler", "ch::a-1-0"),
    ("mamba", "ch::a-1-0"),
]


@pytest.mark.parametrize(("client", "label"), CASES)
def test_what_is_listed_as_removed_is_only_offered_by_those_who_do_not_look(
    tmp_path: Path, client: Client, label: str
) -> None:
    packages = {"a-1-0.conda": record("a", "1"), "a-2-0.conda": record("a", "2")}
    found = served(tmp_path, {"packages.conda": packages, "removed": ["a-2-0.conda"]})
    assert given(found, client, "a") == (label,)


@pytest.mark.parametrize(
    ("client", "label"), [(c, "ch::a-1-0" if "a-2" in other else "ch::a-2-0") for c, other in CASES]
)
@pytest.mark.parametrize("group", ["conda", "tar.bz2"])
def test_records_of_revision_3_are_seen_by_rattler_only(tmp_path: Path, client: Client, label: str, group: str) -> None:
    index = {
        "packages.conda": {"a-1-0.conda": record("a", "1")},
        "v3": {group: {"a-2-0": record("a", "2")}, "whl": {"a-3-py3": {"name": 1}}},
    }
    found = served(tmp_path, index)
    assert given(found, client, "a") == (label,)
    assert all(r.file_name.startswith(f"{r.name}-{r.version}-{r.build}.") for r in found.records())


def test_a_cell_that_is_harmful_for_some_of_its_users_is_exposed(tmp_path: Path) -> None:
    packages = {"a-1-0.conda": record("a", "1"), "a-2-0.conda": record("a", "2")}
    found = served(tmp_path, {"packages.conda": packages, "removed": ["a-2-0.conda"]})
    asked = Question(
        ("a",), ((found,),), ("strict",), ("mamba",), ("noarch",), broken=parse_broken("a >=2"), virtual="none"
    )
    (cell,) = expose(asked).cells
    assert cell.packages == ("ch::a-1-0",)
    assert cell.exposed is True
    assert "conda with libmamba" in cell.note
    assert [(other.packages, other.exposed) for other in cell.others] == [(("ch::a-2-0",), True)]


@pytest.mark.parametrize(
    "bad",
    [
        None,
        [],
        "a",
        record("a", "2") | {"depends": None},
        record("a", "2") | {"depends": [None]},
        record("a", "2") | {"version": None},
        record("a", "2") | {"build_number": "x"},
        {"name": "a"},
    ],
)
def test_a_misshapen_record_is_refused_alone_and_named(tmp_path: Path, bad: Any) -> None:
    found = served(tmp_path, {"packages.conda": {"a-1-0.conda": record("a", "1"), "a-2-0.conda": bad}})
    assert [r.version for r in found.records()] == ["1"]
    asked = Question(("a",), ((found,),), ("strict",), FAMILIES, ("noarch",), virtual="none")
    report = expose(asked)
    assert {cell.packages for cell in report.cells} == {("ch::a-1-0",)}
    assert sum("a-2-0.conda in noarch cannot be read" in note for note in report.notes) == 1


@pytest.mark.parametrize("removed", [None, "a", [1], {}])
def test_a_misshapen_list_of_removed_files_is_named(removed: Any) -> None:
    data = json.dumps({"packages.conda": {"a-1-0.conda": record("a", "1")}, "removed": removed}).encode()
    found = decode_subdir(data, channel="c", subdir="noarch", place="here")
    assert [one.file_name for one in found.refused] == ["removed"]
    assert len(found.records) == 1


@pytest.mark.parametrize("specs", [("app", "foo"), ("foo", "app")])
def test_an_answer_that_depends_on_the_order_of_the_request_says_so(specs: tuple[str, ...]) -> None:
    high = channel("hi", record("foo", "1.1"), record("foo", "1.0"))
    low = channel("lo", record("foo", "2.0"), record("app", "1", "foo <2"), record("app", "2", "foo >=2"))
    found = solve(Problem(specs, (high, low), "noarch", add_pip=False), "mamba", "flexible")
    assert len(found.others) == 1
    other = found.others[0]
    assert ", ".join(reversed(specs)) in other.who
    turned = solve(Problem(specs[::-1], (high, low), "noarch", add_pip=False), "mamba", "flexible")
    assert (turned.packages, turned.others[0].solution.packages) == (other.solution.packages, found.packages)


def test_an_answer_that_does_not_depend_on_the_order_says_nothing() -> None:
    found = solve(Problem(("lib", "python"), (BASE,), "noarch", add_pip=False), "mamba", "strict")
    assert found.others == ()


def test_without_priority_libsolv_takes_equal_files_from_the_higher_channel() -> None:
    high = channel("hi", record("a", "1", "b <2"), record("b", "1"))
    low = channel("lo", record("a", "1", "b"), record("b", "2"))
    asked = Problem(("a",), (high, low), "noarch", add_pip=False)
    rattler = solve(asked, "conda-rattler", "disabled").packages
    libsolv = solve(asked, "conda-libmamba", "disabled").packages
    assert rattler == ("lo::a-1-0", "lo::b-2-0")
    assert libsolv == ("hi::a-1-0", "hi::b-1-0")
    both = solve(asked, "mamba", "disabled")
    assert both.packages == libsolv
    assert [(other.who, other.solution.packages) for other in both.others] == [("pixi and conda with rattler", rattler)]


def test_the_lists_of_clients_are_one_list() -> None:
    assert channel_options.known_clients() == CLIENTS == tuple(CLIENT_MODELS)
    assert channel_options.PRIORITIES == PRIORITIES
    assert set(FAMILIES) <= set(CLIENTS)
    for client in CLIENTS:
        for priority in PRIORITIES:
            for installed in ((), STALE):
                asked = Problem(("lib",), (BASE,), "noarch", add_pip=False, installed=installed)
                assert solve(asked, client, priority).status == "solved"


def test_pins_of_a_real_environment(tmp_path: Path) -> None:
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "pinned").write_text("# kept by the administrator\npython 3.12.*\n\n")
    assert [pin.spec for pin in read_pins(tmp_path, {})] == ["python 3.12.*"]
