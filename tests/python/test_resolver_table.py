"""Small packages, and whether a path leads anywhere in them: there, gone, or not to be known."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.packages import Files, world
from tailrace.python.semantics.entities import Class, Function, Instance, Module, Resolution
from tailrace.python.semantics.resolver import Resolver

HOOK = "def __getattr__(name):\n"
# name of the row: files, question → state. A question is `import a.b`, `a.b:name` (from a.b import name), or a path.
ROWS: dict[str, tuple[Files, dict[str, str]]] = {
    "a plain module": (
        {"up/__init__.py": "x = 1\n", "up/a.py": "def f(): ...\n"},
        {
            "import up": "present",
            "import up.a": "present",
            "import up.b": "absent",
            "up:x": "present",
            "up:y": "absent",
        },
    ),
    "a module of another distribution": (
        {"up.py": "import numpy\n"},
        {"import numpy": "unknown", "up.numpy.pi": "unknown"},
    ),
    "a submodule is an attribute of its package": (
        {"up/__init__.py": "", "up/a.py": "x = 1\n"},
        {"up.a.x": "present", "up:a": "present", "up.a.y": "absent"},
    ),
    "an attribute stands before the submodule of its name": (
        {"up/__init__.py": "from up.a import a\n", "up/a.py": "def a(): ...\n"},
        {"up.a": "present", "import up.a": "present", "up.a.zzz": "absent"},
    ),
    "a function adds another module's __all__ to this one's": (
        {
            "up/__init__.py": """\
                from . import core
                from .core import *
                __all__ = ["own"]
                __all__.extend(core.__all__)
                own = 1
            """,
            "up/core.py": """\
                from . import deep, plain
                from .deep import *
                from .plain import *
                __all__ = ["zeros"]
                def zeros(): ...
                def extend_all(module):
                    existing = set(__all__)
                    listed = getattr(module, "__all__")
                    for name in listed:
                        if name not in existing:
                            __all__.append(name)
                def count_all():
                    return len(__all__)
                extend_all(deep)
                count_all(plain)
            """,
            "up/deep.py": "__all__ = ['product']\ndef product(): ...\ndef other(): ...\n",
            "up/plain.py": "__all__ = ['kept']\ndef kept(): ...\n",
        },
        {
            "up:product": "present",
            "up:zeros": "present",
            "up:other": "absent",
            "up:kept": "unknown",  # not added, though a function was called with its module
            "up.core:kept": "present",
        },
    ),
    "a star without __all__ leaves private names out": (
        {"up/__init__.py": "from up.a import *\n", "up/a.py": "x = _y = 1\n"},
        {"up:x": "present", "up:_y": "absent"},
    ),
    "a star with __all__": (
        {"up/__init__.py": "from up.a import *\n", "up/a.py": "x = _y = z = 1\n__all__ = ['x', '_y']\n"},
        {"up:x": "present", "up:_y": "present", "up:z": "absent"},
    ),
    "__all__ put together from others": (
        {
            "up/__init__.py": "from up.a import *\n",
            "up/a.py": "from up import b\nfrom up.b import *\nz = w = 1\n__all__ = ['z']\n__all__ += b.__all__\n",
            "up/b.py": "x = y = 1\n__all__ = ['x']\n",
        },
        {"up:x": "present", "up:z": "present", "up:y": "absent"},
    ),
    "__all__ that cannot be computed": (
        {"up/__init__.py": "from up.a import *\n", "up/a.py": "x = 1\n__all__ = [n for n in something()]\n"},
        {"up:x": "unknown", "up:nothing": "absent"},
    ),
    "a star from elsewhere": ({"up.py": "from numpy import *\n"}, {"up:anything": "unknown"}),
    "a star from the standard library": (
        {"up.py": "from os.path import *\n"},
        {"up:join": "present", "up:zzz": "absent"},
    ),
    "names that run in a circle": (
        {"up/__init__.py": "from up.a import x, y\n", "up/a.py": "from up import x\ny = 1\n"},
        {"up:y": "present", "up:z": "absent"},
    ),
    "stars that run in a circle": (
        {"up/__init__.py": "from up.a import *\n", "up/a.py": "from up import *\ny = 1\n"},
        {"up:y": "present", "up:z": "absent"},
    ),
    "a name that is imported from nowhere": (
        {"up/__init__.py": "from up._generated import version\n"},
        {"up:version": "unknown"},
    ),
    "a name bound in one branch": (
        {"up.py": "try:\n    import fast as impl\nexcept ImportError:\n    impl = None\nif something():\n    x = 1\n"},
        {"up:impl": "present", "up:x": "present"},
    ),
    "a name for type checkers only": (
        {"up.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from up.a import T\nelse:\n    U = 1\n"},
        {"up:T": "absent", "up:U": "present"},
    ),
    "a name that is deleted again": ({"up.py": "x = y = 1\ndel x\n"}, {"up:x": "absent", "up:y": "present"}),
    "a global made by a function": (
        {"up.py": "def f():\n    global x\n    x = 1\n"},
        {"up:x": "present", "up:y": "absent"},
    ),
    "names made by a loop": (
        {"up.py": "for n in names():\n    globals()[n] = 1\n"},
        {"up:anything": "unknown"},
    ),
    "a module that always raises": (
        {
            "up/__init__.py": "",
            "up/a.py": "raise ImportError('gone')\n",
            "up/b/__init__.py": "raise RuntimeError\n",
            "up/b/c.py": "",
        },
        {"import up.a": "absent", "up.a": "absent", "import up.b.c": "absent"},
    ),
    "a module that raises only sometimes": (
        {"up.py": "if broken():\n    raise ImportError\nx = 1\n"},
        {"import up": "present", "up:x": "present"},
    ),
    "a module that calls what only raises": (
        {
            "up/__init__.py": "",
            "up/e.py": "def fail():\n    raise ImportError('gone')\n",
            "up/a.py": "from up.e import fail\nfail()\n",
        },
        {"import up.a": "absent", "import up.e": "present"},
    ),
    "a module that puts another in its place": (
        {"up.py": "import sys\nsys.modules[__name__] = make()\nx = 1\n"},
        {"up:x": "present", "up:y": "unknown"},
    ),
    "a module that enters another under an alias": (
        {"up/__init__.py": "import sys, json\nsys.modules['up.moves'] = json\n"},
        {"import up.moves": "unknown", "import up.other": "absent"},
    ),
    "a hook of comparisons": (
        {"up.py": HOOK + "    if name == 'a':\n        return 1\n    raise AttributeError(name)\n"},
        {"up:a": "present", "up:b": "absent"},
    ),
    "a hook over a table": (
        {
            "up.py": "_T = {'a': 1}\n_T['b'] = 2\n"
            + HOOK
            + "    if name in _T:\n        return _T[name]\n    raise AttributeError(name)\n"
        },
        {"up:a": "present", "up:b": "present", "up:c": "absent"},
    ),
    "a hook that tries": (
        {
            "up.py": "_T = {'a': 1}\n"
            + HOOK
            + "    try:\n        return _T[name]\n    except KeyError:\n        raise AttributeError(name) from None\n"
        },
        {"up:a": "present", "up:b": "absent"},
    ),
    "a hook over a table that is not known": (
        {
            "up.py": "_T = load()\n"
            + HOOK
            + "    try:\n        return _T[name]\n    except KeyError:\n        raise AttributeError(name) from None\n"
        },
        {"up:a": "unknown"},
    ),
    "a hook that asks an unknown object": (
        {"up.py": "_inner = make()\n" + HOOK + "    return getattr(_inner, name)\n"},
        {"up:a": "unknown"},
    ),
    "a hook made by a factory": (
        {
            "up.py": "def make(table):\n    def hook(name):\n        if name in table:\n"
            "            return table[name]\n"
            "        raise AttributeError(name)\n    return hook\n__getattr__ = make({'a': 1})\n"
        },
        {"up:a": "present", "up:b": "absent"},
    ),
    "a hook assigned from elsewhere": ({"up.py": "from other import hook\n__getattr__ = hook\n"}, {"up:a": "unknown"}),
    "a hook that imports the submodule": (
        {
            "up/__init__.py": "import importlib\n"
            + HOOK
            + "    if name in {'a'}:\n        return importlib.import_module('.' + name, __name__)\n"
            "    raise AttributeError(name)\n",
            "up/a.py": "x = 1\n",
        },
        {"up:a": "present", "up.a.x": "present", "up:b": "absent"},
    ),
    "a hook on the version": (
        {
            "up/__init__.py": "__version__ = '1.0'\nfrom packaging.version import Version\n"
            + HOOK
            + "    if name == 'old' and Version(__version__) < Version('2'):\n"
            "        return 1\n"
            "    raise AttributeError(name)\n"
        },
        {"up:old": "present", "up:new": "absent"},
    ),
    "lazy_loader.attach": (
        {
            "up/__init__.py": (
                "import lazy_loader as lazy\n"
                "__getattr__, __dir__, __all__ = lazy.attach(__name__, ['a'], {'b': ['f']})\n"
            ),
            "up/a.py": "",
            "up/b.py": "f = 1\n",
        },
        {"up:f": "present", "up:a": "present", "up:g": "absent"},
    ),
    "lazy_loader.attach_stub": (
        {
            "up/__init__.py": (
                "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)\n"
            ),
            "up/__init__.pyi": "from .b import f\n__all__ = ['f']\n",
            "up/b.py": "f = 1\n",
        },
        {"up:f": "present", "up:g": "absent"},
    ),
    "a module known by its stub only": (
        {"up/__init__.py": "", "up/c.pyi": "def f() -> int: ...\nN: int\n"},
        {"up.c.f": "present", "up.c.N": "present", "up.c.g": "absent"},
    ),
    "a compiled module is asked for its words": (
        {"up/__init__.py": "", "up/c.cpython-312-x86_64-linux-gnu.so": b"\0PyInit_c\0spam\0spam_and_eggs\0"},
        {"import up.c": "present", "up.c.spam": "present", "up.c.eggs": "absent"},
    ),
    "a stub beside a compiled module": (
        {
            "up/__init__.py": "",
            "up/c.pyi": "class C:\n    def m(self) -> None: ...\n",
            "up/c.so": b"\0PyInit_c\0C\0more\0",
        },
        {"up.c.C.m": "present", "up.c.C.n": "absent", "up.c.more": "unknown", "up.c.other": "absent"},
    ),
    "a stub says what a source makes at run time": (
        {"up.py": "for n in names():\n    globals()[n] = 1\n", "up.pyi": "from typing import Any\nknown: Any\n"},
        {"up:known": "present", "up:other": "unknown", "up:Any": "unknown"},
    ),
    "class members through the bases": (
        {"up.py": "class A:\n    def m(self): ...\nclass B(A):\n    n = 1\n"},
        {"up.B.m": "present", "up.B.n": "present", "up.A.n": "absent", "up.B.__init__": "present"},
    ),
    "a builtin base": ({"up.py": "class D(dict): ...\n"}, {"up.D.items": "present", "up.D.has_key": "absent"}),
    "a standard base": (
        {"up.py": "from collections import OrderedDict\nclass D(OrderedDict): ...\n"},
        {"up.D.move_to_end": "present", "up.D.has_key": "absent"},
    ),
    "a base of another distribution": (
        {"up.py": "from numpy import ndarray\nclass D(ndarray): ...\n"},
        {"up.D.anything": "unknown"},
    ),
    "a metaclass of its own": (
        {"up.py": "class M(type):\n    def __getattr__(cls, name): ...\nclass C(metaclass=M): ...\n"},
        {"up.C.anything": "unknown"},
    ),
    "an unknown class decorator": ({"up.py": "@adds_names\nclass C: ...\n"}, {"up.C.anything": "unknown"}),
    "fields of a dataclass and a named tuple": (
        {
            "up.py": "from dataclasses import dataclass\n"
            "from typing import NamedTuple\n"
            "from collections import namedtuple\n"
            "@dataclass\nclass C:\n    x: int = 0\nclass N(NamedTuple):\n"
            "    y: int\nclass T(namedtuple('T', 'a b')): ...\n"
        },
        {
            "up.C.x": "present",
            "up.C.z": "absent",
            "up.N.y": "present",
            "up.N._asdict": "present",
            "up.T.a": "present",
            "up.T.c": "absent",
        },
    ),
    "attributes of a function": (
        {"up.py": "def f(): ...\nf.mark = 1\n"},
        {"up.f.mark": "present", "up.f.__name__": "present", "up.f.other": "absent"},
    ),
    "a decorated function may be anything": ({"up.py": "@wrap\ndef f(): ...\n"}, {"up.f.anything": "unknown"}),
    "a cached function": (
        {"up.py": "import functools\n@functools.lru_cache\ndef f(): ...\n"},
        {"up.f.cache_clear": "present", "up.f.clear": "absent"},
    ),
}


@pytest.mark.parametrize("row", ROWS, ids=list(ROWS))
def test_where_a_path_leads(row: str, tmp_path: Path) -> None:
    files, expected = ROWS[row]
    asked = world(tmp_path, files)
    assert {question: ask(asked, question).state for question in expected} == expected


def ask(asked: Resolver, question: str) -> Resolution:
    if question.startswith("import "):
        return asked.import_module(question.removeprefix("import "))
    module, colon, name = question.partition(":")
    return asked.from_import(module, name) if colon else asked.path(question)


INSTANCE = """
    from typing import Optional, Union

    class Part:
        size = 1

    class Other:
        size = weight = 2

    class Whole:
        declared: Part

        def __init__(self, given: Part) -> None:
            self.part = Part()
            self.maybe: Optional[Part] = None
            self.either: "Part | Other" = given
            self.anything = given

        @property
        def first(self) -> Part: ...

        @property
        def guessed(self):
            return Part()

        def make(self) -> Part: ...

        @classmethod
        def build(cls) -> "Whole": ...

        def itself(self):
            return self

    whole = Whole()
    parts: Union[Part, Other] = Part()
    def load() -> Whole: ...
    loaded = load()
    alias = Whole
"""

STEPS = {
    "whole.part.size": "present",
    "whole.part.gone": "absent",
    "whole.maybe.gone": "absent",
    "whole.declared.gone": "absent",
    "whole.either.size": "present",
    "whole.either.weight": "present",
    "whole.either.gone": "absent",
    "whole.anything.gone": "absent",
    "whole.first.size": "present",
    "whole.first.gone": "absent",
    "whole.guessed.gone": "absent",
    "parts.weight": "present",
    "parts.gone": "absent",
    "loaded.part.gone": "absent",
    "loaded.gone": "absent",
    "alias.make": "present",
    "alias.part": "absent",
    "whole.__class__": "present",
}


@pytest.mark.parametrize("path", STEPS)
def test_attributes_of_instances(path: str, tmp_path: Path) -> None:
    assert world(tmp_path, {"up.py": INSTANCE}).path(f"up.{path}").state == STEPS[path]


def test_what_a_call_gives(tmp_path: Path) -> None:
    asked = world(tmp_path, {"up.py": INSTANCE})
    for path, kind in {
        "Whole": "Whole",
        "load": "Whole",
        "whole.make": "Part",
        "alias.build": "Whole",
        "whole.itself": "Whole",
    }.items():
        given = asked.call(asked.path(f"up.{path}").entity)
        assert isinstance(given, Instance)
        assert given.of.facts.name == kind


def test_a_namespace_package_split_over_two_distributions(tmp_path: Path) -> None:
    asked = world(tmp_path, {"ns/up/__init__.py": "x = 1\n"}, {"ns/down/__init__.py": "y = 1\n"})
    states = [asked.import_module(name).state for name in ("ns", "ns.up", "ns.down", "ns.other")]
    assert states == ["present", "present", "present", "absent"]
    assert ask(asked, "ns.down:y").state == "present"


def test_what_a_name_is(tmp_path: Path) -> None:
    files = {"up/__init__.py": "from up.a import f, C\nfrom up import a\n", "up/a.py": "\ndef f(): ...\nclass C: ...\n"}
    asked = world(tmp_path, files)
    kinds = {name: type(ask(asked, f"up:{name}").entity) for name in ("f", "C", "a")}
    assert kinds == {"f": Function, "C": Class, "a": Module}
    found = ask(asked, "up.a:f")
    assert (found.file, found.line) == ("up/a.py", 2)
    assert ask(asked, "up:f").file == "up/__init__.py"


@pytest.mark.parametrize(
    ("raised", "error", "caught"),
    [
        ("AttributeError", "ImportError", False),
        ("ImportError", "ImportError", True),
        ("Gone", "Gone", True),
        ("RuntimeError", "RuntimeError", False),
    ],
)
def test_what_a_hook_raises(raised: str, error: str, caught: bool, tmp_path: Path) -> None:
    source = f"class Gone(ImportError): ...\n{HOOK}    raise {raised}(name)\n"
    found = ask(world(tmp_path, {"up.py": source}), "up:x")
    assert (found.state, found.error) == ("absent", error)
    assert ("ImportError" in found.lineage) == caught
