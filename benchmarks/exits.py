"""Runs commands over and over and counts how they ended: `python benchmarks/exits.py [--runs 100] [--json]`.

py-rattler's threads can outlive the interpreter and crash it at exit, in up to half of all short scripts. Whether the
cure holds shows only in many whole processes: each command is run one after the other, and its exit statuses counted.
A negative status is the signal that ended it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

HOTFIX = 'if: {name: ferry}\nthen:\n  - tighten_depends: {name: dock, upper_bound: "2.0"}\n'
BROKEN = "dock >=2 & ferry <2"


def make_channel(root: Path) -> Path:
    """A channel of three packages, where the newest of two breaks the third."""
    folder = root / "harbour" / "noarch"
    folder.mkdir(parents=True)
    packages: dict[str, Any] = {}
    for name, version, depends in (("dock", "1.0", []), ("dock", "2.0", []), ("ferry", "1.0", ["dock >=1"])):
        record = {"name": name, "version": version, "build": "0", "build_number": 0, "depends": depends}
        packages[f"{name}-{version}-0.conda"] = {**record, "subdir": "noarch", "timestamp": 1_650_000_000_000}
    content = {"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": packages}
    (folder / "repodata.json").write_text(json.dumps(content))
    (root / "hotfix.yaml").write_text(HOTFIX)
    return folder.parent


def commands(root: Path) -> dict[str, tuple[list[str], int]]:
    """Name → the arguments, and the exit status that they should have."""
    channel = str(make_channel(root))
    return {
        "exposure": (["exposure", "ferry", "-c", channel, "--broken", BROKEN], 1),
        "exposure --client mamba": (["exposure", "ferry", "-c", channel, "--broken", BROKEN, "--client", "mamba"], 1),
        "hotfix prove": (["hotfix", "prove", str(root / "hotfix.yaml"), "-c", channel, "--broken", BROKEN], 0),
        "replay": (["replay", "conda-4.13", "--format", "json"], 0),
    }


def main() -> int:
    """Print the table; exit 1 when any run ended otherwise than it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--only", help="the commands whose name holds this text")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (arguments, expected) in commands(Path(folder)).items():
            if options.only and options.only not in name:
                continue
            ended: Counter[int] = Counter()
            for _ in range(options.runs):
                done = subprocess.run([sys.executable, "-m", "tailrace", *arguments], capture_output=True, check=False)
                ended[done.returncode] += 1
                if done.returncode != expected:
                    print(f"{name}: ended with {done.returncode}", done.stderr.decode()[-500:], file=sys.stderr)
            rows[name] = {"expected": expected, "ended": dict(ended), "as_expected": ended[expected]}
            if not options.json:
                print(
                    f"{name:<26} {ended[expected]}/{options.runs} ended with {expected}; all: {dict(ended)}", flush=True
                )
    if options.json:
        print(json.dumps({"runs": options.runs, "commands": rows}, indent=1))
    return int(any(row["as_expected"] != options.runs for row in rows.values()))


if __name__ == "__main__":
    sys.exit(main())
