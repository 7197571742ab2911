"""Decides whether a keyword that falls into `**kwargs` is accepted by the functions that receive it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Literal

from msgspec.structs import replace

from tailrace.python.facts import FunctionFacts
from tailrace.python.memo import Memo
from tailrace.python.modules import Surface
from tailrace.python.semantics.chains import walk
from tailrace.python.semantics.entities import Entity, External, Function
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.semantics.signatures import Signature, bind, signature_of
from tailrace.python.standard_calls import standard_keywords
from tailrace.python.text import children, descendants, dotted, literal_string
from tailrace.python.usages import CallShape
from tailrace.python.usages.chains import Owner, chains_of

_MAX_DEPTH = 6
# More parameters than this that a call newly lacks need not be named one by one.
_MOST_REQUIRED = 10
Accepts = Literal["yes", "no", "unknown"]
_Uses = tuple[dict[int, ast.AST], list[ast.Name]]

# Whether a function lets a keyword through its **kwargs, by path, line, class and keyword.
_ACCEPTED: Memo[Resolver, tuple[str, int, str, str], Accepts] = Memo()
# What is worked out of the text of a function, by module, line and variable.
_USES: Memo[Surface, tuple[str, int, str], _Uses] = Memo()
_ASSIGNED: Memo[Surface, tuple[str, int], frozenset[str]] = Memo()

# Where the last `super().__init__(**kwargs)` ends: `object` takes nothing.
_OBJECT_INIT = Function("builtins", "object.__init__", FunctionFacts(name="__init__", line=0))


def accepts_keyword(resolver: Resolver, signature: Signature, keyword: str, depth: int = 0) -> Accepts:
    """Whether a call with `keyword=…` gets through `signature` and everything its `**kwargs` is passed on to."""
    if any(p.name == keyword and p.kind in {"normal", "keyword"} for p in signature.params):
        return "yes"
    if keyword in signature.more:
        return "yes"
    if not signature.takes_keywords:
        return "unknown" if signature.wrapped else "no"
    if signature.function is None or depth >= _MAX_DEPTH:
        return "unknown"
    if any(keyword in decorator for decorator in signature.wrapped):
        return "yes"  # a decorator that names the parameter keeps it alive
    if signature.wrapped:
        return "unknown"
    owner = signature.function.owner
    key = (signature.function.path, signature.function.facts.line, owner.path if owner is not None else "", keyword)
    accepted = _ACCEPTED.of(resolver)
    known = accepted.get(key)
    if known is None:
        node = function_node(resolver, signature.function)
        if node is None or node.args.kwarg is None:
            return "unknown"
        known = _follow(resolver, signature.function, node, node.args.kwarg.arg, keyword, depth)
        if known == "unknown":
            known = resolver.takes_keyword(signature.function, keyword)
        accepted[key] = known
    return known


def refusing_function(resolver: Resolver, signature: Signature, keyword: str, depth: int = 0) -> Function | None:
    """The function behind the `**kwargs` of `signature` that refuses the keyword; `None` where it is refused here."""
    function = signature.function
    node = function_node(resolver, function) if function is not None and signature.takes_keywords else None
    if function is None or node is None or node.args.kwarg is None or depth >= _MAX_DEPTH:
        return None
    for part in descendants(node):
        if not isinstance(part, ast.Call) or not _passes(part, node.args.kwarg.arg):
            continue
        callee = signature_of(resolver, callee_entity(resolver, function, node, part))
        if callee is not None and accepts_keyword(resolver, callee, keyword) == "no":
            return refusing_function(resolver, callee, keyword, depth + 1) or callee.function
    return None


def possible_keywords(resolver: Resolver, signature: Signature) -> frozenset[str]:
    """Every keyword that `accepts_keyword` may say yes to by name: parameters, and what stands in the bodies that a
    `**kwargs` goes through."""
    found: set[str] = set()
    seen: set[tuple[str, int, str]] = set()
    waiting = [signature]
    while waiting:
        current = waiting.pop()
        found |= {p.name for p in current.params if p.kind in {"normal", "keyword"}}
        function = current.function
        if function is None or not current.takes_keywords:
            continue
        key = (function.path, function.facts.line, function.owner.path if function.owner is not None else "")
        node = function_node(resolver, function) if key not in seen else None
        seen.add(key)
        if node is None or node.args.kwarg is None:
            continue
        for part in descendants(node):
            text = literal_string(part) if isinstance(part, ast.Constant) else None
            if text is not None and text.isidentifier():
                found.add(text)
            elif isinstance(part, ast.Call) and _passes(part, node.args.kwarg.arg):
                callee = signature_of(resolver, callee_entity(resolver, function, node, part))
                if callee is not None:
                    waiting.append(callee)
    return frozenset(found)


def _passes(call: ast.Call, variable: str) -> bool:
    return any(k.arg is None and isinstance(k.value, ast.Name) and k.value.id == variable for k in call.keywords)


def _follow(
    resolver: Resolver,
    function: Function,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    variable: str,
    keyword: str,
    depth: int,
) -> Accepts:
    parents, names = _uses_of(resolver, function, node, variable)
    answers: list[Accepts] = []
    refuses_rest = False
    for name in names:
        parent = parents.get(id(name))
        grand = parents.get(id(parent)) if parent is not None else None
        if isinstance(parent, ast.keyword) and parent.arg is None and isinstance(grand, ast.Call):
            answers.append(_passed_on(resolver, function, node, grand, keyword, depth))
        elif isinstance(parent, ast.Attribute) and isinstance(grand, ast.Call) and grand.func is parent:
            if parent.attr in {"pop", "get", "setdefault"} and grand.args:
                key = literal_string(grand.args[0])
                if key is None:
                    return "unknown"
                if key == keyword:
                    return "yes"
            else:
                return "unknown"
        elif isinstance(parent, ast.Subscript) and parent.value is name:
            key = literal_string(parent.slice)
            if key is None:
                return "unknown"
            if key == keyword and isinstance(parent.ctx, ast.Load | ast.Del):
                return "yes"
        elif isinstance(parent, ast.Compare):
            if literal_string(parent.left) == keyword:
                return "yes"
        elif isinstance(parent, ast.If) and parent.test is name:
            refuses_rest = refuses_rest or _only_raises(parent.body)
        elif isinstance(parent, ast.UnaryOp | ast.BoolOp | ast.IfExp):
            continue  # asked whether it is empty
        elif isinstance(parent, ast.Assign) and (kept := _kept_on_self(function, node, parent)):
            answers.append(_stored(resolver, function, kept, keyword, depth))
        elif not _in_raise(parent, parents):
            return "unknown"
    if refuses_rest:
        return "no"
    if not answers:
        return "yes"  # swallowed: nothing is done with it, nothing fails
    if "no" in answers:
        return "no" if all(a == "no" for a in answers) else "unknown"
    return "unknown" if "unknown" in answers else "yes"


def _kept_on_self(
    function: Function, node: ast.FunctionDef | ast.AsyncFunctionDef, statement: ast.Assign
) -> str | None:
    """The attribute in `self.options = options`."""
    first = next(iter((*node.args.posonlyargs, *node.args.args)), None)
    target = statement.targets[0] if len(statement.targets) == 1 else None
    if function.owner is None or first is None or not isinstance(target, ast.Attribute):
        return None
    own = isinstance(target.value, ast.Name) and target.value.id == first.arg
    return target.attr if own and isinstance(statement.value, ast.Name) else None


def _stored(resolver: Resolver, function: Function, attribute: str, keyword: str, depth: int) -> Accepts:
    """Keywords that are kept on the instance: refused where every method that passes them on meets a refusal."""
    owner = function.owner
    line, doubt, _ = resolver.mro(owner) if owner is not None else ((), True, ())
    if owner is None or doubt or depth >= _MAX_DEPTH:
        return "unknown"
    answers: list[Accepts] = []
    for cls in line:
        for name, bindings in cls.facts.members.items():
            facts = next((b.function for b in reversed(bindings) if b.function is not None and b.runtime), None)
            method = Function(cls.module, f"{cls.path}.{name}", facts, owner, bound=True) if facts is not None else None
            node = function_node(resolver, method) if method is not None else None
            if method is None or node is None:
                continue
            found = _spread_in(resolver, method, node, attribute, keyword, depth)
            if found == "unknown":
                return "unknown"
            answers += [found] if found is not None else []
    return _agreed(answers) if answers else "unknown"


def _spread_in(
    resolver: Resolver,
    method: Function,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    attribute: str,
    keyword: str,
    depth: int,
) -> Accepts | None:
    """What a method does with keywords that were kept: `None` where it does not read them."""
    nodes = descendants(node)
    parents = {id(child): parent for parent in nodes for child in children(parent)}
    answers: list[Accepts] = []
    for part in nodes:
        if not isinstance(part, ast.Attribute) or part.attr != attribute or not isinstance(part.ctx, ast.Load):
            continue
        parent = parents.get(id(part))
        call = parents.get(id(parent)) if parent is not None else None
        if not isinstance(parent, ast.keyword) or parent.arg is not None or not isinstance(call, ast.Call):
            return "unknown"
        answers.append(_passed_on(resolver, method, node, call, keyword, depth + 1))
    return _agreed(answers) if answers else None


def _agreed(answers: list[Accepts]) -> Accepts:
    """What several callees say together: `unknown` where they differ."""
    return answers[0] if all(answer == answers[0] for answer in answers) else "unknown"


def _uses(node: ast.AST, variable: str) -> _Uses:
    """The parents of all nodes in a function, and where the variable stands."""
    nodes = descendants(node)
    parents = {id(child): parent for parent in nodes for child in children(parent)}
    return parents, [part for part in nodes if isinstance(part, ast.Name) and part.id == variable]


def _uses_of(resolver: Resolver, function: Function, node: ast.AST, variable: str) -> _Uses:
    surface = resolver.surface_of(function.module)
    if surface is None:
        return _uses(node, variable)
    known, key = _USES.of(surface), (function.module, function.facts.line, variable)
    if key not in known:
        known[key] = _uses(node, variable)
    return known[key]


def _assigned_in(resolver: Resolver, function: Function, node: ast.AST) -> frozenset[str]:
    surface = resolver.surface_of(function.module)
    if surface is None:
        return _assigned(node)
    known, key = _ASSIGNED.of(surface), (function.module, function.facts.line)
    if key not in known:
        known[key] = _assigned(node)
    return known[key]


def _in_raise(node: ast.AST | None, parents: dict[int, ast.AST]) -> bool:
    while node is not None:
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.stmt):
            return False
        node = parents.get(id(node))
    return False


def _only_raises(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Raise)


def _passed_on(
    resolver: Resolver,
    function: Function,
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    call: ast.Call,
    keyword: str,
    depth: int,
) -> Accepts:
    entity = callee_entity(resolver, function, node, call)
    signature = signature_of(resolver, entity)
    if signature is None:
        standard = _standard_callee(resolver, function, node, call)
        keywords = standard_keywords(standard) if standard is not None else None
        return "unknown" if keywords is None else "yes" if keyword in keywords else "no"
    accepted = accepts_keyword(resolver, signature, keyword, depth + 1)
    if accepted == "no" and signature.wrapped:
        return "unknown"
    return accepted


def _standard_callee(
    resolver: Resolver, function: Function, node: ast.FunctionDef | ast.AsyncFunctionDef, call: ast.Call
) -> str | None:
    """The dotted path of a function of the standard library; `None` for anything else."""
    path = dotted(call.func)
    first = path.split(".", 1)[0] if path is not None else ""
    arguments = {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    if path is None or first in arguments or first in _assigned_in(resolver, function, node):
        return None
    entity = resolver.expression(first, function.module).entity
    if not isinstance(entity, External):
        return None
    return entity.path + path[len(first) :]


def callee_entity(
    resolver: Resolver, function: Function, node: ast.FunctionDef | ast.AsyncFunctionDef, call: ast.Call
) -> Entity | None:
    """What a call inside a function calls, methods resolved on the class the function was reached through."""
    arguments = [*node.args.posonlyargs, *node.args.args]
    owner = None
    if function.owner is not None and arguments:
        owner = Owner(
            "?", arguments[0].arg, function.facts.name == "__new__" or "classmethod" in function.facts.decorators
        )
    assigned = _assigned_in(resolver, function, node)
    chains = chains_of(call.func, dict.fromkeys(assigned | {a.arg for a in arguments[1:]}, ()), owner)
    if len(chains) != 1:
        return None
    chain = chains[0]
    if chain.root.kind in {"self", "class", "super"}:
        return _own_callee(resolver, function, chain.root.kind, chain.steps)
    reached = list(walk(resolver, function.module, chain.root, chain.steps))
    last = reached[-1]
    return last.found.entity if last.index == len(chain.steps) - 1 and last.found.state == "present" else None


def _assigned(node: ast.AST) -> frozenset[str]:
    return frozenset(n.id for n in descendants(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _own_callee(resolver: Resolver, function: Function, kind: str, steps: tuple[object, ...]) -> Entity | None:
    from tailrace.python.usages import Step

    if function.owner is None:
        return None
    if not steps:
        return function.owner if kind == "class" else None
    first = steps[0]
    if len(steps) != 1 or not isinstance(first, Step) or first.name is None:
        return None
    if kind == "super":
        # The bases of the class that holds this very `def`, in the order of the class it was reached through.
        line, doubt, standard = resolver.mro(function.owner)
        holder = next((i for i, c in enumerate(line) if function.path == f"{c.path}.{function.facts.name}"), None)
        if holder is None:
            return None
        for base in line[holder + 1 :]:
            bindings = [b for b in base.facts.members.get(first.name, ()) if b.function is not None and b.runtime]
            if bindings and bindings[-1].function is not None:
                return Function(
                    base.module, f"{base.path}.{first.name}", bindings[-1].function, function.owner, bound=True
                )
        return _OBJECT_INIT if first.name == "__init__" and not doubt and not standard else None
    return resolver.class_attribute(function.owner, first.name, instance=kind == "self").entity


def call_fails(
    resolver: Resolver, entity: Entity | None, shape: CallShape
) -> tuple[str, str, str] | Literal["unknown"] | None:
    """`(rule, parameter, detail)` when the call surely fails, `None` when it binds, else `"unknown"`."""
    failed = _fails(resolver, entity, shape)
    if isinstance(failed, tuple) and isinstance(entity, Function):
        # A name with a definition in each of several branches fails only if all of them do.
        if any(not isinstance(_fails(resolver, other, shape), tuple) for other in _other_definitions(resolver, entity)):
            return "unknown"
    return failed


def further_faults(
    resolver: Resolver, entity: Entity | None, shape: CallShape, first: tuple[str, str, str]
) -> Iterator[tuple[str, str, str]]:
    """The other faults of the same kind that a call has once the first is put right: `f(a=1, b=2)` where both went.

    Of another kind none is looked for: what is missing once a renamed parameter is left out is the same fault.
    """
    fault = first
    for _ in range(len(shape.keywords) + _MOST_REQUIRED):
        rule, parameter, _ = fault
        match rule:
            case "parameter-removed" if parameter in shape.keywords:
                shape = replace(shape, keywords=tuple(word for word in shape.keywords if word != parameter))
            case "parameter-now-required" if parameter not in shape.keywords:
                shape = replace(shape, keywords=(*shape.keywords, parameter))
            case _:
                return
        found = call_fails(resolver, entity, shape)
        if not isinstance(found, tuple) or found[0] != rule:
            return
        yield found
        fault = found


def _refused_argument(signature: Signature, shape: CallShape) -> tuple[str, str] | None:
    """The parameter that a call gives and that may not be given, with what that raises."""
    plain = [p.name for p in signature.params if p.kind in {"positional", "normal"}]
    given = {*(name for place, name in enumerate(plain[: shape.positional]) if place not in shape.nones)}
    given |= {name for name in shape.keywords if name not in shape.nones}
    refuses = signature.function.facts.refuses if signature.function is not None else ()
    return next((one for one in refuses if one[0] in given), None)


def _left_out(signature: Signature, shape: CallShape) -> tuple[str, str] | None:
    """The parameter that a call had better give, since it raises where it gives none of some, with what it raises."""
    needs = signature.function.facts.raises_unless if signature.function is not None else None
    if needs is None or shape.star or shape.double_star:
        return None
    plain = [p.name for p in signature.params if p.kind in {"positional", "normal"}]
    given = {*plain[: shape.positional], *shape.keywords}
    for name in needs[0]:
        if name.startswith("**"):
            given |= {name} if set(shape.keywords) - {p.name for p in signature.params} else set()
        elif name.startswith("*"):
            given |= {name} if shape.positional > len(plain) else set()
    named = [name for name in needs[0] if not name.startswith("*")]
    return (named[0], needs[1]) if named and given.isdisjoint(needs[0]) else None


def _other_definitions(resolver: Resolver, function: Function) -> Iterator[Function]:
    facts = resolver.facts(function.module)
    for binding in facts.bindings.get(function.facts.name, ()) if facts is not None and function.owner is None else ():
        if binding.function is not None and binding.runtime and binding.line != function.facts.line:
            yield Function(function.module, function.path, binding.function)


def _fails(
    resolver: Resolver, entity: Entity | None, shape: CallShape
) -> tuple[str, str, str] | Literal["unknown"] | None:
    signature = signature_of(resolver, entity)
    if signature is None:
        return "unknown"
    bound = bind(signature, shape)
    if bound.outcome == "fails":
        if signature.any_position and bound.rule in {"arity-changed", "parameter-now-keyword-only"}:
            return None
        if signature.wrapped:
            return "unknown"
        return bound.rule, bound.parameter, bound.detail
    refused = _refused_argument(signature, shape)
    if refused is not None:
        return "parameter-removed", refused[0], f"it only raises {refused[1].rsplit('.', 1)[-1]} where it is given"
    left_out = _left_out(signature, shape)
    if left_out is not None:
        raised = left_out[1].rsplit(".", 1)[-1]
        return "parameter-now-required", left_out[0], f"it raises {raised} where it is left out"
    if signature.takes_keywords:
        named = {p.name for p in signature.params if p.kind in {"normal", "keyword"}}
        doubt = False
        for keyword in shape.keywords:
            if keyword in named or keyword in signature.more:
                continue
            accepted = accepts_keyword(resolver, signature, keyword)
            if accepted == "no":
                variable = next(p.name for p in signature.params if p.kind == "var-keyword")
                where = f"`**{variable}` passes it on to a callee that refuses it"
                return "parameter-removed", keyword, where
            doubt = doubt or accepted == "unknown"
        if doubt:
            return "unknown"
    return None
