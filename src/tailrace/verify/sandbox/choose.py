"""Chooses the first sandbox of a kind that works on this machine, by trying each."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import cache
from typing import Literal

from tailrace.processes import find_program
from tailrace.verify.errors import NoSandboxError
from tailrace.verify.sandbox import cgroup
from tailrace.verify.sandbox.bare import Bare
from tailrace.verify.sandbox.bubblewrap import Bound, Bubblewrap, find_bubblewraps
from tailrace.verify.sandbox.container import Container
from tailrace.verify.sandbox.interface import Command, Limits, Sandbox

Kind = Literal["auto", "bwrap", "container", "none"]
KINDS: tuple[Kind, ...] = ("auto", "bwrap", "container", "none")


def choose_sandbox(kind: Kind) -> Sandbox:
    """The sandbox of this kind, tried out. Raises `NoSandboxError` with what was tried."""
    if kind == "none":
        return Bare()
    tries: dict[Kind, tuple[tuple[str, Callable[[], Sandbox | str]], ...]] = {
        "bwrap": (("bubblewrap", _bubblewrap),),
        "container": (("container", _container),),
        "auto": (("bubblewrap", _bubblewrap), ("container", _container)),
    }
    tried = []
    for name, make in tries[kind]:
        made = make()
        if not isinstance(made, str):
            return made
        tried.append((name, made))
    raise NoSandboxError(tuple(tried))


@cache
def _bubblewrap() -> Sandbox | str:
    """bubblewrap with a bound on processes that holds for this user, or why there is none."""
    if sys.platform != "linux":
        return "it needs Linux"
    programs = find_bubblewraps()
    if not programs:
        return "bwrap is not installed"
    found = find_program("prlimit")
    prlimit = str(found) if found is not None else None
    bounds = process_bounds(prlimit)
    if not bounds:
        return "nothing here bounds the number of processes (no control group, no prlimit)"
    why = ""
    for program in programs:
        for bound in bounds:
            sandbox = Bubblewrap(program, prlimit, bound)
            refused = try_out(sandbox)
            if refused is None:
                return sandbox
            why = why or refused
    return why


@cache
def _container() -> Sandbox | str:
    """A container engine that starts containers for this user, or why there is none."""
    program = find_program("podman") or find_program("docker")
    if program is None:
        return "neither podman nor docker is installed"
    sandbox = Container(str(program))
    refused = try_out(sandbox)
    return sandbox if refused is None else refused


def process_bounds(prlimit: str | None) -> tuple[Bound, ...]:
    """What can bound the number of processes here, the best first. RLIMIT_NPROC does not bind root."""
    bounds: list[Bound] = []
    if any(controller.name == "pids" for controller in cgroup.find_controllers()):
        bounds.append("cgroup")
    if prlimit is not None:
        bounds.append("other-user" if os.geteuid() == 0 else "rlimit")
    return tuple(bounds)


def try_out(sandbox: Sandbox) -> str | None:
    """Runs nothing much in the sandbox; why that fails, `None` where it works."""
    ended = sandbox.run(Command(("/usr/bin/env", "true")), Limits(seconds=10))
    if ended.fine:
        return None
    lines = [line for line in ended.stderr.splitlines() if line.strip() and not line.startswith("Run '")]
    return lines[-1] if lines else f"exit status {ended.status}"
