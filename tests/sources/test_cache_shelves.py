"""What stands in the cache is complete, however many write and whenever they die."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from tailrace.sources.cache import Cache, file_sha256
from tailrace.sources.errors import CacheError


def _fill_slowly(folder: Path) -> None:
    (folder / "one").write_text("1")
    (folder / "two").write_text("2")


def _fill_counted(root: str, marks: str) -> list[str]:
    def fill(folder: Path) -> None:
        import tempfile

        tempfile.mkstemp(dir=marks)
        _fill_slowly(folder)

    tree = Cache(Path(root)).tree("ab" * 32, fill)
    return sorted(path.name for path in tree.iterdir())


def test_several_processes_fill_a_tree_once(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.starmap(_fill_counted, [(str(tmp_path / "cache"), str(marks))] * 6)
    assert found == [["one", "two"]] * 6
    assert len(list(marks.iterdir())) == 1


def test_a_tree_that_could_not_be_filled_is_not_there(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    def fail(folder: Path) -> None:
        (folder / "half").write_text("")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.tree("cd" * 32, fail)
    assert not list((cache.root / "trees").glob("*/*"))
    assert not list((cache.root / "scratch").iterdir())
    assert (cache.tree("cd" * 32, _fill_slowly) / "two").is_file()


def test_records_are_written_in_one_step_and_read_back(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert cache.read_record("x", "abc") is None
    cache.write_record("x", "abc", b"1")
    cache.write_record("x", "abc", b"22")
    assert cache.read_record("x", "abc") == b"22"
    assert len(list((cache.root / "records").rglob("*"))) == 3


def test_a_cache_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file")
    cache.write_record("x", "abc", b"1")
    with pytest.raises(CacheError, match="TAILRACE_CACHE_DIR"):
        cache.tree("ef" * 32, _fill_slowly)


def test_a_hash_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    cache, path = Cache(tmp_path / "cache"), tmp_path / "file"
    path.write_bytes(b"one")
    first = file_sha256(path, cache)
    assert file_sha256(path, cache) == first
    path.write_bytes(b"two!")
    assert file_sha256(path, cache) != first
