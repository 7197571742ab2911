"""`tailrace hotfix suggest`: derive patch YAML from check reports."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace.cli.channel.options import channel_option, words_of
from tailrace.cli.options import GroupedCommand

if TYPE_CHECKING:
    from tailrace.conda.records import Channel
    from tailrace.hotfix.suggest import Suggestions
    from tailrace.hotfix.suggest.identity import Identity
    from tailrace.model import CheckReport

FILE = click.Path(path_type=Path)


@click.command(cls=GroupedCommand, name="suggest")
@click.argument("reports", metavar="REPORT.json...", nargs=-1, required=True, type=FILE)
@channel_option(required=False)
@click.option(
    "--fixed",
    multiple=True,
    metavar='"NAME VERSION [BUILD]"',
    help="A release or build that is known to be fixed and was not checked; BUILD is a number or a whole string.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="NAME=CONDA_NAME",
    help="The conda name of a package that has another name in the reports.",
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
    help="Do not patch builds made from then on, with timestamp_lt; `never` leaves it out.  [default: now]",
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

    The patch excludes every pair that a report shows to break, and no pair that is shown to be clear. Releases that
    no report covers are treated like their neighbours, and the comments say so. With -c the releases and builds of
    that channel are known; each of several channels gets a hotfix of its own, a file in the folder that -o names.

    Exit status: 0 when the hotfix was written or none is called for, 2 usage, 3 when nothing is shown broken and
    something could not be judged.
    """
    from tailrace.cli.channel.options import load_channels
    from tailrace.cli.failure import say
    from tailrace.conda.loading import served_platforms
    from tailrace.hotfix.suggest import parse_cutoff, parse_fixed, suggest_by_channel
    from tailrace.report.json import read_reports

    called = dict(parse_name(text) for text in names)
    read = read_reports(reports)
    repaired = tuple(map(parse_fixed, fixed))
    cutoff = parse_cutoff(before)
    loaded = load_channels(channels, subdirs or served_platforms(channels)) if channels else ()
    refuse_unknown([report for _, report in read], loaded, repaired, called)
    found = suggest_by_channel(read, loaded, fixed=repaired, names=called, before=cutoff)
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


def refuse_unknown(
    reports: Sequence[CheckReport], channels: Sequence[Channel], fixed: Sequence[Identity], called: Mapping[str, str]
) -> None:
    """Raises click.UsageError for a name given with --name or --fixed that neither the reports nor a channel has: it
    would be passed over, and what it repairs be shut out.
    """
    from packaging.utils import canonicalize_name

    from tailrace.toml.kinds import nearest

    reported = {name for report in reports for name in (report.candidate.name, *(d.name for d in report.downstreams))}
    offered = {record.name for channel in channels for record in channel.records()}
    asked = [("--name", name, reported, "the reports") for name in called]
    asked += [("--name", name, offered, "the channels") for name in called.values() if channels]
    asked += [("--fixed", one.name, reported | offered | {*called.values()}, "reports or channels") for one in fixed]
    for option, name, known, where in asked:
        if name not in known and canonicalize_name(name) not in map(canonicalize_name, known):
            near = nearest(name, tuple(sorted(known)))
            hint = f" Did you mean {near!r}?" if near else ""
            raise click.UsageError(f"{option}: there is no package {name!r} in {where}.{hint}")


def parse_name(text: str) -> tuple[str, str]:
    """`NAME=CONDA_NAME` as a pair."""
    name, equals, other = (part.strip() for part in text.partition("="))
    if not (name and equals and other):
        raise click.UsageError(f"--name {text!r} is no NAME=CONDA_NAME.")
    return name, other
