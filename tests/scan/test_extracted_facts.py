"""What is kept of one file: a table of sources and the rows that must, and must not, come of them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tailrace.scan.extract import extract, file_key
from tailrace.store.rows import UseRow


def rows(source: str) -> tuple[UseRow, ...]:
    return extract(dedent(source).encode()).uses


def brief(row: UseRow) -> tuple[str, str]:
    return row.path, row.kind


FOUND = [
    # source, (path, kind)
    ("import numpy", ("numpy", "import")),
    ("import numpy.linalg", ("numpy.linalg", "import")),
    ("from numpy import bool8", ("numpy.bool8", "from-import")),
    ("from numpy import *", ("numpy.*", "from-import")),
    ("import numpy as np\nnp.bool8", ("numpy.bool8", "attribute")),
    ("import numpy.linalg\nnumpy.linalg.inv(1)", ("numpy.linalg.inv", "call")),
    ("import numpy.linalg as la\nla.inv(1)", ("numpy.linalg.inv", "call")),
    ("import xml.etree as xml\nxml.ElementTree", ("xml.etree.ElementTree", "attribute")),
    ("from numpy import bool8 as b\nb(1)", ("numpy.bool8", "call")),
    ("def f():\n    from numpy import bool8", ("numpy.bool8", "from-import")),
    ("def f():\n    import numpy.linalg as la\n    la.inv(1)", ("numpy.linalg.inv", "call")),
    ("import numpy as np\nnp.array(1).sum()", ("numpy.array().sum", "call")),
    ("import numpy as np\nx = getattr(np, 'bool8')", ("numpy.bool8", "attribute")),
    ("import importlib\nimportlib.import_module('scipy.misc')", ("scipy.misc", "string")),
    ("from unittest import mock\nmock.patch('scipy.misc.face')(f)", ("scipy.misc.face", "string")),
    ("import numpy as np\nnp.set_state.x = 3", ("numpy.set_state.x", "store")),
    ("from up import Base\nclass A(Base): pass", ("up.Base", "subclass")),
    ("import up\nclass A(up.Base[int]): pass", ("up.Base", "subclass")),
    ("from up import Base\nclass A(Base):\n    def run(self): pass", ("up.Base.run", "override")),
    (
        "from up import Base\nclass A(Base):\n    def run(self): super().run(1)",
        ("up.Base.run", "super"),
    ),
    (
        "from up import Base\nclass O:\n    class I(Base):\n        def run(self): pass",
        ("up.Base.run", "override"),
    ),
    (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pandas import DataFrame",
        ("pandas.DataFrame", "from-import"),
    ),
    ("from . import utils", (".utils", "from-import")),
    ("from ..pkg.mod import f", ("..pkg.mod.f", "from-import")),
    ("import subprocess\nsubprocess.run(['conda', 'clean', '-l'])", ("conda clean -l", "command")),
    ("import os\nos.system('conda clean -l')", ("conda clean -l", "command")),
    (
        "import sys, subprocess\nsubprocess.run([sys.executable, '-m', 'pip', 'list'])",
        ("pip list", "command"),
    ),
    ("print 'old'\nimport numpy", ("numpy", "import")),
]


@pytest.mark.parametrize(("source", "expected"), FOUND, ids=[source.replace("\n", "; ") for source, _ in FOUND])
def test_a_use_is_found(source: str, expected: tuple[str, str]) -> None:
    assert expected in [brief(row) for row in rows(source)]


NOT_FOUND = [
    # source, what must not come of it
    ("numpy = 3\nnumpy.bool8", "numpy.bool8"),
    ("def f(numpy):\n    numpy.bool8", "numpy.bool8"),
    ("import numpy.linalg\nnumpy.linalg.inv(1)", "numpy.linalg.linalg.inv"),
    ("'import numpy'", "numpy"),
    ("class A:\n    def run(self): super().run()", "run"),
    ("words = ['conda', 'clean']", "conda clean"),
]


@pytest.mark.parametrize(("source", "path"), NOT_FOUND, ids=[source.replace("\n", "; ") for source, _ in NOT_FOUND])
def test_a_near_miss_is_not_found(source: str, path: str) -> None:
    assert path not in [row.path for row in rows(source)]


GUARDS = [
    # source, path, guard, condition
    ("try:\n    from up import a\nexcept ImportError:\n    pass", "up.a", "try", ""),
    ("try:\n    from up import a\nexcept ImportError:\n    from up import b", "up.b", "except", ""),
    ("try:\n    from up import a\nexcept KeyError:\n    pass", "up.a", "", ""),
    ("import sys\nif sys.version_info < (3, 8):\n    from up import a", "up.a", "version", "sys.version_info < (3, 8)"),
    (
        "import sys\nif sys.platform == 'win32':\n    pass\nelse:\n    from up import a",
        "up.a",
        "platform",
        "not (sys.platform == 'win32')",
    ),
    ("import up\nif hasattr(up, 'a'):\n    up.a()", "up.a", "hasattr", "hasattr(up, 'a')"),
    ("import up\nif hasattr(up, 'b'):\n    up.a()", "up.a", "", ""),
    ("import up\nif up.ready:\n    up.a()", "up.a", "", ""),
    ("import up\ngetattr(up, 'a', None)", "up.a", "default", ""),
    ("import typing\nif typing.TYPE_CHECKING:\n    from up import a", "up.a", "type-checking", ""),
]


@pytest.mark.parametrize(("source", "path", "guard", "condition"), GUARDS)
def test_what_stands_around_a_use_is_kept(source: str, path: str, guard: str, condition: str) -> None:
    (row,) = [row for row in rows(source) if row.path == path]
    assert (row.guard, row.condition) == (guard, condition)


def test_a_call_has_its_shape_and_its_place() -> None:
    (row,) = [
        row
        for row in rows(
            """
            import up

            class A:
                def run(self, *a, **k):
                    up.call(1, 2, *a, key=3, **k)
            """
        )
        if row.kind == "call"
    ]
    assert (row.positional, row.keywords, row.star, row.double_star) == (2, ("key",), True, True)
    assert (row.line, row.inside, row.in_function) == (6, "A.run", True)


def test_facts_depend_on_the_content_alone() -> None:
    assert extract(b"import a\n") == extract(b"import a\n")
    assert file_key(b"import a\n") != file_key(b"import b\n")


UNREADABLE = [
    (b"def f(:\n", "not read by any Python"),
    (b"x = " + b"(" * 5000 + b")" * 5000, "not read by any Python"),
    (b"#" * 8_000_001, "larger than 8000000 bytes"),
]


@pytest.mark.parametrize(("data", "problem"), UNREADABLE, ids=[problem for _, problem in UNREADABLE])
def test_a_file_that_no_python_reads_is_kept_with_the_reason(data: bytes, problem: str) -> None:
    facts = extract(data)
    assert facts.file.problem == problem
    assert facts.uses == ()


def test_every_identifier_is_kept_and_no_keyword() -> None:
    words = extract(b"def f(x, *, long_name):\n    return numpy.bool8('text')\n").words
    assert words is not None
    assert set(words.words) == {"f", "x", "long_name", "numpy", "bool8", "text"}
