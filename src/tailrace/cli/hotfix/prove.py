"""`tailrace hotfix prove`: prove patches in every configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace.cli.channel.options import channel_option, grid_options, harm_options
from tailrace.cli.hotfix.patches import METAVAR, patches_by_channel
from tailrace.cli.options import GroupedCommand, color_option, format_option

if TYPE_CHECKING:
    from tailrace.solvers import Priority


@click.command(cls=GroupedCommand, name="prove")
@click.argument("patches", metavar=f"{METAVAR}...", nargs=-1, required=True)
@channel_option(required=True)
@harm_options
@click.option(
    "--spec",
    "requests",
    multiple=True,
    metavar="SPEC",
    help='What users ask for, several at once with &: "conda-smithy & conda >=4.13"; repeat for more.',
)
@click.option(
    "--only", multiple=True, metavar="CHANNEL", help="The channel (by the last part of its path) that is patched."
)
@click.option("--as-of", "days", multiple=True, metavar="DATE", help="A past day or moment, UTC; several times.")
@grid_options
@format_option("hotfix-proof")
@color_option
def prove(
    patches: Sequence[str],
    channels: Sequence[str],
    broken: str | None,
    reports: Sequence[Path],
    fixed: Sequence[str],
    requests: Sequence[str],
    only: Sequence[str],
    days: Sequence[str],
    priorities: Sequence[str],
    clients: Sequence[str],
    subdirs: Sequence[str],
    every_order: bool,
    virtual: str,
    no_add_pip: bool,
    format_: str,
    color: str,
) -> int:
    """Prove that patches remove the harm and break nothing else: every cell of the grid is solved with and without
    them.

    \b
        tailrace hotfix prove conda-build.yaml -c conda-forge -c defaults --every-order --as-of 2022-05-26 \\
            --broken "conda >=4.13 & conda-build <3.21.9" --spec conda-smithy
        tailrace hotfix prove conda-forge=ours.yaml defaults=theirs.yaml -c conda-forge -c defaults --report broken.json

    PATCHES are YAML, a folder of it, or a patch_instructions.json; with CHANNEL= before them they apply to one
    channel, else to all. Each cell installs each --spec, the packages of the harmful combination alone and together,
    and every release whose record changes.

    Exit status: 0 proven, 1 not, 2 usage, 3 when nothing was harmful before or something could not be decided.
    """
    from typing import cast

    from tailrace.cli.channel.options import load_channels
    from tailrace.cli.failure import say
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish
    from tailrace.cli.progress import progress
    from tailrace.conda.loading import platforms_or_this
    from tailrace.conda.specs import parse_spec
    from tailrace.exposure.ask import channel_orders, clients_asked, parse_moments, suspected_specs
    from tailrace.exposure.grid import Question
    from tailrace.exposure.known_names import notes_on_versions, refuse_unknown_names
    from tailrace.hotfix.apply.channel import served_indexes
    from tailrace.hotfix.prove import parse_request
    from tailrace.hotfix.prove import prove as prove_hotfix
    from tailrace.hotfix.suggest import harmful_combination
    from tailrace.report import RenderOptions, read_reports

    shown = read_reports(reports)
    harm = harmful_combination(broken, shown, fixed)
    if harm is None:
        raise click.UsageError("say what is harmful: --broken EXPR, or --report FILE.")
    known = platforms_or_this(subdirs)
    asked = tuple(parse_request(text) for text in requests)
    requested = tuple(parse_spec(spec) for request in asked for spec in request)
    read = patches_by_channel(patches, channels, only)
    moments = parse_moments(days)
    loaded = load_channels(channels, known)
    suspected = suspected_specs(harm, from_reports=bool(shown))
    refuse_unknown_names((*requested, *suspected), loaded)
    for note in notes_on_versions(suspected, loaded):
        say(f"note: {note}")
    if shown:  # the builds of these channels tell more than the reports alone
        harm = harmful_combination(None, shown, fixed, loaded)
    question = Question(
        specs=(),
        orders=channel_orders(loaded, every=every_order),
        priorities=cast("tuple[Priority, ...]", tuple(priorities)),
        clients=clients_asked(clients),
        subdirs=known,
        moments=moments,
        broken=harm,
        virtual=virtual,
        add_pip=not no_add_pip,
    )
    indexes = served_indexes(channels, known)
    with progress() as bar:
        found = prove_hotfix(read, question, asked, indexes=indexes, tell=None if bar is None else bar.step)
    publish(found, [Output(format_)], RenderOptions(), color=color)
    return found.exit_status
