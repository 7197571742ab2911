"""`tailrace hotfix`: the group of commands that derive, apply, show and judge repodata patches. Does nothing itself."""

from __future__ import annotations

from importlib import import_module

import click

from tailrace.cli.app import CONTEXT

COMMANDS = {
    "suggest": ("tailrace.cli.hotfix.suggest", "Derive the narrowest hotfix from check reports."),
    "diff": ("tailrace.cli.hotfix.patch", "Show what patches change in an index."),
    "apply": ("tailrace.cli.hotfix.patch", "Write an index with patches applied."),
    "prove": ("tailrace.cli.hotfix.prove", "Prove that patches remove the harm and break nothing else."),
    "reach": ("tailrace.cli.hotfix.reach", "List whom patches do not reach."),
}


class HotfixGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, or `None` for a name that is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `--help`, without importing the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=HotfixGroup, name="hotfix", context_settings=CONTEXT)
def command() -> None:
    """Repodata patches: derive them from check reports, apply them, prove that they work, and list whom they do not
    reach.

    \b
        tailrace check conda-forge::conda=4.13.0 --downstream conda-forge::conda-build=3.21.8 --format json:broken.json
        tailrace hotfix suggest broken.json -c conda-forge -o conda-build.yaml
        tailrace hotfix prove conda-build.yaml -c conda-forge --broken "conda >=4.13 & conda-build <3.21.9"
        tailrace hotfix reach conda-build.yaml -c conda-forge --installed $CONDA_PREFIX

    Patches are YAML documents in the language that conda-forge uses.
    """
