"""Whatever a check finds that narrows nothing, the check that narrows by what changed finds too, word for word."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings

from support.packages import Moments, moments
from support.upstream_strategies import Files, downstreams, pairs
from tailrace.changes import own_words
from tailrace.changes.diff import changed_identifiers
from tailrace.check.downstream import check_downstream
from tailrace.check.options import CheckOptions
from tailrace.check.upstream import Upstream
from tailrace.model import Finding
from tailrace.python.modules import Surface

WORD = re.compile(rb"[A-Za-z_]\w*")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(pair=pairs(), downstream=downstreams())
def test_narrowing_changes_no_finding(pair: tuple[Files, Files], downstream: Files) -> None:
    with tempfile.TemporaryDirectory() as folder:
        parts = moments(Path(folder), *pair, downstream)
        with no_narrowing():
            everything = findings(Upstream(parts.old, parts.new), parts)
        upstream = Upstream(parts.old, parts.new)
        upstream.find_diff()
        assert findings(upstream, parts) == everything
        assert all_hold_a_word(parts, everything)


METHOD = "class C:\n    def m(self): ...\n"
BASE = "class B:\n    def __call__(self): ...\n    def m(self, a): ...\nclass C(B):\n    x = 1\n"
# What drawn examples found: the baseline, what the candidate adds to its last class, and a downstream that breaks.
FOUND = {
    "a constructor": (METHOD, "def __init__(self, a): ...", "from up import C\nC()\n"),
    "another way to make instances": (METHOD, "def __new__(cls, a): ...", "import up\nup.C()\n"),
    "an override that takes less": (BASE, "def m(self): ...", "import up\nup.C().m(1)\n"),
    "an override of another kind": (BASE, "m = 1", "import up\nup.C().m(1)\n"),
    "an override that is called": (BASE, "def __call__(self, a): ...", "import up\nup.C()()\n"),
    "what it asks of subclasses": (METHOD, "def __init_subclass__(cls, *, a): ...", "import up\nclass D(up.C): ...\n"),
}


@pytest.mark.parametrize("row", FOUND)
def test_narrowing_keeps_the_file_that_breaks(row: str, tmp_path: Path) -> None:
    baseline, added, down = FOUND[row]
    candidate = f"{baseline}    {added}\n"
    parts = moments(tmp_path, {"up/__init__.py": baseline}, {"up/__init__.py": candidate}, {"down/__init__.py": down})
    upstream = Upstream(parts.old, parts.new)
    upstream.find_diff()
    assert len(findings(upstream, parts)) == 1


def findings(upstream: Upstream, parts: Moments) -> tuple[Finding, ...]:
    with patch("tailrace.check.downstream.find_typed", lambda *_, **__: ([], None, 0)):
        return check_downstream(upstream, parts.downstream, CheckOptions()).report.findings


@contextmanager
def no_narrowing() -> Iterator[None]:
    with (
        patch(
            "tailrace.check.downstream._narrowed",
            lambda _upstream, _pair, _opened, everything, _checks: (everything, None),
        ),
        patch("tailrace.check.narrowing.use_filter.LiveRoots.uses", lambda _roots, usage: iter(usage.uses)),
    ):
        yield


def all_hold_a_word(parts: Moments, found: tuple[Finding, ...]) -> bool:
    """Without following calls, too: every file with a finding holds a word of the plain diff."""
    own = Surface(parts.downstream)
    files = [file for file in parts.downstream.python_files if not file.endswith(".pyi")]
    tokens = {file: frozenset(WORD.findall((parts.downstream.root / file).read_bytes())) for file in files}
    words = changed_identifiers(Surface(parts.old), Surface(parts.new))
    every = {w.encode() for w in words | own_words(words, own, tokens)}
    return all(not every.isdisjoint(tokens[finding.file]) for finding in found)
