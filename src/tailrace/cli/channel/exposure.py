"""`tailrace exposure`: show who gets which packages from conda channels."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace.cli.channel.options import channel_option, grid_options, harm_options
from tailrace.cli.options import GroupedCommand, color_option, formats_option

if TYPE_CHECKING:
    from tailrace.solvers import Installed, Priority

FILE = click.Path(path_type=Path)


@click.command(cls=GroupedCommand, name="exposure")
@click.argument("specs", metavar="SPEC...", nargs=-1, required=True)
@channel_option(required=True)
@grid_options
@click.option("--with", "more", multiple=True, metavar="SPEC", help="A further spec to install.")
@click.option(
    "--as-of",
    "days",
    multiple=True,
    metavar="DATE",
    help="A past day (its end) or moment, UTC: 2022-05-26 or 2022-05-26T23:09Z; several times for several rows.",
)
@click.option(
    "--hotfixes",
    multiple=True,
    metavar="CHANNEL=PATCHES[@DATE]",
    help="Which patches a channel had from a day on; several times for its history.",
)
@click.option("--since", metavar="DATE", help="With --until: when exposure begins and ends, instead of a grid.")
@click.option("--until", metavar="DATE", help="The end of that time.")
@harm_options
@click.option(
    "--installed", metavar="PREFIX", type=FILE, help="Install into this environment (read only) instead of a new one."
)
@formats_option("exposure")
@color_option
def command(
    specs: Sequence[str],
    channels: Sequence[str],
    priorities: Sequence[str],
    clients: Sequence[str],
    subdirs: Sequence[str],
    every_order: bool,
    virtual: str,
    no_add_pip: bool,
    more: Sequence[str],
    days: Sequence[str],
    hotfixes: Sequence[str],
    since: str | None,
    until: str | None,
    broken: str | None,
    reports: Sequence[Path],
    fixed: Sequence[str],
    installed: Path | None,
    formats: Sequence[str],
    color: str,
) -> int:
    """Show who gets which packages, by client, channel order, priority, platform and day.

    Who got conda 4.13 together with a conda-build that breaks under it, on 26 May 2022?

    \b
        tailrace exposure conda-smithy -c conda-forge -c defaults --every-order --as-of 2022-05-26 \\
            --broken "conda >=4.13 & (conda-build <3.21.8 | conda-build 3.21.8 *_0)"

    From when to when?

    \b
        tailrace exposure conda-smithy -c defaults -c conda-forge --since 2022-05-19 --until 2022-06-10 \\
            --broken "conda >=4.13 & conda-build <3.21.9"

    A past day shows the records that had appeared by then: by `indexed_timestamp`, which the server sets, else by
    `timestamp`, when the package was built. Hotfixes change records later; --hotfixes says which were in force when.

    Exit status: 0 no configuration is exposed, 1 at least one is, 2 usage, 3 a channel could not be read, 130
    interrupted, 143 terminated.
    """
    from typing import cast

    from tailrace.cli.channel.options import load_channels
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.output import publish
    from tailrace.cli.progress import progress
    from tailrace.conda.loading import platforms_or_this
    from tailrace.conda.specs import parse_spec
    from tailrace.exposure.ask import (
        answer_question,
        channel_orders,
        clients_asked,
        parse_moments,
        parse_span,
        suspected_specs,
    )
    from tailrace.exposure.grid import Question, configurations
    from tailrace.hotfix.apply.history import read_patch_history
    from tailrace.hotfix.suggest import harmful_combination
    from tailrace.report import RenderOptions, read_reports

    outputs = read_outputs(formats, "exposure")
    span = parse_span(since, until, days)
    read = read_reports(reports)
    harm = harmful_combination(broken, read, fixed)
    known = platforms_or_this(subdirs)
    asked = (*specs, *more)
    for spec in asked:
        parse_spec(spec)
    moments = parse_moments(days)
    history = read_patch_history(hotfixes, channels)
    loaded = load_channels(channels, known, history.names if history else ())
    if read:  # the builds of these channels tell more than the reports alone
        harm = harmful_combination(None, read, fixed, loaded)
    question = Question(
        specs=asked,
        orders=channel_orders(loaded, every=every_order),
        priorities=cast("tuple[Priority, ...]", tuple(priorities)),
        clients=clients_asked(clients, () if installed is None else (installed,)),
        subdirs=known,
        moments=moments,
        broken=harm,
        virtual=virtual,
        add_pip=not no_add_pip,
        installed=_installed(installed),
        hotfixes=history,
        pins=_pins(installed),
    )
    with progress() as bar:
        if bar is not None and span is None:
            bar.start(len(moments) * len(list(configurations(question))))
        report = answer_question(
            question,
            span=span,
            suspected=suspected_specs(harm, from_reports=bool(read)),
            tell=None if bar is None else bar.step,
        )
    options = RenderOptions(names=tuple(harm.names) if harm else (), span=span)
    publish(report, outputs, options, color=color, limit=1000)
    return report.exit_status


def _installed(prefix: Path | None) -> tuple[Installed, ...]:
    if prefix is None:
        return ()
    from tailrace.conda.prefixes import load_prefix

    return load_prefix(prefix)


def _pins(prefix: Path | None) -> tuple[str, ...]:
    """What the environment pins. Each is named, since it changes every answer, and one that cannot be read is named as
    well.
    """
    if prefix is None:
        return ()
    from tailrace.cli.failure import say
    from tailrace.conda.prefixes import read_pins, readable_pins

    good, bad = readable_pins(read_pins(prefix, os.environ))
    for pin in good:
        say(f"note: pinned by {pin.source}: {pin.spec}")
    for pin, reason in bad:
        say(f"note: a pin in {pin.source} was left out: {reason}")
    return tuple(pin.spec for pin in good)
