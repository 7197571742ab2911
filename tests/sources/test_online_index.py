"""The index that this machine is configured for, asked for real."""

from __future__ import annotations

from pathlib import Path

import pytest

from tailrace.artifacts import open_release
from tailrace.sources import Sources, SourceSettings, UnknownVersionError

pytestmark = pytest.mark.online


def test_a_real_release_is_fetched_once_and_opened(tmp_path: Path) -> None:
    settings = SourceSettings(cache_dir=tmp_path)
    artifact = open_release("MarkupSafe==2.1.0", Sources(settings))
    assert (artifact.release.name, artifact.release.version) == ("markupsafe", "2.1.0")
    assert "markupsafe/__init__.py" in artifact.python_files
    offline = Sources(SourceSettings(cache_dir=tmp_path, offline=True))
    assert open_release("MarkupSafe==2.1.0", offline) == artifact


def test_what_is_below_a_real_release(tmp_path: Path) -> None:
    sources = Sources(SourceSettings(cache_dir=tmp_path))
    assert sources.previous(sources.resolve("MarkupSafe==2.1.0")).version == "2.0.1"
    assert sources.resolve("MarkupSafe<2.1").version == "2.0.1"
    with pytest.raises(UnknownVersionError) as caught:
        sources.resolve("MarkupSafe==2.1.99")
    assert "2.1.5" in caught.value.nearest
