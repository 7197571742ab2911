"""`tailrace explain`: a rule's id in, what it means and how to repair it out. Checks nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from tailrace.cli.options import GroupedCommand, ParamType

if TYPE_CHECKING:
    from tailrace.report import PageFormat


class RuleType(ParamType):
    """A rule id; the shell completes it. The rules are imported only when one is asked for."""

    name = "rule"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """The ids that begin so."""
        from tailrace.rules import RULES

        return [
            click.shell_completion.CompletionItem(rule_id, help=rule.title)
            for rule_id, rule in RULES.items()
            if rule_id.startswith(incomplete)
        ]


@click.command(cls=GroupedCommand, name="explain")
@click.argument("rule", metavar="RULE", type=RuleType(), required=False)
@click.option("--list", "list_all", is_flag=True, help="List all rules.")
@click.option(
    "--format",
    "-f",
    "format_",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How to write it.",
)
@click.pass_context
def command(ctx: click.Context, rule: str | None, list_all: bool, format_: PageFormat) -> int:
    """Explain a rule: what it means, an example, and how to fix or avoid the break.

    \b
        tailrace explain name-removed
        tailrace explain --list
    """
    if (rule is None) == (not list_all):
        raise click.UsageError("name one rule, or ask for --list.", ctx)
    from tailrace.cli.output import text_width, use_color, write_stdout
    from tailrace.report import render_rule, render_rules
    from tailrace.rules import RULES, get_rule

    color = use_color("auto", os.environ)
    if rule is None:
        write_stdout(render_rules(RULES.values(), format=format_, color=color, width=text_width()), format_)
    else:
        write_stdout(render_rule(get_rule(rule), format=format_, color=color, width=text_width()), format_)
    return 0
