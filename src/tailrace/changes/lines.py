"""The lines of text in which two releases differ. Reads bytes, parses nothing."""

from __future__ import annotations

from collections import Counter

from tailrace.model import Artifact
from tailrace.python.modules import is_test_file


def differing_lines(baseline: Artifact, candidate: Artifact) -> tuple[bytes, bytes]:
    """The lines that each release has more often than the other, wherever they stand; tests and docs left out.

    What both have is not a difference, so names that are counted line by line can be counted in these alone.
    """
    in_baseline, in_candidate = Counter[bytes](), Counter[bytes]()
    files = {file for file in (*baseline.python_files, *candidate.python_files) if not is_test_file(file)}
    for file in files:
        mine, theirs = _read(baseline, file), _read(candidate, file)
        if mine != theirs:
            in_baseline.update(mine.split(b"\n"))
            in_candidate.update(theirs.split(b"\n"))
    return _more(in_baseline, in_candidate), _more(in_candidate, in_baseline)


def _more(lines: Counter[bytes], others: Counter[bytes]) -> bytes:
    more = ((line, count - others[line]) for line, count in lines.items() - others.items())
    return b"\n".join(line for line, number in more for _ in range(number))


def _read(artifact: Artifact, file: str) -> bytes:
    try:
        return (artifact.root / file).read_bytes()
    except OSError:
        return b""
