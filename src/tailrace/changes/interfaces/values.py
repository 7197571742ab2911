"""Words that a release spells out in strings and the newer one nowhere: values that it may no longer take."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tailrace.model import Artifact
from tailrace.python.modules import is_test_file

_QUOTED = re.compile(rb"""['"]([A-Za-z.][\w./:+-]{3,60})['"]""")
_WORD = re.compile(rb"[A-Za-z.][\w./:+-]{3,60}")


def lost_values(baseline: Artifact, candidate: Artifact) -> dict[str, frozenset[str]]:
    """Value → files of the baseline that spell it out. Values that stand anywhere in the candidate are left out."""
    in_baseline: dict[bytes, set[str]] = {}
    for file, data in _sources(baseline):
        if data == _read(candidate, file):
            continue
        for value in _QUOTED.findall(data):
            in_baseline.setdefault(value, set()).add(file)
    for _, data in _sources(candidate):
        if not in_baseline:
            break
        for word in _WORD.findall(data):
            in_baseline.pop(word, None)
            in_baseline.pop(word.rstrip(b".:"), None)
    names = {PurePosixPath(file).stem.encode() for file in (*candidate.other_files, *candidate.python_files)}
    return {value.decode(): frozenset(files) for value, files in in_baseline.items() if value not in names}


def _sources(artifact: Artifact) -> list[tuple[str, bytes]]:
    files = [f for f in artifact.python_files if not f.endswith(".pyi") and not is_test_file(f)]
    return [(file, data) for file in files if (data := _read(artifact, file))]


def _read(artifact: Artifact, file: str) -> bytes:
    try:
        return (artifact.root / file).read_bytes()
    except OSError:
        return b""
