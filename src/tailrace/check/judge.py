"""The uses of one file and two worlds in, the breaks out: what resolves with the baseline and no longer with the
candidate.

Cause and effect come together here: a break is only reported where the baseline's surface has what the candidate's
lacks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tailrace.check.calls import literal_call
from tailrace.check.forwarding import call_fails
from tailrace.check.lost import find_lost_base
from tailrace.check.walk import Reached, owner_module, walk
from tailrace.model import Confidence, Severity
from tailrace.rules.interface import How
from tailrace.surface.entities import Class, Entity, Function, Instance, Module, Resolution, Union, Value
from tailrace.surface.world import World
from tailrace.usage import CallShape, FileUsage, Step, Use

LINEAGES = {
    "ModuleNotFoundError": frozenset({"ModuleNotFoundError", "ImportError", "Exception", "BaseException"}),
    "ImportError": frozenset({"ImportError", "Exception", "BaseException"}),
    "AttributeError": frozenset({"AttributeError", "Exception", "BaseException"}),
    "TypeError": frozenset({"TypeError", "Exception", "BaseException"}),
}


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """One break at one place, not yet put into words.

    `symbol` as in `Change.symbol`. `raises`: class names of the exception that follows, for the guards around it;
    empty when nothing is
    raised. `cause`: file and line in the baseline (in the candidate when `cause_in_candidate`).
    """

    rule: str
    symbol: str
    module: str
    name: str
    how: How
    file: str
    line: int
    column: int
    use: Use | None
    confidence: Confidence = "certain"
    raises: frozenset[str] = frozenset()
    detail: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    cause_file: str | None = None
    cause_line: int | None = None
    cause_in_candidate: bool = False
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """The two moments that are compared, and the import roots of the upstream."""

    old: World
    new: World
    roots: frozenset[str]

    def upstream(self, path: str | None) -> bool:
        """Whether a module path belongs to the upstream in either version."""
        return path is not None and (
            path.split(".", 1)[0] in self.roots
            and any(path in w.surfaces[0].sources or not w.surfaces[-1].sources.get(path) for w in (self.old, self.new))
        )


def find_breaks(pair: Pair, usage: FileUsage, uses: Iterable[Use]) -> Iterator[Hit]:
    """Every one of the `uses` of the file that the candidate breaks, in their order."""
    for use in uses:
        yield from judge_use(pair, usage, use)


def judge_use(pair: Pair, usage: FileUsage, use: Use) -> Iterator[Hit]:
    """The steps of a use that work with the baseline and fail with the candidate; what follows a name that is gone
    is not asked."""
    if use.how == "from-import" and use.root.name == "*":
        return
    new = list(walk(pair.new, usage.module, use.root, use.steps))
    interesting = any(r.found.state == "absent" or (r.step is not None and r.step.call is not None) for r in new)
    if not interesting:
        return
    old = list(walk(pair.old, usage.module, use.root, use.steps))
    if use.root.kind == "parameter" and _named_class(old[0]) != _named_class(new[0]):
        return  # what the base asks for is said otherwise; what it is given need not be another thing
    for before, after in zip(old, new, strict=False):
        if after.found.state == "absent":
            hit = _star_name(pair, usage, use, before) if after.index == -1 and use.how == "attribute" else None
            # A name bound by an import statement is judged at that statement, not wherever it is used.
            if not (after.index == -1 and use.how == "attribute"):
                hit = _absent(pair, usage, use, before, after)
            if hit is not None:
                yield hit
            return
        if after.step is not None and after.step.call is not None:
            hit = _call(pair, usage, use, before, after)
            if hit is not None:
                yield hit
    hit = _newly_typed(pair, usage, use, old, new)
    if hit is not None:
        yield hit


def _newly_typed(pair: Pair, usage: FileUsage, use: Use, old: list[Reached], new: list[Reached]) -> Hit | None:
    """What the baseline does not say and the candidate does: the class of a result, which had the attribute before."""
    last, after = old[-1], new[-1]
    known = last.found.state == "absent" or last.found.entity is not None
    if after.found.state != "absent" or len(new) <= len(old) or known:
        return None
    if after.step is None or after.step.name is None or not isinstance(after.source, Instance):
        return None
    cls = pair.old.path(after.source.of.path).entity
    if not isinstance(cls, Class) or not pair.upstream(owner_module(cls)):
        return None
    found = pair.old.class_attribute(cls, after.step.name, instance=True)
    if found.state != "present":
        return None
    hit = _absent(pair, usage, use, Reached(after.index, after.step, Instance(cls), found), after)
    return replace(hit, confidence="likely") if hit is not None else None


def _star_name(pair: Pair, usage: FileUsage, use: Use, before: Reached) -> Hit | None:
    """A bare name that only `from upstream import *` gave, directly or through the downstream's own modules."""
    if use.root.kind != "name" or before.found.state != "present":
        return None
    module = owner_module(before.found.entity)
    if not pair.upstream(module) or module is None:
        return None
    entity = before.found.entity
    symbol = entity.path if isinstance(entity, Class | Function) else f"{module}.{use.root.name}"
    return Hit(
        rule="name-removed",
        symbol=symbol,
        module=module,
        name=use.root.name,
        how="from-import",
        file=usage.file,
        line=use.line,
        column=use.column,
        use=use,
        raises=frozenset({"NameError", "Exception", "BaseException"}),
        detail="the name came by `import *`",
        facts={"raises": "NameError"},
        cause_file=before.found.file,
        cause_line=before.found.line,
    )


def _absent(pair: Pair, usage: FileUsage, use: Use, before: Reached, after: Reached) -> Hit | None:
    if after.step is not None and after.step.default:
        return None
    confidence: Confidence = "certain"
    if before.found.state == "unknown" and not _module_went(pair, use, after):
        if not _stood_in_text(pair, use, before, after) and not _stood_in_binary(pair, before, after):
            return None
        confidence = "likely"
    elif before.found.state == "absent":
        return None
    doubtful = isinstance(after.source, Instance) and after.source.maybe
    if doubtful or use.root.kind == "parameter" or after.found.note == "not in the compiled module":
        confidence = "likely"
    symbol, module, name, rule = _named(pair, use, before, after)
    facts = {"raises": after.found.error}
    lost = find_lost_base(pair.old, pair.new, before, after, pair.upstream)
    if lost is not None:
        symbol, module, rule = f"{lost.cls.path}.{name}", owner_module(lost.cls) or "", "base-changed"
        facts |= {"base": lost.base, "attribute": name}
    if rule in {"attribute-removed", "base-changed"}:
        facts |= _kind_facts(before, name)
        name = symbol.removeprefix(module).lstrip(".")
    if not pair.upstream(module):
        return None
    line, column = (use.line, use.column) if after.step is None else (after.step.line, after.step.column)
    how: How = "string" if use.how == "string" else "attribute"
    if after.index == -1:
        how = "string" if use.how == "string" else "from-import" if use.root.kind == "from" else "import"
    error = after.found.error
    if after.found.note and "raises" in after.found.note:
        facts["note"] = after.found.note
    return Hit(
        rule=rule,
        symbol=symbol,
        module=module,
        name=name,
        how=how,
        file=usage.file,
        line=line,
        column=column,
        use=use,
        confidence=confidence,
        raises=after.found.lineage or LINEAGES.get(error, frozenset({error, "Exception", "BaseException"})),
        facts=facts,
        cause_file=before.found.file,
        cause_line=before.found.line,
    )


def _named_class(reached: Reached) -> str | None:
    entity = reached.found.entity
    return entity.of.path.rsplit(".", 1)[-1] if isinstance(entity, Instance) else None


def _kind_facts(before: Reached, name: str) -> dict[str, str]:
    """Whether only instances have the attribute: then no program can show it on the class."""
    source = before.source.of if isinstance(before.source, Instance) else before.source
    of_class = not isinstance(source, Class) or name in source.facts.members or name not in source.facts.instance
    return {} if of_class else {"old_kind": "instance attribute"}


def _named(pair: Pair, use: Use, before: Reached, after: Reached) -> tuple[str, str, str, str]:
    """`(symbol, module, name, rule)` of what is gone."""
    if after.index == -1:
        if use.root.kind == "from":
            module = use.root.module
            if pair.new.import_module(module).state == "absent":
                gone = after.found.note if after.found.note and after.found.note in module else module
                return f"{module}.{use.root.name}", module, use.root.name, "module-removed" if gone else "name-removed"
            symbol = f"{module}.{use.root.name}"
            if _is_module(before.found):
                return symbol, symbol, "", "module-removed"
            return symbol, module, use.root.name, "name-removed"
        return use.root.name, use.root.name, "", "module-removed"
    step = after.step
    name = step.name if step is not None and step.name is not None else ""
    source = before.source
    match source:
        case Module(name=module):
            symbol = f"{module}.{name}"
            if _is_module(before.found) and symbol in pair.old.surfaces[0].sources:
                return symbol, symbol, "", "module-removed"
            return symbol, module, name, "name-removed"
        case Class() | Instance():
            cls = source.of if isinstance(source, Instance) else source
            owner = _holder(pair, cls, name) or cls
            return f"{owner.path}.{name}", owner_module(owner) or "", name, "attribute-removed"
        case Function(path=path, module=module):
            return f"{path}.{name}", module, name, "attribute-removed"
        case Value(path=path, module=module):
            return f"{path}.{name}", module, name, "attribute-removed"
        case Union(members=members):
            first = members[0]
            inner = first.of if isinstance(first, Instance) else first
            return f"{getattr(inner, 'path', '?')}.{name}", owner_module(first) or "", name, "attribute-removed"
        case _:
            return name, owner_module(source) or "", name, "attribute-removed"


def public_path(pair: Pair, path: str, module: str) -> str:
    """The shortest path under which users know a class or function: `httpx.Client` rather than
    `httpx._client.Client`."""
    rest = path.removeprefix(module).lstrip(".")
    first = rest.split(".", 1)[0]
    wanted = pair.old.member(module, first).entity
    if not rest or not isinstance(wanted, Class | Function):
        return path
    parts = module.split(".")
    for depth in range(1, len(parts)):
        prefix = ".".join(parts[:depth])
        found = pair.old.member(prefix, first).entity
        if isinstance(found, Class | Function) and found.facts is wanted.facts:
            return f"{prefix}.{rest}"
    return path


def names_of(hit: Hit) -> frozenset[str]:
    """The words by which code around a hit may ask whether it is there: its parameter, else its last name."""
    parameter = hit.facts.get("parameter", "")
    base = hit.facts.get("base", "").rsplit(".", 1)[-1]
    return frozenset({parameter or hit.symbol.split("(", 1)[0].rsplit(".", 1)[-1], base} - {""})


def _holder(pair: Pair, cls: Class, name: str) -> Class | None:
    """The upstream class that gives the attribute, to its own instances or to a downstream's subclass."""
    line, _, _ = pair.old.mro(cls)
    return next(
        (c for c in line if pair.upstream(owner_module(c)) and (name in c.facts.members or name in c.facts.instance)),
        None,
    )


def _module_went(pair: Pair, use: Use, after: Reached) -> bool:
    """The very module is gone: whatever name of it was wanted cannot be had."""
    if after.index != -1 or use.root.kind != "from":
        return False
    module = use.root.module
    return pair.old.import_module(module).state == "present" and pair.new.import_module(module).state == "absent"


def _is_module(found: Resolution) -> bool:
    return isinstance(found.entity, Module)


def _stood_in_text(pair: Pair, use: Use, before: Reached, after: Reached) -> bool:
    """The baseline makes the name at run time: it stands in the text of the old module and no longer in the new one."""
    if not before.found.dynamic and "run time" not in before.found.note:
        return False
    if after.index == -1:
        module, name = use.root.module, use.root.name
    elif isinstance(before.source, Module) and after.step is not None and after.step.name is not None:
        module, name = before.source.name, after.step.name
    else:
        return False
    return bool(module) and _mentions(pair.old, module, name) and not _mentions(pair.new, module, name)


def _stood_in_binary(pair: Pair, before: Reached, after: Reached) -> bool:
    """A class that was compiled is read now, and lacks a name that stands in the binary it was in."""
    source, step = before.source, after.step
    if not isinstance(source, Value) or source.binding is not None or step is None or step.name is None:
        return False
    surface = pair.old.surface_of(source.module) if isinstance(after.source, Class) else None
    return surface is not None and surface.binary_has(source.module, step.name)


def _mentions(world: World, module: str, name: str) -> bool:
    surface, facts = world.surface_of(module), world.facts(module)
    parsed = surface.tree(facts.file) if surface is not None and facts is not None and facts.file else None
    return parsed is not None and re.search(rf"\b{re.escape(name)}\b", parsed.text) is not None


def _call(pair: Pair, usage: FileUsage, use: Use, before: Reached, after: Reached) -> Hit | None:
    step = after.step
    if step is None or step.call is None or before.source is None:
        return None
    old, new = before.source, after.source
    if isinstance(new, Module) and isinstance(old, Class | Function):
        path = old.path
        return _call_hit(
            pair,
            usage,
            use,
            step,
            "kind-changed",
            path,
            "",
            "it is now a module",
            old,
            {"old_kind": "function", "new_kind": "module"},
        )
    if isinstance(old, Instance) and not isinstance(new, Instance):
        return None
    if not _can_reach_upstream(pair, old, step.call):
        return None
    failed = call_fails(pair.new, new, step.call)
    if failed is None or failed == "unknown":
        return None
    if call_fails(pair.old, old, step.call) is not None:
        return None
    rule, parameter, detail = failed
    path = old.path if isinstance(old, Class | Function) else old.of.path if isinstance(old, Instance) else ""
    path = path.removesuffix(".__init__")
    if rule == "arity-changed" and parameter and _keyword_only_now(pair, new, parameter):
        rule = "parameter-now-keyword-only"
    facts = {"parameter": parameter, "call": literal_call(pair.old.surfaces[-1], usage.file, step, old)}
    if "passes it on" in detail:
        facts["forwarded"] = "yes"
    return _call_hit(pair, usage, use, step, rule, path, parameter, detail, old, facts)


def _can_reach_upstream(pair: Pair, callee: Entity, shape: CallShape) -> bool:
    """Whether the call binds to parameters of the upstream: its own, inherited, or behind a `**kwargs`."""
    if pair.upstream(owner_module(callee)) or _upstream_base(pair, callee) is not None:
        return True
    if not isinstance(callee, Function) or not shape.keywords:
        return False
    named = {p.name for p in callee.facts.params}
    return any(p.kind == "var-keyword" for p in callee.facts.params) and any(k not in named for k in shape.keywords)


def _keyword_only_now(pair: Pair, new: Entity | None, parameter: str) -> bool:
    from tailrace.check.signature import signature_of

    signature = signature_of(pair.new, new)
    return signature is not None and any(p.name == parameter and p.kind == "keyword" for p in signature.params)


def _call_hit(
    pair: Pair,
    usage: FileUsage,
    use: Use,
    step: Step,
    rule: str,
    path: str,
    parameter: str,
    detail: str,
    old: Entity,
    facts: dict[str, str],
) -> Hit | None:
    module = owner_module(old) or ""
    if not pair.upstream(module):
        base = _upstream_base(pair, old)
        if base is None:
            return None
        path, module = base.path, base.module
    file, line = _place(pair.old, old)
    path = public_path(pair, path, module)
    symbol = f"{path}({parameter}=)" if parameter else path
    name = path.removeprefix(module).lstrip(".")
    return Hit(
        rule=rule,
        symbol=symbol,
        module=module,
        name=name,
        how="call",
        file=usage.file,
        line=step.line,
        column=step.column,
        use=use,
        raises=LINEAGES["TypeError"],
        detail=detail,
        facts={"raises": "TypeError", **facts},
        cause_file=file,
        cause_line=line,
    )


def _upstream_base(pair: Pair, entity: Entity) -> Class | None:
    """The upstream class that an own subclass (or a method of one) passes the call on to."""
    cls = entity if isinstance(entity, Class) else entity.owner if isinstance(entity, Function) else None
    if cls is None:
        return None
    line, _, _ = pair.old.mro(cls)
    return next((c for c in line if pair.upstream(owner_module(c))), None)


def _place(world: World, entity: Entity) -> tuple[str | None, int | None]:
    module = owner_module(entity)
    facts = world.facts(module) if module is not None else None
    if facts is None:
        return None, None
    if isinstance(entity, Class):
        init = entity.facts.members.get("__init__", ())
        return facts.file, init[-1].line if init else entity.facts.line
    if isinstance(entity, Function):
        return facts.file, entity.facts.line
    return facts.file, 1


def deduplicated(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """One hit for each place and symbol."""
    seen: dict[tuple[object, ...], Hit] = {}
    for hit in hits:
        seen.setdefault((hit.file, hit.line, hit.rule, hit.symbol), hit)
    return tuple(seen.values())
