"""Which folder a path means: a channel of one's own is what it serves now, and keeps its name and address."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailrace.channel.index_formats.places import Folder, place_of
from tailrace.conda.errors import ChannelUnreadableError
from tailrace.conda.folders import served_folder
from tailrace.conda.loading import load_channel


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A channel of one's own in its third state."""
    root = tmp_path / "harbour"
    for serial, version in (("00000002", "1.0"), ("00000003", "2.0")):
        for place in ("noarch", "label/canary/noarch"):
            folder = root / "states" / serial / "channel" / place
            folder.mkdir(parents=True)
            record = f'{{"name": "dock", "version": "{version}", "build": "0"}}'
            (folder / "repodata.json").write_text(f'{{"packages": {{"dock-{version}-0.tar.bz2": {record}}}}}')
    (root / "current").symlink_to("states/00000003/channel")
    return root


MEANT = [
    ("harbour", "harbour", "current"),
    ("harbour/", "harbour", "current"),
    ("harbour/current", "harbour", "current"),
    ("harbour/label/canary", "canary", "current/label/canary"),
    ("harbour/current/label/canary", "canary", "current/label/canary"),
    # An older state is asked for by its own path.
    ("harbour/states/00000002/channel", "channel", "states/00000002/channel"),
]


@pytest.mark.parametrize(("text", "name", "address"), MEANT)
@pytest.mark.parametrize("scheme", ["", "file://"])
def test_a_path_means_what_is_served_there(own: Path, text: str, name: str, address: str, scheme: str) -> None:
    whole = f"{scheme}{own.parent}/{text}"
    version = "1.0" if "00000002" in text else "2.0"
    channel = load_channel(whole, ("linux-64",), cache=own.parent / "cache")
    assert (channel.name, channel.url) == (name, (own / address).as_uri())
    assert [record.version for record in channel.records()] == [version]
    place = place_of(whole)
    assert isinstance(place, Folder)
    assert version.encode() in (place.read("noarch/repodata.json") or b"")


@pytest.mark.parametrize("text", ["https://harbour.example/main", "no-such-folder", "harbour/label/none"])
def test_what_is_no_folder_is_none(own: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.chdir(own.parent)
    assert served_folder(text) is None


@pytest.mark.parametrize("text", ["{}/none", "file://{}/none", "{}/harbour/label/none"])
def test_a_folder_that_is_not_there_is_said_not_to_be(own: Path, text: str) -> None:
    with pytest.raises(ChannelUnreadableError, match="no such folder"):
        load_channel(text.format(own.parent), ("linux-64",), cache=own.parent / "cache")
