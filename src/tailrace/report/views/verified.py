"""The words that every format uses for what verification showed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from tailrace.model import DownstreamReport, Observation, Outcome
from tailrace.model.inert import cut, prose, visible

_SHOWN_LINES = 6
_JOINED_LINES = 3
_PROGRAM_LINES = 12
_WORDS: dict[Outcome, str] = {
    "reproduced": "reproduced",
    "refuted": "refuted",
    "new": "new failure",
    "broken-before": "broken before",
    "spurious": "spurious",
    "flaky": "flaky",
    "not-run": "not run",
}
_ORDER = tuple(_WORDS)


@dataclass(frozen=True, slots=True)
class ObservationView:
    """What running one finding showed. `said`: `reproduced`, or the outcome with its reason. `program`: its lines."""

    outcome: Outcome
    said: str
    program: tuple[str, ...]
    traceback: tuple[str, ...]

    @property
    def error(self) -> str:
        """The last line of the traceback."""
        return self.traceback[-1] if self.traceback else ""


def view_observation(observation: Observation | None) -> ObservationView | None:
    """The words for one observation; `None` where nothing was asked."""
    if observation is None:
        return None
    said = _WORDS[observation.outcome]
    if observation.reason:
        said = f"{said}: {prose(observation.reason)}"
    lines = tuple(cut(visible(line).rstrip(), 300) for line in _telling(observation.traceback))
    return ObservationView(observation.outcome, said, _program_lines(observation.program or ""), lines)


def _program_lines(program: str) -> tuple[str, ...]:
    """The lines of a program, made into one where that says the same."""
    lines = [cut(visible(line).rstrip(), 300) for line in program.splitlines() if line.strip()]
    if len(lines) <= _JOINED_LINES and not any(line[0].isspace() or line.endswith(":") for line in lines):
        return ("; ".join(lines),) if lines else ()
    return tuple(lines[:_PROGRAM_LINES])


def _telling(traceback: tuple[str, ...]) -> tuple[str, ...]:
    """The last lines; only what was raised where no file of a package is on the way, since the program is shown."""
    frames = [line for line in traceback if line.lstrip().startswith('File "')]
    if frames and all('"<program>"' in line for line in frames):
        return traceback[-1:]
    return traceback[-_SHOWN_LINES:]


def sentence(d: DownstreamReport) -> str:
    """`run with Python 3.10.13 in bubblewrap: 3 reproduced`, or why nothing was run; else empty."""
    verification = d.verification
    if verification is None:
        return ""
    if verification.python is None:
        return f"not run: {prose(verification.reason or 'no reason was given')}"
    observations = [f.verification for f in d.findings if f.verification is not None]
    counts = Counter(o.outcome for o in (*observations, *verification.observations))
    told = ", ".join(f"{counts[outcome]} {_WORDS[outcome]}" for outcome in _ORDER if counts[outcome])
    where = f" in {prose(verification.sandbox)}" if verification.sandbox not in (None, "none") else " without a sandbox"
    moved = f"; also moved: {prose(', '.join(verification.moved))}" if verification.moved else ""
    notes = "".join(f"; {prose(note)}" for note in verification.notes)
    return f"run with Python {prose(verification.python)}{where}: {told or 'nothing to run'}{moved}{notes}"
