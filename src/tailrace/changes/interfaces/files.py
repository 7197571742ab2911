"""The files of a release that hold a word. Reads bytes, parses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tailrace.model import Artifact
from tailrace.python.modules import is_test_file


def holding(artifact: Artifact, pattern: re.Pattern[bytes], *, tests: bool = False) -> Iterator[str]:
    """The Python files, stubs left out, whose bytes match; those of tests and docs only where they are asked for."""
    for file in artifact.python_files:
        if file.endswith(".pyi") or (not tests and is_test_file(file)):
            continue
        try:
            data = (artifact.root / file).read_bytes()
        except OSError:
            continue
        if pattern.search(data):
            yield file
