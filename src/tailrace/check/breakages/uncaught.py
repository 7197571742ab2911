"""Finds `except` clauses that no longer catch an exception of the upstream, because its class lost a base.

The call in the body and the class in the clause resolve in both versions, so nothing is missing: what was caught leaves
the statement.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field

from tailrace.changes.causes import class_place
from tailrace.changes.classes import exception_names
from tailrace.changes.files import last_word
from tailrace.check.breakage import Breakage
from tailrace.check.breakages.finder import FileFinder, FileView
from tailrace.check.release_pair import ReleasePair
from tailrace.python.facts import Binding
from tailrace.python.interpreter.raising import lineage
from tailrace.python.modules import STUB
from tailrace.python.semantics.chains import owner_module, walk
from tailrace.python.semantics.entities import Class, Entity, External, Function, Module
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.text import children, dotted
from tailrace.python.usages import Attempt, FileUsage, InTry, Root, Step, Surrounding, Use

_DEEPEST = 4
_MOST_FUNCTIONS = 30
_MOST_NAMED = 3
_ROOTS_OF_ALL = frozenset({"Exception", "BaseException"})


@dataclass(slots=True)
class _Raised:
    """The paths of the exceptions that a function raises on purpose; `open`: it may raise others too."""

    paths: set[str] = field(default_factory=set)
    open: bool = False
    seen: set[str] = field(default_factory=set)


def find_uncaught(pair: ReleasePair, usage: FileUsage, words: frozenset[str] | None) -> Iterator[Breakage]:
    """One break for each clause and exception. `words`: a clause that names none of them is not hurt, where known."""
    statements: dict[int, tuple[Attempt, list[Use]]] = {}
    for use in usage.uses:
        tries = [item.statement for item in use.around if isinstance(item, InTry)]
        if tries and any(step.call is not None for step in use.steps):
            for statement in tries:
                statements.setdefault(statement.line, (statement, []))[1].append(use)
    for statement, uses in statements.values():
        for index, handler in enumerate(statement.handlers):
            if not _only_raises(handler):
                yield from _judge(pair, usage, statement, index, uses, words)


def _only_raises(handler: ast.ExceptHandler) -> bool:
    """The clause lets everything through that it catches."""
    return len(handler.body) == 1 and isinstance(handler.body[0], ast.Raise) and handler.body[0].exc is None


def _judge(
    pair: ReleasePair,
    usage: FileUsage,
    statement: Attempt,
    index: int,
    uses: list[Use],
    words: frozenset[str] | None,
) -> Iterator[Breakage]:
    for kind in _kinds(statement.handlers[index]):
        text = dotted(kind)
        if text is None or last_word(text) in _ROOTS_OF_ALL or (words is not None and last_word(text) not in words):
            continue
        clause = _class_named(pair.baseline, usage, text)
        named = clause.path if isinstance(clause, Class) else text
        if isinstance(clause, Class) and not pair.upstream(owner_module(clause)):
            continue
        if clause is None and not _is_builtin(text):
            continue
        candidates = _lost(pair, clause, named, _modules(pair, usage, clause, uses))
        if not candidates:
            continue
        catching = [_class_named(pair.candidate, usage, dotted(k) or "?") for k in _all_kinds(statement)]
        raised = [_raised_in(pair, usage, use) for use in uses]
        found = 0
        told: set[str] = set()
        for baseline, candidate in candidates:
            if any(cls.path in told for cls in pair.baseline.mro(baseline)[0][1:]):
                continue  # its base is named already
            line = {cls.path for cls in pair.candidate.mro(candidate)[0]}
            if any(isinstance(c, Class) and c.path in line for c in catching) or _catches_all(statement):
                continue
            if {last_word(dotted(k) or "?") for k in _all_kinds(statement)} & lineage(
                pair.candidate, candidate.facts.name, candidate.module
            ):
                continue
            sure = any(one is not None and candidate.path in one.paths for one in raised)
            maybe = clause is not None and any(one is not None and one.open for one in raised)
            if (sure or maybe) and found < _MOST_NAMED:
                found += 1
                told.add(baseline.path)
                yield _hit(pair, usage, uses[0], statement, kind, named, baseline, candidate)


def _kinds(handler: ast.ExceptHandler) -> list[ast.expr]:
    if handler.type is None:
        return []
    return list(handler.type.elts) if isinstance(handler.type, ast.Tuple) else [handler.type]


def _all_kinds(statement: Attempt) -> list[ast.expr]:
    return [kind for handler in statement.handlers for kind in _kinds(handler)]


def _catches_all(statement: Attempt) -> bool:
    return any(
        handler.type is None or any(last_word(dotted(k) or "?") in _ROOTS_OF_ALL for k in _kinds(handler))
        for handler in statement.handlers
    ) or any(dotted(kind) is None for kind in _all_kinds(statement))


def _is_builtin(text: str) -> bool:
    cls = getattr(builtins, text, None)
    return isinstance(cls, type) and issubclass(cls, Exception)


def _class_named(resolver: Resolver, usage: FileUsage, text: str) -> Class | None:
    """The class that a clause names, by a name of the module or one that a function imports."""
    found = resolver.expression(text, usage.module).entity
    first, _, rest = text.partition(".")
    if not isinstance(found, Class):
        local = next((u.root for u in usage.uses if u.how == "from-import" and u.root.name == first), None)
        imported = resolver.from_import(local.module, first).entity if local is not None else None
        for part in rest.split(".") if rest else ():
            imported = resolver.attribute(imported, part).entity
        found = imported
    return found if isinstance(found, Class) else None


def _modules(pair: ReleasePair, usage: FileUsage, clause: Class | None, uses: list[Use]) -> list[str]:
    """Where the exceptions may be defined: beside the one in the clause, beside what is called, or imported there."""
    found = [clause.module] if clause is not None else []
    for use in uses:
        for reached in walk(pair.baseline, usage.module, use.root, use.steps):
            source = reached.source
            called = reached.step is not None and reached.step.call is not None
            if called and isinstance(source, Class | Function) and pair.upstream(owner_module(source)):
                found.append(source.module)
                facts = pair.baseline.facts(source.module)
                for name, bindings in facts.bindings.items() if facts is not None else ():
                    target = bindings[-1].target or ""
                    if bindings[-1].kind == "from" and name[:1].isupper() and pair.upstream(target):
                        found.append(target)
    return list(dict.fromkeys(found))


def _lost(pair: ReleasePair, clause: Class | None, named: str, modules: list[str]) -> list[tuple[Class, Class]]:
    """The exceptions of these modules that the clause caught with the baseline and does not with the candidate."""
    found: list[tuple[Class, Class]] = []
    for module in modules:
        in_baseline, in_candidate = pair.baseline.facts(module), pair.candidate.facts(module)
        if in_baseline is None or in_candidate is None or _bases(in_baseline.bindings) == _bases(in_candidate.bindings):
            continue
        for name in in_baseline.bindings:
            baseline = pair.baseline.member(module, name).entity
            candidate = pair.candidate.member(module, name).entity
            if not isinstance(baseline, Class) or not isinstance(candidate, Class) or baseline.module != module:
                continue
            new_line, doubt, _ = pair.candidate.mro(candidate)
            if doubt or not _derives(pair.baseline, baseline, clause, named):
                continue
            still = clause is not None and any(c.path == named for c in new_line)
            if not still and not _derives(pair.candidate, candidate, None, last_word(named)):
                found.append((baseline, candidate))
    return sorted(found, key=lambda both: len(pair.baseline.mro(both[0])[0]))


def _bases(bindings: dict[str, tuple[Binding, ...]]) -> dict[str, tuple[str, ...]]:
    found = {name: bound[-1].cls for name, bound in bindings.items() if bound}
    return {name: cls.bases for name, cls in found.items() if cls is not None}


def _derives(resolver: Resolver, cls: Class, clause: Class | None, named: str) -> bool:
    """Whether a class derives from another: one of the upstream by its path, a builtin one by its name."""
    line, _, standard = resolver.mro(cls)
    if clause is not None:
        return cls.path != named and any(c.path == named for c in line)
    if named in {c.facts.name for c in line}:
        return True
    return named in exception_names(standard)


def _raised_in(pair: ReleasePair, usage: FileUsage, use: Use) -> _Raised | None:
    """What the calls of a use raise; `None` where none of them is the upstream's."""
    found: _Raised | None = None
    for reached in walk(pair.candidate, usage.module, use.root, use.steps):
        entity = reached.source if reached.step is not None and reached.step.call is not None else None
        if entity is None or not pair.upstream(owner_module(entity)):
            continue
        found = found or _Raised()
        _follow(pair.candidate, entity, found, 0)
    root = next(iter(walk(pair.candidate, usage.module, use.root, ()))).found.entity
    if found is None and root is not None and not isinstance(root, External) and pair.upstream(owner_module(root)):
        return _Raised(open=True)  # a method of something that the upstream gives
    return found


def _follow(resolver: Resolver, entity: Entity, found: _Raised, depth: int) -> None:
    function = entity if isinstance(entity, Function) else None
    if isinstance(entity, Class):
        made = resolver.class_attribute(entity, "__init__", instance=True).entity
        if not isinstance(made, Function):
            return
        function = made
    if function is None:
        found.open = True
        return
    if function.path in found.seen:
        return
    found.seen.add(function.path)
    node = function_node(resolver, function) if len(found.seen) <= _MOST_FUNCTIONS and depth <= _DEEPEST else None
    if node is None:
        found.open = True
        return
    stack: list[ast.AST] = list(node.body)
    while stack:
        part = stack.pop()
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(part, ast.Raise) and part.exc is not None:
            value = part.exc.func if isinstance(part.exc, ast.Call) else part.exc
            cls = resolver.expression(dotted(value) or "?", function.module).entity
            if isinstance(cls, Class):
                found.paths.add(cls.path)
        elif isinstance(part, ast.Call):
            _follow_call(resolver, function, part, found, depth)
        stack.extend(children(part))


def _follow_call(resolver: Resolver, function: Function, call: ast.Call, found: _Raised, depth: int) -> None:
    text = dotted(call.func) or "?"
    first, _, rest = text.partition(".")
    if function.owner is not None and first in {"self", "cls"} and rest and "." not in rest:
        entity = resolver.class_attribute(function.owner, rest, instance=True).entity
    else:
        entity = resolver.expression(text, function.module).entity
    if isinstance(entity, External) and entity.path.startswith("builtins."):
        return
    if isinstance(entity, Function | Class):
        _follow(resolver, entity, found, depth + 1)
    elif not isinstance(entity, Module):
        found.open = True


def _hit(
    pair: ReleasePair,
    usage: FileUsage,
    use: Use,
    statement: Attempt,
    kind: ast.expr,
    named: str,
    baseline: Class,
    candidate: Class,
) -> Breakage:
    module = baseline.module.removesuffix(STUB)
    place = class_place(pair.baseline, baseline)
    around: list[Surrounding] = []
    for item in use.around:
        if isinstance(item, InTry) and item.statement.line == statement.line:
            break
        around.append(item)
    line, column = getattr(kind, "lineno", use.line), getattr(kind, "col_offset", 0) + 1
    root, steps = Root("name", dotted(kind) or ""), (Step(last_word(named), line=line, column=column),)
    base = named if "." in named else f"builtins.{named}"
    return Breakage(
        rule="base-changed",
        symbol=baseline.path,
        module=module,
        name=baseline.path.removeprefix(module).lstrip("."),
        how="attribute",
        file=usage.file,
        line=line,
        column=column,
        use=Use(root, steps, "attribute", line, column, use.inside, use.scope, tuple(around)),
        confidence="possible",
        raises=lineage(pair.candidate, candidate.facts.name, candidate.module),
        detail=f"`except {dotted(kind)}` does not catch it any more",
        facts={"base": base, "clause": dotted(kind) or ""},
        cause_file=place.file,
        cause_line=baseline.facts.line,
    )


def _find(view: FileView) -> Iterator[Breakage]:
    return find_uncaught(view.pair, view.usage, view.words)


FINDER = FileFinder(frozenset({"base-changed"}), _find, rank=40)
