"""A channel of one's own as the place that a spec names, by the folder that `channel init` made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailrace.cli.app import app
from tailrace.cli.failure import run
from tailrace.sources import Sources


@pytest.mark.parametrize("place", ["{}", "{}/current"])
def test_a_spec_may_name_the_channel_as_its_owner_does(
    channel: Path, archives: dict[str, Path], monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(channel.parent)
    assert run(app, ["channel", "index", str(channel)]) == 0
    name = sorted(channel.joinpath("current", "noarch").glob("*.conda"))[0].name.rsplit("-", 2)[0]
    release = Sources().resolve(f"{place.format(channel)}::{name}")
    assert (release.name, release.source) == (name, "conda")
