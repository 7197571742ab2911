"""Follows functions that look up the name in a parameter, and reports calls with a literal name that is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tailrace.check.breakage import Breakage
from tailrace.check.breakages.find import judge_use
from tailrace.check.release_pair import ReleasePair
from tailrace.python.semantics.chains import walk
from tailrace.python.semantics.entities import Function
from tailrace.python.usages import FileUsage, Indirection, Step, Use


def find_indirect(
    pair: ReleasePair, usage: FileUsage, by_function: Mapping[str, Sequence[Indirection]]
) -> Iterator[Breakage]:
    """`client("BetaApi")`, where `client(kind)` does `getattr(upstream, kind)`."""
    names = {path.rsplit(".", 1)[-1] for path in by_function}
    for use in usage.uses:
        literal = any(s.call is not None and s.call.literals for s in use.steps)
        if not literal or not names & {use.root.name, *(s.name for s in use.steps if s.name)}:
            continue
        for reached in walk(pair.baseline, usage.module, use.root, use.steps):
            step, callee = reached.step, reached.source
            if step is None or step.call is None or not isinstance(callee, Function):
                continue
            for indirection in by_function.get(callee.path, ()):
                for place, text in step.call.literals:
                    if place in {indirection.position, indirection.parameter}:
                        yield from _judge(pair, usage, use, step, indirection, text)


def _judge(
    pair: ReleasePair, usage: FileUsage, use: Use, step: Step, indirection: Indirection, text: str
) -> Iterator[Breakage]:
    named = Step(text, line=step.line, column=step.column)
    there = FileUsage(indirection.module, usage.file, (), (), (), "")
    imagined = Use(
        indirection.root,
        (*indirection.steps, named),
        "attribute",
        step.line,
        step.column,
        use.inside,
        use.scope,
        use.around,
    )
    for hit in judge_use(pair, there, imagined):
        if not hit.path.endswith(text):
            continue
        yield replace(hit, how="string", use=use, detail=f"`{indirection.function}` looks it up by name")
