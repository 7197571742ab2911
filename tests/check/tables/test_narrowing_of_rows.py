"""Every row again, with the files narrowed as in a large downstream: what narrowing leaves out cannot be hurt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import test_attributes
import test_calls
import test_conditions
import test_contracts
import test_decorators
import test_failing_calls
import test_guards
import test_hard_negatives
import test_kinds
import test_modules
import test_registered_names
import test_results
import test_roots
from engine_rows import Row, told

from tailrace.check.upstream import Upstream

_TABLES = (
    test_attributes,
    test_calls,
    test_conditions,
    test_contracts,
    test_decorators,
    test_failing_calls,
    test_guards,
    test_hard_negatives,
    test_kinds,
    test_modules,
    test_registered_names,
    test_results,
    test_roots,
)


def _rows() -> list[Any]:
    found = []
    for table in _TABLES:
        for name, value in vars(table).items():
            if name.isupper() and isinstance(value, list):
                found += [pytest.param(p.values[0], id=f"{table.__name__}-{p.id}") for p in value if not p.marks]
    return found


@pytest.mark.parametrize("row", _rows())
def test_narrowing_changes_no_finding(row: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Upstream, "worth_a_diff", lambda self, size: True)
    assert told(tmp_path, row) == row.said
