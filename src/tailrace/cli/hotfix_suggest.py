"""`tailrace hotfix suggest`: check reports in, patch YAML out. Derives nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace.cli.channel_options import channel_option, words_of
from tailrace.cli.options import GroupedCommand

if TYPE_CHECKING:
    from tailrace.hotfix.suggesting import Identity, Suggestion
    from tailrace.model import CheckReport

FILE = click.Path(path_type=Path)


@click.command(cls=GroupedCommand, name="suggest")
@click.argument("reports", metavar="REPORT.json...", nargs=-1, required=True, type=FILE)
@channel_option(required=False)
@click.option(
    "--fixed",
    multiple=True,
    metavar='"NAME VERSION [BUILD]"',
    help="A release or build that is known to be repaired and was not checked; BUILD is a number or a whole string.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="NAME=CONDA_NAME",
    help="What the channel calls a package that the reports call otherwise.",
)
@click.option(
    "--subdir",
    "subdirs",
    metavar="LIST",
    callback=words_of,
    help="Platforms whose records are looked at (by default all of a folder, else this machine's).",
)
@click.option(
    "--before",
    metavar="DATE",
    help="Leave builds made from then on alone, with timestamp_lt; `never` leaves it out.  [default: now]",
)
@click.option("--output", "-o", metavar="FILE", type=FILE, help="Write the YAML there instead of to stdout.")
def suggest(
    reports: Sequence[Path],
    channels: Sequence[str],
    fixed: Sequence[str],
    names: Sequence[str],
    subdirs: Sequence[str],
    before: str | None,
    output: Path | None,
) -> int:
    """Derive the narrowest hotfix from check reports over several releases.

    \b
        tailrace hotfix suggest conda-4.13-*.json -c conda-forge --fixed "conda-build 3.21.8 1" -o conda-build.yaml

    Every pair that a report shows broken is shut out, none that is shown fine is. Releases that no report covers count
    as their neighbours do, and the comments say so. With -c the releases and builds of that channel are known.

    Exit status: 0 when the hotfix was written or none is called for, 2 usage, 3 when nothing is shown broken and
    something could not be judged.
    """
    from tailrace.cli.failure import say
    from tailrace.cli.output import write_file, write_stdout

    found = derive(reports, channels, fixed, names, cutoff(before), subdirs)
    if found.documents:
        if output is None:
            write_stdout(found.text)
        else:
            write_file(output, found.text)
    for note in (*found.notes, *(f"not judged: {one}" for one in found.unknown)):
        say(f"note: {note}")
    count = len(found.documents)
    if count:
        say(f"{count} hotfix {'document' if count == 1 else 'documents'}" + (f" written: {output}" if output else ""))
        say(f'prove it with: --broken "{found.harmful}"')
    else:
        say("no hotfix: no report shows a break" + (", and not everything was checked" if found.unknown else ""))
    return found.exit_status


def derive(
    reports: Sequence[Path],
    channels: Sequence[str],
    fixed: Sequence[str],
    names: Sequence[str],
    before: int | None,
    subdirs: Sequence[str] = (),
) -> Suggestion:
    """The hotfix for these files, over these platforms of the channels, or all that can be listed."""
    from tailrace.cli.channel_options import load_channels
    from tailrace.hotfix.suggesting import suggest as derive_hotfix

    read = read_reports(reports)
    repaired = parse_fixed_builds(fixed)
    called = dict(parse_name(text) for text in names)
    loaded = load_channels(channels, subdirs or all_platforms(channels)) if channels else ()
    return derive_hotfix(read, loaded, fixed=repaired, names=called, before=before)


def read_reports(paths: Sequence[Path]) -> list[tuple[str, CheckReport]]:
    """Each report with the name of its file. A file that is no report is a mistake of usage."""
    from tailrace.report import ReportError, parse_report

    found = []
    for path in paths:
        try:
            found.append((path.name, parse_report(path.read_bytes())))
        except OSError as error:
            raise click.UsageError(f"{path} cannot be read: {error.strerror or error}.") from None
        except ReportError as error:
            raise click.UsageError(f"{path}: {error}") from None
    return found


def parse_fixed_builds(texts: Sequence[str]) -> tuple[Identity, ...]:
    """The builds that `--fixed` names."""
    from tailrace.hotfix.suggesting import parse_fixed

    return tuple(map(parse_fixed, texts))


def parse_name(text: str) -> tuple[str, str]:
    """`NAME=CONDA_NAME` as a pair."""
    name, equals, other = (part.strip() for part in text.partition("="))
    if not (name and equals and other):
        raise click.UsageError(f"--name {text!r} is no NAME=CONDA_NAME.")
    return name, other


def cutoff(text: str | None) -> int | None:
    """The moment that `--before` names, in ms since the epoch UTC."""
    if text == "never":
        return None
    if text is None:
        from time import time

        return int(time() * 1000)
    from tailrace.channels.moments import parse_moment

    return parse_moment(text, start=True)


def all_platforms(channels: Sequence[str]) -> tuple[str, ...]:
    """The platforms whose records are looked at: those that a folder has, the usual ones of a channel elsewhere."""
    from tailrace.channels.folders import served_folder
    from tailrace.sources import rattler

    folders = [folder for text in channels if (folder := served_folder(text)) is not None]
    if len(folders) == len(channels):
        known = rattler.platforms()
        here = {path.name for folder in folders for path in folder.path.iterdir()}
        return tuple(name for name in known if name in here and name != "noarch")
    return (rattler.this_platform(),)
