"""What every format shows of a check report: grouped, ordered, in sentences, without markup.

All texts are already harmless (see `clean`); formats add only their own escapes. Equal reports give equal views, in
whatever order downstreams and findings came.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tailrace.model import AllowedNote, CheckReport, DownstreamReport, Finding, Severity, Status, Verdict
from tailrace.model.inert import prose, relative_uri, source_line
from tailrace.report.options import RenderOptions
from tailrace.report.views import sentences
from tailrace.report.views.diagnostics import (
    SOURCE_ROOT,
    Diagnostic,
    Diagnostics,
    Location,
    Notice,
    RulePage,
    Suite,
    Suppression,
)
from tailrace.report.views.order import finding_key, normalise
from tailrace.report.views.sentences import Causes
from tailrace.report.views.verified import ObservationView, sentence, view_observation
from tailrace.rules import RULES

_BASELINE, _CANDIDATE = "UPSTREAM_BASELINE", "UPSTREAM_CANDIDATE"
Suppressed = Literal["allowed", "guarded", "refuted"]


@dataclass(frozen=True, slots=True)
class SiteView:
    """One finding. `message` is that of the group, except where the downstream says the same thing in another way.

    `level`: how loud a tool should be about it: `error` only where it breaks a downstream that admits the candidate.
    `marks`: clauses on scope, guard, condition and so on, in reading order. `suppressed` with `suppressed_because`: why
    it is silent. `verified`: what running it showed, `None` where it was not asked for.
    """

    file: str
    uri: str
    line: int
    column: int
    source: str
    message: str
    level: Severity
    counts: bool
    confidence: str
    inside: str
    marks: tuple[str, ...]
    loads: str
    suppressed: Suppressed | None
    suppressed_because: str
    fingerprint: str
    verified: ObservationView | None = None

    @property
    def place(self) -> str:
        """`jinja2/filters.py:13:24`."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class GroupView:
    """All sites of one downstream that one cause breaks, said once. `cause_uri`/`cause_line`: its place, if known."""

    rule: str
    symbol: str
    message: str
    level: Severity
    confidence: str
    cause: str
    cause_uri: str | None
    cause_line: int | None
    cause_in_candidate: bool
    fix: str | None
    witness: tuple[str, ...]
    sites: tuple[SiteView, ...]


@dataclass(frozen=True, slots=True)
class DownstreamView:
    """One downstream. `state`: its status in words. `undecided`: how many uses are open, and why.

    `quiet`: clear, with nothing that needs reading. `hidden`: possible findings left out.
    `verified`: a clause on what running it showed, `log`: the file with all output; empty where it was not asked for.
    `in_repository`: whether its files are shown from the root of the repository that it is a folder of.
    """

    name: str
    version: str
    status: Status
    state: str
    requirement: str
    reason: str | None
    files: str
    undecided: str
    groups: tuple[GroupView, ...]
    notes: tuple[str, ...]
    hidden: int
    quiet: bool
    verified: str = ""
    log: str = ""
    in_repository: bool = False

    @property
    def title(self) -> str:
        """`jinja2 2.11.3`."""
        return f"{self.name} {self.version}".strip()

    @property
    def sites(self) -> tuple[tuple[GroupView, SiteView], ...]:
        """Every shown finding with its group, in order."""
        return tuple((group, site) for group in self.groups for site in group.sites)


@dataclass(frozen=True, slots=True)
class AllowView:
    """One allow-list entry that did not simply apply."""

    state: str
    rule: str
    symbol: str
    message: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """The whole report. `headline` follows the verdict on the first line of every format that has lines."""

    verdict: Verdict
    headline: str
    candidate: str
    candidate_name: str
    candidate_version: str
    baseline: str
    baseline_version: str
    tool_version: str
    downstreams: tuple[DownstreamView, ...]
    allow_list: tuple[AllowView, ...]
    notes: tuple[str, ...]
    hidden: int

    @property
    def sites(self) -> tuple[tuple[DownstreamView, GroupView, SiteView], ...]:
        """Every shown finding with its downstream and group, in order."""
        return tuple((d, group, site) for d in self.downstreams for group, site in d.sites)

    @property
    def not_checked(self) -> tuple[DownstreamView, ...]:
        """The downstreams that could not be checked, each with its reason."""
        return tuple(d for d in self.downstreams if d.status == "not-checked")


def view_report(report: CheckReport, options: RenderOptions) -> ReportView:
    """The view of a report; the only place that decides what is shown, in which order and in which words."""
    report = normalise(report)
    causes = Causes(report)
    downstreams = tuple(_view_downstream(d, causes, options) for d in report.downstreams)
    return ReportView(
        verdict=report.verdict,
        headline=sentences.headline(report),
        candidate=sentences.release_title(report.candidate),
        candidate_name=prose(report.candidate.name),
        candidate_version=prose(report.candidate.version),
        baseline=sentences.release_title(report.baseline),
        baseline_version=prose(report.baseline.version),
        tool_version=prose(report.tool.version),
        downstreams=downstreams,
        allow_list=tuple(_view_allowed(note) for note in report.allow_list),
        notes=tuple(prose(note) for note in report.notes),
        hidden=sum(d.hidden for d in downstreams),
    )


def _view_allowed(note: AllowedNote) -> AllowView:
    return AllowView(state=note.state, rule=prose(note.rule), symbol=prose(note.symbol), message=prose(note.message))


def _view_downstream(d: DownstreamReport, causes: Causes, options: RenderOptions) -> DownstreamView:
    shown = [f for f in d.findings if options.include_possible or f.confidence != "possible"]
    folder = dict(options.folders).get(d.spec)
    groups = tuple(_view_group(d, findings, causes, folder or "") for findings in _by_cause(shown))
    loud = any(site.suppressed != "guarded" for group in groups for site in group.sites)
    told = d.notes or d.uses.undecided_changed or (options.verbose and (groups or d.uses.undecided))
    quiet = d.status == "clear" and not loud and not told
    return DownstreamView(
        name=prose(d.name),
        version=prose(d.version),
        status=d.status,
        state=sentences.state(d),
        requirement=sentences.requirement(d, causes.candidate_version),
        reason=prose(d.reason or "no reason was given") if d.status == "not-checked" else None,
        files=sentences.files(d, shown),
        undecided=sentences.undecided(d),
        groups=groups,
        notes=tuple(prose(note) for note in d.notes),
        hidden=len(d.findings) - len(shown),
        quiet=quiet,
        verified=sentence(d),
        log=prose(d.verification.log or "") if d.verification else "",
        in_repository=folder is not None,
    )


def _by_cause(findings: Iterable[Finding]) -> list[list[Finding]]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.symbol), []).append(finding)
    # Findings come sorted, breaking ones first, so the first of a group speaks for it.
    return sorted(groups.values(), key=lambda group: finding_key(group[0]))


def _view_group(d: DownstreamReport, findings: list[Finding], causes: Causes, folder: str) -> GroupView:
    first = findings[0]
    sites = tuple(_view_site(d, finding, folder) for finding in findings)
    confidences = {site.confidence for site in sites}
    place = causes.place(first)
    return GroupView(
        rule=prose(first.rule),
        symbol=prose(first.symbol),
        message=sites[0].message,
        level=min((site.level for site in sites), key=("error", "warning", "note").index),
        confidence=sites[0].confidence if len(confidences) == 1 else "",
        cause=causes.sentence(first),
        cause_uri=relative_uri(place.file) if place and place.file else None,
        cause_line=place.line if place and place.file and place.line and place.line > 0 else None,
        cause_in_candidate=bool(place and place.in_candidate),
        fix=prose(first.fix) if first.fix else None,
        witness=sentences.witness(first),
        sites=sites,
    )


def _view_site(d: DownstreamReport, f: Finding, folder: str) -> SiteView:
    suppressed, because = sentences.suppression(f)
    file = f"{folder}/{f.file}" if folder and f.file else f.file
    return SiteView(
        file=prose(file) or "unknown",
        uri=relative_uri(file),
        line=max(1, f.line),
        column=max(1, f.column),
        source=source_line(f.source),
        message=prose(f.message) or f"{prose(f.symbol)}: {prose(f.rule)}",
        level=sentences.level(d.status, f),
        counts=f.counts_as_break and d.status in ("breaks", "contained"),
        confidence=f.confidence,
        inside=prose(f.inside),
        marks=sentences.marks(f),
        loads=sentences.loads(f.import_breaks),
        suppressed=suppressed,
        suppressed_because=because,
        fingerprint=sentences.fingerprint(d, f),
        verified=view_observation(f.verification),
    )


def check_diagnostics(report: CheckReport, options: RenderOptions) -> Diagnostics:
    """The findings of a check. Each downstream's files are relative to a root of its own: `%SRCROOT%` when there is
    only one, and for those that are folders of the repository.
    """
    view = view_report(report, options)
    bases = _bases(view.downstreams)
    roots = {base: _root(d) for base, d in zip(bases, view.downstreams, strict=True)}
    roots |= {_BASELINE: f"The root of {view.baseline}", _CANDIDATE: f"The root of {view.candidate}"}
    return Diagnostics(
        title=f"tailrace {view.candidate}",
        suites=tuple(Suite(d.title, d.name, f"{d.state} ({d.files})") for d in view.downstreams),
        verdict=view.verdict,
        headline=view.headline,
        # Without versions: code scanning compares a run with the last one of the same category.
        category=f"tailrace/{view.candidate_name}/",
        tool_version=view.tool_version,
        roots=roots,
        rules=tuple(_rule_page(rule) for rule in sorted({group.rule for d in view.downstreams for group in d.groups})),
        diagnostics=tuple(
            _diagnostic(view, d, group, site, base, number)
            for number, (base, d) in enumerate(zip(bases, view.downstreams, strict=True))
            for group, site in d.sites
        ),
        notices=tuple(_notices(view)),
    )


def _bases(downstreams: tuple[DownstreamView, ...]) -> list[str]:
    if len(downstreams) == 1:
        return [SOURCE_ROOT]
    bases: list[str] = []
    for number, d in enumerate(downstreams, 1):
        if d.in_repository:
            bases.append(SOURCE_ROOT)
            continue
        name = re.sub(r"[^A-Za-z0-9]+", "_", d.title).strip("_").upper()[:60] or "DOWNSTREAM"
        taken = name in (*bases, _BASELINE, _CANDIDATE)
        # No cleaned name holds two low lines in a row, so the number makes it unique.
        bases.append(f"{name}__{number}" if taken else name)
    return bases


def _root(d: DownstreamView) -> str:
    return f"The root of {'the repository' if d.in_repository else d.title}"


def _rule_page(rule_id: str) -> RulePage:
    from tailrace.report import render

    rule = RULES.get(rule_id)
    if rule is None:
        return RulePage(rule_id)
    return RulePage(
        id=rule_id,
        title=rule.title,
        summary=rule.summary,
        severity=rule.severity,
        text=render(rule, "text"),
        markdown=render(rule, "markdown"),
    )


def _diagnostic(
    view: ReportView, d: DownstreamView, group: GroupView, site: SiteView, base: str, suite: int
) -> Diagnostic:
    properties = {
        "downstream": d.name,
        "downstreamVersion": d.version,
        "downstreamStatus": d.status,
        "symbol": group.symbol,
        "confidence": site.confidence,
    }
    if group.fix:
        properties["fix"] = group.fix
    if site.verified is not None:
        properties["verification"] = site.verified.outcome
    suppression = None
    if site.suppressed:
        suppression = Suppression(in_source=site.suppressed == "guarded", because=site.suppressed_because)
    return Diagnostic(
        rule=group.rule,
        level=site.level,
        message=site.message,
        location=Location(site.file, site.uri, site.line, site.column, site.source, base),
        label=group.rule,
        title=f"{d.title}: {group.rule}",
        fingerprint=site.fingerprint,
        subject=d.title,
        inside=site.inside,
        marks=site.marks,
        effect=site.loads,
        cause=group.cause,
        fix=group.fix or "",
        observed=site.verified,
        suppression=suppression,
        fails=site.level == "error",
        excuse=site.suppressed_because or (d.requirement if d.status == "contained" else ", ".join(site.marks)),
        symbol=group.symbol,
        suite=suite,
        related=(_cause_location(view, group),) if group.cause_uri else (),
        properties=properties,
    )


def _cause_location(view: ReportView, group: GroupView) -> Location:
    release, verb = (view.candidate, "stands") if group.cause_in_candidate else (view.baseline, "stood")
    return Location(
        file=group.cause_uri or "",
        uri=group.cause_uri or "",
        line=group.cause_line,
        base=_CANDIDATE if group.cause_in_candidate else _BASELINE,
        message=f"the cause {verb} here in {release}",
    )


def _notices(view: ReportView) -> Iterator[Notice]:
    for number, d in enumerate(view.downstreams):
        if d.status == "not-checked":
            yield Notice("not-checked", "error", "not checked", d.reason or "", d.title, suite=number)
    for number, d in enumerate(view.downstreams):
        if d.undecided:
            label = d.state if d.state != d.status else "uses undecided"
            yield Notice("undecided", "note", label, d.undecided, d.title, suite=number)
    for e in view.allow_list:
        yield Notice("allow-list", "warning", f"allow-list entry {e.state}", f"{e.rule} {e.symbol}: {e.message}")
    for note in view.notes:
        yield Notice("note", "note", "note", note)
    for d in view.downstreams:
        for note in d.notes:
            yield Notice("note", "note", "note", note, d.title, is_detail=True)
        if d.verified:
            yield Notice("verified", "note", "verified", d.verified, d.title, is_detail=True)
