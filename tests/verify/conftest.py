"""A folder of wheels as the only index, and a sandbox where this machine has one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from verify_world import World

from tailrace.verify import NoSandboxError
from tailrace.verify.sandbox import Sandbox, choose_sandbox


@pytest.fixture
def sandbox() -> Sandbox:
    """The sandbox of this machine; skips with what was tried where there is none."""
    try:
        return choose_sandbox("auto")
    except NoSandboxError as error:
        pytest.skip(str(error))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def up(world: World) -> Callable[[str, str], World]:
    """Writes the two releases of `up`, each one module."""

    def write(old: str, new: str) -> World:
        world.add("up", "1.0", {"up.py": old})
        world.add("up", "2.0", {"up.py": new})
        return world

    return write
