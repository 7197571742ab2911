"""`tailrace channel`: publish a conda channel of one's own, and check any channel.

Imports click only; what a command needs is imported when it runs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tailrace.cli.app import CONTEXT
from tailrace.cli.options import format_option

if TYPE_CHECKING:
    from tailrace.channel import Difference, NotChecked, Patcher, Store
    from tailrace.conda.records import Channel

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
PACKAGES = click.argument("packages", metavar="PACKAGE...", nargs=-1, required=True)


@click.group(name="channel", context_settings=CONTEXT)
def command() -> None:
    """Keep a conda channel of your own, from canary to main, and check any channel.

    \b
        tailrace channel init ./mychannel
        tailrace channel add ./mychannel dist/*.conda --label canary
        tailrace channel index ./mychannel
        tailrace channel promote ./mychannel --from label/canary --report report.json conda conda-build
        tailrace channel serve ./mychannel

    If a command is interrupted, the channel that is served is still in its old state or already in its new one.
    """


@command.command("init", context_settings=CONTEXT)
@FOLDER
def init_command(folder: Path) -> int:
    """Create an empty channel in DIR.

    Clients use DIR/current. Everything else in DIR is internal to Tailrace.
    """
    from tailrace.channel import init

    # A path has lost one of the slashes by now.
    if str(folder).lower().startswith(("http:/", "https:/", "file:/", "s3:/", "oci:/")):
        raise click.UsageError(f"{folder} is a URL, and a channel of your own is a folder: name one.")
    made = init(folder, _now())
    _print(f"{folder} is a channel now. Clients use {_address(made)}", "Next: tailrace channel add")
    return 0


@command.command("add", context_settings=CONTEXT)
@FOLDER
@click.argument("packages", metavar="PACKAGE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--label", default="main", show_default=True, metavar="LABEL", help="The label to add them to, such as canary."
)
def add_command(folder: Path, packages: tuple[Path, ...], label: str) -> int:
    """Add package archives to the channel: all of them, or none.

    The index.json in the archive determines its name and subdir. A file name that contradicts it is refused, and so
    is a different file under a name that the channel has or had. Clients see the packages after the next `tailrace
    channel index`.
    """
    from tailrace.channel import add

    added = add(folder, packages, label)
    _print(*(f"{one.path}{' (known)' if one.known else ''}" for one in added))
    _say(f"{sum(not one.known for one in added)} added; next: tailrace channel index {folder}")
    return 0


@command.command("index", context_settings=CONTEXT)
@FOLDER
@click.option(
    "--patches",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Hotfixes that are in force from now on, also for what is added later: patch YAML (a file or a folder), "
    "a patch_instructions.json, or a folder with SUBDIR/patch_instructions.json.",
)
@click.option("--no-patches", is_flag=True, help="No hotfixes from now on.")
def index_command(folder: Path, patches: Path | None, no_patches: bool) -> int:
    """Write the index, with hotfixes applied.

    This writes every form that clients read: repodata.json, repodata.json.zst and shards. There is no
    current_repodata.json, because it contains only the newest records and so hides older ones that are hotfixed.
    Clients read repodata.json instead.
    """
    if patches is not None and no_patches:
        raise click.UsageError("--patches and --no-patches exclude each other.")
    from tailrace.channel import index

    made = index(folder, _patcher(), _now(), patches=patches, no_patches=no_patches)
    _print(*(f"{path}" for path in made.state.entry.packages))
    _say(f"{folder} is at state {made.state.serial}; {_patched(made)}")
    return 0


@command.command("promote", context_settings=CONTEXT)
@FOLDER
@PACKAGES
@click.option("--from", "source", required=True, metavar="LABEL", help="The label they are in, such as label/canary.")
@click.option("--to", "target", default="main", show_default=True, metavar="LABEL", help="The label to move them to.")
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A check report (tailrace check --format json:FILE) on what is promoted; repeatable. One that says breaks or "
    "incomplete closes the gate.",
)
@click.option("--require-report", is_flag=True, help="Refuse packages that no --report covers.")
@click.option(
    "--channel",
    "-c",
    "declared",
    multiple=True,
    metavar="CHANNEL",
    help="Another channel that dependencies may come from; repeatable.",
)
@click.option(
    "--gate",
    "ledger",
    type=click.Path(path_type=Path),
    metavar="LEDGER",
    help="Ask the gate of this ledger about all that is promoted; the decisions are recorded in it.",
)
@click.option(
    "--gate-target",
    metavar="CHANNEL",
    help="What the policy of --gate calls the label they are moved to.  [default: the channel that is in DIR]",
)
@click.option(
    "--override", metavar="REASON", help="Promote in spite of all objections, and record the reason in the log."
)
def promote_command(
    folder: Path,
    packages: tuple[str, ...],
    source: str,
    target: str,
    reports: tuple[Path, ...],
    require_report: bool,
    declared: tuple[str, ...],
    ledger: Path | None,
    gate_target: str | None,
    override: str | None,
) -> int:
    """Move packages from one label to another in one step.

    All of them are moved, or none.

    \b
        tailrace channel promote ./mychannel --from label/canary conda=4.13.0 conda-build=3.21.9

    A PACKAGE is a match spec or a file name. Everything that is promoted must be installable from the target, on every
    platform on which it is installable now; that is solved before anything changes.

    Exit status: 0 promoted, 1 refused because of the reports, a missing dependency or the gate, 2 usage, 3 the channel
    cannot be written or the gate does not know, 4 the gate says wait.
    """
    from tailrace.channel import promote, read_store

    ask = None
    if ledger is not None:
        from tailrace.cli.gate.promotion import ask_gate

        ask = ask_gate(ledger, folder, target, gate_target, override)
    elif gate_target is not None:
        raise click.UsageError("--gate-target belongs to --gate.")

    neighbours: tuple[Channel, ...] = ()
    if declared:
        from tailrace.cli.channel.options import load_channels
        from tailrace.conda import rattler

        labels = read_store(folder).state.labels
        subdirs = sorted({subdir for subdirs in labels.values() for subdir in subdirs} | {rattler.this_platform()})
        neighbours = load_channels(declared, subdirs)
    made = promote(
        folder,
        packages,
        _patcher(),
        _now(),
        source=source,
        target=target,
        reports=reports,
        override=override,
        require_report=require_report,
        neighbours=neighbours,
        ask=ask,
    )
    _print(*made.state.entry.packages)
    grounds = "; ".join(made.state.entry.reports) or "no check report was given"
    _say(f"promoted to {made.state.entry.target} in one step (state {made.state.serial}): {grounds}")
    return 0


@command.command("hold", context_settings=CONTEXT)
@FOLDER
@PACKAGES
@click.option("--reason", metavar="TEXT", help="The reason, which is shown to all users of the channel.")
@click.option("--label", metavar="LABEL", help="Only in this label.  [default: in all]")
@click.option("--release", is_flag=True, help="Undo the hold instead.")
def hold_command(folder: Path, packages: tuple[str, ...], reason: str | None, label: str | None, release: bool) -> int:
    """Remove a release from the index, and announce it in notices.json.

    The release is listed as removed. The file can still be downloaded, so that lock files keep working.
    """
    from tailrace import channel as own

    if release:
        if label is not None:
            raise click.UsageError("--release undoes a hold wherever it is; --label has no place beside it.")
        made = own.release(folder, packages, _patcher(), _now(), reason=reason)
    else:
        if reason is None:
            raise click.UsageError("Say why with --reason: every user of the channel is shown it.")
        made = own.hold(folder, packages, _patcher(), _now(), reason=reason, label=label)
    _print(*made.state.entry.packages)
    _say(f"{'released' if release else 'on hold'} (state {made.state.serial})")
    return 0


@command.command("serve", context_settings=CONTEXT)
@FOLDER
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free port.")
def serve_command(folder: Path, host: str, port: int) -> int:
    """Serve the channel over HTTP, read-only, until Ctrl-C.

    This is for tests and small teams. In public, let a web server serve the folder DIR/current, which contains only
    files.
    """
    from tailrace.channel.serve import serve

    serve(folder, host, port, ready=lambda url: _print(f"Serving {folder} at {url}"))
    return 0


@command.command("check", context_settings=CONTEXT)
@click.argument("channel", metavar="CHANNEL")
@click.option("--subdir", "subdirs", multiple=True, metavar="SUBDIR", help="Only this platform; repeatable.")
@click.option(
    "--files/--no-files",
    default=None,
    help="Hash every package file.  [default: --files for a folder, --no-files for a URL]",
)
@click.option(
    "--channel",
    "-c",
    "declared",
    multiple=True,
    metavar="CHANNEL",
    help="Another channel that dependencies may come from; repeatable.",
)
@click.option("--no-dependencies", is_flag=True, help="Do not check whether every package can be installed.")
@click.option("--against", metavar="CHANNEL", help="List releases that are newer than every one in this other channel.")
@click.option(
    "--skew-hours", default=24.0, show_default=True, type=click.FloatRange(0), help="... for longer than this."
)
@click.option("--only", multiple=True, metavar="NAME", help="--against looks at this package only; repeatable.")
@click.option("--as-of", "day", metavar="DATE", help="--against looks at a past day (its end) or moment, UTC.")
@format_option("channel-check")
def check_command(
    channel: str,
    subdirs: tuple[str, ...],
    files: bool | None,
    declared: tuple[str, ...],
    no_dependencies: bool,
    against: str | None,
    skew_hours: float,
    only: tuple[str, ...],
    day: str | None,
    format_: str,
) -> int:
    """Check that a channel's index agrees with its files.

    All forms of the index must agree with each other too. This compares repodata.json, .zst, .bz2, shards and
    current_repodata.json, record by record; records with files (hashes, sizes, names); dependencies with the available
    packages; and, with --against, the releases of two channels.

    CHANNEL is a folder (of `tailrace channel init` or any other), a URL or a name.

    Exit status: 0 no differences, 1 differences, 2 usage, 3 something could not be checked.
    """
    from tailrace.channel import check_channel, place_of
    from tailrace.channel.index_formats.places import Folder
    from tailrace.cli.formats import Output
    from tailrace.cli.output import publish
    from tailrace.conda.loading import check_subdirs
    from tailrace.report import RenderOptions

    check_subdirs(subdirs)
    place = place_of(channel)
    neighbours, more = _neighbours(channel, declared, against, subdirs, skew_hours, only, day)
    answer = check_channel(
        place,
        subdirs,
        hash_files=isinstance(place, Folder) if files is None else files,
        neighbours=neighbours,
        dependencies=not no_dependencies,
        more=more,
    )
    publish(answer, [Output(format_)], RenderOptions())
    return answer.exit_status


def _neighbours(
    channel: str,
    declared: tuple[str, ...],
    against: str | None,
    subdirs: tuple[str, ...],
    hours: float,
    only: tuple[str, ...],
    day: str | None,
) -> tuple[tuple[Channel, ...], list[Difference | NotChecked]]:
    """The other channels, and the releases that one of two lacks."""
    if not declared and against is None:
        return (), []
    import time

    from tailrace.channel import check_skew
    from tailrace.cli.channel.options import channel_cache
    from tailrace.conda import rattler
    from tailrace.conda.loading import load_channel
    from tailrace.conda.timestamps import parse_moment

    wanted = subdirs or (rattler.this_platform(),)
    cache = channel_cache()
    now = int(time.time() * 1000) if day is None else parse_moment(day)

    def load(text: str) -> Channel:
        return load_channel(text, wanted, cache=cache)

    neighbours = tuple(load(text) for text in declared)
    more: list[Difference | NotChecked] = []
    if against is not None:
        more += check_skew(load(channel), load(against), hours=hours, now=now, only=only)
    return neighbours, more


def _patcher() -> Patcher:
    from tailrace.cli.channel.patches import hotfix_instructions

    return hotfix_instructions


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat(timespec="seconds")


def _address(made: Store) -> str:
    return (made.root.resolve() / "current").as_uri()


def _patched(made: Store) -> str:
    return "no hotfixes are in force" if made.state.patches is None else f"hotfixes in force: {made.state.patches}"


def _print(*lines: str) -> None:
    from tailrace.cli.failure import plain
    from tailrace.cli.output import write_stdout

    if lines:
        write_stdout("\n".join(plain(line) for line in lines))


def _say(line: str) -> None:
    from tailrace.cli.failure import say

    say(line)
