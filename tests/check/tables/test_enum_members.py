"""Members of enumerations that are asked for by subscript: found where the member is gone."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from engine_rows import Row, rows, told

OLD = "import enum\nfrom enum import Enum\nclass Color(Enum):\n    RED = 1\n    BLUE = 2\n"
NEW = OLD.replace("    RED = 1\n", "")
GONE = "attribute-removed up.Color.RED {}"


def _r(name: str, down: str, *said: str, old: str = OLD, new: str = NEW) -> Row:
    return Row(name, old, new, down, said)


def _as(base: str, text: str) -> str:
    return text.replace("(Enum)", f"({base})")


MEMBERS = rows(
    _r("a name that is imported", "from up import Color\nx = Color['RED']", GONE.format(2)),
    _r("of the module", "import up\ndef f():\n    return up.Color['RED']", GONE.format(3)),
    _r("under another name", "from up import Color as C\nx = C['RED']", GONE.format(2)),
    _r("imported in a function", "def f():\n    from up import Color\n    return Color['RED'].value", GONE.format(3)),
    _r("an enumeration of numbers", "from up import Color\nx = Color['RED']", GONE.format(2), old=_as("enum.IntEnum", OLD), new=_as("enum.IntEnum", NEW)),
    _r("of texts", "from up import Color\nx = Color['RED']", GONE.format(2), old=_as("str, Enum", OLD), new=_as("str, Enum", NEW)),
    _r("of flags", "from up import Color\nx = Color['RED']", GONE.format(2), old=_as("enum.Flag", OLD), new=_as("enum.Flag", NEW)),
    _r("KeyError is caught", "from up import Color\ntry:\n    x = Color['RED']\nexcept KeyError:\n    x = None", GONE.format(3) + " guard: except KeyError"),
    _r("AttributeError is not what it raises", "from up import Color\ntry:\n    x = Color['RED']\nexcept AttributeError:\n    x = None", GONE.format(3)),
    _r("one that is still there", "from up import Color\nx = Color['BLUE']"),
    _r("one that never was", "from up import Color\nx = Color['GREEN']"),
    _r("a computed one", "from up import Color\ndef f(name):\n    return Color[name]"),
    _r("no enumeration", "from up import Color\nx = Color['RED']", old="class Color:\n    RED = 1\n    def __class_getitem__(cls, x): ...", new="class Color:\n    def __class_getitem__(cls, x): ..."),
    _r("what is missing by value", "from up import Color\nx = Color['RED']", GONE.format(2), new=NEW + "    @classmethod\n    def _missing_(cls, value): ...\n"),
    _r("a metaclass of its own", "from up import Color\nx = Color['RED']", new="import enum\nfrom enum import Enum\nclass M(enum.EnumMeta):\n    def __getitem__(cls, name): ...\nclass Color(Enum, metaclass=M):\n    BLUE = 2\n"),
    _r("a dictionary of the upstream", "from up import Colors\nx = Colors['RED']", old="Colors = {'RED': 1}", new="Colors = {}"),
    _r("the downstream's own", "import up\nfrom enum import Enum\nclass Color(Enum):\n    BLUE = 1\nx = Color['RED']"),
)  # fmt: skip

_BY_VALUE = "call-raises up.Color {}"
WORDS = "from enum import Enum\nclass Color(str, Enum):\n    RED = 'red'\n    BLUE = 'blue'\n"
DARK = WORDS.replace("'red'", "'dark-red'")
VALUES = rows(
    _r("a member that is gone", "from up import Color\nx = Color(1)", _BY_VALUE.format(2)),
    _r("a value that changed", "from up import Color\nx = Color('red')", _BY_VALUE.format(2), old=WORDS, new=DARK),
    _r("of the module", "import up\ndef f():\n    return up.Color('red')", _BY_VALUE.format(3), old=WORDS, new=DARK),
    _r("ValueError is caught", "from up import Color\ntry:\n    x = Color(1)\nexcept ValueError:\n    x = None", _BY_VALUE.format(3) + " guard: except ValueError"),
    # Near-misses.
    _r("a value that is kept", "from up import Color\nx = Color(2)"),
    _r("a value that never was", "from up import Color\nx = Color(3)"),
    _r("a computed one", "from up import Color\ndef f(x):\n    return Color(x)"),
    _r("under another name", "from up import Color\nx = Color('red')", old=WORDS, new=WORDS.replace("RED", "ROSE")),
    _r("with values by themselves", "from up import Color\nx = Color(1)", old=OLD.replace("= 1", "= enum.auto()")),
    _r("what finds a member for any value", "from up import Color\nx = Color(1)", new=NEW + "    @classmethod\n    def _missing_(cls, value): ...\n"),
    _r("flags", "from up import Color\nx = Color(1)", old=_as("enum.Flag", OLD), new=_as("enum.Flag", NEW)),
    _r("a class that is not an enumeration", "from up import Color\nx = Color(1)", old="class Color:\n    RED = 1\n    def __init__(self, x): ...", new="class Color:\n    def __init__(self, x): ..."),
)  # fmt: skip


@pytest.mark.parametrize("row", VALUES)
def test_a_member_by_value_is_found_where_no_member_has_it(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said


@pytest.mark.parametrize("row", MEMBERS)
def test_a_member_by_subscript_is_found_where_it_is_gone(row: Row, tmp_path: Path) -> None:
    assert told(tmp_path, row) == row.said
