"""Adds to a check report what running the downstreams in real environments showed.

`engine` runs a whole report, `environments` makes two environments that differ in the upstream alone (`uv`,
`interpreters`), `probes` writes the smallest program that reaches a finding, `judging` decides outcomes, `sandbox` is
where all foreign code runs. Only `feed` asks the rooms that fetch releases.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tailrace.verify.engine import verify_report
    from tailrace.verify.errors import NoSandboxError, VerifyError
    from tailrace.verify.feed import Feed
    from tailrace.verify.options import CondaChoice, VerifyOptions

_FOUND_IN = {
    "verify_report": "engine",
    "NoSandboxError": "errors",
    "VerifyError": "errors",
    "Feed": "feed",
    "CondaChoice": "options",
    "VerifyOptions": "options",
}
__all__ = ["CondaChoice", "Feed", "NoSandboxError", "VerifyError", "VerifyOptions", "verify_report"]


def __getattr__(name: str) -> Any:
    if name in _FOUND_IN:
        return getattr(import_module(f"{__name__}.{_FOUND_IN[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
