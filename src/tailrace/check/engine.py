"""Specs in, the check report out: fetch, open, check every downstream, count. Prints nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tailrace.check.downstream import Checked, Upstream, check_downstream, not_checked
from tailrace.check.options import CheckOptions
from tailrace.model import (
    Artifact,
    Change,
    CheckReport,
    Counts,
    DownstreamReport,
    Release,
    TailraceError,
    Verdict,
)
from tailrace.model.report import Tool

if TYPE_CHECKING:
    from tailrace.sources import Sources


def check(
    candidate: str,
    baseline: str | None = None,
    downstreams: Sequence[str] = (),
    *,
    sources: Sources | None = None,
    options: CheckOptions = CheckOptions(),  # noqa: B008 - a frozen value
) -> CheckReport:
    """Which of `downstreams` break when `candidate` takes the place of `baseline`.

    All three are release specs (`NAME==VERSION`, a path, `git+URL@REF`, `env:PREFIX`…). Without a baseline the highest
    release below the candidate in the same source is taken. A downstream that cannot be fetched or opened is `not-checked` with the
    reason; a candidate or baseline that cannot raises `TailraceError`. Nothing of any package is executed.
    """
    from tailrace.artifacts import open_release
    from tailrace.sources import Sources

    where = sources or Sources()
    new_release = where.resolve(candidate)
    old_release = where.resolve(baseline) if baseline is not None else where.previous(new_release)
    _say(options, f"opening {new_release.name} {old_release.version} and {new_release.version}")
    upstream = Upstream(open_release(old_release, where), open_release(new_release, where))
    if options.progress is not None:
        options.progress.start(len(downstreams))
    checked: list[Checked] = []
    for spec in dict.fromkeys(downstreams):
        checked.append(_one(upstream, spec, where, options))
        if options.progress is not None:
            options.progress.step(spec)
    return assemble(upstream, checked)


def _one(upstream: Upstream, spec: str, sources: Sources, options: CheckOptions) -> Checked:
    from tailrace.artifacts import open_release

    unknown = Release(name=spec, version="", spec=spec, source="file")
    try:
        release = sources.resolve(spec)
        unknown = release
        artifact: Artifact = open_release(release, sources)
        return check_downstream(upstream, artifact, options)
    except TailraceError as error:
        return Checked(not_checked(unknown, str(error)))


def assemble(upstream: Upstream, checked: Sequence[Checked]) -> CheckReport:
    """The report over all downstreams, in an order that does not depend on how they were given."""
    from tailrace import __version__

    reports = tuple(sorted((c.report for c in checked), key=lambda r: (r.name, r.version, r.spec)))
    changes: dict[tuple[str, str], Change] = {}
    for one in checked:
        for change in one.changes:
            changes.setdefault((change.rule, change.symbol), change)
    counts = count(reports)
    return CheckReport(
        tool=Tool(version=__version__),
        candidate=upstream.new.release,
        baseline=upstream.old.release,
        verdict=verdict_of(counts),
        counts=counts,
        changes=tuple(changes[key] for key in sorted(changes)),
        downstreams=reports,
    )


def count(reports: Sequence[DownstreamReport]) -> Counts:
    """Downstreams by status."""
    by = {status: sum(r.status == status for r in reports) for status in ("breaks", "contained", "possible", "clear", "not-checked")}
    return Counts(
        downstreams=len(reports),
        breaks=by["breaks"],
        contained=by["contained"],
        possible=by["possible"],
        clear=by["clear"],
        not_checked=by["not-checked"],
    )


def verdict_of(counts: Counts) -> Verdict:
    """A break is a break whatever else is unknown; without one, anything unchecked leaves the question open."""
    if counts.breaks:
        return "breaks"
    return "incomplete" if counts.not_checked else "clear"


def _say(options: CheckOptions, text: str) -> None:
    if options.progress is not None:
        options.progress.say(text)
