"""What the store costs: reading, asking, growing, size. Prints tables; every ratio is of one run on one machine.

    python benchmarks/store.py extract --lines 1000000 [--packages SITE-PACKAGES]
    python benchmarks/store.py ask --store DIR [--against DIR] uses SYMBOL
    python benchmarks/store.py grow --store DIR --into DIR --times 100
    python benchmarks/store.py fetch [--into DIR]
    python benchmarks/store.py size --store DIR
    python benchmarks/store.py matrix UPSTREAM DOWNSTREAM --versions 20 [--sample 20]

`extract` sets the facts of real files against `ast.parse` of the same files, and against `griffe.load` of the same
packages, in processor time of one process. `fetch` makes the store of the releases that a dozen big applications bring.
`ask` measures whole processes, in turns with those that ask the store of `--against`. `grow` writes a store with the
rows of another many times over, the names of distributions, modules and identifiers changed, so that the answer about
the first stays the same. `matrix` sets a grid against the check of a sample of its pairs alone, and compares the
verdicts.
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
from typing import TYPE_CHECKING

import platformdirs

from measure import measure

if TYPE_CHECKING:
    from tailrace.model import DownstreamReport
    from tailrace.store.engine import Engine
    from tailrace.store.manifest import Fragment
    from tailrace.store.store import Snapshot, Store

#: Kept for all benchmarks. The archives are in the usual cache.
ECOSYSTEM = Path(platformdirs.user_cache_dir("tailrace-benchmark", appauthor=False)) / "ecosystem"
APPLICATIONS = (
    *("apache-airflow", "jupyterlab", "sphinx", "dask", "celery", "scikit-image", "httpie", "cookiecutter", "pelican"),
    *("notebook", "luigi", "sqlfluff"),
)


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
    ask.add_argument(
        "--against", help="a larger store, asked the same in turns; its times are divided by those of --store"
    )
    ask.add_argument("--repeat", type=int, default=7)
    ask.add_argument("words", nargs="+", help="arguments of tailrace, such as: uses numpy.bool8")
    grow = commands.add_parser("grow")
    grow.add_argument("--store", required=True)
    grow.add_argument("--into", required=True)
    grow.add_argument("--times", type=int, default=100)
    grow.add_argument("--at-most", type=int, default=-1, metavar="N", help="fragments to make before it stops")
    grow.add_argument("--scratch", type=Path, help="folder for what does not fit into memory")
    fetch = commands.add_parser("fetch")
    fetch.add_argument("--into", type=Path, default=ECOSYSTEM)
    fetch.add_argument("--uv", default="uv", help="the program uv")
    fetch.add_argument("--applications", nargs="+", default=APPLICATIONS)
    size = commands.add_parser("size")
    size.add_argument("--store", required=True)
    matrix = commands.add_parser("matrix")
    matrix.add_argument("upstream")
    matrix.add_argument("downstream")
    matrix.add_argument("--versions", type=int, default=20)
    matrix.add_argument("--sample", type=int, default=20)
    options = parser.parse_args()
    return {
        "extract": run_extract,
        "fetch": run_fetch,
        "ask": run_ask,
        "grow": run_grow,
        "size": run_size,
        "matrix": run_matrix,
    }[options.command](options)


def run_fetch(options: argparse.Namespace) -> int:
    """The releases that the environments of the applications bring, resolved with uv, and a store of them."""
    import subprocess

    options.into.mkdir(parents=True, exist_ok=True)
    releases: set[str] = set()
    for application in options.applications:
        asked = ["pip", "compile", "--python-version", "3.11", "--only-binary", ":all:", "-q", "--no-header"]
        done = subprocess.run(
            [options.uv, *asked, "--no-annotate", "-"], input=application, capture_output=True, text=True, check=True
        )
        releases.update(done.stdout.split("\n"))
    listed = options.into / "releases.txt"
    listed.write_text("\n".join(sorted(releases - {""})) + "\n", "utf-8")
    print(f"{len(releases - {''})} releases in {listed}")
    scan = [str(Path(sys.executable).with_name("tailrace")), "scan", "--from", str(listed)]
    return subprocess.run([*scan, "--store", str(options.into / "store")], check=False).returncode


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
    """A question as a whole process, of one store or of two in turns."""
    command = [str(Path(sys.executable).with_name("tailrace")), *options.words, "--store"]
    stores = [options.store, *([options.against] if options.against else [])]
    turns = [[measure([*command, store], (0, 1, 3)) for store in stores] for _ in range(options.repeat)]
    best: list[tuple[float, float]] = []
    for store, runs in zip(stores, zip(*turns, strict=True), strict=True):
        seconds, cpu = [run.seconds for run in runs], [run.cpu_seconds for run in runs]
        best.append((min(seconds), min(cpu)))
        print(f"{' '.join(options.words)} ({store}): wall {min(seconds):.3f} s ", end="")
        print(f"(median {statistics.median(seconds):.3f}), processor {min(cpu):.3f} s, best of {options.repeat}")
    if options.against:
        print(f"ratio: wall {best[1][0] / best[0][0]:.2f}, processor {best[1][1] / best[0][1]:.2f}")
    return 0


def run_grow(options: argparse.Namespace) -> int:
    """A store with the rows of another many times over: each copy of the ecosystem has names of its own, for its
    distributions, modules and identifiers. What is there is not made again, so that it can be stopped; `--at-most`
    stops it by itself. The largest table has a fragment for each partition, the others are merged as a scan merges
    them."""
    import tempfile

    import msgspec

    from tailrace.store.engine import Engine, literal
    from tailrace.store.fragments import bucket_of, keep, merge_rows, select
    from tailrace.store.manifest import Fragment, Generation, commit
    from tailrace.store.rows import BUCKETS, TABLES, WORDS, Table
    from tailrace.store.store import open_store

    source, target = open_store(options.store).snapshot(), open_store(options.into)
    parts = Path(options.into, "parts.json")
    parts.parent.mkdir(parents=True, exist_ok=True)
    done = msgspec.json.decode(parts.read_bytes(), type=dict[str, tuple[Fragment, ...]]) if parts.exists() else {}
    times, made = options.times, 0
    copies = f"(SELECT unnest(range({times})) AS copy)"
    mark = "CASE WHEN copy = 0 THEN '' ELSE '_' || copy END"
    first = r"'^([A-Za-z0-9][A-Za-z0-9._-]*)'"

    def marked(column: str) -> str:
        return f"regexp_replace({column}, {first}, '\\1' || {mark}) AS {column}"

    def each_marked(column: str) -> str:
        return f"list_transform({column}, one -> regexp_replace(one, {first}, '\\1' || {mark})) AS {column}"

    package = f"regexp_replace(path, '^([^/.]+)', '\\1' || {mark}) AS path"
    module = f"regexp_replace(module, '^([^.]+)', '\\1' || {mark}) AS module"
    changed = {
        "uses": f"file + copy AS file, top || {mark} AS top, top || {mark} || substr(path, length(top) + 1) AS path",
        "contents": f"file + copy AS file, artifact + copy AS artifact, {package}, {module}",
        "files": "file + copy AS file",
        "requires": f"name || {mark} AS name, artifact + copy AS artifact, {marked('text')}",
        "artifacts": f"artifact + copy AS artifact, name || {mark} AS name, {marked('spec')}, {marked('filename')}, "
        f"{each_marked('import_names')}, {each_marked('requires')}",
        "failures": "spec AS spec",
    }
    with (
        tempfile.TemporaryDirectory(dir=options.scratch) as folder,
        Engine(scratch=Path(folder), memory="4GB") as engine,
    ):
        path = Path(folder, "fragment.parquet")

        def write(table: Table, rows: str, buckets: tuple[int, int], level: int) -> tuple[Fragment, ...]:
            """The rows as one fragment; none for no rows."""
            fields = ", ".join(f'"{column}"' for column in table.columns)
            engine.run(
                f"COPY (SELECT {fields} FROM (SELECT * REPLACE ({changed[table.name]}) FROM {rows}) "
                f"ORDER BY {table.order}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd, "
                "COMPRESSION_LEVEL 3)"
            )
            edge = f'"{table.partition}"' if table.partition else table.order.partition(",")[0]
            count, lowest, highest = engine.run(
                f"SELECT count(*), min({edge}), max({edge}) FROM read_parquet({literal(str(path))})"
            )[0]
            data = path.read_bytes()
            path.unlink()
            if not count:
                return ()
            extractor = source.generation.fragments[0].extractor
            kept = keep(
                target.place,
                table.name,
                data,
                rows=count,
                extractor=extractor,
                level=level,
                first=str(lowest),
                last=str(highest),
                buckets=buckets,
            )
            return (kept,)

        tops = [
            top for (top,) in engine.run(f"SELECT DISTINCT top FROM ({select(TABLES['uses'], source.paths('uses'))})")
        ]
        engine.run("CREATE TEMP TABLE buckets (top VARCHAR, copy BIGINT, bucket INTEGER)")
        lines = Path(folder, "buckets.ndjson")
        rows = [
            {"top": top, "copy": n, "bucket": bucket_of(f"{top}_{n}" if n else top)}
            for top in tops
            for n in range(times)
        ]
        lines.write_bytes(msgspec.json.Encoder().encode_lines(rows))
        engine.run(f"INSERT INTO buckets SELECT * FROM read_json({literal(str(lines))}, format='newline_delimited')")
        keys = [*(f"uses-{bucket}" for bucket in range(BUCKETS)), *(name for name in TABLES if name != "uses"), WORDS]
        for key in keys:
            if key in done:
                continue
            if made == options.at_most:
                print(f"{len(done)} of {len(keys)} parts are there; run it again to go on")
                return 0
            made += 1
            name, _, number = key.partition("-")
            if name == WORDS:
                done[key] = _grow_words(engine, source, target, times, path)
            else:
                everything = f"({select(TABLES[name], source.paths(name))})"
                if number:
                    chosen = f"{everything} JOIN buckets USING (top) WHERE bucket = {number}"
                    done[key] = write(TABLES[name], chosen, (int(number), int(number)), 1)
                else:
                    whole = write(TABLES[name], f"{everything}, {copies}", (0, BUCKETS - 1), 0)
                    done[key] = tuple(merge_rows(engine, target.place, TABLES[name], whole)) if whole else ()
            parts.write_bytes(msgspec.json.encode(done))
    fragments = tuple(fragment for held in done.values() for fragment in held)
    commit(target.place, lambda base: Generation(number=base.number, fragments=fragments))
    print(f"{sum(f.rows for f in fragments if f.table == 'uses'):,} uses in {len(fragments)} fragments")
    return 0


def _grow_words(engine: Engine, source: Snapshot, target: Store, times: int, path: Path) -> tuple[Fragment, ...]:
    """The posting lists many times over, the words of each copy with its number."""
    from tailrace.store.engine import literal
    from tailrace.store.fragments import keep, merge_words
    from tailrace.store.rows import WORDS

    held = source.generation.of(WORDS)
    one = merge_words(engine, source.place, held)[0] if len(held) > 1 else held[0]
    read = f"read_parquet({literal(str(source.place.local(one.name, one.sha256)))})"
    copies = f"(SELECT unnest(range({times})) AS copy)"
    count = engine.run(f"SELECT len(keys) FROM {read} WHERE word = ''")[0][0]
    files = f"SELECT copy, list_transform(keys, key -> key + copy) AS keys FROM {read}, {copies} WHERE word = ''"
    numbered = f"list_transform(files, place -> CAST(place + copy * {count} AS INTEGER))"
    named = "CASE WHEN copy = 0 THEN word ELSE word || '_' || copy END"
    engine.run(
        "COPY (SELECT * FROM (SELECT '' AS word, CAST([] AS INTEGER[]) AS files, "
        f"flatten(list(keys ORDER BY copy)) AS keys FROM ({files}) UNION ALL "
        f"SELECT {named}, {numbered}, NULL FROM {read}, {copies} WHERE word <> '') ORDER BY word) "
        f"TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION v2, COMPRESSION_LEVEL 3)"
    )
    rows = engine.run(f"SELECT count(*) FROM read_parquet({literal(str(path))})")[0][0]
    data = path.read_bytes()
    path.unlink()
    return (keep(target.place, WORDS, data, rows=rows, extractor=one.extractor, level=one.level),)


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


def _verdict_on_code(report: DownstreamReport) -> bool | None:
    """What a check of one pair says of the code. That the candidate offers fewer wheels is a doubt of its own, which a
    grid does not have."""
    doubts = [note for note in report.notes if "offers no wheel" not in note]
    if report.status == "possible" and report.notes and not doubts and not report.findings:
        return True
    return {"clear": True, "breaks": False}.get(report.status)


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
            works = _verdict_on_code(report.downstreams[0])
            if works is not cell.works:
                wrong.append((cell.downstream, cell.upstream, cell.works, works))
    each = alone / len(sample)
    print(f"{found.counts.cells} pairs, {found.counts.checks} checks, {whole:.1f} s of processor time")
    print(f"one pair alone {each:.2f} s, all alone {each * found.counts.cells:.0f} s (from a sample of {len(sample)})")
    print(f"alone / grid = {each * found.counts.cells / whole:.1f}; verdicts that differ: {wrong or 'none'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
