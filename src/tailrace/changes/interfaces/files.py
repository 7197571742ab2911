"""The files of a release that hold a word. Reads bytes, parses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tailrace.model import Artifact
from tailrace.python.modules import is_test_file

# A package of helpers for tests inside of a product, such as `django/test/`, is a part of it.
_HELPERS = re.compile(r"\A[^/]+/(?:[^/]+/)*(?:test|testing)/(?!test_)[^/]+\.py\Z")


def holding(artifact: Artifact, pattern: re.Pattern[bytes], *, tests: bool = False) -> Iterator[str]:
    """The Python files, stubs left out, whose bytes match; those of tests and docs only where they are asked for."""
    for file in artifact.python_files:
        if file.endswith(".pyi") or (not tests and _is_aside(file)):
            continue
        try:
            data = (artifact.root / file).read_bytes()
        except OSError:
            continue
        if pattern.search(data):
            yield file


def _is_aside(file: str) -> bool:
    return is_test_file(file) and not _HELPERS.match(file)
