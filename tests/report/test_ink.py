"""Where lines of a text report break, by the width of the terminal."""

from __future__ import annotations

import pytest

from tailrace.report.ink import Ink

WIDE = 0


@pytest.mark.parametrize(
    ("width", "color", "lines"),
    [
        pytest.param(WIDE, False, ["BREAKS  conda 4.13.0 breaks 2 of 2 downstreams"], id="any width"),
        pytest.param(46, False, ["BREAKS  conda 4.13.0 breaks 2 of 2 downstreams"], id="it just fits"),
        pytest.param(45, False, ["BREAKS  conda 4.13.0 breaks 2 of 2", "  downstreams"], id="one column less"),
        pytest.param(
            46,
            True,
            [" BREAKS   conda 4.13.0 breaks 2 of 2", "  downstreams"],
            id="a badge in colour is two columns wider",
        ),
        pytest.param(5, False, ["BREAKS  conda 4.13.0", "  breaks 2 of 2", "  downstreams"], id="never below 20"),
    ],
)
def test_a_title_continues_below_its_badge(width: int, color: bool, lines: list[str]) -> None:
    ink = Ink(color=color, width=width)
    ink.title("BREAKS", "bold", "conda 4.13.0 breaks 2 of 2 downstreams")
    assert _plain(ink.text()) == lines


@pytest.mark.parametrize(
    ("width", "text", "lines"),
    [
        pytest.param(WIDE, "a is gone from b", ["  note: a is gone from b"], id="any width"),
        pytest.param(20, "a is gone from b", ["  note: a is gone", "    from b"], id="further lines begin deeper"),
        pytest.param(
            20,
            "defaults::conda-4.13.0-py39_0 went",
            ["  note:", "    defaults::conda-4.13.0-py39_0", "    went"],
            id="a name is never broken",
        ),
        pytest.param(20, "", ["  note:"], id="nothing to say"),
    ],
)
def test_prose_may_hang(width: int, text: str, lines: list[str]) -> None:
    ink = Ink(color=False, width=width)
    ink.prose(text, indent=2, first=("note: ", "cyan"), hang=2)
    assert _plain(ink.text()) == lines


def _plain(text: str) -> list[str]:
    import re

    return [re.sub(r"\x1b\[[0-9;]*m", "", line).rstrip() for line in text.splitlines()]
