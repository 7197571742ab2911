"""Run by `test_own_crashes.py` as a program: an act on a channel, ended at its k-th step, for every k.

Prints one JSON line: what is served after each of these deaths, and after the next start.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from own_parts import WHEN, patcher

from tailrace import channel as own
from tailrace import disk
from tailrace.channel import store
from tailrace.conda import rattler

DEAD = 77


def act(name: str, root: Path) -> None:
    """What is interrupted."""
    match name:
        case "init":
            own.init(root, WHEN)
        case "index":
            own.index(root, patcher, WHEN, patches=root.parent / "fix.yaml")
        case "promote":
            own.promote(root, ["conda", "conda-build"], patcher, WHEN, source="canary")
        case "hold":
            own.hold(root, ["conda=4.12.0"], patcher, WHEN, reason="harm")
        case "add":
            own.add(root, [root.parent / "new-1.0-0.conda", root.parent / "newer-1.0-0.conda"])


def served(root: Path) -> Any:
    """Everything a client can see, but for moments at which things were made."""
    current = root / "current"
    if not current.is_symlink():
        return None
    found = {}
    for path in sorted(current.resolve().rglob("*")):
        if path.is_file() and "shards" not in str(path.parent.name):
            data = path.read_bytes()
            if path.name.startswith("repodata") and path.suffix == ".json":
                text = json.loads(data)
                for section in ("packages", "packages.conda"):
                    for record in text.get(section, {}).values():
                        record.pop("indexed_timestamp", None)
                found[str(path.relative_to(current.resolve()))] = text
            elif path.suffix in (".conda", ".bz2") or path.name == "notices.json":
                found[str(path.relative_to(current.resolve()))] = len(data)
    agreed = own.check_channel(own.place_of(str(root)), hash_files=True, dependencies=False)
    return [found, agreed.status, [one.message for one in agreed.differences]]


def killed(name: str, root: Path, step: int | None = None, *, while_indexing: float | None = None) -> int:
    """The act in a child that ends at that step, counted from 1, or so many seconds into the work of the indexer,
    which writes without telling anyone; the number of steps it made, 0 when it was ended.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0

        def announce(kind: str, path: Path) -> None:
            nonlocal count
            count += 1
            if count == step:
                os._exit(DEAD)
            if kind == "index" and while_indexing is not None:
                threading.Timer(while_indexing, os._exit, (DEAD,)).start()

        disk.announce = announce
        try:
            act(name, root)
            os.write(writer, str(count).encode())
            os._exit(0)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(1)
    os.close(writer)
    text = os.read(reader, 100)
    os.close(reader)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, DEAD), code
    return int(text or 0)


def main(name: str, base: Path) -> None:
    """Every death, on a fresh copy of `base/channel` each."""
    # Before the children are made, so that they need not: importing starts no thread.
    rattler.library()
    for module in ("rattler.index.index", "conda_package_streaming.package_streaming", "tailrace.hotfix"):
        import_module(module)
    os.fsync = lambda _: None  # type: ignore[assignment]  # a process that dies takes no pages with it

    def fresh() -> Path:
        work = base / "work"
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(base / "channel", work, symlinks=True)
        return work

    def restarted(root: Path) -> Any:
        if not store.is_own_channel(root):
            assert killed("init", root, None)
        with store.lock_for_writing(root):
            store.recover(root)
        log = [entry.serial for entry in own.read_log(root)]
        left = sorted(one.name for one in (root / "states").iterdir())
        parts = [str(one) for one in root.glob("incoming/*/.part*")]
        return [served(root), log, left, own.read_store(root).state.serial, parts]

    # py-rattler's threads must not be there when a child is made: what follows only reads, and needs none of them.
    old = served(fresh())
    root = fresh()
    steps = killed(name, root, None)
    new = served(root)
    deaths = []
    for step in (*range(1, steps + 1), *(0.002 * 1.5**n for n in range(8))):
        root = fresh()
        if isinstance(step, int):
            assert killed(name, root, step) == 0
        else:
            killed(name, root, while_indexing=step)
        after = served(root)
        again = restarted(root)
        kind = "old" if after == old else "new" if after == new else "between"
        deaths.append(
            [step, kind, after if kind == "between" else None, again[1:], again[0] == after or name == "init"]
        )
    print(json.dumps({"steps": steps, "changed": old != new, "deaths": deaths}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
