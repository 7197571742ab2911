"""GitHub workflow commands, which become annotations.

Escapes as in the runner's own toolkit: `%`, CR and LF in messages; `:` and `,` too in properties.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tailrace.report.formats.interface import Format, has_findings
from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions

if TYPE_CHECKING:
    from tailrace.report.views.diagnostics import Diagnostic, Diagnostics, Notice

_COMMAND = {"error": "error", "warning": "warning", "note": "notice"}


def render_github(found: Diagnostics) -> str:
    """The verdict, an annotation for each finding, and one for everything that could not be checked."""
    lines = [_plain(f"{found.verdict.upper()}  {found.headline}")]
    lines += [_annotation(one) for one in found.diagnostics if not one.is_hidden]
    lines += [_notice(notice) for notice in found.notices if not notice.is_detail]
    return "\n".join(lines) + "\n"


def _annotation(one: Diagnostic) -> str:
    place = one.location
    return _command(
        _COMMAND[one.level],
        _message(one),
        file=place.file,
        line=place.line or 1,
        col=place.column or 1,
        title=one.title,
    )


def _notice(notice: Notice) -> str:
    title = "tailrace" if notice.label == "note" else notice.title
    level = "warning" if notice.failed else _COMMAND[notice.level]
    if notice.location is None:
        return _command(level, notice.text, title=title)
    return _command(level, notice.text, file=notice.location.file, line=notice.location.line or 1, title=notice.label)


def _message(one: Diagnostic) -> str:
    said = [one.message]
    if one.marks or one.effect:
        said.append("; ".join(filter(None, (", ".join(one.marks), one.effect))))
    said += [one.also, f"cause: {one.cause}" if one.cause else "", f"fix: {one.fix}" if one.fix else ""]
    if one.observed is not None:
        said.append("; ".join(filter(None, (f"run: {one.observed.said}", one.observed.error))))
    return "\n".join(filter(None, said))


def _command(name: str, message: str, **properties: str | int) -> str:
    from tailrace.model.inert import without_commands

    pairs = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    # The runner obeys `##[command]` even in mid-line.
    return f"::{name} " + without_commands(f"{pairs}::{_data(message)}")


def _plain(text: str) -> str:
    from tailrace.model.inert import inert

    return inert(text).replace("\n", " ")


def _data(text: str) -> str:
    from tailrace.model.inert import visible_lines

    return visible_lines(text).replace("\t", " ").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _render(kind: Kind, report: object, options: RenderOptions) -> str:
    return render_github(kind.make("diagnostics", report, options))


FORMAT = Format(
    "github",
    "GitHub workflows",
    remarks="annotations; `tailrace check` appends the whole Markdown to `GITHUB_STEP_SUMMARY` where that is set",
    serves=has_findings,
    render=_render,
    is_for_forge=True,
)
