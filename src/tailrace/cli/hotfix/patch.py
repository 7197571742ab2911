"""`tailrace hotfix apply` and `diff`: patch an index, or show what would change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tailrace.cli.channel.options import words_of
from tailrace.cli.options import GroupedCommand, format_option

if TYPE_CHECKING:
    from tailrace.hotfix import HotfixDiff, HotfixResult

F = TypeVar("F", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)


def index_options(function: F) -> F:
    """Which patches, to which index."""
    for option in reversed(
        (
            click.argument("patches", metavar="PATCHES", type=FILE),
            click.option(
                "--repodata",
                required=True,
                metavar="FILE|CHANNEL",
                help="A repodata.json (or .zst), or a channel by folder, URL or name.",
            ),
            click.option(
                "--subdir",
                "subdirs",
                metavar="LIST",
                callback=words_of,
                help="Platforms of a channel (by default all of a folder); that of a file which does not name its own.",
            ),
        )
    ):
        function = option(function)
    return function


@click.command(cls=GroupedCommand, name="apply")
@index_options
@click.option(
    "--output",
    "-o",
    metavar="PATH",
    default="-",
    type=FILE,
    help="The file to write (compressed when it ends in .zst); the folder, for several platforms.  [default: stdout]",
)
@click.option("--instructions", metavar="FILE", type=FILE, help="Write the same as patch_instructions.json.")
@click.option("--keep-going", is_flag=True, help="Leave out what cannot be decided for a record instead of stopping.")
def apply(
    patches: Path,
    repodata: str,
    subdirs: tuple[str, ...],
    output: Path,
    instructions: Path | None,
    keep_going: bool,
) -> int:
    """Write repodata with patches applied; PATCHES is YAML, a folder of it, or a patch_instructions.json.

    \b
        tailrace hotfix apply conda-build.yaml --repodata ./channel/linux-64/repodata.json -o repodata.json
        tailrace hotfix apply patch_yaml/ --repodata ./channel -o ./patched

    Exit status: 0 written, 2 usage or a mistake in the patches, 3 when an index could not be read or a document could
    not be decided for some record (nothing is written then, unless --keep-going).
    """
    from tailrace.cli.failure import say
    from tailrace.cli.hotfix.indexes import patch_indexes, write_indexes
    from tailrace.hotfix import UnansweredError

    results = patch_indexes(patches, repodata, subdirs)
    unanswered = tuple(one for result in results for one in result.unanswered)
    if unanswered and not keep_going:
        raise UnansweredError(unanswered)
    write_indexes(results, output, instructions)
    for one in unanswered:
        say(f"warning: {one}")
    for result in results:
        say(f"{result.subdir}: {result.diff.changed} of {result.diff.records} records changed")
    return max(result.exit_status for result in results)


@click.command(cls=GroupedCommand, name="diff")
@index_options
@format_option("hotfix-diff")
@click.option("--all", "every", is_flag=True, help="List every file, not only the first ten of a group.")
def diff(patches: Path, repodata: str, subdirs: tuple[str, ...], format_: str, every: bool) -> int:
    """Show what patches would change in an index, with equal changes grouped. Writes nothing.

    \b
        tailrace hotfix diff conda-build.yaml --repodata conda-forge --subdir linux-64

    Exit status: 0 whether or not anything changes, 3 when something could not be decided.
    """
    from tailrace.cli.failure import say
    from tailrace.cli.formats import Output
    from tailrace.cli.hotfix.indexes import patch_indexes
    from tailrace.cli.output import publish
    from tailrace.report import RenderOptions

    results = patch_indexes(patches, repodata, subdirs)
    publish(_whole(results), [Output(format_)], RenderOptions(verbose=every))
    for result in results:
        for one in result.unanswered[:20]:
            say(f"warning: {one}")
    return max(result.exit_status for result in results)


def _whole(results: Sequence[HotfixResult]) -> HotfixDiff:
    """The changes in every index together."""
    from tailrace.hotfix import HotfixDiff

    return HotfixDiff(
        records=sum(result.diff.records for result in results),
        changed=sum(result.diff.changed for result in results),
        groups=tuple(group for result in results for group in result.diff.groups),
    )
