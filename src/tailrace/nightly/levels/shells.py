"""Level `shell`: shell functions and activation scripts are sourced, and each function is called with each word that it
knows; PowerShell files are checked for syntax.
"""

from __future__ import annotations

import re
from pathlib import Path

from tailrace.nightly.bench import CellBench
from tailrace.nightly.programs import powershell_program, shell_program
from tailrace.nightly.values import LevelResult
from tailrace.processes import find_program
from tailrace.verify.programs import Environment

_WHERE = re.compile(r"(^|/)(profile\.d|shell_templates|activate\.d|deactivate\.d)/[^/]+\.sh\Z")
_POWERSHELL = re.compile(r"\.psm?1\Z", re.IGNORECASE)
_NOT = re.compile(r"(^|/)(tests?|testing|dev|docs?|\.github|ci|examples?)(/|-|_)", re.IGNORECASE)
_MOST = 40


def run(bench: CellBench) -> LevelResult:
    """Fails where sourcing fails, or a function calls what is not there, with the candidate alone."""
    scripts = tuple(
        dict.fromkeys(
            path for environment in (bench.pair.baseline, bench.pair.candidate) for path in find_scripts(environment)
        )
    )
    tried = broken = 0
    missing = [] if scripts else ["it has no shell scripts"]
    for shell in ("bash", "zsh") if scripts else ():
        if find_program(shell) is None:
            missing.append(f"{shell} is not installed")
            continue
        program = shell_program(shell, scripts)
        verdict = bench.check("shell", f"source in {shell}", program)
        tried, broken = tried + (verdict is not None), broken + (verdict is None)
        if not verdict:
            continue
        baseline, candidate = bench.both(program)
        assert candidate is not None
        known = set(_not_found(baseline.stdout))
        for call, lost in _not_found(candidate.stdout):
            if (call, lost) not in known:
                bench.confirm_output("shell", "lost", f"{shell}: {call}", program, f"{lost}: command not found")
    more, untried = _powershell(bench)
    tried += more
    missing += [untried] if untried else []
    return LevelResult(level="shell", tried=tried, broken_before=broken, reason="; ".join(missing) or None)


def _powershell(bench: CellBench) -> tuple[int, str | None]:
    """How many PowerShell files are sound with the baseline, and why none was looked at."""
    files = find_scripts(bench.pair.baseline, _POWERSHELL)
    if not files:
        return 0, None
    program = find_program("pwsh")
    if program is None:
        return 0, "pwsh is not installed"
    verdicts = [bench.check("shell", f"pwsh: {file}", powershell_program(str(program), file)) for file in files]
    return sum(verdict is not None for verdict in verdicts), None


def find_scripts(environment: Environment, where: re.Pattern[str] = _WHERE) -> tuple[str, ...]:
    """The shell scripts that a login shell or an activation reads, relative to the environment."""
    folders = [environment.place / "etc", *sorted(environment.place.glob("lib/python3.*/site-packages"))]
    found: list[Path] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.ps*1" if where is _POWERSHELL else "*.sh"))[: 50 * _MOST]:
            inside = path.relative_to(environment.place).as_posix()
            if where.search(inside) and not _NOT.search(inside.rpartition("site-packages/")[2]):
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
