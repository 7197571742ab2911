"""The smallest program that reaches a line."""

from __future__ import annotations

import pytest

from tailrace.verify.slicing import result_programs, slice_programs

# source, line, symbol, the programs
CASES = {
    "an attribute of what a call gives": (
        "import up\ndef f(name):\n    return up.points().get(name)\n", 3, "up.Points.get",
        ("import up\nup.points().get", "import up\nup.points.get"),
    ),
    "through a variable": (
        "import up\ndef f():\n    x = up.C()\n    x.gone()\n", 4, "up.C.gone",
        ("import up\nup.C().gone", "import up\nup.C.gone"),
    ),
    "arguments that only the downstream has": (
        "from up import C\ndef f(text):\n    x = C(text[1:])\n    x.gone()\n", 4, "up.C.gone",
        ("from up import C\nC.gone",),
    ),
    "an attribute of self": (
        "import up\nclass D:\n    def h(self):\n        self.s = up.S()\n    def g(self):\n        self.s.gone\n",
        6, "up.S.gone", ("import up\nup.S().gone", "import up\nup.S.gone"),
    ),
    "an import in the function": (
        "def f():\n    import up.x as y\n    y.gone\n", 3, "up.x.gone", ("import up.x as y\ny.gone",),
    ),
    "the shape of a call": (
        "import up\ndef f(a, **k):\n    up.call(a, 2, old=a)\n", 3, "up.call(old=)",
        ("import up\nimport inspect\ninspect.signature(up.call).bind(None, None, old=None)",),
    ),
    "a call with more behind a star": (
        "import up\ndef f(*a, **k):\n    up.call(*a, old=1)\n", 3, "up.call(old=)",
        ("import up\nimport inspect\ninspect.signature(up.call).bind_partial(old=None)",),
    ),
    "a parameter cannot be followed": ("def f(x):\n    x.gone\n", 2, "up.C.gone", ()),
    "its own module cannot be used": ("from . import up\ndef f():\n    up.gone\n", 3, "up.gone", ()),
    "another attribute on the line": ("import up\nup.kept\n", 2, "up.gone", ()),
    "with": (
        "import up\ndef f():\n    with up.C() as c:\n        c.gone\n", 4, "up.C.gone",
        ("import up\nup.C().__enter__().gone", "import up\nup.C.__enter__.gone"),
    ),
    "not Python": ("def f(:\n", 1, "up.gone", ()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_line_becomes_the_smallest_program_that_reaches_it(name: str) -> None:
    source, line, symbol, expected = CASES[name]
    assert slice_programs(source, "down", line, symbol) == expected


def test_a_circle_of_names_ends() -> None:
    assert slice_programs("import up\ndef f():\n    a = b\n    b = a\n    a.gone\n", "down", 5, "up.gone") == ()


# line 4 of the function, the first program
RESULTS = {
    "an operator": ("    x = up.f(text)\n    return x / 'a'\n", "import up\nup.f('.') / 'a'"),
    "a subscript": ("    x = up.f((text,))\n    return x['a']\n", "import up\nup.f(('.',))['a']"),
    "unpacking": ("    x = up.f()\n    a, b = x\n", "import up\n[_, _] = up.f()"),
    "a loop": ("    x = up.f()\n    for one in x: pass\n", "import up\niter(up.f())"),
    "a comprehension": ("    x = up.f()\n    return [a for a in x]\n", "import up\niter(up.f())"),
    "with": ("    x = up.f()\n    with x: pass\n", "import up\nwith up.f():\n    pass"),
    "a length": ("    x = up.f()\n    return len(x)\n", "import up\nlen(up.f())"),
    "a membership test": ("    x = up.f()\n    return 'a' in x\n", "import up\n'a' in up.f()"),
    "a starred target takes any number": ("    x = up.f()\n    a, *b = x\n", None),
    "a value of another function of the downstream": ("    x = up.f(own())\n    return x / 'a'\n", None),
    "nothing of the upstream": ("    x = text\n    return x / 'a'\n", None),
}


@pytest.mark.parametrize("name", RESULTS)
def test_what_a_line_does_with_a_result_becomes_a_program(name: str) -> None:
    body, expected = RESULTS[name]
    source = f"import up\ndef f(text):\n{body}def own(): return 1\n"
    found = result_programs(source, "down", 4)
    assert (found[0] if found else None) == expected
