"""Level `plugins`: what is registered in the hosts of pluggy, with both releases."""

from __future__ import annotations

from tailrace.nightly.bench import CellBench
from tailrace.nightly.programs import plugins_program
from tailrace.nightly.values import LevelResult

_WORDS = ("plugin", "hookspec", "manager", "host")


def run(bench: CellBench) -> LevelResult:
    """A plug-in fails where the host no longer loads, or the plug-in registers fewer hooks than with the baseline."""
    modules = sorted(
        {
            module
            for distribution in bench.distributions
            for module in distribution.modules
            if any(word in module.rpartition(".")[2] or word in module.split(".")[-2:][0] for word in _WORDS)
        }
    )
    if not modules:
        return LevelResult(level="plugins", reason="no module looks like a host of plug-ins")
    program = plugins_program(modules)
    if bench.check("plugins", "the plug-ins of the host", program) is not True:
        return LevelResult(level="plugins", broken_before=1)
    baseline, candidate = bench.both(program)
    assert candidate is not None
    before, after = _hooks(baseline.stdout), _hooks(candidate.stdout)
    for plugin, hooks in before.items():
        lost = sorted(hooks - after.get(plugin, set()))
        if lost and len(after.get(plugin, set())) < len(hooks) and not plugin.startswith(f"{bench.candidate.name}."):
            message = f"{plugin} no longer registers {', '.join(lost)}"
            bench.confirm_output("plugins", "lost", plugin, program, message)
    reason = None if before else "no plug-in is registered with the baseline"
    return LevelResult(level="plugins", tried=len(before), reason=reason)


def _hooks(output: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in output.splitlines():
        hook, mark, plugin = line.partition(" in ")
        if mark and ": " in hook:
            found.setdefault(plugin.strip(), set()).add(hook.strip())
    return found
