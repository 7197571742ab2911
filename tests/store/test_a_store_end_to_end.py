"""Small wheels scanned into a store, asked, verified, collected and exported."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest

from support.wheels import write_wheel
from tailrace.scan.run import ScanOptions, ScanReport, scan
from tailrace.sources import Sources, SourceSettings
from tailrace.store import Store, open_store
from tailrace.store.ask import dependents, uses_of
from tailrace.store.engine import Engine
from tailrace.store.errors import DamagedStoreError
from tailrace.store.manifest import seal

HERE = ScanOptions(in_process=True, upload_times=False)


def wheel(folder: Path, name: str, version: str, source: str, **more: object) -> str:
    return str(write_wheel(folder, name, version, {f"{name}/__init__.py": source, f"{name}/same.py": "import os\n"}))


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return Sources(SourceSettings(offline=True, cache_dir=tmp_path / "cache"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "store"))


def scanned(store: Store, sources: Sources, *specs: str) -> ScanReport:
    return scan(specs, store, sources, HERE)


def test_who_uses_a_symbol(tmp_path: Path, store: Store, sources: Sources) -> None:
    one = wheel(tmp_path, "one", "1.0", "import up\nup.gone(1, key=2)\n")
    two = wheel(tmp_path, "two", "1.0", "from up import gone\n")
    three = wheel(tmp_path, "three", "1.0", "from up import *\n")
    four = wheel(tmp_path, "four", "1.0", "import up\nup.gone_too\n")
    report = scanned(store, sources, one, two, three, four)
    assert (report.counts.scanned, report.counts.failed) == (4, 0)
    found = uses_of(store.snapshot(), "up.gone")
    assert [(use.downstream, use.path, use.kind) for use in found] == [
        ("one", "up.gone", "call"),
        ("three", "up.*", "from-import"),
        ("two", "up.gone", "from-import"),
    ]
    assert found[0].keywords == ("key",)
    assert found[0].file == "one/__init__.py"


def test_what_the_store_has_is_not_read_again(tmp_path: Path, store: Store, sources: Sources) -> None:
    first = wheel(tmp_path, "one", "1.0", "import up\n")
    second = wheel(tmp_path, "one", "2.0", "import up\nup.more\n")
    assert scanned(store, sources, first).counts.files_read == 2
    again = scanned(store, sources, first, second)
    assert (again.counts.known, again.counts.scanned) == (1, 1)
    assert (again.counts.files_read, again.counts.files_known) == (1, 1)  # same.py is the same
    uses = uses_of(store.snapshot(), "up")
    assert [(use.version, use.path) for use in uses] == [("1.0", "up"), ("2.0", "up"), ("2.0", "up.more")]


def test_the_content_does_not_depend_on_how_it_was_made(tmp_path: Path, sources: Sources) -> None:
    wheels = [wheel(tmp_path, f"p{i}", "1.0", f"import up{i}\n") for i in range(8)]
    at_once, by_ones, merged = (open_store(str(tmp_path / name)) for name in ("a", "b", "c"))
    scanned(at_once, sources, *wheels)
    for one in reversed(wheels):
        scanned(by_ones, sources, one)
    scanned(merged, sources, *wheels[:4])
    scanned(merged, sources, *wheels[3:])
    merged.merge(everything=True)
    contents = {store.info().content for store in (at_once, by_ones, merged)}
    assert len(contents) == 1
    other = open_store(str(tmp_path / "d"))
    scanned(other, sources, *wheels[:7])
    assert other.info().content not in contents


def test_what_cannot_be_read_is_recorded_and_stops_nothing(tmp_path: Path, store: Store, sources: Sources) -> None:
    good = wheel(tmp_path, "one", "1.0", "import up\n")
    broken = tmp_path / "bad-1.0-py3-none-any.whl"
    broken.write_bytes(b"no archive")
    report = scanned(store, sources, str(broken), good, str(tmp_path / "none-1.0-py3-none-any.whl"))
    assert (report.counts.scanned, report.counts.failed) == (1, 2)
    assert {failure.stage for failure in report.failures} <= {"find", "open"}
    assert all(failure.reason for failure in report.failures)
    stopped = scan([str(broken), good], store, sources, ScanOptions(in_process=True, max_failures=0))
    assert stopped.stopped is not None
    assert stopped.counts.not_reached == 1


def test_who_requires_a_distribution(tmp_path: Path, store: Store, sources: Sources) -> None:
    path = write_wheel(tmp_path, "one", "1.0", {"one.py": "x = 1\n"}, requires=["Up.Stream>=1; python_version<'4'"])
    scanned(store, sources, str(path))
    ((row, texts),) = dependents(store.snapshot(), "up-stream")
    assert (row.name, texts) == ("one", ("Up.Stream>=1; python_version<'4'",))
    assert dependents(store.snapshot(), "up") == []


@pytest.mark.parametrize("table", ["uses", "words", "artifacts", "contents", "files"])
def test_a_flipped_bit_is_found(tmp_path: Path, store: Store, sources: Sources, table: str) -> None:
    scanned(store, sources, wheel(tmp_path, "one", "1.0", "import up\n"))
    assert store.verify().problems == ()
    (fragment,) = store.snapshot().generation.of(table)
    path = tmp_path / "store" / fragment.name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(bytes(data))
    assert [problem.name for problem in store.verify().problems] == [fragment.name]
    with pytest.raises(DamagedStoreError, match="hash"):
        store.snapshot().paths(table)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("/etc/passwd", id="an absolute path"),
        pytest.param("../fragments/uses-0.parquet", id="a path out of the store"),
        pytest.param("fragments/../../x.parquet", id="a path out of a folder of the store"),
        pytest.param("fragments/*.parquet", id="a pattern"),
        pytest.param("http://127.0.0.1:9/x.parquet", id="an address"),
        pytest.param("fragments/..", id="the store itself"),
    ],
)
def test_a_generation_that_names_files_elsewhere_is_not_believed(
    tmp_path: Path, store: Store, sources: Sources, name: str
) -> None:
    scanned(store, sources, wheel(tmp_path, "one", "1.0", "import up\n"))
    generation = store.snapshot().generation
    forged = msgspec.structs.replace(generation.fragments[0], name=name)
    (path,) = (tmp_path / "store" / "generations").iterdir()
    path.write_bytes(seal(msgspec.structs.replace(generation, fragments=(forged, *generation.fragments[1:]))))
    for ask in (store.snapshot, store.verify, lambda: store.collect(minimum_age=0)):
        with pytest.raises(DamagedStoreError, match="not a part of a store"):
            ask()


def test_a_pipe_in_the_place_of_a_fragment_is_missing(tmp_path: Path, store: Store, sources: Sources) -> None:
    scanned(store, sources, wheel(tmp_path, "one", "1.0", "import up\n"))
    fragment = store.snapshot().generation.fragments[0]
    path = tmp_path / "store" / fragment.name
    path.unlink()
    os.mkfifo(path)
    assert [(problem.name, problem.problem) for problem in store.verify().problems] == [(fragment.name, "is missing")]


def test_a_generation_with_a_flipped_bit_is_not_believed(tmp_path: Path, store: Store, sources: Sources) -> None:
    scanned(store, sources, wheel(tmp_path, "one", "1.0", "import up\n"))
    (path,) = (tmp_path / "store" / "generations").iterdir()
    text = path.read_text()
    path.write_text(text.replace('"rows":2', '"rows":3', 1))
    with pytest.raises(DamagedStoreError, match="hash"):
        store.snapshot()


def test_what_nothing_refers_to_is_collected(tmp_path: Path, store: Store, sources: Sources) -> None:
    for i in range(7):
        scanned(store, sources, wheel(tmp_path, f"p{i}", "1.0", f"import up{i}\n"))
    before = store.info().content
    young = store.collect(keep_last=1)
    assert (young.generations, young.fragments) == (0, 0)  # a scan may be about to commit them
    dry = store.collect(keep_last=1, minimum_age=0, dry_run=True)
    removed = store.collect(keep_last=1, minimum_age=0)
    assert (dry.dry_run, msgspec.structs.replace(dry, dry_run=False)) == (True, removed)
    assert removed.fragments > 5
    assert removed.generations > 5
    assert store.info().content == before
    assert store.verify().problems == ()


def test_an_export_is_read_by_any_tool(tmp_path: Path, store: Store, sources: Sources) -> None:
    import duckdb

    scanned(store, sources, wheel(tmp_path, "one", "1.0", "import up\nup.gone\n"))
    written = {path.stem: path for path in store.export(tmp_path / "tables")}
    paths = duckdb.sql(f"select path from '{written['uses']}' where top = 'up' order by 1").fetchall()
    assert paths == [("up",), ("up.gone",)]
    assert ("gone",) in duckdb.sql(f"select word from '{written['words']}'").fetchall()


def test_a_generation_names_what_it_consists_of(tmp_path: Path, store: Store, sources: Sources) -> None:
    scanned(store, sources, wheel(tmp_path, "one", "1.0", "import up\n"))
    (path,) = (tmp_path / "store" / "generations").iterdir()
    generation = json.loads(path.read_text())["generation"]
    assert {fragment["table"] for fragment in generation["fragments"]} == {
        "uses",
        "files",
        "artifacts",
        "contents",
        "words",
    }


def test_nothing_is_printed_while_a_statement_takes_long(capfd: pytest.CaptureFixture[str]) -> None:
    from tailrace.store.engine import Engine

    with Engine() as engine:
        assert engine.run("SELECT current_setting('enable_progress_bar')") == [(False,)]
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("by_duckdb", [True, False])
def test_a_signal_while_the_store_is_asked_ends_the_command(by_duckdb: bool) -> None:
    import duckdb

    from tailrace.store.engine import translated

    error = duckdb.InterruptException("x") if by_duckdb else RuntimeError("Query interrupted")
    with pytest.raises(KeyboardInterrupt), translated("uses_of"):
        raise error


@pytest.mark.parametrize(
    "values", [["a", "b'c", "$tops", "\\", "", "\u00e9\u202e"], ["with\0nul"], [1, -(2**62)], ["x"] * 2000]
)
def test_lists_reach_a_query_as_they_are(values: list[object]) -> None:
    with Engine() as engine:
        rows = engine.run("SELECT unnest($many), $one", many=values, one="$many")
    assert rows == [(value, "$many") for value in values]
