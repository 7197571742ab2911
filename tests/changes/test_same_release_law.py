"""A release that is compared with itself has no change and no word."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from support.packages import moments
from support.upstream_strategies import Files, pairs
from tailrace.changes.diff import diff_surfaces
from tailrace.python.modules import Surface


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(pair=pairs())
def test_a_release_compared_with_itself_has_no_change_and_hurts_nobody(pair: tuple[Files, Files]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        parts = moments(Path(folder), pair[0], pair[0], {})
        diff = diff_surfaces(Surface(parts.old), Surface(parts.new))
        assert diff.changes == ()
        assert diff.identifiers == frozenset()
        assert diff.incidental == frozenset()
