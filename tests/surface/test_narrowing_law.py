"""Whatever the full check finds in a file, the file holds a word that the diff of the two releases names."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from upstream_strategies import Files, downstreams, pairs

from support.packages import moments
from tailrace.check.downstream import Upstream, check_downstream
from tailrace.check.options import CheckOptions
from tailrace.surface import Surface, changed_identifiers, diff_surfaces, hurt_files
from tailrace.surface.diffing import own_words

WORD = re.compile(rb"[A-Za-z_]\w*")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(pair=pairs(), downstream=downstreams())
def test_a_file_with_a_finding_is_never_narrowed_away(pair: tuple[Files, Files], downstream: Files) -> None:
    with tempfile.TemporaryDirectory() as folder:
        parts = moments(Path(folder), *pair, downstream)
        with (
            patch("tailrace.check.downstream.find_typed", lambda *_, **__: ([], None, 0)),
            patch("tailrace.check.downstream._narrowed", lambda _upstream, _pair, _surface, everything: everything),
        ):
            report = check_downstream(Upstream(parts.old, parts.new), parts.downstream, CheckOptions()).report
        found = {finding.file for finding in report.findings}
        own = Surface(parts.downstream)
        tokens = {file: frozenset(WORD.findall((parts.downstream.root / file).read_bytes())) for file in own_files(own)}
        diff = diff_surfaces(Surface(parts.old), Surface(parts.new))
        kept = hurt_files(diff, own, tokens)
        assert found <= kept, [f for f in report.findings if f.file not in kept]
        words = changed_identifiers(Surface(parts.old), Surface(parts.new))
        every = {w.encode() for w in words | own_words(words, own, tokens)}
        assert all(every & tokens[file] for file in found)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(pair=pairs())
def test_a_release_compared_with_itself_has_no_change_and_hurts_nobody(pair: tuple[Files, Files]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        parts = moments(Path(folder), pair[0], pair[0], {})
        diff = diff_surfaces(Surface(parts.old), Surface(parts.new))
        assert diff.changes == ()
        assert diff.identifiers == frozenset()
        assert diff.incidental == frozenset()


def own_files(surface: Surface) -> list[str]:
    return [file for file in surface.artifact.python_files if not file.endswith(".pyi")]
