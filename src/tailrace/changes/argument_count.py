"""Answers whether any call in a file passes more than N positional arguments, from its bytes alone."""

from __future__ import annotations

import keyword
import re

# Strings and comments: what stands in them is no call.
_TEXT = re.compile(
    rb"\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|\#[^\n]*", re.DOTALL
)
_INNERMOST = re.compile(rb"[(\[{][^()\[\]{}]*[)\]}]")
_CALL = re.compile(rb"(?:(\bdef\s+)?(\b\w+)|(?<=[)\]}]))\s*\(([^()\[\]{}]*)\)")
_NO_POSITION = re.compile(rb"\s*(?:\w+\s*=(?!=)|\*|$)")
_KEYWORDS = frozenset(word.encode() for word in keyword.kwlist)
_MAX_DEPTH = 200


def may_give_more(source: bytes, positions: int) -> bool:
    """Whether a call may give more than `positions` positional arguments; true where that cannot be told.

    Brackets that do not match, as in text that is no Python, cannot be told.
    """
    if source.count(b",") < positions:
        return False
    text = _TEXT.sub(b"_", source)
    for _ in range(_MAX_DEPTH):
        found = _INNERMOST.findall(text)
        if not found:
            return any(bracket in text for bracket in (b"(", b"[", b"{"))
        if any(part.count(b",") >= positions for part in found) and _gives_more(text, positions):
            return True
        text = _INNERMOST.sub(b"_", text)
    return True


def _gives_more(text: bytes, positions: int) -> bool:
    for definition, callee, inside in _CALL.findall(text):
        if definition or callee in _KEYWORDS or inside.count(b",") < positions:
            continue
        if sum(_NO_POSITION.match(item) is None for item in inside.split(b",")) > positions:
            return True
    return False
