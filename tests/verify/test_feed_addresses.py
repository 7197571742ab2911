"""Folders with archives, as the installer is told of them: it starts elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailrace.sources import Sources, SourceSettings
from tailrace.verify.feed import Feed


@pytest.mark.parametrize(
    ("link", "told"),
    [
        pytest.param("wheels", "{here}/wheels", id="below the working directory"),
        pytest.param("./wheels", "{here}/wheels", id="with a dot"),
        pytest.param("/srv/wheels", "/srv/wheels", id="absolute"),
        pytest.param("https://host.example/page", "https://host.example/page", id="an address"),
        pytest.param("file:///srv/wheels", "file:///srv/wheels", id="the address of a folder"),
    ],
)
def test_folders_are_told_as_absolute_paths(
    link: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = SourceSettings(index_urls=(), extra_index_urls=(), find_links=(link,), cache_dir=tmp_path / "cache")
    assert Feed(Sources(settings)).indexes.find_links == (told.format(here=tmp_path),)
