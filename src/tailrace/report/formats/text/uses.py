"""An answer about uses for a terminal."""

from __future__ import annotations

from tailrace.model.inert import visible
from tailrace.report.formats.text.wrapping import wrap
from tailrace.report.options import RenderOptions
from tailrace.report.views.sentences import plural
from tailrace.report.views.uses import group_name, headline, notes, remarks, shape
from tailrace.store.answers import UsesAnswer


def render(found: UsesAnswer, options: RenderOptions) -> str:
    """The counts, then the keywords, groups or uses, one line each, however long."""
    lines = wrap(headline(found), options.width) if options.width else [headline(found)]
    if found.keywords:
        width = max(len(one.keyword) for one in found.keywords)
        lines.append("")
        lines += [
            f"  {one.keyword:{width}}  {plural(one.calls, 'call')}, {plural(one.downstreams, 'downstream')}"
            for one in found.keywords
        ]
    elif found.counts.uses and not found.uses and not found.groups:
        lines += ["", "no call passes a keyword"]
    for group in found.groups:
        counts = f"{plural(group.counts.uses, 'use')}, {plural(group.counts.files, 'file')}"
        lines.append(f"  {group_name(group)}  {counts}: {group.file or group.first}")
    last = ("", "")
    for use in found.uses:
        if (use.downstream, use.version) != last:
            last = (use.downstream, use.version)
            lines += ["", f"{use.downstream} {use.version}"]
        where = f" in {use.inside}" if use.in_function else ""
        said = remarks(use)
        tail = f"  [{'; '.join(said)}]" if said else ""
        lines.append(f"  {use.file}:{use.line}:{use.column}  {use.path}{shape(use)}{where}{tail}")
    said = notes(found)
    lines += ["", *said] if said and found.counts.uses else said
    return "\n".join(visible(line) for line in lines)
