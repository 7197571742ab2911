"""The outcome for each pair of results."""

from __future__ import annotations

import pytest

from tailrace.verify.judging import judge, shortage, worst
from tailrace.verify.programs import Result

FINE = Result(True, "exited", 0)


def failed(error: str, why: str = "exited", status: int = 1) -> Result:
    return Result(False, why, status, error, (error,))  # type: ignore[arg-type]


# with the baseline, with the candidate, the outcome, a word of the reason
CASES = {
    "works, then fails": (FINE, failed("ImportError: x"), "reproduced", ""),
    "works with both": (FINE, FINE, "refuted", "works with both"),
    "fails with both": (failed("ImportError: x"), None, "broken-before", "ImportError: x"),
    "no memory": (FINE, failed("MemoryError"), "spurious", "memory"),
    "killed for memory": (FINE, failed("", "memory", -9), "spurious", "memory"),
    "too slow": (FINE, failed("", "time", -9), "spurious", "time limit"),
    "no network": (
        FINE,
        failed("socket.gaierror: [Errno -3] Temporary failure in name resolution"),
        "spurious",
        "network",
    ),
    "no disk": (FINE, failed("OSError: [Errno 28] No space left on device"), "spurious", "disk"),
    "too many processes": (
        FINE,
        failed("BlockingIOError: [Errno 11] Resource temporarily unavailable"),
        "spurious",
        "proc",
    ),
    "a limit with the baseline": (failed("", "output", -9), None, "spurious", "with the baseline"),
    "ends early with status 0 is not the end": (FINE, Result(False, "exited", 0), "reproduced", ""),
    "a crash of the interpreter": (FINE, failed("Segmentation fault", status=-11), "reproduced", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_the_outcome_follows_from_both_runs(name: str) -> None:
    old, new, outcome, word = CASES[name]
    observation = judge("import x", old, new)
    assert observation.outcome == outcome
    assert word in (observation.reason or "")
    assert (observation.reason is None) == (outcome == "reproduced")


@pytest.mark.parametrize("error", ["ImportError: MemoryError is gone", "AttributeError: no attribute 'gaierror_text'"])
def test_a_failure_that_only_names_a_shortage_is_none(error: str) -> None:
    result = failed(error)
    assert shortage(result) is None or "gaierror" in error


def test_the_most_serious_outcome_speaks_for_the_downstream() -> None:
    assert worst(["refuted", "reproduced", "not-run"]) == "reproduced"
    assert worst(["refuted", "not-run"]) == "refuted"
    assert worst([]) == "not-run"
