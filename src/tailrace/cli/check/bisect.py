"""`tailrace bisect`: find the first release of an upstream that breaks a downstream."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tailrace.cli.completion import complete_release
from tailrace.cli.options import GroupedCommand, config_option, load_settings, setting_options
from tailrace.config.settings import GROUPS

if TYPE_CHECKING:
    from tailrace.verify.bisecting import Answer


@setting_options(GROUPS[2], GROUPS[3], GROUPS[4])
@click.command(cls=GroupedCommand, name="bisect")
@click.argument("upstream", metavar="UPSTREAM", shell_complete=complete_release)
@click.argument("downstream", metavar="DOWNSTREAM", shell_complete=complete_release)
@click.option("--good", metavar="VERSION", help="A release that works; by default the newest before the downstream.")
@click.option("--bad", metavar="VERSION", help="A release that breaks; by default the newest of all.")
@click.option("--no-run", is_flag=True, help="Only check, without running any code.")
@config_option
def command(
    upstream: str,
    downstream: str,
    good: str | None,
    bad: str | None,
    no_run: bool,
    config_file: Path | None,
    **flags: Any,
) -> int:
    """Find the first release of an upstream that breaks a downstream.

    \b
        tailrace bisect MarkupSafe Jinja2==2.11.3
        tailrace bisect numpy gensim==4.3.2 --good 1.26.0 --bad 2.0.0

    Each release that is asked about is checked against the good one, and what the check finds is run in a sandbox.
    A release that cannot be decided is skipped.

    Exit status: 0 none breaks, 1 the first release that breaks was found, 2 usage, 3 no answer.
    """
    from tailrace.cli.failure import BREAKS, CLEAR, INCOMPLETE, say
    from tailrace.cli.output import write_stdout
    from tailrace.cli.wiring import releases_between, run_check, run_verification
    from tailrace.sources.spec import looks_like_path
    from tailrace.verify.bisecting import bisect

    if looks_like_path(upstream) or "::" in upstream:
        raise click.UsageError(
            f"the upstream {upstream!r} is not a name of the package index, whose releases are tried."
        )
    settings = load_settings({**flags, "downstreams": (downstream,)}, config_file)
    versions = releases_between(upstream, downstream, good, bad, settings)
    name = upstream

    def ask(version: str) -> Answer:
        say(f"asking {name} {version}")
        report = run_check(f"{name}=={version}", f"{name}=={versions[0]}", settings, Path.cwd(), None)
        if not no_run and report.counts.breaks + report.counts.contained + report.counts.possible:
            report = run_verification(report, settings, None)
        (one, *_) = report.downstreams
        if one.status == "not-checked":
            return "unknown"
        return "bad" if one.status in ("breaks", "contained") else "good"

    found = bisect(versions, ask)
    if found.first_bad is None:
        known = f"{name} {versions[0]} to {versions[-1]}"
        if found.asked and found.asked[-1][1] == "unknown":
            write_stdout(f"{name} {versions[-1]} gives no answer about {downstream}")
            return INCOMPLETE
        write_stdout(f"none of {known} breaks {downstream}")
        return CLEAR
    lines = [f"{name} {found.first_bad} is the first release that breaks {downstream}; {found.last_good} works"]
    if found.unknown:
        lines.append(f"no answer: {', '.join(found.unknown)}, one of which may be the first")
    lines += ["", *(f"{version}: {answer}" for version, answer in found.asked)]
    write_stdout("\n".join(lines))
    return BREAKS
