"""Measures what a second job gains: `python benchmarks/jobs.py nightly` or `python benchmarks/jobs.py smoke`.

`nightly` runs twelve cells of four projects of an index; `smoke` verifies the first twenty downstreams of
`speed_downstreams.txt` with click 8.1.0. Each is run once to fill the caches, then with two jobs and with one in turn,
and the seconds by the clock are set against each other. Only an otherwise idle machine gives a meaningful ratio.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECTS = (
    ("click", "8.1.7", "8.1.8"),
    ("flask", "3.0.2", "3.0.3"),
    ("werkzeug", "3.0.1", "3.0.6"),
    ("jinja2", "3.1.2", "3.1.4"),
)


def configure_nightly(folder: Path) -> list[str]:
    """Write `nightly.toml` and return the command that runs its twelve cells of a canary with one release."""
    lines = ['schema = "tailrace.nightly-config/1"', 'budget = "90m"']
    command = ["nightly", "run", "--quiet"]
    for name, release, canary in PROJECTS:
        lines += ["[[projects]]", f'name = "{name}"', f'canary = "{name}=={canary}"']
        lines += [f'releases = ["{name}=={release}"]']
        for other, its_release, _ in PROJECTS:
            if other != name:
                command += ["--only", f"{name}=={canary} instead of {name}=={release}, with {other}=={its_release}"]
    (folder / "nightly.toml").write_text("\n".join(lines) + "\n")
    return command


def configure_smoke(folder: Path) -> list[str]:
    """Write the requirements and return the command that verifies them at `smoke`."""
    downstreams = (HERE / "speed_downstreams.txt").read_text().splitlines()[:20]
    (folder / "requirements.txt").write_text("\n".join(downstreams) + "\n")
    words = "verify click==8.1.0 --baseline click==8.0.4 --level smoke --ignore-bounds --quiet --downstream-from"
    return [*words.split(), str(folder / "requirements.txt")]


def measure(command: list[str], folder: Path, jobs: int, run: int) -> float:
    """The seconds that a command takes in a folder without earlier results."""
    here = folder / f"run-{run}"
    here.mkdir()
    for file in folder.glob("*.t*"):
        (here / file.name).write_bytes(file.read_bytes())
    started = time.monotonic()
    subprocess.run(
        [sys.executable, "-P", "-m", "tailrace", *command, "--jobs", str(jobs)],
        cwd=here,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return time.monotonic() - started


def main() -> None:
    """Print the best time with two jobs and with one, and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("nightly", "smoke"))
    parser.add_argument("--repeat", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = configure_nightly(folder) if options.what == "nightly" else configure_smoke(folder)
        measure(command, folder, 2, 0)
        seconds: dict[int, list[float]] = {1: [], 2: []}
        for run in range(1, 2 * options.repeat + 1):
            jobs = 2 if run % 2 else 1
            seconds[jobs].append(measure(command, folder, jobs, run))
        one, two = min(seconds[1]), min(seconds[2])
        print(f"{options.what}: one job {one:.1f} s, two jobs {two:.1f} s, {one / two:.2f} x, best of {options.repeat}")


if __name__ == "__main__":
    main()
