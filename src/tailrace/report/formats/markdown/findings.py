"""Reports of findings in Markdown."""

from __future__ import annotations

from tailrace.model.inert import without_commands
from tailrace.model.markdown import code, escape, fence, inline
from tailrace.report.options import RenderOptions
from tailrace.report.views.diagnostics import Diagnostic, Diagnostics


def render(found: Diagnostics, options: RenderOptions) -> str:
    """A heading with the verdict, the findings, and what was not checked."""
    lines = [f"# {escape(found.verdict.capitalize())}", "", escape(found.headline), ""]
    for one in found.diagnostics:
        if one.is_hidden or (one.is_minor and not options.verbose):
            continue
        lines += _finding(one)
    notices = [notice for notice in found.notices if not notice.is_detail]
    if notices:
        lines += ["## Notes", ""]
        lines += [f"- {escape(notice.title)}: {inline(notice.text)}" for notice in notices]
    return without_commands("\n".join(lines).rstrip("\n") + "\n")


def _finding(one: Diagnostic) -> list[str]:
    lines = [f"**{one.level}** {code(one.rule)}: {inline(one.message)}", ""]
    place = str(one.location) if one.location.line else one.location.file
    said = [code(place), *([escape(one.subject)] if one.subject else []), *map(escape, one.marks)]
    lines += [f"- {', '.join(said)}"]
    if one.location.source:
        lines += ["", *(f"  {line}" for line in fence(one.location.source))]
    lines.append("")
    if one.also:
        lines += [f"{escape(one.also).capitalize()}", ""]
    if one.suppression:
        lines += [f"Suppressed: {inline(one.suppression.because)}", ""]
    if one.cause:
        lines += [f"Cause: {escape(one.cause)}", ""]
    if one.fix:
        lines += [f"Fix: {inline(one.fix)}", ""]
    return lines
