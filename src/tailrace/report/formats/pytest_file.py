"""A file of tests for pytest."""

from __future__ import annotations

from tailrace.report.formats.interface import Format
from tailrace.report.kinds import Kind
from tailrace.report.options import RenderOptions

_FILE = '''\
"""Executes every import that {name} hides inside a function. Made by `tailrace tests {name}`."""

import importlib

import pytest

IMPORTS = [
{rows}]


@pytest.mark.parametrize(("module", "name"), IMPORTS)
def test_an_import_inside_a_function_works(module, name):
    found = importlib.import_module(module)
    if name and not hasattr(found, name):
        importlib.import_module(module + "." + name)
'''


def _render(kind: Kind, report: object, options: RenderOptions) -> str:
    import re

    from tailrace.model.inert import visible
    from tailrace.report.views.tests import firm_imports
    from tailrace.verify.testfiles import TestsReport

    assert isinstance(report, TestsReport)
    imports = firm_imports(report)
    rows = "".join(f"    ({one.module!r}, {one.name!r}),  # {visible(one.file)}:{one.line}\n" for one in imports)
    return _FILE.format(name=re.sub(r"[^\w.-]", "_", report.name), rows=rows)


FORMAT = Format(
    "pytest", "pytest", remarks="of `tailrace tests`", serves=lambda kind: kind.name == "tests", render=_render
)
