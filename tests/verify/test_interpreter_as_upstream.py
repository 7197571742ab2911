"""Where Python itself is the upstream, the two environments differ in their interpreter."""

from __future__ import annotations

import pytest
from verify_world import World

from tailrace.check import CheckOptions, check
from tailrace.model import CheckReport
from tailrace.verify import Feed, VerifyOptions, verify_report
from tailrace.verify.interpreters import InterpreterCache, find_interpreters
from tailrace.verify.sandbox import Sandbox


def checked(world: World, old: str, new: str, down: str) -> CheckReport:
    world.add("down", "1.0", {"down.py": down})
    options = CheckOptions(in_process=True)
    return check(f"python=={new}", f"python=={old}", ("down==1.0",), sources=world.sources, options=options)


def test_a_module_that_python_dropped_is_reproduced(world: World, sandbox: Sandbox) -> None:
    known = {one.series for one in find_interpreters(InterpreterCache(world.sources.cache.root / "interpreters.json"))}
    if not {(3, 11), (3, 12)} <= known:
        pytest.skip("this machine lacks Python 3.11 or 3.12")
    report = checked(world, "3.11", "3.12", "import json\nimport asynchat\n")
    (down,) = verify_report(report, Feed(world.sources), VerifyOptions(jobs=1)).downstreams
    assert down.verification is not None
    assert down.verification.outcome == "reproduced"
    assert (down.verification.python or "").startswith("3.12")
    assert any("the baseline is Python 3.11" in note for note in down.verification.notes)
    (finding,) = [f for f in down.findings if f.severity == "error"]
    assert finding.verification is not None
    assert "No module named 'asynchat'" in finding.verification.traceback[-1]


@pytest.mark.parametrize(
    ("new", "python", "says"),
    [
        ("3.15", None, "no Python on this machine fits Python 3.1"),
        ("3.12", "3.12", "the interpreter is what is exchanged"),
    ],
)
def test_what_cannot_be_exchanged_is_not_run_and_says_why(
    world: World, sandbox: Sandbox, new: str, python: str | None, says: str
) -> None:
    report = checked(world, "3.11", new, "import asynchat\n")
    (down,) = verify_report(report, Feed(world.sources), VerifyOptions(jobs=1, python=python)).downstreams
    assert down.verification is not None
    assert down.verification.outcome == "not-run"
    assert says in (down.verification.reason or "")
