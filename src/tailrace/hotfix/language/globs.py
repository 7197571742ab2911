"""Compiles the shell globs of the hotfix language. Case counts; nothing is read from the file system."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from tailrace.hotfix.errors import HotfixError
from tailrace.model import patterns

OPTIONAL_TAIL = "?( *)"
"""Zero or one time: a blank and whatever follows. `numpy?( *)` is numpy with or without a version, never numpy-base."""

_SPECIAL = re.compile(r"[*?\[]")

Matcher = Callable[[str], bool]


def literal_prefix(pattern: str) -> str:
    """The text that everything the pattern matches must begin with."""
    found = _SPECIAL.search(pattern)
    return pattern if found is None else pattern[: found.start()]


def is_literal(pattern: str) -> bool:
    """True when the pattern matches exactly one text, itself."""
    return _SPECIAL.search(pattern) is None


@lru_cache(maxsize=65536)
def compile_glob(pattern: str) -> Matcher:
    """A function that decides whether the whole of a text matches the pattern.

    The frequent shapes need no regular expression.
    """
    prefix = literal_prefix(pattern)
    rest = pattern[len(prefix) :]
    if not rest:
        return lambda text: text == prefix
    if rest == "*":
        return lambda text: text.startswith(prefix)
    if rest == OPTIONAL_TAIL:
        with_blank = prefix + " "
        return lambda text: text == prefix or text.startswith(with_blank)
    try:
        return patterns.compile_expression(_expression(pattern))
    except patterns.PatternError as error:
        raise HotfixError(
            f"The pattern {pattern[:60]!r} cannot be used: {error}.", hint="Write a shorter one with fewer wildcards."
        ) from None


def compile_globs(patterns: tuple[str, ...]) -> Matcher:
    """A function that decides whether a text matches any of the patterns."""
    if len(patterns) == 1:
        return compile_glob(patterns[0])
    exact = frozenset(pattern for pattern in patterns if is_literal(pattern))
    loose = tuple(compile_glob(pattern) for pattern in patterns if not is_literal(pattern))
    if not loose:
        return exact.__contains__
    return lambda text: text in exact or any(matches(text) for matches in loose)


def _expression(pattern: str) -> str:
    """The pattern as a regular expression. Each part between two optional tails is translated by itself."""
    parts = (f"(?s:{patterns.glob_expression(part)})" for part in pattern.split(OPTIONAL_TAIL))
    return r"(?s: .*)?".join(parts) + r"\z"
