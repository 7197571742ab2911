"""Level `test`: what a downstream's own tests show, with the baseline as control."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from verify_world import World

from support.wheels import write_installed_wheel, write_sdist
from tailrace.model import DownstreamReport

pytestmark = pytest.mark.usefixtures("sandbox")
Up = Callable[[str, str], World]

# A break that neither a check nor an import sees: another value.
OLD, NEW = "def answer(): return 42\n", "def answer(): return int('43') - 2 + 2\n"
DOWN = "import up\ndef asked(): return up.answer()\n"
FLAKY = "import os, random\ndef answer():\n    return 42 if os.urandom(1)[0] % 2 else 43\n"


@pytest.fixture
def pytest_wheels(world: World) -> World:
    for name in ("pytest", "pluggy", "iniconfig", "packaging", "pygments"):
        write_installed_wheel(world.wheels, name)
    return world


def run(world: World, files: dict[str, str], down: str = DOWN, **options: object) -> DownstreamReport:
    world.add("down", "1.0", {"down.py": down}, requires=["up"])
    write_sdist(world.wheels, "down", "1.0", {"down.py": down, **files})
    return world.verify(level="test", python="{}.{}".format(*sys.version_info), **options).downstreams[0]


# files of the sdist, the outcomes at level test, a word of a reason
SUITES: dict[str, tuple[dict[str, str], set[str], str]] = {
    "a test that fails with the candidate": (
        {"tests/test_it.py": "import down\ndef test_it(): assert down.asked() == 42\n"},
        {"new", "refuted"},
        "tests/test_it.py::test_it fails with the candidate alone",
    ),
    "tests at the top": (
        {"test_it.py": "import down\ndef test_it(): assert down.asked() == 42\n"},
        {"new", "refuted"},
        "test_it.py::test_it fails",
    ),
    "a test file that cannot be imported any more": (
        {
            "tests/test_it.py": "import down\nassert down.asked() == 42\ndef test_it(): pass\n",
            "tests/test_b.py": "def test_b(): pass\n",
        },
        {"new", "refuted"},
        "test_it.py",
    ),
    "tests that do not care": (
        {"tests/test_it.py": "import down\ndef test_it(): assert down.asked() > 40\n"},
        {"refuted"},
        "1 tests pass with the candidate, 1 with the baseline",
    ),
    "a test that fails with both": (
        {"tests/test_it.py": "import down\ndef test_a(): assert not down.asked()\ndef test_b(): pass\n"},
        {"refuted"},
        "1 tests pass with the candidate, 1 with the baseline",
    ),
    "tests that do not run with the baseline": (
        {"tests/test_it.py": "import nowhere\ndef test_it(): pass\n"},
        {"broken-before"},
        "do not run with the baseline",
    ),
    "no tests": ({"README": "none\n"}, {"not-run"}, "holds no tests"),
    "options of a plug-in that is not there": (
        {
            "pytest.ini": "[pytest]\naddopts = --cov=down\n",
            "tests/test_it.py": "import down\ndef test_it(): assert down.asked() == 42\n",
        },
        {"new", "refuted"},
        "test_it fails",
    ),
}


@pytest.mark.parametrize("name", SUITES)
def test_the_tests_of_a_source_distribution_are_run_with_both_releases(name: str, up: Up, pytest_wheels: World) -> None:
    files, outcomes, word = SUITES[name]
    report = run(up(OLD, NEW), files)
    assert report.verification is not None
    seen = [o for o in report.verification.observations if o.level == "test"]
    seen += [f.verification for f in report.findings if f.verification and f.verification.level == "test"]
    assert {o.outcome for o in seen} == outcomes, seen
    assert any(word in (o.reason or "") for o in seen), seen
    assert report.status == ("breaks" if "new" in outcomes else "clear")


def test_a_failing_test_proves_the_finding_whose_line_it_passes(up: Up, pytest_wheels: World) -> None:
    world = up("def keep(): pass\ndef gone(): pass\n", "def keep(): pass\n")
    tests = {"tests/test_it.py": "import down\ndef test_it(): down.f()\n"}
    report = run(world, tests, "def f():\n    from up import gone\n")
    (finding,) = report.findings
    assert finding.verification is not None
    assert finding.verification.outcome == "reproduced"


def test_a_test_that_fails_now_and_then_is_flaky(up: Up, pytest_wheels: World) -> None:
    tests = {"tests/test_it.py": "import down\ndef test_it():\n    assert all(down.asked() == 42 for _ in range(3))\n"}
    tests["tests/test_it.py"] += "".join(f"def test_{n}(): assert down.asked() == 42\n" for n in range(12))
    report = run(up(OLD, FLAKY), tests, repeat=5)
    assert report.verification is not None
    assert "flaky" in {o.outcome for o in report.verification.observations}


# command, outcome
COMMANDS = {
    "python -c 'import down; assert down.asked() == 42'": "new",
    "python -c 'import down; down.asked()'": "refuted",
    "false": "broken-before",
    "test -f data.txt && python -c 'import down; assert down.asked() == 42'": "new",
    "echo x > data.txt": "refuted",
    "down-is-not-a-command": "broken-before",
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_configured_command_takes_the_place_of_the_tests(command: str, up: Up) -> None:
    report = run(up(OLD, NEW), {"data.txt": "1\n"}, test_commands=(command,))
    assert report.verification is not None
    seen = [o for o in report.verification.observations if o.level == "test"]
    seen += [f.verification for f in report.findings if f.verification and f.verification.level == "test"]
    assert [o.outcome for o in seen] == [COMMANDS[command]], seen
