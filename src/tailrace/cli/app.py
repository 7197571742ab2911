"""The command tree with its help. Imports click only, so that `--help` is quick; the commands import the rest."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from tailrace import __version__

# Command → module with an attribute `command`: only the command that runs is imported.
COMMANDS = {
    "check": ("tailrace.cli.check.check", "Check a release against its downstreams."),
    "verify": ("tailrace.cli.check.verify", "Run what a check found, in a sandbox."),
    "tests": ("tailrace.cli.check.tests", "Write the tests that reach imports inside functions."),
    "bisect": ("tailrace.cli.check.bisect", "Find the first release that breaks a downstream."),
    "scan": ("tailrace.cli.store.scan", "Read releases once, and keep what they use."),
    "uses": ("tailrace.cli.store.uses", "Show who uses a symbol, and how."),
    "dependents": ("tailrace.cli.store.dependents", "Show who depends on a distribution."),
    "matrix": ("tailrace.cli.matrix.matrix", "Show which versions of two packages go together."),
    "bounds": ("tailrace.cli.matrix.bounds", "Show what each requirement of a release should be."),
    "store": ("tailrace.cli.store.store", "Inspect, check and clean up the store that scans fill."),
    "diff": ("tailrace.cli.check.diff", "Show what changed in the surface between two releases."),
    "deprecations": ("tailrace.cli.check.deprecations", "Compare removals with what had been announced."),
    "channel": ("tailrace.cli.channel.command", "Keep a conda channel of your own, or check any channel."),
    "gate": ("tailrace.cli.gate.command", "Decide whether a release may go out."),
    "nightly": ("tailrace.cli.nightly.command", "Run canaries with the releases of others."),
    "lint": ("tailrace.cli.channel.lint", "Check files for channel policy."),
    "replay": ("tailrace.cli.incident.replay", "Replay an incident, step by step."),
    "incident": ("tailrace.cli.incident.command", "Keep the record of an incident, and show it."),
    "notify": ("tailrace.cli.incident.notify", "Notify people when a verdict changes."),
    "explain": ("tailrace.cli.check.explain", "Explain a rule."),
    "exposure": ("tailrace.cli.channel.exposure", "Show who gets which packages from conda channels."),
    "hotfix": ("tailrace.cli.hotfix", "Derive, apply and prove repodata patches."),
    "cache": ("tailrace.cli.settings.cache", "Show how large the cache is, and clean it up."),
    "config": ("tailrace.cli.settings.config", "Show the settings that apply."),
}
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or `None` for a name that is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """As click does it, with the nearest command for a mistyped one."""
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else f" The commands are {', '.join(COMMANDS)}."
            raise click.UsageError(f"There is no command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings=CONTEXT)
@click.version_option(__version__, "-V", "--version", prog_name="tailrace")
def app() -> None:
    """Who breaks, where and why, before a Python release goes out.

    Does MarkupSafe 2.1.0 break Jinja2 2.11.3?

    \b
        tailrace check MarkupSafe==2.1.0 --baseline MarkupSafe==2.0.1 --downstream Jinja2==2.11.3

    What would this upgrade break in the project in this directory?

    \b
        tailrace check 'numpy==2.0.0' --baseline 'numpy==1.26.4'

    What did a release take away at all, and what does a rule mean?

    \b
        tailrace diff MarkupSafe==2.0.1 MarkupSafe==2.1.0
        tailrace explain name-removed

    Exit status: 0 clear, 1 breaks, 2 usage or configuration, 3 incomplete, 130 interrupted, 143 terminated.
    """
