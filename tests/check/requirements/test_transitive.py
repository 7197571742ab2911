"""Whether requirements lead to a distribution, through what they require in turn."""

from __future__ import annotations

import pytest

from tailrace.check.requirements.transitive import brings

KNOWN = {
    "a": ("b>=1",),
    "b": ("six", 'tool; extra == "cli"'),
    "c": (),
    "six": (),
    "tool": (),
    "d": ('six; python_version < "3"',),
    "loop": ("loop2",),
    "loop2": ("loop",),
}


@pytest.mark.parametrize(
    ("lines", "wanted", "found"),
    [
        (["six>=1"], "six", True),
        (["a"], "six", True),
        (["a", "c"], "other", False),
        (["c"], "six", False),
        (["d"], "six", False),
        (["b"], "tool", False),
        (["b[cli]"], "tool", True),
        (["loop"], "six", False),
        (["unknown", "c"], "six", None),
        (["unknown", "a"], "six", True),
        (["up"], "six", False),
        (["not a requirement"], "six", False),
    ],
)
def test_what_requirements_bring(lines: list[str], wanted: str, found: bool | None) -> None:
    def lookup(name: str, specifier: str) -> tuple[str, ...] | None:
        assert name != "up"
        return KNOWN.get(name)

    assert brings(lines, wanted, {"up"}, lookup) is found


def test_at_most_thirty_are_looked_up() -> None:
    asked: list[str] = []

    def lookup(name: str, specifier: str) -> tuple[str, ...] | None:
        asked.append(name)
        return (f"n{len(asked)}",)

    assert brings(["n0"], "six", (), lookup) is None
    assert len(asked) == 30
