"""Syntax of every Python from 2.7 to 3.15: read on the running one, with the places of the text as it stands."""

from __future__ import annotations

import ast
import time

import pytest

from tailrace.python.parsing import parse_python
from tailrace.python.read import read_module
from tailrace.python.usages import collect_usage

# Every `up.NAME` in a source must be found where it stands.
NEWER = {
    "695: an alias": "type X[T] = up.a\ntype Y = up.b | None\ntype = 1\ntype.x\n",
    "695: functions and classes": "def f[T: int, *Ts, **P](x=up.a): up.b()\nclass C[T](up.K, m=up.M): x = up.c\n",
    "695: a coroutine in one line": "async def f[T](): await up.a()\n",
    "696: defaults": "class C[T = int, *Ts = *tuple[int], **P = [int]]:\n    x = up.a\n",
    "701: the same quotes": 'x = f"{d["k"]} {up.a}" + up.b\n',
    "701: strings in strings": 'x = f"{f"{f"{up.a}"}"}", up.b\n',
    "701: backslashes": "x = f\"{'\\n'.join(up.a)}\" + up.b\n",
    "701: comments and lines": 'x = f"{  # why }\n  up.a,\n  up.b}" + up.c\n',
    "701: specs": 'x = f"{up.a!r:>{up.b}} {up.c:%H:%M} {up.d=} {up.e = !s:x} {{}} {d[""]}"\n',
    "701: a lambda": 'x = f"{(lambda a: up.a)("")} {up.b:{up.c}}"\n',
    "701: beside other strings": "x = ('a' f\"{d[\"k\"]}{up.a}\"  # no }\n  'b' f'''{\nup.b}''', up.c)\n",
    "701: no letters from ASCII": 'x = \'é\' + f"{d["é"]} {up.a}" + up.b\n',
    "701: a call on it": 'x = f"{d["k"]}".join(up.a)\n',
    "750": "x = t\"{up.a} {'k'}\"\ny = rt'{up.b}\\d' + TR'''\n{up.c!s:x}'''\n",
    "758": "try: up.a\nexcept ValueError, up.B:\n    up.c\nexcept up.D, E, F: up.e\n",
    "758: a group": "try: up.a\nexcept* ValueError, up.B:\n    up.c\n",
    "758: names in small letters": "from socket import error\ntry: up.a\nexcept ValueError, error:\n    up.c\n",
    "798": "x = [*up.a(y) for y in up.b]\nz = {**up.c for d in up.d}\nf(*up.e for x in y)\nw = [*a, *up.f]\n",
    "810": "lazy import up\nlazy from up import x\nlazy = up.a\nlazy.x\n",
    "several": 'type X = up.a\ndef f[T](x): return f"{up.b("k")}" + t\'{up.c}\'\n',
}
OLDER = {
    "print": "print up.a, up.b\nprint >>up.c, up.d\nprint>>up.e\nprint\nprint 'x' % up.f,\n",
    "print in a line of its own": "if x: print up.g; print up.h\n",
    "exec": "exec up.a\nexec up.b in up.c, up.d\n",
    "raise": "raise up.E, up.a\nraise up.E, up.b, up.c\n",
    "except": "try: up.a\nexcept up.E, e:\n    up.b\nexcept (A, up.F), e: up.c\nexcept G, (a, b): up.d\n",
    "backquotes": "x = `up.a` + `up.b + `c`` if 1 <> up.d else 0\n".replace("`up.b + `c``", "`up.b`"),
    "numbers": "x = 0777, up.a, 10L, 0xFFL, up.b, 0, 00, 0.7, up.c\n",
    "strings": "x = ur'\\d', up.a, UR'x', u'y', up.b, b'\u00e9', up.c\n",
    "escapes": "x = 'C:\\users\\new', '\\x1', '\\N', up.a\nprint up.b\n",
    "tuples as parameters": "def f(a, (b, (c, d)), e): up.a\nx = lambda (k, v): up.b\n",
    "tabs and blanks": "if x:\n        up.a\n\tup.b\n",
    "async as a name": "from up.async import x\nx(async=up.a)\nup.async(up.b)\n",
    "a comprehension over a bare tuple": "x = [a for a in up.a, up.b if up.c]\n",
    "names that are keywords now": "try: True\nexcept NameError: True, False = 1, up.a\nup.None\n",
    "all of it in one line": "if x: print `up.a` <> 3; raise E, up.b\n",
}


def _places(text: str) -> list[tuple[str, int, int]]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        start = line.find("up.")
        while start >= 0:
            end = start + 3
            while end < len(line) and (line[end].isalnum() or line[end] == "_"):
                end += 1
            if "from up" not in line:
                found.append((line[start + 3 : end], number, len(line[:start].encode())))
            start = line.find("up.", end)
    return found


@pytest.mark.parametrize(
    ("text", "old"), [(t, False) for t in NEWER.values()] + [(t, True) for t in OLDER.values()], ids=[*NEWER, *OLDER]
)
def test_every_name_is_found_where_it_stands(text: str, old: bool) -> None:
    parsed = parse_python(text.encode())
    assert parsed is not None
    nodes = [
        n
        for n in ast.walk(parsed.tree)
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == "up"
    ]
    assert sorted((n.attr, n.lineno, n.col_offset) for n in nodes) == sorted(_places(text))
    lines = text.split("\n")
    for node in nodes:
        assert node.end_lineno == node.lineno
        assert lines[node.lineno - 1].encode()[node.col_offset : node.end_col_offset].decode() == f"up.{node.attr}"
    if old and "\t" not in text:
        assert parsed.python2
    assert not (parsed.python2 and not old)


READ_AS_ALWAYS = ("print(up.a)\n", "print (up.a), 1\n", "exec(up.a)\n", "type(up.a)\n", "x = f'{up.a}'\n", "lazy = 1\n")


@pytest.mark.parametrize("text", READ_AS_ALWAYS)
def test_what_the_running_python_reads_is_left_to_it(text: str) -> None:
    parsed = parse_python(text.encode())
    assert parsed is not None
    assert ast.dump(parsed.tree, include_attributes=True) == ast.dump(ast.parse(text), include_attributes=True)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("try: pass\nexcept ValueError, e: print e\n", ["e"]),
        ("try: pass\nexcept ValueError, err:\n    pass\n", ["err"]),
        ("try: pass\nexcept ValueError, KeyError:\n    pass\n", [None]),
        ("try: pass\nexcept ValueError, E:\n    print E\n", ["E"]),
        ("from zlib import error\ntry: pass\nexcept ValueError, error:\n    pass\n", [None]),
    ],
)
def test_a_comma_after_except_is_read_as_its_python_does(text: str, names: list[str | None]) -> None:
    parsed = parse_python(text.encode())
    assert parsed is not None
    assert [n.name for n in ast.walk(parsed.tree) if isinstance(n, ast.ExceptHandler)] == names


def test_an_alias_is_a_name_whose_value_is_evaluated_later() -> None:
    parsed = parse_python(b"import up\ntype X = up.a\n")
    assert parsed is not None
    assert "X" in read_module(parsed, "m", "m.py", is_package=False).bindings
    uses = collect_usage(parsed, "m", "m.py", is_package=False).uses
    assert [(u.line, u.scope) for u in uses if u.steps] == [(2, "function")]


@pytest.mark.parametrize(
    "text",
    [
        "f'{" * 30_000,
        "print " + "`" * 30_000,
        'x = f"' + "{a:" * 30_000,
        "f'{a=" + " " * 60_000 + "'\n" * 3,
        "[" * 30_000,
        "[*" * 190 + "x for x in y" + "]" * 190 + " ?\n",
        "'''" + "\\" * 60_000,
        "print " + "a, " * 20_000 + "?\n",
        "except a, " * 10_000,
        "lambda (" * 10_000,
        "[x for x in " * 150 + "a, b" + "]" * 150 + "?",
        "0" * 60_000 + "?",
        "x = f'" + "{a!" * 20_000,
    ],
    ids=range(13),
)
def test_hostile_texts_are_refused_in_time_that_grows_with_their_length(text: str) -> None:
    started = time.process_time()
    parse_python(text.encode())
    assert time.process_time() - started < 20
