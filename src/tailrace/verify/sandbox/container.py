"""A container engine (podman, docker) as the sandbox: no network, a read-only root, limits of the engine's own.

The container has nothing of its own: the system's folders, the interpreter and the environment are mounted read-only
into an empty image.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from tailrace.processes import child_environment
from tailrace.verify.sandbox.interface import Command, Ended, Limits
from tailrace.verify.sandbox.running import run_limited

HOME = "/tmp/home"  # noqa: S108 - inside the container
_SYSTEM = ("usr", "lib", "lib32", "lib64", "bin", "sbin")


@dataclass(frozen=True)
class Container:
    """`program`: the path of the engine's command line."""

    program: str
    protects: bool = True

    @property
    def name(self) -> str:
        """`container (podman)`."""
        return f"container ({Path(self.program).name})"

    @cached_property
    def _image(self) -> str:
        """An image with nothing in it, made once."""
        name = "localhost/tailrace-empty:1"
        there = run_limited([self.program, "image", "inspect", name], Limits(seconds=30), environment=self._environment)
        if not there.fine:
            run_limited(
                ["/bin/sh", "-c", 'tar -cf - -T /dev/null | "$0" import - "$1"', self.program, name],
                Limits(seconds=60),
                environment=self._environment,
            )
        return name

    @property
    def _environment(self) -> dict[str, str]:
        return child_environment()

    def run(self, command: Command, limits: Limits) -> Ended:
        """See `Sandbox`."""
        name = f"tailrace-{uuid.uuid4().hex[:16]}"
        arguments = [self.program, "run", "--rm", "--name", name, *options(command, limits), self._image]
        try:
            ended = run_limited([*arguments, *command.arguments], limits, environment=self._environment)
            # The engine's own status for what it could not start.
            return replace(ended, why="not-started") if (ended.why, ended.status) == ("exited", 125) else ended
        finally:
            # The engine's own process was ended, which does not end the container.
            run_limited([self.program, "rm", "--force", name], Limits(seconds=30), environment=self._environment)


def options(command: Command, limits: Limits) -> Iterator[str]:
    """The options of `run` that make the sandbox."""
    yield from ("--network", "none", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
    yield from ("--pids-limit", str(limits.processes), "--memory", str(limits.memory))
    yield from ("--memory-swap", str(limits.memory), "--ulimit", f"cpu={limits.cpu_seconds}")
    yield from ("--ulimit", f"fsize={limits.file}", "--ulimit", "core=0", "--user", "1000:1000", "--init")
    half = limits.disk // 2
    # Both are file systems inside the container.
    yield from ("--tmpfs", f"/tmp:size={half},mode=1777", "--tmpfs", f"{HOME}:size={half},mode=1777")  # noqa: S108
    yield from ("--shm-size", str(min(half, 64 << 20)), "--workdir", command.folder or HOME)
    for folder in _SYSTEM:
        path = Path("/", folder)
        if path.is_dir():
            yield from ("--volume", f"{os.path.realpath(path)}:/{folder}:ro")
    for path in command.read_only:
        if not path.is_relative_to("/usr"):
            yield from ("--volume", f"{path}:{path}:ro")
    for path in command.writable:
        yield from ("--volume", f"{path}:{path}:rw")
    variables = {"HOME": HOME, "TMPDIR": "/tmp", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", **command.environment}  # noqa: S108
    for name, value in variables.items():
        yield from ("--env", f"{name}={value}")
