"""A folder of wheels as the only index, and a sandbox where this machine has one."""

from __future__ import annotations

from pathlib import Path

import pytest
from nightly_world import NightlyWorld

from tailrace.verify import NoSandboxError
from tailrace.verify.sandbox import choose_sandbox


@pytest.fixture
def sandboxed() -> None:
    """Skips with what was tried where no sandbox works."""
    try:
        choose_sandbox("auto")
    except NoSandboxError as error:
        pytest.skip(str(error))


@pytest.fixture
def world(tmp_path: Path) -> NightlyWorld:
    return NightlyWorld(tmp_path)
