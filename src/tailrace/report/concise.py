"""A report view in, one line a finding out (`file:line:column: rule: message [downstream]`). Adds no colours."""

from __future__ import annotations

from tailrace.report.clean import inert
from tailrace.report.options import RenderOptions
from tailrace.report.view import ReportView


def render_concise(view: ReportView, options: RenderOptions) -> str:
    """The verdict, a line for every finding, and a line for every downstream that could not be checked."""
    lines = [f"{view.verdict.upper()}  {view.headline}"]
    for downstream, group, site in view.sites:
        because = f" ({site.suppressed_because})" if site.suppressed else ""
        if site.verified is not None and not site.suppressed:
            because = f" ({site.verified.said})"
        lines.append(f"{site.place}: {group.rule}: {site.message}{because} [{downstream.title}]")
    lines += [f"not checked: {downstream.reason} [{downstream.title}]" for downstream in view.not_checked]
    lines += [f"{d.state}: {d.undecided} [{d.title}]" for d in view.downstreams if d.state != d.status]
    lines += [f"allow-list entry {e.state}: {e.rule} {e.symbol}: {e.message}" for e in view.allow_list]
    lines += [f"note: {note}" for note in view.notes]
    return inert("\n".join(lines) + "\n")
