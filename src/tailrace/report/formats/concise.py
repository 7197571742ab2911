"""One line for each finding: `file:line:column: rule: message [downstream]`. No colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tailrace.report.formats.interface import Format, has_findings
from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions

if TYPE_CHECKING:
    from tailrace.report.views.diagnostics import Diagnostic, Diagnostics, Notice


def render_concise(found: Diagnostics, options: RenderOptions) -> str:
    """The verdict, a line for each finding, and a line for everything that could not be checked."""
    from tailrace.model.inert import inert

    lines = [f"{found.verdict.upper()}  {found.headline}"]
    lines += [_finding(one) for one in found.diagnostics if _is_shown(one, options)]
    lines += [_notice(notice) for notice in found.notices if not notice.is_detail]
    return inert("\n".join(lines) + "\n")


def _is_shown(one: Diagnostic, options: RenderOptions) -> bool:
    return not one.is_hidden and (options.verbose or not one.is_minor)


def _finding(one: Diagnostic) -> str:
    because = f" ({one.suppression.because})" if one.suppression else one.more
    if one.observed is not None and not one.suppression:
        because = f" ({one.observed.said})"
    subject = f" [{one.subject}]" if one.subject else ""
    return f"{one.location}: {one.label}: {one.message}{because}{subject}"


def _notice(notice: Notice) -> str:
    place = f"{notice.location}: " if notice.location else ""
    subject = f" [{notice.subject}]" if notice.subject and not notice.location else ""
    return f"{place}{notice.label}: {notice.text}{subject}"


def _render(kind: Kind, report: object, options: RenderOptions) -> str:
    return render_concise(kind.make("diagnostics", report, options), options)


FORMAT = Format(
    "concise",
    "editors, `grep`",
    remarks="one finding per line: `path:line:column: …`",
    serves=has_findings,
    render=_render,
)
