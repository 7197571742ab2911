"""Loads channels as users write them: a name, a URL or a folder. Downloads go through py-rattler."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

import msgspec

from tailrace.conda import rattler
from tailrace.conda.errors import ChannelUnreadableError, MissingChannelError, RepodataError, UnknownSubdirError
from tailrace.conda.files import read_bounded
from tailrace.conda.folders import served_folder
from tailrace.conda.records import Channel, Record, Refused, Subdir
from tailrace.conda.repodata import decode_subdir
from tailrace.model.address import bare

#: What conda reads for the name `defaults`, besides a channel that only Windows uses.
DEFAULTS = ("main", "r")
#: The most that is read of one repodata file, unpacked (the largest real one is about 400 MB).
LIMIT = 2 << 30
#: The index as the packages say, before hotfixes.
UNPATCHED = ("repodata_from_packages.json", "repodata_from_packages.json.zst")


def load_channel(
    text: str, subdirs: Sequence[str], *, cache: Path, alias: str | None = None, unpatched: bool = False
) -> Channel:
    """One channel, with the given subdirs and `noarch`.

    A path that exists, or `file://…`, is read from disk, a channel of one's own as it is served now; everything else is
    a URL, or a name below `alias` (by default the environment variable CONDA_CHANNEL_ALIAS, else the place all conda
    clients use). Downloads are kept in `cache` and validated each time. Raises ChannelUnreadableError and
    UnknownSubdirError. `unpatched`: without hotfixes, where a folder also has its records so.
    """
    check_subdirs(subdirs)
    folder = served_folder(text)
    if folder is not None:
        return load_directory(folder.path, subdirs, name=folder.name, url=folder.url, unpatched=unpatched)
    if text.startswith((".", "/", "~", "file:")):
        raise MissingChannelError(text)
    if text == "defaults":
        parts = [load_channel(part, subdirs, cache=cache, alias=alias) for part in DEFAULTS]
        return merge_channels("defaults", parts)
    url = channel_address(text, alias)
    shown = without_secrets(url)
    name = shown.rsplit("/", 1)[-1]
    # `conda-forge/label/x` is a channel, `channels/main` may be a folder that is not there.
    hint = f"There is no folder {text}, so it was taken for the name of a channel." if "://" not in text else None
    # By the whole address, scheme and credentials included: two that differ only in punctuation are two channels.
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", shown.split("://")[-1])[:60]
    key = f"{readable}-{hashlib.sha256(url.encode()).hexdigest()[:32]}"
    read = tuple(
        found
        for subdir in sorted({*subdirs, "noarch"})
        if (found := _fetch(url, shown, name, subdir, cache / key, hint)) is not None
    )
    if not read:
        raise ChannelUnreadableError(shown, f"it has nothing for {', '.join(subdirs)}", hint="Is the name right?")
    return Channel(name, shown, read)


def load_channels(
    texts: Sequence[str],
    subdirs: Sequence[str],
    *,
    cache: Path,
    unpatched: Collection[str] = (),
    say: Callable[[str], None] | None = None,
) -> tuple[Channel, ...]:
    """The channels in the order given, each once; see `load_channel` for the errors.

    `unpatched`: the names of those that are wanted without their hotfixes. `say` is called before each is read.
    """
    found = []
    for text in dict.fromkeys(texts):
        if say is not None:
            say(f"reading {text}")
        found.append(load_channel(text, subdirs, cache=cache, unpatched=channel_name(text) in unpatched))
    return tuple(found)


def platforms_or_this(subdirs: Sequence[str]) -> tuple[str, ...]:
    """The platforms that are named, or this machine's if there are none. Raises UnknownSubdirError."""
    check_subdirs(subdirs)
    return tuple(subdirs) or (rattler.this_platform(),)


def served_platforms(texts: Sequence[str]) -> tuple[str, ...]:
    """The platforms that these channels serve where all of them are folders, else this machine's."""
    folders = [folder for text in texts if (folder := served_folder(text)) is not None]
    if len(folders) == len(texts):
        here = {path.name for folder in folders for path in folder.path.iterdir()}
        return tuple(name for name in rattler.platforms() if name in here and name != "noarch")
    return (rattler.this_platform(),)


def channel_address(text: str, alias: str | None = None) -> str:
    """The URL of a channel given by name or URL, without a slash at the end."""
    return rattler.channel_url(text, alias or os.environ.get("CONDA_CHANNEL_ALIAS"))


def channel_name(text: str) -> str:
    """What a channel is called in reports: the last part of its path."""
    folder = served_folder(text)
    return folder.name if folder is not None else text.rstrip("/").rsplit("/", 1)[-1]


def merge_channels(name: str, parts: Sequence[Channel]) -> Channel:
    """Several channels as one, under one name; of two files with one name the first counts."""
    merged: dict[str, dict[str, Record]] = {}
    refused: dict[str, tuple[Refused, ...]] = {}
    for part in parts:
        for subdir in part.subdirs:
            refused[subdir.name] = (*refused.get(subdir.name, ()), *subdir.refused)
            known = merged.setdefault(subdir.name, {})
            for record in subdir.records:
                known.setdefault(record.file_name, msgspec.structs.replace(record, channel=name))
    return Channel(
        name,
        parts[0].url,
        tuple(Subdir(subdir, tuple(found.values()), refused[subdir]) for subdir, found in merged.items()),
    )


def check_subdirs(subdirs: Sequence[str]) -> None:
    """Raise UnknownSubdirError for a platform no client knows."""
    known = rattler.platforms()
    for subdir in subdirs:
        if subdir not in known:
            raise UnknownSubdirError(subdir, next(iter(get_close_matches(subdir, known, 1)), None))


def without_secrets(url: str) -> str:
    """The URL without user, password, token, query and fragment; any other text with its secrets masked."""
    return bare(url)


def _fetch(url: str, shown: str, name: str, subdir: str, cache: Path, hint: str | None) -> Subdir | None:
    try:
        path = rattler.fetch_repodata(url, subdir, cache)
    except Exception as error:  # every failure of the network or of the library means the same here: could not check
        # The library tells the whole chain of causes; the last one is what happened.
        reason = without_secrets(" ".join(str(error).split()))
        if subdir != "noarch" and "404" in reason:
            return None
        last = reason.rpartition("Caused by: ")[2]
        raise ChannelUnreadableError(shown, f"{subdir} cannot be fetched ({last})", hint=hint) from None
    if path is None:
        return None
    return decode_subdir(path.read_bytes(), channel=name, subdir=subdir, place=f"{subdir}/repodata.json")


def load_directory(
    folder: Path,
    subdirs: Iterable[str] | None = None,
    *,
    name: str | None = None,
    url: str | None = None,
    unpatched: bool = False,
) -> Channel:
    """A channel from a folder: `SUBDIR/repodata.json` or `SUBDIR/repodata.json.zst`. `noarch` always belongs to it.

    `name` and `url`: what clients call the channel where that is not the folder's own. `unpatched`: without hotfixes,
    from `repodata_from_packages.json`, where there is one.
    """
    shown = name or folder.resolve().name
    if not folder.is_dir():
        raise MissingChannelError(str(folder))
    wanted = sorted({*subdirs, "noarch"}) if subdirs is not None else sorted(_subdirs_in(folder))
    read = tuple(
        decode_subdir(_read_index(path, shown), channel=shown, subdir=subdir, place=f"{subdir}/{path.name}")
        for subdir in wanted
        if (path := _repodata_path(folder / subdir, UNPATCHED if unpatched else ())) is not None
    )
    if not read:
        raise ChannelUnreadableError(
            str(folder), "it has no repodata.json for " + (", ".join(wanted) or "any platform")
        )
    return Channel(shown, url or folder.resolve().as_uri(), read)


def _subdirs_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.is_dir() and _repodata_path(path) is not None}


def _repodata_path(folder: Path, first: Iterable[str] = ()) -> Path | None:
    for file_name in (*first, "repodata.json", "repodata.json.zst"):
        if (folder / file_name).is_file():
            return folder / file_name
    return None


def _read_index(path: Path, channel: str) -> bytes:
    try:
        return read_bounded(path, LIMIT)
    except RepodataError as error:
        raise ChannelUnreadableError(channel, f"{path.name} {error.reason.removesuffix('.')}") from None
