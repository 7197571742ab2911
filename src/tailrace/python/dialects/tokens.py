"""Tokenizes Python 2.7 to 3.15, including strings within f-strings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "number", "string", "op", "newline"]

# More strings within strings, or brackets within brackets, than any Python reads.
_MAX_DEPTH = 200

_TOKEN = re.compile(
    r"(?P<space>[ \t\f\ufeff]+|\\\n|\#[^\n]*)"
    r"|(?P<newline>\n)"
    r"|(?P<string>[rRbBuUfFtT]{0,3}(?:'''|\"\"\"|'|\"))"
    r"|(?P<number>(?:0[xX][\da-fA-F_]+|0[oObB][\d_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)[jJlL]?)"
    r"|(?P<name>\w+)"
    r"|(?P<op>\.\.\.|\*\*=?|//=?|>>=?|<<=?|<>|->|:=|[-+*/%&|^=<>@!]=|.)"
)
_ENDS = {
    quote: re.compile(rf"[^{quote[0]}\\]*+(?:(?:\\.|{quote[0]}(?!{quote[1:]}))[^{quote[0]}\\]*+)*+{quote}", re.DOTALL)
    if len(quote) == 3
    else re.compile(rf"[^{quote}\\\n]*+(?:\\.[^{quote}\\\n]*+)*+{quote}", re.DOTALL)
    for quote in ("'''", '"""', "'", '"')
}
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_GAP = re.compile(r"(?:[ \t\f\n]++|\#[^\n]*+\n)*+")
_CONVERSION = re.compile(r"\s*\w+\s*")
_NAMED = re.compile(r"\\N\{[^{}\n]*\}")


class NotPythonError(ValueError):
    """The text cannot be cut into tokens."""


@dataclass(frozen=True, slots=True)
class Token:
    """`start`, `end`: offsets of characters. `depth`: how many brackets are open around it, in its own text.

    `prefix`: the letters before a string's quote, in lower case. `fields`: the expressions in an f-string, each with
    its start, end and tokens.
    """

    kind: Kind
    text: str
    start: int
    end: int
    depth: int
    prefix: str = ""
    fields: tuple[tuple[int, int, tuple[Token, ...]], ...] = ()


def tokens_of(text: str) -> tuple[Token, ...]:
    """The tokens of a whole file; white space, comments and line ends within brackets are left out."""
    return tuple(_scan(text, 0, within=0)[0])


def _scan(text: str, position: int, *, within: int) -> tuple[list[Token], int]:
    """Tokens from `position` on. `within`: how many f-strings stand around; then the scan ends where the field does."""
    found: list[Token] = []
    brackets: list[str] = []
    lambdas = 0
    if within > _MAX_DEPTH:
        raise NotPythonError
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match is not None, "the last branch takes any character"
        kind, start, position = match.lastgroup, position, match.end()
        word = match.group()
        if kind == "space":
            continue
        if kind == "newline":
            if not brackets and not within:
                found.append(Token("newline", word, start, position, 0))
            continue
        if kind == "string":
            token = _string(text, start, position, word, len(brackets), within)
            position = token.end
            found.append(token)
            continue
        if kind != "op":
            found.append(Token("name" if kind == "name" else "number", word, start, position, len(brackets)))
            lambdas += within > 0 and word == "lambda" and not brackets
            continue
        if within and not brackets:
            ends = word in {"}", ":", "!"} or (word == ":=")
            if ends and word == ":" and lambdas:
                lambdas -= 1
            elif ends or (word == "=" and _after_gap(text, position) in {"}", ":", "!"}):
                return found, start
        if word in _PAIRS:
            found.append(Token("op", word, start, position, len(brackets)))
            brackets.append(_PAIRS[word])
            if len(brackets) > _MAX_DEPTH:
                raise NotPythonError
            continue
        if word in {")", "]", "}"}:
            if not brackets or brackets.pop() != word:
                raise NotPythonError
        found.append(Token("op", word, start, position, len(brackets)))
    if brackets or within:
        raise NotPythonError
    return found, position


def _end_of_gap(text: str, position: int) -> int:
    match = _GAP.match(text, position)
    return match.end() if match is not None else position


def _after_gap(text: str, position: int) -> str:
    end = _end_of_gap(text, position)
    return text[end : end + 1]


def _string(text: str, start: int, position: int, opening: str, depth: int, within: int) -> Token:
    quote = opening.lstrip("rRbBuUfFtT")
    prefix = opening[: -len(quote)].lower()
    if set(prefix) & {"f", "t"}:
        fields, end = _fields(text, position, quote, "r" in prefix, within)
        return Token("string", "", start, end, depth, prefix, tuple(fields))
    match = _ENDS[quote].match(text, position)
    if match is None:
        raise NotPythonError
    return Token("string", text[start : match.end()], start, match.end(), depth, prefix)


_Field = tuple[int, int, tuple[Token, ...]]


def _fields(text: str, position: int, quote: str, raw: bool, within: int) -> tuple[list[_Field], int]:
    """The expressions in the f-string whose text begins at `position`, and its end."""
    found: list[_Field] = []
    specs = 0  # format specs that are open: `{a:{b}}`
    while position < len(text):
        char = text[position]
        if text.startswith(quote, position):
            if specs:
                raise NotPythonError
            return found, position + len(quote)
        if char == "\n" and len(quote) == 1:
            raise NotPythonError
        if char == "\\":
            named = None if raw else _NAMED.match(text, position)
            if named is not None:
                position = named.end()
            else:
                position += 1 if text[position + 1 : position + 2] in {"{", "}"} else 2
        elif char == "}" and specs:
            specs -= 1
            position += 1
        elif char in "{}" and not specs and text[position + 1 : position + 2] == char:
            position += 2
        elif char == "{":
            inner, end = _scan(text, position + 1, within=within + 1)
            if not inner:
                raise NotPythonError
            found.append((position + 1, end, tuple(inner)))
            position = end
            if text[position] == "=":
                position = _end_of_gap(text, position + 1)
            if text[position] == "!":
                conversion = _CONVERSION.match(text, position + 1)
                if conversion is None:
                    raise NotPythonError
                position = conversion.end()
            if text[position : position + 1] == ":":
                specs += 1
                position += 1
            elif text[position : position + 1] == "}":
                position += 1
            else:
                raise NotPythonError
            if specs > _MAX_DEPTH:
                raise NotPythonError
        elif char == "}":
            raise NotPythonError
        else:
            position += 1
    raise NotPythonError
