"""`tailrace check`: check a candidate against its downstreams."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from tailrace.cli.completion import complete_release
from tailrace.cli.options import GroupedCommand, config_option, load_settings, setting_options
from tailrace.config.settings import GROUPS


@setting_options(*GROUPS)
@click.command(cls=GroupedCommand, name="check")
@click.argument("candidates", metavar="CANDIDATE", nargs=-1, required=True, shell_complete=complete_release)
@click.option(
    "--baseline",
    "-b",
    metavar="SPEC",
    help="The release to compare with: a SPEC, or a version or git revision of the candidate; left out, what the "
    "checked project or environment has now, else the highest one below the candidate.",
)
@click.option(
    "--engine",
    type=click.Choice(["full", "facts"]),
    default="full",
    help="With facts the store alone answers: nothing of a downstream is fetched, and less is seen.",
)
@click.option("--verify", is_flag=True, help="Then run each finding with both releases, in a sandbox.")
@config_option
def command(
    candidates: Sequence[str], baseline: str | None, engine: str, verify: bool, config_file: Path | None, **flags: Any
) -> int:
    """Check a release against its downstreams: who breaks, where, why.

    Does MarkupSafe 2.1.0 break Jinja2 2.11.3, compared with 2.0.1?

    \b
        tailrace check MarkupSafe==2.1.0 --baseline MarkupSafe==2.0.1 --downstream Jinja2==2.11.3

    Would this upgrade break the project in this directory?

    \b
        tailrace check numpy==2.0.0

    A folder is compared with the release before it, else with the last tag; or with what --baseline names:

    \b
        tailrace check . --baseline HEAD~1 --downstream Jinja2==2.11.3

    Everything in a lock file, for code scanning and for people at once:

    \b
        tailrace check dist/mylib-2.0-py3-none-any.whl --downstream-from uv.lock \\
            --format text --format sarif:tailrace.sarif

    Everyone in the store that depends on it (see `tailrace scan`):

    \b
        tailrace check numpy==2.0.0 --store ./facts
        tailrace check numpy==2.0.0 --store ./facts --engine facts

    Does it really fail? The lines that break are run in two environments, in a sandbox:

    \b
        tailrace check MarkupSafe==2.1.0 --baseline MarkupSafe==2.0.1 --downstream Jinja2==2.11.3 \\
            --verify

    A SPEC is NAME==VERSION, CHANNEL::NAME=VERSION, an archive, a folder, git+PATH_OR_URL@REF, or env:PREFIX. Of several
    archives of one release (dist/*) the one that is best to read is taken.

    Exit status: 0 clear or contained, 1 breaks, 2 usage or configuration, 3 incomplete, 130 interrupted, 143
    terminated. With --exit-zero, or when every --format is sarif, it is 0 whenever a report could be written.
    """
    from tailrace.cli.check.candidates import choose_candidate, is_also_a_folder
    from tailrace.cli.check.publish import exit_status, publish
    from tailrace.cli.failure import say
    from tailrace.cli.formats import read_outputs
    from tailrace.cli.progress import progress
    from tailrace.cli.store.wiring import run_check_of_store, use_store
    from tailrace.cli.wiring import run_check, run_verification

    settings = load_settings(flags, config_file)
    outputs = read_outputs(settings.format)
    candidate, note = choose_candidate(candidates)
    if note and not settings.quiet:
        say(f"note: {note}")
    if not settings.quiet:
        for word in (*candidates, *settings.downstreams, *filter(None, [baseline])):
            if is_also_a_folder(word):
                say(f"note: {word} is looked up in the index; the folder is written ./{word}.")
    with progress(settings.quiet) as bar:
        if use_store(settings, Path.cwd(), engine):
            report = run_check_of_store(candidate, baseline, settings, bar, engine)
        else:
            report = run_check(candidate, baseline, settings, Path.cwd(), bar)
        if verify:
            report = run_verification(report, settings, bar)
    publish(report, outputs, settings)
    return exit_status(report, outputs, exit_zero=settings.exit_zero)
