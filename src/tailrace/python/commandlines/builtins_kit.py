"""Calls of builtins, of methods of texts, lists and dictionaries in, results out. Knows only what is harmless."""

from __future__ import annotations

import re
from itertools import islice

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.values import Command, Option, Parser, Site, SubParsers
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Arguments,
    Function,
    Instance,
    Items,
    Method,
    Partial,
    Symbol,
    Table,
    Value,
    is_open,
    items_of,
    known_items,
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


def call(machine: Core, path: str, arguments: Arguments, frame: Frame, site: Site) -> Value:
    """A builtin or library call."""
    name = path.rpartition(".")[2]
    first = arguments.get(0, "")
    match name:
        case "partial" if first is not None:
            return Partial("partial", first, arguments.positional[1:], tuple(arguments.keywords.items()))
        case "wraps" | "update_wrapper" if first is not None:
            return Partial("wraps", first)
        case "list" | "tuple" | "set" | "frozenset" | "reversed" | "sorted" | "chain":
            return _copied(name, arguments)
        case "dict" | "OrderedDict":
            base = first if isinstance(first, dict) else {}
            closed = arguments.closed and (first is None or (isinstance(first, dict) and not is_open(first)))
            return Table({**base, **arguments.keywords}, closed)
        case "str":
            return first if isinstance(first, str) else UNKNOWN
        case "int" if isinstance(first, str | int) and len(arguments.positional) == 1:
            try:
                return int(first)
            except ValueError:
                return UNKNOWN
        case "len":
            items = items_of(first)
            return UNKNOWN if items is None else len(items)
        case "enumerate" | "zip":
            lists = [items_of(value) for value in arguments.positional]
            known = [items for items in lists if items is not None]
            if len(known) != len(lists) or not known:
                return UNKNOWN
            rows = zip(*known, strict=False) if name == "zip" else enumerate(known[0])
            return Items(rows)
        case "map" | "reduce":
            return _applied(machine, name, arguments, frame, site)
        case "getattr" | "hasattr":
            attribute = text_of(arguments.get(1, ""))
            found = machine.attribute(first, attribute) if first is not None and attribute else UNKNOWN
            if name == "getattr":
                return found
            return True if found is not UNKNOWN and not isinstance(first, Symbol) else UNKNOWN
        case "isinstance":
            return _isinstance(first, arguments.get(1, ""))
        case _:
            return UNKNOWN


def _copied(name: str, arguments: Arguments) -> Value:
    result = Items([], closed=arguments.closed)
    for value in arguments.positional[: None if name == "chain" else 1]:
        items = items_of(value)
        result.extend(known_items(value) if items is None else items)
        result.closed = result.closed and items is not None
    if name == "reversed":
        result.reverse()
    elif name == "sorted" and all(isinstance(item, str) for item in result):
        result.sort()
    return result


def _applied(machine: Core, name: str, arguments: Arguments, frame: Frame, site: Site) -> Value:
    function, given = arguments.get(0, ""), arguments.get(1, "")
    items = items_of(given)
    if function is None or items is None:
        return UNKNOWN
    if name == "map":
        return Items([machine.call(function, Arguments((item,)), site, frame) for item in items[:300]])
    current = arguments.get(2, "", UNKNOWN)
    for item in items[:300]:
        current = machine.call(function, Arguments((current, item)), site, frame)
    return current


def _isinstance(value: Value, kind: Value) -> Value:
    if not isinstance(kind, Symbol):
        return UNKNOWN
    wanted = kind.path.rpartition(".")[2]
    match value:
        case SubParsers():
            return wanted in {"_SubParsersAction", "Action"} if wanted.endswith("Action") else UNKNOWN
        case Option():
            return False if wanted == "_SubParsersAction" else UNKNOWN
        case Parser():
            return True if wanted == "ArgumentParser" else UNKNOWN
        case Command():
            return value.is_group if wanted in {"Group", "MultiCommand"} else UNKNOWN
        case Function() | Instance():
            return False if wanted in {"Command", "Group"} else UNKNOWN
        case _:
            return UNKNOWN


def method(callee: Method, arguments: Arguments) -> Value:
    """A method of a text, list or dictionary."""
    match callee.owner:
        case list() | tuple() as owner:
            return _list_method(owner, callee.name, arguments)
        case dict() as owner:
            return _table_method(owner, callee.name, arguments)
        case str() as text:
            return _text_method(text, callee.name, arguments)
        case _:
            return UNKNOWN


def _list_method(owner: list[Value] | tuple[Value, ...], name: str, arguments: Arguments) -> Value:
    given = arguments.positional
    first = given[0] if given else None
    if name == "copy":
        return Items(owner, not is_open(owner))
    if not isinstance(owner, Items):
        return UNKNOWN
    if name in {"append", "add"} and given:
        owner.append(first)
    elif name == "insert" and len(given) == 2:
        owner.insert(first if isinstance(first, int) else len(owner), given[1])
    elif name in {"extend", "update"}:
        items = None if isinstance(first, str) else items_of(first)
        owner.extend(known_items(first) if items is None else items)
        owner.closed = owner.closed and items is not None
    elif name == "pop" and owner:
        return owner.pop(0 if given and first == 0 else -1)
    elif name in {"remove", "discard", "clear"}:
        owner[:] = [] if name == "clear" else [item for item in owner if item != first]
    return UNKNOWN


def _table_method(owner: dict[Value, Value], name: str, arguments: Arguments) -> Value:
    first = arguments.get(0, "")
    key = first if isinstance(first, str | int) else None
    closed = not is_open(owner)
    match name:
        case "get" | "pop" | "setdefault":
            if key is not None and key in owner:
                return owner.pop(key) if name == "pop" else owner[key]
            missing = UNKNOWN if not closed or key is None else arguments.get(1, "")
            if name == "setdefault" and key is not None:
                owner[key] = missing
            return missing
        case "items":
            return Items(owner.items(), closed)
        case "keys":
            return Items(owner, closed)
        case "values":
            return Items(owner.values(), closed)
        case "copy":
            return Table(owner, closed)
        case "update" if isinstance(owner, Table):
            owner.update(first if isinstance(first, dict) else {})
            owner.update(arguments.keywords)
            owner.closed = closed and (first is None or (isinstance(first, dict) and not is_open(first)))
        case _:
            pass
    return UNKNOWN


def _text_method(text: str, name: str, arguments: Arguments) -> Value:
    values = [text_of(value) for value in arguments.positional]
    if name in _TEXT_METHODS and None not in values and len(values) <= 1:
        return getattr(text, name)(*values)
    if name == "replace" and len(values) == 2 and None not in values and len(text) < 1000:
        replaced = text.replace(values[0] or "", (values[1] or "")[:100])
        return replaced if len(replaced) <= MAX_TEXT else UNKNOWN
    if name in {"startswith", "endswith"} and len(values) == 1 and values[0] is not None:
        return getattr(text, name)(values[0])
    if name == "split" and len(values) <= 1 and None not in values and "" not in values:
        return Items(islice(text.split(values[0] if values else None), 300))
    if name == "format" and not re.search(r"\{[^{}]*[:!.\[]", text) and not arguments.keywords and None not in values:
        try:
            formatted = text.format(*values)
        except (IndexError, ValueError, KeyError):
            return UNKNOWN
        return formatted if len(formatted) <= MAX_TEXT else UNKNOWN
    return UNKNOWN


def percent(left: Value, right: Value) -> Value:
    """`"--%s" % name` of known texts."""
    template = text_of(left)
    given = right if isinstance(right, tuple) else (right,)
    values = [item for item in given if isinstance(item, str | int)]
    if template is None or len(values) != len(given) or re.sub(r"%[sd%]", "", template).count("%"):
        return UNKNOWN
    try:
        text = template % tuple(values)
    except (TypeError, ValueError):
        return UNKNOWN
    return text if len(text) <= MAX_TEXT else UNKNOWN
