"""Parses `[CHANNEL=]PATCHES` into patches by channel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tailrace.hotfix.apply.channel import Patches

METAVAR = "[CHANNEL=]PATCHES"


def patches_by_channel(texts: Sequence[str], channels: Sequence[str], only: Sequence[str] = ()) -> dict[str, Patches]:
    """The patches of each channel, by its name. `channels`: as given with `-c`. What names no channel goes to all of
    them, or to those in `only`.
    """
    from tailrace.conda.loading import channel_name
    from tailrace.hotfix.apply.channel import load_channel_patches

    called = {text: channel_name(text) for text in channels}
    names = list(dict.fromkeys(called.values()))
    for name in only:
        if name not in names:
            raise click.UsageError(f"--only {name}: the channels are {', '.join(sorted(names))}.")
    found: dict[str, Patches] = {}
    for text in texts:
        given, equals, rest = text.partition("=")
        if equals and rest and not Path(text).exists():
            name = called.get(given, given)
            if sum(one == name for one in called.values()) > 1:
                raise click.UsageError(f"{text}: two of the channels are called {name}.")
            if name not in names:
                raise click.UsageError(f"{text}: the channels are {', '.join(sorted(names))}.")
            wanted, path = [name], Path(rest)
        else:
            wanted, path = list(only) or names, Path(text)
        twice = next((name for name in wanted if name in found), None)
        if twice is not None:
            raise click.UsageError(f"{text}: {twice} has its patches already; write CHANNEL=PATCHES for each channel.")
        found.update(dict.fromkeys(wanted, load_channel_patches(path)))
    return found
