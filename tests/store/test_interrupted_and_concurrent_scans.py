"""Scans that are killed, that run at once, that meet full disks, clocks that go back: nothing is lost or believed."""

from __future__ import annotations

import errno
import io
import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import msgspec
import pytest

from support.wheels import write_wheel
from tailrace.scan.run import ScanOptions, _write_known, scan, scan_spec, take_in_pending
from tailrace.sources import Sources, SourceSettings
from tailrace.store import Store, open_store
from tailrace.store.ask import uses_of
from tailrace.store.engine import QueryError, translated
from tailrace.store.errors import (
    DamagedStoreError,
    NewerStoreError,
    NoStoreError,
    ScratchError,
    StorePlaceError,
    StoreWriteError,
)
from tailrace.store.manifest import Fragment, Generation, commit, object_name, seal
from tailrace.store.place import FolderPlace
from tailrace.store.rows import SCHEMA, FailureRow

HERE = ScanOptions(in_process=True, upload_times=False)
RUN = """
import sys
from tailrace.scan.run import ScanOptions, scan
from tailrace.sources import Sources, SourceSettings
from tailrace.store import open_store
from pathlib import Path
store, cache, *specs = sys.argv[1:]
options = ScanOptions(in_process=True, upload_times=False, batch=2, merge=True)
scan(specs, open_store(store), Sources(SourceSettings(offline=True, cache_dir=Path(cache))), options)
"""


def wheels(folder: Path, count: int, uses: int = 60) -> list[str]:
    made = []
    for number in range(count):
        body = "".join(f"up.call{i}({number}, key{i}=1)\n" for i in range(uses))
        files = {f"p{number}/__init__.py": f"import up\n{body}", f"p{number}/same.py": "import os\n"}
        made.append(str(write_wheel(folder, f"p{number}", "1.0", files)))
    return made


def sources_in(folder: Path) -> Sources:
    return Sources(SourceSettings(offline=True, cache_dir=folder / "cache"))


def filled(tmp_path: Path, count: int = 2) -> Store:
    store = open_store(str(tmp_path / "store"))
    scan(wheels(tmp_path / "wheels", count), store, sources_in(tmp_path), HERE)
    return store


def test_a_scan_that_is_killed_ten_times_ends_as_one_that_is_not(tmp_path: Path) -> None:
    specs = wheels(tmp_path / "wheels", 8)
    whole = open_store(str(tmp_path / "whole"))
    scan(specs, whole, sources_in(tmp_path), HERE)
    store, cache = str(tmp_path / "killed"), str(tmp_path / "cache")
    chance = random.Random(15)
    for _ in range(10):
        run = subprocess.Popen([sys.executable, "-c", RUN, store, cache, *specs], stderr=subprocess.DEVNULL)
        # From the start of the work on, which other processes delay.
        begun = Path(store)
        for _ in range(600):
            if begun.exists() or run.poll() is not None:
                break
            time.sleep(0.02)
        time.sleep(chance.random() * 0.6)
        if run.poll() is None:
            os.kill(run.pid, signal.SIGKILL)
        run.wait()
        if (begun / "generations").is_dir():
            assert open_store(store).verify().problems == ()
    report = scan(specs, open_store(store), sources_in(tmp_path), HERE)
    assert report.counts.failed == 0
    found = open_store(store).info()
    assert found.content == whole.info().content
    assert found.artifacts == 8
    assert open_store(store).verify().problems == ()


def test_what_was_written_before_the_end_is_not_read_again(tmp_path: Path) -> None:
    specs = wheels(tmp_path / "wheels", 3)
    store = open_store(str(tmp_path / "store"))
    whole = open_store(str(tmp_path / "whole"))
    scan(specs, whole, sources_in(tmp_path), HERE)
    # As a kill between the work of the workers and the commit leaves it.
    known = tmp_path / "known"
    _write_known(store, known)
    setup = pickle.dumps((sources_in(tmp_path), store.place, known, False))
    for spec in specs[:2]:
        assert scan_spec(setup, spec).status == "scanned"
    with pytest.raises(NoStoreError):
        store.snapshot()
    report = scan(specs, store, sources_in(tmp_path), HERE)
    assert (report.counts.known, report.counts.scanned) == (2, 1)
    assert store.info().content == whole.info().content
    assert store.place.list("pending") == []


def test_two_scans_at_once_lose_nothing_of_each_other(tmp_path: Path) -> None:
    specs = wheels(tmp_path / "wheels", 10)
    whole = open_store(str(tmp_path / "whole"))
    scan(specs, whole, sources_in(tmp_path), HERE)
    store, cache = str(tmp_path / "store"), str(tmp_path / "cache")
    runs = [
        subprocess.Popen([sys.executable, "-c", RUN, store, cache, *part], stderr=subprocess.PIPE)
        for part in (specs[:7], specs[3:][::-1])
    ]
    seen: list[int] = []
    while any(run.poll() is None for run in runs):  # a reader meanwhile never sees half of a commit, nor goes back
        try:
            snapshot = open_store(store).snapshot()
            seen.append(snapshot.generation.number)
            assert {use.downstream for use in uses_of(snapshot, "up.call1")} <= {f"p{i}" for i in range(10)}
        except NoStoreError:
            pass
        time.sleep(0.05)
    for run in runs:
        assert run.wait() == 0, run.stderr.read() if run.stderr else b""
    assert seen == sorted(seen)
    assert open_store(store).info().content == whole.info().content


def test_commits_of_many_threads_are_all_kept(tmp_path: Path) -> None:
    place = FolderPlace(tmp_path / "store")

    def write(writer: int) -> None:
        for turn in range(10):
            one = Fragment(table="uses", name=f"fragments/f-{writer}-{turn}", sha256="", size=0, rows=0)
            commit(place, lambda base, one=one: msgspec.structs.replace(base, fragments=(*base.fragments, one)))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    generation = open_store(str(tmp_path / "store")).snapshot().generation
    assert (generation.number, len({f.name for f in generation.fragments})) == (40, 40)


@pytest.mark.parametrize("kind", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_store_that_cannot_be_written_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: int
) -> None:
    store = filled(tmp_path)
    before = store.info()
    more = wheels(tmp_path / "more", 4)[3:]

    def refuse(*_: object) -> None:
        raise OSError(kind, os.strerror(kind))

    for name in ("fsync", "link"):
        with monkeypatch.context() as patched:
            patched.setattr(os, name, refuse)
            if name == "link":
                patched.setattr("tailrace.store.place._sync_folder", lambda folder: None)
            with pytest.raises(StoreWriteError, match=os.strerror(kind)):
                scan(more, store, sources_in(tmp_path), HERE)
        assert store.info() == before
        assert store.verify().problems == ()
        assert [path for path in (tmp_path / "store").rglob(".*") if path.is_file()] == []
    assert scan(more, store, sources_in(tmp_path), HERE).counts.scanned == 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_workers_cannot_write_ends_the_scan_and_is_no_fault_of_a_release(tmp_path: Path, jobs: int) -> None:
    store = filled(tmp_path)
    before = store.info()
    for left in (tmp_path / "store" / "pending").iterdir():
        left.unlink()
    (tmp_path / "store" / "pending").rmdir()
    (tmp_path / "store" / "pending").write_text("in the way")
    with pytest.raises(StoreWriteError, match="as it was before"):
        scan(wheels(tmp_path / "more", 6)[3:], store, sources_in(tmp_path), ScanOptions(jobs=jobs, upload_times=False))
    assert store.info() == before


def test_a_full_folder_for_temporary_files_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(tmp_path)
    before = store.info()

    def refuse(self: Path, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "tempdir", str(tmp_path))
        patched.setattr(Path, "write_bytes", refuse)
        with pytest.raises(ScratchError, match="as it was before") as raised:
            store.add([], [FailureRow("a==1", "open", "broken")])
    assert raised.value.place == str(tmp_path)
    assert store.info() == before


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ('Could not write to file "/t/x.parquet": No space left on device', "/t/x.parquet"),
        ("Could not write file: No space left on device", None),
        ('Cannot open file "/t/x.parquet": Read-only file system', "/t/x.parquet"),
        ('No files found that match the pattern "/t/x.parquet"', ""),
    ],
)
def test_what_the_engine_cannot_write_is_no_damage(said: str, place: str | None) -> None:
    import duckdb

    with pytest.raises(QueryError if place == "" else ScratchError) as raised, translated("x"):
        raise duckdb.IOException(said)
    if isinstance(raised.value, ScratchError):
        assert raised.value.place == (place or tempfile.gettempdir())


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir(mode=0o500)
    with pytest.raises(StoreWriteError):
        scan(wheels(tmp_path / "wheels", 1), open_store(str(tmp_path / "store")), sources_in(tmp_path), HERE)


def test_a_place_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("words")
    with pytest.raises(StorePlaceError, match="not empty"):
        scan(wheels(tmp_path / "wheels", 1), open_store(str(tmp_path / "home")), sources_in(tmp_path), HERE)
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == ["thesis.txt"]
    (tmp_path / "file").write_text("words")
    with pytest.raises(StorePlaceError, match="not a folder"):
        open_store(str(tmp_path / "file"))


def test_no_store(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "none"))
    for question in (store.snapshot, store.info, store.verify, store.collect):
        with pytest.raises(NoStoreError, match="tailrace scan"):
            question()
    assert not (tmp_path / "none").exists()


def test_a_store_of_a_newer_schema_is_neither_read_nor_written(tmp_path: Path) -> None:
    store = filled(tmp_path)
    later = msgspec.structs.replace(store.snapshot().generation, version=SCHEMA + 1, number=50)
    path = tmp_path / "store" / object_name(50)
    path.write_bytes(seal(later))
    files = sorted((tmp_path / "store").rglob("*"))
    for question in (store.snapshot, store.info, store.verify, store.collect):
        with pytest.raises(NewerStoreError, match=f"schema {SCHEMA + 1}"):
            question()
    with pytest.raises(NewerStoreError):
        scan(wheels(tmp_path / "more", 3)[2:], store, sources_in(tmp_path), HERE)
    assert sorted((tmp_path / "store").rglob("*")) == files


def test_a_store_of_an_older_schema_is_brought_to_this_one(tmp_path: Path) -> None:
    import duckdb

    from tailrace.store.fragments import keep
    from tailrace.store.manifest import numbers, read_latest

    store = filled(tmp_path)
    before = store.info().content
    generation = store.snapshot().generation
    (fragment,) = generation.of("uses")
    # A schema that did not have these columns yet.
    older = tmp_path / "older.parquet"
    path = tmp_path / "store" / fragment.name
    duckdb.sql(f"copy (select * exclude (condition, double_star) from '{path}') to '{older}' (format parquet)")
    made = keep(store.place, "uses", older.read_bytes(), rows=fragment.rows, extractor=1)
    made = msgspec.structs.replace(made, schema=0)
    rest = tuple(one for one in generation.fragments if one.table != "uses")
    aged = msgspec.structs.replace(generation, version=0, number=2, fragments=(*rest, made))
    (tmp_path / "store" / object_name(2)).write_bytes(seal(aged))

    assert store.info().content == before
    assert uses_of(store.snapshot(), "up.call1")
    latest = read_latest(store.place)
    assert latest is not None
    assert latest.version == SCHEMA
    assert {one.schema for one in latest.of("uses")} == {SCHEMA}
    again = numbers(store.place)
    store.snapshot()
    assert numbers(store.place) == again
    assert scan(wheels(tmp_path / "more", 4)[3:], store, sources_in(tmp_path), HERE).counts.scanned == 1


DAMAGE = [
    ("missing", lambda path: path.unlink()),
    ("bytes instead of", lambda path: path.write_bytes(path.read_bytes()[:-9])),
]


@pytest.mark.parametrize(("problem", "damage"), DAMAGE, ids=[problem for problem, _ in DAMAGE])
def test_a_fragment_that_is_gone_or_cut_is_an_error_and_no_answer(tmp_path: Path, problem: str, damage) -> None:  # type: ignore[no-untyped-def]
    store = filled(tmp_path)
    (fragment,) = store.snapshot().generation.of("uses")
    damage(tmp_path / "store" / fragment.name)
    with pytest.raises(DamagedStoreError, match=problem):
        uses_of(store.snapshot(), "up.call1")
    assert [found.name for found in store.verify().problems] == [fragment.name]


def test_pending_facts_that_are_damaged_are_not_believed(tmp_path: Path) -> None:
    store = filled(tmp_path)
    before = store.info().content
    path = tmp_path / "store" / "pending" / "x.msgpack"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"\0" * 32 + b"nothing")
    assert take_in_pending(store) == 0
    assert store.info().content == before


def test_a_clock_that_goes_back_removes_nothing_too_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(tmp_path)
    scan(wheels(tmp_path / "more", 5)[2:], store, sources_in(tmp_path), HERE)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    stray = tmp_path / "store" / "fragments" / "uses-stray.parquet"
    stray.write_bytes(b"x")
    assert store.collect(keep_last=1).fragments == 0
    assert stray.exists()
    os.utime(stray, (1, 1))
    assert store.collect(keep_last=1).fragments == 1
    assert store.verify().problems == ()
    assert uses_of(store.snapshot(), "up.call1")


def test_a_reader_keeps_what_it_opened(tmp_path: Path) -> None:
    store = filled(tmp_path)
    snapshot = store.snapshot()
    before = uses_of(snapshot, "up.call1")
    scan(wheels(tmp_path / "more", 6), store, sources_in(tmp_path), HERE)
    store.merge(everything=True)
    store.collect()
    assert uses_of(snapshot, "up.call1") == before
    assert len(uses_of(store.snapshot(), "up.call1")) > len(before)


def test_a_file_that_changes_while_it_is_read_gives_the_facts_of_one_content(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "pkg").mkdir(parents=True)
    (project / "pyproject.toml").write_text("[project]\nname = 'pkg'\nversion = '1'\n")
    module = project / "pkg" / "__init__.py"
    texts = ["import up\nup.one()\n", "import up\nup.two()\n"]
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            for text in texts:
                beside = module.with_suffix(".new")
                beside.write_text(text)
                beside.replace(module)

    module.write_text(texts[0])
    thread = threading.Thread(target=change)
    thread.start()
    try:
        store = open_store(str(tmp_path / "store"))
        for _ in range(5):
            scan([str(project)], store, sources_in(tmp_path), HERE)
    finally:
        stop.set()
        thread.join()
    for path in ("up.one", "up.two"):
        assert {(use.file, use.line) for use in uses_of(store.snapshot(), path)} <= {("pkg/__init__.py", 2)}
    assert store.verify().problems == ()


@pytest.mark.parametrize(
    ("turns", "scanned"), [(0, 1), (1, 1), (9, 0)], ids=["it rests", "it changes once", "it never rests"]
)
def test_a_file_that_is_written_to_while_it_is_read_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turns: int, scanned: int
) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "setup.cfg").write_text("[metadata]\nname = pkg\nversion = 1\n")
    module = tmp_path / "project" / "pkg.py"
    module.write_text("import up\n")
    store = filled(tmp_path)
    before = store.info().content
    left = turns
    read = io.BufferedReader.read

    class Written(io.BufferedReader):
        """A file that grows after it was read."""

        def read(self, size: int | None = -1, /) -> bytes:
            nonlocal left
            data = read(self, size)
            if left:
                left -= 1
                with module.open("ab") as file:
                    file.write(b"up.more()\n")
            return data

    opened = Path.open

    def open_written(path: Path, mode: str = "r", *args: object, **keywords: object) -> object:
        if path == module and mode == "rb":
            return Written(io.FileIO(path))
        return opened(path, mode, *args, **keywords)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", open_written)
    report = scan([str(tmp_path / "project")], store, sources_in(tmp_path), HERE)
    assert report.counts.scanned == scanned
    assert [failure.reason.partition(";")[0] for failure in report.failures] == (
        [] if scanned else ["pkg.py changed while it was read"]
    )
    assert (store.info().content == before) is (scanned == 0)


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_a_shared_store_can_be_read_by_others(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        filled(tmp_path)
    finally:
        os.umask(mask)
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "store").rglob("*.*") if path.is_file()}
    assert modes == {0o640}


def test_generations_are_numbered_from_one(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert store.snapshot().generation.number == 1
    assert Generation().number == 0
