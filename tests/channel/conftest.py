"""Archives that many tests use, made once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from own_parts import channel_of, make_package


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pair of the incident, before and after, and what goes with it."""
    folder = tmp_path_factory.mktemp("archives")
    made = [
        make_package(folder, "conda", "4.12.0"),
        make_package(folder, "conda", "4.13.0"),
        make_package(folder, "conda-build", "3.21.8", "conda >=4.5"),
        make_package(folder, "conda-build", "3.21.9", "conda >=4.5", ending=".tar.bz2"),
        make_package(folder, "tool", "1.0", "conda", subdir="linux-64"),
    ]
    return {path.name: path for path in made}


@pytest.fixture(scope="session")
def _first_channel(tmp_path_factory: pytest.TempPathFactory, archives: dict[str, Path]) -> Path:
    old = ["conda-4.12.0-0.conda", "conda-build-3.21.8-0.conda", "tool-1.0-0.conda"]
    new = ["conda-4.13.0-0.conda", "conda-build-3.21.9-0.tar.bz2"]
    return channel_of(
        tmp_path_factory.mktemp("first") / "channel",
        main=[archives[name] for name in old],
        canary=[archives[name] for name in new],
    )


@pytest.fixture
def channel(tmp_path: Path, _first_channel: Path) -> Path:
    """main: conda 4.12.0, conda-build 3.21.8, tool; canary: conda 4.13.0, conda-build 3.21.9. Each test has a copy."""
    return Path(shutil.copytree(_first_channel, tmp_path / "channel", symlinks=True))
