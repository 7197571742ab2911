"""`tailrace lint`: check files for channel policy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tailrace.cli.options import GroupedCommand, config_option, formats_option, load_settings, setting_options

if TYPE_CHECKING:
    from tailrace.config.values import Settings
    from tailrace.lint import LintReport


@setting_options(only=("color", "verbose"))
@click.command(cls=GroupedCommand, name="lint")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@click.option("--fix", is_flag=True, help="Apply the fixes that do not change which channels are named.")
@click.option("--unsafe-fixes", is_flag=True, help="Also apply fixes that remove a channel or add a restriction.")
@click.option("--diff", "show_diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@click.option("--disable", multiple=True, metavar="RULE", help="Turn off this rule.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Skip files and folders with this name or path.")
@formats_option("lint")
@click.option("--explain", metavar="RULE", help="Explain a rule.")
@click.option("--list-rules", is_flag=True, help="List all rules.")
@config_option
def command(
    paths: Sequence[str],
    fix: bool,
    unsafe_fixes: bool,
    show_diff: bool,
    disable: Sequence[str],
    exclude: Sequence[str],
    formats: Sequence[str],
    explain: str | None,
    list_rules: bool,
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Check files for channel policy: mixed or implicit defaults, loose priority, canaries, leaks.

    \b
        tailrace lint
        tailrace lint environment.yml .condarc --fix
        tailrace lint --diff
        tailrace lint --explain defaults-mixed

    Reads conda configuration, environment and lock files, recipes, pixi manifests, containers, the YAML of CI services,
    scripts, Makefiles and notebooks; does not run any of them.

    Exit status: 0 no error or warning, 1 errors or warnings, 2 usage or configuration, 3 a file could not be read.
    """
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.output import publish
    from tailrace.lint.engine import report_of, run_lint
    from tailrace.lint.fix import apply_fixes, diff_of, write
    from tailrace.lint.rules import LINT_RULES, get_lint_rule
    from tailrace.report import RenderOptions
    from tailrace.report.views.lint_rule import LintRuleList

    settings = load_settings(flags, config_file)
    color = settings.color
    if list_rules:
        publish(
            LintRuleList(tuple(LINT_RULES.values())), read_outputs(formats, "lint-rules"), RenderOptions(), color=color
        )
        return 0
    if explain is not None:
        publish(get_lint_rule(explain), read_outputs(formats, "lint-rule"), RenderOptions(), color=color)
        return 0
    disabled = frozenset(get_lint_rule(rule).id for rule in (*settings.lint_disable, *disable))
    outputs = read_outputs(formats, "lint")
    run = run_lint(paths or (".",), disable=disabled, exclude=(*settings.lint_exclude, *exclude))
    if show_diff:
        fixed = apply_fixes(run, unsafe=unsafe_fixes, disable=disabled)
        _print_diff(diff_of(fixed))
        return _finish(report_of(run), settings)
    if fix or unsafe_fixes:
        write(run, apply_fixes(run, unsafe=unsafe_fixes, disable=disabled), disabled)
    report = report_of(run)
    publish(report, outputs, RenderOptions(verbose=settings.verbose), color=settings.color)
    return _finish(report, settings)


def _print_diff(diff: str) -> None:
    """The diff for `git apply`, unless something in it may not be printed; then the same to read, and a warning."""
    from tailrace.cli.failure import say
    from tailrace.cli.output import write_stdout
    from tailrace.model.inert import inert

    if not diff:
        return
    if inert(diff).rstrip("\n") != diff.rstrip("\n"):
        say("warning: the diff hides secrets or control characters, so it cannot be applied; --fix changes the files")
    write_stdout(diff)


def _finish(report: LintReport, settings: Settings) -> int:
    """A line on stderr, and the exit status."""
    from tailrace.cli.failure import say
    from tailrace.report.views.lint import headline

    say(f"{report.verdict}: {headline(report)}")
    return report.exit_status
