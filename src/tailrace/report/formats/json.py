"""JSON. Always the whole report: no option leaves anything out. Control characters are escaped, not hidden."""

from __future__ import annotations

from tailrace.report.formats.interface import Format
from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions


def _render(kind: Kind, report: object, options: RenderOptions) -> str:
    import msgspec

    from tailrace.report.json import dump_json

    document = kind.make("document", report, options)
    return document if isinstance(document, str) else dump_json(msgspec.to_builtins(document))


# Every kind of report can be written as JSON.
FORMAT = Format(
    "json",
    "programs",
    remarks='`schema: "tailrace.…/1"`; later versions only add fields',
    serves=lambda kind: True,
    render=_render,
    is_machine=True,
)
