"""Builds the folder of a new state: files, every form of the index, notices. Serves nothing.

py-rattler's indexer writes the index. It patches `repodata.json`, `.zst` and shards alike, where conda-index leaves
shards unpatched that were patched by a program, and needs conda itself. Three of its ways are worked around:

* it keeps the record of a file that patches remove, and conda would still install it; so such files, and those that
  are held or were promoted, are put in place after indexing. What is removed is listed as removed in all forms.
* it ignores `revoke`; a revoked package gets the dependency that conda-index would give it.
* it starts from the `repodata.json` it finds, patched or not; so it is given one of unpatched records, which also keeps
  `indexed_timestamp` (CEP 47): the moment at which clients could first see a package.

`current_repodata.json` is not written: it holds the newest records only and so hides hotfixed older ones; conda asks
for `repodata.json` where it is absent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tailrace import disk
from tailrace.channel.errors import IndexFaultError
from tailrace.channel.index_formats.check import check_channel
from tailrace.channel.index_formats.places import Folder
from tailrace.channel.index_formats.read import Records, read_form, read_records
from tailrace.channel.notices import notices_of
from tailrace.channel.patches import Patcher, check_applied, hidden_package, portable_instructions
from tailrace.channel.state import File, State, label_path, path_of
from tailrace.channel.store import PATCHES, SEEN, SERVED, Store, switch
from tailrace.conda import rattler
from tailrace.conda.errors import ChannelUnreadableError
from tailrace.conda.folders import STATES
from tailrace.conda.instructions import PatchInstructions
from tailrace.conda.repodata import SECTIONS

#: Where the content of a file of the state lies now: `(label, subdir, file name)` in, path out.


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A state to be made. `content`: files that the current state does not have, by their path in the channel.
    `patches`: the hotfixes in force from now on.
    """

    state: State
    content: Mapping[str, Path]
    patches: Path | None = None


def publish(
    store: Store | None,
    root: Path,
    want: StagedFile,
    patcher: Patcher,
    *,
    inspect: Callable[[Path], None] | None = None,
) -> Store:
    """Make the state and switch the channel to it. To be called while writing, on a recovered store.

    `inspect`: is given what would be served, and refuses it by raising; then nothing has changed.
    """
    staged = root / STATES / f"{want.state.serial:08}.new"
    if staged.exists():
        disk.remove_tree(staged)
    served = staged / SERVED
    disk.make_folder(served)
    if want.patches is not None:
        _copy_patches(want.patches, staged / PATCHES / want.patches.name)
    for label, subdirs in sorted(want.state.labels.items()):
        _index_label(store, want, label, subdirs, staged, patcher)
    for label in want.state.labels:
        if notices := notices_of(want.state, label):
            disk.write(served / label_path(label) / "notices.json", notices)
    _refuse_disagreement(served)
    if inspect is not None:
        try:
            inspect(served)
        except BaseException:
            disk.remove_tree(staged)
            raise
    return switch(root, staged, want.state)


def _index_label(
    store: Store | None,
    want: StagedFile,
    label: str,
    subdirs: Mapping[str, Mapping[str, File]],
    staged: Path,
    patcher: Patcher,
) -> None:
    top = staged / SERVED / label_path(label)
    all_subdirs = {"noarch": {}, **subdirs}
    for subdir, files in sorted(all_subdirs.items()):
        disk.make_folder(top / subdir)
        for file_name, file in sorted(files.items()):
            if file.listed:
                disk.link(_content(store, want, path_of(label, subdir, file_name)), top / subdir / file_name)
        if store is not None and (seen := _seen(store.folder, label, subdir)).is_file():
            disk.write(top / subdir / "repodata.json", seen.read_bytes())
    _run_indexer(top, None)
    unpatched = {subdir: _records(top / subdir) for subdir in all_subdirs}
    _remember(store, staged, label, unpatched)
    orders = {}
    for subdir in all_subdirs:
        given = PatchInstructions()
        if want.patches is not None:
            given = patcher(want.patches, (top / subdir / "repodata.json").read_bytes(), subdir)
        orders[subdir] = portable_instructions(given, unpatched[subdir])
        for file_name in orders[subdir].remove:
            disk.remove_file(top / subdir / file_name)
    unlisted = {s: [name for name, file in files.items() if not file.listed] for s, files in all_subdirs.items()}
    disk.announce("create", top / "noarch")
    hidden = hidden_package(top / "noarch", {s: (orders[s], unlisted[s]) for s in all_subdirs})
    _run_indexer(top, hidden)
    disk.remove_file(top / "noarch" / hidden)
    for subdir in all_subdirs:
        check_applied(f"{label_path(label)}{subdir}", orders[subdir], _records(top / subdir))
        for file_name in sorted({*unlisted[subdir], *orders[subdir].remove}):
            disk.link(_content(store, want, path_of(label, subdir, file_name)), top / subdir / file_name)
        if store is not None:
            _keep_shards(store.served / label_path(label) / subdir, top / subdir)


def _content(store: Store | None, want: StagedFile, path: str) -> Path:
    if path in want.content:
        return want.content[path]
    assert store is not None
    return store.served / path


def _run_indexer(top: Path, patch: str | None) -> None:
    disk.announce("index", top)
    try:
        rattler.index_folder(top, patch, served=patch is not None)
    except rattler.UnreadableError as error:
        raise ChannelUnreadableError(str(top), f"it cannot be indexed ({error})") from None
    disk.announce("indexed", top)
    if (top / ".tmp").is_dir():  # where the indexer writes before it renames
        disk.remove_tree(top / ".tmp")


def _records(folder: Path) -> Mapping[str, Records]:
    records = read_records((folder / "repodata.json").read_bytes())
    if records is None:
        raise IndexFaultError(f"The indexer left no readable repodata.json in {folder.name}; the channel is unchanged.")
    return records


def _seen(state_folder: Path, label: str, subdir: str) -> Path:
    return state_folder / SEEN / label_path(label) / f"{subdir}.json"


def _remember(store: Store | None, staged: Path, label: str, unpatched: Mapping[str, Mapping[str, Records]]) -> None:
    """Keep the records of all files that were ever listed, as they are without hotfixes: what comes back comes back
    with its old `indexed_timestamp`.
    """
    for subdir, records in unpatched.items():
        path = _seen(staged, label, subdir)
        disk.make_folder(path.parent)
        old: Mapping[str, Records] = {}
        if store is not None and (before := _seen(store.folder, label, subdir)).is_file():
            old = read_records(before.read_bytes()) or {}
        merged = {section: {**old.get(section, {}), **records[section]} for section in SECTIONS}
        disk.write(path, msgspec.json.encode({"info": {"subdir": subdir}, **merged, "repodata_version": 1}))


def _keep_shards(old: Path, new: Path) -> None:
    """Keep the shards of the state before: a client may have read its index just before the switch.

    A shard's name is its hash, so one that is in both is one file: it has lasted on disk since then.
    """
    form = read_form(Folder(old.parent, str(old)), old.name, "shards")
    for hash_ in sorted(set((form.shards or {}).values())):
        name = f"shards/{hash_}.msgpack.zst"
        if (old / name).exists():
            disk.make_folder((new / name).parent)
            disk.remove_file(new / name)
            disk.link(old / name, new / name)


def _copy_patches(source: Path, target: Path) -> None:
    """Hotfixes stay in force for what is added later, so the channel keeps its own copy."""
    disk.make_folder(target.parent)
    if source.is_file():
        disk.copy(source, target)
        return
    for path in sorted(source.rglob("*")):
        if path.is_file() and path.suffix in (".yaml", ".json") and not path.name.startswith("."):
            disk.make_folder((target / path.relative_to(source)).parent)
            disk.copy(path, target / path.relative_to(source))


def _refuse_disagreement(served: Path) -> None:
    """What is about to be served has to stand the test that `channel check` would put it to."""
    found = check_channel(Folder(served, "the new index"), hash_files=False, dependencies=False)
    if found.differences:
        raise IndexFaultError(
            f"The index that was made contradicts itself: {found.differences[0].message} The channel is unchanged."
        )
