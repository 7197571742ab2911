"""A check report for a terminal. Only prose is wrapped: `file:line:column` stays clickable."""

from __future__ import annotations

import re

from tailrace.report.ink import LEVEL_STYLE, Ink
from tailrace.report.options import RenderOptions
from tailrace.report.views.check import DownstreamView, GroupView, ReportView, SiteView
from tailrace.report.views.folding import Folded, fold
from tailrace.report.views.sentences import plural
from tailrace.report.views.verified import ObservationView

VERDICT_STYLE = {
    "breaks": "bold white on red",
    "contained": "bold black on yellow",
    "clear": "bold black on green",
    "incomplete": "bold black on yellow",
}
STATUS_STYLE = {
    "breaks": "bold red",
    "contained": "yellow",
    "possible": "cyan",
    "not-checked": "bold yellow",
    "clear": "green",
}
OUTCOME_STYLE = {
    "reproduced": "bold red",
    "new": "bold red",
    "refuted": "green",
    "broken-before": "yellow",
    "spurious": "yellow",
    "flaky": "yellow",
    "not-run": "cyan",
}


def render(view: ReportView, options: RenderOptions) -> str:
    """The verdict first, then every downstream, then what concerns the whole run."""
    ink = Ink(color=options.color, width=options.width)
    ink.title(view.verdict.upper(), VERDICT_STYLE[view.verdict], view.headline)
    told, folded = fold(view.downstreams)
    if options.verbose:
        told, folded = tuple(d for d in view.downstreams if not d.quiet), ()
    for downstream in told:
        ink.blank()
        _downstream(ink, downstream, options)
    for one in folded:
        ink.blank()
        _folded(ink, one, options)
    if not options.quiet:
        _quiet(ink, [d for d in view.downstreams if d not in told])
    _tail(ink, view)
    return ink.text()


def _folded(ink: Ink, folded: Folded, options: RenderOptions) -> None:
    """One sentence about several downstreams that are clear otherwise."""
    group, number = folded.group, len(folded.places)
    ink.line(
        (group.level, LEVEL_STYLE[group.level]),
        ("  ", ""),
        (plural(number, "clear downstream"), "bold"),
        (f": {group.rule}", "bold"),
    )
    ink.prose(group.message, indent=2)
    most = max(1, options.max_sites)
    for title, own in folded.places[:most]:
        ink.line(("    ", ""), (own.sites[0].place, "blue"), _dim(f"  {title}"))
    if number > most:
        ink.line(_dim(f"    and in {number - most} more (--verbose)"))


def _quiet(ink: Ink, downstreams: list[DownstreamView]) -> None:
    if not downstreams:
        return
    ink.blank()
    widest = max(len(d.title) for d in downstreams)
    for d in downstreams:
        hidden = f"; {plural(d.hidden, 'possible finding')} not shown" if d.hidden else ""
        ink.line(
            ("clear", STATUS_STYLE["clear"]),
            ("  ", ""),
            (d.title.ljust(widest), "bold"),
            _dim(f"  ({d.files}{hidden})"),
        )


def _dim(text: str) -> tuple[str, str]:
    return (text, "dim")


def _downstream(ink: Ink, d: DownstreamView, options: RenderOptions) -> None:
    looked_at = f"  ({d.files})" if d.files else ""
    ink.line((d.state, STATUS_STYLE[d.status]), ("  ", ""), (d.title, "bold"), _dim(looked_at))
    if d.reason is not None:
        ink.prose(d.reason, indent=2, first=("reason: ", "dim"))
    if d.reason is None:
        ink.prose(d.requirement, indent=2, style="dim")
    if d.verified:
        ink.prose(d.verified, indent=2, first=("verified: ", "dim"))
    for group in d.groups:
        ink.blank()
        _group(ink, group, options)
    if d.groups and (d.hidden or d.notes or d.undecided):
        ink.blank()
    if d.hidden:
        ink.prose(f"{plural(d.hidden, 'possible finding')} not shown (--include possible)", indent=2, style="dim")
    if d.undecided:
        ink.prose(d.undecided, indent=2, first=("undecided: ", "cyan"))
    for note in d.notes:
        ink.prose(note, indent=2, first=("note: ", "cyan"))


def _group(ink: Ink, group: GroupView, options: RenderOptions) -> None:
    sure = f", {group.confidence}" if group.confidence else ""
    ink.line(("  ", ""), (group.level, LEVEL_STYLE[group.level]), (f"  {group.rule}{sure}", "bold"))
    ink.prose(group.message, indent=2)
    most = len(group.sites) if options.verbose else max(1, options.max_sites)
    for site in group.sites[:most]:
        _site(ink, group, site)
    more = len(group.sites) - most
    if more > 0:
        ink.line(_dim(f"    and {more} more {'place' if more == 1 else 'places'} in {_files(group.sites[most:])}"))
    if group.cause:
        ink.prose(group.cause, indent=4, first=("cause: ", "magenta"))
    if options.verbose and group.witness:
        ink.line(("    shown by:", "magenta"))
        for line in group.witness:
            ink.line(("        ", ""), (line, ""))
    if group.fix:
        ink.prose(group.fix, indent=4, first=("fix: ", "bold green"))


def _files(sites: tuple[SiteView, ...]) -> str:
    return plural(len({site.file for site in sites}), "file")


def _site(ink: Ink, group: GroupView, site: SiteView) -> None:
    marks = list(site.marks)
    if not group.confidence:
        marks.append(site.confidence)
    ink.line(("    ", ""), (site.place, "bold blue" if site.counts else "blue"))
    if site.source:
        ink.line(("        ", ""), *_source(site.source, group.symbol))
    if site.message != group.message:
        ink.prose(site.message, indent=8)
    if marks:
        ink.prose(", ".join(marks), indent=8, style="dim")
    if site.loads:
        ink.prose(site.loads, indent=8)
    if site.verified is not None:
        _verified(ink, site.verified)


def _verified(ink: Ink, verified: ObservationView) -> None:
    """The outcome, and below it the last lines of what the program wrote."""
    outcome, _, reason = verified.said.partition(": ")
    lines = verified.program
    program = f"`{lines[0]}`" if len(lines) == 1 else "this program fails" * bool(lines)
    said = reason or program
    ink.prose(said, indent=8, first=(f"{outcome}: " if said else outcome, OUTCOME_STYLE[verified.outcome]))
    if not reason and len(lines) > 1:
        for line in lines:
            ink.line(("            ", ""), (line, ""))
    for line in verified.traceback:
        ink.line(("            ", ""), (line, "dim"))


def _source(source: str, symbol: str) -> list[tuple[str, str]]:
    """The line of source with the name that breaks made to stand out."""
    names = re.findall(r"(?<![\w-])-*\w[\w-]*", symbol)
    if not names:
        return [(source, "")]
    found = re.search(rf"(?<![\w-]){re.escape(names[-1])}(?![\w-])", source)
    if found is None:
        return [(source, "")]
    start, end = found.span()
    return [(source[:start], ""), (source[start:end], "bold red"), (source[end:], "")]


def _tail(ink: Ink, view: ReportView) -> None:
    if view.allow_list:
        ink.blank()
        for entry in view.allow_list:
            said = f"{entry.rule} {entry.symbol}: {entry.message}"
            ink.prose(said, indent=0, first=(f"allow-list entry {entry.state}: ", "yellow"))
    if view.notes:
        ink.blank()
        for note in view.notes:
            ink.prose(note, indent=0, first=("note: ", "cyan"))
