"""`tailrace hotfix reach`: list the environments, caches and lock files that patches do not reach."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace import disk
from tailrace.cli.channel.options import (
    add_pip_option,
    channel_option,
    client_option,
    harm_options,
    priority_option,
    virtual_option,
)
from tailrace.cli.hotfix.patches import METAVAR, patches_by_channel
from tailrace.cli.options import GroupedCommand, color_option, format_option

if TYPE_CHECKING:
    from tailrace.channel.index_formats.places import IndexLocation
    from tailrace.solvers import Priority

FILE = click.Path(path_type=Path)
_LOCK_SIZE = 64 << 20


@click.command(cls=GroupedCommand, name="reach")
@click.argument("patches", metavar=f"[{METAVAR}...]", nargs=-1)
@channel_option(required=False)
@harm_options
@click.option(
    "--installed", "prefixes", multiple=True, metavar="PREFIX", type=FILE, help="A conda environment; several times."
)
@click.option("--pkgs-dir", "caches", multiple=True, metavar="DIR", type=FILE, help="A package cache; several times.")
@click.option(
    "--lock",
    "locks",
    multiple=True,
    metavar="FILE",
    type=FILE,
    help="A conda-lock.yml, a pixi.lock or an explicit file; several times.",
)
@click.option("--spec", "requests", multiple=True, metavar="SPEC", help="An update to simulate besides the usual ones.")
@client_option("Clients whose next update is simulated: {clients}.  [default: all, pixi only for its own environments]")
@priority_option
@click.option("--as-of", "day", metavar="DATE", help="Simulate updates on a past day or moment, UTC.")
@click.option("--subdir", metavar="NAME", help="The environments' platform.  [default: this machine's]")
@virtual_option
@add_pip_option
@click.option("--why", is_flag=True, help="Also say how it is known which client uses which records.")
@format_option("hotfix-reach")
@color_option
def reach(
    patches: Sequence[str],
    channels: Sequence[str],
    broken: str | None,
    reports: Sequence[Path],
    fixed: Sequence[str],
    prefixes: Sequence[Path],
    caches: Sequence[Path],
    locks: Sequence[Path],
    requests: Sequence[str],
    clients: Sequence[str],
    priorities: Sequence[str],
    day: str | None,
    subdir: str | None,
    virtual: str,
    no_add_pip: bool,
    why: bool,
    format_: str,
    color: str,
) -> int:
    """List whom patches do not reach: old records in environments and caches, served forms that differ, lock files.

    \b
        tailrace hotfix reach conda-build.yaml -c conda-forge --installed $CONDA_PREFIX --pkgs-dir ~/miniforge3/pkgs \\
            --lock conda-lock.yml --broken "conda >=4.13 & conda-build <3.21.9"

    Without PATCHES, the channels are assumed to be patched already. For each environment and client, the report says
    whether the next update would be harmful, and which commands repair the environment. Nothing is changed.

    Exit status: 0 everybody is reached, 1 somebody is not, 2 usage, 3 when it could not be decided.
    """
    from typing import cast

    from tailrace.cli.channel.options import load_channels
    from tailrace.cli.failure import say
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish
    from tailrace.conda.loading import platforms_or_this
    from tailrace.conda.specs import parse_spec
    from tailrace.conda.timestamps import parse_moment
    from tailrace.exposure.ask import clients_asked, suspected_specs
    from tailrace.exposure.known_names import notes_on_versions, refuse_unknown_names
    from tailrace.hotfix.prove import parse_request
    from tailrace.hotfix.reach import ReachQuestion
    from tailrace.hotfix.reach import reach as find_missed
    from tailrace.hotfix.suggest import harmful_combination
    from tailrace.report import RenderOptions, read_reports

    if not (channels or locks):
        raise click.UsageError("name the channels with -c; only lock files can be looked at without.")
    read = read_reports(reports)
    harm = harmful_combination(broken, read, fixed)
    (platform,) = platforms_or_this((subdir,) if subdir else ())
    asked = tuple(parse_request(text) for text in requests)
    requested = tuple(parse_spec(spec) for request in asked for spec in request)
    loaded = load_channels(channels, (platform,)) if channels else ()
    suspected = suspected_specs(harm, from_reports=bool(read))
    refuse_unknown_names((*requested, *suspected), loaded, names_at_hand(prefixes, caches, locks))
    for note in notes_on_versions(suspected, loaded):
        say(f"note: {note}")
    if read:  # the builds of these channels tell more than the reports alone
        harm = harmful_combination(None, read, fixed, loaded)
    found = find_missed(
        ReachQuestion(
            channels=loaded,
            places=_places(channels),
            patches=patches_by_channel(patches, channels) if patches else None,
            broken=harm,
            prefixes=tuple(prefixes),
            caches=tuple(caches),
            locks=tuple(locks),
            requests=asked,
            clients=clients_asked(clients, prefixes),
            priorities=cast("tuple[Priority, ...]", tuple(priorities)),
            subdir=platform,
            as_of=parse_moment(day) if day else None,
            virtual=virtual,
            add_pip=not no_add_pip,
            environ=os.environ,
        )
    )
    publish(found, [Output(format_)], RenderOptions(why=why), color=color)
    return found.exit_status


def names_at_hand(prefixes: Sequence[Path], caches: Sequence[Path], locks: Sequence[Path]) -> frozenset[str]:
    """The names of packages that environments, caches and lock files hold, which a channel may not have any more."""
    places = [*(prefix / "conda-meta" for prefix in prefixes), *caches]
    files = [entry.name for place in places if place.is_dir() for entry in place.iterdir()]
    for lock in locks:
        try:
            with disk.open_file(lock) as file:
                text = file.read(_LOCK_SIZE).decode("utf-8", "replace")
        except OSError:  # whoever reads it says what is wrong
            continue
        files += re.findall(r"/([A-Za-z0-9_.+-]+)\.(?:conda|tar\.bz2)\b", text)
    return frozenset(name.rsplit("-", 2)[0] for name in files if name.count("-") >= 2)


def _places(channels: Sequence[str]) -> tuple[IndexLocation | None, ...]:
    """Where the served forms are read, by channel. `defaults` is several channels, and has none of its own."""
    from tailrace.channel.index_formats.places import place_of
    from tailrace.cli.failure import say
    from tailrace.conda.loading import DEFAULTS

    found: list[IndexLocation | None] = []
    for text in dict.fromkeys(channels):
        if text == "defaults":
            parts = " ".join(f"-c {part}" for part in DEFAULTS)
            say(f"note: the served forms of defaults are not compared; name its parts for that: {parts}")
        found.append(None if text == "defaults" else place_of(text))
    return tuple(found)
