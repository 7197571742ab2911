"""Downstream files and two upstreams in, type-inferred breaks and receivers' classes out. The only place that knows `ty`."""

from tailrace.check.typecheck.compare import Comparison, compare, setup_for
from tailrace.check.typecheck.diff import new_diagnostics
from tailrace.check.typecheck.run import find_program, run
from tailrace.check.typecheck.session import Setup
from tailrace.check.typecheck.values import (
    FAILS,
    MAY_FAIL,
    Answer,
    Diagnostic,
    Kind,
    Location,
    Query,
    TypecheckRun,
    TypeText,
    Unchecked,
)

__all__ = [
    "FAILS",
    "MAY_FAIL",
    "Answer",
    "Comparison",
    "Diagnostic",
    "Kind",
    "Location",
    "Query",
    "Setup",
    "TypeText",
    "TypecheckRun",
    "Unchecked",
    "compare",
    "find_program",
    "new_diagnostics",
    "run",
    "setup_for",
]
