"""Decides from check reports whether the packages to be promoted may pass. Decides nothing else."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tailrace import disk
from tailrace.channel.errors import GateReportError, RefusedError
from tailrace.channel.state import File
from tailrace.model.report import CheckReport

MAX_REPORT = 256 << 20


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """One report: a line for the log that says which it was and what it said, and what speaks against promotion."""

    line: str
    objection: str | None


def check_promotion(
    paths: Sequence[Path], files: Iterable[File], override: str | None, *, required: bool = False
) -> tuple[str, ...]:
    """The lines for the log. Raises RefusedError when a report speaks against the promotion and nobody takes the
    responsibility; ReportError when a report is about something else than what is promoted. `required`: each
    release needs a report.
    """
    files = tuple(files)
    releases = {(_normal(file.name), file.version) for file in files}
    archives = {file.sha256 for file in files}
    judged = []
    reported = set()
    for path in paths:
        report, sha256 = _decode(path)
        candidate = report.candidate
        reported.add((_normal(candidate.name), candidate.version))
        if (_normal(candidate.name), candidate.version) not in releases:
            names = ", ".join(sorted(f"{name} {version}" for name, version in releases))
            raise GateReportError(
                f"{path} is about {candidate.name} {candidate.version}, which is not promoted here ({names} is).",
                hint="Give the report of what is promoted.",
            )
        is_package = (candidate.filename or "").endswith((".conda", ".tar.bz2"))
        if is_package and candidate.sha256 is not None and candidate.sha256 not in archives:
            raise GateReportError(
                f"{path} is about another build of {candidate.filename}: its sha256 is not that of any file here.",
                hint="Check the very file that is promoted.",
            )
        judged.append(_judged(report, sha256))
    lacking = ", ".join(sorted(f"{name} {version}" for name, version in releases - reported))
    if required and lacking and override is None:
        raise RefusedError(
            f"Not promoted: there is no check report on {lacking}.",
            hint="Make one with `tailrace check … --format json:REPORT.json` and give it with --report; "
            "--override REASON promotes all the same, and the log keeps it.",
        )
    objections = [one.objection for one in judged if one.objection]
    if objections and override is None:
        raise RefusedError(
            "Not promoted: " + "; ".join(objections) + ".",
            hint="Repair or contain the harm first; --override REASON promotes all the same, and the log keeps it.",
        )
    return tuple(one.line for one in judged)


def _judged(report: CheckReport, sha256: str) -> CheckedRecord:
    candidate, counts = report.candidate, report.counts
    what = f"{candidate.name} {candidate.version}"
    line = f"{what}: {report.verdict} ({counts.downstreams} downstreams, {counts.breaks} break, sha256 {sha256})"
    match report.verdict:
        case "clear" | "contained":
            return CheckedRecord(line, None)
        case "breaks":
            broken = [f"{one.name} {one.version}" for one in report.downstreams if one.status == "breaks"]
            return CheckedRecord(line, f"{what} breaks {', '.join(broken[:5]) or 'a downstream'}")
        case "incomplete":
            return CheckedRecord(line, f"the check of {what} is incomplete, and what could not be checked is not clear")


def _decode(path: Path) -> tuple[CheckReport, str]:
    try:
        with disk.open_file(path) as file:
            data = file.read(MAX_REPORT + 1)
    except OSError as error:
        raise GateReportError(f"The report {path} cannot be read: {error.strerror or error}.") from None
    if len(data) > MAX_REPORT:
        raise GateReportError(f"The report {path} is larger than {MAX_REPORT >> 20} MB.")
    try:
        report = msgspec.json.decode(data, type=CheckReport)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise GateReportError(
            f"{path} is not a check report: {error}.",
            hint="Make one with `tailrace check … --format json:REPORT.json`.",
        ) from None
    counts = report.counts
    parts = counts.breaks + counts.contained + counts.possible + counts.clear + counts.not_checked
    if parts != counts.downstreams or (counts.breaks > 0) != (report.verdict == "breaks"):
        raise GateReportError(f"{path} contradicts itself: its counts do not lead to the verdict {report.verdict!r}.")
    return report, hashlib.sha256(data).hexdigest()[:16]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
