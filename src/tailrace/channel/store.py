"""Reads a channel's current state and switches to the next, atomically. Never serves half of a state.

    DIR/current -> states/00000007/channel   what is served: the channel, its labels below `label/`
    DIR/states/00000007/state.json           the same as a value
    DIR/incoming/LABEL/SUBDIR/               added, not yet indexed
    DIR/tailrace-log.jsonl                   every act, one line each

The next state is made beside the current one, in `states/00000008.new`; package files are links to the same content.
When all of it is on disk it gets its name, and one rename turns `current` to it. A crash before that rename leaves the
old channel, a crash after it the new one; what is left lying about is cleared by whoever writes next.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from tailrace import disk
from tailrace.channel.errors import BusyError, CannotInitError, DamagedError, NotAChannelError, faults_named
from tailrace.channel.log import add_entry
from tailrace.channel.state import MAIN, LogEntry, State, decode_state, encode_state, path_of
from tailrace.conda.folders import CURRENT, STATES, is_own_channel

INCOMING = "incoming"
SERVED = "channel"
STATE = "state.json"
SEEN = "seen"
PATCHES = "patches"
LOCK = ".tailrace-lock"
#: States that are kept behind the current one, for those who are reading them.
KEPT = 2
WAIT = 10.0
_SERIAL = re.compile(r"\d{8}")


@dataclass(frozen=True, slots=True)
class Store:
    """A channel of one's own at `root`, as it is now."""

    root: Path
    state: State

    @property
    def folder(self) -> Path:
        """The folder of the current state."""
        return folder_of(self.root, self.state.serial)

    @property
    def served(self) -> Path:
        """What is served now."""
        return self.folder / SERVED

    @property
    def patches(self) -> Path | None:
        """The hotfixes that are in force: a file or a folder."""
        if self.state.patches is None:
            return None
        return self.folder / PATCHES / self.state.patches


def folder_of(root: Path, serial: int) -> Path:
    """Where a state lies."""
    return root / STATES / f"{serial:08}"


def create(root: Path, when: str) -> Store:
    """A new, empty channel that is not served yet. Raises CannotInitError when the folder holds something else than
    what an earlier start left behind.
    """
    if is_own_channel(root):
        raise CannotInitError(str(root), "is a channel already")
    with faults_named(root):
        if any(one.name not in (STATES, LOCK, f".{CURRENT}.new") for one in root.iterdir()):
            raise CannotInitError(str(root), "is not empty, so no channel can be made in it")
        disk.make_folder(root / STATES)
    state = State(serial=1, entry=LogEntry(serial=1, when=when, act="init"), labels={MAIN: {"noarch": {}}})
    return Store(root, state)


def read(root: Path) -> Store:
    """The channel as it is served now. Needs no lock: a state never changes."""
    if not is_own_channel(root):
        raise NotAChannelError(str(root))
    with faults_named(root):
        served = (root / CURRENT).resolve()
    path = served.parent / STATE
    try:
        state = decode_state(path.read_bytes(), str(path))
    except FileNotFoundError:
        raise DamagedError(str(path), "it is not there") from None
    except OSError as error:
        raise DamagedError(str(path), error.strerror or str(error)) from None
    return Store(root, state)


@contextmanager
def lock_for_writing(root: Path, *, wait: float = WAIT) -> Iterator[None]:
    """Be the only one who writes to this channel. Raises BusyError. The system takes the lock back from the dead."""
    with faults_named(root):
        lock = FileLock(root / LOCK)
        try:
            lock.acquire(timeout=wait)
        except Timeout:
            raise BusyError(str(root)) from None
        try:
            yield
        finally:
            lock.release()


def recover(root: Path) -> Store:
    """Bring what a crash left behind in order: finish the log, clear away what was never served, or no longer is.

    To be called while writing.
    """
    store = read(root)
    add_entry(root, store.state.entry)
    for folder in sorted((root / STATES).iterdir()):
        kept = _SERIAL.fullmatch(folder.name) and store.state.serial - KEPT <= int(folder.name) <= store.state.serial
        if not kept:
            disk.remove_tree(folder)
    clear_incoming(store)
    return store


def switch(root: Path, staged: Path, state: State) -> Store:
    """Make the staged folder the channel. Until the rename inside `symlink`, nothing that is served has changed."""
    disk.write(staged / STATE, encode_state(state))
    disk.settle_tree(staged, written=lambda path: path.stat().st_nlink == 1)
    target = folder_of(root, state.serial)
    if target.exists():  # made whole by a first start that ended before it was served
        disk.remove_tree(target)
    disk.move(staged, target)
    disk.fsync_path(root / STATES)
    disk.symlink(root / CURRENT, f"{STATES}/{target.name}/{SERVED}")
    return recover(root)


def find_incoming(store: Store) -> Iterator[tuple[str, Path]]:
    """What waits to be indexed, as `(label, path)`, sorted."""
    base = store.root / INCOMING
    for label in sorted(one.name for one in base.iterdir() if one.is_dir()) if base.is_dir() else ():
        for path in sorted((base / label).glob("*/*")):
            if path.is_file() and not path.name.startswith("."):
                yield label, path


def clear_incoming(store: Store) -> None:
    """Take away what has been indexed since, and copies that were never finished."""
    for label, path in list(find_incoming(store)):
        published = store.served / path_of(label, path.parent.name, path.name)
        if published.exists() and published.samefile(path):
            disk.remove_file(path)
    base = store.root / INCOMING
    for path in base.glob("*/.part-*") if base.is_dir() else ():
        disk.remove_file(path)
