"""Rows in, their artifacts in the cache, fetched one by one and opened. Checks nothing; lists what could not be had.

python benchmarks/prefetch.py --rows FILE --git NAME=PATH
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from incident_rows import MissingCloneError, load_rows, row_specs
from incidents import DEFAULT_ROWS, parse_clone


def main(arguments: list[str] | None = None) -> int:
    """Exit status 1 when an artifact could not be had."""
    from tailrace.artifacts import open_release
    from tailrace.sources import Sources

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rows", type=Path, action="append", help="JSONL file of rows; repeatable")
    parser.add_argument("--git", action="append", type=parse_clone, default=[], metavar="NAME=PATH")
    options = parser.parse_args(arguments)
    specs: dict[str, str] = {}
    for path in options.rows or [DEFAULT_ROWS]:
        for row in load_rows(path):
            try:
                for spec in row_specs(row, dict(options.git)).all:
                    specs.setdefault(spec, row.id)
            except MissingCloneError as missing:
                print(f"{row.id}: no --git {missing}=PATH")
    sources = Sources()
    failed = 0
    for number, (spec, identifier) in enumerate(specs.items(), 1):
        try:
            artifact = open_release(spec, sources)
        except Exception as error:
            failed += 1
            print(f"{identifier} {spec}: {type(error).__name__}: {error}", flush=True)
            continue
        size = artifact.archive.stat().st_size / 2**20 if artifact.archive else 0
        counts = f"{len(artifact.python_files)} Python, {len(artifact.compiled_files)} compiled"
        left_out = f", {len(artifact.unreadable)} unreadable" if artifact.unreadable else ""
        print(f"[{number}/{len(specs)}] {spec} {artifact.kind} {size:.1f} MiB, {counts}{left_out}", flush=True)
    print(f"{len(specs)} artifacts, {failed} not to be had")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
