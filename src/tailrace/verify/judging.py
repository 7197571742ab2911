"""Judges an outcome from what a program did with the baseline and with the candidate."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tailrace.model import Level, Observation, Outcome
from tailrace.verify.programs import Result

# The most serious first: the outcome of a downstream is that of its most serious observation.
ORDER: tuple[Outcome, ...] = ("reproduced", "new", "flaky", "broken-before", "spurious", "refuted", "not-run")
SHOWN_LINES = 12
_SHORT_OF = (
    (
        re.compile(r"^MemoryError\b|Cannot allocate memory|std::bad_alloc"),
        "it needs more memory than the sandbox gives",
    ),
    (
        re.compile(r"No space left on device|File too large|Disk quota exceeded"),
        "it needs more disk than the sandbox gives",
    ),
    (
        re.compile(
            r"Network is unreachable|Temporary failure in name resolution|Name or service not known|gaierror"
            r"|Connection refused|Max retries exceeded|No route to host"
        ),
        "it needs the network, which the sandbox does not have",
    ),
    (
        re.compile(r"Resource temporarily unavailable|can't start new thread|BlockingIOError"),
        "it needs more processes or threads than the sandbox gives",
    ),
)
_LIMIT = {
    "time": "it ran longer than the time limit",
    "output": "it wrote more than the limit on output",
    "memory": "it needs more memory than the sandbox gives",
    "processes": "it started more processes than the sandbox gives",
    "not-started": "the sandbox could not start it",
}


def judge(program: str, baseline: Result, candidate: Result | None, level: Level = "probe") -> Observation:
    """The outcome of one program; `candidate` is `None` where it was not run because it fails with the baseline."""
    if not baseline.completed:
        if why := shortage(baseline):
            return Observation(outcome="spurious", level=level, reason=f"with the baseline {why}", program=program)
        said = baseline.error or f"exit status {baseline.status}"
        return Observation(
            outcome="broken-before",
            level=level,
            reason=f"it fails with the baseline already: {said[:300]}",
            program=program,
            traceback=shown(baseline),
        )
    if candidate is None:
        return Observation(outcome="not-run", level=level, reason="it was not run with the candidate", program=program)
    if candidate.completed:
        return Observation(outcome="refuted", level=level, reason="it works with both releases", program=program)
    if why := shortage(candidate):
        return Observation(
            outcome="spurious",
            level=level,
            reason=f"with the candidate {why}",
            program=program,
            traceback=shown(candidate),
        )
    return Observation(outcome="reproduced", level=level, program=program, traceback=shown(candidate))


def shortage(result: Result) -> str | None:
    """Why a failure says nothing of the releases: a limit of the sandbox; `None` where it does say something."""
    if result.why == "not-started" and result.error:
        return f"{_LIMIT[result.why]} ({result.error})"
    if result.limited:
        return _LIMIT[result.why]
    return next((why for pattern, why in _SHORT_OF if pattern.search(result.error)), None)


def shown(result: Result) -> tuple[str, ...]:
    """The last lines of what a program wrote."""
    lines = result.lines or (f"exit status {result.status}",)
    return tuple(line[:400] for line in lines[-SHOWN_LINES:])


def worst(outcomes: Sequence[Outcome]) -> Outcome:
    """The most serious outcome; `not-run` when there is none."""
    return min(outcomes, key=ORDER.index, default="not-run")
