"""What a shell may complete after an option or argument. Imports nothing heavy: a shell asks at each key press."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    import click

CHANNELS = ("conda-forge", "defaults", "bioconda", "nodefaults", "pkgs/main", "pkgs/r")


def matching(values: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """The values that begin with what was typed."""
    return [CompletionItem(value) for value in values if value.startswith(incomplete)]


def complete_release(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A release: files and folders, `env:` and `git+`."""
    prefixes = matching(("env:", "git+"), incomplete) if incomplete else []
    return [*prefixes, CompletionItem(incomplete, type="file")]


def complete_channel(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A channel: the usual names, and folders."""
    return [*matching(CHANNELS, incomplete), CompletionItem(incomplete, type="dir")]


def complete_words(values: Sequence[str], incomplete: str) -> list[CompletionItem]:
    """One more word of a list that is written with commas: what was typed before stays."""
    before, comma, last = incomplete.rpartition(",")
    taken = set(before.split(","))
    return [
        CompletionItem(f"{before}{comma}{value}") for value in values if value.startswith(last) and value not in taken
    ]


def complete_format(values: Sequence[str], incomplete: str) -> list[CompletionItem]:
    """A format, and after its colon a file."""
    name, colon, path = incomplete.partition(":")
    if colon and name in values:
        return [CompletionItem(path, type="file")]
    return matching(values, incomplete)
