"""Names that Python itself provides: builtins, module attributes, members of standard classes. Asks only the running
interpreter."""

from __future__ import annotations

import builtins
import functools
import importlib
import inspect
import sys
import types

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
# Importing these prints, opens a window or a browser, or is otherwise not for a library to do.
_NOT_IMPORTED = frozenset(
    {"antigravity", "this", "idlelib", "turtle", "turtledemo", "tkinter", "test", "lib2to3", "__main__", "msilib"}
)


@functools.cache
def standard_module_names(module: str) -> frozenset[str] | None:
    """What `from module import *` gives for a module of the standard library, `None` for any other."""
    loaded = _standard_module(module)
    if loaded is None:
        return None
    listed = getattr(loaded, "__all__", None)
    return frozenset(listed) if listed is not None else frozenset(n for n in vars(loaded) if not n.startswith("_"))


@functools.cache
def standard_class(path: str) -> type | None:
    """The class at a dotted path of the standard library (`collections.OrderedDict`, `builtins.dict`, `dict`)."""
    if "." not in path:
        found = getattr(builtins, path, None)
        return found if inspect.isclass(found) else None
    module, _, name = path.rpartition(".")
    loaded = _standard_module(module)
    found = getattr(loaded, name, None) if loaded is not None else None
    if inspect.isclass(found):
        return found
    if module in {"typing", "typing_extensions"} and name in {"NamedTuple", "TypedDict"}:
        return tuple if name == "NamedTuple" else dict  # functions that stand for a base
    return object if path in {"typing.Generic", "typing.Protocol", "typing_extensions.Protocol"} else None


def standard_class_has(path: str, name: str) -> bool:
    """Whether a standard class has the attribute."""
    cls = standard_class(path)
    if cls is None:
        return False
    if path.startswith("enum.") and name in {"name", "value", "_value_", "_name_"}:
        return True
    if path.endswith(("NamedTuple", "TypedDict")):
        return hasattr(tuple, name) or hasattr(dict, name) or name in {"_fields", "_asdict", "_replace", "_make"}
    return hasattr(cls, name)


def has_hidden_state(path: str) -> bool:
    """Whether instances of a standard class hold attributes that the class object does not show."""
    cls = standard_class(path)
    if cls is None:
        return not path.startswith("namedtuple:")
    plain = {object, dict, list, tuple, set, frozenset, str, bytes, int, float, bool, type}
    if cls in plain or cls.__module__ in {"abc", "typing", "enum", "collections.abc", "collections"}:
        return False
    # What a built-in exception holds shows on the class (`args`, `errno`); one that is written in Python sets what
    # it likes.
    return not (issubclass(cls, BaseException) and cls.__module__ == "builtins")


def _standard_module(name: str) -> types.ModuleType | None:
    top = name.split(".", 1)[0]
    if top not in sys.stdlib_module_names or top in _NOT_IMPORTED or top.startswith("_"):
        return None
    try:
        return importlib.import_module(name)
    except Exception:  # a module of another platform (winreg, msvcrt)
        return None
