"""No regular expression of the program can be made to go back without end by the text that it is applied to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tailrace
from tailrace.sources.git import split_tag

ROOT = Path(tailrace.__file__).parent
FUNCTIONS = frozenset(("compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"))

#: A repetition inside a repetition, where each turn of the outer one begins with what the inner one cannot hold: there
#: is one way to read a text. Add a pattern only after a look at that.
REVIEWED = (
    r"\[[^\]]*\]|[^&|()\[]",  # one character a turn, or a bracket
    r"(?: [A-Za-z0-9_./+<>=*,!$?()",  # each turn begins with a blank
    r"\d+(?:\.\d+)*",  # each turn begins with a dot
    r"(\.\d+)",
    r"(?:\.\d+)+",
    r"(?:export[ \t]+|override[ \t]+)*",
    r"(?:--\S+\s+)*",  # each turn begins after a blank
    r"(?:[ \t]*\.[ \t]*",  # each turn has its dot
    r"(?:[~^]\d*)",  # each turn begins with a mark
    r"(?:\w+\.)*Callable",  # each turn ends in a dot
    r"\d+(?:[.]\d+)*",
)


def expressions() -> Iterator[tuple[str, str]]:
    """`(place, pattern)` of every pattern in the source that is written out."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in FUNCTIONS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                value = node.args[0].value
                text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def repeats_inside_repeats(tree: object, inside: bool = False) -> bool:
    """Whether a repetition without a bound stands inside another."""
    for operator, value in tree:  # type: ignore[attr-defined]
        match str(operator):
            case "MAX_REPEAT" | "MIN_REPEAT":
                _low, high, body = value
                unbounded = int(high) >= 100
                if (inside and unbounded) or repeats_inside_repeats(body, inside or unbounded):
                    return True
            case "SUBPATTERN":
                if repeats_inside_repeats(value[3], inside):
                    return True
            case "BRANCH":
                if any(repeats_inside_repeats(branch, inside) for branch in value[1]):
                    return True
            case "ASSERT" | "ASSERT_NOT":
                if repeats_inside_repeats(value[1], inside):
                    return True
    return False


def parsed(pattern: str) -> object:
    return re._parser.parse(pattern)  # type: ignore[attr-defined]  # the standard library's own reader


def test_every_repetition_inside_another_was_looked_at() -> None:
    found = dict(expressions())
    assert len(found) > 100
    doubtful = {
        place: pattern
        for place, pattern in found.items()
        if repeats_inside_repeats(parsed(pattern)) and not any(known in pattern for known in REVIEWED)
    }
    assert doubtful == {}


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"(?:a|b+)*", r"(?:x?y+)*z", r"((?:[ab]*c?)*)d"])
def test_the_check_finds_what_it_looks_for(pattern: str) -> None:
    assert repeats_inside_repeats(parsed(pattern))


@pytest.mark.parametrize("pattern", [r"a+b+", r"(?:ab)*", r"(a{2,5})+", r"\s*x\s*"])
def test_the_check_passes_over_what_is_linear(pattern: str) -> None:
    assert not repeats_inside_repeats(parsed(pattern))


@pytest.mark.parametrize("tag", ["a_" * 5_000, "a_" * 90 + "!", "a-" * 95 + "!", "1." * 99 + "!", "v" * 200])
def test_a_tag_is_read_or_left_at_once(tag: str) -> None:
    assert split_tag(tag) is None


@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        ("v1.0", ("v", "1.0")),
        ("mamba-0.23.0", ("mamba-", "0.23.0")),
        ("a_b-c/v1.2", ("a_b-c/v", "1.2")),
        ("lib__x_1.0", ("lib__x_", "1.0")),
        ("release-v3.1rc1", ("release-v", "3.1rc1")),
        ("1.0", ("", "1.0")),
    ],
)
def test_what_is_a_version_tag(tag: str, parts: tuple[str, str]) -> None:
    assert split_tag(tag) == parts
