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

    def __init__(
        self, baseline: Artifact, candidate: Artifact, upstream: UpstreamNames, known: KnownLines | None = None
    ) -> None:
        """Read both releases, unless their command lines are known."""
        baseline_program, candidate_program = load_program(baseline), load_program(candidate)
        self.before, self.after = known or (
            read_commandlines(baseline, program=baseline_program),
            read_commandlines(candidate, program=candidate_program),
        )
        self.processes = ProcessFinder(self.before, self.after, baseline.metadata, candidate.metadata, upstream)
        self.conflicts = ConflictFinder(baseline_program, candidate_program, self.before, self.after, upstream)
        self._entry_points = EntryPointFinder(baseline, candidate, upstream)

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
