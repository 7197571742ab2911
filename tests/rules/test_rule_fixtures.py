"""Every rule on packages of its own: the downstream is hurt at each of its places, the near-miss is not.

`TAILRACE_UPDATE_GOLDENS=1` writes the goldens anew; read their diff before you commit it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tailrace.check import CheckOptions, check
from tailrace.model import CheckReport, Finding
from tailrace.rules import RULES

_HERE = Path(__file__).parent
_FIELDS = (
    *("rule", "symbol", "file", "line", "confidence", "severity", "guard", "condition", "scope", "inside"),
    *("import_breaks", "only_in_tests", "message", "fix", "witness"),
)
# Not shown by a program that imports the upstream from its sources: what stands in metadata or is an installed command,
# and the witness of a conflict, which fails by itself.
_NOT_RUN = {
    *("option-removed", "option-conflict", "entry-point-removed", "python-dropped", "requirement-conflict"),
    *(
        "hook-removed",
        "hook-argument-removed",
        "hook-kind-changed",
        "syntax-refused",
        "fixture-removed",
        "data-removed",
    ),
    *("dependency-dropped", "extra-removed", "build-setting-removed", "binary-interface-changed", "value-removed"),
    "version-refused",
}


def _report(rule: str, part: str) -> CheckReport:
    root = _HERE / rule
    named = root / "specs.txt"  # where the upstream is no package: candidate and baseline
    new, old = named.read_text("utf-8").split() if named.exists() else (str(root / "new"), str(root / "old"))
    return check(new, old, [str(root / part)], options=CheckOptions(in_process=True))


def _view(finding: Finding) -> dict[str, Any]:
    return {name: json.loads(json.dumps(getattr(finding, name))) for name in _FIELDS}


def test_every_rule_has_its_packages() -> None:
    folders = {path.name for path in _HERE.iterdir() if path.is_dir() and not path.name.startswith("_")}
    assert folders == set(RULES)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_the_downstream_is_found_as_the_golden_says(rule: str) -> None:
    report = _report(rule, "downstream")
    findings = report.downstreams[0].findings
    golden = _HERE / rule / "golden.json"
    shown = [_view(finding) for finding in findings]
    if os.environ.get("TAILRACE_UPDATE_GOLDENS"):
        golden.write_text(json.dumps(shown, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert [f for f in findings if f.rule == rule and f.guard is None]
    assert shown == json.loads(golden.read_text(encoding="utf-8"))
    if rule == "unexplained":
        assert report.downstreams[0].status == "possible", "the effect without the cause"
    elif RULES[rule].severity == "error":
        assert (report.verdict, report.downstreams[0].status) == ("breaks", "breaks")
    else:
        assert report.downstreams[0].status == "clear", "a warning or a note changes no status"


@pytest.mark.parametrize("rule", sorted(RULES))
def test_the_near_miss_is_silent(rule: str) -> None:
    report = _report(rule, "near_miss")
    unguarded = [_view(f) for f in report.downstreams[0].findings if f.guard is None]
    assert (report.verdict, unguarded) == ("clear", [])


@pytest.mark.parametrize("rule", sorted(RULES.keys() - _NOT_RUN))
def test_every_witness_works_with_the_old_release_and_fails_with_the_new_one(rule: str) -> None:
    found = json.loads((_HERE / rule / "golden.json").read_text(encoding="utf-8"))
    for witness in {entry["witness"] for entry in found if entry["rule"] == rule and entry["witness"]}:
        codes = [_run(witness, _HERE / rule / side) for side in ("old", "new")]
        assert (codes[0], codes[1] != 0) == (0, True), witness
    assert [entry for entry in found if entry["rule"] == rule]


def _run(program: str, upstream: Path) -> int:
    env = os.environ | {"PYTHONPATH": str(upstream), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, check=False).returncode
