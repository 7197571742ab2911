"""A run that is killed at a random moment: a second one continues, and says the same as one that was left alone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from verify_world import World

pytestmark = pytest.mark.usefixtures("sandbox")
NAMES = ("a", "b", "c", "d")
_PROGRAM = """\
import sys
from pathlib import Path
from verify_world import World
from tailrace.verify import Feed, VerifyOptions, verify_report
import msgspec
world = World.__new__(World)
world.open(Path(sys.argv[1]))
report = world.verify(*(f"{name}==1.0" for name in sys.argv[2:]))
print(msgspec.json.encode([[d.name, d.status, d.verification.outcome] for d in report.downstreams]).decode())
"""


def start(folder: Path) -> subprocess.Popen[str]:
    paths = os.pathsep.join((str(Path(__file__).parent), str(Path(__file__).parents[1])))
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(folder), *NAMES],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize("seed", range(2))
def test_a_run_that_is_killed_at_any_moment_is_continued(seed: int, world: World, tmp_path: Path) -> None:
    world.add("up", "1.0", {"up.py": "def keep(): pass\ndef gone(): pass\n"})
    world.add("up", "2.0", {"up.py": "def keep(): pass\n"})
    for name in NAMES:
        world.add(name, "1.0", {f"{name}.py": "from up import gone\n"}, requires=["up"])
    chance = random.Random(seed)
    for _ in range(2):
        process = start(tmp_path)
        time.sleep(chance.uniform(0.5, 6))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    process = start(tmp_path)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert json.loads(out) == [[name, "breaks", "reproduced"] for name in NAMES]


def test_nothing_of_a_killed_run_is_left_alive(world: World, tmp_path: Path) -> None:
    psutil = pytest.importorskip("psutil")
    world.add("up", "1.0", {"up.py": "def gone(): pass\n"})
    world.add("up", "2.0", {"up.py": "import time\ntime.sleep(250)\n"})
    world.add("a", "1.0", {"a.py": "from up import gone\n"}, requires=["up"])
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(tmp_path), "a"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent), str(Path(__file__).parents[1])))},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    parent = psutil.Process(process.pid)

    def started() -> bool:
        return any(p.name().startswith("bwrap") for p in parent.children(recursive=True))

    deadline = time.monotonic() + 120
    while not started() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    children = parent.children(recursive=True)
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = [p for p in children if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert not left
