"""What the checker is shown instead of what is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tailrace.check.typecheck.overlay import decode_source, neutralise


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("if sys.version_info < (3, 8): x", "if sys.version_inf_ < (3, 8): x"),
        ("from sys import version_info as v", "from sys import version_inf_ as v"),
        (
            "from sys import path, version_info\nif version_info[0] == 2: x",
            "from sys import path, version_inf_\nif version_inf_[0] == 2: x",
        ),
        ("if typing.TYPE_CHECKING: x", "if typing.TYPE_CHECKIN_: x"),
        ("@no_type_check", "@no_type_chec_"),
        ("x  # ty: ignore[a]", "x  # t_: ignore[a]"),
        # near misses
        ("up.version_info", "up.version_info"),
        ("version_info = up.version_info", "version_info = up.version_info"),
        ("NOT_TYPE_CHECKING = 1", "NOT_TYPE_CHECKING = 1"),
        ("# beauty: ignore", "# beauty: ignore"),
        ("x  # type: ignore", "x  # type: ignore"),
    ],
)
def test_what_hides_code_is_made_unknown(text: str, shown: str) -> None:
    assert neutralise(text) == shown


@given(
    st.lists(st.sampled_from(["sys.version_info", "TYPE_CHECKING", "\n", " ", "é", "# ty:", "from sys import ", "x"]))
)
def test_every_place_stays_where_it_is(parts: list[str]) -> None:
    text = "".join(parts)
    shown = neutralise(text)
    assert [len(line.encode()) for line in shown.split("\n")] == [len(line.encode()) for line in text.split("\n")]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"x = '\xc3\xa9'", "x = 'é'"),
        (b"# coding: latin-1\nx = '\xe9'", "# coding: latin-1\nx = 'é'"),
        (b"\xef\xbb\xbfx = 1", "x = 1"),
        (b"x = '\xe9'", "x = '\ufffd'"),
        (b"# coding: no-such-codec\nx", "# coding: no-such-codec\nx"),
        (b"# coding: rot13\nx", "# coding: rot13\nx"),
        (b"", ""),
    ],
)
def test_source_is_read_by_its_own_coding_line(data: bytes, text: str) -> None:
    assert decode_source(data) == text


@given(st.binary(max_size=200))
def test_any_bytes_become_text_that_can_travel(data: bytes) -> None:
    decode_source(data).encode("utf-8")
