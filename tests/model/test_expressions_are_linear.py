"""No regular expression of the program can be made to go back without end by the text that it is applied to."""

from __future__ import annotations

import ast
import itertools
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
    r"[a-z][a-z0-9]*(?:[-_ ][a-z0-9]+)*\Z",  # each turn begins with a mark
    r"[A-Za-z_]\w*(?:\.\w+)+\Z",  # each turn begins with a dot
    r"(?:export[ \t]+|override[ \t]+)*",
    r"(?:--\S+\s+)*",  # each turn begins after a blank
    r"(?:[ \t]*\.[ \t]*",  # each turn has its dot
    r"(?:[~^]\d*)",  # each turn begins with a mark
    r"(?:\w+\.)*Callable",  # each turn ends in a dot
    r"\d+(?:[.]\d+)*",
    r"(\.[\w*?]+)*",
    r"\w*(?:\.\w+)*)",
    r"[a-z]+(?:-[a-z]+)*",
    r"(?:[-_ ][a-z0-9]+)*",  # each turn begins with a mark
    r"(?:\.\w+)+\Z",  # each turn begins with a dot
    r"[^/]+/(?:[^/]+/)*",  # each turn ends in a slash
    r"(?:-\S+\s+)*",
    r"(?:\.0+)+$",
    r"[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*",
    r"(\.[^\W\d]\w*|\(\))*",
)


def applied() -> Iterator[tuple[str, re.Pattern[str] | re.Pattern[bytes], frozenset[str]]]:
    """`(place, pattern, methods)` of every pattern that is written out, with the methods that its file calls on it."""
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        called: dict[str, set[str]] = {}
        named: dict[ast.Call, str] = {}
        at_once: dict[ast.expr, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in FUNCTIONS:
                called.setdefault(node.value.id, set()).add(node.attr)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call) and node.attr in FUNCTIONS:
                at_once[node.value] = node.attr
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Call)
                and isinstance(node.targets[0], ast.Name)
            ):
                named[node.value] = node.targets[0].id
        for node in ast.walk(tree):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in FUNCTIONS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                continue
            flags = re.NOFLAG
            for one in ast.walk(node):
                if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name) and one.value.id == "re":
                    flags |= getattr(re, one.attr) if one.attr.isupper() else re.NOFLAG
            methods = {node.func.attr}
            if node.func.attr == "compile":
                methods = {at_once[node]} if node in at_once else called.get(named.get(node, ""), {"finditer"})
            yield f"{path.relative_to(ROOT)}:{node.lineno}", re.compile(node.args[0].value, flags), frozenset(methods)


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


def parsed(pattern: str | bytes, flags: int = 0) -> object:
    text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
    return re._parser.parse(text, flags & re.VERBOSE)  # type: ignore[attr-defined]  # the standard library's own reader


def test_every_repetition_inside_another_was_looked_at() -> None:
    found = dict(expressions())
    assert len(found) > 100
    doubtful = {
        place: pattern
        for place, pattern in found.items()
        if repeats_inside_repeats(parsed(pattern)) and not any(known in pattern for known in REVIEWED)
    }
    assert doubtful == {}


#: Characters of the short and of the long text.
SHORT, LONG = 600, 2400
#: Where the time for the long text is more than this times that for the short one, it does not grow with the length:
#: a linear pattern takes 4 times as long, a quadratic one 16 times.
GROWTH = 9.0
#: CPU seconds from which on a growth can be told from noise.
NOTICED = 0.003


def adversaries(pattern: str) -> Iterator[tuple[str, str]]:
    """`(repeated, end)`: what to repeat, and what comes after, for texts that a pattern nearly matches."""
    literal = set(re.sub(r"\\.", "", pattern)) & set("\n-_.=:;,#'\"()[]{}<>@/*!%&|+~^$")
    for unit in sorted(literal | {"a", "1", "A", " ", "."}):
        yield from ((unit + other, "\0") for other in ("", "a", "1", " ") if other != unit)
        yield unit, ""


def seconds(pattern: re.Pattern[Any], method: str, text: str | bytes) -> float:
    started = time.process_time()
    if method in ("match", "fullmatch", "search"):
        getattr(pattern, method)(text)
    else:
        for _ in itertools.islice(pattern.finditer(text), LONG):
            pass
    return time.process_time() - started


def may_grow(tree: object) -> bool:
    """Whether a pattern has a repetition without a bound."""
    return any(
        (str(operator) in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT") and int(value[1]) >= 100)
        or (str(operator) == "SUBPATTERN" and may_grow(value[3]))
        or (str(operator) == "BRANCH" and any(may_grow(branch) for branch in value[1]))
        for operator, value in tree  # type: ignore[attr-defined]
    )


def slowest(pattern: re.Pattern[Any], methods: frozenset[str]) -> tuple[float, str]:
    """The largest growth of the time with the length of a text, and the text."""
    worst = (0.0, "")
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    for unit, end in adversaries(source):
        for method in methods:

            def text(size: int, unit: str = unit, end: str = end) -> str | bytes:
                whole = unit * (size // len(unit)) + end
                return whole if isinstance(pattern.pattern, str) else whole.encode("latin-1")

            if seconds(pattern, method, text(LONG)) < NOTICED:
                continue
            short = min(seconds(pattern, method, text(SHORT)) for _ in range(3))
            long = min(seconds(pattern, method, text(LONG)) for _ in range(3))
            if long >= NOTICED:
                worst = max(worst, (long / max(short, 1e-5), f"{method} {unit!r} {end!r}"))
    return worst


#: Applied to texts of bounded length only: add a pattern after a look at that.
BOUNDED: frozenset[str] = frozenset()


@pytest.mark.parametrize("part", range(4))
def test_the_time_of_each_expression_grows_with_the_text_only(part: int) -> None:
    found = {(p.pattern, p.flags, methods): (place, p, methods) for place, p, methods in applied()}
    slow = {}
    for place, pattern, methods in sorted(found.values(), key=lambda one: one[0])[part::4]:
        growth, text = slowest(pattern, methods) if may_grow(parsed(pattern.pattern, pattern.flags)) else (0.0, "")
        if growth > GROWTH and str(pattern.pattern) not in BOUNDED:
            slow[place] = (pattern.pattern, growth, text)
    assert slow == {}


@pytest.mark.parametrize("pattern", [r"[a-z]+\d+=", r"\s+$", r"\[[^\]]*x"])
def test_a_pattern_whose_time_grows_faster_is_found(pattern: str) -> None:
    # Other work on the machine may hide the growth once, not each time.
    assert any(slowest(re.compile(pattern), frozenset({"search"}))[0] > GROWTH for _ in range(5))


@pytest.mark.parametrize("pattern", [r"(?<![a-z])[a-z]+\d+=", r"\s++x", r"\[[^\[\]]*x"])
def test_its_near_misses_are_not(pattern: str) -> None:
    assert slowest(re.compile(pattern), frozenset({"match"}))[0] <= GROWTH


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
