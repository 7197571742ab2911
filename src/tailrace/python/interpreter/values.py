"""The values of the small evaluator: Python's own constants and containers, and a few stand-ins. Pure."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from packaging.version import InvalidVersion, Version

from tailrace.model.foreign import read_version


class Unknown:
    """A value about which nothing is known."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function of the evaluated code, with the variables it closes over."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    module: str
    scope: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """An importable module, of a surface or of elsewhere."""

    name: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """A function or class known by its dotted path only (`importlib.import_module`, `upstream.Thing`)."""

    path: str


@dataclass(frozen=True, slots=True)
class Namespace:
    """`globals()` of a module, or its `__dict__`."""

    module: str


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """A parsed version. Ordered as in PEP 440; compares with strings, as LooseVersion does."""

    version: Version

    def compare(self, other: object) -> int | None:
        """-1, 0 or 1; `None` when the other is no version."""
        theirs = other.version if isinstance(other, VersionInfo) else parse_version(other)
        if theirs is None:
            return None
        return (self.version > theirs) - (self.version < theirs)


@dataclass(slots=True)
class Hooks:
    """What `lazy_loader.attach` and its like return, unpacked into `__getattr__, __dir__, __all__`."""

    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Raised(Exception):  # noqa: N818 - it is a value of the evaluated program, not an error of ours
    """The evaluated code raises: the exception's name with those of its bases."""

    lineage: frozenset[str]
    name: str
    certain: bool = True

    def kept(self) -> Raised:
        """The same, to be kept as a value: without the frames of our own that it came through, and all they hold."""
        object.__setattr__(self, "__context__", None)
        return self.with_traceback(None)


@dataclass(slots=True)
class Outcomes:
    """What a function can do: the values it can return, the exceptions it can raise."""

    returned: list[Any] = field(default_factory=list)
    raised: list[Raised] = field(default_factory=list)


def parse_version(value: object) -> Version | None:
    """A PEP 440 version out of a string, else `None`."""
    if not isinstance(value, str):
        return None
    try:
        return read_version(value)
    except InvalidVersion:
        return None


def truth(value: Any) -> bool | None:
    """`bool(value)`, or `None` when it is not known."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, Symbol):  # `six.PY2`: something of another distribution
        return {"six.PY2": False, "six.PY3": True}.get(value.path)
    if isinstance(value, Closure | ModuleValue | Hooks | VersionInfo | Namespace):
        return True
    return bool(value)


def is_known(value: Any) -> bool:
    """Whether a value is concrete through and through."""
    if isinstance(value, Unknown):
        return False
    if isinstance(value, list | tuple | set | frozenset):
        return all(is_known(item) for item in value)
    if isinstance(value, dict):
        return all(is_known(item) for item in value.values())
    return True
