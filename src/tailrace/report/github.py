"""A report view in, GitHub workflow commands out, which become annotations. Prints nothing.

Escapes as in the runner's own toolkit: `%`, CR and LF in messages; `:` and `,` too in properties.
"""

from __future__ import annotations

from tailrace.report.clean import inert, visible_lines, without_commands
from tailrace.report.options import RenderOptions
from tailrace.report.view import GroupView, ReportView, SiteView

_COMMAND = {"error": "error", "warning": "warning", "note": "notice"}


def render_github(view: ReportView, options: RenderOptions) -> str:
    """One annotation for each finding, one for each downstream that could not be checked, and the verdict."""
    lines = [plain(f"{view.verdict.upper()}  {view.headline}")]
    for downstream, group, site in view.sites:
        title = f"{downstream.title}: {group.rule}"
        lines.append(
            command(
                _COMMAND[site.level],
                _message(group, site),
                file=site.file,
                line=site.line,
                col=site.column,
                title=title,
            )
        )
    for downstream in view.not_checked:
        lines.append(command("warning", downstream.reason or "", title=f"{downstream.title} was not checked"))
    for downstream in view.downstreams:
        if downstream.state != downstream.status:
            lines.append(command("notice", downstream.undecided, title=f"{downstream.title}: {downstream.state}"))
    for entry in view.allow_list:
        said = f"{entry.rule} {entry.symbol}: {entry.message}"
        lines.append(command("warning", said, title=f"allow-list entry {entry.state}"))
    lines += [command("notice", note, title="tailrace") for note in view.notes]
    return "\n".join(lines) + "\n"


def _message(group: GroupView, site: SiteView) -> str:
    said = [site.message]
    if site.marks or site.loads:
        said.append("; ".join(filter(None, (", ".join(site.marks), site.loads))))
    if group.cause:
        said.append(f"cause: {group.cause}")
    if group.fix:
        said.append(f"fix: {group.fix}")
    if site.verified is not None:
        said.append("; ".join(filter(None, (f"run: {site.verified.said}", site.verified.error))))
    return "\n".join(said)


def command(name: str, message: str, **properties: str | int) -> str:
    """One workflow command, everything escaped."""
    pairs = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    # The runner obeys `##[command]` even in mid-line.
    return f"::{name} " + without_commands(f"{pairs}::{_data(message)}")


def plain(text: str) -> str:
    """A line that is no command."""
    return inert(text).replace("\n", " ")


def _data(text: str) -> str:
    return visible_lines(text).replace("\t", " ").replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
