"""An exposure report in, its JSON (`tailrace.exposure/1`) out. Leaves nothing out."""

from __future__ import annotations

import msgspec

from tailrace.exposure.grid import ExposureReport
from tailrace.report.json import dump_json


def exposure_json(report: ExposureReport) -> str:
    """Indented JSON, cells in the order of the question, characters that could deceive a reader escaped."""
    return dump_json(msgspec.to_builtins(report))
