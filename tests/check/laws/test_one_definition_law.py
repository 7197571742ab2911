"""Each finding's rule and symbol are among the changes that a diff lists for the same two releases."""

from __future__ import annotations

import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from support.packages import Moments, moments
from support.upstream_strategies import Files, downstreams, pairs
from tailrace.artifacts import open_release
from tailrace.changes.causes import needs_downstream
from tailrace.changes.diff import diff_artifacts
from tailrace.check.allow_list import apply_allow_list
from tailrace.check.downstream import check_downstream
from tailrace.check.options import AllowEntry, CheckOptions
from tailrace.check.upstream import Upstream
from tailrace.model import Artifact, DownstreamReport
from tailrace.python.modules import Surface
from tailrace.python.resolving import make_resolver
from tailrace.rules import RULES
from tailrace.sources import Sources

_FIXTURES = Path(__file__).parents[2] / "rules"
_OPTIONS = CheckOptions(in_process=True)
_LEGACY = {"up/__init__.py": "", "up/legacy.py": "A = 1\nB = 2\nC = 3\n"}


def _report(parts: Moments) -> DownstreamReport:
    return check_downstream(Upstream(parts.old, parts.new), parts.downstream, _OPTIONS).report


def _unlisted(parts: Moments) -> set[tuple[str, str]]:
    changes = {(c.rule, c.symbol) for c in diff_artifacts(parts.old, parts.new)}
    baseline = make_resolver(Surface(parts.old))
    found = {(f.rule, f.symbol) for f in _report(parts).findings}
    return {each for each in found - changes if not needs_downstream(baseline, *each)}


@pytest.mark.parametrize("rule", [rule for rule in sorted(RULES) if (_FIXTURES / rule / "new").is_dir()])
def test_every_finding_of_a_rule_fixture_is_a_change(rule: str) -> None:
    sources = Sources()

    def opened(part: str) -> Artifact:
        return open_release(sources.resolve(str(_FIXTURES / rule / part)), sources)

    assert _unlisted(Moments(opened("old"), opened("new"), opened("downstream"))) == set()


_CALLED = "class C:\n    def m(self): ...\n    def run(self):\n        return self.m()\n"
# The class is in another module of the candidate, and its path leads there; what subclasses override is not called.
MOVED = {
    "by import *": {"up/b.py": "from up.a import *\n", "up/a.py": "class C: ...\n"},
    "by import": {"up/b.py": "from up.a import C\n", "up/a.py": "class C: ...\n"},
    "with a base that calls nothing": {"up/b.py": "from up.a import C\n", "up/a.py": "class B: ...\nclass C(B): ...\n"},
    # Near-misses: still called, so that nothing is orphaned.
    "with its hook": {"up/b.py": "from up.a import C\n", "up/a.py": _CALLED},
    "with a base that calls it": {
        "up/b.py": "from up.a import C\n",
        "up/a.py": "class B:\n    def run(self):\n        return self.m()\nclass C(B): ...\n",
    },
}


@pytest.mark.parametrize("candidate", MOVED.values(), ids=list(MOVED))
@pytest.mark.parametrize("unchanged", [False, True], ids=["new module", "module of both"])
def test_a_hook_of_a_class_that_moved_is_one_change(candidate: Files, unchanged: bool, tmp_path: Path) -> None:
    package = {"up/__init__.py": ""}
    baseline = package | {"up/b.py": _CALLED} | ({"up/a.py": candidate["up/a.py"]} if unchanged else {})
    down = {"down/__init__.py": "from up.b import C\nclass Own(C):\n    def m(self): ...\n"}
    parts = moments(tmp_path, baseline, package | candidate, down)
    orphaned = any(finding.rule == "override-orphaned" for finding in _report(parts).findings)
    listed = any(change.rule == "override-orphaned" for change in diff_artifacts(parts.old, parts.new))
    assert orphaned == listed == (_CALLED not in candidate["up/a.py"] and "self.m" not in candidate["up/a.py"])


def test_a_name_that_a_package_lost_with_all_of_a_module_is_a_change_of_the_package(tmp_path: Path) -> None:
    module = "def f(): ...\nclass C: ...\n"
    package = {"up/__init__.py": "from up.a import *\n"}
    down = {"down/__init__.py": "from up import C\nfrom up.a import C as D\n"}
    parts = moments(tmp_path, package | {"up/a.py": module}, package | {"up/a.py": f"{module}__all__ = ['f']\n"}, down)
    assert [(f.rule, f.symbol, f.line) for f in _report(parts).findings] == [("name-removed", "up.C", 1)]
    assert ("name-removed", "up.C") in {(c.rule, c.symbol) for c in diff_artifacts(parts.old, parts.new)}


CLASS = "class C:\n    level = 1\n"
# What the name `alias`, which led to the class, leads to in the candidate, and what a use of `alias.level` is due to.
LED: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a function": (CLASS + "def f(): ...\nalias = f\n", [("attribute-removed", "up.alias.level")]),
    "a function, and the class is gone": ("def f(): ...\nalias = f\n", [("attribute-removed", "up.alias.level")]),
    "another class": (CLASS + "class D: ...\nalias = D\n", [("attribute-removed", "up.alias.level")]),
    "the class, which lost it": ("class C: ...\nalias = C\n", [("attribute-removed", "up.C.level")]),
    # Near-miss: another class that has it too.
    "another class of the same members": (CLASS + "class D:\n    level = 1\nalias = D\n", []),
}


@pytest.mark.parametrize("row", LED)
@pytest.mark.parametrize("use", ["import up\nup.alias.level\n", "from up import alias as other\nother.level\n"])
def test_a_name_that_leads_elsewhere_is_the_cause(row: str, use: str, tmp_path: Path) -> None:
    candidate, expected = LED[row]
    files = ({"up/__init__.py": text} for text in (f"{CLASS}alias = C\n", candidate))
    parts = moments(tmp_path, *files, {"down/__init__.py": use})
    assert [(f.rule, f.symbol) for f in _report(parts).findings] == expected
    assert _unlisted(parts) == set()


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,  # the tables above hold what other examples found
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(pair=pairs(), downstream=downstreams())
def test_every_finding_is_a_change(pair: tuple[Files, Files], downstream: Files) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        patch("tailrace.check.downstream.find_typed", lambda *_, **__: ([], None, 0)),
    ):
        assert _unlisted(moments(Path(folder), *pair, downstream)) == set()


def test_a_call_that_gave_nothing_for_what_has_a_name_now_is_a_change(tmp_path: Path) -> None:
    package = {"up/__init__.py": "from up.a import f\n"}
    down = {"down/__init__.py": "from up import f\nf()\nf(1)\n"}
    parts = moments(
        tmp_path, package | {"up/a.py": "def f(*args): ...\n"}, package | {"up/a.py": "def f(a): ...\n"}, down
    )
    assert [(f.rule, f.line) for f in _report(parts).findings] == [("parameter-now-required", 2)]
    assert _unlisted(parts) == set()


def test_uses_of_a_module_that_is_gone_have_one_cause_and_one_allow_list_entry(tmp_path: Path) -> None:
    uses = "from up.legacy import A\nfrom up.legacy import B, C\nimport up.legacy\n"
    parts = moments(tmp_path, _LEGACY, {"up/__init__.py": ""}, {"down/__init__.py": uses})
    report = _report(parts)
    assert [(f.rule, f.symbol, f.used, f.line) for f in report.findings] == [
        ("module-removed", "up.legacy", "up.legacy.A", 1),
        ("module-removed", "up.legacy", "up.legacy.B", 2),
        ("module-removed", "up.legacy", "up.legacy.C", 2),
        ("module-removed", "up.legacy", "", 3),
    ]
    assert len({f.cause for f in report.findings}) == 1
    allowed, _ = apply_allow_list((report,), (AllowEntry("module-removed", "up.legacy", "agreed"),), "2026-01-01")
    assert [f.allowed for f in allowed[0].findings] == ["agreed"] * 4
