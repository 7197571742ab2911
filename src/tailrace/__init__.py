"""Tailrace: who breaks, where and why, before a Python release goes out.

`tailrace.check(candidate, baseline, downstreams)` is the Python API; everything heavy is imported on first use.
"""

# Nothing is imported above this, not even `__future__`: with `python -m tailrace` the interpreter has put the working
# directory first on the import path, where modules of a stranger may lie.
import os
import sys

if (
    sys.argv[:1] == ["-m"]
    and not sys.flags.safe_path
    and any(argument.endswith(("tailrace", "tailrace.__main__")) for argument in sys.orig_argv[1:])
    and not __file__.startswith(sys.path[0] + os.sep + "tailrace")  # where it is run from its own source tree
):
    del sys.path[0]

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["CheckReport", "__version__", "check"]

if TYPE_CHECKING:
    from tailrace.check import check
    from tailrace.model import CheckReport


def __getattr__(name: str) -> Any:
    if name == "check":
        from tailrace.check import check

        return check
    if name == "CheckReport":
        from tailrace.model import CheckReport

        return CheckReport
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
