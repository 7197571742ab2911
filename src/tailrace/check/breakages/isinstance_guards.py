"""Decides whether the `isinstance` tests around a break make sure that the value has the attribute."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tailrace.check.breakage import Breakage
from tailrace.check.release_pair import ReleasePair
from tailrace.python.semantics.chains import owner_module
from tailrace.python.semantics.entities import Class, Function, Instance
from tailrace.python.text import dotted
from tailrace.python.usages import Condition, FileUsage, Step

_OF_INSTANCES = frozenset({"attribute-removed", "parameter-removed", "arity-changed"})


def is_another_kind(pair: ReleasePair, usage: FileUsage, hit: Breakage) -> bool:
    """`if isinstance(x, Mine): x.lost()` where `Mine` has it, or may have: the upstream's own is not asked."""
    if hit.use is None or hit.rule not in _OF_INSTANCES:
        return False
    step, name = _step(hit)
    if step is None or name is None or not step.receiver_line:
        return False
    receiver = usage.lines[step.receiver_line - 1].encode()[: step.receiver_column].decode(errors="replace")
    for item in hit.use.around:
        for tested, kind in _kinds(item.test, item.polarity) if isinstance(item, Condition) else ():
            if _ends_with(receiver, tested) and _has(pair, usage, kind, name):
                return True
    return False


def _step(hit: Breakage) -> tuple[Step | None, str | None]:
    """The attribute step at the place of the hit, or the one before the call there."""
    last: Step | None = None
    for step in hit.use.steps if hit.use is not None else ():
        if step.name is not None:
            last = step
        if (step.line, step.column) == (hit.line, hit.column):
            break
    return last, last.name if last is not None else None


def _kinds(test: ast.expr, polarity: bool) -> Iterator[tuple[str, ast.expr]]:
    """`(x, C)` for every `isinstance(x, C)` and `type(x) is C` that surely holds."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _kinds(operand, not polarity)
        case ast.BoolOp(op=op, values=values) if isinstance(op, ast.And) is polarity:
            for value in values:
                yield from _kinds(value, polarity)
        case ast.Call(func=ast.Name(id="isinstance"), args=[value, kind]) if polarity:
            yield dotted(value) or "", kind
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[value]), ops=[ast.Is() | ast.Eq()], comparators=[kind]
        ) if polarity:
            yield dotted(value) or "", kind
        case _:
            return


def _ends_with(receiver: str, tested: str) -> bool:
    baseline = receiver.removesuffix(tested)
    return (
        bool(tested) and baseline != receiver and not baseline[-1:].isidentifier() and baseline[-1:] not in {".", ")"}
    )


def _has(pair: ReleasePair, usage: FileUsage, kind: ast.expr, name: str) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    for one in kinds:
        path = dotted(one)
        entity = pair.candidate.expression(path, usage.module).entity if path is not None else None
        if not isinstance(entity, Class):
            return True
        found = pair.candidate.attribute(Instance(entity), name)
        own = isinstance(found.entity, Function) and not pair.upstream(owner_module(found.entity))
        if found.state == "unknown" or own or (found.state == "present" and not isinstance(found.entity, Function)):
            return True
    return False
