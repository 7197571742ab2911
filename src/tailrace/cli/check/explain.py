"""`tailrace explain`: explain a rule and how to fix what it reports."""

from __future__ import annotations

import click

from tailrace.cli.options import GroupedCommand, ParamType, formats_option


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
@formats_option("rule")
@click.pass_context
def command(ctx: click.Context, rule: str | None, list_all: bool, formats: tuple[str, ...]) -> int:
    """Explain a rule: what it means, an example, and how to fix or avoid the break.

    \b
        tailrace explain name-removed
        tailrace explain --list
    """
    if (rule is None) == (not list_all):
        raise click.UsageError("name one rule, or ask for --list.", ctx)
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.output import publish
    from tailrace.report import RenderOptions
    from tailrace.report.views.rule import RuleList
    from tailrace.rules import RULES, get_rule

    shown = RuleList(tuple(RULES.values())) if rule is None else get_rule(rule)
    publish(shown, read_outputs(formats, "rule" if rule is not None else "rules"), RenderOptions())
    return 0
