"""What the tests of a downstream should reach: its uses of other packages inside functions, as a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from tailrace.verify.hidden import Hidden


class HiddenUse(msgspec.Struct, frozen=True, kw_only=True):
    """A use of another package inside a function. `line`: 1-based. `name`: empty where the module itself is imported.

    `private`: the module or the name begins with a low line. `guarded`: a failure is caught. `conditional`: it does not
    run on every platform.
    """

    file: str
    line: int
    kind: str
    module: str
    name: str
    function: str
    private: bool
    guarded: bool
    conditional: bool

    @property
    def statement(self) -> str:
        """The import that reaches it."""
        return f"from {self.module} import {self.name}" if self.name else f"import {self.module}"


class TestsReport(msgspec.Struct, frozen=True, kw_only=True):
    """The uses of other packages inside functions. `name`: of the downstream.

    `imports`: all imports. `untested`: what no test ran. The one that was not asked for is `None`.
    """

    schema: Literal["tailrace.tests/1"] = "tailrace.tests/1"
    name: str
    imports: tuple[HiddenUse, ...] | None = None
    untested: tuple[HiddenUse, ...] | None = None


def make_report(
    name: str, *, found: Sequence[Hidden] | None = None, missed: Sequence[Hidden] | None = None
) -> TestsReport:
    """The report on what was `found`, of which imports alone are kept, or on what no test ran (`missed`)."""
    imports = tuple(_plain(one) for one in found if one.kind == "import") if found is not None else None
    untested = tuple(map(_plain, missed)) if missed is not None else None
    return TestsReport(name=name, imports=imports, untested=untested)


def _plain(one: Hidden) -> HiddenUse:
    return HiddenUse(
        file=one.file,
        line=one.line,
        kind=one.kind,
        module=one.module,
        name=one.name,
        function=one.function,
        private=one.is_private,
        guarded=one.guarded,
        conditional=one.conditional,
    )
