"""Tailrace: who breaks, where and why, before a Python release goes out.

`tailrace.check(candidate, baseline, downstreams)` is the Python API; everything heavy is imported on first use.
"""

from __future__ import annotations

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
