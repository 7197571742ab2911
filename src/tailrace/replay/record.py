"""Makes a scenario's check report anew: public repositories, or clones of them, in; the recorded JSON out.

    python -m tailrace.replay.record conda-4.13 --git conda=PATH --git conda-build=PATH --git mamba=PATH

A repository without `--git` is fetched from its public address. The report is the one that `tailrace check` writes;
only the places of the clones in it are replaced by the public addresses. Nothing of the repositories is executed.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path

import click

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


@click.command()
@click.argument("scenario")
@click.option("--git", "given", metavar="NAME=PATH", multiple=True, help="A clone to read instead of the public one.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write, instead of the scenario's file.")
def main(scenario: str, given: tuple[str, ...], output: Path | None) -> None:
    """Record the check report of SCENARIO anew."""
    from tailrace.replay.load import load_scenario

    recording = load_scenario(scenario).report
    places = dict(item.partition("=")[::2] for item in given)
    unknown = sorted(set(places) - set(recording.git))
    if unknown:
        raise click.UsageError(f"There is no repository {unknown[0]!r}; there are {', '.join(recording.git)}.")
    text = make_report(recording, {name: str(Path(path).resolve()) for name, path in places.items()})
    if output is None:
        with as_file(files("tailrace.replay") / "scenarios" / scenario) as folder:
            output = folder / recording.file
    output.write_text(text, encoding="utf-8")
    click.echo(f"{output}: {json.loads(text)['verdict']}", err=True)


if __name__ == "__main__":
    main()
