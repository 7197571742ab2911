"""A package index as the gate and the nightly read it: which versions it offers, and what each requires."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

    from tailrace.sources import Sources

#: How a place is written that is an index: `index`, `index+URL`, `index+FOLDER`.
INDEX = "index"


def is_index(place: str) -> bool:
    """Whether a place is an index."""
    return place == INDEX or place.startswith(f"{INDEX}+")


def index_sources(place: str) -> Sources:
    """The index at a place: the configured one, one of another address, or a folder of archives alone."""
    from dataclasses import replace

    from tailrace.cli.options import load_settings
    from tailrace.cli.wiring import make_sources
    from tailrace.sources import Sources

    settings = load_settings({}, None)
    where = place.partition("+")[2]
    if not where:
        return make_sources(settings)
    if "://" in where:
        return make_sources(replace(settings, index_url=where, extra_index_urls=(), find_links=()))
    folder = Path(where).expanduser()
    if not folder.is_dir():
        raise click.UsageError(f"{where} is not a folder: write index+FOLDER, index+URL, or index.")
    return Sources(replace(make_sources(settings).settings, index_urls=(), extra_index_urls=(), find_links=(where,)))


class AskedIndex:
    """An index as the gate reads it."""

    def __init__(self, sources: Sources, first: str) -> None:
        """`first`: the package that may not be there yet."""
        self.sources = sources
        self.first = (first,)

    def offered(self, name: str) -> dict[str, datetime | None] | None:
        """The final, not yanked versions with their days; None, and a warning, where the index does not say."""
        from tailrace.cli.failure import say
        from tailrace.sources.errors import SourceError, UnknownNameError

        try:
            times = dict(self.sources.history(name))
            return {version: times.get(version) for version in self.sources.versions(name)}
        except UnknownNameError as error:
            if name in self.first:
                return {}  # nothing of it was released yet
            say(f"warning: {error.message}")
        except SourceError as error:
            say(f"warning: {error.message}")
        return None

    def requires(self, name: str, version: str) -> tuple[str, ...] | None:
        """What a release requires; None where it cannot be read."""
        from tailrace.artifacts import open_release
        from tailrace.model.errors import TailraceError

        known = self.sources.requirements(name, f"=={version}")
        if known is not None:
            return known
        try:
            return tuple(open_release(f"{name}=={version}", self.sources).metadata.requires_dist)
        except TailraceError:
            return None
