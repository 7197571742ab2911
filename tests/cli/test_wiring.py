"""Settings become what the rooms ask for; downstreams are found where they are named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tailrace.cli.wiring import NoDownstreamError, find_downstreams, make_options, make_sources
from tailrace.config.load import load
from tailrace.config.values import Settings


def settings(**flags: Any) -> Settings:
    return load({key.replace("_", "-"): value for key, value in flags.items()}, environment={}, folder=Path.cwd())


def found(folder: Path, **flags: Any) -> tuple[str, ...]:
    chosen = settings(**flags)
    return find_downstreams(chosen, folder, make_sources(chosen))


@pytest.mark.parametrize("name", ["pyproject.toml", "setup.py", "setup.cfg"])
def test_a_project_without_other_downstreams_is_its_own(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert found(tmp_path) == (".",)


def test_a_project_that_names_downstreams_is_not_added_to_them(tmp_path: Path) -> None:
    (tmp_path / "setup.py").touch()
    assert found(tmp_path, downstreams=("a==1",)) == ("a==1",)


def test_a_folder_that_is_no_project_must_name_one(tmp_path: Path) -> None:
    (tmp_path / "README").touch()
    with pytest.raises(NoDownstreamError) as caught:
        found(tmp_path)
    assert caught.value.exit_status == 2
    assert "--downstream" in str(caught.value.hint)


def test_downstreams_are_taken_from_flags_and_files_each_once(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("a==1\nb==2\n")
    assert found(tmp_path, downstreams=("b==2", "c==3"), downstreams_from=(str(file),)) == ("b==2", "c==3", "a==1")


def test_an_environment_gives_what_is_installed_in_it(tmp_path: Path) -> None:
    info = tmp_path / "lib" / "python3.11" / "site-packages" / "thing-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
    (specs,) = found(tmp_path, downstream_env=str(tmp_path))
    assert "thing" in specs


def test_sources_get_what_the_settings_say(tmp_path: Path) -> None:
    given = settings(
        index_url="https://packages.example.org/simple",
        find_links=(str(tmp_path),),
        offline=True,
        refresh=True,
        allow_prereleases=True,
        cache_dir=str(tmp_path / "cache"),
    )
    made = make_sources(given).settings
    assert made.index_urls == ("https://packages.example.org/simple",)
    assert (made.extra_index_urls, made.find_links) == (None, (str(tmp_path),))
    assert (made.offline, made.refresh, made.allow_prereleases) == (True, True, True)
    assert made.cache_dir == tmp_path / "cache"


def test_without_settings_the_machine_s_own_configuration_stays_in_force() -> None:
    made = make_sources(settings()).settings
    assert (made.index_urls, made.extra_index_urls, made.find_links, made.cache_dir) == (None, None, None, None)


def test_limits_reach_the_sources() -> None:
    made = make_sources(settings(**{"limits.members": 5, "limits.ratio": 6})).settings.limits
    assert (made.members, made.ratio) == (5, 6)


def test_options_get_what_the_settings_say() -> None:
    made = make_options(settings(jobs=3, time_limit=7.0, python_version="3.12"), None)
    assert (made.jobs, made.time_limit, made.python_version, made.allow) == (3, 7.0, "3.12", ())
