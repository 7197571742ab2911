"""Another Python and other packages than the upstream: what they cause is said to be theirs."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from verify_world import World

from tailrace.model import Finding, Observation
from tailrace.verify import downstream as room
from tailrace.verify.environments import Pair
from tailrace.verify.errors import VerifyError

pytestmark = pytest.mark.usefixtures("sandbox")
Up = Callable[[str, str], World]


def test_a_failure_of_a_package_that_had_to_move_is_said_to_be_its_own(world: World) -> None:
    # The new release of `up` needs a newer `side`, and that is what fails.
    world.add("side", "1.0", {"side.py": "def start(): pass\n"})
    world.add("side", "2.0", {"side.py": "def start(): raise RuntimeError('side is at fault')\n"})
    world.add("up", "1.0", {"up.py": "import side\ndef gone(): pass\nside.start()\n"}, requires=["side<2"])
    world.add("up", "2.0", {"up.py": "import side\nside.start()\n"}, requires=["side>=2"])
    report = world.verify_one("from up import gone\n")
    assert report.verification is not None
    assert report.verification.moved == ("side 1.0 -> 2.0",)
    (finding,) = [f for f in report.findings if f.severity == "error"]
    assert finding.verification is not None
    assert finding.verification.outcome == "not-run"
    assert "it fails in side 2.0, which had to move with the upstream" in str(finding.verification.reason)


def test_the_failure_of_the_upstream_stays_its_own_though_another_package_moved(world: World) -> None:
    world.add("side", "1.0", {"side.py": ""})
    world.add("side", "2.0", {"side.py": ""})
    world.add("up", "1.0", {"up.py": "def gone(): pass\n"}, requires=["side<2"])
    world.add("up", "2.0", {"up.py": ""}, requires=["side>=2"])
    report = world.verify_one("from up import gone\n")
    (finding,) = [f for f in report.findings if f.severity == "error"]
    assert finding.verification is not None
    assert finding.verification.outcome == "reproduced"


OLDER = "import sys\nif sys.version_info < (3, 8):\n    from up import gone\n"


def test_a_finding_that_only_an_older_python_meets_is_tried_with_one(up: Up, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []

    def other(self: room.Runner, make: object, pythons: tuple[str, ...]) -> Pair | None:
        asked.append(pythons)
        return None

    monkeypatch.setattr(room.Runner, "_other_pair", other)
    world = up("def keep(): pass\ndef gone(): pass\n", "def keep(): pass\n")
    report = world.verify_one(OLDER)
    (finding,) = report.findings
    assert finding.pythons
    assert "3.8" not in finding.pythons
    assert asked == [finding.pythons]
    assert finding.verification is not None
    assert finding.verification.outcome == "not-run"


def test_a_finding_that_only_an_older_python_meets_is_reproduced_where_there_is_one(up: Up) -> None:
    world = up("def keep(): pass\ndef gone(): pass\n", "def keep(): pass\n")
    report = world.verify_one(OLDER)
    (finding,) = report.findings
    assert finding.verification is not None
    assert report.verification is not None
    if not report.verification.notes:
        pytest.skip("this machine has no Python 3.7 or older")
    assert finding.verification.outcome == "reproduced"
    assert "run with Python 3." in report.verification.notes[0]


def test_the_newest_series_that_can_be_set_up_is_taken() -> None:
    tried: list[str | None] = []

    def make(more: object = (), python: str | None = None) -> Pair:
        tried.append(python)
        raise VerifyError("there is none")

    assert room.Runner._other_pair(None, make, ("3.5", "3.6", "3.7", "3.10")) is None  # type: ignore[arg-type]
    assert tried == ["3.10", "3.7", "3.6"]


def test_what_was_run_is_not_run_again() -> None:
    finding = Finding(rule="name-removed", confidence="certain", severity="error", symbol="up.a", file="a.py", line=1)
    seen = Observation(outcome="not-run", reason="the condition")
    rows = [((), seen, False), (("3.7",), None, False), (("3.7",), seen, True), (("3.7", "3.11"), seen, False)]
    for pythons, verification, unmet in rows:
        one = msgspec.structs.replace(finding, pythons=pythons, verification=verification)
        assert room._is_unmet(one, "3.11") is unmet
