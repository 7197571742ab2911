"""Which change a broken use comes from: one rule and one symbol, the same for `tailrace check` and `tailrace diff`.

A use often fails at a distance from what was changed: `from up.legacy import A` fails because the module is gone, a
keyword that `run(**options)` passes on is refused by the function behind it. The functions here lead from what a use
names to what the release changed; the comparison of two releases lists changes under the symbols that they give.
"""

from __future__ import annotations

from collections.abc import Sequence

from tailrace.changes.distribution import entry_point_symbol
from tailrace.changes.grouping import offered
from tailrace.changes.parameters import ParameterChange, parameter_changes
from tailrace.python.modules import STUB
from tailrace.python.semantics.entities import (
    Class,
    Entity,
    External,
    Function,
    Instance,
    Module,
    Resolution,
    Union,
    Value,
)
from tailrace.python.semantics.forwarding import refusing_function
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.semantics.signatures import Signature, signature_of

# Rules whose findings are not among the changes between two releases, because only a downstream makes them true: what
# a type checker alone reports, a requirement that clashes with another one, a version that it refuses itself.
NEED_DOWNSTREAM = frozenset(
    {"unexplained", "requirement-conflict", "value-removed", "version-refused", "syntax-refused"}
)


def needs_downstream(baseline: Resolver, rule: str, symbol: str) -> bool:
    """Whether a finding is not among the changes between two releases.

    Besides the findings of the rules above: a name of another distribution that a module imported for its own use, a
    submodule that was loaded by the way, a name that the baseline makes at run time, a plain file of data, an attribute
    that only the text of a compiled module names, and a plug-in of the downstream's own whose group nothing reads any
    more. They are changes for those alone who relied on them.
    """
    if rule in NEED_DOWNSTREAM:
        return True
    if rule == "entry-point-removed":
        return symbol not in _declared(baseline)
    if rule == "option-conflict" and " -" not in symbol:
        return True  # a name that both register; it hurts those alone who registered the same
    if rule == "data-removed":
        return ":" not in symbol  # of the data files only those that somebody reads are told
    found = baseline.path(symbol)
    if rule == "name-removed" and isinstance(found.entity, Module):
        package, _, name = symbol.rpartition(".")
        return not package or baseline.member(package, name).state != "present"
    if rule == "name-removed" and (found.state == "unknown" or isinstance(found.entity, External)):
        return found.state == "unknown" or not offered(baseline, symbol)
    owner = baseline.path(symbol.rpartition(".")[0]).entity
    return rule == "attribute-removed" and isinstance(owner, Value) and owner.binding is None


def _declared(baseline: Resolver) -> set[str]:
    """The entry points of the baseline, as symbols."""
    points = baseline.surfaces[0].artifact.metadata.entry_points
    return {entry_point_symbol(group, name) for group, named in points for name, _ in named}


def removed_module(baseline: Resolver, candidate: Resolver, name: str) -> str:
    """The outermost package that the candidate lost together with module `name`."""
    parts = name.split(".")
    for depth in range(1, len(parts)):
        above = ".".join(parts[:depth])
        if baseline.import_module(above).state == "present" and candidate.import_module(above).state == "absent":
            return above
    return name


def removed_name(baseline: Resolver, candidate: Resolver, symbol: str, entity: Entity | None) -> str:
    """The path that a removed name is listed under: where it was defined, unless a package offers it itself.

    `symbol`: the path that was used; `entity`: what it led to in the baseline.
    """
    origin = getattr(entity, "path", getattr(entity, "name", symbol))
    if origin == symbol or not isinstance(origin, str) or isinstance(entity, Instance | Union):
        return symbol
    module, _, name = origin.rpartition(".")
    if not baseline.knows(origin) or name != symbol.rpartition(".")[2] or offered(baseline, symbol, by_package=True):
        return symbol
    gone = candidate.import_module(module).state == "present" and (
        candidate.attribute(Module(module), name).state == "absent"
    )
    return origin if gone else symbol


def class_place(resolver: Resolver, cls: Class) -> Resolution:
    """Where a class stands."""
    facts = resolver.facts(cls.module)
    return Resolution("present", cls, file=facts.file if facts is not None else None, line=cls.facts.line)


def public_path(resolver: Resolver, path: str, module: str) -> str:
    """The shortest path under which users know a class or function: `httpx.Client` rather than
    `httpx._client.Client`."""
    rest = path.removeprefix(module).lstrip(".")
    first = rest.split(".", 1)[0]
    wanted = resolver.member(module, first).entity
    if not rest or not isinstance(wanted, Class | Function):
        return path
    parts = module.split(".")
    for depth in range(1, len(parts)):
        prefix = ".".join(parts[:depth])
        found = resolver.member(prefix, first).entity
        if isinstance(found, Class | Function) and found.facts is wanted.facts:
            return f"{prefix}.{rest}"
    return path


def parameter_symbol(path: str, parameter: str) -> str:
    """`up.fetch(retries=)`, or the path alone where no single parameter is concerned."""
    return f"{path}({parameter}=)" if parameter else path


def call_cause(
    baseline: Resolver, candidate: Resolver, in_baseline: Entity, in_candidate: Entity | None, rule: str, parameter: str
) -> tuple[str, str] | None:
    """`(rule, symbol)` of the change that makes the candidate refuse a call; `None` where no function is known.

    `baseline`, `candidate`: what is called, in both releases; `rule`, `parameter`: why the candidate refuses it.
    """
    mine, theirs = signature_of(baseline, in_baseline), signature_of(candidate, in_candidate)
    if mine is None or theirs is None:
        return None
    refusing = refusing_function(candidate, theirs, parameter) if rule == "parameter-removed" else None
    if refusing is not None:
        known = baseline.path(refusing.path).entity
        if isinstance(known, Function) and any(p.name == parameter for p in known.facts.params):
            return rule, parameter_symbol(callable_path(baseline, known), parameter)
    rule, parameter = _explained(parameter_changes(mine.params, theirs.params), rule, parameter)
    callee = constructed(in_baseline, mine, theirs)
    return (rule, parameter_symbol(callable_path(baseline, callee), parameter)) if callee is not None else None


def constructed(baseline: Entity, mine: Signature, theirs: Signature) -> Class | Function | None:
    """The function whose parameters changed; the class, where its constructor is another function now or generated."""
    if mine.function is None or theirs.function is None:
        return baseline if isinstance(baseline, Class) else None
    if isinstance(baseline, Class) and mine.function.path != theirs.function.path:
        return baseline
    return mine.function


def callable_path(resolver: Resolver, callee: Class | Function) -> str:
    """The path under which users call it: a class for its constructor."""
    path = callee.path.removesuffix(".__init__").removesuffix(".__new__")
    return public_path(resolver, path, callee.module.removesuffix(STUB))


def _explained(changes: Sequence[ParameterChange], rule: str, parameter: str) -> tuple[str, str]:
    """The change that explains a refusal: a call may be refused for another parameter than the one that changed."""
    same = [c for c in changes if (c.rule, c.parameter) == (rule, parameter)]
    same_parameter = [c for c in changes if parameter and c.parameter == parameter]
    same_rule = [c for c in changes if c.rule == rule]
    any_keyword = [c for c in changes if rule == "parameter-removed" and c.parameter.startswith("**")]
    first = next(iter((*same, *same_parameter, *any_keyword, *same_rule)), None)
    return (first.rule, first.parameter) if first is not None else (rule, parameter)
