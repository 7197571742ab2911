"""What an operator does to a channel: init, add, index, promote, hold, release. Each happens whole or not at all.

Every act but `add` makes the next state and switches to it (`store.py`). `add` only puts files where `index` takes
them from; nobody sees them before. The clock comes in as `when` (ISO 8601, UTC).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tailrace import disk
from tailrace.channel import promotion_gate as judge
from tailrace.channel import store
from tailrace.channel.errors import (
    CannotInitError,
    HeldError,
    NameTakenError,
    PackageError,
    RefusedError,
    SelectionError,
    faults_named,
)
from tailrace.channel.installable import find_uninstallable, platforms_of
from tailrace.channel.names import choose, read_label
from tailrace.channel.package import Package, read_package
from tailrace.channel.patches import Patcher
from tailrace.channel.staging import StagedFile, publish
from tailrace.channel.state import MAIN, File, Hold, LogEntry, State, label_path, path_of
from tailrace.channel.store import INCOMING, Store, lock_for_writing
from tailrace.conda import rattler
from tailrace.conda.folders import CURRENT, is_own_channel
from tailrace.conda.instructions import PatchInstructions
from tailrace.conda.loading import load_directory
from tailrace.conda.records import Channel
from tailrace.conda.specs import parse_dependency


@dataclass(frozen=True, slots=True)
class Added:
    """What `add` made of one archive: where it will be once it is indexed. `known`: it was there already."""

    path: str
    known: bool


def no_hotfixes(patches: Path, repodata: bytes, subdir: str) -> PatchInstructions:
    """The patcher of a channel without hotfixes: it is never asked."""
    raise AssertionError("there are hotfixes, and no patcher was given")


def init(root: Path, when: str) -> Store:
    """A new channel, empty and indexed."""
    if root.exists() and not root.is_dir():
        raise CannotInitError(str(root), "is a file")
    with faults_named(root):
        if root.exists() and not is_own_channel(root) and any(root.iterdir()):
            store.create(root, when)  # refused before a lock is left in somebody's folder
        disk.make_folder(root)
    with lock_for_writing(root), faults_named(root):
        fresh = store.create(root, when)
        return publish(None, root, StagedFile(fresh.state, {}), no_hotfixes)


def add(root: Path, archives: Sequence[Path], label: str = MAIN) -> tuple[Added, ...]:
    """Take package archives in, all or none. Raises PackageError, NameTakenError, HeldError.

    Each is copied first and the copy is looked at, so what is checked is what will be served.
    """
    label = read_label(label)
    platforms = rattler.platforms()
    store.read(root)
    with lock_for_writing(root), faults_named(root):
        now = store.recover(root)
        waiting = _waiting(now, platforms)
        fresh: list[tuple[Path, Package]] = []
        added: list[Added] = []
        folder = root / INCOMING / label
        disk.make_folder(folder)
        try:
            for archive in archives:
                if not archive.is_file():
                    raise PackageError(str(archive), "is not there" if not archive.exists() else "is not a file")
                part = folder / f".part-{secrets.token_hex(8)}"
                disk.copy(archive, part)
                package = read_package(part, archive.name, platforms)
                known = _known(now, waiting, label, package)
                if known:
                    disk.remove_file(part)
                else:
                    fresh.append((part, package))
                    waiting[package.subdir, package.file_name] = (package.file, (label,))
                added.append(Added(path_of(label, package.subdir, package.file_name), known))
        except BaseException:
            for part in folder.glob(".part-*"):
                part.unlink(missing_ok=True)
            raise
        for part, package in fresh:
            disk.make_folder(folder / package.subdir)
            disk.move(part, folder / package.subdir / package.file_name)
            disk.fsync_path(folder / package.subdir)
        return tuple(added)


def index(root: Path, patcher: Patcher, when: str, *, patches: Path | None = None, no_patches: bool = False) -> Store:
    """Put what was added into the index, and hotfixes in or out of force."""
    if patches is not None and not patches.exists():
        raise SelectionError(f"There are no hotfixes at {patches}.")
    store.read(root)
    with lock_for_writing(root), faults_named(root):
        now = store.recover(root)
        changes: list[tuple[str, str, str, File]] = []
        content: dict[str, Path] = {}
        held: dict[Hold, tuple[str, ...]] = {}
        for label, path in store.find_incoming(now):
            package = read_package(path, path.name, rattler.platforms())
            where = path_of(label, package.subdir, package.file_name)
            on_hold = now.state.held(package.subdir, package.file_name)
            if on_hold is not None:  # it was held while it waited: its release lists it here as well
                held[on_hold] = tuple(sorted({*held.get(on_hold, on_hold.labels), label}))
            file = msgspec.structs.replace(package.file, listed=on_hold is None)
            changes.append((label, package.subdir, package.file_name, file))
            content[where] = path
        force = None if no_patches else patches if patches is not None else now.patches
        state = _next(
            now.state,
            LogEntry(
                serial=now.state.serial + 1,
                when=when,
                act="index",
                packages=tuple(sorted(content)),
                patches=None if force is None else force.name,
            ),
            changes,
        )
        state = msgspec.structs.replace(
            state,
            patches=None if force is None else force.name,
            holds=tuple(msgspec.structs.replace(one, labels=held.get(one, one.labels)) for one in state.holds),
        )
        return publish(now, root, StagedFile(state, content, force), patcher)


def promote(
    root: Path,
    wanted: Sequence[str],
    patcher: Patcher,
    when: str,
    *,
    source: str,
    target: str = MAIN,
    reports: Sequence[Path] = (),
    override: str | None = None,
    require_report: bool = False,
    neighbours: Sequence[Channel] = (),
    ask: Callable[[Sequence[tuple[str, File]]], Sequence[str]] | None = None,
) -> Store:
    """Move a set of packages from one label to another, all or none.

    `ask` is given each file with its name before anything changes; it returns lines for the log, and raises where the
    promotion must not be.

    They leave the index of the source; their files can still be downloaded from there. Raises RefusedError when there
    is no `override` and a check report speaks against it, a release has no report though one is required, or something
    that is promoted could not be installed from the target (with `main`, and `neighbours`, where dependencies may come
    from as well); SelectionError, HeldError.
    """
    source, target = read_label(source), read_label(target)
    if source == target:
        raise SelectionError(f"{source} cannot be promoted to itself.")
    _reason(override, "--override")
    store.read(root)
    with lock_for_writing(root), faults_named(root):
        now = store.recover(root)
        chosen = choose(now.state, source, wanted)
        for subdir, file_name, _ in chosen:
            hold = now.state.held(subdir, file_name)
            if hold is not None:
                raise HeldError(file_name, hold.reason)
        lines = judge.check_promotion(reports, [file for _, _, file in chosen], override, required=require_report)
        if ask is not None:
            lines = (*lines, *ask([(file_name, file) for _, file_name, file in chosen]))
        changes: list[tuple[str, str, str, File]] = []
        content: dict[str, Path] = {}
        for subdir, file_name, file in chosen:
            changes.append((source, subdir, file_name, msgspec.structs.replace(file, listed=False)))
            changes.append((target, subdir, file_name, file))
            content[path_of(target, subdir, file_name)] = now.served / path_of(source, subdir, file_name)
        entry = LogEntry(
            serial=now.state.serial + 1,
            when=when,
            act="promote",
            packages=tuple(sorted(content)),
            source=source,
            target=target,
            override=override,
            reports=lines,
        )

        def inspect(served: Path) -> None:
            before = _channels(now.served, root, (source, target, MAIN), neighbours)
            after = _channels(served, root, (target, MAIN), neighbours)
            wanted_there = {(subdir, file_name) for subdir, file_name, _ in chosen}
            _refuse_uninstallable(before, after, wanted_there, target)

        want = StagedFile(_next(now.state, entry, changes), content, now.patches)
        return publish(now, root, want, patcher, inspect=inspect if override is None else None)


def _channels(served: Path, root: Path, labels: Sequence[str], neighbours: Sequence[Channel]) -> tuple[Channel, ...]:
    """The labels of a state that is served from a folder, each once, and the neighbours."""
    address = (root.resolve() / CURRENT).as_uri()
    found = []
    for label in dict.fromkeys(labels):
        folder = served / label_path(label)
        if folder.is_dir():
            url = f"{address}/{label_path(label)}".rstrip("/")
            found.append(load_directory(folder, name=label, url=url))
    return (*found, *neighbours)


def _refuse_uninstallable(
    before: Sequence[Channel], after: Sequence[Channel], files: Collection[tuple[str, str]], target: str
) -> None:
    """Raise RefusedError for what was installable somewhere while it was in the source and is not from the target, and
    for what never was. What the hotfixes remove is not offered to anybody, and so is left alone.
    """
    amiss: dict[str, None] = {}
    missing: dict[str, None] = {}
    promoted = [r for r in after[0].records() if (r.subdir, r.file_name) in files and not r.removed]
    for record in promoted:
        failures = [
            (platform, one)
            for platform in platforms_of(record, before)
            if (one := find_uninstallable(record, after, platform)) is not None
        ]
        if not failures:
            continue
        elsewhere = {p for p in platforms_of(record, before) if find_uninstallable(record, before, p) is None}
        if not elsewhere and len(failures) < len(platforms_of(record, before)):
            continue
        for platform, one in failures:
            if platform in elsewhere or not elsewhere:
                amiss[f"{record.file_name} on {platform}: {one.reason}"] = None
                missing.update(dict.fromkeys(parse_dependency(text).name for text in one.needs))
    if not amiss:
        return
    near = [name for name in missing if any(before[0].of(s.name).get(name) for s in before[0].subdirs)]
    way = (
        f"Promote {' and '.join(near)} as well" if near else "Name the channel that has what is missing with -c CHANNEL"
    )
    raise RefusedError(
        f"Not promoted: what is promoted could not be installed from {target}: {'; '.join(list(amiss)[:5])}.",
        hint=f"{way}; --override REASON promotes all the same, and the log keeps it.",
    )


def hold(
    root: Path, wanted: Sequence[str], patcher: Patcher, when: str, *, reason: str, label: str | None = None
) -> Store:
    """Take releases out of the index of every label (or of one), and say so in `notices.json`.

    The files can still be downloaded, so that lock files keep working. Raises SelectionError.
    """
    _reason(reason, "--reason")
    reason = " ".join(reason.split())
    asked = None if label is None else read_label(label)
    store.read(root)
    with lock_for_writing(root), faults_named(root):
        now = store.recover(root)
        labels = [asked] if asked is not None else sorted(now.state.labels)
        where: dict[tuple[str, str], list[str]] = {}
        changes: list[tuple[str, str, str, File]] = []
        for text in wanted:
            problem: SelectionError | HeldError | None = None
            found = False
            for one in labels:
                try:
                    chosen = choose(now.state, one, [text])
                except (SelectionError, HeldError) as error:
                    problem = error if problem is None or one == MAIN or isinstance(error, HeldError) else problem
                    continue
                found = True
                for subdir, file_name, file in chosen:
                    if one not in where.setdefault((subdir, file_name), []):
                        where[subdir, file_name].append(one)
                        changes.append((one, subdir, file_name, msgspec.structs.replace(file, listed=False)))
            if not found and problem is not None:
                raise problem
        fresh = []
        for (subdir, file_name), ours in sorted(where.items()):
            before = now.state.held(subdir, file_name)
            fresh.append(
                Hold(
                    subdir=subdir,
                    file_name=file_name,
                    reason=reason,
                    since=when,
                    labels=tuple(sorted({*ours, *(before.labels if before else ())})),
                )
            )
        replaced = {(one.subdir, one.file_name) for one in fresh}
        kept = tuple(one for one in now.state.holds if (one.subdir, one.file_name) not in replaced)
        entry = LogEntry(
            serial=now.state.serial + 1,
            when=when,
            act="hold",
            packages=tuple(sorted(path_of(one, subdir, name) for one, subdir, name, _ in changes)),
            reason=reason,
        )
        state = msgspec.structs.replace(_next(now.state, entry, changes), holds=(*kept, *fresh))
        return publish(now, root, StagedFile(state, {}, now.patches), patcher)


def release(root: Path, wanted: Sequence[str], patcher: Patcher, when: str, *, reason: str | None = None) -> Store:
    """Undo holds: the files are listed again where they were."""
    store.read(root)
    with lock_for_writing(root), faults_named(root):
        now = store.recover(root)
        undone: dict[tuple[str, str], Hold] = {}
        for text in wanted:
            found = _held_by(now.state, text)
            if not found:
                held = ", ".join(sorted(one.file_name for one in now.state.holds)) or "nothing"
                raise SelectionError(f"No hold is on {text!r}.", hint=f"On hold: {held}.")
            undone.update({(one.subdir, one.file_name): one for one in found})
        changes = [
            (
                label,
                one.subdir,
                one.file_name,
                msgspec.structs.replace(now.state.labels[label][one.subdir][one.file_name], listed=True),
            )
            for one in undone.values()
            for label in one.labels
        ]
        entry = LogEntry(
            serial=now.state.serial + 1,
            when=when,
            act="release",
            packages=tuple(sorted(path_of(label, subdir, name) for label, subdir, name, _ in changes)),
            reason=reason,
        )
        state = msgspec.structs.replace(
            _next(now.state, entry, changes),
            holds=tuple(one for one in now.state.holds if (one.subdir, one.file_name) not in undone),
        )
        return publish(now, root, StagedFile(state, {}, now.patches), patcher)


def _held_by(state: State, text: str) -> list[Hold]:
    """Holds that a name means: chosen from a state in which nothing but them is listed."""
    found = []
    for one in state.holds:
        label = one.labels[0]
        file = msgspec.structs.replace(state.labels[label][one.subdir][one.file_name], listed=True)
        alone = msgspec.structs.replace(state, labels={label: {one.subdir: {one.file_name: file}}}, holds=())
        try:
            choose(alone, label, [text])
        except SelectionError:
            continue
        found.append(one)
    return found


def _next(state: State, entry: LogEntry, changes: Sequence[tuple[str, str, str, File]]) -> State:
    return msgspec.structs.replace(state, serial=entry.serial, entry=entry, labels=state.with_files(changes))


def _waiting(now: Store, platforms: tuple[str, ...]) -> dict[tuple[str, str], tuple[File, tuple[str, ...]]]:
    """What has been added and not indexed: by subdir and file name, the file and the labels."""
    found: dict[tuple[str, str], tuple[File, tuple[str, ...]]] = {}
    for label, path in store.find_incoming(now):
        package = read_package(path, path.name, platforms)
        key = (package.subdir, package.file_name)
        found[key] = (package.file, (*found.get(key, (package.file, ()))[1], label))
    return found


def _known(
    now: Store, waiting: dict[tuple[str, str], tuple[File, tuple[str, ...]]], label: str, package: Package
) -> bool:
    """Whether the label has this very file. Raises NameTakenError when any label has another one of that name."""
    hold = now.state.held(package.subdir, package.file_name)
    if hold is not None:
        raise HeldError(package.file_name, hold.reason)
    for other, subdirs in sorted(now.state.labels.items()):
        file = subdirs.get(package.subdir, {}).get(package.file_name)
        if file is not None and file.sha256 != package.file.sha256:
            raise NameTakenError(package.file_name, other)
    queued = waiting.get((package.subdir, package.file_name))
    if queued is not None and queued[0].sha256 != package.file.sha256:
        raise NameTakenError(package.file_name, "waiting to be indexed")
    mine = now.state.subdirs(label).get(package.subdir, {}).get(package.file_name)
    return (mine is not None and mine.listed) or (queued is not None and label in queued[1])


def _reason(text: str | None, option: str) -> None:
    if text is not None and (not text.strip() or len(text) > 1000):
        raise SelectionError(f"{option} needs a reason.", hint="One sentence that colleagues understand in a year.")
