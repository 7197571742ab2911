"""Parses the message of a diagnostic: kind, receiver, name, callee. Knows only `ty`'s sentences.

Wording changes between releases of a young tool; a sentence that is not recognised keeps its kind and leaves the
details empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tailrace.check.typecheck.rules import KIND_OF_RULE
from tailrace.check.typecheck.values import Kind, TypeText

_OPENING, _CLOSING = "([{<", ")]}>"
_UNKNOWN = frozenset({"Unknown", "Any", "Todo", "Divergent", "...", "object", "Never"})


@dataclass(frozen=True, slots=True)
class Impact:
    """What one sentence says; see `Diagnostic` for the fields."""

    kind: Kind
    receiver: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    name: str = ""
    callee: str = ""
    owner: str = ""


_ON_UNION = re.compile(r"Attribute `(?P<name>\w+)` is not defined on (?P<lacking>`.*`) in union `(?P<receiver>.*)`$")
_ON_ONE = re.compile(
    r"(?P<what>Object of type|Class|Module|Function) `(?P<receiver>.*)` has no (?:attribute|member) `(?P<name>\w+)`$"
)
_POSSIBLY = re.compile(r"(?:Member|Attribute) `(?P<name>\w+)` (?:of|on)\b.*?`(?P<receiver>.*?)` may be missing$")
_POSSIBLY_ON = re.compile(r"(?:Member|Attribute|Submodule) `(?P<name>\w+)` may.*? on.*?`(?P<receiver>.*?)`")
_IMPORT = re.compile(r"Cannot resolve imported module `(?P<name>[^`]*)`")
_UNKNOWN_ARGUMENT = re.compile(r"Argument `(?P<name>\w+)` does not match any known parameter(?: of (?P<callee>.*))?$")
_MISSING_ARGUMENT = re.compile(
    r"No arguments? provided for required parameters? (?P<names>`.*?`)(?: of (?P<callee>[^,]*))?$"
)
_POSITIONAL_ONLY = re.compile(
    r"Positional-only parameter \d+ \(`(?P<name>\w+)`\) passed as keyword argument(?: of (?P<callee>.*))?$"
)
_DUPLICATE = re.compile(r"Multiple values provided for parameter `(?P<name>\w+)`(?: of (?P<callee>.*))?$")
_TOO_MANY = re.compile(r"Too many positional arguments(?: to (?P<callee>.*?))?: expected \d+, got \d+$")
_OVERLOAD = re.compile(r"No overload of (?P<callee>.*) matches arguments$")
_UNDEFINED = re.compile(r"Name `(?P<name>\w+)` used when not defined")
_OF_TYPE = re.compile(r"[Oo]bject of type `(?P<receiver>[^`]*)`|^`(?P<other>[^`]*)` is not awaitable")
_READ_ONLY = re.compile(
    r"read-only property `(?P<name>\w+)` on object of type `(?P<receiver>.*?)`"
    r"|Property `(?P<field>\w+)` defined in `(?P<owner>.*?)` is read-only"
)
# Storing an attribute that the class does not declare works at run time.
_STORE = re.compile(r"Unresolved attribute `\w+` on type ")


def split_union(text: str) -> tuple[str, ...]:
    """The members of a printed union, at its top level only: `A | list[B | C]` → `A`, `list[B | C]`."""
    parts: list[str] = []
    depth, start, quote = 0, 0, ""
    for index, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _OPENING:
            depth += 1
        elif letter in _CLOSING and not (letter == ">" and text[index - 1 : index] == "-"):
            depth -= 1
        elif letter == "|" and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return tuple(stripped for part in parts if (stripped := _unwrap(part.strip())))


def _unwrap(text: str) -> str:
    """`(A & ~AlwaysFalsy)` → `A`: what narrowing took away does not matter. A callable loses its parentheses."""
    if text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        inner = text[1:-1]
        positive = [part for part in inner.split(" & ") if not part.startswith("~")]
        return positive[0] if len(positive) == 1 else inner
    return text


def _closes_at_end(text: str) -> bool:
    depth = 0
    for index, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return index == len(text) - 1
    return False


def parse_type(text: str) -> TypeText:
    """A printed type, taken apart into its union members."""
    members = split_union(text)
    return TypeText(text, members, unknown=not members or any(member in _UNKNOWN for member in members))


def class_name(member: str) -> str:
    """The class that one union member names: `list[int]` → `list`, `type[A]` and `<class 'A'>` → `A`, `Self@m` → ``."""
    if found := re.match(r"^<(?:class|module|super|function|enum) '?(?:<class )?'?([\w.]+)'?", member):
        return found[1]
    if found := re.match(r"^type\[([\w.]+)", member):
        return found[1]
    if found := re.match(r"^(?:bound method )?([\w.]+)(?:\[|$)", member):
        return "" if found[1] in _UNKNOWN else found[1]
    return ""


def read_message(rule: str, text: str) -> Impact:
    """The meaning of one diagnostic. A rule that is not in the table is `type-only`: it is never reported."""
    kind = KIND_OF_RULE.get(rule, "type-only")
    sentence = text.split("\n", 1)[0].strip().rstrip(".")
    match kind:
        case "type-only":
            return Impact(kind)
        case "missing-import":
            found = _IMPORT.search(sentence)
            return Impact(kind, name=found["name"] if found else "")
        case "missing-attribute" | "missing-member" | "possibly-missing":
            return _attribute(kind, sentence)
        case "read-only":
            return _read_only(sentence)
        case "undefined-name":
            found = _UNDEFINED.search(sentence)
            return Impact(kind, name=found["name"] if found else "")
        case "unknown-argument" | "missing-argument" | "too-many-positional" | "positional-only-as-keyword":
            return _call(kind, sentence)
        case "duplicate-argument" | "no-overload":
            return _call(kind, sentence)
        case _:
            found = _OF_TYPE.search(sentence)
            receiver = split_union(found["receiver"] or found["other"] or "") if found else ()
            return Impact(kind, receiver=receiver, lacking=receiver)


def _attribute(kind: Kind, sentence: str) -> Impact:
    if _STORE.match(sentence):
        return Impact("type-only")
    if found := _ON_UNION.match(sentence):
        lacking = tuple(
            dict.fromkeys(part for text in re.findall(r"`([^`]*)`", found["lacking"]) for part in split_union(text))
        )
        return Impact(kind, split_union(found["receiver"]), lacking, found["name"])
    if found := _ON_ONE.match(sentence):
        receiver = (found["receiver"],) if found["what"] == "Module" else split_union(found["receiver"])
        owner = found["receiver"] if found["what"] == "Module" else ""
        if not owner and (module := re.fullmatch(r"<module '([\w.]+)'>", found["receiver"])):
            owner = module[1]
        return Impact(kind, receiver, receiver, found["name"], owner=owner)
    if found := _POSSIBLY.match(sentence) or _POSSIBLY_ON.match(sentence):
        return Impact("possibly-missing", (found["receiver"],), (), found["name"])
    return Impact(kind)


def _call(kind: Kind, sentence: str) -> Impact:
    for pattern in (_UNKNOWN_ARGUMENT, _POSITIONAL_ONLY, _DUPLICATE):
        if found := pattern.match(sentence):
            return Impact(kind, name=found["name"], callee=_plain(found["callee"]))
    if found := _MISSING_ARGUMENT.match(sentence):
        return Impact(kind, name=",".join(re.findall(r"`(\w+)`", found["names"])), callee=_plain(found["callee"]))
    if found := _TOO_MANY.match(sentence) or _OVERLOAD.match(sentence):
        return Impact(kind, callee=_plain(found["callee"]))
    return Impact(kind)


def _plain(callee: str | None) -> str:
    """``bound method `A.m` `` → `A.m`."""
    found = re.search(r"`([^`]*)`", callee or "")
    return found[1] if found else ""


def _read_only(sentence: str) -> Impact:
    found = _READ_ONLY.search(sentence)
    if not found:
        return Impact("type-only")
    receiver = split_union(found["receiver"] or found["owner"] or "")
    return Impact("read-only", receiver, receiver, found["name"] or found["field"] or "")
