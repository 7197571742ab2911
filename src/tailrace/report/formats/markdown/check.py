"""A check report in Markdown."""

from __future__ import annotations

from tailrace.model.inert import without_commands
from tailrace.model.markdown import code, escape, fence, inline
from tailrace.report.options import RenderOptions
from tailrace.report.views.check import DownstreamView, GroupView, ReportView, SiteView

_ICON = {"breaks": "❌", "contained": "🛡️", "possible": "❔", "not-checked": "⚠️", "clear": "✅"}
_VERDICT = {"breaks": "❌ Breaks", "contained": "🛡️ Contained", "clear": "✅ Clear", "incomplete": "⚠️ Incomplete"}


def render(view: ReportView, options: RenderOptions) -> str:
    """A heading with the verdict, a table of downstreams, then the details of each that needs reading."""
    lines = [f"# {_VERDICT[view.verdict]}", "", escape(view.headline), ""]
    if view.downstreams:
        lines += ["| | Downstream | Its requirement | Findings | Looked at |", "| --- | --- | --- | --- | --- |"]
        lines += [_row(d) for d in view.downstreams]
        lines.append("")
    for d in view.downstreams:
        if d.groups or d.notes or d.reason or (d.undecided and not d.quiet):
            lines += _details(d, options)
    if view.allow_list:
        lines += ["## Allow-list", ""]
        lines += [f"- {e.state}: {code(e.rule)} {code(e.symbol)}: {escape(e.message)}" for e in view.allow_list]
        lines.append("")
    if view.notes:
        lines += ["## Notes", "", *(f"- {inline(note)}" for note in view.notes), ""]
    return without_commands("\n".join(lines).rstrip("\n") + "\n")


def _row(d: DownstreamView) -> str:
    found = len(d.sites)
    shown = str(found) if found else "none"
    if d.hidden:
        shown = f"{shown} ({d.hidden} possible not shown)"
    cells = (f"{_ICON[d.status]} {d.state}", escape(d.title), escape(d.requirement), shown, escape(d.files))
    return f"| {' | '.join(cells)} |"


def _details(d: DownstreamView, options: RenderOptions) -> list[str]:
    lines = [f"## {escape(d.title)}: {d.state}", ""]
    if d.reason is not None:
        lines += [f"Not checked because: {inline(d.reason)}", ""]
    if d.verified:
        lines += [f"Verified: {inline(d.verified)}.", ""]
    for group in d.groups:
        lines += _group(group, options)
    said = [*([d.undecided] if d.undecided else []), *d.notes]
    if said:
        lines += [*(f"- {inline(note)}" for note in said), ""]
    return lines


def _group(group: GroupView, options: RenderOptions) -> list[str]:
    sure = f", {group.confidence}" if group.confidence else ""
    lines = [f"**{group.level}** {code(group.rule)}{sure}: {inline(group.message)}", ""]
    for site in group.sites:
        lines += _site(group, site)
    if group.cause:
        lines += [f"Cause: {escape(group.cause)}", ""]
    if group.fix:
        lines += [f"Fix: {code(group.fix)}", ""]
    if group.witness:
        lines += ["Shown by:", "", *fence("\n".join(group.witness), "python"), ""]
    return lines


def _site(group: GroupView, site: SiteView) -> list[str]:
    said = [code(site.place), *(escape(mark) for mark in site.marks)]
    if not group.confidence:
        said.append(site.confidence)
    if site.loads:
        said.append(escape(site.loads))
    lines = [f"- {', '.join(said)}"]
    if site.message != group.message:
        lines += ["", f"  {inline(site.message)}"]
    if site.source:
        lines += ["", *(f"  {line}" for line in fence(site.source, "python"))]
    if site.verified is not None:
        lines += ["", f"  Run: {inline(site.verified.said)}"]
        if site.verified.traceback:
            lines += ["", *(f"  {line}" for line in fence("\n".join(site.verified.traceback), "text"))]
    return [*lines, ""]
