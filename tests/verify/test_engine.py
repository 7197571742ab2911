"""Releases in real environments: what a finding shows when it is run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from verify_world import World

from tailrace.model import DownstreamReport
from tailrace.verify import engine
from tailrace.verify.sandbox import Limits, Sandbox

pytestmark = pytest.mark.usefixtures("sandbox")
Up = Callable[[str, str], World]

KEEP, GONE = "def keep(): pass\ndef gone(): pass\n", "def keep(): pass\n"
# down, the outcome of its only finding, a word of the reason or of the traceback
CASES = {
    "imported at the top": ("from up import gone\n", "reproduced", "cannot import name 'gone'"),
    "imported inside a function": ("def f():\n    from up import gone\n", "reproduced", "cannot import name 'gone'"),
    "an attribute at the top": ("import up\nup.gone\n", "reproduced", "has no attribute 'gone'"),
    "an attribute inside a function": ("import up\ndef f():\n    up.gone()\n", "reproduced", "name 'gone'"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_break_is_reproduced_wherever_it_stands(name: str, up: Up) -> None:
    down, outcome, word = CASES[name]
    report = up(KEEP, GONE).verify_one(down)
    (finding,) = [f for f in report.findings if f.severity == "error"]
    assert finding.verification is not None
    assert finding.verification.outcome == outcome
    assert word in " ".join((*finding.verification.traceback, finding.verification.reason or ""))
    assert report.verification is not None
    assert report.verification.outcome == outcome
    assert report.status == "breaks"


def test_the_traceback_passes_through_the_line_of_the_finding(up: Up) -> None:
    report = up(KEEP, GONE).verify_one("import os\nfrom up import gone\n")
    (finding,) = report.findings
    assert finding.verification is not None
    assert any('down.py", line 2' in line for line in finding.verification.traceback)


def test_a_finding_that_works_when_run_is_refuted_and_no_longer_breaks(up: Up) -> None:
    # What a module makes up when it is asked is seen by running it only.
    made_up = "import sys\nclass M(type(sys)):\n    def __getattr__(self, name):\n        return len\n"
    made_up += "def keep(): pass\nsys.modules[__name__].__class__ = M\n"
    checked = up(KEEP, GONE).check
    world = up(KEEP, made_up)
    world.add("down", "1.0", {"down.py": "from up import gone\n"}, requires=["up"])
    before = checked().downstreams[0]
    after = world.verify().downstreams[0]
    if not before.findings:
        pytest.skip("the check sees through this by itself")
    assert [f.verification.outcome for f in after.findings if f.verification] == ["refuted"]
    assert after.status == "clear"


def test_what_fails_with_the_baseline_too_is_broken_before(up: Up) -> None:
    report = up(KEEP, GONE).verify_one("import nowhere\nfrom up import gone\n")
    (finding,) = [f for f in report.findings if f.severity == "error"]
    assert finding.verification is not None
    # The module cannot be imported at all, the statement alone still shows the break.
    assert finding.verification.outcome == "reproduced"
    assert finding.verification.program == "from up import gone"


def test_a_downstream_that_is_clear_is_not_run(up: Up) -> None:
    report = up(KEEP, GONE).verify_one("from up import keep\n")
    assert report.verification is not None
    assert (report.verification.outcome, report.status) == ("not-run", "clear")


def test_a_downstream_that_cannot_be_installed_says_why_and_the_others_go_on(up: Up) -> None:
    world = up(KEEP, GONE)
    world.add("down", "1.0", {"down.py": "from up import gone\n"}, requires=["up"])
    world.add("lost", "1.0", {"lost.py": "from up import gone\n"}, requires=["up", "nowhere-to-be-had"])
    reports = {d.name: d for d in world.verify("down==1.0", "lost==1.0").downstreams}
    assert reports["down"].verification.outcome == "reproduced"  # type: ignore[union-attr]
    lost = reports["lost"].verification
    assert lost is not None
    assert lost.outcome == "not-run"
    assert "nowhere-to-be-had" in str(lost.reason)
    assert reports["lost"].status == "breaks"


def test_a_file_on_disk_is_run_in_place_of_a_release_from_an_index(up: Up, sandbox: Sandbox) -> None:
    world = up(KEEP, GONE)
    world.add("down", "1.0", {"down.py": "from up import gone\n"}, requires=["up<2"])
    wheel = world.wheels / "down-1.0-py3-none-any.whl"
    report = world.verify(str(wheel)).downstreams[0]
    assert report.status == "contained"
    assert report.verification is not None
    assert (report.verification.outcome, report.verification.sandbox) == ("reproduced", sandbox.name)


def test_a_run_that_was_killed_goes_on_where_it_was(up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    world = up(KEEP, GONE)
    for name in ("a", "b", "c"):
        world.add(name, "1.0", {f"{name}.py": "from up import gone\n"}, requires=["up"])
    ran: list[str] = []
    whole = engine.Run._verify

    def count(self: engine.Run, downstream: DownstreamReport) -> DownstreamReport:
        ran.append(downstream.name)
        if downstream.name == "c" and ran.count("c") == 1:
            raise KeyboardInterrupt
        return whole(self, downstream)

    monkeypatch.setattr(engine.Run, "_verify", count)
    with pytest.raises(KeyboardInterrupt):
        world.verify("a==1.0", "b==1.0", "c==1.0")
    outcomes = [
        d.verification.outcome for d in world.verify("a==1.0", "b==1.0", "c==1.0").downstreams if d.verification
    ]
    assert outcomes == ["reproduced"] * 3
    assert ran == ["a", "b", "c", "c"]
    world.verify("a==1.0", "b==1.0", "c==1.0")  # a complete run leaves nothing behind
    assert ran == ["a", "b", "c", "c", "a", "b", "c"]


def test_installed_files_cannot_be_changed_for_later_runs(up: Up) -> None:
    # Files of an environment share their content with the cache of the installer.
    world = up(KEEP, GONE)
    code = "import up\ntry:\n    open(up.__file__, 'a').write('gone = 1')\nexcept OSError:\n    pass\n"
    code += "from up import gone\n"
    for _ in range(2):
        report = world.verify_one(code)
        assert [f.verification.outcome for f in report.findings if f.verification] == ["reproduced"]


@pytest.mark.parametrize(
    ("attack", "word"),
    [
        ("import time; time.sleep(30)", "time limit"),
        ("while True: print('x' * 10000)", "output"),
        ("data = [bytearray(1 << 22) for _ in range(200)]", "memory"),
        ("open('/tmp/x', 'wb').write(bytes(40 << 20))", "disk"),
    ],
)
def test_an_import_that_takes_too_much_is_spurious_and_says_of_what(up: Up, attack: str, word: str) -> None:
    world = up("gone = 1\n", f"{attack}\n")
    limits = Limits(memory=200 << 20, disk=16 << 20, output=100_000)
    report = world.verify_one("from up import gone\n", timeout=3.0, limits=limits, level="smoke")
    seen = [f.verification for f in report.findings if f.verification]
    seen += list(report.verification.observations if report.verification else ())
    assert any(o.outcome == "spurious" and word in (o.reason or "") for o in seen), seen


def test_what_another_interpreter_alone_would_run_is_not_refuted(up: Up) -> None:
    code = "import sys\nif sys.version_info < (3, 6):\n    from up import gone\n"
    code += "if sys.platform == 'win32':\n    from up import gone\n"
    report = up(KEEP, GONE).verify_one(code)
    assert {f.verification.outcome for f in report.findings if f.verification} <= {"not-run", "reproduced"}


def test_a_signature_that_takes_anything_refutes_nothing(up: Up) -> None:
    old = "def call(a=1, **k): return inner(**k)\ndef inner(b=1): pass\n"
    new = "def call(a=1, **k): return inner(**k)\ndef inner(): pass\n"
    report = up(old, new).verify_one("import up\ndef f(x):\n    up.call(x, b=2)\n")
    assert "refuted" not in {f.verification.outcome for f in report.findings if f.verification}


def test_a_line_of_a_handler_that_may_never_run_is_not_reproduced_alone(up: Up) -> None:
    old = KEEP + "maps = open(__file__)\n"
    down = (
        "import up\ndef f(name):\n    try:\n        if name not in up.maps:\n            up.maps.register(name)\n"
        "    except (AttributeError, KeyError):\n        from up import gone\n"
    )
    report = up(old, old.replace("def gone(): pass\n", "")).verify_one(down)
    (finding,) = [f for f in report.findings if f.severity == "error" and "gone" in f.symbol]
    assert finding.condition is not None
    assert finding.condition_met is None
    assert finding.verification is not None
    assert finding.verification.outcome == "not-run"
    assert "whether it is reached is not known" in (finding.verification.reason or "")
