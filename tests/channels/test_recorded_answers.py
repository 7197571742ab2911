"""The same packages as real conda and real micromamba, over every problem whose answers were recorded."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "tests/data/solver/recorded.jsonl.gz"


def benchmark() -> Any:
    spec = importlib.util.spec_from_file_location("solver_benchmark", ROOT / "benchmarks/solver.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_both_families_give_the_recorded_packages() -> None:
    counts, differences, _ = benchmark().compare(RECORDED)
    assert len(counts) == 9
    for name, row in counts.items():
        assert row["feasibility"] == row["problems"] > 0, name
        wanted = 1.0 if name.startswith("micromamba") else 0.99
        assert row["same"] / row["problems"] >= wanted, (name, differences[:3])
    assert sum(row["problems"] - row["same"] for row in counts.values()) == len(differences)
