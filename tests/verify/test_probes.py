"""A finding in, the programs that show it out."""

from __future__ import annotations

import pytest

from tailrace.model import Finding
from tailrace.verify.probes import probes_for

HOSTS = (("pytest --help", "import pytest"),)


def finding(rule: str, scope: str = "import", witness: str | None = None) -> Finding:
    return Finding(
        rule=rule,
        confidence="certain",
        severity="error",
        symbol="up.gone",
        file="down/plugin.py",
        line=3,
        column=1,
        scope=scope,  # type: ignore[arg-type]
        inside="down.plugin",
        message="it fails",
        fix="up<2",
        fingerprint="0" * 16,
        witness=witness,
    )


# rule → (kind, weak) of each program
CASES: dict[str, tuple[tuple[str, bool], ...]] = {
    "hook-argument-removed": (("module", True), ("statement", False)),
    "hook-removed": (("module", True), ("statement", True)),
    "fixture-removed": (("module", True), ("statement", True)),
    "option-conflict": (("module", True), ("statement", True)),
    "name-removed": (("module", False),),
    "module-removed": (("module", False),),
}


@pytest.mark.parametrize("rule", CASES)
def test_a_plugin_is_shown_by_the_program_that_loads_it(rule: str) -> None:
    found = probes_for(finding(rule), ("",), None, HOSTS)
    assert tuple((probe.kind, probe.weak) for probe in found) == CASES[rule]
    assert [probe.source for probe in found if probe.kind == "statement"] == [
        "import pytest" for kind, _ in CASES[rule] if kind == "statement"
    ]


def test_a_plugin_without_its_host_has_no_program_but_its_import() -> None:
    (only,) = probes_for(finding("hook-argument-removed"), ("",))
    assert (only.kind, only.weak, only.source) == ("module", True, "import down.plugin")


def test_a_witness_comes_after_the_module() -> None:
    found = probes_for(finding("name-removed", witness="from up import gone"), ("",))
    assert [probe.source for probe in found] == ["import down.plugin", "from up import gone"]
