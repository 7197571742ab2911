"""Blanks before closing brackets, and the places that move with them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace.check.typecheck.shown import ShownText


@pytest.mark.parametrize(
    ("text", "line", "column", "shown"),
    [
        ("f(a).b", 1, 4, "f(a ).b"),
        ("x\r\nf('é').b\r\n", 2, 7, "x\r\nf('é' ).b\r\n"),
        ("x[0].b", 1, 4, "x[0 ].b"),
        # stands alone already
        ("f().b", 1, 3, "f().b"),
        ("f(a, ).b", 1, 6, "f(a, ).b"),
        ("f(\na\n).b", 3, 1, "f(\na\n).b"),
        # not a bracket, or not there
        ("a.b", 1, 1, "a.b"),
        ("f(a).b", 9, 4, "f(a).b"),
        ("f(a).b", 1, 99, "f(a).b"),
        ("f(a).b", 1, 0, "f(a).b"),
    ],
)
def test_room_is_made_where_a_bracket_does_not_stand_alone(text: str, line: int, column: int, shown: str) -> None:
    file = ShownText(text)
    assert file.make_room(line, column) is (shown != text)
    assert file.text == shown
    assert not file.make_room(line, column)


@given(st.lists(st.sampled_from("f(aé)[]. \n"), max_size=30), st.sets(st.tuples(st.integers(1, 4), st.integers(1, 20))))
def test_every_place_is_found_there_and_back(letters: list[str], places: set[tuple[int, int]]) -> None:
    text = "".join(letters)
    file = ShownText(text)
    for place in sorted(places, reverse=True):
        file.make_room(*place)
    assert file.text.replace(" ", "") == text.replace(" ", "")
    shown = file.text.split("\n")
    for number, source in enumerate(text.split("\n"), 1):
        for column, byte in enumerate(source.encode(), 1):
            there = file.there(number, column)
            assert shown[number - 1].encode()[there - 1] == byte
            assert file.back(number, there) == column
