"""How every child process is started, limited and ended. Knows nothing of releases.

`environment`: programs, variables and import paths that a folder of a stranger has no say in. `pool`: worker processes
with a time and a memory limit for each task. `worker`: what runs inside one.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailrace.processes.environment import child_environment, clean_import_path, find_program, python_command
    from tailrace.processes.pool import Done, Lost, Pool

_FOUND_IN = {
    "child_environment": "environment",
    "clean_import_path": "environment",
    "find_program": "environment",
    "python_command": "environment",
    "Done": "pool",
    "Lost": "pool",
    "Pool": "pool",
}
__all__ = ["Done", "Lost", "Pool", "child_environment", "clean_import_path", "find_program", "python_command"]


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
