"""Two releases read once; what each downstream uses of their command line and is gone out. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable

from tailrace.check.breakage import Breakage
from tailrace.check.commandlines.conflicts import ConflictFinder
from tailrace.check.commandlines.entry_points import EntryPointFinder
from tailrace.check.commandlines.processes import ProcessFinder
from tailrace.check.commandlines.upstream_names import UpstreamNames
from tailrace.model import Artifact, Change
from tailrace.python.commandlines import CommandLine, diff_commandlines, load_program, read_commandlines
from tailrace.python.semantics.resolver import Resolver

KnownLines = tuple[tuple[CommandLine, ...], tuple[CommandLine, ...]]


class CommandLineJoins:
    """`option-removed`, `option-conflict` and `entry-point-removed` for any number of downstreams of one upstream pair.

    Holds the syntax trees of the upstreams' modules that build command lines; not picklable.
    """

    def __init__(self, old: Artifact, new: Artifact, upstream: UpstreamNames, known: KnownLines | None = None) -> None:
        """Read both releases, unless their command lines are known."""
        old_program, new_program = load_program(old), load_program(new)
        self.before, self.after = known or (
            read_commandlines(old, program=old_program),
            read_commandlines(new, program=new_program),
        )
        self.processes = ProcessFinder(self.before, self.after, old.metadata, new.metadata, upstream)
        self.conflicts = ConflictFinder(old_program, new_program, self.before, self.after, upstream)
        self._entry_points = EntryPointFinder(old, new, upstream)

    @property
    def changes(self) -> tuple[Change, ...]:
        """The options and subcommands that are gone. Those of the metadata come from `diff_distributions`."""
        return diff_commandlines(self.before, self.after)

    def find(
        self,
        downstream: Artifact,
        files: Iterable[str] | None = None,
        resolvers: tuple[Resolver, Resolver] | None = None,
    ) -> tuple[Breakage, ...]:
        """The hits of one downstream. `files` limits what is read of it; `resolvers` as in `ConflictFinder.find`."""
        chosen = None if files is None else tuple(files)
        return (
            *self.processes.find(downstream, chosen),
            *self.conflicts.find(downstream, chosen, resolvers),
            *self._entry_points.find(downstream, chosen),
        )
