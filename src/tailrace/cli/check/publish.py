"""What `tailrace check` and `tailrace verify` do with a report: write it, sum it up on stderr, and end."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tailrace.cli.formats import Output
    from tailrace.config.values import Settings
    from tailrace.model import CheckReport


def publish(report: CheckReport, outputs: Sequence[Output], settings: Settings) -> None:
    """Writes each output, files first, so that a reader who leaves stdout early loses none; then a line on stderr."""
    from dataclasses import replace

    from tailrace.cli.failure import say
    from tailrace.cli.output import append_summary
    from tailrace.cli.output import publish as publish_report
    from tailrace.report import RenderOptions, render

    plain = RenderOptions(
        include_possible="possible" in settings.include, verbose=settings.verbose, quiet=settings.quiet
    )
    folders = folders_in_repository(report, os.environ)
    publish_report(report, outputs, replace(plain, folders=folders), color=settings.color)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and any(output.format == "github" for output in outputs):
        append_summary(Path(summary), render(report, "markdown", options=plain))
    if not settings.quiet:
        say(summary_line(report, outputs))


def folders_in_repository(report: CheckReport, environ: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The downstreams that are folders of the checked-out repository, each with its place in it.

    GitHub shows annotations and code scanning at paths from the root of the repository, which `GITHUB_WORKSPACE` names;
    a check may run in a folder of it.
    """
    root = environ.get("GITHUB_WORKSPACE")
    if not root:
        return ()
    found: list[tuple[str, str]] = []
    for downstream in report.downstreams:
        path = Path(downstream.spec).expanduser()
        if path.is_dir() and path.resolve().is_relative_to(Path(root).resolve()):
            place = path.resolve().relative_to(Path(root).resolve()).as_posix()
            found.append((downstream.spec, "" if place == "." else place))
    return tuple(found)


def summary_line(report: CheckReport, outputs: Sequence[Output]) -> str:
    """One line: the verdict in numbers, who breaks, and where the files are."""
    counts = report.counts
    parts = {
        "break": counts.breaks,
        "contained": counts.contained,
        "possible": counts.possible,
        "clear": counts.clear,
        "not checked": counts.not_checked,
    }
    told = ", ".join(f"{number} {what}" for what, number in parts.items() if number)
    noun = "downstream" if counts.downstreams == 1 else "downstreams"
    broken = [f"{d.name} {d.version}".strip() for d in report.downstreams if d.status == "breaks"]
    who = f": {', '.join(broken[:6])}{f' and {len(broken) - 6} more' if len(broken) > 6 else ''}" if broken else ""
    files = ", ".join(str(output.path) for output in outputs if output.path)
    return f"{report.verdict}: {counts.downstreams} {noun}{f' ({told})' if told else ''}{who}" + (
        f"; written: {files}" if files else ""
    )


def exit_status(report: CheckReport, outputs: Sequence[Output], *, exit_zero: bool = False) -> int:
    """0 clear or contained, 1 breaks, 3 incomplete; 0 when asked for, and for a run that only feeds code scanning."""
    from tailrace.cli.failure import CLEAR

    if exit_zero or all(output.format == "sarif" for output in outputs):
        return CLEAR
    return report.exit_status
