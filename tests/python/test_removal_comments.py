"""Comments that promise a removal: which there are, what they are about, and that they announce nothing."""

from __future__ import annotations

import ast

import pytest

from tailrace.python.marks import read_marks
from tailrace.python.removal_comments import completed, read_removal_comments

# source, symbol → version that a comment promises
PROMISED: dict[str, dict[str, str]] = {
    "# TODO(1.3): remove\ndef f(): ...\n": {"up.f": "1.3"},
    "# TODO(1.3) Remove this function\ndef f(): ...\n": {"up.f": "1.3"},
    "# TODO (v1.3.0): removed with the old solver\nclass C: ...\n": {"up.C": "1.3.0"},
    "# TODO: remove in 1.3\nOLD = 1\n": {"up.OLD": "1.3"},
    "# FIXME: this should be dropped in version 2.0\nOLD: int = 1\n": {"up.OLD": "2.0"},
    "# XXX delete with 24.3\n@decorated\ndef f(): ...\n": {"up.f": "24.3"},
    "# TODO(1.3): remove\n# since nobody needs it\ndef f(): ...\n": {"up.f": "1.3"},
    "class C:\n    # TODO(1.3): remove\n    def f(self): ...\n": {"up.C.f": "1.3"},
    "if x:\n    # TODO(1.3): remove\n    def f(): ...\n": {"up.f": "1.3"},
    # Near misses.
    "# TODO(1.3): rename\ndef f(): ...\n": {},
    "# TODO: remove\ndef f(): ...\n": {},
    "# TODO(#13): remove\ndef f(): ...\n": {},
    "# TODO(ann): remove when 3 tests pass\ndef f(): ...\n": {},
    "# removed in 1.3\ndef f(): ...\n": {},
    "# TODO(1.3): remove\n\ndef f(): ...\n": {},
    "# TODO(1.3): remove\nimport old\ndef f(): ...\n": {},
    "def f():\n    # TODO(1.3): remove\n    x = 1\n": {},
    'text = "# TODO(1.3): remove"\ndef f(): ...\n': {},
}


@pytest.mark.parametrize("source", PROMISED)
def test_what_a_comment_promises(source: str) -> None:
    found = read_removal_comments(ast.parse(source), source, "up", "up.py")
    assert {one.symbol: one.deprecation.removed_in for one in found} == PROMISED[source]


def test_a_comment_completes_a_mark_and_is_no_mark_itself() -> None:
    source = (
        "import warnings\n# TODO(1.3): remove\ndef f():\n    warnings.warn('deprecated in 1.1', FutureWarning)\n"
        "# TODO(1.4): remove\ndef g(): ...\n"
    )
    tree = ast.parse(source)
    marks, alone = completed(read_marks(tree, "up", "up.py"), read_removal_comments(tree, source, "up", "up.py"))
    assert [(mark.symbol, mark.deprecation.since, mark.deprecation.removed_in) for mark in marks] == [
        ("up.f", "1.1", "1.3")
    ]
    assert [(one.symbol, one.deprecation.removed_in) for one in alone] == [("up.g", "1.4")]
