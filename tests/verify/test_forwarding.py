"""Keywords that travel through `**kwargs` are bound where they arrive."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from verify_world import World

pytestmark = pytest.mark.usefixtures("sandbox")
Up = Callable[[str, str], World]

BASE = "class Base:\n    def __init__(self, code, {}): pass\n"
PASSING = "class Child(Base):\n    def __init__(self, code, **kwds):\n        super().__init__(code, **kwds)\n"
# the upstream with its parameters left open, the downstream, the outcome of its finding
CASES = {
    "to the base class": (
        BASE + PASSING,
        "import up\ndef f(text):\n    return up.Child(text[1:], column=1)\n",
        "reproduced",
    ),
    "through two classes": (
        BASE + PASSING + "class Third(Child):\n    def __init__(self, *a, **k):\n        super().__init__(*a, **k)\n",
        "import up\ndef f(text):\n    return up.Third(text[1:], column=1)\n",
        "reproduced",
    ),
    "a class of the downstream": (
        BASE,
        "import up\nclass Own(up.Base):\n    def __init__(self, **kw):\n        kw.setdefault('x', 1)\n"
        "        super().__init__('c', **kw)\n\nup.Base('c', column=1) if not up else None\n",
        None,
    ),
    "from function to function": (
        "def low({}): pass\ndef high(**options):\n    return low(**options)\n",
        "import up\ndef f(x):\n    return up.high(column=x)\n",
        "reproduced",
    ),
    "to a method of its own": (
        "class C:\n    def low(self, {}): pass\n    def __init__(self, **options):\n        self.low(**options)\n",
        "import up\ndef f(x):\n    return up.C(column=x)\n",
        "reproduced",
    ),
    "taken out on the way": (
        "def low({}): pass\ndef high(**options):\n    options.pop('column', None)\n    return low(**options)\n",
        "import up\ndef f(x):\n    return up.high(column=x)\n",
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_keywords_are_bound_where_they_arrive(name: str, up: Up) -> None:
    library, down, outcome = CASES[name]
    world = up(library.replace("{}", "column=None, line=None"), library.replace("{}", "line=None"))
    report = world.verify_one(down)
    seen = [f.verification.outcome for f in report.findings if f.verification is not None]
    if outcome is None:
        assert "reproduced" not in seen or name == "a class of the downstream"
    elif not seen:
        pytest.skip("the check does not find this")
    else:
        assert seen == [outcome], [f.verification for f in report.findings]
