"""What the command line, the entry points and the metadata of the candidate break in one downstream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tailrace.check.breakage import Breakage
from tailrace.check.breakages.find import judge_use
from tailrace.check.commandlines.entry_points import entry_point_targets
from tailrace.check.commandlines.places import place_in_metadata
from tailrace.check.commandlines.upstream_names import UpstreamNames
from tailrace.check.release_pair import ReleasePair
from tailrace.check.requirements import python_dropped, requirement_conflicts
from tailrace.model import Artifact
from tailrace.python.usages import FileUsage, Root, Use

if TYPE_CHECKING:
    from tailrace.check.commandlines.joins import CommandLineJoins

_RAISED = {
    "option-conflict": frozenset({"ArgumentError", "Exception", "BaseException"}),
    "option-removed": frozenset({"CalledProcessError", "SubprocessError", "SystemExit", "Exception", "BaseException"}),
    "entry-point-removed": frozenset({"KeyError", "LookupError", "StopIteration", "Exception", "BaseException"}),
}


def find_joined(
    joins: CommandLineJoins | None,
    pair: ReleasePair,
    downstream: Artifact,
    baseline: Artifact,
    candidate: Artifact,
    usages: Mapping[str, FileUsage],
) -> Iterator[Breakage]:
    """What the candidate's command line, entry points and requirements break."""
    names = UpstreamNames(candidate.metadata.name, candidate.release.version, baseline.release.version)
    if candidate.release.source == "interpreter":
        return  # its requirement is the downstream's Requires-Python
    found = [
        *(joins.find(downstream, resolvers=(pair.baseline, pair.candidate)) if joins is not None else ()),
        *requirement_conflicts(downstream, baseline, candidate, names),
        *python_dropped(downstream, baseline, candidate, names),
    ]
    for hit in found:
        use = _use_at(usages.get(hit.file), hit.line)
        yield replace(hit, use=use, raises=_RAISED.get(hit.rule, frozenset()))


def _use_at(usage: FileUsage | None, line: int) -> Use | None:
    uses = usage.uses if usage is not None else ()
    return next((u for u in uses if u.line == line or any(s.line == line for s in u.steps)), None)


def find_entry_point_breaks(pair: ReleasePair, downstream: Artifact) -> Iterator[Breakage]:
    """The downstream's own entry points whose target in the upstream is gone."""
    for group, name, module, attribute in entry_point_targets(downstream.metadata):
        if not pair.upstream(module):
            continue
        file, line = place_in_metadata(downstream, f"{module}:{attribute}", module)
        root = Root("from", attribute.split(".", 1)[0], module) if attribute else Root("import", module, module)
        use = Use(root, (), "from-import" if attribute else "import", line, 1, f"{group}:{name}", "import")
        for hit in judge_use(pair, FileUsage("", file, (use,), (), (), ""), use):
            yield replace(hit, how="string")
