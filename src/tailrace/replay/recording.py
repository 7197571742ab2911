"""How a check report is recorded: the command that makes it, run on clones, told as run on public repositories.

Executes nothing of the repositories.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Mapping

from tailrace.replay.errors import ReplayError
from tailrace.replay.scenario import Recording


class RecordingError(ReplayError):
    """The report could not be made."""

    exit_status = 3


def command_line(recording: Recording, places: Mapping[str, str]) -> list[str]:
    """The arguments of `tailrace` that make the report. `places`: repository → path or URL."""

    def spec(text: str) -> str:
        name, _, ref = text.partition("@")
        return f"git+{places[name]}@{ref}"

    arguments = ["check", spec(recording.candidate), "--baseline", spec(recording.baseline)]
    for downstream in recording.downstreams:
        arguments += ["--downstream", spec(downstream)]
    return [*arguments, "--format", "json"]


def shown_command(recording: Recording) -> str:
    """The command as a reader would run it, from the public repositories."""
    return shlex.join(["tailrace", *command_line(recording, recording.git)])


def make_report(recording: Recording, places: Mapping[str, str]) -> str:
    """Runs the command; its JSON, with every place replaced by the public address. Raises `RecordingError`."""
    where = {**recording.git, **places}
    run = subprocess.run(
        [sys.executable, "-m", "tailrace", *command_line(recording, where)], capture_output=True, text=True, check=False
    )
    if run.returncode not in (0, 1):
        raise RecordingError(f"The check did not succeed (status {run.returncode}): {run.stderr.strip()}")
    text = run.stdout
    # The longest first: one clone may lie in the folder of another.
    for name, place in sorted(places.items(), key=lambda item: -len(item[1])):
        text = text.replace(json.dumps(place)[1:-1], recording.git[name])
    left = [place for place in places.values() if place in text]
    if left:
        raise RecordingError(f"The report still names {left[0]}.")
    return text
