"""What the store costs: reading, asking, growing, size. Prints tables; every ratio is of one run on one machine.

    python benchmarks/store.py extract --lines 1000000 [--packages SITE-PACKAGES]
    python benchmarks/store.py ask --store DIR SYMBOL
    python benchmarks/store.py grow --store DIR --into DIR --times 100
    python benchmarks/store.py size --store DIR
    python benchmarks/store.py matrix UPSTREAM DOWNSTREAM --versions 20 [--sample 20]

`extract` sets the facts of real files against `ast.parse` of the same files, and against `griffe.load` of the same
packages, in processor time of one process. `ask` measures whole processes. `grow` writes a store with the rows of
another many times over, the top-level names changed, so that the answer about the first stays the same. `matrix` sets a
grid against the check of a sample of its pairs alone, and compares the verdicts.
"""

from __future__ import annotations

import argparse
import ast
import random
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import measure


def main() -> int:
    """Runs one benchmark."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    extract = commands.add_parser("extract")
    extract.add_argument("--lines", type=int, default=1_000_000)
    extract.add_argument(
        "--packages", type=Path, default=Path(next(p for p in sys.path if p.endswith("site-packages")))
    )
    extract.add_argument("--repeat", type=int, default=2)
    ask = commands.add_parser("ask")
    ask.add_argument("--store", required=True)
    ask.add_argument("--repeat", type=int, default=7)
    ask.add_argument("words", nargs="+", help="arguments of tailrace, such as: uses numpy.bool8")
    grow = commands.add_parser("grow")
    grow.add_argument("--store", required=True)
    grow.add_argument("--into", required=True)
    grow.add_argument("--times", type=int, default=100)
    size = commands.add_parser("size")
    size.add_argument("--store", required=True)
    matrix = commands.add_parser("matrix")
    matrix.add_argument("upstream")
    matrix.add_argument("downstream")
    matrix.add_argument("--versions", type=int, default=20)
    matrix.add_argument("--sample", type=int, default=20)
    options = parser.parse_args()
    return {"extract": run_extract, "ask": run_ask, "grow": run_grow, "size": run_size, "matrix": run_matrix}[
        options.command
    ](options)


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def run_extract(options: argparse.Namespace) -> int:
    """Facts against `ast.parse` and `griffe.load`."""
    import griffe

    from tailrace.scan.extract import extract

    warnings.simplefilter("ignore")
    packages = sorted(p.parent for p in options.packages.glob("*/__init__.py"))
    chosen: dict[Path, list[bytes]] = {}
    lines = 0
    for package in packages:
        data = [path.read_bytes() for path in sorted(package.rglob("*.py"))]
        chosen[package] = data
        lines += sum(one.count(b"\n") for one in data)
        if lines >= options.lines:
            break
    every = [one for data in chosen.values() for one in data]

    def parse() -> None:
        for one in every:
            try:
                ast.parse(one)
            except (SyntaxError, ValueError):
                continue

    def load() -> None:
        for package in chosen:
            try:
                griffe.load(
                    package.name,
                    search_paths=[str(options.packages)],
                    resolve_aliases=False,
                    allow_inspection=False,
                )
            except Exception:
                continue

    extract(b"import warm\n")
    parses = [_cpu(parse) for _ in range(options.repeat)]
    facts = [_cpu(lambda: [extract(one) for one in every]) for _ in range(options.repeat)]
    loads = [_cpu(load) for _ in range(options.repeat)]
    print(f"{len(chosen)} packages, {len(every)} files, {lines:,} lines; processor seconds, best of {options.repeat}")
    print(f"ast.parse    {min(parses):8.1f}")
    print(f"griffe.load  {min(loads):8.1f}")
    print(f"facts        {min(facts):8.1f}   {lines / min(facts):,.0f} lines/s")
    print(f"facts / ast.parse = {min(facts) / min(parses):.2f}   facts / griffe.load = {min(facts) / min(loads):.2f}")
    return 0


def run_ask(options: argparse.Namespace) -> int:
    """A question as a whole process."""
    command = [str(Path(sys.executable).with_name("tailrace")), *options.words, "--store", options.store]
    runs = [measure(command, (0, 1, 3)) for _ in range(options.repeat)]
    seconds, cpu = [run.seconds for run in runs], [run.cpu_seconds for run in runs]
    print(f"{' '.join(options.words)}: wall {min(seconds):.3f} s (median {statistics.median(seconds):.3f}), ", end="")
    print(f"processor {min(cpu):.3f} s, best of {options.repeat}")
    return 0


def run_grow(options: argparse.Namespace) -> int:
    """A store with the rows of another many times over."""
    import tempfile

    from tailrace.store.engine import Engine, literal
    from tailrace.store.fragments import keep, merge_rows, select
    from tailrace.store.manifest import Generation, commit
    from tailrace.store.rows import TABLES
    from tailrace.store.store import open_store

    source, target = open_store(options.store).snapshot(), open_store(options.into)
    fragments: list[Any] = []
    with tempfile.TemporaryDirectory() as folder, Engine(scratch=Path(folder), memory="6GB") as engine:
        for name, table in TABLES.items():
            made = []
            for number in range(options.times if name in ("uses", "contents", "files", "requires") else 1):
                path = Path(folder, f"{name}-{number}.parquet")
                mark = f"_{number}" if number else ""
                changed = {
                    "uses": f"file + {number} AS file, top || '{mark}' AS top, top || '{mark}' || "
                    "substr(path, length(top) + 1) AS path",
                    "contents": f"file + {number} AS file",
                    "files": f"file + {number} AS file",
                    "requires": f"name || '{mark}' AS name",
                }.get(name)
                text = f"SELECT * REPLACE ({changed})" if changed else "SELECT *"
                engine.run(
                    f"COPY ({text} FROM ({select(table, source.paths(name))}) ORDER BY {table.order}) "
                    f"TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)"
                )
                rows = engine.run(f"SELECT count(*) FROM read_parquet({literal(str(path))})")[0][0]
                if rows:
                    made.append(keep(target.place, name, path.read_bytes(), rows=rows, extractor=1, first="", last="~"))
                path.unlink()
            fragments += merge_rows(engine, target.place, table, made) if len(made) > 1 else made
    for fragment in source.generation.of("words"):
        path = source.place.local(fragment.name, fragment.sha256)
        fragments.append(keep(target.place, "words", path.read_bytes(), rows=fragment.rows, extractor=1))
    commit(target.place, lambda base: Generation(number=base.number, fragments=tuple(fragments)))
    print(f"{sum(f.rows for f in fragments if f.table == 'uses'):,} uses in {len(fragments)} fragments")
    return 0


def run_size(options: argparse.Namespace) -> int:
    """The store against the archives and sources that it was made of."""
    from tailrace.artifacts import open_release
    from tailrace.sources import Sources
    from tailrace.store.ask import artifacts
    from tailrace.store.store import open_store

    store, sources = open_store(options.store), Sources()
    unpacked = python = 0
    import zipfile

    for row in artifacts(store.snapshot()):
        artifact = open_release(row.spec, sources)
        python += sum((artifact.root / file).stat().st_size for file in artifact.python_files)
        if artifact.archive is not None and zipfile.is_zipfile(artifact.archive):
            with zipfile.ZipFile(artifact.archive) as archive:
                unpacked += sum(info.file_size for info in archive.infolist())
    size = sum(fragment.size for fragment in store.snapshot().generation.fragments)
    print(f"store {size / 1e6:.1f} MB; unpacked wheels {unpacked / 1e6:.0f} MB; Python sources {python / 1e6:.0f} MB")
    print(f"store / unpacked = {size / unpacked:.2%}   store / sources = {size / python:.2%}")
    return 0


def run_matrix(options: argparse.Namespace) -> int:
    """A grid against the check of a sample of its pairs."""
    import tempfile
    from dataclasses import replace

    from tailrace.check import CheckOptions, check
    from tailrace.matrix.choose import Wish, choose
    from tailrace.matrix.compute import Grid, compute
    from tailrace.sources import Sources, SourceSettings

    with tempfile.TemporaryDirectory() as folder:
        # Archives come from the usual cache; what is found out about them is not.
        there = Sources()
        wish = Wish(newest=options.versions)
        grid = Grid(
            options.upstream,
            options.downstream,
            choose(options.upstream, wish, there),
            choose(options.downstream, wish, there),
        )
        for name, versions in ((grid.upstream, grid.upstream_versions), (grid.downstream, grid.downstream_versions)):
            for version in versions:
                there.locate(f"{name}=={version}")
        sources = Sources(replace(SourceSettings(), cache_dir=Path(folder)))
        here = CheckOptions(in_process=True)
        fetched = {f"{grid.upstream}=={v}" for v in grid.upstream_versions}
        for spec in fetched | {f"{grid.downstream}=={v}" for v in grid.downstream_versions}:
            from tailrace.artifacts import open_release

            open_release(spec, sources)
        started = time.process_time()
        found = compute(grid, sources, here)
        whole = time.process_time() - started
        cells = [(row, cell) for row in found.rows for cell in row.cells if cell.how not in ("baseline", "none")]
        sample = random.Random(20).sample(cells, min(options.sample, len(cells)))
        alone, wrong = 0.0, []
        for row, cell in sample:
            started = time.process_time()
            report = check(
                f"{grid.upstream}=={cell.upstream}",
                f"{grid.upstream}=={row.baseline}",
                [f"{grid.downstream}=={cell.downstream}"],
                sources=sources,
                options=replace(here, ignore_bounds=True),
            )
            alone += time.process_time() - started
            works = {"clear": True, "breaks": False}.get(report.downstreams[0].status)
            if works is not cell.works:
                wrong.append((cell.downstream, cell.upstream, cell.works, works))
    each = alone / len(sample)
    print(f"{found.counts.cells} pairs, {found.counts.checks} checks, {whole:.1f} s of processor time")
    print(f"one pair alone {each:.2f} s, all alone {each * found.counts.cells:.0f} s (from a sample of {len(sample)})")
    print(f"alone / grid = {each * found.counts.cells / whole:.1f}; verdicts that differ: {wrong or 'none'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
