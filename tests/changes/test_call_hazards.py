"""What a call must contain to bind to the baseline only, for two versions of a function."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.packages import moments
from tailrace.python.modules import Surface
from tailrace.python.resolving import make_resolver
from tailrace.python.semantics.call_hazards import Need, compare_calls
from tailrace.python.semantics.entities import Function

ANY = None
ROWS = [
    pytest.param("def f(a, b): ...", "def f(a, b=1): ...", (), id="a default more"),
    pytest.param("def f(a, b=1): ...", "def f(a): ...", (Need(frozenset({"b"})), Need(positions=1)), id="one less"),
    pytest.param("def f(a): ...", "def f(a, b): ...", ANY, id="one more that must be given"),
    pytest.param("def f(a, b=1): ...", "def f(b, a=1): ...", ANY, id="another one is the needed one"),
    pytest.param("def f(a, *, b=1): ...", "def f(a, *, c=1): ...", (Need(frozenset({"b"})),), id="a keyword gone"),
    pytest.param("def f(a, b=1): ...", "def f(a, *, b=1): ...", (Need(positions=1),), id="keyword-only now"),
    pytest.param("def f(a, b=1, c=2): ...", "def f(a, c=2, b=1): ...", (Need(frozenset({"c"}), 1),), id="moved"),
    pytest.param("def f(*a): ...", "def f(a=1): ...", (Need(positions=1),), id="any number before"),
    pytest.param("def f(**kw): g(**kw)", "def f(**kw): h(**kw)", (Need(frozenset({"x"})),), id="passed on elsewhere"),
    pytest.param("def f(**kw): g(**kw)", "def f(**kw): return g(**kw)", (), id="passed on to the same"),
    pytest.param("def f(**kw): kw.pop('z'); h(**kw)", "def f(**kw): h(**kw)", (Need(frozenset({"z"})),), id="popped"),
    pytest.param("def f(**kw): ...", "def f(**kw): h(**kw)", ANY, id="took anything before"),
    pytest.param("def f(**kw): h(**kw)", "def f(**kw): ...", (), id="takes anything now"),
    pytest.param("@wrap\ndef f(a): ...", "@wrap\ndef f(b): ...", ANY, id="a decorator may do anything"),
]
OTHERS = "\ndef g(x=1, y=2): ...\ndef h(y=2): ...\n"


@pytest.mark.parametrize(("old", "new", "needs"), ROWS)
def test_what_a_call_needs_to_fail(old: str, new: str, needs: tuple[Need, ...] | None, tmp_path: Path) -> None:
    parts = moments(tmp_path, {"up.py": old + OTHERS}, {"up.py": new + OTHERS}, {})
    worlds = [make_resolver(Surface(side)) for side in (parts.old, parts.new)]
    before, after = (world.path("up.f").entity for world in worlds)
    assert isinstance(before, Function)
    assert isinstance(after, Function)
    assert compare_calls(worlds[0], before, worlds[1], after) == needs
