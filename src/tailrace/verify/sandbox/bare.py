"""No sandbox: the program runs with the rights of the user, in an empty HOME, with limits on time and output only."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tailrace.verify.sandbox.interface import Command, Ended, Limits
from tailrace.verify.sandbox.running import run_limited


@dataclass(frozen=True, slots=True)
class Bare:
    """Runs a program as it is. Only where the user asked for it."""

    name: str = "none"
    protects: bool = False

    def run(self, command: Command, limits: Limits) -> Ended:
        """See `Sandbox`."""
        with tempfile.TemporaryDirectory(prefix="tailrace-home-", ignore_cleanup_errors=True) as home:
            variables = {"HOME": home, "TMPDIR": home, "PATH": os.defpath, "LANG": "C.UTF-8", **command.environment}
            folder = command.folder if command.folder and Path(command.folder).is_dir() else home
            return run_limited(command.arguments, limits, environment=variables, folder=folder)
