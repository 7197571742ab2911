"""Uses as CSV: one line for each use, group or keyword."""

from __future__ import annotations

from tailrace.report.formats.csv.cells import write_csv
from tailrace.report.options import RenderOptions
from tailrace.store.answers import KeywordCount, UsesAnswer
from tailrace.store.ask import Use

_GROUP = ("downstream", "version", "file", "versions", "files", "uses", "first")


def render(found: UsesAnswer, options: RenderOptions) -> str:
    """What was asked for: keywords, groups, or the uses themselves."""
    if found.keywords:
        fields = KeywordCount.__struct_fields__
        return write_csv(fields, ([getattr(one, name) for name in fields] for one in found.keywords))
    if found.groups:
        return write_csv(
            _GROUP,
            (
                (one.downstream, one.version, one.file, one.versions, one.counts.files, one.counts.uses, one.first)
                for one in found.groups
            ),
        )
    fields = Use.__struct_fields__
    return write_csv(fields, ([getattr(one, name) for name in fields] for one in found.uses))
