"""What an environment says of itself: its packages, and what its user had asked for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tailrace.conda.errors import PrefixError
from tailrace.conda.history import requested_in
from tailrace.conda.prefixes import load_prefix

HISTORY = [
    ("# update specs: ['dock>=1', 'ferry']", {"dock": "dock>=1", "ferry": "ferry"}),
    ("# install specs: [\"dock[version='>=1,<2']\"]", {"dock": "dock[version='>=1,<2']"}),
    (
        "# create specs: python>=3.5.1,jupyter >=1.0.0,<2.0,matplotlib",
        {"python": "python>=3.5.1", "jupyter": "jupyter >=1.0.0,<2.0", "matplotlib": "matplotlib"},
    ),
    ("# update specs: ['dock']\n# remove specs: ['dock']", {}),
    ("# update specs: ['dock 1']\n# neutered specs: ['dock']", {"dock": "dock"}),
    ("# update specs: ['dock']\n# update specs: ['dock 2']", {"dock": "dock 2"}),
    ("# cmd: conda install dock\n# conda version: 4.12.0\n+main::dock-1-0", {}),
    ("# update specs: ['@/linux-64::__glibc==2.31=0@']", {}),
    ("# update specs: [ferry", {}),
    ("# update specs: __import__('os').getcwd()", {}),
    ("", {}),
]


@pytest.mark.parametrize(("text", "expected"), HISTORY)
def test_a_history_tells_what_was_asked_for(text: str, expected: dict[str, str]) -> None:
    assert requested_in(text) == expected


def environment(root: Path, history: str | None, **more: dict[str, Any]) -> Path:
    meta = root / "conda-meta"
    meta.mkdir(parents=True)
    for name in ("dock", "ferry"):
        entry = {"name": name, "version": "1", "build": "0", "subdir": "noarch", "fn": f"{name}-1-0.conda"}
        entry |= {"url": f"https://harbour.example/main/noarch/{name}-1-0.conda", **more.get(name, {})}
        (meta / f"{name}-1-0.json").write_text(json.dumps(entry))
    if history is not None:
        (meta / "history").write_text(history)
    return root


REQUESTED = [
    (None, {"requested_spec": "dock>=1"}, "dock>=1"),
    (None, {"requested_specs": ["dock", "dock>=1"]}, "dock"),
    # What old versions of conda write for a dependency.
    (None, {"requested_spec": "None"}, None),
    (None, {"requested_spec": None, "requested_specs": []}, None),
    # The history is what clients read; a spec elsewhere is older.
    ("# update specs: ['ferry']", {"requested_spec": "dock>=1"}, None),
    ("# update specs: ['dock 1.*']", {"requested_spec": "None"}, "dock 1.*"),
    ("# update specs: ['somebody-else']", {"requested_spec": "dock>=1"}, "dock>=1"),
]


@pytest.mark.parametrize(("history", "dock", "expected"), REQUESTED)
def test_what_was_asked_for_is_known_by_package(
    tmp_path: Path, history: str | None, dock: dict[str, Any], expected: str | None
) -> None:
    first, second = load_prefix(environment(tmp_path, history, dock=dock))
    assert (first.requested, first.record.channel, first.channel_url) == (
        expected,
        "main",
        "https://harbour.example/main",
    )
    assert second.record.name == "ferry"


def test_a_package_of_a_channel_of_ones_own_is_known_by_the_channel_not_by_its_state(
    tmp_path: Path,
) -> None:
    own = tmp_path / "harbour"
    (own / "states" / "00000001" / "channel" / "noarch").mkdir(parents=True)
    (own / "current").symlink_to("states/00000001/channel")
    url = (own / "current" / "noarch" / "dock-1-0.conda").as_uri()
    first, _ = load_prefix(environment(tmp_path / "prefix", None, dock={"url": url}))
    assert (first.record.channel, first.channel_url) == ("harbour", (own / "current").as_uri())


def test_what_is_no_environment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PrefixError, match="is not a conda environment"):
        load_prefix(tmp_path)
    root = environment(tmp_path / "torn", None)
    (root / "conda-meta" / "dock-1-0.json").write_text('{"name": "dock"')
    with pytest.raises(PrefixError, match="cannot be read"):
        load_prefix(root)
