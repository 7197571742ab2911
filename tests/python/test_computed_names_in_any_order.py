"""A computed `__all__` holds the same names, whatever was asked for first."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from support.packages import world

# Two modules that need each other while the list is being worked out, as in NumPy 1.
PACKAGE = {
    "up/__init__.py": "from . import core\nfrom .core import *\n__all__ = []\n__all__.extend(core.__all__)\n",
    "up/core/__init__.py": """\
        from . import numeric
        from .numeric import *
        __all__ = ["memmap"]
        __all__ += numeric.__all__
        memmap = 1
    """,
    "up/core/numeric.py": """\
        from . import kinds
        __all__ = ["zeros"]
        def zeros(): ...
        def extend_all(module):
            existing = set(__all__)
            listed = getattr(module, "__all__")
            for name in listed:
                if name not in existing:
                    __all__.append(name)
        from .kinds import *
        extend_all(kinds)
    """,
    "up/core/kinds.py": """\
        from up.core import overrides
        __all__ = ["find_kind"]
        def find_kind(): ...
        def hidden(): ...
        for key in overrides.TABLE:
            __all__.append(key)
    """,
    "up/core/overrides.py": "TABLE = ['kind']\n",
}
EXPECTED = {"zeros": "present", "find_kind": "present", "memmap": "present", "hidden": "unknown"}


@pytest.mark.parametrize("order", [",".join(order) for order in permutations(EXPECTED)])
def test_a_name_is_there_whatever_was_asked_first(order: str, tmp_path: Path) -> None:
    here = world(tmp_path, PACKAGE)
    found = {name: here.path(f"up.{name}").state for name in order.split(",")}
    assert found == EXPECTED
