"""Writes an incident as a folder with its channels, its check report and its hotfixes, so that every other command can
be tried on it. The folder appears whole or not at all.
"""

from __future__ import annotations

import shlex
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tailrace.conda.repodata import encode_index
from tailrace.conda.timestamps import parse_moment
from tailrace.model.inert import visible
from tailrace.replay.errors import ReplayError
from tailrace.replay.load import Incident
from tailrace.replay.play import Play
from tailrace.replay.world import IncidentChannels

REPORT = "check.json"
#: Where the derived hotfixes go.
HOTFIXES = "hotfixes"


def save_incident(incident: Incident, folder: Path) -> None:
    """Write `CHANNEL/SUBDIR/repodata.json` without hotfixes, `check.json`, and the hotfixes under the names that the
    scenario gives them. Raises ReplayError; a folder that exists already must be empty.
    """
    beside = None
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ReplayError(f"{folder} is there already; name a folder that is new or empty.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        beside.chmod(0o755)
        for name, data in _files(incident):
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        beside.replace(folder)
    except OSError as error:
        raise ReplayError(f"{folder} cannot be written ({error.strerror or error}).") from None
    finally:
        if beside is not None:
            shutil.rmtree(beside, ignore_errors=True)


def commands(incident: Incident, folder: Path) -> list[str]:
    """What one could try first, as one would type it."""
    play, scenario = Play(incident), incident.scenario
    worst = parse_moment(scenario.grid.worst)
    harmed = (
        ask.specs
        for ask in scenario.asks
        if any(cell.exposed for cell in play.cells(ask.specs, worst, play.world.bare).values())
    )
    channels = [word for name in scenario.grid.orders[0] for word in ("-c", str(folder / name))]
    report = str(folder / REPORT)
    fixed = [word for build in scenario.fixed for word in ("--fixed", build.build)]
    harm = ["--report", report, *fixed]
    day = scenario.grid.worst.partition("T")[0]
    asked = next(harmed, scenario.asks[0].specs)
    since, until = (moment.partition("T")[0] for moment in (scenario.since, scenario.until))
    grid = ["--every-order", "--subdir", scenario.subdir, "--as-of", day]
    several = len(scenario.grid.orders[0]) > 1
    output = HOTFIXES if several else f"{HOTFIXES}.yaml"
    patches = [f"{name}={HOTFIXES}/{name}.yaml" for name in play.derived] if several else [output]
    return [
        visible(shlex.join(["tailrace", *words]))
        for words in (
            ["exposure", *asked, *channels, *grid, *harm],
            ["exposure", *asked, *channels, "--subdir", scenario.subdir, "--since", since, "--until", until, *harm],
            ["hotfix", "suggest", report, *channels, *fixed, "-o", output],
            ["hotfix", "prove", *patches, *channels, *grid, *harm],
        )
    ]


def _files(incident: Incident) -> Iterator[tuple[str, bytes]]:
    for channel, subdirs in IncidentChannels(incident).packages.items():
        for subdir, packages in subdirs.items():
            yield (
                f"{channel}/{subdir}/repodata.json",
                msgspec.json.format(encode_index(subdir, packages), indent=1) + b"\n",
            )
    yield REPORT, msgspec.json.format(msgspec.json.encode(incident.report), indent=2) + b"\n"
    for file, text in incident.texts.items():
        yield file, text.encode()
