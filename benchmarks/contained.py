"""Replays a release of conda with the records of a channel that keep an old mamba away from it.

    python benchmarks/contained.py --conda PATH_OF_CONDA --mamba PATH_OF_MAMBA

mamba 1.5.12 breaks with conda 25.3 and later. Its git tree says nothing of conda, which is not a wheel, so the sources
alone stop the release. The record of conda-forge says `conda >=24,<25`. The channel is reconstructed from that fact: it
holds these two packages alone, with the days of their tags as timestamps.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path


def record(name: str, version: str, depends: list[str], day: str) -> dict[str, object]:
    """A record without files."""
    moment = int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)
    return {
        "name": name, "version": version, "build": "0", "build_number": 0, "depends": depends, "subdir": "noarch",
        "timestamp": moment, "md5": "0" * 32, "sha256": "0" * 64, "size": 1,
    }  # fmt: skip


def write_channel(folder: Path, release: str) -> None:
    """The reconstructed channel."""
    packages = {
        f"conda-{release}-0.conda": record("conda", release, [], "2025-03-01"),
        "mamba-1.5.12-0.conda": record("mamba", "1.5.12", ["conda >=24,<25"], "2025-01-02"),
    }
    data = {"info": {"subdir": "noarch"}, "packages": {}, "packages.conda": packages, "repodata_version": 1}
    (folder / "noarch").mkdir(parents=True)
    (folder / "noarch" / "repodata.json").write_text(json.dumps(data))


def main() -> int:
    """Runs the replay without and with the records."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conda", required=True)
    parser.add_argument("--mamba", required=True)
    parser.add_argument("--release", default="25.3.0")
    options = parser.parse_args()
    series = options.release.rpartition(".")[0]
    command = [
        str(Path(sys.executable).parent / "tailrace"), "gate", "replay", "--repo", f"conda={options.conda}",
        "--repo", f"mamba={options.mamba}#subdirectory=mamba", "--since", series, "--until", series,
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        write_channel(Path(folder) / "channel", options.release)
        for more in ([], ["--channel", f"conda-forge={folder}/channel"]):
            print("with the records of the channel:" if more else "from the sources alone:", flush=True)
            subprocess.run([*command, *more], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
