"""Harmful combinations as people write them: what they mean, and what is said of those that mean nothing."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_channels import channel

from tailrace.conda.errors import ExpressionError
from tailrace.conda.records import Record
from tailrace.exposure.harmful import parse_broken


def environment(*lines: str) -> list[Record]:
    return list(channel("c", *lines).records())


@pytest.mark.parametrize(
    ("expression", "packages", "harmful"),
    [
        ("conda >=4.13 & conda-build <3.21.9", ["conda 4.13.0", "conda-build 3.21.8"], True),
        ("conda >=4.13 & conda-build <3.21.9", ["conda 4.12.0", "conda-build 3.21.8"], False),
        ("conda >=4.13 & conda-build <3.21.9", ["conda 4.13.0", "conda-build 3.21.9"], False),
        ("conda >=4.13 & conda-build <3.21.9", ["conda 4.13.0"], False),
        ("conda>=4.13&conda-build<3.21.9", ["conda 4.13.0", "conda-build 3.21.8"], True),
        ("a 1 | b 2 & c 3", ["a 1"], True),
        ("a 1 | b 2 & c 3", ["b 2"], False),
        ("(a 1 | b 2) & c 3", ["a 1"], False),
        ("(a 1 | b 2) & c 3", ["b 2", "c 3"], True),
        # A bar before a version belongs to the version.
        ("a 1|2 & b", ["a 2", "b 1"], True),
        ("a >=1,<2|3.* & b", ["a 3.1", "b 1"], True),
        ("a >=1,<2|3.* & b", ["a 2.1", "b 1"], False),
        # Builds and build numbers.
        ("a 1 *_0", ["a 1 py39_0"], True),
        ("a 1 *_0", ["a 1 py39_1"], False),
        ("a 1[build_number='<1']", ["a 1 py39_0"], True),
        ("a 1[build_number='<1']", ["a 1 py39_1"], False),
        ("a", ["a 7"], True),
        ("a", ["aa 7"], False),
    ],
)
def test_an_expression_is_about_what_is_installed_together(expression: str, packages: list[str], harmful: bool) -> None:
    assert parse_broken(expression).harmful(environment(*packages)) is harmful


@pytest.mark.parametrize(
    ("expression", "column", "words"),
    [
        ("", 1, "a spec is missing"),
        ("conda >=4.13 &", 15, "a spec is missing"),
        ("& conda", 1, "a spec is missing before '&'"),
        ("(conda", 7, "a closing parenthesis is missing"),
        ("conda)", 6, "')' is not expected here"),
        ("conda >>4 & b", 1, "'conda >>4' is not a match spec"),
        ("a & b >=", 5, "not a match spec"),
        ("con* & b", 1, "'con*' is not a match spec"),
        ("(" * 80 + "a" + ")" * 80, 52, "nested too deeply"),
    ],
)
def test_an_expression_that_means_nothing_is_shown_where(expression: str, column: int, words: str) -> None:
    with pytest.raises(ExpressionError, match="Cannot read") as caught:
        parse_broken(expression)
    assert words in str(caught.value)
    assert caught.value.column == column
    assert pickle.loads(pickle.dumps(caught.value)).column == column


def test_the_names_of_an_expression_are_known() -> None:
    assert parse_broken("b & (a | c >=1) & a 2").names == ("a", "b", "c")
    pairs = parse_broken("(conda ==4.13.0 & conda-build ==3.21.8) | (conda ==4.13.0 & mamba ==0.23.3)")
    assert pairs.names == ("conda", "conda-build", "mamba")
    assert pairs.harmful(environment("conda 4.13.0", "mamba 0.23.3"))


@given(st.text(alphabet="ab &|()[]<>=.*1'\"\\", max_size=40))
def test_any_text_is_either_an_expression_or_a_clear_error(text: str) -> None:
    try:
        names = parse_broken(text).names
    except ExpressionError as error:
        names = ("",) if 1 <= error.column <= len(text) + 1 else ()
    assert names
