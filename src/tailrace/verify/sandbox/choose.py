"""A kind of sandbox in, the first of that kind that works on this machine out: each is tried, not only looked for."""

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
from tailrace.verify.sandbox.bubblewrap import Bound, Bubblewrap, find_bubblewrap
from tailrace.verify.sandbox.interface import Command, Limits, Sandbox

Kind = Literal["auto", "bwrap", "container", "none"]
KINDS: tuple[Kind, ...] = ("auto", "bwrap", "container", "none")


def choose_sandbox(kind: Kind) -> Sandbox:
    """The sandbox of this kind, tried out. Raises `NoSandboxError` with what was tried."""
    if kind == "none":
        return Bare()
    tries: dict[Kind, tuple[tuple[str, Callable[[], Sandbox | str]], ...]] = {
        "bwrap": (("bubblewrap", _bubblewrap),),
        "container": (),
        "auto": (("bubblewrap", _bubblewrap),),
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
    program = find_bubblewrap()
    if program is None:
        return "bwrap is not installed"
    prlimit = find_program("prlimit")
    bounds: list[Bound] = []
    if any(controller.name == "pids" for controller in cgroup.find_controllers()):
        bounds.append("cgroup")
    if prlimit is not None:
        bounds.append("other-user" if os.geteuid() == 0 else "rlimit")
    if not bounds:
        return "nothing here bounds the number of processes (no control group, no prlimit)"
    why = ""
    for bound in bounds:
        sandbox = Bubblewrap(program, str(prlimit) if prlimit else None, bound)
        ended = sandbox.run(Command(("/usr/bin/env", "true")), Limits(seconds=10))
        if ended.fine:
            return sandbox
        why = ended.stderr.strip().splitlines()[-1] if ended.stderr.strip() else f"exit status {ended.status}"
    return why
