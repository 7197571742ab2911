"""The single sieves of narrowing: which names carry the upstream on, and which uses a change can hurt."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.packages import surface, world
from tailrace.changes.diff import Hurt
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
