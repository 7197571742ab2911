"""What evaluated code can compute: Python's own constants and containers, and stand-ins for the rest. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from packaging.version import InvalidVersion, Version

from tailrace.model.foreign import read_version

_KNOWN_FLAGS = {"six.PY2": False, "six.PY3": True, "typing.TYPE_CHECKING": False}
_MAX_CHARACTERS = 300


class Unknown:
    """A value about which nothing is known."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()

# Any value of evaluated code: a constant, a container, `UNKNOWN`, or one of the classes below.
Value = Any


class StandIn:
    """Base of what stands for an object whose equality, and often more, is not known. Its identity is that of the
    object."""

    __slots__ = ()
    # `bool()` of the object, where it is known
    truthy: ClassVar[bool | None] = True


class Items(list[Any]):
    """A list, tuple or set that may hold more than is known, unless it is `closed`. It is live: who changes it changes
    it for all that hold it."""

    __slots__ = ("closed",)

    def __init__(self, items: Iterable[Any] = (), closed: bool = True) -> None:
        super().__init__(items)
        self.closed = closed


class Table(dict[Any, Any]):
    """A dictionary that may hold more than is known, unless it is `closed`."""

    __slots__ = ("closed",)

    def __init__(self, items: Mapping[Any, Any] | Iterable[tuple[Any, Any]] = (), closed: bool = True) -> None:
        super().__init__(items)
        self.closed = closed


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


def is_open(value: Any) -> bool:
    """Whether a container may hold more than is known."""
    return isinstance(value, Items | Table) and not value.closed


def items_of(value: Any) -> list[Any] | None:
    """What iterating over a value gives, `None` when it is not known. The order of a set is the same in every run."""
    if is_open(value):
        return None
    if isinstance(value, list | tuple | dict):
        return list(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    return list(value[:_MAX_CHARACTERS]) if isinstance(value, str) else None


def known_items(value: Any) -> list[Any]:
    """What is known to be in a sequence or set; nothing for any other value."""
    return list(value) if isinstance(value, list | tuple | set | frozenset) else []


def truth(value: Any) -> bool | None:
    """`bool(value)`, or `None` when it is not known."""
    if isinstance(value, Unknown) or is_open(value):
        return None
    if isinstance(value, Symbol):  # something of another distribution
        return _KNOWN_FLAGS.get(value.path)
    if isinstance(value, StandIn):
        return value.truthy
    if isinstance(value, Closure | ModuleValue | Hooks | VersionInfo | Namespace):
        return True
    return bool(value)


def is_known(value: Any) -> bool:
    """Whether a value is concrete through and through."""
    if isinstance(value, Unknown | StandIn) or is_open(value):
        return False
    if isinstance(value, list | tuple | set | frozenset):
        return all(is_known(item) for item in value)
    if isinstance(value, dict):
        return all(is_known(item) for item in value.values())
    return True
