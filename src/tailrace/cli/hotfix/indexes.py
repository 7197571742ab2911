"""Patches each index of a file, folder or channel. All are written, or none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from tailrace.hotfix import (
    HotfixResult,
    Repodata,
    RepodataError,
    decode_repodata,
    encode_repodata,
    hotfix_diff,
    load_patches,
    patch_repodata,
    patch_with_instructions,
    read_instructions,
    read_repodata,
    write_instructions,
    write_repodata,
)


def patch_indexes(patches: Path, repodata: str, subdirs: Sequence[str]) -> tuple[HotfixResult, ...]:
    """What the patches do to a repodata file, or to each platform of a channel."""
    file = Path(repodata).expanduser()
    if "://" not in repodata and (file.is_file() or file.suffix in (".json", ".zst")):
        if len(subdirs) > 1:
            raise click.UsageError("one file is the index of one platform: give one --subdir.")
        return (hotfix_diff(patches, file, subdir=subdirs[0] if subdirs else None),)
    if patches.suffix == ".json":
        instructions = read_instructions(patches)
        return tuple(
            patch_with_instructions(instructions, index, subdir) for subdir, index in indexes(repodata, subdirs)
        )
    documents = load_patches(patches)
    return tuple(patch_repodata(documents, index, subdir) for subdir, index in indexes(repodata, subdirs))


def indexes(channel: str, subdirs: Sequence[str]) -> list[tuple[str, Repodata]]:
    """The indexes of a channel, by platform. Raises ChannelUnreadableError and RepodataError."""
    from tailrace.channel.index_formats.places import Folder, place_of
    from tailrace.conda.errors import ChannelUnreadableError
    from tailrace.conda.loading import check_subdirs

    check_subdirs(subdirs)
    place = place_of(channel)
    wanted = tuple(subdirs) or tuple(one for one in place.folders() or () if "/" not in one)
    if not wanted:
        raise ChannelUnreadableError(
            place.shown, "which platforms it has cannot be listed", hint="Name them with --subdir linux-64,noarch."
        )
    found = []
    for subdir in wanted:
        for name in ("repodata.json", "repodata.json.zst"):
            if isinstance(place, Folder):
                path = place.root / subdir / name
                index = read_repodata(path) if path.is_file() else None
            else:
                data = place.read(f"{subdir}/{name}") if name.endswith(".json") else None
                index = decode_repodata(data, f"{place.shown}/{subdir}/{name}") if data is not None else None
            if index is not None:
                found.append((subdir, index))
                break
        else:
            raise ChannelUnreadableError(place.shown, f"it has no index for {subdir}", hint="Check --subdir.")
    return found


def write_indexes(results: Sequence[HotfixResult], output: Path, instructions: Path | None) -> None:
    """One index as a file (or on stdout), several as `SUBDIR/repodata.json` in a folder.

    All are written beside their places first: when one cannot be, none appears.
    """
    if len(results) > 1 and instructions is not None:
        raise click.UsageError("instructions are those of one platform: give one --subdir.")
    if str(output) == "-":
        if len(results) > 1:
            raise click.UsageError("several platforms need a folder: name it with -o.")
        sys.stdout.flush()
        sys.stdout.buffer.writelines(encode_repodata(results[0].patched))
        sys.stdout.buffer.flush()
    elif len(results) == 1 and not output.is_dir():
        write_repodata(results[0].patched, output)
    else:
        _write_folder(results, output)
    if instructions is not None:
        write_instructions(results[0].instructions, instructions)


def _write_folder(results: Sequence[HotfixResult], output: Path) -> None:
    with ExitStack() as leftovers:
        moves = []
        for result in results:
            folder = output / result.subdir
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise RepodataError(
                    folder, f"cannot be made: {error.strerror or error}.", hint="Nothing was written."
                ) from None
            new = folder / ".repodata.json.new"
            leftovers.callback(new.unlink, missing_ok=True)
            write_repodata(result.patched, new)
            moves.append((new, folder / "repodata.json"))
        for new, path in moves:
            new.replace(path)
