"""The single sieves of narrowing: which names carry the upstream on, and which uses a change can hurt."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.packages import surface, world
from tailrace.changes.diff import Hurt
from tailrace.check.breakages.self_checks import ask_for_version
from tailrace.check.narrowing.reexports import carrying_names
from tailrace.check.narrowing.use_filter import LiveRoots
from tailrace.check.release_pair import ReleasePair
from tailrace.python.parsing import parse_python
from tailrace.python.usages import collect_usage

UP = "def f(**options): ...\nclass C: ...\n"
CHAIN = (
    "".join(f"def f{n}(**k):\n    return f{n + 1}(**k)\n" for n in range(8)) + "def f8(**k):\n    return up.f(**k)\n"
)

CARRIED = [
    ("an alias", "import up\nalias = up.C\n", {"up", "alias"}),
    ("a function that passes its keywords on", "import up\ndef g(**k):\n    return up.f(**k)\n", {"up", "g"}),
    ("a function that keeps its keywords", "import up\ndef g(**k):\n    return len(k)\n", {"up"}),
    ("a chain that is too long to follow carries", f"import up\n{CHAIN}", {"up", *(f"f{n}" for n in range(9))}),
    ("a subclass", "import up\nclass D(up.C): ...\n", {"up", "D"}),
    ("a class of its own", "import up\nclass D: ...\n", {"up"}),
]


@pytest.mark.parametrize(("source", "expected"), [row[1:] for row in CARRIED], ids=[row[0] for row in CARRIED])
def test_names_that_carry_the_upstream(source: str, expected: set[str], tmp_path: Path) -> None:
    down = {"down/__init__.py": source}
    both = [world(tmp_path / side, {"up/__init__.py": UP}, down) for side in ("old", "new")]
    pair = ReleasePair(both[0], both[1], frozenset({"up"}))
    facts = surface(tmp_path / "down", down, name="down").module("down")
    assert facts is not None
    assert set(carrying_names(pair, facts)) == expected


NOTHING = Hurt(files=frozenset(), words=frozenset(), keywords=frozenset(), positions=None)
HURT = [
    ("as many positions as are left", "import up\nup.f(1, 2)\n", 2, False),
    ("one position more", "import up\nup.f(1, 2, 3)\n", 2, True),
    ("positions are no concern", "import up\nup.f(1, 2, 3)\n", None, False),
]


@pytest.mark.parametrize(("source", "positions", "live"), [row[1:] for row in HURT], ids=[row[0] for row in HURT])
def test_uses_that_can_be_hurt_by_their_positions(
    source: str, positions: int | None, live: bool, tmp_path: Path
) -> None:
    down = surface(tmp_path / "down", {"down/__init__.py": source}, name="down")
    roots = LiveRoots(
        resolvers=(world(tmp_path, {"up/__init__.py": UP}),),
        downstream=down,
        live=frozenset({"down"}),
        hurt=Hurt(files=NOTHING.files, words=NOTHING.words, keywords=NOTHING.keywords, positions=positions),
    )
    parsed = parse_python(source.encode())
    assert parsed is not None
    usage = collect_usage(parsed, "down", "down/__init__.py", is_package=True)
    assert bool(list(roots.uses(usage))) is live


VERSIONS = [
    ("an attribute", "import up\nup.__version__", True),
    ("under another name", "import up as u\nu.VERSION", True),
    ("of a part of it", "import up.core\nup.core.version.short", True),
    ("a short name", "import up\nup.ver", True),
    ("of a module that is handed on", "from .compat import up as u\nu.version_info", True),
    ("of a name that is handed on", "up = compat.up\ncompat.up.__version__", True),
    ("of a name for it", "import up\nother = up\nother.__version__", True),
    ("of a module that is imported by name", "other = import_module('up')\nother.__version__", True),
    ("of a module at once", "pytest.importorskip('up').__version__", True),
    ("an import", "from up import __version__", True),
    ("an import under another name", "from up import a, __version__ as v  # as it is called", True),
    ("an import of several lines", "from up import (\n    a,\n    __version__,\n)", True),
    ("of a distribution", "version('Up')", True),
    ("of a distribution in setuptools", "pkg_resources.get_distribution(\n    'up'\n)", True),
    ("of another distribution", "version('down')", False),
    ("of Python", "import sys, up\nsys.version_info >= (3, 8)", False),
    ("of Python, imported", "import up\nfrom sys import version_info", False),
    ("of another package", "import up\nimport other\nother.__version__", False),
    ("its own", "import up\nfrom . import __version__", False),
    ("a decorator", "import up\n@up.version_option(1)\ndef f(): ...", False),
    ("in the documentation", 'import up\n"""A newer version of it.\n\n    .. versionadded:: 2.0\n"""', False),
    ("with nothing between parentheses", 'import up\n"""As import() does, and import ()."""', False),
    ("in a message", "import up\nraise ValueError('this version is too old')", False),
]


@pytest.mark.parametrize(("source", "expected"), [row[1:] for row in VERSIONS], ids=[row[0] for row in VERSIONS])
def test_sources_that_ask_for_the_version_of_the_upstream(source: str, expected: bool) -> None:
    assert ask_for_version([source.encode()], {"up"}) is expected
