"""What of the cache is removed, and what stays."""

from __future__ import annotations

import os
from pathlib import Path

import filelock
import pytest

from tailrace.sources.tidy import clean_cache, limit_environments, mark_complete, measure_cache

NOW = 1_800_000_000.0
DAY = 86_400.0

ENTRIES = {
    "archives": "v1/archives/ab/abcd",
    "opened archives": "v1/trees/ab/abcd",
    "answers of indexes": "v1/records/pages/ab/abcd",
    "comparisons": "v1/diffs/ab/abcd",
    "environments": "v1/verify/environments/ab/abcd",
    "repodata": "channels/conda-forge-1",
    "gate replays": "gate-replay/abcd",
}


def make(root: Path, place: str, *, used: float, size: int = 10) -> Path:
    folder = root / place
    folder.mkdir(parents=True)
    (folder / "file").write_bytes(b"x" * size)
    os.utime(folder / "file", (used, used))
    os.utime(folder, (used, used))
    return folder


@pytest.mark.parametrize(("shelf", "place"), ENTRIES.items(), ids=ENTRIES)
def test_each_kind_is_counted_and_removed_once_it_is_old(tmp_path: Path, shelf: str, place: str) -> None:
    folder = make(tmp_path, place, used=NOW - 40 * DAY)
    counted = {one.name: (one.entries, one.bytes) for one in measure_cache(tmp_path).shelves if one.entries}
    assert counted == {shelf: (1, 10)}
    report = clean_cache(tmp_path, unused_since=NOW - 30 * DAY)
    assert [(one.name, one.removed, one.removed_bytes) for one in report.shelves if one.removed] == [(shelf, 1, 10)]
    assert not folder.exists()


@pytest.mark.parametrize(
    ("place", "used", "why"),
    [
        (ENTRIES["archives"], NOW - 29 * DAY, "used since"),
        ("v1/locks/ab", NOW - 400 * DAY, "a lock"),
        ("v2/archives/ab/abcd", NOW - 400 * DAY, "of another layout"),
        ("elsewhere/ab", NOW - 400 * DAY, "of somebody else"),
    ],
)
def test_the_rest_stays(tmp_path: Path, place: str, used: float, why: str) -> None:
    folder = make(tmp_path, place, used=used)
    clean_cache(tmp_path, unused_since=NOW - 30 * DAY)
    assert folder.exists(), why


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    outside = make(tmp_path, "outside", used=NOW - 400 * DAY)
    (tmp_path / "cache/v1/archives/ab").mkdir(parents=True)
    (tmp_path / "cache/v1/archives/ab/abcd").symlink_to(outside)
    clean_cache(tmp_path / "cache", unused_since=NOW)
    assert (outside / "file").exists()


def test_a_dry_run_removes_nothing(tmp_path: Path) -> None:
    folder = make(tmp_path, ENTRIES["archives"], used=0)
    report = clean_cache(tmp_path, unused_since=NOW, dry_run=True)
    assert sum(one.removed for one in report.shelves) == 1
    assert folder.exists()


def test_what_another_process_holds_stays(tmp_path: Path) -> None:
    folder = make(tmp_path, ENTRIES["environments"], used=0)
    with filelock.FileLock(f"{folder}.lock"):
        report = clean_cache(tmp_path, unused_since=NOW)
    assert sum(one.removed for one in report.shelves) == 0
    assert folder.exists()


def test_no_cache_at_all_is_empty(tmp_path: Path) -> None:
    assert sum(one.entries for one in measure_cache(tmp_path / "none").shelves) == 0


@pytest.mark.parametrize(
    ("most", "ages", "kept"),
    [
        pytest.param(300, {"a": 9, "b": 5, "c": 7}, {"a", "b", "c"}, id="all fit"),
        pytest.param(250, {"a": 9, "b": 5, "c": 7}, {"b", "c"}, id="the one not used for longest goes"),
        pytest.param(100, {"a": 9, "b": 5, "c": 7}, {"b"}, id="as many as it takes"),
        pytest.param(0, {"a": 9, "b": 0.5, "c": 7}, {"b"}, id="what may be in use stays"),
    ],
)
def test_environments_are_limited(tmp_path: Path, most: int, ages: dict[str, float], kept: set[str]) -> None:
    for name, hours in ages.items():
        folder = make(tmp_path, f"{name}{name}/{name}", used=NOW, size=100)
        mark_complete(folder)
        used = NOW - hours * 3600
        os.utime(folder / ".complete", (used, used))
    limit_environments(tmp_path, now=NOW, most=most)
    assert {path.name for path in tmp_path.glob("*/*")} == kept


def test_an_environment_that_is_not_complete_is_left_alone(tmp_path: Path) -> None:
    folder = make(tmp_path, "aa/a", used=0, size=100)
    limit_environments(tmp_path, now=NOW, most=0)
    assert folder.exists()
