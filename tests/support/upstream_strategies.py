"""Tiny upstreams in two versions, and downstreams that use them in every way: Hypothesis strategies."""

from __future__ import annotations

from hypothesis import strategies as st

Files = dict[str, str]

_MANY = ("a, b, c, d, e, f=1", "a, b, c, d, e", "a, c, d, e, f=1, b=2")
_PARAMS = ("", "a", "a, b", "b, a", "a, b=1", "a, *, b", "a, *, b=1", "*args", "a, **kw", "**kw", "a, b=1, /", *_MANY)
_METHOD_PARAMS = (
    *("self", "self, a", "self, a, b=1", "self, *, a", "self, **kw", "self, b, a"),
    *(f"self, {many}" for many in _MANY),
)
_RETURNS = ("None", "C0()", "C1()", "C2()", "1")
_BODIES = ("return f1(**kw)", "return f2(a, **kw)", "kw.pop('x', None)\n    return f1(**kw)", "return None")


@st.composite
def functions(draw: st.DrawFn, name: str) -> str:
    """One function."""
    params = draw(st.sampled_from(_PARAMS))
    keyword = draw(st.sampled_from(("def", "def", "def", "async def")))
    mark = draw(st.sampled_from(("", "", "import warnings\n    warnings.warn('old', DeprecationWarning)\n    ")))
    body = draw(st.sampled_from(_BODIES)) if "**kw" in params else f"return {draw(st.sampled_from(_RETURNS))}"
    return f"{keyword} {name}({params}):\n    {mark}{body}\n"


@st.composite
def classes(draw: st.DrawFn, name: str) -> str:
    """One class, with members that other classes have too."""
    bases = draw(st.sampled_from(("", "(object)", "(C0)", "(C1)", "(Base)", "(C0, Base)"))).replace(f"({name})", "")
    lines = [f"class {name}{bases}:"]
    if draw(st.booleans()):
        lines.append(f"    def __init__({draw(st.sampled_from(_METHOD_PARAMS))}):")
        lines.append(f"        self.{draw(st.sampled_from(('attr', 'other')))} = {draw(st.sampled_from(_RETURNS))}")
    for member in draw(st.lists(st.sampled_from(("m0", "m1", "m2")), unique=True, max_size=3)):
        if draw(st.booleans()):
            lines.append("    @property")
            lines.append(f"    def {member}(self):")
        else:
            lines.append(f"    def {member}({draw(st.sampled_from(_METHOD_PARAMS))}):")
        hook = draw(st.sampled_from(("None", "self.m0(1)", "self.m1()", "C0()", "self")))
        lines.append(f"        return {hook}")
    lines.append(f"    level = {draw(st.sampled_from(('1', 'C0', 'C1', 'None')))}")
    return "\n".join(lines) + "\n"


def _items() -> dict[str, st.SearchStrategy[str]]:
    gone = st.just("")
    found: dict[str, st.SearchStrategy[str]] = {}
    for name in ("f0", "f1", "f2"):
        found[name] = st.one_of(functions(name), functions(name), gone)
    for name in ("Base", "C0", "C1", "C2"):
        found[name] = st.one_of(classes(name), classes(name), gone)
    found["value"] = st.sampled_from(("", "value = C0()\n", "value = C1()\n", "value = f0()\n", "value = C0\n"))
    found["alias"] = st.sampled_from(("", "alias = f0\n", "alias = f1\n", "alias = C1\n"))
    found["__all__"] = st.sampled_from(("", "__all__ = ['f0', 'C0']\n", "__all__ = ['f0']\n"))
    found["hook"] = st.sampled_from(
        (
            "",
            "def __getattr__(name):\n    if name in ('lazy', 'f2'):\n        return 1\n    raise AttributeError\n",
            "def __getattr__(name):\n    if name == 'lazy':\n        return 1\n    raise AttributeError(name)\n",
            "def __getattr__(name):\n    return _TABLE[name]\n_TABLE = {'lazy': 1}\n",
        )
    )
    return found


_IMPORTS = (
    "from up.a import *\n",
    "from up.a import f0\nfrom up.a import C0 as Thing\nfrom up import b\n",
    "from up.a import f0 as f1\nfrom up.b import *\n",
    "from up.b import C1\nfrom up.a import alias\nimport up.a as part\n",
    "from up.a import value, C2\nthing = C2()\nfrom up import a as part\n",
    "",
)
_B = ("from up.a import *\n", "from up.a import C0, Base\n", "from up.a import f0, C1\n", "")


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Files, Files]:
    """A baseline, and a candidate that differs from it in some items."""
    old: dict[str, str] = {"init": draw(st.sampled_from(_IMPORTS)), "b": draw(st.sampled_from(_B))}
    items = {(module, name): strategy for module in ("a", "b") for name, strategy in _items().items()}
    chosen = {key: draw(strategy) for key, strategy in items.items()}
    changed = draw(st.sets(st.sampled_from([*items, "init", "b", "module"]), min_size=3, max_size=9))
    new = dict(old)
    if "init" in changed:
        new["init"] = draw(st.sampled_from(_IMPORTS))
    if "b" in changed:
        new["b"] = draw(st.sampled_from(_B))
    later = {key: draw(items[key]) if key in changed else text for key, text in chosen.items()}
    return _files(old, chosen, drop=False), _files(new, later, drop="module" in changed)


def _files(heads: dict[str, str], items: dict[tuple[str, str], str], *, drop: bool) -> Files:
    a = "".join(text for (module, _), text in items.items() if module == "a")
    b = heads["b"] + "".join(text for (module, name), text in items.items() if module == "b" and name != "__all__")
    files = {
        "up/__init__.py": heads["init"],
        "up/a.py": a,
        "up/b.py": b,
        "up/same.py": "from up.a import C0 as Same, f0 as same\n",
    }
    if drop:
        del files["up/b.py"]
    return files


_NAMES = (
    "f0",
    "C0",
    "f0",
    "f1",
    "f2",
    "C0",
    "C1",
    "C2",
    "Base",
    "value",
    "alias",
    "lazy",
    "Thing",
    "part",
    "same",
    "Same",
    "thing",
)
_STEPS = (
    "(1, 2, 3, 4, 5, 6)",
    "(1, 2, 3, 4, 5)",
    "(1, 2, 3, 4, 5, b=1)",
    ".m0",
    ".m1",
    ".m2",
    ".attr",
    ".other",
    ".level",
    "()",
    "(1)",
    "(1, 2)",
    "(b=1)",
    "(x=1)",
    ".m0()",
    ".m1(1)",
)


@st.composite
def downstreams(draw: st.DrawFn) -> Files:
    """Two files: one takes things from the upstream, the other also takes things from the first."""
    first, names = _statements(draw, "u")
    second, _ = _statements(draw, "v")
    mine = draw(st.lists(st.sampled_from([*names, "Own", "make"]), min_size=1, max_size=3, unique=True))
    taken = "".join(f"from down.first import {name}\nr{i} = {name}{_chain(draw)}\n" for i, name in enumerate(mine))
    own = (
        f"class Own({draw(st.sampled_from(names))}):\n"
        f"    def m0(self, a):\n        return super().m0{_chain(draw, call=True)}\n"
        f"    def m1(self):\n        return self.m2{_chain(draw, call=True)}\n"
        f"def make():\n    return {draw(st.sampled_from(names))}()\n"
    )
    return {"down/__init__.py": "", "down/first.py": first + own, "down/second.py": second + taken}


def _statements(draw: st.DrawFn, prefix: str) -> tuple[str, list[str]]:
    lines: list[str] = []
    names: list[str] = []
    for index in range(draw(st.integers(3, 8))):
        module = draw(st.sampled_from(("up", "up.a", "up.b", "up.same")))
        name, local = draw(st.sampled_from(_NAMES)), f"{prefix}{index}"
        form = draw(st.integers(0, 3))
        if form == 0:
            lines.append(f"from {module} import {name} as {local}")
        elif form == 1:
            lines.append(f"import {module} as m{local}\n{local} = m{local}.{name}")
        elif form == 2:
            lines.append(f"from {module} import {name}\n{local} = {name}")
        else:
            lines.append(f"from {module} import *\n{local} = {name}")
        lines.append(f"def use_{local}():\n    x = {local}{_chain(draw)}\n    return x{_chain(draw)}")
        names.append(local)
    return "\n".join(lines) + "\n", names


def _chain(draw: st.DrawFn, *, call: bool = False) -> str:
    steps = "".join(draw(st.lists(st.sampled_from(_STEPS), max_size=2)))
    return f"{draw(st.sampled_from(('()', '(1)', '(b=1)')))}{steps}" if call else steps
