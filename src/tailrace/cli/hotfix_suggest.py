"""`tailrace hotfix suggest`: check reports in, patch YAML out. Derives nothing itself."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace.cli.channel_options import channel_option, words_of
from tailrace.cli.options import GroupedCommand

if TYPE_CHECKING:
    from tailrace.hotfix.suggest import Identity, Suggestions
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
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    type=FILE,
    help="Write the YAML there instead of to stdout; a folder, for several channels.",
)
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
        tailrace hotfix suggest conda-4.13-*.json -c conda-forge -c defaults -o ./hotfixes

    Every pair that a report shows broken is shut out, none that is shown fine is. Releases that no report covers count
    as their neighbours do, and the comments say so. With -c the releases and builds of that channel are known; of
    several channels each gets a hotfix of its own, a file in the folder that -o names.

    Exit status: 0 when the hotfix was written or none is called for, 2 usage, 3 when nothing is shown broken and
    something could not be judged.
    """
    from tailrace.cli.failure import say

    called = dict(parse_name(text) for text in names)
    found = derive(reports, channels, fixed, called, cutoff(before), subdirs)
    several = len(set(channels)) > 1
    written = write(found, output, several=several) if found.by_channel else []
    for note in (*found.notes, *(f"not judged: {one}" for one in found.unknown)):
        say(f"note: {note}")
    count = sum(len(one.documents) for one in found.by_channel.values())
    if count:
        where = f" written: {', '.join(map(str, written))}" if written else ""
        say(f"{count} hotfix {'document' if count == 1 else 'documents'}{where}")
        if several and written:
            pairs = [f"{name}={path}" for name, path in zip(found.by_channel, written, strict=True)]
            options = [("-c", channel) for channel in dict.fromkeys(channels)]
            options += [("--report", str(path)) for path in reports] + [("--fixed", text) for text in fixed]
            words = [*pairs, *(word for option in options for word in option)]
            say(f"prove them with: tailrace hotfix prove {shlex.join(words)}")
        else:
            say(f'prove it with: --broken "{found.harmful}"')
    elif found.harmful:
        say("no hotfix: none of the channels has what the reports show broken")
    else:
        say("no hotfix: no report shows a break" + (", and not everything was checked" if found.unknown else ""))
    return found.exit_status


def derive(
    reports: Sequence[Path],
    channels: Sequence[str],
    fixed: Sequence[str],
    names: Mapping[str, str],
    before: int | None,
    subdirs: Sequence[str] = (),
) -> Suggestions:
    """The hotfixes for these files, over these platforms of the channels, or all that can be listed."""
    from tailrace.cli.channel_options import load_channels
    from tailrace.hotfix.suggest import suggest_by_channel

    read = read_reports(reports)
    repaired = parse_fixed_builds(fixed)
    loaded = load_channels(channels, subdirs or all_platforms(channels)) if channels else ()
    called = Counter(channel.name for channel in loaded)
    if (twice := next((name for name, count in called.items() if count > 1), None)) is not None:
        raise click.UsageError(f"two of the channels are called {twice}: derive their hotfixes one after the other.")
    return suggest_by_channel(read, loaded, fixed=repaired, names=names, before=before)


def write(found: Suggestions, output: Path | None, *, several: bool) -> list[Path]:
    """To stdout, or into a file; of several channels into a folder, a file for each. The files written."""
    from tailrace.cli.output import OutputError, write_file, write_stdout

    if not several:
        (text,) = (one.text for one in found.by_channel.values())
        if output is None:
            write_stdout(text)
            return []
        write_file(output, text)
        return [output]
    texts = {name: f"# The hotfix of {name}.\n#\n{one.text}" for name, one in found.by_channel.items()}
    if output is None:
        write_stdout("---\n".join(texts.values()))
        return []
    try:
        output.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise click.UsageError(
            f"{output} is a file: of several channels each gets a file of its own, so name a folder with -o."
        ) from None
    except OSError as error:
        raise OutputError(f"the hotfixes could not be written to {output}: {error.strerror or error}.") from None
    paths = [output / f"{name}.yaml" for name in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        write_file(path, text)
    return paths


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
    from tailrace.hotfix.suggest import parse_fixed

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
    from tailrace.conda.timestamps import parse_moment

    return parse_moment(text, start=True)


def all_platforms(channels: Sequence[str]) -> tuple[str, ...]:
    """The platforms whose records are looked at: those that a folder has, the usual ones of a channel elsewhere."""
    from tailrace.conda import rattler
    from tailrace.conda.folders import served_folder

    folders = [folder for text in channels if (folder := served_folder(text)) is not None]
    if len(folders) == len(channels):
        known = rattler.platforms()
        here = {path.name for folder in folders for path in folder.path.iterdir()}
        return tuple(name for name in known if name in here and name != "noarch")
    return (rattler.this_platform(),)
