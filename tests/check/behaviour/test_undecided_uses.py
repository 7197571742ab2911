"""What a check could not decide is counted, with the reason; the counts reconcile, and `strict` makes them count."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from support.packages import artifact
from tailrace.check.downstream import check_downstream
from tailrace.check.options import CheckOptions
from tailrace.check.upstream import Upstream
from tailrace.model import DownstreamReport

Files = str | Mapping[str, str]
GONE = "def gone(): ...\ndef kept(): ...\n"
KEPT = "def kept(): ...\n"
USES = "import up\nup.gone()\nup.kept()\n"
BROKEN = "def kept(:\n"

# old, new, downstream; then: undecided uses, those of changed names, the one reason.
UNDECIDED: dict[str, tuple[Files, Files, str, int, int, str]] = {
    "nothing": (GONE, GONE + "\n", USES, 0, 0, ""),
    "a break is decided": (GONE, KEPT, USES, 0, 0, ""),
    "a hook that answers to any name": (
        GONE + "def __getattr__(name): return load(name)\n",
        KEPT + "def __getattr__(name): return load(name)\n",
        USES,
        1,
        1,
        "dynamic",
    ),
    "names made in a loop": (
        GONE + "for n in find(): globals()[n] = 1\n",
        KEPT + "for n in find(): globals()[n] = 1  # gone\n",
        USES,
        1,
        1,
        "dynamic",
    ),
    "exec": (GONE + "exec(code)\n", KEPT + "exec(code)  # gone\n", USES, 1, 1, "dynamic"),
    "exec, and the name stands nowhere": (GONE + "exec(code)\n", KEPT + "exec(code)\n", USES, 0, 0, ""),
    "exec, and the name is there": (GONE + "exec(code)\n", GONE + "exec(code) \n", USES, 0, 0, ""),
    "a star import from outside": (
        GONE + "from other import *\n",
        KEPT + "from other import *\n",
        USES,
        1,
        1,
        "dynamic",
    ),
    "a class with a hook": (
        "class K:\n    def gone(self): ...\n    def __getattr__(self, n): return f(n)\n",
        "class K:\n    def __getattr__(self, n): return g(n)\n",
        "import up\nup.K().gone()\n",
        1,
        1,
        "dynamic",
    ),
    "a class with the same hook": (
        "class K:\n    def gone(self): ...\n    def __getattr__(self, n): return f(n)\n",
        "class K:\n    def __getattr__(self, n): return f(n)\n",
        "import up\nup.K().gone()\n",
        0,
        0,
        "",
    ),
    "a result of unknown type": (
        "class K:\n    def gone(self): ...\ndef make(): return load()\n",
        "class K: ...\ndef make(): return load()\n",
        "import up\nup.make().gone()\n",
        1,
        1,
        "type_unknown",
    ),
    "a result of unknown type, and a name that nothing lost": (
        "def make(): return load()\n",
        "def make(): return load() \n",
        "import up\nup.make().other()\n",
        1,
        0,
        "type_unknown",
    ),
    "a candidate that cannot be parsed": (GONE, BROKEN, USES, 2, 2, "unparsable"),
    "a baseline that cannot be parsed": (BROKEN, GONE, "import up\nup.kept()\n", 1, 1, "unparsable"),
    "a baseline that cannot be parsed, and a name that the candidate lacks": (
        BROKEN + "def gone(): ...\n",
        KEPT,
        "import up\nup.gone()\n",
        1,
        1,
        "unparsable",
    ),
    "a baseline of which another module cannot be parsed": (
        {"up/__init__.py": GONE, "up/_m.py": BROKEN},
        {"up/__init__.py": GONE, "up/_m.py": KEPT},
        "import up\nup.kept()\n",
        0,
        0,
        "",
    ),
    "a module of the candidate that cannot be parsed": (
        {"up/__init__.py": "from ._m import gone\nfrom ._m import kept\n", "up/_m.py": GONE},
        {"up/__init__.py": "from ._m import gone\nfrom ._m import kept\n", "up/_m.py": BROKEN},
        USES,
        2,
        2,
        "unparsable",
    ),
    "all names of a module that cannot be parsed": (
        {"up/__init__.py": "from ._m import *\n", "up/_m.py": GONE},
        {"up/__init__.py": "from ._m import *\n", "up/_m.py": BROKEN},
        "from up import gone\n",
        1,
        1,
        "unparsable",
    ),
    "values that are not the upstream's": (
        GONE,
        KEPT,
        "import up\ndef f(x, os):\n    x.gone()\n    os.path.gone\n",
        0,
        0,
        "",
    ),
    **{
        name: (GONE, KEPT, f"import up\nimport sys\n{down}", 1, 1, "dynamic")
        for name, down in {
            "a module in a dictionary": "M = {'a': up}\ndef f(k): return M[k].gone()\n",
            "a module in a local list": "def f():\n    found = [up, sys]\n    return [m.gone() for m in found]\n",
            "a module that is a default": "def f(m=up): return m.gone()\n",
            "a module that a call takes": "def f(names): return reduce(getattr, names, up)\n",
            "a module that a call keeps": "kept = SimpleNamespace(m=up)\ndef f(): return kept.m.gone()\n",
            "a module under another name": "sys.modules[__name__] = up\n",
            "a module set by its name": "def f(o):\n    setattr(o, 'm', up)\n    return o.m.gone()\n",
            "names of a module": "def f(n): return vars(up)[n]()\n",
            "the dictionary of a module": "def f(n): return up.__dict__[n]()\n",
            "a getter of any name": "def f(n): return attrgetter(n)(up)\n",
            "a global of any name": "def f(n): return globals()[n].gone()\n",
            "a module of any name": "def f(n): return import_module(n + '.x').gone()\n",
            "a module of a formatted name": "def f(n): return import_module('%s.x' % n).gone()\n",
        }.items()
    },
    **{
        name: (GONE, KEPT, f"import up\nimport sys\n{down}", 0, 0, "")
        for name, down in {
            "modules in a loop": "for m in (up, sys): m.kept()\n",
            "a module that is reloaded": "importlib.reload(up)\n",
            "a module that an own function takes": "def f(m): ...\nf(up)\n",
            "another module in a list": "M = [sys]\nup.kept()\n",
            "a name in a list": "M = [up.kept]\n",
            "a name of a module that is written down": "def f(): return vars(up)['kept'](), attrgetter('kept')(up)\n",
            "another distribution's module": "def f(n): return import_module('other.' + n)\n",
            "globals that are set": "globals()['x'] = up.kept\n",
        }.items()
    },
    "a module that loses nothing": (GONE, GONE + "\n", "import up\nM = [up]\n", 0, 0, ""),
}


def _check(
    root: Path, old: Files, new: Files, down: str, *, strict: bool = False, diff: bool = False
) -> DownstreamReport:
    def files(sources: Files) -> Mapping[str, str]:
        return {"up/__init__.py": sources} if isinstance(sources, str) else sources

    upstream = Upstream(artifact(root / "old", files(old)), artifact(root / "new", files(new), version="2.0"))
    if diff:
        upstream.find_diff()
    downstream = artifact(root / "down", {"down/__init__.py": down}, name="down", requires=("up",))
    return check_downstream(upstream, downstream, CheckOptions(jobs=1, strict=strict)).report


@pytest.mark.parametrize("diff", [False, True], ids=["read at once", "narrowed by the diff"])
@pytest.mark.parametrize("name", UNDECIDED)
def test_undecided_uses_are_counted_with_their_reason(name: str, diff: bool, tmp_path: Path) -> None:
    old, new, down, undecided, changed, reason = UNDECIDED[name]
    found = _check(tmp_path, old, new, down, diff=diff)
    uses = found.uses
    if not diff:
        assert uses.undecided == undecided
        assert {r for r in ("dynamic", "unparsable", "no_stub", "type_unknown") if getattr(uses.reasons, r)} == (
            {reason} if reason else set()
        )
    assert uses.undecided_changed == changed
    assert uses.decided + uses.undecided == uses.total
    reasons = uses.reasons
    assert reasons.dynamic + reasons.unparsable + reasons.no_stub + reasons.type_unknown == uses.undecided
    assert uses.undecided_changed <= uses.undecided
    if changed:
        assert found.status == ("possible" if reason == "unparsable" else "clear")


@pytest.mark.parametrize("name", UNDECIDED)
def test_strict_makes_clear_possible_where_changed_names_are_undecided(name: str, tmp_path: Path) -> None:
    old, new, down, _, changed, _ = UNDECIDED[name]
    found = _check(tmp_path, old, new, down, strict=True)
    if found.status != "breaks":
        assert found.status == ("possible" if changed else "clear")


@pytest.mark.parametrize(
    ("test", "undecided"),
    [
        ("if up.C(): ...", 1),
        ("c = up.C()\n    while not c: ...", 1),
        ("return up.C() and 1", 1),
        ("return 1 and up.C()", 0),
        ("return up.C() is None", 0),
        ("if up.kept(): ...", 0),
    ],
)
def test_a_value_that_can_no_longer_be_tested_is_undecided(test: str, undecided: int, tmp_path: Path) -> None:
    lines = "class C: ...\ndef kept(): ...\n"
    refusing = "class C:\n    def __bool__(self): raise TypeError\ndef kept(): ...\n"
    found = _check(tmp_path, lines, refusing, f"import up\ndef f():\n    {test}\n")
    assert found.uses.undecided == undecided


@pytest.mark.parametrize(
    ("down", "status"),
    [
        ("import up\nf = up.gone\ndel up\n", "breaks"),
        ("from up import kept\nimport up as u\nf = u.gone()\ndel kept, u\n", "breaks"),
        ("import up\nf = up.kept\ndel up\n", "clear"),
        ("import up\ndel up\nup = object()\nf = up.gone\n", "clear"),
        ("class A:\n    import up\n    def f(self): return self.up.gone()\n", "breaks"),
        ("class A:\n    from up import gone\n", "breaks"),
        ("class A:\n    import up as u\ndef f(): return A.u.gone()\n", "breaks"),
        ("class A:\n    import up\n    def f(self): return self.up.kept()\n", "clear"),
        ("def f(k):\n    match k:\n        case 1: import up as m\n        case _: m = None\n    m.gone()\n", "breaks"),
        ("import up\ndef f(m):\n    match m:\n        case up: up.gone()\n", "clear"),
    ],
)
def test_uses_through_names_of_a_moment_are_found(down: str, status: str, tmp_path: Path) -> None:
    assert _check(tmp_path, GONE, KEPT, down).status == status
