"""What a dotted path leads to, and whether it leads anywhere: the values that resolution speaks in. Values only."""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.python.facts import Binding, ClassFacts, FunctionFacts

State = Literal["present", "absent", "unknown"]


class Module(msgspec.Struct, frozen=True, gc=False):
    """An importable module of one of the surfaces."""

    name: str


class Class(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A class of `module`; `path` is its canonical dotted path."""

    module: str
    path: str
    facts: ClassFacts


class Function(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A function; `owner` is the class it was reached through, `bound` whether the first parameter is already given."""

    module: str
    path: str
    facts: FunctionFacts
    owner: Class | None = None
    bound: bool = False


class Instance(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Some instance of a class. `maybe`: one of several things that the code may give, the others not known.

    `inferred`: what says so is the body of a function, which a subclass may override.
    """

    of: Class
    maybe: bool = False
    inferred: bool = False


class Value(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A name bound to something whose type is not known."""

    module: str
    path: str
    binding: Binding | None = None


class External(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Something of a distribution that is not under comparison, or of the standard library."""

    path: str


class Standard(msgspec.Struct, frozen=True, gc=False):
    """An instance of a class of the standard library. `type`: its dotted path.

    `items`: what it holds, `None` where that is not known: by place where `fixed`, else one for all, key and value of
    a mapping.
    """

    type: str
    items: tuple[Entity | None, ...] = ()
    fixed: bool = False


class Union(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One of several, as a union annotation says; `None` is left out."""

    members: tuple[Entity, ...]


Entity = Module | Class | Function | Instance | Value | External | Standard | Union


class Resolution(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Whether a step succeeds. `error`: what is raised when absent. `line`/`file`: where the name stands when present.

    `lineage`: names of the exception's classes, where it is one of the upstream's own. `dynamic`: the answer came
    from evaluating code (a module `__getattr__`), not from a plain definition. `note` says why.
    """

    state: State
    entity: Entity | None = None
    error: str = "AttributeError"
    file: str | None = None
    line: int | None = None
    dynamic: bool = False
    note: str = ""
    lineage: frozenset[str] = frozenset()


UNKNOWN = Resolution("unknown")


def absent(error: str, note: str = "") -> Resolution:
    """The step raises `error`."""
    return Resolution("absent", error=error, note=note)


def present(entity: Entity | None, file: str | None = None, line: int | None = None, **more: bool) -> Resolution:
    """The step gives `entity`."""
    return Resolution("present", entity, file=file, line=line, dynamic=more.get("dynamic", False))
