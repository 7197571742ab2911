"""Command lines, entry points and requirements of one downstream in, hits in the engine's own form out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tailrace.check.breakages.find import judge_use
from tailrace.check.breakages.hits import Hit, Pair
from tailrace.check.commandlines.entry_points import entry_point_targets
from tailrace.check.commandlines.hit import Hit as CommandLineHit
from tailrace.check.commandlines.hit import Upstream as Names
from tailrace.check.commandlines.places import place_in_metadata
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
    pair: Pair,
    downstream: Artifact,
    old: Artifact,
    new: Artifact,
    usages: Mapping[str, FileUsage],
) -> Iterator[Hit]:
    """What the candidate's command line, entry points and requirements break."""
    names = Names(new.metadata.name, new.release.version, old.release.version)
    found = [
        *(joins.find(downstream, resolvers=(pair.old, pair.new)) if joins is not None else ()),
        *requirement_conflicts(downstream, old, new, names),
        *python_dropped(downstream, old, new, names),
    ]
    for hit in found:
        yield _converted(hit, usages.get(hit.file))


def _converted(hit: CommandLineHit, usage: FileUsage | None) -> Hit:
    spoken = hit.break_
    use = None
    if usage is not None:
        use = next((u for u in usage.uses if u.line == hit.line or any(s.line == hit.line for s in u.steps)), None)
    return Hit(
        rule=spoken.rule,
        symbol=spoken.symbol,
        used=spoken.used,
        module=spoken.module,
        name=spoken.name,
        how=spoken.how,
        file=hit.file,
        line=hit.line,
        column=hit.column,
        use=use,
        confidence=hit.confidence,
        raises=_RAISED.get(spoken.rule, frozenset()),
        detail=spoken.detail,
        facts=dict(spoken.facts),
        cause_file=hit.cause_file,
        cause_line=hit.cause_line,
        cause_in_candidate=hit.cause_in_candidate,
        severity=hit.severity,
    )


def find_entry_point_breaks(pair: Pair, downstream: Artifact) -> Iterator[Hit]:
    """The downstream's own entry points whose target in the upstream is gone."""
    for group, name, module, attribute in entry_point_targets(downstream.metadata):
        if not pair.upstream(module):
            continue
        file, line = place_in_metadata(downstream, f"{module}:{attribute}", module)
        root = Root("from", attribute.split(".", 1)[0], module) if attribute else Root("import", module, module)
        use = Use(root, (), "from-import" if attribute else "import", line, 1, f"{group}:{name}", "import")
        for hit in judge_use(pair, FileUsage("", file, (use,), (), (), ()), use):
            yield replace(hit, how="string")
