"""Finds attributes that the candidate no longer has, on values whose class only type inference knows.

The type checker is asked about single places only: an attribute that no name leads to, whose name the candidate
defines in fewer
places than the baseline. Both sides must answer, the baseline's class must be the upstream's, and the candidate must
lack the name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from tailrace.check.breakage import Breakage
from tailrace.check.release_pair import ReleasePair
from tailrace.model import Artifact
from tailrace.python.facts import ClassFacts
from tailrace.python.modules import STUB, Surface
from tailrace.python.semantics.chains import walk
from tailrace.python.semantics.entities import External
from tailrace.python.usages import FileUsage, Root, Step, Use, surroundings_of

if TYPE_CHECKING:
    from tailrace.check.typecheck import Comparison, Diagnostic
    from tailrace.check.typecheck.values import TypeText

# More would take minutes. Names that stand everywhere (`get`) are asked about last, and what is left out is said.
MAX_QUERIES = 400

_DEFINED = re.compile(
    rb"(?m)^[ \t]+(?:async[ \t]+)?def[ \t]+(\w+)"  # a method
    rb"|^[ \t]+(\w+)[ \t]*(?::[^=\n]+)?=(?!=)"  # a class attribute, or a local variable
    rb"|^[ \t]+(\w+)[ \t]*:[ \t]*\w"  # an annotation
    rb"|\bself\.(\w+)[ \t]*(?::[^=\n]+)?=(?!=)"
)
_RAISED = frozenset({"AttributeError", "Exception", "BaseException"})


def lost_members(lines: tuple[bytes, bytes]) -> frozenset[str]:
    """Names that classes of the candidate define in fewer places than those of the baseline. Counts text, parses
    nothing. `lines`: those in which the two differ (`differing_lines`)."""
    baseline, candidate = (Counter(match[match.lastindex or 0] for match in _DEFINED.finditer(text)) for text in lines)
    return frozenset(name.decode() for name, count in baseline.items() if count > candidate[name])


def find_typed(
    pair: ReleasePair,
    usages: Sequence[FileUsage],
    lost: frozenset[str],
    *,
    downstream: Artifact,
    baseline: Artifact,
    candidate: Artifact,
    time_limit: float,
    answered: set[tuple[str, int, int]] | None = None,
) -> tuple[list[Breakage], str | None, int]:
    """The hits, what the type checker could not answer (`None` when nothing), and the number of files it looked into.

    When it crashed, hung or was not there the number is -1: then nothing is known about some of these places.
    `answered`: takes the places (file, line, column) of which both sides know what they are.
    """
    every = _rarest_first([place for usage in usages for place in _open_places(pair, usage, lost)])
    places, left_out = every[:MAX_QUERIES], every[MAX_QUERIES:]
    if not places:
        return [], None, 0
    from tailrace.check.typecheck.compare import compare
    from tailrace.check.typecheck.values import Query, lost_member

    queries = {
        Query(usage.file, step.line, step.column, step.receiver_line, step.receiver_column): (usage, use, step)
        for usage, use, step in places
    }
    files = sorted({query.file for query in queries})
    try:
        found = compare(
            files, downstream=downstream, baseline=baseline, candidate=candidate, queries=queries, time_limit=time_limit
        )
    except (OSError, RuntimeError) as error:
        return [], f"the type checker did not run: {error}", -1
    hits = []
    for query, (in_baseline, in_candidate) in found.answers.items():
        usage, use, step = queries[query]
        if answered is not None and all(
            side.members or _is_known(side.receiver) for side in (in_baseline, in_candidate)
        ):
            answered.add((usage.file, step.line, step.column))
        if lost_member(in_baseline, in_candidate) and in_baseline.upstream_members:
            place = in_baseline.upstream_members[0]
            hits.append(_hit(pair.baseline.surfaces[0], usage, use, step, place.file, place.line))
    by_file = {usage.file: usage for usage in usages}
    explained = {(hit.file, hit.line) for hit in hits}
    for one in found.added:
        if one.fails and found.proof(one) == "shown" and (one.file, one.line) not in explained:
            hits.append(_unexplained(pair.baseline.surfaces[-1], by_file[one.file], one))
    entries = (*found.baseline_run.unchecked, *found.candidate_run.unchecked)
    failed = bool(found.unanswered) or any(e.reason in ("crashed", "timed-out") or not e.file for e in entries)
    return hits, _trouble(found, left_out), -1 if failed else len(files)


Place = tuple[FileUsage, Use, Step]


def _is_known(receiver: TypeText) -> bool:
    return bool(receiver.text) and not receiver.unknown


def _rarest_first(places: list[Place]) -> list[Place]:
    count = Counter(step.name for _, _, step in places)
    return sorted(places, key=lambda place: (count[place[2].name], place[2].name or ""))


def _trouble(found: Comparison, left_out: Sequence[Place]) -> str | None:
    """What the type checker could not look into, in one sentence; `None` when it looked into everything."""
    files = sorted({entry.file for run in (found.baseline_run, found.candidate_run) for entry in run.unchecked})
    if not files and not found.unanswered and left_out:
        names = ", ".join(f"`.{name}`" for name in sorted({step.name or "" for _, _, step in left_out}))
        return f"{len(left_out)} uses of {names} on values of unknown type were too many to ask the type checker about"
    if not files and found.unanswered:
        why = found.unanswered
        return f"the type checker did not answer all questions ({why}); attributes of inferred types may be missed"
    if not files:
        return None
    reason = (*found.baseline_run.unchecked, *found.candidate_run.unchecked)[0].reason
    what = "all files it was asked about" if "" in files else ", ".join(files[:3])
    return f"the type checker could not look into {what} ({reason}); attributes of inferred types may be missed there"


def _unexplained(surface: Surface, usage: FileUsage, one: Diagnostic) -> Breakage:
    """A line that fails with the candidate only, by the word of the type checker alone."""
    use = next((u for u in usage.uses if u.line == one.line or any(s.line == one.line for s in u.steps)), None)
    parsed = surface.tree(usage.file) if use is None else None
    if parsed is not None:
        around, inside, at_import = surroundings_of(parsed.tree, one.line, usage.module)
        scope: Literal["import", "function"] = "import" if at_import else "function"
        use = Use(Root("name", one.name), (), "attribute", one.line, one.column, inside, scope, around)
    return Breakage(
        rule="unexplained",
        symbol=one.callee or one.name or one.rule,
        module="",
        name=one.name,
        how="diagnostic",
        file=one.file,
        line=one.line,
        column=one.column,
        use=use,
        confidence="possible",
        raises=frozenset({"AttributeError", "TypeError", "Exception", "BaseException"}),
        facts={"diagnostic": one.message},
    )


def _open_places(pair: ReleasePair, usage: FileUsage, lost: frozenset[str]) -> Iterator[Place]:
    """Attribute steps with a lost name that following names does not reach."""
    for use in usage.uses:
        if not any(step.name in lost for step in use.steps):
            continue
        reached = list(walk(pair.baseline, usage.module, use.root, use.steps))
        last = reached[-1]
        if last.found.state == "absent" or isinstance(last.found.entity, External):
            continue
        if use.root.kind == "parameter" and last.index == -1:
            continue  # nothing says what it is, so the type checker cannot know either
        for index, step in enumerate(use.steps):
            is_open = index > last.index or (index == last.index and last.found.state == "unknown")
            if (
                is_open
                and step.name in lost
                and not step.default
                and not step.implicit
                and not step.name.startswith("__")
            ):
                yield usage, use, step


def _hit(surface: Surface, usage: FileUsage, use: Use, step: Step, file: str, line: int) -> Breakage:
    module = surface.module_of_file(file) or ""
    source = surface.source(module)
    beside = file.endswith(".pyi") and source is not None and source.form != "pyi"
    owner = _class_around(surface, module + STUB if beside else module, line)
    symbol = ".".join(part for part in (module, owner, step.name) if part)
    return Breakage(
        rule="attribute-removed",
        symbol=symbol,
        module=module,
        name=".".join(part for part in (owner, step.name) if part),
        how="attribute",
        file=usage.file,
        line=step.line,
        column=step.column,
        use=use,
        confidence="likely",
        raises=_RAISED,
        detail="by the inferred type of the value",
        facts={"raises": "AttributeError", "old_kind": "instance attribute"},
        cause_file=file,
        cause_line=line,
    )


def _class_around(surface: Surface, module: str, line: int) -> str:
    """The innermost class whose definition begins last before `line` and has a member there."""
    facts = surface.module(module)
    best = ""
    if facts is None:
        return best
    for name, bindings in facts.bindings.items():
        for binding in bindings:
            if binding.cls is not None and binding.cls.line <= line and _holds(binding.cls, line):
                best = name
    return best


def _holds(cls: ClassFacts, line: int) -> bool:
    lines = [b.line for found in cls.members.values() for b in found] + list(cls.instance.values())
    return cls.line == line or line in lines
