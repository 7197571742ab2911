"""`tailrace tests`: the tests that reach what a downstream imports inside functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tailrace.cli.completion import complete_release
from tailrace.cli.options import GroupedCommand, config_option, formats_option, load_settings, setting_options
from tailrace.config.settings import GROUPS


@setting_options(GROUPS[2])
@click.command(cls=GroupedCommand, name="tests")
@click.argument("downstream", metavar="DOWNSTREAM", shell_complete=complete_release)
@formats_option("tests")
@click.option("--upstream", multiple=True, metavar="MODULE", help="Only what is taken from this top-level module.")
@click.option(
    "--coverage",
    "coverage_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Data file or JSON report of coverage.py: list what no test ran, the most dangerous first.",
)
@config_option
def command(
    downstream: str,
    formats: tuple[str, ...],
    upstream: tuple[str, ...],
    coverage_file: Path | None,
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Write the tests that would reach imports inside functions.

    An import test does not run what stands inside a function, and often no other test does. What does conda-build
    import there, and which tests does its recipe need?

    \b
        tailrace tests conda-forge::conda-build=24.1.2
        tailrace tests conda-forge::conda-build=24.1.2 --format recipe
        tailrace tests . --format pytest

    Which uses of other packages did the tests never run?

    \b
        coverage run -m pytest
        tailrace tests . --coverage .coverage

    Exit status: 0, or 1 when --coverage is given and something was run by no test, 2 usage or configuration.
    """
    from tailrace.cli.failure import BREAKS, CLEAR, say
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.output import publish
    from tailrace.cli.wiring import open_downstream
    from tailrace.report.options import RenderOptions
    from tailrace.verify.coverage import read_coverage
    from tailrace.verify.hidden import find_hidden, without_tests
    from tailrace.verify.testfiles import make_report

    outputs = read_outputs(formats, "tests")
    ran = read_coverage(coverage_file) if coverage_file is not None else None
    artifact = open_downstream(downstream, load_settings(flags, config_file))
    found, unread = find_hidden(artifact)
    for file in unread:
        say(f"warning: {file} could not be read as Python")
    if upstream:
        found = tuple(one for one in found if one.root in upstream)
    name = artifact.release.name
    missed = without_tests(found, ran, artifact.root) if ran is not None else None
    report = make_report(name, found=found) if missed is None else make_report(name, missed=missed)
    publish(report, outputs, RenderOptions())
    return BREAKS if missed else CLEAR
