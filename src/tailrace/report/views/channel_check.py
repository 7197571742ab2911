"""What every format shows of `channel check`."""

from __future__ import annotations

import hashlib

from tailrace.channel.index_formats.values import ChannelCheck, Difference
from tailrace.model.inert import prose, relative_uri
from tailrace.report.options import RenderOptions
from tailrace.report.views.diagnostics import SOURCE_ROOT, Diagnostic, Diagnostics, Location, Notice, RulePage, Suite

TITLES = {
    "form-unreadable": "Forms that cannot be read",
    "record-missing": "Records that a form lacks",
    "record-extra": "Records that only one form has",
    "record-differs": "Records that differ between forms",
    "removed-differs": "Files that are removed in one form and not in another",
    "removed-and-listed": "Files that are removed and listed all the same",
    "file-missing": "Files that are listed and not there",
    "file-unlisted": "Files that nobody lists",
    "size-differs": "Sizes that are not those of the files",
    "hash-differs": "Hashes that are not those of the files",
    "name-differs": "File names that are not those of the records",
    "subdir-differs": "Records that belong in another subdir",
    "dependency-unknown": "Dependencies that no declared channel has",
    "not-installable": "Packages that cannot be installed from here",
    "version-skew": "Releases that only one of the channels has",
}


def headline(check: ChannelCheck) -> str:
    """The verdict in a sentence."""
    count = len(check.differences)
    match check.status:
        case "fine":
            return f"fine: {check.channel} serves the same to every client"
        case "differences":
            return f"differences: {count} in {check.channel}" if count != 1 else f"differences: one in {check.channel}"
        case "incomplete":
            return f"incomplete: {len(check.not_checked)} things in {check.channel} could not be checked"


def channel_diagnostics(check: ChannelCheck, options: RenderOptions) -> Diagnostics:
    """The differences; files are relative to the channel."""
    from tailrace import __version__

    return Diagnostics(
        title=f"tailrace channel check {prose(check.channel)}",
        suites=(Suite(prose(check.channel), prose(check.channel), prose(headline(check))),),
        verdict=check.status,
        headline=prose(headline(check)),
        category="tailrace/channel-check/",
        tool_version=__version__,
        roots={SOURCE_ROOT: f"The root of the channel {prose(check.channel)}"},
        rules=tuple(
            RulePage(rule, title=TITLES[rule], summary=TITLES[rule], text=TITLES[rule], markdown=TITLES[rule])
            for rule in sorted({one.rule for one in check.differences})
        ),
        diagnostics=tuple(map(_diagnostic, check.differences)),
        notices=(
            *(
                Notice("not-checked", "error", "not checked", prose(one.reason), prose(one.what))
                for one in check.not_checked
            ),
            *(Notice("note", "note", "note", prose(note)) for note in check.notes),
        ),
    )


def _diagnostic(one: Difference) -> Diagnostic:
    file = "/".join(filter(None, (one.folder, one.file))) or "repodata.json"
    identity = repr((one.rule, one.folder, one.file, one.field, one.message))
    return Diagnostic(
        rule=one.rule,
        level="error",
        message=prose(one.message),
        location=Location(prose(file), relative_uri(file)),
        label=one.rule,
        title=one.rule,
        fingerprint=hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()[:16],
    )
