"""A report view in, Markdown out (summaries, comments). What others wrote stays text: no links, HTML or mentions."""

from __future__ import annotations

import re

from tailrace.report.clean import visible, visible_lines, without_commands
from tailrace.report.options import RenderOptions
from tailrace.report.view import DownstreamView, GroupView, ReportView, SiteView

# A colon is special in `:emoji:` and `https://`, a low line at the edges of words; elsewhere they are only text.
_SPECIAL = re.compile(r"([\\`*\[\]<>#!|~$&]|:(?=[\w/+-])|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
_LIST_START = re.compile(r"^(\s*)(?:([-+=])|(\d+)([.)]))")
_ICON = {"breaks": "❌", "contained": "🛡️", "possible": "❔", "not-checked": "⚠️", "clear": "✅"}
_VERDICT = {"breaks": "❌ Breaks", "contained": "🛡️ Contained", "clear": "✅ Clear", "incomplete": "⚠️ Incomplete"}


def render_markdown(view: ReportView, options: RenderOptions) -> str:
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


def escape(text: str) -> str:
    """Prose in which nothing is markup, a link, an issue number or a mention."""
    said = _SPECIAL.sub(r"\\\1", visible(text))
    said = _LIST_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", said)
    # A zero-width space takes the meaning from what is recognised in plain text, after Markdown is done.
    said = re.sub(r"(@|\\#)(?=\\?\w)", r"\1&#8203;", said)
    return re.sub(r"(?i)\b(www|gh)(?=[.\\])", r"\1&#8203;", said)


def code(text: str) -> str:
    """Inline code that its own backticks cannot end; not for tables, where a pipe would need more."""
    text = visible(text)
    if not text:
        return ""
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") or not text.strip() else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def inline(text: str) -> str:
    """A sentence of ours: `code` between single backticks stays code, all else is escaped."""
    parts = re.split(r"(?<!`)`([^`]+)`(?!`)", text)
    return "".join(code(part) if index % 2 else escape(part) for index, part in enumerate(parts))


def fence(text: str, language: str = "") -> list[str]:
    """A block of code that its own content cannot end."""
    text = visible_lines(text)
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return [f"{ticks}{language}", *text.split("\n"), ticks]
