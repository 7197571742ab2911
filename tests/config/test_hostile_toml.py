"""A TOML text has one error, whatever is wrong with it, and takes no time."""

from __future__ import annotations

import tomllib

import pytest

from tailrace.toml.parse import MAX_PARTS, parse_toml

MANY = 20_000
LONG = ".".join(["a"] * (MAX_PARTS + 2))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a" + ".a" * MANY + " = 1", "more than 100 parts"),
        ("a" + " . a" * MANY + " = 1", "more than 100 parts"),
        ("[a" + ".a" * MANY + "]", "more than 100 parts"),
        ("x = {a" + '."a"' * MANY + " = 1}", "more than 100 parts"),
        (f"x = 1\n{LONG} = 1", "at line 2"),
        ("a = " + "[" * MANY, "nested too deeply"),
        ("a = " + "{a = " * MANY, "nested too deeply"),
        ("a = " + "9" * 10_000, "4300 digits"),
        ("a = 2024-02-30", "[Dd]a(te|y)"),
        ("a = 1\na = 2", "overwrite"),
    ],
)
def test_what_is_not_read_has_one_error(text: str, problem: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError, match=problem):
        parse_toml(text)


@pytest.mark.parametrize(
    "text",
    [
        ".".join(["a"] * 100) + " = 1",
        f'a = "{"." * 5000}"',
        f"a = [{'1.5, ' * 5000}]",
        f'a = """\n1. Contents {"." * 300} 17\n"""',
        "\n".join(f"a{n}.b.c = 1.0" for n in range(500)),
    ],
    ids=["a hundred parts", "an ellipsis", "numbers", "a table of contents", "many keys"],
)
def test_what_people_write_is_within_the_bounds(text: str) -> None:
    assert parse_toml(text) == tomllib.loads(text)
