"""What every format shows of a scan."""

from __future__ import annotations

from tailrace.report.options import RenderOptions
from tailrace.report.views.sentences import plural
from tailrace.report.views.tables import ShownColumn, ShownTable, Tables
from tailrace.scan.run import ScanReport


def headline(report: ScanReport) -> str:
    """How many releases were read, known, failed and not reached."""
    counts = report.counts
    parts = [f"{counts.scanned:,} scanned"]
    parts += [f"{counts.known:,} already in the store"] if counts.known else []
    parts += [f"{counts.failed:,} could not be read"] if counts.failed else []
    parts += [f"{counts.not_reached:,} not reached"] if counts.not_reached else []
    return f"{plural(counts.specs, 'release')}: {', '.join(parts)}"


def notes(report: ScanReport) -> tuple[str, ...]:
    """Why it stopped, what became of the files, and where the store is."""
    counts = report.counts
    files = f"files: {counts.files_read:,} read, {counts.files_known:,} known already"
    if counts.files_without_facts:
        files += f", {counts.files_without_facts:,} gave no facts (--format json lists them)"
    stopped = [f"stopped: {report.stopped}"] if report.stopped else []
    return (*stopped, files, f"store: {report.store} (generation {report.generation})")


def scan_tables(report: ScanReport, options: RenderOptions) -> Tables:
    """What could not be read, and the files that gave no facts."""
    columns = (ShownColumn("release", is_code=True), ShownColumn("stage"), ShownColumn("reason"))
    failed = ShownTable("Could not be read", columns, tuple((f.spec, f.stage, f.reason) for f in report.failures))
    without = ShownTable(
        "Files that gave no facts",
        (ShownColumn("release", is_code=True), ShownColumn("file", is_code=True), ShownColumn("reason")),
        tuple((one.spec, one.file, one.reason) for one in report.without_facts),
    )
    return Tables("Scan", headline(report), tuple(one for one in (failed, without) if one.rows), notes(report))
