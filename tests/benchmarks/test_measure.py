"""The stop-watch: a failed run gives no number, children count towards memory."""

import sys

import pytest

from measure import CommandFailedError, measure

EATER = "b = bytearray(80_000_000); import time; time.sleep(0.3)"


def test_a_failed_command_gives_no_number():
    with pytest.raises(CommandFailedError):
        measure([sys.executable, "-c", "raise SystemExit(3)"])
    assert measure([sys.executable, "-c", "raise SystemExit(3)"], expected=(3,)).seconds > 0


def test_the_memory_of_children_counts():
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {EATER!r}])"
    alone = measure([sys.executable, "-c", "import time; time.sleep(0.3)"])
    assert measure([sys.executable, "-c", nested]).peak_bytes > alone.peak_bytes + 60_000_000
