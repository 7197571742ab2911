"""Calls of builtins, of methods of texts, lists and dictionaries in, results out. Knows only what is harmless."""

from __future__ import annotations

import re
from itertools import islice

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.values import (
    UNKNOWN,
    Arguments,
    Command,
    Const,
    External,
    Function,
    Instance,
    Items,
    Method,
    Option,
    Parser,
    Partial,
    Scope,
    Site,
    SubParsers,
    Table,
    Value,
    text_of,
)

KNOWN = frozenset(
    {
        *("dict", "enumerate", "float", "frozenset", "getattr", "hasattr", "int", "isinstance", "len", "list", "map"),
        *("reversed", "set", "setattr", "sorted", "str", "tuple", "zip"),
    }
)
_LIBRARY = frozenset(
    {
        *("functools.partial", "functools.wraps", "functools.update_wrapper", "functools.reduce", "itertools.chain"),
        "collections.OrderedDict",
    }
)
_TEXT_METHODS = frozenset(
    {"lower", "upper", "strip", "lstrip", "rstrip", "title", "capitalize", "removeprefix", "removesuffix"}
)
MAX_TEXT = 10_000


def is_known(path: str) -> bool:
    """Whether a library function is computed here."""
    return path in _LIBRARY


def call(machine: Core, path: str, arguments: Arguments, scope: Scope, site: Site) -> Value:
    """A builtin or library call."""
    name = path.rpartition(".")[2]
    first = arguments.get(0, "")
    match name:
        case "partial" if first is not None:
            return Partial("partial", first, arguments.positional[1:], tuple(arguments.keywords.items()))
        case "wraps" | "update_wrapper" if first is not None:
            return Partial("wraps", first)
        case "list" | "tuple" | "set" | "frozenset" | "reversed" | "sorted" | "chain":
            return _copied(machine, name, arguments)
        case "dict" | "OrderedDict":
            base = first if isinstance(first, Table) else None
            closed = arguments.closed and (first is None or (base is not None and base.closed))
            return Table({**(base.items if base else {}), **arguments.keywords}, closed=closed)
        case "str":
            return first if isinstance(first, Const) and isinstance(first.value, str) else UNKNOWN
        case "int" if (
            isinstance(first, Const) and isinstance(first.value, str | int) and len(arguments.positional) == 1
        ):
            try:
                return Const(int(first.value))
            except ValueError:
                return UNKNOWN
        case "len":
            items = machine.items_of(first) if first else None
            return UNKNOWN if items is None else Const(len(items))
        case "enumerate" | "zip":
            lists = [machine.items_of(value) for value in arguments.positional]
            known = [items for items in lists if items is not None]
            if len(known) != len(lists) or not known:
                return UNKNOWN
            rows = zip(*known, strict=False) if name == "zip" else ((Const(i), v) for i, v in enumerate(known[0]))
            return Items([Items(list(row)) for row in rows])
        case "map" | "reduce":
            return _applied(machine, name, arguments, scope, site)
        case "getattr" | "hasattr":
            attribute = text_of(arguments.get(1, ""))
            found = machine.attribute(first, attribute) if first is not None and attribute else UNKNOWN
            if name == "getattr":
                return found
            return Const(True) if found is not UNKNOWN and not isinstance(first, External) else UNKNOWN
        case "isinstance":
            return _isinstance(first, arguments.get(1, ""))
        case _:
            return UNKNOWN


def _copied(machine: Core, name: str, arguments: Arguments) -> Value:
    result = Items([], closed=arguments.closed)
    for value in arguments.positional[: None if name == "chain" else 1]:
        items = machine.items_of(value)
        result.items.extend(items if items is not None else value.items if isinstance(value, Items) else ())
        result.closed = result.closed and items is not None
    if name == "reversed":
        result.items.reverse()
    elif name == "sorted" and all(isinstance(i, Const) and isinstance(i.value, str) for i in result.items):
        result.items.sort(key=lambda item: text_of(item) or "")
    return result


def _applied(machine: Core, name: str, arguments: Arguments, scope: Scope, site: Site) -> Value:
    function, given = arguments.get(0, ""), arguments.get(1, "")
    items = machine.items_of(given) if given is not None else None
    if function is None or items is None:
        return UNKNOWN
    if name == "map":
        return Items([machine.call(function, Arguments((item,)), site, scope) for item in items[:300]])
    start = arguments.get(2, "")
    current = start if start is not None else UNKNOWN
    for item in items[:300]:
        current = machine.call(function, Arguments((current, item)), site, scope)
    return current


def _isinstance(value: Value | None, kind: Value | None) -> Value:
    if not isinstance(kind, External):
        return UNKNOWN
    wanted = kind.path.rpartition(".")[2]
    match value:
        case SubParsers():
            return Const(wanted in {"_SubParsersAction", "Action"}) if wanted.endswith("Action") else UNKNOWN
        case Option():
            return Const(False) if wanted == "_SubParsersAction" else UNKNOWN
        case Parser():
            return Const(True) if wanted == "ArgumentParser" else UNKNOWN
        case Command():
            return Const(value.is_group) if wanted in {"Group", "MultiCommand"} else UNKNOWN
        case Function() | Instance():
            return Const(False) if wanted in {"Command", "Group"} else UNKNOWN
        case _:
            return UNKNOWN


def method(callee: Method, arguments: Arguments) -> Value:
    """A method of a text, list or dictionary."""
    match callee.owner:
        case Items() as owner:
            return _list_method(owner, callee.name, arguments)
        case Table() as owner:
            return _table_method(owner, callee.name, arguments)
        case Const(value=str() as text):
            return _text_method(text, callee.name, arguments)
        case _:
            return UNKNOWN


def _list_method(owner: Items, name: str, arguments: Arguments) -> Value:
    first = arguments.get(0, "")
    if name in {"append", "add"} and first is not None:
        owner.items.append(first)
    elif name == "insert" and (second := arguments.get(1, "")) is not None:
        at = first.value if isinstance(first, Const) and isinstance(first.value, int) else len(owner.items)
        owner.items.insert(at, second)
    elif name in {"extend", "update"}:
        owner.items.extend(first.items if isinstance(first, Items) else ())
        owner.closed = owner.closed and isinstance(first, Items) and first.closed
    elif name == "copy":
        return Items(list(owner.items), owner.closed)
    elif name == "pop" and owner.items:
        return owner.items.pop(first.value if isinstance(first, Const) and first.value == 0 else -1)
    elif name in {"remove", "discard", "clear"}:
        owner.items[:] = [] if name == "clear" else [item for item in owner.items if item != first]
    return UNKNOWN


def _table_method(owner: Table, name: str, arguments: Arguments) -> Value:
    first, second = arguments.get(0, ""), arguments.get(1, "")
    key = first.value if isinstance(first, Const) and isinstance(first.value, str | int | bool | None) else None
    match name:
        case "get" | "pop" | "setdefault":
            if key is not None and key in owner.items:
                return owner.items.pop(key) if name == "pop" else owner.items[key]
            missing = UNKNOWN if not owner.closed or key is None else second if second is not None else Const(None)
            if name == "setdefault" and key is not None:
                owner.items[key] = missing
            return missing
        case "items":
            return Items([Items([Const(k), v]) for k, v in owner.items.items()], owner.closed)
        case "keys":
            return Items([Const(k) for k in owner.items], owner.closed)
        case "values":
            return Items(list(owner.items.values()), owner.closed)
        case "copy":
            return Table(dict(owner.items), owner.closed)
        case "update":
            owner.items.update(first.items if isinstance(first, Table) else {})
            owner.items.update(arguments.keywords)
            owner.closed = owner.closed and (first is None or (isinstance(first, Table) and first.closed))
        case _:
            pass
    return UNKNOWN


def _text_method(text: str, name: str, arguments: Arguments) -> Value:
    values = [text_of(value) for value in arguments.positional]
    if name in _TEXT_METHODS and None not in values and len(values) <= 1:
        return Const(getattr(text, name)(*values))
    if name == "replace" and len(values) == 2 and None not in values and len(text) < 1000:
        replaced = text.replace(values[0] or "", (values[1] or "")[:100])
        return Const(replaced) if len(replaced) <= MAX_TEXT else UNKNOWN
    if name in {"startswith", "endswith"} and len(values) == 1 and values[0] is not None:
        return Const(getattr(text, name)(values[0]))
    if name == "split" and len(values) <= 1 and None not in values and "" not in values:
        return Items([Const(part) for part in islice(text.split(values[0] if values else None), 300)])
    if name == "format" and not re.search(r"\{[^{}]*[:!.\[]", text) and not arguments.keywords and None not in values:
        try:
            formatted = text.format(*values)
        except (IndexError, ValueError, KeyError):
            return UNKNOWN
        return Const(formatted) if len(formatted) <= MAX_TEXT else UNKNOWN
    return UNKNOWN


def percent(left: Value, right: Value) -> Value:
    """`"--%s" % name` of known texts."""
    template = text_of(left)
    given = right.items if isinstance(right, Items) and right.closed else [right]
    values = [item.value for item in given if isinstance(item, Const) and isinstance(item.value, str | int)]
    if template is None or len(values) != len(given) or re.sub(r"%[sd%]", "", template).count("%"):
        return UNKNOWN
    try:
        text = template % tuple(values)
    except (TypeError, ValueError):
        return UNKNOWN
    return Const(text) if len(text) <= MAX_TEXT else UNKNOWN
