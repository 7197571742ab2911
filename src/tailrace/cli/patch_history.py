"""`--hotfixes CHANNEL=PATCHES[@DATE]` in, the history of a channel's hotfixes out. Reads patches; applies none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tailrace.hotfix.apply.history import PatchHistory, PatchSet

OPTION = "--hotfixes"


def read_history(texts: Sequence[str], channels: Sequence[str]) -> PatchHistory | None:
    """The history, by the names of the channels that were given with `-c`; `None` when there is none."""
    if not texts:
        return None
    from tailrace.conda.loading import channel_name
    from tailrace.conda.timestamps import MomentError, parse_moment
    from tailrace.hotfix.apply.channel import load_channel_patches
    from tailrace.hotfix.apply.history import PatchHistory, PatchSet

    names = {text: channel_name(text) for text in channels}
    sets: dict[str, list[PatchSet]] = {}
    for text in texts:
        channel, found, rest = text.partition("=")
        if not found or not rest:
            raise click.UsageError(f"{OPTION} {text!r} is none: write CHANNEL=PATCHES or CHANNEL=PATCHES@DATE.")
        name = names.get(channel) or next((one for one in names.values() if one == channel), None)
        if name is None:
            raise click.UsageError(f"{OPTION} speaks of {channel!r}, which is not among the channels: name it with -c.")
        path, at, day = rest.rpartition("@")
        try:
            since = parse_moment(day, start=True) if at else None
        except MomentError:
            if not Path(rest).exists():
                raise
            at, since = "", None
        sets.setdefault(name, []).append(PatchSet(load_channel_patches(Path(path if at else rest)), since))
    return PatchHistory({name: tuple(found) for name, found in sets.items()})
