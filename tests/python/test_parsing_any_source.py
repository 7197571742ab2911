"""Sources of every kind and age: read if any Python could read them, refused without a crash if not."""

from __future__ import annotations

import ast

import pytest

from tailrace.python.parsing import MAX_SOURCE_BYTES, decode_source, parse_python

READ: dict[str, tuple[bytes, bool]] = {
    "nothing": (b"", False),
    "Python 3": (b"def f(a, /, *, b: int = 1) -> None: ...\n", False),
    "a byte order mark": (b"\xef\xbb\xbfx = 1\n", False),
    "a declared encoding": ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), False),
    "an encoding that nobody knows": (b"# -*- coding: klingon -*-\nx = 1\n", False),
    "bytes that are not UTF-8": (b"x = '\xe9'\n", False),
    "old Macintosh line ends": (b"x = 1\ry = 2\r", False),
    "Windows line ends": (b"if x:\r\n    y = 2\r\n", False),
    "form feeds": (b"x = 1\n\x0c\ny = 2\n", False),
    "an escape that is not one": (b"x = '\\d'\n", False),
    "print as a statement": (b"print 'x'\n", True),
    "except with a comma": (b"try:\n    pass\nexcept E, e:\n    print e\n", True),
    "raise with a comma": (b"raise ValueError, 'x'\n", True),
    "backquotes and <>": (b"x = `1 <> 2`\n", True),
    "old octal and long numbers": (b"x = 0777 + 10L\n", True),
    "exec as a statement": (b"exec 'x = 1' in d\n", True),
    "a parameter that is a tuple": (b"def f((a, b), c):\n    pass\n", True),
    "async as a parameter": (b"def f(x, async=True):\n    return f(1, async=async)\n", True),
}
REFUSED: dict[str, bytes] = {
    "a null byte": b"x = 1\0\n",
    "not Python at all": b"<?xml version='1.0'?>\n<x/>\n",
    "half a statement": b"def f(\n",
    "binary": bytes(range(256)),
    "a merge conflict": b"<<<<<<< HEAD\nx = 1\n=======\n",
    "far too deep": b"x = " + b"(" * 5000 + b")" * 5000 + b"\n",
    "operators far too deep": b"x = " + b"-" * 200_000 + b"1\n",
}


@pytest.mark.parametrize("kind", READ)
def test_what_some_python_reads_is_read(kind: str) -> None:
    source, python2 = READ[kind]
    parsed = parse_python(source)
    assert parsed is not None
    assert parsed.python2 is python2


@pytest.mark.parametrize("kind", REFUSED)
def test_what_no_python_reads_is_refused(kind: str) -> None:
    assert parse_python(REFUSED[kind]) is None


def test_places_stay_true_in_python_2() -> None:
    parsed = parse_python(b"import os\n\nprint 'x'\n\ndef f(x):\n    raise E, 'no'\n\nclass C: pass\n")
    assert parsed is not None
    assert [node.lineno for node in parsed.tree.body] == [1, 3, 5, 8]


def test_a_huge_table_is_read_and_a_gigantic_one_is_not() -> None:
    table = b"T = [" + b"(1, 'x'),\n" * 50_000 + b"]\ndef f(): ...\n"
    parsed = parse_python(table)
    assert parsed is not None
    assert isinstance(parsed.tree.body[1], ast.FunctionDef)
    assert parse_python(b"#" * (MAX_SOURCE_BYTES + 1)) is None


@pytest.mark.parametrize(
    "source",
    [
        *(
            b"\xff\xfe\x00",
            b"# coding: \xff\n",
            b"\xe9",
            b"# coding: rot13\nk = 1\n",
            b"# coding: \0\n",
            b"# coding: zlib\n",
        ),
        *(b"# coding: " + name + b"\n" + b"zz99-" * 200_000 for name in (b"punycode", b"idna", b"undefined", b"zlib")),
    ],
    ids=range(10),
)
def test_any_bytes_can_be_decoded(source: bytes) -> None:
    assert isinstance(decode_source(source), str)
