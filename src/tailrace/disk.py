"""Every change to the disk that a store of files makes, and nothing else: the seam at which tests pull the plug.

`announce` is called before each single step. A file's content is written in two pieces, so that a crash can fall
between them.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path

Step = Callable[[str, Path], None]


#: Bytes of the largest report, lock file or configuration that is read.
MOST_READ = 256 << 20


def _quiet(step: str, path: Path) -> None:
    """Nobody listens."""


announce: Step = _quiet


def make_folder(path: Path) -> None:
    """Make a folder and those above it."""
    announce("mkdir", path)
    path.mkdir(parents=True, exist_ok=True)


def write(path: Path, data: bytes) -> None:
    """Write a new file and make it last."""
    announce("create", path)
    with path.open("xb") as file:
        _pieces(file.fileno(), data, path)


def open_file(path: Path) -> BufferedReader:
    """A file that a user or a stranger names, opened for reading.

    Raises OSError for what is not a file: a pipe or a device may never end. The pipe that a shell puts in place of a
    file (`<(command)`) is opened.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if stat.S_ISFIFO(mode) and path.is_relative_to("/dev/fd"):
            os.set_blocking(descriptor, True)
        elif not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(path))
    except BaseException:
        os.close(descriptor)
        raise
    return os.fdopen(descriptor, "rb")


def read_bounded(path: Path, limit: int = MOST_READ) -> bytes:
    """The bytes of a file that a user or a stranger names, at most `limit` of them. Raises OSError for a larger file,
    and for what `open_file` does not open.
    """
    with open_file(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"it is larger than {limit >> 20} MiB", str(path))
    return data


def append(path: Path, data: bytes) -> None:
    """Add to the end of a file and make it last."""
    announce("append", path)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        _pieces(descriptor, data, path)
    finally:
        os.close(descriptor)


def truncate(path: Path, length: int) -> None:
    """Take off what follows `length` bytes: an entry that was never finished."""
    announce("truncate", path)
    with path.open("r+b") as file:
        file.truncate(length)
        os.fsync(file.fileno())


def write_whole(path: Path, data: bytes) -> None:
    """Write a file under another name beside it, then move it into place, so that no reader gets half of it."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        write(beside, data)
        move(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    fsync_path(path.parent)


class LockedError(Exception):
    """Another process holds the lock, and held it for as long as was waited."""


@contextmanager
def lock(path: Path, *, wait: float) -> Iterator[None]:
    """Hold the lock that this file is for; wait for it for up to `wait` seconds. Raises LockedError.

    The system takes the lock back when its holder ends, however it ends.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        with _lock_by_library(path, wait):
            yield
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        end = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= end:
                    raise LockedError(str(path)) from None
                time.sleep(0.02)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _lock_by_library(path: Path, wait: float) -> Iterator[None]:
    from filelock import FileLock, Timeout

    held = FileLock(path)
    try:
        held.acquire(timeout=wait)
    except Timeout:
        raise LockedError(str(path)) from None
    try:
        yield
    finally:
        held.release()


def copy(source: Path, target: Path) -> None:
    """A copy with a life of its own, for good on disk when this returns."""
    announce("copy", target)
    with source.open("rb") as old, target.open("xb") as new:
        shutil.copyfileobj(old, new, 1 << 20)
        announce("fsync", target)
        new.flush()
        os.fsync(new.fileno())


def link(source: Path, target: Path) -> None:
    """A second name for the same file."""
    announce("link", target)
    os.link(source, target)


def move(source: Path, target: Path) -> None:
    """Give a file or folder another name, in one step; a file of that name is replaced."""
    announce("rename", target)
    source.replace(target)


def symlink(name: Path, target: str) -> None:
    """Make `name` a symbolic link to `target`, replacing the one that is there in one step."""
    beside = name.with_name(f".{name.name}.new")
    if beside.is_symlink():
        remove_file(beside)
    announce("symlink", beside)
    beside.symlink_to(target)
    announce("rename", name)
    beside.replace(name)
    fsync_path(name.parent)


def remove_file(path: Path) -> None:
    """Take a file away; it may be gone."""
    announce("unlink", path)
    path.unlink(missing_ok=True)


def remove_tree(path: Path) -> None:
    """Take a folder away with all that is in it."""
    announce("rmtree", path)
    shutil.rmtree(path)


def fsync_path(path: Path) -> None:
    """Make the content of a file, or the names in a folder, last."""
    announce("fsync", path)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def settle_tree(folder: Path, *, written: Callable[[Path], bool]) -> None:
    """Make a whole tree last: the files that were written (links to others have lasted since long), then the names."""
    for path, _, files in os.walk(folder, topdown=False):
        here = Path(path)
        for name in files:
            if written(here / name):
                fsync_path(here / name)
        fsync_path(here)


def _pieces(descriptor: int, data: bytes, path: Path) -> None:
    half = len(data) // 2
    for piece in (data[:half], data[half:]):
        announce("write", path)
        view = memoryview(piece)
        while view:
            view = view[os.write(descriptor, view) :]
    announce("fsync", path)
    os.fsync(descriptor)
