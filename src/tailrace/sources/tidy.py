"""Measures what the cache folder holds, and removes what was not used for a while.

Everything in it can be made or fetched again, so that removing an entry costs time only.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import filelock

from tailrace.model.cache import CacheReport, CacheShelf
from tailrace.sources.cache import LAYOUT

#: What an entry is on each shelf, as patterns below the cache folder; what fits none of them is not touched.
SHELVES = {
    "archives": (f"{LAYOUT}/archives/*/*",),
    "opened archives": (f"{LAYOUT}/trees/*/*",),
    "answers of indexes": (f"{LAYOUT}/records/*/*/*",),
    "comparisons": (f"{LAYOUT}/diffs/*", f"{LAYOUT}/diffs/*/*"),
    "environments": (f"{LAYOUT}/verify/environments/*/*", f"{LAYOUT}/nightly/environments/*/*"),
    "builds": tuple(f"{LAYOUT}/verify/{name}/*" for name in ("builders", "trees", "wheels")),
    "packages of uv": (f"{LAYOUT}/verify/uv",),
    "runs and logs": tuple(f"{LAYOUT}/verify/{name}/*" for name in ("runs", "logs")),
    "repodata": ("channels/*",),
    "gate replays": ("gate-replay/*",),
}
#: An environment has this file when it is complete; its time is that of the last use, its content the size in bytes.
COMPLETE = ".complete"
#: Environments of verification are removed beyond this size, those not used for longest first.
MOST_ENVIRONMENTS = 10_000_000_000
#: What was used in the last hour, in seconds, may be in use now.
IN_USE = 3600.0


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    used: float
    size: int


def measure_cache(root: Path) -> CacheReport:
    """What the cache folder `root` holds. A folder that does not exist holds nothing."""
    shelves = ((name, tuple(_entries(root, patterns))) for name, patterns in SHELVES.items())
    return CacheReport(
        folder=str(root),
        shelves=tuple(
            CacheShelf(name=name, entries=len(entries), bytes=sum(entry.size for entry in entries))
            for name, entries in shelves
        ),
    )


def clean_cache(root: Path, *, unused_since: float, dry_run: bool = False) -> CacheReport:
    """Removes what was last used before `unused_since`, a time in seconds since the epoch; reports what there was."""
    shelves = []
    for name, patterns in SHELVES.items():
        entries = tuple(_entries(root, patterns))
        old = [entry for entry in entries if entry.used < unused_since]
        removed = [entry for entry in old if dry_run or _remove(entry.path)]
        shelves.append(
            CacheShelf(
                name=name,
                entries=len(entries),
                bytes=sum(entry.size for entry in entries),
                removed=len(removed),
                removed_bytes=sum(entry.size for entry in removed),
            )
        )
    return CacheReport(folder=str(root), shelves=tuple(shelves), cleaned=True, dry_run=dry_run)


def limit_environments(place: Path, *, now: float, most: int = MOST_ENVIRONMENTS) -> int:
    """Removes environments below `place` until the others take at most `most` bytes, and returns how many.

    Those not used for longest go first; what was used in the last hour stays.
    """
    found = sorted(_known_environments(place), key=lambda entry: entry.used)
    size, removed = sum(entry.size for entry in found), 0
    for entry in found:
        if size <= most or entry.used > now - IN_USE:
            break
        if _remove(entry.path):
            size -= entry.size
            removed += 1
    return removed


def mark_complete(environment: Path) -> None:
    """Writes that an environment is complete, with its size."""
    (environment / COMPLETE).write_text(str(_size(environment)))


def _known_environments(place: Path) -> Iterator[_Entry]:
    """By the sizes that were written down, so that it takes no time."""
    for marker in place.glob(f"*/*/{COMPLETE}"):
        with contextlib.suppress(OSError, ValueError):
            yield _Entry(marker.parent, marker.stat().st_mtime, int(marker.read_text() or 0))


def _entries(root: Path, patterns: tuple[str, ...]) -> Iterator[_Entry]:
    for pattern in patterns:
        for path in sorted(root.glob(pattern)):
            if path.suffix == ".lock" or path.is_symlink():
                continue
            if path.is_dir() and any(other.startswith(f"{pattern}/") for other in patterns):
                continue
            with contextlib.suppress(OSError):
                yield _Entry(path, _last_used(path), _size(path))


def _last_used(path: Path) -> float:
    times = [path.stat().st_mtime, path.stat().st_atime]
    with contextlib.suppress(OSError):
        times.append((path / COMPLETE).stat().st_mtime)
    return max(times)


def _size(path: Path) -> int:
    """The bytes of a file or folder. A file with several links counts for its share, so that the shelves add up."""
    if not path.is_dir():
        return _share(path)
    size = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                size += _share(Path(folder, name))
    return size


def _share(path: Path) -> int:
    status = path.lstat()
    return status.st_size // max(1, status.st_nlink)


def _remove(path: Path) -> bool:
    """Whether it is gone. What another process has locked stays; half of a folder never stands under its name."""
    lock = filelock.FileLock(f"{path}.lock", timeout=0)
    if not Path(lock.lock_file).exists():
        return _discard(path)
    try:
        with lock:
            return _discard(path)
    except filelock.Timeout:
        return False


def _discard(path: Path) -> bool:
    aside = path.with_name(f".{path.name}.{os.getpid()}.removed")
    try:
        path.rename(aside)
    except OSError:
        return False
    if aside.is_dir():
        shutil.rmtree(aside, ignore_errors=True)
    else:
        aside.unlink(missing_ok=True)
    return not aside.exists()
