"""`tailrace replay`: replay an incident at once or step by step."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from tailrace.cli.app import CONTEXT
from tailrace.cli.options import color_option, format_option

if TYPE_CHECKING:
    from tailrace.replay import Replay


@click.command(name="replay", context_settings=CONTEXT)
@click.argument("scenario", required=False)
@click.option("--list", "list_all", is_flag=True, help="List the scenarios that are included.")
@click.option("--step", "stepwise", is_flag=True, help="Wait for Enter between the steps, on a terminal.")
@format_option("replay")
@color_option
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Save its channels, report and hotfixes to a new folder instead, for use with other commands.",
)
@click.pass_context
def command(
    ctx: click.Context,
    scenario: str | None,
    list_all: bool,
    stepwise: bool,
    format_: str,
    color: Literal["auto", "always", "never"],
    save: Path | None,
) -> int:
    """Replay an incident from its records: what broke, who got it, what contains it, and whom that does not reach.

    \b
        tailrace replay conda-4.13
        tailrace replay conda-4.13 --step
        tailrace replay conda-4.13 --format html > conda-4.13.html
        tailrace replay conda-4.13 --save ./may-2022
        tailrace replay --list

    SCENARIO is a name from the list, or a folder with a scenario.toml. Nothing is downloaded. Everything except the
    recorded check report is computed.
    """
    if (scenario is None) == (not list_all):
        raise click.UsageError("name one scenario, or ask for --list.", ctx)
    if stepwise and format_ != "text":
        raise click.UsageError("--step goes with --format text.", ctx)
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish, text_width, use_color, write_stdout
    from tailrace.replay import replay, scenarios
    from tailrace.report import RenderOptions

    if scenario is None:
        known = scenarios()
        widest = max(map(len, known))
        write_stdout("\n".join(f"{name.ljust(widest)}  {title}" for name, title in known.items()))
        return 0
    if save is not None:
        return _save(scenario, save)
    found = replay(scenario)
    if stepwise:
        _stepwise(found, color=use_color(color, os.environ), width=text_width())
    else:
        publish(found, [Output(format_)], RenderOptions(), color=color)
    return 0


def _save(scenario: str, folder: Path) -> int:
    from tailrace.cli.output import write_stdout
    from tailrace.replay import commands, load_incident, save_incident

    incident = load_incident(scenario)
    save_incident(incident, folder)
    write_stdout(f"{folder} holds the channels without hotfixes, the report and the hotfixes. Try there")
    write_stdout("".join(f"\n  {line}" for line in commands(incident, folder)))
    return 0


def _stepwise(found: Replay, *, color: bool, width: int) -> None:
    from tailrace.cli.output import write_stdout
    from tailrace.report import DEFAULT_OPTIONS
    from tailrace.report.formats.text.replay import render_head, render_step, render_tail
    from tailrace.report.views.replay import view_replay

    found = view_replay(found, DEFAULT_OPTIONS)
    write_stdout(render_head(found, color=color, width=width))
    for number in range(len(found.steps)):
        _wait()
        write_stdout(render_step(found, number, color=color, width=width))
    write_stdout("\n" + render_tail(found, color=color, width=width))


def _wait() -> None:
    """Wait until Enter is pressed, in a terminal."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        click.prompt(
            click.style("Enter for the next step", dim=True), default="", show_default=False, prompt_suffix=" "
        )
    else:
        click.echo()
