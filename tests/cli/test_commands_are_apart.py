"""The contract that no command imports another one covers each of them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tailrace.cli import hotfix
from tailrace.cli.app import COMMANDS

ROOT = Path(__file__).parents[2]


def test_every_command_is_in_the_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (contract,) = (one for one in contracts if one["name"] == "No command imports another command")
    commands = {module for module, _ in (*COMMANDS.values(), *hotfix.COMMANDS.values())}
    assert set(contract["modules"]) == commands - {"tailrace.cli.hotfix"}
