"""What every format shows of the tests that a downstream needs."""

from __future__ import annotations

from collections.abc import Iterable

from tailrace.report.options import RenderOptions
from tailrace.report.views.sentences import plural
from tailrace.report.views.tables import ShownColumn, ShownTable, Tables
from tailrace.verify.testfiles import HiddenUse, TestsReport


def listed(report: TestsReport) -> tuple[HiddenUse, ...]:
    """What the report lists: what no test ran where that was asked for, else all imports."""
    return report.untested if report.untested is not None else report.imports or ()


def firm_imports(report: TestsReport) -> list[HiddenUse]:
    """The imports that must work wherever the downstream runs: unguarded, under no test; each statement once."""
    seen: dict[str, HiddenUse] = {}
    for one in listed(report):
        if one.kind == "import" and not one.guarded and not one.conditional:
            seen.setdefault(one.statement, one)
    return sorted(seen.values(), key=lambda one: (one.module, one.name))


def modules_of(imports: Iterable[HiddenUse]) -> list[str]:
    """The modules, each once."""
    return list(dict.fromkeys(one.module for one in imports))


def commands_of(imports: Iterable[HiddenUse]) -> list[str]:
    """The commands that run the imports of single names."""
    return [f'python -c "{one.statement}"' for one in imports if one.name]


def headline(report: TestsReport) -> str:
    """How many there are."""
    found = listed(report)
    if report.untested is not None:
        if not found:
            return f"{report.name}: every use of another package inside a function was run by a test"
        were = "was" if len(found) == 1 else "were"
        uses = plural(len(found), "use of another package", "uses of other packages")
        return f"{report.name}: {uses} inside functions {were} run by no test"
    if not found:
        return f"{report.name}: no import of another package stands inside a function"
    firm = sum(not one.guarded and not one.conditional for one in found)
    imports = plural(len(found), "import of another package", "imports of other packages")
    return f"{report.name}: {imports} inside functions, {firm} of them unguarded"


def shown_as(one: HiddenUse) -> str:
    """The import, or the dotted path that is used."""
    return one.statement if one.kind == "import" else f"{one.module}.{one.name}"


def marks(one: HiddenUse) -> str:
    """`private, guarded`."""
    words = (("private", one.private), ("guarded", one.guarded), ("conditional", one.conditional))
    return ", ".join(word for word, holds in words if holds)


def tests_tables(report: TestsReport, options: RenderOptions) -> Tables:
    """A line for each."""
    columns = (
        ShownColumn("place", is_code=True),
        ShownColumn("use", is_code=True),
        ShownColumn("in", is_code=True),
        ShownColumn("remarks"),
    )
    rows = tuple((f"{one.file}:{one.line}", shown_as(one), one.function, marks(one)) for one in listed(report))
    tables = (ShownTable("Inside functions", columns, rows),) if rows else ()
    return Tables(f"Tests for {report.name}", headline(report), tables)
