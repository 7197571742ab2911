"""Makes the check report of a scenario anew from public repositories or clones of them.

    python -m tailrace.replay.record conda-4.13 --git conda=PATH --git conda-build=PATH --git mamba=PATH

A repository without `--git` is fetched from its public address. The report is the one that `tailrace check` writes;
only the places of the clones in it are replaced by the public addresses. Nothing of the repositories is executed.
"""

from __future__ import annotations

import json
from importlib.resources import as_file
from pathlib import Path

import click

from tailrace.model.errors import TailraceError
from tailrace.replay.load import folder_of, load_scenario
from tailrace.replay.recording import make_report


@click.command()
@click.argument("scenario")
@click.option("--git", "given", metavar="NAME=PATH", multiple=True, help="A clone to read instead of the public one.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to write, instead of the scenario's file.")
def main(scenario: str, given: tuple[str, ...], output: Path | None) -> None:
    """Record the check report of SCENARIO anew."""
    try:
        _record(scenario, given, output)
    except TailraceError as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(error.exit_status) from None


def _record(scenario: str, given: tuple[str, ...], output: Path | None) -> None:
    recording = load_scenario(scenario).report
    places = dict(item.partition("=")[::2] for item in given)
    unknown = sorted(set(places) - set(recording.git))
    if unknown:
        raise click.UsageError(f"There is no repository {unknown[0]!r}; there are {', '.join(recording.git)}.")
    text = make_report(recording, {name: str(Path(path).resolve()) for name, path in places.items()})
    if output is None:
        with as_file(folder_of(scenario)) as folder:
            output = folder / recording.file
    output.write_text(text, encoding="utf-8")
    click.echo(f"{output}: {json.loads(text)['verdict']}", err=True)


if __name__ == "__main__":
    main()
