"""Where each key of a TOML text stands."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tailrace.toml.lines import KeyPath, key_lines

TEXT = '''\
# a comment
[project]
name = "x"  # [tool.tailrace]
dependencies = [
    "jobs = 1",
]

[tool.tailrace]
jobs = 2
"time-limit" = 3
limits.members = 4
text = """
jobs = 9
[tool.other]
"""
inline = { a = 1, b = { c = 2 } }

[[tool.tailrace.allow]]
rule = "a"

[[ tool . tailrace . allow ]]
rule = "b"
[tool.tailrace.allow.more]
deep = 1

[tool.tailrace.limits2]
size = "1"
'''


def test_each_key_is_found_on_its_line() -> None:
    found = key_lines(TEXT)
    lines = TEXT.splitlines()

    def at(*path: str | int) -> str:
        return lines[found[path] - 1].strip()

    assert at("project", "dependencies") == "dependencies = ["
    assert at("tool", "tailrace", "jobs") == "jobs = 2"
    assert at("tool", "tailrace", "time-limit") == '"time-limit" = 3'
    assert at("tool", "tailrace", "limits", "members") == "limits.members = 4"
    assert at("tool", "tailrace", "text") == 'text = """'
    assert at("tool", "tailrace", "inline", "b", "c").startswith("inline")
    assert at("tool", "tailrace", "allow", 0, "rule") == 'rule = "a"'
    assert at("tool", "tailrace", "allow", 1, "rule") == 'rule = "b"'
    assert at("tool", "tailrace", "allow", 1) == "[[ tool . tailrace . allow ]]"
    assert at("tool", "tailrace", "allow", 1, "more", "deep") == "deep = 1"
    assert at("tool", "tailrace", "limits2", "size") == 'size = "1"'


def test_what_only_looks_like_a_key_is_not_found() -> None:
    found = key_lines(TEXT)
    assert ("tool", "other") not in found
    assert found["tool", "tailrace", "jobs"] == 9


def test_inline_entries_of_an_array_have_lines_too() -> None:
    assert key_lines('allow = [\n  {rule = "a"},\n]\n')["allow", 0, "rule"] == 1


def _paths(value: Any, above: KeyPath = ()) -> set[KeyPath]:
    if isinstance(value, dict):
        return {p for k, v in value.items() for p in {(*above, k)} | _paths(v, (*above, k))}
    if isinstance(value, list):
        return {p for n, v in enumerate(value) if isinstance(v, dict) for p in _paths(v, (*above, n))}
    return set()


KEYS = st.sampled_from(["a", "b", '"c d"', "'e.f'", "g-h"])
VALUES = st.sampled_from(
    ["1", '"x"', '"""\n[a]\nb = 1\n"""', "[\n 1,\n 2]", "{x = 1}", "'''\n'''", "[{y = 1}, {z = 2}]"]
)
STATEMENTS = st.one_of(
    st.builds("{} = {}".format, KEYS, VALUES),
    st.builds("{}.{} = {}".format, KEYS, KEYS, VALUES),
    st.builds("[{}]".format, KEYS),
    st.builds("[{}.{}]".format, KEYS, KEYS),
    st.builds("[[{}]]".format, KEYS),
    st.builds("[[{}.{}]]".format, KEYS, KEYS),
    st.just("# [x] = 1"),
    st.just(""),
)


@given(st.lists(STATEMENTS, max_size=8))
def test_every_key_that_tomllib_reads_has_a_line(statements: list[str]) -> None:
    text = "\n".join(statements)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    found = key_lines(text)
    assert _paths(document) <= set(found)
    assert all(1 <= line <= len(text.splitlines()) for line in found.values())
