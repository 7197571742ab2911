"""An option added by a call that stands under a guard: decided just as if the option were added inline."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest
from engine_rows import report

CLI = """\
import argparse

def make():
    p = argparse.ArgumentParser()
    {option}
    return p

def main():
    make().parse_args()
"""
BASELINE = {"up/__init__.py": "__version__ = '1.0'\nversion_info = (1, 0)\ndef old_way(): ...\n"}
CANDIDATE = {"up/__init__.py": "__version__ = '2.0'\nversion_info = (2, 0)\ndef new_way(): ...\n"}
HEAD = """\
import os
import sys
import up
from up.cli import make
from packaging.version import Version

"""
ADD = """\
def add(p):
    p.add_argument("-l", "--locks")

"""
MAIN = """\
def main():
    p = make()
{body}
    p.parse_args()
"""


def guarded(before: str, body: str) -> str:
    return HEAD + dedent(before) + ADD + MAIN.format(body=indent(dedent(body), "    ").rstrip())


def findings(root: Path, down: str) -> list[tuple[str, str]]:
    made = report(
        root,
        {**BASELINE, "up/cli.py": CLI.format(option="pass")},
        {**CANDIDATE, "up/cli.py": CLI.format(option='p.add_argument("-l", "--long")')},
        {"down/__init__.py": "", "down/cli.py": down},
        scripts={"down": "down.cli:main"},
    )
    conflicts = [finding for finding in made.findings if finding.rule == "option-conflict"]
    return [(finding.symbol.rpartition(" ")[2], finding.confidence) for finding in conflicts]


# What stands before `add`, and what stands in `main` between making the parser and parsing.
CLEAR = {
    "the version, parsed": ("", 'if Version(up.__version__) < Version("2"): add(p)'),
    "a version tuple": ("", "if up.version_info < (2,): add(p)"),
    "the major number": ("", "if up.version_info[0] < 2: add(p)"),
    "the other branch": ("", 'if Version(up.__version__) >= Version("2"): pass\nelse: add(p)'),
    "a negated test": ("", 'if not Version(up.__version__) >= Version("2"): add(p)'),
    "one of two tests": ("", "if len(sys.argv) > 1 and up.version_info < (2,): add(p)"),
    "a constant of the module": ('HAS_OLD = Version(up.__version__) < Version("2")\n', "if HAS_OLD: add(p)"),
    "a constant used by another": (
        'UP = Version(up.__version__)\nHAS_OLD = UP < Version("2")\n',
        "if HAS_OLD: add(p)",
    ),
    "a local variable": ("", 'old = Version(up.__version__) < Version("2")\nif old: add(p)'),
    "a local version": ("", 'version = Version(up.__version__)\nif version < Version("2"): add(p)'),
    "a helper function": ("def is_old():\n    return up.version_info < (2,)\n\n", "if is_old(): add(p)"),
    "a helper function with a longer body": (
        "def is_old():\n    version = Version(up.__version__)\n    limit = Version('2')\n    if version >= limit:\n"
        "        return False\n    return True\n\n",
        "if is_old(): add(p)",
    ),
    "a version passed on": (
        "def add_for(p, version):\n    if version < Version('2'):\n        add(p)\n\n",
        "add_for(p, Version(up.__version__))",
    ),
    "a nested call": (
        "def extend(p):\n    if up.version_info < (2,):\n        add_all(p)\n\ndef add_all(p):\n    add(p)\n\n",
        "extend(p)",
    ),
    "an early return": (
        "def extend(p):\n    if up.version_info >= (2,):\n        return\n    add(p)\n\n",
        "extend(p)",
    ),
    "an attribute that is gone": ("", 'if hasattr(up, "old_way"): add(p)'),
    "an import that fails": (
        "try:\n    from up import old_way\n    HAS_OLD = True\nexcept ImportError:\n    HAS_OLD = False\n",
        "if HAS_OLD: add(p)",
    ),
    "an import that fails and leaves None": (
        "try:\n    from up import old_way\nexcept ImportError:\n    old_way = None\n",
        "if old_way is not None: add(p)",
    ),
    "an import that fails, in the function": (
        "",
        "try:\n    from up import old_way\nexcept ImportError:\n    pass\nelse:\n    add(p)",
    ),
    "a constant imported from the upstream": ("from up import version_info\n", "if version_info < (2,): add(p)"),
    "an imported module under another name": ("import up as upstream\n", "if upstream.version_info < (2,): add(p)"),
    "in a conditional expression": ("", "add(p) if up.version_info < (2,) else None"),
    "behind `and`": ("", "up.version_info < (2,) and add(p)"),
    "the distribution's version": (
        "from importlib.metadata import version\n",
        'if Version(version("up")) < Version("2"): add(p)',
    ),
    "in an object": (
        "class Extension:\n    def __init__(self, p):\n        self.parser = p\n"
        "        self.old = up.version_info < (2,)\n"
        "    def extend(self):\n        if self.old:\n            add(self.parser)\n\n",
        "Extension(p).extend()",
    ),
    "a method": (
        "class Extension:\n    def old(self):\n        return up.version_info < (2,)\n"
        "    def extend(self, p):\n        if self.old():\n            add(p)\n\n",
        "Extension().extend(p)",
    ),
    "a property": (
        "class Extension:\n    @property\n    def old(self):\n        return up.version_info < (2,)\n"
        "    def extend(self, p):\n        if self.old:\n            add(p)\n\n",
        "Extension().extend(p)",
    ),
    "a table of flags": ('FLAGS = {"old": up.version_info < (2,)}\n', 'if FLAGS["old"]: add(p)'),
    "a version split by hand": ("", 'if tuple(map(int, up.__version__.split("."))) < (2,): add(p)'),
    "another function": (
        "if up.version_info < (2,):\n    def extra(p):\n        add(p)\nelse:\n    def extra(p):\n        pass\n",
        "extra(p)",
    ),
    "an early error": (
        "def extend(p):\n    if up.version_info >= (2,):\n        raise RuntimeError\n    add(p)\n\n",
        "extend(p)",
    ),
    "an assertion": ("def extend(p):\n    assert up.version_info < (2,)\n    add(p)\n\n", "extend(p)"),
    "a loop that is not entered": ("", "while up.version_info < (2,):\n    add(p)\n    break"),
    "a match": ("", "match up.version_info[0]:\n    case 1:\n        add(p)\n    case _:\n        pass"),
    "inline": ("", 'if up.version_info < (2,): p.add_argument("-l", "--locks")'),
}
# Near-misses: what the guard does not exclude is still found, and how sure it is.
FOUND = {
    "no guard": ("", "add(p)", "certain"),
    "a guard for another version": ("", 'if Version(up.__version__) < Version("3"): add(p)', "certain"),
    "a tuple for another version": ("", "if up.version_info < (3,): add(p)", "certain"),
    "the branch for the candidate": ("", "if up.version_info < (2,): pass\nelse: add(p)", "certain"),
    "a constant for another version": ("IS_OLD = up.version_info < (3,)\n", "if IS_OLD: add(p)", "certain"),
    "a return that is not taken": (
        "def extend(p):\n    if up.version_info >= (3,):\n        return\n    add(p)\n\n",
        "extend(p)",
        "certain",
    ),
    "an attribute that is there": ("", 'if hasattr(up, "new_way"): add(p)', "certain"),
    "an attribute that is gone, negated": ("", 'if not hasattr(up, "old_way"): add(p)', "certain"),
    "an import that works": (
        "try:\n    from up import new_way\n    HAS = True\nexcept ImportError:\n    HAS = False\n",
        "if HAS: add(p)",
        "certain",
    ),
    "the handler of an import that fails": (
        "",
        "try:\n    from up import old_way\nexcept ImportError:\n    add(p)",
        "certain",
    ),
    "an unknown guard": ("", 'if os.environ.get("LOCKS"): add(p)', "likely"),
    "an unknown helper": (
        'def wanted():\n    if os.environ.get("LOCKS"):\n        return True\n    return False\n\n',
        "if wanted(): add(p)",
        "likely",
    ),
    "an unknown constant": (
        'if os.environ.get("X"):\n    WANTED = True\nelse:\n    WANTED = False\n',
        "if WANTED: add(p)",
        "likely",
    ),
    "an unknown local": (
        "",
        'wanted = False\nif os.environ.get("X"):\n    wanted = True\nif wanted: add(p)',
        "likely",
    ),
    "an unknown conditional expression": ("", 'add(p) if os.environ.get("LOCKS") else None', "likely"),
    "behind an unknown `and`": ("", 'os.environ.get("LOCKS") and add(p)', "likely"),
    "one of two tests, the other unknown": (
        "",
        'if up.version_info < (2,) or os.environ.get("LOCKS"): add(p)',
        "likely",
    ),
    "a name that a function sets": (
        "STATE = False\ndef arm():\n    global STATE\n    STATE = True\n\n",
        "if STATE: add(p)",
        "likely",
    ),
    "a match of another version": (
        "",
        "match up.version_info[0]:\n    case 2:\n        add(p)\n    case _:\n        pass",
        "certain",
    ),
    "a table of flags for another version": (
        'FLAGS = {"old": up.version_info < (3,)}\n',
        'if FLAGS["old"]: add(p)',
        "certain",
    ),
    "an import that may fail": (
        "try:\n    import rich\n    HAS = False\nexcept ImportError:\n    HAS = True\n",
        "if HAS: add(p)",
        "likely",
    ),
    "a parameter of the same name": (
        "def extend(p, up):\n    if up.version_info < (2,):\n        add(p)\n\n",
        "extend(p, sys.argv)",
        "likely",
    ),
    "another distribution": ("import other\n", 'if Version(other.__version__) < Version("2"): add(p)', "likely"),
}


@pytest.mark.parametrize("case", CLEAR)
def test_a_guard_that_excludes_the_candidate_is_clear(case: str, tmp_path: Path) -> None:
    assert findings(tmp_path, guarded(*CLEAR[case])) == []


@pytest.mark.parametrize("case", FOUND)
def test_any_other_guard_is_found(case: str, tmp_path: Path) -> None:
    before, body, confidence = FOUND[case]
    assert [found for found in findings(tmp_path, guarded(before, body)) if found[0] == "-l"] == [("-l", confidence)]
