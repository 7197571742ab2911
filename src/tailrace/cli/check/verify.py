"""`tailrace verify`: run the findings of a check report, or check and run at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tailrace import disk
from tailrace.cli.completion import complete_release
from tailrace.cli.options import GroupedCommand, config_option, load_settings, setting_options
from tailrace.config.settings import GROUPS

if TYPE_CHECKING:
    from tailrace.model import CheckReport


@setting_options(*GROUPS)
@click.command(cls=GroupedCommand, name="verify")
@click.argument("what", metavar="REPORT.json|CANDIDATE", nargs=-1, required=True, shell_complete=complete_release)
@click.option("--baseline", "-b", metavar="SPEC", help="The release to compare with, as for `tailrace check`.")
@config_option
def command(what: Sequence[str], baseline: str | None, config_file: Path | None, **flags: Any) -> int:
    """Run what a check found, with both releases, in a sandbox.

    The findings of a report that `tailrace check --format json` wrote:

    \b
        tailrace verify report.json

    Check and run at once:

    \b
        tailrace verify MarkupSafe==2.1.0 --baseline MarkupSafe==2.0.1 --downstream Jinja2==2.11.3

    Find what no finding predicts: import every module, load every plug-in, ask every command for its help.

    \b
        tailrace verify click==8.1.0 --baseline click==8.0.4 --downstream black==22.1.0 --level smoke

    Two environments are made for each downstream that differ in nothing but the upstream (and in what it makes move).
    Package code runs only inside the sandbox. An interrupted run continues where it stopped when it is started again.

    Exit status: 0 clear or contained, 1 breaks, 2 usage or configuration, 3 incomplete, 130 interrupted, 143
    terminated.
    """
    from tailrace.cli.check.candidates import choose_candidate
    from tailrace.cli.check.publish import exit_status, publish
    from tailrace.cli.failure import say
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.progress import progress
    from tailrace.cli.wiring import run_check, run_verification

    settings = load_settings(flags, config_file)
    outputs = read_outputs(settings.format)
    report = _read_report(what, baseline)
    with progress(settings.quiet) as bar:
        if report is None:
            candidate, note = choose_candidate(what)
            if note and not settings.quiet:
                say(f"note: {note}")
            report = run_check(candidate, baseline, settings, Path.cwd(), bar)
        report = run_verification(report, settings, bar)
    publish(report, outputs, settings)
    return exit_status(report, outputs, exit_zero=settings.exit_zero)


def _read_report(what: Sequence[str], baseline: str | None) -> CheckReport | None:
    """The report that is named, `None` where a release is."""
    from tailrace.report import parse_report

    if len(what) != 1 or not what[0].endswith(".json"):
        return None
    path = Path(what[0])
    if baseline is not None:
        raise click.UsageError(f"{path} is a report, which names its baseline itself; leave out --baseline.")
    try:
        return parse_report(disk.read_bounded(path))
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
