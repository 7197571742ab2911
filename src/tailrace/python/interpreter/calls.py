"""The closed list of functions and methods that the evaluator understands. Everything else gives `UNKNOWN`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from tailrace.python.interpreter.values import (
    UNKNOWN,
    Function,
    Hooks,
    ModuleValue,
    Namespace,
    StandIn,
    Symbol,
    Unknown,
    VersionInfo,
    is_known,
    parse_version,
)

_STRING_METHODS = frozenset(
    [
        "split",
        "rsplit",
        "partition",
        "rpartition",
        "startswith",
        "endswith",
        "strip",
        "lstrip",
        "rstrip",
        "lower",
        "upper",
        "title",
        "replace",
        "join",
        "format",
        "removeprefix",
        "removesuffix",
        "isdigit",
        "isidentifier",
        "splitlines",
        "count",
        "find",
        "index",
    ]
)
MUTATORS = frozenset(
    [
        "append",
        "extend",
        "add",
        "update",
        "insert",
        "setdefault",
        "remove",
        "discard",
        "pop",
        "clear",
        "sort",
        "reverse",
    ]
)
_READERS = frozenset([
        "keys", "values", "items", "get", "copy", "union", "intersection", "difference", "index", "count", "issubset",
        "issuperset"
    ])  # fmt: skip
_PURE: dict[str, Callable[..., Any]] = {
    "len": len, "set": set, "frozenset": frozenset, "list": list, "tuple": tuple, "dict": dict, "sorted": sorted,
    "str": str,
    "int": int, "float": float, "bool": bool, "any": any, "all": all, "zip": lambda *a: list(zip(*a, strict=False)),
    "enumerate": lambda *a: list(enumerate(*a)), "range": lambda *a: list(range(*a))[:10_000], "min": min, "max": max,
    "sum": sum, "reversed": lambda a: list(reversed(a)), "repr": repr,
}  # fmt: skip
_VERSION_PARSERS = frozenset(
    {"Version", "parse_version", "LooseVersion", "StrictVersion", "NumpyVersion", "parse", "LegacyVersion"}
)
_QUIET = frozenset(
    {"warn", "warn_explicit", "debug", "info", "warning", "filterwarnings", "simplefilter", "print", "warn_deprecated"}
)
_LAZY_ATTACH = frozenset({"lazy_loader.attach", "lazy.attach", "lazy_loader.attach_stub", "attach", "attach_stub"})


class Machine(Protocol):
    """What calls need of the evaluator."""

    def run(self, function: Function, args: list[Any], keywords: dict[str, Any]) -> Any:
        """The value of a call of evaluated code."""
        ...

    def get_attribute(self, value: Any, name: str, default: Any) -> Any:
        """`value.name`; `default` is the machine itself when there is none."""
        ...

    def import_module(self, name: str) -> Any:
        """`importlib.import_module(name)`."""
        ...

    def has_attribute(self, value: Any, name: str) -> bool | None:
        """`hasattr(value, name)`, `None` when undecided."""
        ...

    def distribution_version(self, name: str) -> str | None:
        """The version of a distribution at this moment."""
        ...

    def attach_stub(self, module: str) -> frozenset[str] | None:
        """Names of the stub beside a lazily loading module."""
        ...


class Matched(tuple[Any, ...]):
    """What a regular expression found: the whole, then its groups."""

    __slots__ = ()


# Patterns that repeat a group may take time without end.
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_LONGEST_PATTERN, _LONGEST_VERSION = 120, 40
_SEARCHES = {"re.search": re.search, "re.match": re.match, "re.fullmatch": re.fullmatch}


def _search(path: str, args: list[Any]) -> Any:
    """`re.search(pattern, text)` of a short text, such as a version."""
    if len(args) != 2 or not all(isinstance(arg, str) for arg in args):
        return UNKNOWN
    pattern, text = args
    if len(pattern) > _LONGEST_PATTERN or len(text) > _LONGEST_VERSION or _REPEATED_GROUP.search(pattern):
        return UNKNOWN
    try:
        found = _SEARCHES[path](pattern, text)
    except (re.error, RecursionError, OverflowError):
        return UNKNOWN
    return None if found is None else Matched((found[0], *found.groups()))


def call_symbol(machine: Machine, path: str, args: list[Any], keywords: dict[str, Any], module: str) -> Any:
    """Call a function known by its dotted path."""
    last = path.rsplit(".", 1)[-1]
    if last in _QUIET:
        return None
    if path in {"getattr", "builtins.getattr"} and len(args) >= 2 and isinstance(args[1], str):
        return machine.get_attribute(args[0], args[1], args[2] if len(args) > 2 else machine)
    if path in _SEARCHES:
        return _search(path, args)
    if path in {"hasattr", "builtins.hasattr"} and len(args) == 2 and isinstance(args[1], str):
        found = machine.has_attribute(args[0], args[1])
        return UNKNOWN if found is None else found
    if path in {"globals", "builtins.globals", "vars", "locals"} and not args:
        return Namespace(module)
    if last in {"import_module", "__import__", "_import_module"} and args and isinstance(args[0], str):
        return machine.import_module(_absolute(args[0], args[1] if len(args) > 1 else keywords.get("package"), module))
    if last in _VERSION_PARSERS and len(args) == 1:
        if isinstance(args[0], VersionInfo):
            return args[0]
        version = parse_version(args[0])
        return UNKNOWN if version is None else VersionInfo(version)
    if last == "version" and len(args) == 1 and isinstance(args[0], str) and "metadata" in path:
        return machine.distribution_version(args[0]) or UNKNOWN
    if last in {"get_distribution", "distribution"} and args and isinstance(args[0], str):
        version_text = machine.distribution_version(args[0])
        return Symbol(f"distribution:{version_text}") if version_text else UNKNOWN
    if last in {"find_spec", "find_module"} and args and isinstance(args[0], str):
        found = machine.has_module(args[0]) if hasattr(machine, "has_module") else None
        return UNKNOWN if found is None else (Symbol(f"spec:{args[0]}") if found else None)
    if path in _LAZY_ATTACH or path.startswith("lazy_loader."):
        return _attach(machine, last, args, keywords, module)
    if last in {"map"} and len(args) == 2:
        return _map(machine, args, module)
    name = path.removeprefix("builtins.")
    if name in _PURE:
        return _pure(name, args, keywords)
    return UNKNOWN


def _absolute(name: str, package: Any, module: str) -> str:
    if not name.startswith("."):
        return name
    base = package if isinstance(package, str) else module
    level = len(name) - len(name.lstrip("."))
    parts = base.split(".")
    return ".".join([*parts[: len(parts) - level + 1], name.lstrip(".")]).strip(".")


def _attach(machine: Machine, last: str, args: list[Any], keywords: dict[str, Any], module: str) -> Any:
    names: set[str] = set()
    if last == "attach_stub":
        listed = machine.attach_stub(module)
        if listed is None:
            return UNKNOWN
        names = set(listed)
    else:
        submodules = args[1] if len(args) > 1 else keywords.get("submodules")
        attributes = args[2] if len(args) > 2 else keywords.get("submod_attrs")
        if isinstance(submodules, Unknown) or isinstance(attributes, Unknown):
            return UNKNOWN
        names.update(str(s) for s in submodules or ())
        for part, listed_names in (attributes or {}).items():
            if not isinstance(listed_names, list | tuple | set):
                return UNKNOWN
            names.update(str(s) for s in listed_names)
            del part
    hooks = Hooks(frozenset(names))
    return (hooks, UNKNOWN, sorted(names))


def _map(machine: Machine, args: list[Any], module: str) -> Any:
    function, items = args
    if not isinstance(items, list | tuple) or not isinstance(function, Symbol):
        return UNKNOWN
    return [call_symbol(machine, function.path, [item], {}, module) for item in items]


def _pure(name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    if name in {"list", "tuple", "set", "frozenset", "dict", "sorted", "len", "reversed", "enumerate", "zip"}:
        # Containers may hold unknown items; only their own shape must be known.
        if any(isinstance(a, Unknown | Namespace | StandIn | ModuleValue | Symbol) for a in args) or (
            name == "sorted" and not is_known(args)
        ):
            return UNKNOWN
    elif not all(is_known(a) for a in args):
        return UNKNOWN
    try:
        return _PURE[name](*args, **keywords)
    except Exception:
        return UNKNOWN


def call_method(receiver: Any, name: str, args: list[Any], keywords: dict[str, Any]) -> Any:
    """Call a method of a concrete string or container; mutators change it in place."""
    if isinstance(receiver, Matched) and name == "groups":
        return tuple(receiver[1:])
    if isinstance(receiver, Matched) and name == "group" and all(isinstance(a, int) for a in args):
        places = [place for place in args or [0] if place < len(receiver)]
        found = tuple(receiver[place] for place in places)
        return UNKNOWN if len(places) != len(args or [0]) else found[0] if len(found) == 1 else found
    if isinstance(receiver, str) and name in _STRING_METHODS:
        if not all(is_known(a) for a in [*args, *keywords.values()]):
            return UNKNOWN
    elif isinstance(receiver, list | dict | set | tuple | frozenset) and name in MUTATORS | _READERS:
        if name in {"update", "extend"} and any(isinstance(a, Unknown) for a in args):
            return UNKNOWN
    else:
        return UNKNOWN
    try:
        found = getattr(receiver, name)(*args, **keywords)
    except Exception:
        return UNKNOWN
    return list(found) if name in {"keys", "values", "items"} else found
