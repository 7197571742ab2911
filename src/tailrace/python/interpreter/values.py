"""What evaluated code can compute: Python's own constants and containers, and stand-ins for the rest. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from packaging.version import InvalidVersion, Version

from tailrace.model.foreign import read_version

if TYPE_CHECKING:
    from tailrace.python.interpreter.frames import Frame

_KNOWN_FLAGS = {"six.PY2": False, "six.PY3": True}
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

    def set(self, key: Any, value: Any) -> None:
        """`table[key] = value`; a key that is not known may be any."""
        if is_hashable(key):
            self[key] = value
        else:
            self.closed = False


@dataclass(eq=False)
class Function(StandIn):
    """A function of the evaluated code: the frame that it closes over, what it is bound to, the class that it is from.

    `hung`: what decorators have hung on it so far, such as the options of a command.
    """

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    frame: Frame
    bound: Value = None
    owner_class: Class | None = None
    hung: list[Value] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of its `def`; empty for a `lambda`."""
        return "" if isinstance(self.node, ast.Lambda) else self.node.name

    @property
    def decorators(self) -> list[ast.expr]:
        """Its decorators, in the order written."""
        return [] if isinstance(self.node, ast.Lambda) else self.node.decorator_list

    def with_hung(self, hung: list[Value]) -> Function:
        """The same function with other things hung on it."""
        return replace(self, hung=hung)

    def bind(self, value: Value) -> Function:
        """The method of `value`."""
        return replace(self, bound=value)


@dataclass(eq=False)
class Class(StandIn):
    """A class of the evaluated code."""

    node: ast.ClassDef
    frame: Frame


@dataclass(eq=False)
class Instance(StandIn):
    """An object of a class of the evaluated code."""

    cls: Class
    attributes: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Method(StandIn):
    """A method of a text, container or object, by name."""

    truthy = None

    owner: Value
    name: str


@dataclass(frozen=True)
class Super(StandIn):
    """`super()` inside a method of `cls`."""

    truthy = None

    cls: Class
    instance: Value


@dataclass(frozen=True)
class Partial(StandIn):
    """`functools.partial`, a decorator waiting for its function, or a named helper with its settings."""

    truthy = None

    kind: str
    target: Value
    positional: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """An importable module, of a surface or of elsewhere."""

    name: str


@dataclass(frozen=True, slots=True)
class Symbol:
    """A function or class known by its dotted path only (`importlib.import_module`, `upstream.Thing`)."""

    path: str


@dataclass(frozen=True)
class Lazy(StandIn):
    """What an import statement binds, not looked up yet: a module, or a `name` of it."""

    truthy = None

    module: str
    name: str | None = None


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
    """What `lazy_loader.attach` and its like return, unpacked into `__getattr__, __dir__, __all__`.

    `origins`: the submodule that a name is taken from, where the call says so.
    """

    names: frozenset[str]
    origins: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Raised(Exception):  # noqa: N818 - it is a value of the evaluated program, not an error of ours
    """The evaluated code raises: the exception's name with those of its bases."""

    lineage: frozenset[str]
    name: str
    certain: bool = True

    def kept(self) -> Raised:
        """The same, to be kept as a value: without the frames of our own that it came through, and all they hold."""
        self.__context__ = None
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
    return list(value) if isinstance(value, str) and len(value) <= _MAX_CHARACTERS else None


def known_items(value: Any) -> list[Any]:
    """What is known to be in a sequence or set; nothing for any other value."""
    return list(value) if isinstance(value, list | tuple | set | frozenset) else []


def as_items(value: Any) -> Any:
    """A list or dictionary as one of evaluated code; every other value as it is."""
    if isinstance(value, list) and not isinstance(value, Items):
        return Items(value)
    return Table(value) if isinstance(value, dict) and not isinstance(value, Table) else value


def is_hashable(value: Any) -> bool:
    """Whether a value is known and can be a key."""
    return is_known(value) and _has_hash(value)


def _has_hash(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True


def truth(value: Any) -> bool | None:
    """`bool(value)`, or `None` when it is not known."""
    if isinstance(value, Unknown) or is_open(value):
        return None
    if isinstance(value, Symbol):  # something of another distribution
        return _KNOWN_FLAGS.get(value.path)
    if isinstance(value, StandIn):
        return value.truthy
    if isinstance(value, ModuleValue | Hooks | VersionInfo | Namespace):
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


@dataclass(frozen=True)
class Arguments:
    """The arguments of a call. `closed` is false when a star passed something unknown."""

    positional: tuple[Value, ...] = ()
    keywords: dict[str, Value] = field(default_factory=dict)
    closed: bool = True

    def get(self, index: int | None, name: str, default: Value = None) -> Value:
        """The argument at a position or by keyword; `default` when it is not passed."""
        if index is not None and index < len(self.positional):
            return self.positional[index]
        return self.keywords.get(name, default)

    def values(self) -> Iterator[Value]:
        """All values passed."""
        yield from self.positional
        yield from self.keywords.values()


def text_of(value: Value) -> str | None:
    """The text of a literal string."""
    return value if isinstance(value, str) else None


def texts_of(value: Value) -> tuple[str, ...] | None:
    """The literals of a sequence as texts; `None` when some are unknown."""
    items = None if isinstance(value, str) else items_of(value)
    return tuple(map(str, items)) if items is not None and all(map(is_constant, items)) else None


def is_constant(value: Value) -> bool:
    """Whether a value is what a literal can be."""
    return value is None or isinstance(value, str | bytes | int | float)
