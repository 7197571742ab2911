"""What the prober sees in a file, and how it tries it out, with an upstream made of two dictionaries of names."""

import sys
import types

import pytest

from campaign_prober import collect, try_class, try_from, try_member, try_site

PREFIXES = ["up"]


def seen(source, prefixes=PREFIXES):
    return [(site.kind, site.line, site.path, site.guard) for site in collect(source, prefixes)]


@pytest.mark.parametrize(
    ("source", "sites"),
    [
        ("import up", [("import", 1, "up", "")]),
        ("import up.sub as s\ns.x", [("import", 1, "up.sub", ""), ("path", 2, "up.sub|x", "")]),
        ("import up\nup.a.b", [("import", 1, "up", ""), ("path", 2, "up|a|b", "")]),
        ("from up import x as y\ny.z", [("from", 1, "up:x", ""), ("path", 2, "up.x|z", "")]),
        (
            "from up import f\nf(1, k=2)",
            [("from", 1, "up:f", ""), ("call", 2, "up.f", "")],
        ),
        (
            "try:\n    from up import x\nexcept ImportError:\n    from up import y\n",
            [("from", 2, "up:x", "try"), ("from", 4, "up:y", "handler")],
        ),
        ("try:\n    import up\nexcept OSError:\n    pass\n", [("import", 2, "up", "")]),
        ("import up\nif up.version > 1:\n    up.a\n", [("import", 1, "up", ""), ("path", 2, "up|version", ""),
         ("path", 3, "up|a", "test")]),
        ("import up\ndef f():\n    if not hasattr(up, 'a'):\n        return\n    up.a\n",
         [("import", 1, "up", ""), ("path", 5, "up|a", "after a test")]),
        ("import up\nx = hasattr(up, 'a') and up.a", [("import", 1, "up", ""), ("path", 2, "up|a", "test")]),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import up\n", [("import", 3, "up", "test")]),
        # Near-misses: another package, a name that something else binds too, a relative import, a store.
        ("import upper\nupper.x", []),
        ("import up\nup = other\nup.x", [("import", 1, "up", "")]),
        ("def f(up):\n    up.x\n", []),
        ("from .up import x\nx.y", []),
        ("import up\nup.x = 1", [("import", 1, "up", "")]),
        ("try:\n    import up as u\nexcept ImportError:\n    import other as u\nu.x", [("import", 2, "up", "try")]),
    ],
)  # fmt: skip
def test_uses_of_the_upstream_in_a_file(source, sites):
    assert seen(source) == sites


def test_a_namespace_is_shared_with_others():
    source = "from google.cloud import storage\nfrom google.auth import x\nstorage.y"
    assert seen(source, ["google.cloud.storage"]) == [
        ("from", 1, "google.cloud:storage", ""),
        ("path", 3, "google.cloud.storage|y", ""),
    ]


def test_a_subclass_is_looked_at_whole():
    source = "import up\nclass A(up.Base):\n    def m(self):\n        self.gone\n        super().old()\n"
    assert [site[:3] for site in seen(source)[1:]] == [
        ("base", 2, "up|Base"),
        ("path", 2, "up|Base"),
        ("class", 2, "A"),
        ("self", 4, "A:gone"),
        ("super", 5, "A:old"),
    ]


@pytest.fixture
def up():
    """A module `up` that is thrown away afterwards."""
    module = types.ModuleType("up")
    sys.modules["up"] = module
    yield module
    del sys.modules["up"]


def said(source, line, kind):
    site = next(site for site in collect(source, PREFIXES) if site.line == line and site.kind == kind)
    try:
        return try_site(site, None)
    except (AttributeError, ImportError, TypeError) as error:
        return type(error).__name__


def passes_on(*args, **kwargs):
    return args, kwargs


def two(a, b=None):
    return a, b


class Meta(type):
    def __call__(cls, *args):
        return super().__call__()


@pytest.mark.parametrize(
    ("name", "value", "use", "kind", "outcome"),
    [
        ("x", 1, "up.x", "path", "ok"),
        ("y", 1, "up.x", "path", "AttributeError"),
        ("f", two, "up.f(1)", "call", "ok"),
        ("f", two, "up.f(1, c=2)", "call", "TypeError"),
        ("f", two, "up.f()", "call", "TypeError"),
        ("f", two, "up.f(*a)", "call", "ok"),
        ("f", two, "up.f(c=1, **k)", "call", "TypeError"),
        ("f", passes_on, "up.f(c=1)", "call", "unsure"),
        ("f", 3, "up.f()", "call", "TypeError"),
        ("C", Meta("C", (), {}), "up.C(1, 2)", "call", "unsure"),
    ],
)
def test_a_use_is_tried_out(up, name, value, use, kind, outcome):
    setattr(up, name, value)
    assert said(f"import up\n{use}", 2, kind) == outcome


def test_a_wrapper_may_accept_more_than_what_it_wraps(up):
    def wrapper(*args, **kwargs):
        return two(*args)

    wrapper.__wrapped__ = two
    up.f = wrapper
    assert said("import up\nup.f(1, c=2)", 2, "call") == "unsure"


def test_names_of_a_module(up):
    up.x = 1
    assert try_from("up:x") == "ok"
    assert try_from("up:*") == "ok"
    with pytest.raises(ImportError, match="cannot import name 'gone'"):
        try_from("up:gone")


class Base:
    def __init__(self):
        self.set_here = 1

    def kept(self):
        """A method."""


Child = type("Child", (Base,), {"__module__": "down"})


@pytest.mark.parametrize(
    ("name", "above", "outcome"),
    [("kept", False, "ok"), ("kept", True, "ok"), ("set_here", False, "unsure"), ("gone", False, "AttributeError")],
)
def test_a_member_of_a_subclass(name, above, outcome):
    try:
        assert try_member(Child, name, above=above) == outcome
    except AttributeError:
        assert outcome == "AttributeError"


def test_a_class_that_an_abstract_method_stops():
    abstract = type("Abstract", (), {})
    abstract.__abstractmethods__ = frozenset({"run"})
    with pytest.raises(TypeError, match="run"):
        try_class(abstract)
    assert try_class(Child) == "ok"
