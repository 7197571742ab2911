"""Compares patched records with recorded results, and times a made-up index.

    python benchmarks/hotfix.py
    python benchmarks/hotfix.py --reference PATH/TO/conda-forge-repodata-patches-feedstock/recipe --json result.json

`--reference` is the `recipe` folder of a checkout of conda-forge's own implementation. It runs in a process of its own,
on the same documents and the same records; both are timed by the CPU, without loading documents or records.
"""

from __future__ import annotations

import argparse
import gzip
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec

from tailrace.hotfix import HotfixDocument, HotfixProgram, apply_documents, load_patches

BENCH = Path(__file__).resolve().parent.parent.parent / "shared" / "bench" / "hotfix"
SUBDIR = "linux-64"
DRIVER = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import patch_yaml_utils
records = json.load(open(sys.argv[2]))
start = time.process_time()
patch_yaml_utils.patch_yaml_edit_index(records, sys.argv[3])
seconds = time.process_time() - start
json.dump({"seconds": seconds, "records": records}, open(sys.argv[4], "w"))
"""


class Row(msgspec.Struct, frozen=True):
    """One recorded result."""

    subdir: str
    fn: str
    record: dict[str, Any]
    expected: dict[str, Any]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The result file. Seconds are CPU seconds; `ratio` is the reference's time over ours."""

    schema: str = "tailrace.benchmark.hotfix/1"
    documents: int
    load_seconds: float
    rows: int
    rows_equal: int
    rows_different: tuple[str, ...]
    records: int
    records_changed: int
    seconds: float
    reference_seconds: float | None = None
    reference_equal: int | None = None
    ratio: float | None = None


def compare_rows(documents: tuple[HotfixDocument, ...], rows: list[Row]) -> tuple[str, ...]:
    """The file names of the rows whose result is not the recorded one."""
    programs = {subdir: HotfixProgram(documents, subdir) for subdir in {row.subdir for row in rows}}
    return tuple(row.fn for row in rows if programs[row.subdir].run(row.record, row.fn).record != row.expected)


def make_index(rows: list[Row], size: int, seed: int = 1) -> dict[str, dict[str, Any]]:
    """Half the records are recorded ones with new file names, half are packages that no document names."""
    chance = random.Random(seed)
    index: dict[str, dict[str, Any]] = {}
    libraries = [f"library{number}" for number in range(400)]
    for number in range(size):
        if number % 2:
            row = rows[number // 2 % len(rows)]
            name, _, ending = row.fn.rpartition("-")
            index[f"{name}-{number}_{ending}"] = row.record
            continue
        name, version = (
            f"package{chance.randrange(9000)}",
            f"{chance.randrange(9)}.{chance.randrange(30)}.{chance.randrange(9)}",
        )
        depends = ["python >=3.10,<3.11.0a0", "python_abi 3.10.* *_cp310", "libgcc-ng >=12", "__glibc >=2.17,<3.0.a0"]
        depends += [
            f"{library} >={chance.randrange(1, 5)}.{chance.randrange(9)}" for library in chance.sample(libraries, 5)
        ]
        index[f"{name}-{version}-py310h{number}_0.conda"] = {
            "name": name,
            "version": version,
            "build": f"py310h{number}_0",
            "build_number": 0,
            "depends": depends,
            "subdir": SUBDIR,
            "timestamp": chance.randrange(1_500_000_000_000, 1_790_000_000_000),
        }
    return index


def time_ours(
    documents: tuple[HotfixDocument, ...], index: dict[str, dict[str, Any]], repeat: int = 3
) -> tuple[float, dict[str, Any]]:
    """The best of several runs, compiling the documents included, and the changed records."""
    best, changed = float("inf"), {}
    for _ in range(repeat):
        start = time.process_time()
        changed = dict(apply_documents(documents, index, SUBDIR).changed)
        best = min(best, time.process_time() - start)
    return best, changed


def time_reference(reference: Path, patches: Path, index: dict[str, dict[str, Any]]) -> tuple[float, dict[str, Any]]:
    """Seconds and all records after the reference ran over them once."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(reference / "patch_yaml_utils.py", folder)
        # The model only helps to explain a failure there; without it no more than yaml and packaging is needed.
        (folder / "patch_yaml_model.py").write_text("PatchYaml = dict\n")
        (folder / "patch_yaml").symlink_to(patches.resolve(), target_is_directory=True)
        (folder / "records.json").write_bytes(msgspec.json.encode(index))
        done = folder / "done.json"
        subprocess.run(
            [sys.executable, "-c", DRIVER, str(folder), str(folder / "records.json"), SUBDIR, str(done)], check=True
        )
        answer = msgspec.json.decode(done.read_bytes())
    return float(answer["seconds"]), answer["records"]


def run(rows_file: Path, patches: Path, records: int, reference: Path | None) -> Result:
    """Everything that was asked for."""
    start = time.process_time()
    documents = load_patches(patches)
    load_seconds = time.process_time() - start
    with gzip.open(rows_file) as file:
        rows = [msgspec.json.decode(line, type=Row) for line in file]
    different = compare_rows(documents, rows)
    index = make_index(rows, records)
    seconds, changed = time_ours(documents, index)
    result = Result(
        documents=len(documents),
        load_seconds=round(load_seconds, 3),
        rows=len(rows),
        rows_equal=len(rows) - len(different),
        rows_different=different,
        records=len(index),
        records_changed=len(changed),
        seconds=round(seconds, 3),
    )
    if reference is None:
        return result
    reference_seconds, after = time_reference(reference, patches, index)
    return msgspec.structs.replace(
        result,
        reference_seconds=round(reference_seconds, 3),
        reference_equal=sum(after[fn] == changed.get(fn, record) for fn, record in index.items()),
        ratio=round(reference_seconds / seconds, 1),
    )


def render(result: Result) -> str:
    """The result as text, the verdict first."""
    lines = [
        f"{result.rows_equal} of {result.rows} recorded results equal ({result.rows_equal / max(result.rows, 1):.2%})",
        *(f"  different: {fn}" for fn in result.rows_different[:20]),
        f"{result.documents} documents loaded in {result.load_seconds:.2f} s",
        f"{result.records} records patched in {result.seconds:.2f} s, {result.records_changed} changed",
    ]
    if result.reference_seconds is not None:
        lines.append(f"the reference took {result.reference_seconds:.2f} s: {result.ratio} times as long")
        lines.append(f"{result.reference_equal} of {result.records} records equal to the reference's")
    return "\n".join(lines)


def main() -> int:
    """Prints the result; 1 when something is not equal."""
    parser = argparse.ArgumentParser(description="Agreement and speed of the hotfix language.")
    parser.add_argument("--rows", type=Path, default=BENCH / "dev.jsonl.gz", help="recorded results, JSON lines, gzip")
    parser.add_argument("--patches", type=Path, default=BENCH / "patch_yaml", help="folder of hotfix documents")
    parser.add_argument("--records", type=int, default=100_000, help="how many records to time")
    parser.add_argument("--reference", type=Path, help="recipe folder of conda-forge's own implementation")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the result as JSON")
    options = parser.parse_args()
    for needed in (options.rows, options.patches):
        if not needed.exists():
            print(f"{needed} is not there; give --rows and --patches.", file=sys.stderr)
            return 2
    result = run(options.rows, options.patches, options.records, options.reference)
    print(render(result))
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(result)) + b"\n")
    return int(result.rows_equal != result.rows or result.reference_equal not in (None, result.records))


if __name__ == "__main__":
    sys.exit(main())
