"""Names that Python itself provides: builtins, module attributes, members of standard classes.

They are read from a table (`standard_names.txt`, made by `tools/make_standard_names.py`): no module of the standard
library is imported because checked source names it, and the answers do not depend on the running version.
"""

from __future__ import annotations

import builtins
import functools
import types
from dataclasses import dataclass
from importlib.resources import files

import msgspec

BUILTINS = frozenset(dir(builtins))
MODULE_ATTRIBUTES = frozenset(
    {
        "__name__",
        "__doc__",
        "__file__",
        "__loader__",
        "__package__",
        "__spec__",
        "__dict__",
        "__builtins__",
        "__class__",
        "__cached__",
    }
)
FUNCTION_ATTRIBUTES = frozenset(dir(types.FunctionType)) | {"__wrapped__", "__signature__", "__isabstractmethod__"}
METHOD_ATTRIBUTES = frozenset(dir(types.MethodType))
PLAIN_METACLASSES = frozenset({None, "type", "ABCMeta", "abc.ABCMeta", "EnumMeta", "enum.EnumMeta", "EnumType"})
RESULT_KEEPING_DECORATORS = frozenset(
    [
        "property",
        "cached_property",
        "reify",
        "lazyproperty",
        "staticmethod",
        "classmethod",
        "abstractmethod",
        "lru_cache",
        "cache",
        "override",
        "final",
        "deprecated",
        "deprecate",
        "wraps",
        "set_module",
    ]
)


@dataclass(frozen=True, slots=True)
class StandardClass:
    """A class of the standard library. `key`: the module and the name under which it is defined. `members`: the names
    that it and its ancestors define. `ancestors`: their keys. `metaclass`: its key, empty for `type`.
    """

    key: str
    members: frozenset[str]
    ancestors: tuple[str, ...]
    metaclass: str

    def has(self, name: str) -> bool:
        """Whether the class object has the attribute."""
        if name in self.members or name in _TYPE_ATTRIBUTES:
            return True
        above = _class(self.metaclass) if self.metaclass else None
        return above is not None and name in above.members


_TYPE_ATTRIBUTES = frozenset(dir(type))


def is_standard_module(name: str) -> bool:
    """Whether the standard library has the module, on any platform and in any version that the table knows."""
    return _module(name) is not None


@functools.cache
def standard_module_names(module: str) -> frozenset[str] | None:
    """What `from module import *` gives for a module of the standard library, `None` for any other and where that is
    not known.
    """
    found = _module(module)
    return frozenset(found[0]) if found is not None and found[0] is not None else None


@functools.cache
def standard_class(path: str) -> StandardClass | None:
    """The class at a dotted path of the standard library (`collections.OrderedDict`, `builtins.dict`, `dict`)."""
    module, _, name = path.rpartition(".")
    found = _module(module or "builtins")
    key = found[1].get(name) if found is not None else None
    if key is not None:
        return _class(key)
    if module in {"typing", "typing_extensions"} and name in {"NamedTuple", "TypedDict"}:
        # functions that stand for a base
        return _class("builtins.tuple" if name == "NamedTuple" else "builtins.dict")
    object_like = {"typing.Generic", "typing.Protocol", "typing_extensions.Protocol"}
    return _class("builtins.object") if path in object_like else None


def standard_class_has(path: str, name: str) -> bool:
    """Whether a standard class has the attribute."""
    cls = standard_class(path)
    if cls is None:
        return False
    if path.startswith("enum.") and name in {"name", "value", "_value_", "_name_"}:
        return True
    if path.endswith(("NamedTuple", "TypedDict")):
        return hasattr(tuple, name) or hasattr(dict, name) or name in {"_fields", "_asdict", "_replace", "_make"}
    return cls.has(name)


def namedtuple_fields(base: str) -> tuple[str, ...]:
    """The fields in `namedtuple:a,b=`, the text for a named tuple that is made by a call (`=`: it has a default)."""
    return tuple(name.rstrip("=") for name in base.removeprefix("namedtuple:").split(","))


_PLAIN = frozenset(
    f"builtins.{name}"
    for name in ("object", "dict", "list", "tuple", "set", "frozenset", "str", "bytes", "int", "float", "bool", "type")
)


def has_hidden_state(path: str) -> bool:
    """Whether instances of a standard class hold attributes that the class object does not show."""
    cls = standard_class(path)
    if cls is None:
        return not path.startswith("namedtuple:")
    if cls.key in _PLAIN or cls.key.startswith(("abc.", "typing.", "enum.", "collections.")):
        return False
    # What a built-in exception holds shows on the class (`args`, `errno`); one that is written in Python sets what
    # it likes.
    is_exception = "builtins.BaseException" in (cls.key, *cls.ancestors)
    return not (is_exception and cls.key.startswith("builtins."))


# -- the table ---------------------------------------------------------------------------------------------------------


@functools.cache
def _table() -> bytes:
    return (files("tailrace.python") / "standard_names.txt").read_bytes()


def _entry(kind: str, key: str) -> bytes | None:
    """The JSON of one line. The whole table is never parsed."""
    head = f"\n{kind} {key} ".encode()
    table = _table()
    start = table.find(head)
    return table[start + len(head) : table.find(b"\n", start + 1)] if start >= 0 and " " not in key else None


@functools.cache
def _module(name: str) -> tuple[list[str] | None, dict[str, str]] | None:
    entry = _entry("m", name)
    return msgspec.json.decode(entry, type=tuple[list[str] | None, dict[str, str]]) if entry is not None else None


@functools.cache
def _class(key: str) -> StandardClass | None:
    entry = _entry("c", key)
    if entry is None:
        return None
    own, ancestors, metaclass = msgspec.json.decode(entry, type=tuple[list[str], list[str], str])
    members = set(own)
    for above in ancestors:
        if (line := _entry("c", above)) is not None:
            members.update(msgspec.json.decode(line, type=tuple[list[str], list[str], str])[0])
    return StandardClass(key, frozenset(members), tuple(ancestors), metaclass)
