"""Tailrace: who breaks, where and why, before a Python release goes out.

`tailrace.api` is the Python interface; its functions can be called as `tailrace.check(…)` and so on. Everything heavy
is imported on first use.
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

# An interrupt during an import shows Python's own trace until the program handles it, so `typing` and `types`,
# which take time, are imported for type checkers only.
TYPE_CHECKING = False

__version__ = "0.1.0"
__all__ = [
    "CheckOptions",
    "CheckReport",
    "TailraceError",
    "__version__",
    "check",
    "diff",
    "exposure",
    "lint",
    "prove_hotfix",
    "suggest_hotfix",
]

if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from tailrace.api import check, diff, exposure, lint, prove_hotfix, suggest_hotfix
    from tailrace.check.options import CheckOptions
    from tailrace.model import CheckReport, TailraceError
else:
    ModuleType = type(sys)

_PLACES = {
    "CheckOptions": "tailrace.check.options",
    "CheckReport": "tailrace.model",
    "TailraceError": "tailrace.model",
    **dict.fromkeys(("check", "diff", "exposure", "lint", "prove_hotfix", "suggest_hotfix"), "tailrace.api"),
}


def __getattr__(name: str) -> "Any":
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)


class _Room(ModuleType):
    """A package inside this one that has the name of a function of `tailrace.api`, which a call of it calls."""

    def __call__(self, *arguments: "Any", **options: "Any") -> "Any":
        from tailrace import api

        return getattr(api, self.__name__.rpartition(".")[2])(*arguments, **options)


class _Package(ModuleType):
    def __setattr__(self, name: str, value: object) -> None:
        # The import system sets this attribute when `tailrace.check` is first imported, and hides the function with it.
        if _PLACES.get(name) == "tailrace.api" and isinstance(value, ModuleType):
            value.__class__ = _Room
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
