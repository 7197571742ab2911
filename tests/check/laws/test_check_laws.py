"""Laws of a check, on downstreams put together at random: order, place, self-comparison, guards, independence."""

from __future__ import annotations

import tempfile
from pathlib import Path
from textwrap import indent

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.packages import artifact
from tailrace.check.downstream import Checked, check_downstream
from tailrace.check.options import CheckOptions
from tailrace.check.run import assemble
from tailrace.check.upstream import Upstream
from tailrace.model import DownstreamReport, Finding

OLD = """
__version__ = "1.0"
def gone(): ...
def kept(a, b=1): ...
class C:
    KIND = 1
    def lost(self): ...
    @property
    def url(self) -> str: ...
    def run(self):
        return self.hook()
    def hook(self): ...
"""
NEW = """
__version__ = "2.0"
def kept(a): ...
class C:
    def url(self) -> str: ...
    def run(self): ...
"""
STATEMENTS = (
    "from up import gone",
    "from up import kept",
    "import up\nup.gone()",
    "import up as u\nu.kept(1, b=2)",
    "from up import kept\nkept(1)",
    "from up import C\nC().lost()",
    "from up import C\nC.KIND",
    "from up import C\nC().url.upper()",
    "from up import C\ndef f(c: C):\n    return c.lost()",
    "from up import C\nclass D(C):\n    def hook(self): ...",
    "from up import C\nclass D(C):\n    def f(self):\n        return self.lost()",
    "import importlib\nimportlib.import_module('up.never')",
    "import sys, up\nif sys.version_info < (3, 12):\n    up.gone()",
    "import up\nif up.__version__ < '2':\n    up.gone()",
    "from up import *\ngone()",
    "text = 'up.gone'",
    "def gone(): ...\ngone()",
    "try:\n    from up import gone\nexcept ImportError:\n    gone = None",
)
GUARDS = (
    "try:\n{}\nexcept Exception:\n    raise_nothing = 1",
    "try:\n{}\nexcept (ImportError, AttributeError, TypeError):\n    pass",
    "try:\n{}\nexcept ValueError:\n    pass",
    "import up\nif up.__version__ < '2':\n{}",
    "import up\nif up.__version__ >= '1':\n{}",
    "import sys\nif sys.platform == 'win32':\n{}",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n{}",
    "import contextlib\nwith contextlib.suppress(Exception):\n{}",
)
statements = st.sampled_from(STATEMENTS)
bodies = st.lists(statements, min_size=1, max_size=4)
packages = st.dictionaries(st.sampled_from(["down/a.py", "down/b.py", "down/__init__.py"]), bodies, min_size=1)
few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
OPTIONS = CheckOptions(in_process=True)


def _upstream(root: Path, old: str = OLD, new: str = NEW) -> Upstream:
    files = ({"up/__init__.py": text} for text in (old, new))
    return Upstream(*(artifact(root / v, f, version=v) for v, f in zip(("1.0", "2.0"), files, strict=True)))


def _checked(upstream: Upstream, root: Path, files: dict[str, str], name: str = "down") -> Checked:
    return check_downstream(upstream, artifact(root / name, files, name=name, requires=("up",)), OPTIONS)


def _report(files: dict[str, str], *, old: str = OLD, new: str = NEW) -> DownstreamReport:
    with tempfile.TemporaryDirectory() as folder:
        return _checked(_upstream(Path(folder), old, new), Path(folder), files).report


def _said(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(f.rule, f.symbol) for f in findings if f.counts_as_break}


@few
@given(st.lists(packages, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_the_report_does_not_depend_on_the_order_of_the_downstreams(
    given_packages: list[dict[str, list[str]]], random: object
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        upstream = _upstream(Path(folder))
        checked = [
            _checked(upstream, Path(folder), {f: "\n".join(b) for f, b in files.items()}, f"down{i}")
            for i, files in enumerate(given_packages)
        ]
        before = msgspec.json.encode(assemble(upstream, checked, OPTIONS))
        random.shuffle(checked)  # type: ignore[attr-defined]
        assert msgspec.json.encode(assemble(upstream, checked, OPTIONS)) == before


@few
@given(bodies, st.lists(st.sampled_from(["", "# a comment", "other = 1", '"""text"""']), min_size=1, max_size=9))
def test_a_fingerprint_stays_when_unrelated_lines_are_put_above(body: list[str], above: list[str]) -> None:
    source = "\n".join(body)
    before = _report({"down/__init__.py": source}).findings
    after = _report({"down/__init__.py": "\n".join([*above, source])}).findings
    assert [(f.fingerprint, f.line + len(above)) for f in before] == [(f.fingerprint, f.line) for f in after]
    assert len({f.fingerprint for f in before}) == len(before)


@few
@given(packages, st.sampled_from([OLD, NEW]))
def test_a_release_breaks_nothing_against_itself(files: dict[str, list[str]], text: str) -> None:
    report = _report({f: "\n".join(b) for f, b in files.items()}, old=text, new=text)
    assert (report.status, report.findings) == ("clear", ())


@few
@given(bodies, st.data())
def test_a_guard_never_adds_a_break(body: list[str], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(body) - 1))
    guard = data.draw(st.sampled_from(GUARDS))
    guarded = [*body[:index], guard.format(indent(body[index], "    ")), *body[index + 1 :]]
    before = _report({"down/__init__.py": "\n".join(body)})
    after = _report({"down/__init__.py": "\n".join(guarded)})
    assert _said(after.findings) <= _said(before.findings)


@few
@given(packages)
def test_files_that_do_not_import_each_other_are_judged_apart(files: dict[str, list[str]]) -> None:
    sources = {f: "\n".join(b) for f, b in files.items()}
    together = {(f.file, f.line, f.rule, f.symbol) for f in _report(sources).findings}
    apart = {
        (f.file, f.line, f.rule, f.symbol) for file, text in sources.items() for f in _report({file: text}).findings
    }
    assert together == apart
