"""Checks a candidate and a baseline against downstreams: narrow, resolve twice, match with changes, judge guards. The
result is a `CheckReport`. What a caller does not ask for is not imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailrace.check.options import AllowEntry, CheckOptions, Progress
    from tailrace.check.run import check

_FOUND_IN = {"AllowEntry": "options", "CheckOptions": "options", "Progress": "options", "check": "run"}
__all__ = ["AllowEntry", "CheckOptions", "Progress", "check"]


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
