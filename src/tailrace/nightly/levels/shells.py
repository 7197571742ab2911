"""Level `shell`: shell functions and activation scripts are sourced, and each function is called with each word that it
knows; PowerShell files are checked for syntax.
"""

from __future__ import annotations

import re
from pathlib import Path

from tailrace.nightly.bench import CellBench
from tailrace.nightly.programs import shell_program
from tailrace.nightly.values import LevelResult
from tailrace.processes import find_program
from tailrace.verify.programs import Environment

_WHERE = re.compile(r"(^|/)(profile\.d|shell_templates|activate\.d|deactivate\.d)/[^/]+\.sh\Z")
_NOT = re.compile(r"(^|/)(tests?|testing|dev|docs?|\.github|ci|examples?)(/|-|_)", re.IGNORECASE)
_MOST = 40


def run(bench: CellBench) -> LevelResult:
    """Fails where sourcing fails, or a function calls what is not there, with the candidate alone."""
    scripts = tuple(
        dict.fromkeys(path for environment in (bench.pair.old, bench.pair.new) for path in find_scripts(environment))
    )
    if not scripts:
        return LevelResult(level="shell", reason="it has no shell scripts")
    tried = broken = 0
    missing = []
    for shell in ("bash", "zsh"):
        if find_program(shell) is None:
            missing.append(f"{shell} is not installed")
            continue
        program = shell_program(shell, scripts)
        verdict = bench.check("shell", f"source in {shell}", program)
        tried, broken = tried + (verdict is not None), broken + (verdict is None)
        if not verdict:
            continue
        old, new = bench.both(program)
        assert new is not None
        known = set(_not_found(old.stdout))
        for call, lost in _not_found(new.stdout):
            if (call, lost) not in known:
                bench.confirm_output("shell", "lost", f"{shell}: {call}", program, f"{lost}: command not found")
    if find_program("pwsh") is None:
        missing.append("pwsh is not installed")
    return LevelResult(level="shell", tried=tried, broken_before=broken, reason="; ".join(missing) or None)


def find_scripts(environment: Environment) -> tuple[str, ...]:
    """The shell scripts that a login shell or an activation reads, relative to the environment."""
    folders = [environment.place / "etc", *sorted(environment.place.glob("lib/python3.*/site-packages"))]
    found: list[Path] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.sh"))[: 50 * _MOST]:
            inside = path.relative_to(environment.place).as_posix()
            if _WHERE.search(inside) and not _NOT.search(inside.rpartition("site-packages/")[2]):
                found.append(path)
    return tuple(path.relative_to(environment.place).as_posix() for path in found[:_MOST])


def _not_found(output: str) -> list[tuple[str, str]]:
    """(call, name) for each command that a call of a function did not find."""
    pairs = []
    for line in output.splitlines():
        if line.startswith("call ") and "command not found" in line:
            call, _, rest = line[5:].partition(": ")
            name = rest.replace("command not found", "").strip(": ")
            pairs.append((call.strip(), name))
    return pairs
