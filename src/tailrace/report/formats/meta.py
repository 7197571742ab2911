"""The test section of a `meta.yaml`."""

from __future__ import annotations

from tailrace.report.formats.interface import Format
from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions


def _render(kind: Kind, report: object, options: RenderOptions) -> str:
    import json

    from tailrace.model.inert import visible
    from tailrace.report.views.tests import commands_of, firm_imports, modules_of
    from tailrace.verify.testfiles import TestsReport

    assert isinstance(report, TestsReport)
    imports = firm_imports(report)
    if not imports:
        return "test: {}\n"
    lines = ["test:", "  imports:", *(f"    - {module}" for module in modules_of(imports))]
    if commands := commands_of(imports):
        lines += ["  commands:", *(f"    - {json.dumps(command)}" for command in commands)]
    return "\n".join(map(visible, lines)) + "\n"


FORMAT = Format(
    "meta", "conda-build", remarks="of `tailrace tests`", serves=lambda kind: kind.name == "tests", render=_render
)
