"""Makes control groups that enforce limits (Linux, versions 1 and 2). A group exists before its program starts.

A limit on processes has to stand before the program starts: a watcher that counts and kills is slower than a process
bomb, and RLIMIT_NPROC does not bind a process of root.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tailrace.verify.sandbox.interface import Limits

_MOUNTS = Path("/proc/self/mountinfo")
_MEMBERSHIP = Path("/proc/self/cgroup")


@dataclass(frozen=True, slots=True)
class Controller:
    """A folder in which groups with this controller can be made. `version` is that of the interface."""

    name: str
    version: int
    parent: Path


@dataclass(frozen=True, slots=True)
class Group:
    """The folders of one group (one for each controller in version 1)."""

    folders: tuple[tuple[Controller, Path], ...]

    @property
    def controls(self) -> frozenset[str]:
        """The controllers that are in force."""
        return frozenset(controller.name for controller, _ in self.folders)

    @property
    def paths(self) -> tuple[Path, ...]:
        """The folders, each once."""
        return tuple(dict.fromkeys(folder for _, folder in self.folders))

    def hit(self, name: str) -> bool:
        """Whether the limit of a controller was reached."""
        for controller, folder in self.folders:
            if controller.name != name:
                continue
            if name == "pids":
                return _counter(folder / "pids.events", "max") > 0
            if controller.version == 2:
                return _counter(folder / "memory.events", "oom_kill") > 0
            return _counter(folder / "memory.oom_control", "oom_kill") > 0 or _number(folder / "memory.failcnt") > 0
        return False


@cache
def find_controllers() -> tuple[Controller, ...]:
    """Where this process may make groups that limit processes and memory; empty where it may not."""
    found = []
    for name in ("pids", "memory"):
        for version, parent in _parents(name):
            if _can_make(parent, name):
                found.append(Controller(name, version, parent))
                break
    return tuple(found)


@contextlib.contextmanager
def group(limits: Limits) -> Iterator[Group]:
    """A group with the limits, removed at the end with everything that is still in it."""
    name = f"tailrace-{os.getpid()}-{uuid.uuid4().hex[:12]}"
    folders: list[tuple[Controller, Path]] = []
    try:
        for controller in find_controllers():
            folder = controller.parent / name
            with contextlib.suppress(OSError):
                folder.mkdir(exist_ok=True)
                _limit(controller, folder, limits)
                folders.append((controller, folder))
        yield Group(tuple(folders))
    finally:
        for folder in dict.fromkeys(folder for _, folder in folders):
            _remove(folder)


def _limit(controller: Controller, folder: Path, limits: Limits) -> None:
    match controller.name, controller.version:
        case "pids", _:
            (folder / "pids.max").write_text(str(limits.processes))
        case _, 1:
            (folder / "memory.limit_in_bytes").write_text(str(limits.memory))
            with contextlib.suppress(OSError):  # where swap is not counted
                (folder / "memory.memsw.limit_in_bytes").write_text(str(limits.memory))
        case _:
            (folder / "memory.max").write_text(str(limits.memory))
            with contextlib.suppress(OSError):
                (folder / "memory.swap.max").write_text("0")
                (folder / "memory.oom.group").write_text("1")


def _remove(folder: Path) -> None:
    """Ends what is left in the group, then removes it."""
    for attempt in range(50):
        try:
            members = (folder / "cgroup.procs").read_text().split()
        except OSError:
            return
        for member in members:
            with contextlib.suppress(OSError, ValueError):
                os.kill(int(member), signal.SIGKILL)
        try:
            folder.rmdir()
        except OSError:
            time.sleep(0.002 * (attempt + 1))
        else:
            return


def _parents(name: str) -> Iterator[tuple[int, Path]]:
    """Folders that may hold groups with the controller: this process's own group first, then those above it."""
    own = _membership()
    for version, controllers, mount, root in _mounts():
        if version == 1 and name not in controllers:
            continue
        inside = own.get(name if version == 1 else "", "/")
        relative = inside.removeprefix(root).strip("/") if root != "/" else inside.strip("/")
        place = mount / relative
        for folder in (place, *place.parents):
            if not folder.is_relative_to(mount):
                break
            if version == 1 or name in _text(folder / "cgroup.subtree_control").split():
                yield version, folder


def _mounts() -> Iterator[tuple[int, frozenset[str], Path, str]]:
    """(version, controllers, mount point, root of the mount) of every control group file system."""
    for line in _text(_MOUNTS).splitlines():
        fields, _, rest = line.partition(" - ")
        kind, _, options = rest.partition(" ")
        parts = fields.split()
        if kind == "cgroup":
            yield 1, frozenset(options.split()[-1].split(",")), Path(parts[4]), parts[3]
        elif kind == "cgroup2":
            yield 2, frozenset(), Path(parts[4]), parts[3]


def _membership() -> dict[str, str]:
    """Controller → path of this process's group; the key is empty for version 2."""
    own = {}
    for line in _text(_MEMBERSHIP).splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            own[controller] = path
    return own


def _can_make(parent: Path, name: str) -> bool:
    folder = parent / f"tailrace-try-{os.getpid()}-{uuid.uuid4().hex[:8]}"
    wanted = {"pids": ("pids.max",), "memory": ("memory.limit_in_bytes", "memory.max")}[name]
    try:
        folder.mkdir()
    except OSError:
        return False
    try:
        return any(os.access(folder / file, os.W_OK) for file in wanted)
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _number(path: Path) -> int:
    text = _text(path).strip()
    return int(text) if text.isdigit() else 0


def _counter(path: Path, key: str) -> int:
    for line in _text(path).splitlines():
        name, _, value = line.partition(" ")
        if name == key and value.strip().isdigit():
            return int(value)
    return 0
