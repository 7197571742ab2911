"""The closed list of functions and methods that the evaluator understands. Everything else gives `UNKNOWN`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Arguments,
    Hooks,
    Items,
    Method,
    ModuleValue,
    Namespace,
    Symbol,
    Table,
    Unknown,
    Value,
    VersionInfo,
    as_items,
    is_hashable,
    is_known,
    is_open,
    items_of,
    known_items,
    parse_version,
)

_TEXT_METHODS = frozenset(
    {
        *("split", "rsplit", "partition", "rpartition", "startswith", "endswith", "strip", "lstrip", "rstrip", "lower"),
        *("upper", "title", "capitalize", "replace", "join", "format", "removeprefix", "removesuffix", "isdigit"),
        *("isidentifier", "splitlines", "count", "find", "index"),
    }
)
# methods that change a container in place
MUTATORS = frozenset(
    {
        *("append", "extend", "add", "update", "insert", "setdefault", "remove", "discard", "pop", "clear", "sort"),
        "reverse",
    }
)
_READERS = frozenset({"copy", "union", "intersection", "difference", "index", "count", "issubset", "issuperset"})
_TABLE_METHODS = frozenset({"keys", "values", "items", "get", "copy", "pop", "setdefault", "update", "clear"})
# Functions of values that are known through and through.
_PURE: dict[str, Callable[..., Any]] = {
    "str": str, "int": int, "float": float, "bool": bool, "any": any, "all": all, "min": min, "max": max, "sum": sum,
    "repr": repr, "range": lambda *a: list(range(*a)[:_MAX_RANGE]),
}  # fmt: skip
_COPIES = frozenset({"list", "tuple", "set", "frozenset", "reversed", "sorted", "chain"})
# Builtins that `call_builtin` knows.
BUILTINS = frozenset({*_PURE, *_COPIES, "dict", "enumerate", "len", "map", "zip"}) - {"chain"}
# A format with a width could ask for any amount of memory.
_WIDE = re.compile(r"\{[^{}]*[:!.\[]")
_MAX_RANGE = 10_000
_MAX_TEXT = 10_000
_MAX_MAPPED = 300
_VERSION_PARSERS = frozenset(
    {"Version", "parse_version", "LooseVersion", "StrictVersion", "NumpyVersion", "parse", "LegacyVersion"}
)
_QUIET = frozenset(
    {"warn", "warn_explicit", "debug", "info", "warning", "filterwarnings", "simplefilter", "print", "warn_deprecated"}
)
_LAZY_ATTACH = frozenset({"lazy_loader.attach", "lazy.attach", "lazy_loader.attach_stub", "attach", "attach_stub"})


class Machine(Protocol):
    """What calls need of the evaluator."""

    def call(self, callee: Value, arguments: Arguments, frame: Frame) -> Value:
        """A call of a value."""
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

    def has_module(self, name: str) -> bool | None:
        """Whether a module can be imported, `None` when undecided."""
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


def _search(path: str, args: tuple[Value, ...]) -> Value:
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


def call_symbol(machine: Machine, path: str, arguments: Arguments, frame: Frame) -> Value:
    """Call a function known by its dotted path."""
    args, keywords, module = arguments.positional, arguments.keywords, frame.module
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
        found = machine.has_module(args[0])
        return UNKNOWN if found is None else (Symbol(f"spec:{args[0]}") if found else None)
    if path in _LAZY_ATTACH or path.startswith("lazy_loader."):
        return _attach(machine, last, args, keywords, module)
    name = path.removeprefix("builtins.")
    if name in BUILTINS:
        return call_builtin(name, arguments, lambda f, given: machine.call(f, given, frame), explores=False)
    return UNKNOWN


def _absolute(name: str, package: Any, module: str) -> str:
    if not name.startswith("."):
        return name
    base = package if isinstance(package, str) else module
    level = len(name) - len(name.lstrip("."))
    parts = base.split(".")
    return ".".join([*parts[: len(parts) - level + 1], name.lstrip(".")]).strip(".")


def _attach(machine: Machine, last: str, args: tuple[Value, ...], keywords: dict[str, Value], module: str) -> Value:
    names: set[str] = set()
    origins: dict[str, str] = {}
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
            origins.update(dict.fromkeys(map(str, listed_names), str(part)))
    hooks = Hooks(frozenset(names), origins)
    return (hooks, UNKNOWN, sorted(names))


def call_builtin(
    name: str, arguments: Arguments, call: Callable[[Value, Arguments], Value], *, explores: bool
) -> Value:
    """A call of a builtin that makes a value of others. `call` calls a value, for `map`."""
    first = arguments.get(0, "")
    if name in _COPIES:
        return _copied(name, arguments, explores=explores)
    if name in _PURE:
        if name == "str" and isinstance(first, VersionInfo):
            return str(first.version)
        if not arguments.closed or not all(map(_is_plain, arguments.values())):
            return UNKNOWN
        return guarded(lambda: as_items(_PURE[name](*arguments.positional, **arguments.keywords)))
    match name:
        case "dict" | "OrderedDict":
            made = Table((), arguments.closed)
            _update(made, arguments)
            return made if made.closed or explores else UNKNOWN
        case "len":
            items = items_of(first)
            return UNKNOWN if items is None else len(items)
        case "enumerate" | "zip":
            lists = [items_of(value) for value in arguments.positional[: 1 if name == "enumerate" else None]]
            known = [items for items in lists if items is not None]
            if len(known) != len(lists) or not known or not arguments.closed:
                return UNKNOWN
            if name == "zip":
                return Items(zip(*known, strict=False))
            start = arguments.get(1, "start", 0)
            return Items(enumerate(known[0], start)) if isinstance(start, int) else UNKNOWN
        case "map":
            items = items_of(arguments.get(1, ""))
            if first is None or items is None or len(arguments.positional) != 2:
                return UNKNOWN
            return Items([call(first, Arguments((item,))) for item in items[:_MAX_MAPPED]], len(items) <= _MAX_MAPPED)
        case _:
            return UNKNOWN


def _is_plain(value: Value) -> bool:
    return is_known(value) and not isinstance(value, Symbol | ModuleValue | Namespace | Hooks | VersionInfo)


def _copied(name: str, arguments: Arguments, *, explores: bool) -> Value:
    found = Items((), arguments.closed)
    for value in arguments.positional[: None if name == "chain" else 1]:
        items = items_of(value)
        found.extend(known_items(value) if items is None else items)
        found.closed = found.closed and items is not None
    if not found.closed and not explores:
        return UNKNOWN
    if name == "reversed":
        found.reverse()
    elif name == "sorted":
        if "key" in arguments.keywords or not is_known(list(found)):
            return found if explores else UNKNOWN
        return guarded(lambda: Items(sorted(found, reverse=arguments.get(None, "reverse") is True), found.closed))
    if name in {"set", "frozenset"} and not explores:
        return guarded(lambda: set(found) if name == "set" else frozenset(found))
    return tuple(found) if name == "tuple" and found.closed else found


def method_of(owner: Value, name: str) -> Value:
    """The method of a text or container, where it is one that `call_method` knows."""
    match owner:
        case str():
            known = name in _TEXT_METHODS
        case Matched():
            known = name in {"group", "groups"}
        case dict():
            known = name in _TABLE_METHODS
        case list() | tuple() | set() | frozenset():
            known = name in MUTATORS or name in _READERS
        case _:
            known = False
    return Method(owner, name) if known else UNKNOWN


def call_method(owner: Value, name: str, arguments: Arguments) -> Value:
    """A call of a method of a text or container. Those that change a container change it in place."""
    match owner:
        case Matched():
            return _group(owner, name, arguments.positional)
        case str() if name in _TEXT_METHODS:
            return _text_method(owner, name, arguments)
        case dict():
            return _table_method(owner, name, arguments)
        case list() | tuple() | set() | frozenset():
            return _list_method(owner, name, arguments)
        case _:
            return UNKNOWN


def _group(found: Matched, name: str, places: tuple[Value, ...]) -> Value:
    if name == "groups":
        return tuple(found[1:])
    if name != "group" or not all(isinstance(place, int) and 0 <= place < len(found) for place in places):
        return UNKNOWN
    groups = tuple(found[place] for place in places or (0,))
    return groups[0] if len(groups) == 1 else groups


def _text_method(text: str, name: str, arguments: Arguments) -> Value:
    if not arguments.closed or not is_known([*arguments.values()]):
        return UNKNOWN
    if name == "format" and _WIDE.search(text):
        return UNKNOWN
    if name == "replace" and sum(len(value) for value in arguments.positional if isinstance(value, str)) > _MAX_TEXT:
        return UNKNOWN
    found = guarded(lambda: as_items(getattr(text, name)(*arguments.positional, **arguments.keywords)))
    return UNKNOWN if isinstance(found, str) and len(found) > max(len(text), _MAX_TEXT) else found


def _list_method(owner: Any, name: str, arguments: Arguments) -> Value:
    given = arguments.positional
    first = given[0] if given else None
    if name in _READERS:
        if name == "copy":
            return Items(owner, not is_open(owner)) if isinstance(owner, list) else owner
        known = not is_open(owner) and arguments.closed and is_known([*arguments.values()])
        return guarded(lambda: getattr(owner, name)(*given)) if known else UNKNOWN
    if isinstance(owner, tuple | frozenset):
        return UNKNOWN
    if name in {"append", "add"} and given:
        guarded(lambda: owner.add(first) if isinstance(owner, set) else owner.append(first))
    elif name == "insert" and len(given) == 2:
        owner.insert(first if isinstance(first, int) else len(owner), given[1])
    elif name in {"extend", "update"}:
        items = items_of(first) if arguments.closed else None
        added = known_items(first) if items is None else items
        guarded(lambda: owner.update(added) if isinstance(owner, set) else owner.extend(added))
        if isinstance(owner, Items):
            owner.closed = owner.closed and items is not None
    elif name == "pop" and isinstance(owner, list):
        if not given or isinstance(first, int):
            return guarded(lambda: owner.pop(*given))
        return UNKNOWN
    elif name in {"remove", "discard"}:
        if isinstance(owner, set):
            owner.discard(first)
        else:
            owner[:] = [item for item in owner if item != first]
    elif name == "clear":
        owner.clear()
    elif name == "sort" and is_known(list(owner)) and "key" not in arguments.keywords:
        guarded(lambda: owner.sort(reverse=arguments.get(None, "reverse") is True))
    elif name == "reverse":
        owner.reverse()
    else:
        return UNKNOWN
    return None


def _table_method(owner: dict[Value, Value], name: str, arguments: Arguments) -> Value:
    first = arguments.get(0, "")
    closed = not is_open(owner)
    match name:
        case "get" | "pop" | "setdefault":
            if not arguments.positional or not is_hashable(first):
                return UNKNOWN
            if first in owner:
                return owner.pop(first) if name == "pop" else owner[first]
            missing = arguments.get(1, "") if closed and (name != "pop" or len(arguments.positional) > 1) else UNKNOWN
            if name == "setdefault":
                owner[first] = missing
            return missing
        case "items":
            return Items(owner.items(), closed)
        case "keys":
            return Items(owner, closed)
        case "values":
            return Items(owner.values(), closed)
        case "copy":
            return Table(owner, closed)
        case "update":
            _update(owner, arguments)
            return None
        case "clear":
            owner.clear()
            return None
        case _:
            return UNKNOWN


def _update(table: dict[Value, Value], arguments: Arguments) -> None:
    """Do what `dict(…)` and `update(…)` do with their arguments."""
    given = arguments.get(0, "", ())
    known = arguments.closed and not is_open(given)
    if isinstance(given, dict):
        table.update(given)
    else:
        pairs = items_of(given)
        known = known and pairs is not None
        for pair in pairs or ():
            if isinstance(pair, list | tuple) and len(pair) == 2 and is_hashable(pair[0]):
                table[pair[0]] = pair[1]
            else:
                known = False
    table.update(arguments.keywords)
    if isinstance(table, Table):
        table.closed = table.closed and known


def percent(left: Value, right: Value) -> Value:
    """`left % right`: of numbers, and of texts such as `"--%s" % name`."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left % right
    given = right if isinstance(right, tuple) else (right,)
    plain = all(isinstance(item, str | int | float) for item in given)
    if not isinstance(left, str) or not plain or re.sub(r"%[sdir%]", "", left).count("%"):
        return UNKNOWN
    text = left % tuple(given)
    return text if len(text) <= max(len(left), _MAX_TEXT) else UNKNOWN


def guarded(make: Callable[[], Value]) -> Value:
    """What `make` gives; `UNKNOWN` when it fails, as the evaluated code would."""
    try:
        return make()
    except Exception:
        return UNKNOWN
