"""Reports the step of a use that finds nothing with the candidate, named after what is gone. Calls are checked
elsewhere.
"""

from __future__ import annotations

import re

from tailrace.changes.causes import class_place, removed_module, removed_name
from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.breakages.lost_bases import find_lost_base
from tailrace.check.release_pair import ReleasePair
from tailrace.model import Confidence
from tailrace.python.semantics.chains import Reached, owner_module
from tailrace.python.semantics.entities import Class, Function, Instance, Module, Resolution, Union, Value
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.usages import FileUsage, Use
from tailrace.rules.interface import BreakFacts, How


def find_star_name(pair: ReleasePair, usage: FileUsage, use: Use, before: Reached) -> Breakage | None:
    """A bare name that only `from upstream import *` gave, directly or through the downstream's own modules."""
    if use.root.kind != "name" or before.found.state != "present":
        return None
    entity = before.found.entity
    module = _starred_module(pair, usage, use.root.name) or owner_module(entity)
    if module is None or not pair.upstream(module):
        return None
    used = f"{module}.{use.root.name}"
    rule, symbol = "name-removed", used
    if pair.candidate.import_module(module).state == "absent":
        rule, symbol = "module-removed", removed_module(pair.baseline, pair.candidate, module)
    elif pair.candidate.attribute(Module(module), use.root.name).state == "absent":
        symbol = removed_name(pair.baseline, pair.candidate, used, entity)
    # What `__all__` lists fails where everything is taken from the module.
    listed = use.how == "string"
    error = "AttributeError" if listed else "NameError"
    return Breakage(
        rule=rule,
        symbol=symbol,
        module=module,
        name=use.root.name,
        how="from-import",
        file=usage.file,
        line=use.line,
        column=use.column,
        use=use,
        confidence="possible" if listed else "certain",
        raises=frozenset() if listed else frozenset({error, "Exception", "BaseException"}),
        detail="`__all__` lists it, and it came by `import *`" if listed else "the name came by `import *`",
        facts={"raises": error},
        cause_file=before.found.file,
        cause_line=before.found.line,
        used=used if used != symbol else "",
    )


def _starred_module(pair: ReleasePair, usage: FileUsage, name: str) -> str | None:
    """The upstream module whose `import *` in this very file gave the name."""
    facts = pair.baseline.facts(usage.module)
    stars = facts.stars if facts is not None else ()
    return next((s for s in stars if pair.upstream(s) and pair.baseline.from_import(s, name).state == "present"), None)


def _passed_on(pair: ReleasePair, before: Reached, module: str, name: str) -> str | None:
    """The upstream module whose name a module of the downstream passes on, in which the name itself stands nowhere."""
    given = _given_by_star(pair, module, name)
    facts = pair.baseline.facts(module)
    if given is None and facts is not None and before.found.dynamic and name not in facts.bindings:
        named = (pair.baseline.scope(module, one).entity for one in facts.bindings)
        given = next((e.name for e in named if isinstance(e, Module) and _loses(pair, e.name, name)), None)
    return given


def _loses(pair: ReleasePair, module: str, name: str) -> bool:
    """Whether a module of the upstream has the name with the baseline alone."""
    return (
        pair.upstream(module)
        and pair.baseline.member(module, name).state == "present"
        and pair.candidate.member(module, name).state == "absent"
    )


def _given_by_star(pair: ReleasePair, module: str, name: str, asked: frozenset[str] = frozenset()) -> str | None:
    """The upstream module from which a module of the downstream has a name by `import *`, also by way of others."""
    facts = pair.baseline.facts(module)
    if facts is None or name in facts.bindings:
        return None
    for star in facts.stars:
        if star in asked or pair.baseline.from_import(star, name).state != "present":
            continue
        if pair.upstream(star):
            return star
        found = _given_by_star(pair, star, name, asked | {module})
        if found is not None:
            return found
    return None


def find_absent(pair: ReleasePair, usage: FileUsage, use: Use, before: Reached, after: Reached) -> Breakage | None:
    """What a step no longer finds; nothing where the baseline did not surely have it, or it is not the upstream's."""
    if after.step is not None and after.step.default:
        return None
    confidence: Confidence = "certain"
    if before.found.state == "unknown" and not _module_went(pair, use, after):
        if not _stood_in_text(pair, use, before, after) and not _stood_in_binary(pair, before, after):
            return None
        confidence = "likely"
    elif before.found.state == "absent":
        return None
    doubtful = isinstance(after.source, Instance) and (after.source.maybe or after.source.inferred)
    if doubtful or use.root.kind == "parameter" or after.found.note == "not in the compiled module":
        confidence = "likely"
    used, module, name, rule = _named(pair, use, before, after)
    symbol, cause = used, before.found
    facts: BreakFacts = {"raises": after.found.error}
    lost = find_lost_base(pair.baseline, pair.candidate, before, after, pair.upstream)
    if lost is not None:
        used, module, rule = f"{lost.cls.path}.{name}", owner_module(lost.cls) or "", "base-changed"
        symbol, cause = lost.cls.path, class_place(pair.baseline, lost.cls)
        facts |= {"base": lost.base, "attribute": name}
    if rule in {"attribute-removed", "base-changed"}:
        facts |= _kind_facts(before, name)
        name = used.removeprefix(module).lstrip(".")
    if not pair.upstream(module):
        given = _passed_on(pair, before, module, name) if isinstance(before.source, Module | None) else None
        if given is None:
            return None
        module, used, rule = given, f"{given}.{name}", "name-removed"
        symbol = used
    if rule == "module-removed":
        symbol = removed_module(pair.baseline, pair.candidate, module)
        cause = pair.baseline.import_module(symbol)
    elif rule == "name-removed":
        symbol = removed_name(pair.baseline, pair.candidate, used, before.found.entity)
        cause = pair.baseline.path(symbol) if symbol != used else cause
    line, column = (use.line, use.column) if after.step is None else (after.step.line, after.step.column)
    how: How = "string" if use.how == "string" else "attribute"
    if after.index == -1:
        how = "string" if use.how == "string" else "from-import" if use.root.kind == "from" else "import"
    error = after.found.error
    unmatched = after.step is not None and after.step.operand == "pattern"
    if unmatched:
        confidence, facts["raises"] = "possible", ""
    if after.found.note and "raises" in after.found.note:
        facts["note"] = after.found.note
    return Breakage(
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
        raises=frozenset()
        if unmatched
        else after.found.lineage or LINEAGES.get(error, frozenset({error, "Exception", "BaseException"})),
        detail="a pattern that asks for it matches no instance" if unmatched else "",
        facts=facts,
        cause_file=cause.file,
        cause_line=cause.line,
        used=used if used != symbol else "",
    )


def _kind_facts(before: Reached, name: str) -> BreakFacts:
    """Whether only instances have the attribute: then no program can show it on the class."""
    source = before.source.of if isinstance(before.source, Instance) else before.source
    of_class = not isinstance(source, Class) or name in source.facts.members or name not in source.facts.instance
    return {} if of_class else {"old_kind": "instance attribute"}


def _named(pair: ReleasePair, use: Use, before: Reached, after: Reached) -> tuple[str, str, str, str]:
    """`(symbol, module, name, rule)` of what is gone."""
    if after.index == -1:
        if use.root.kind == "from":
            module = use.root.module
            if pair.candidate.import_module(module).state == "absent":
                gone = after.found.note if after.found.note and after.found.note in module else module
                return f"{module}.{use.root.name}", module, use.root.name, "module-removed" if gone else "name-removed"
            symbol = f"{module}.{use.root.name}"
            if _is_module(before.found, symbol):
                return symbol, symbol, "", "module-removed"
            return symbol, module, use.root.name, "name-removed"
        return use.root.name, use.root.name, "", "module-removed"
    step = after.step
    name = step.name if step is not None and step.name is not None else ""
    source = before.source
    match source:
        case Module(name=module):
            symbol = f"{module}.{name}"
            if _is_module(before.found, symbol) and symbol in pair.baseline.surfaces[0].sources:
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


def _holder(pair: ReleasePair, cls: Class, name: str) -> Class | None:
    """The upstream class that gives the attribute, to its own instances or to a downstream's subclass."""
    line, _, _ = pair.baseline.mro(cls)
    return next(
        (c for c in line if pair.upstream(owner_module(c)) and (name in c.facts.members or name in c.facts.instance)),
        None,
    )


def _module_went(pair: ReleasePair, use: Use, after: Reached) -> bool:
    """The very module is gone: whatever name of it was wanted cannot be had."""
    if after.index != -1 or use.root.kind != "from":
        return False
    module = use.root.module
    return (
        pair.baseline.import_module(module).state == "present"
        and pair.candidate.import_module(module).state == "absent"
    )


def _is_module(found: Resolution, path: str) -> bool:
    """Whether `path` is a module of its own, not another name for one."""
    return isinstance(found.entity, Module) and found.entity.name == path


def _stood_in_text(pair: ReleasePair, use: Use, before: Reached, after: Reached) -> bool:
    """The baseline makes the name at run time: it stands in the text of the old module and no longer in the new one."""
    if not before.found.dynamic and "run time" not in before.found.note:
        return False
    if after.index == -1:
        module, name = use.root.module, use.root.name
    elif isinstance(before.source, Module) and after.step is not None and after.step.name is not None:
        module, name = before.source.name, after.step.name
    else:
        return False
    return bool(module) and _mentions(pair.baseline, module, name) and not _mentions(pair.candidate, module, name)


def _stood_in_binary(pair: ReleasePair, before: Reached, after: Reached) -> bool:
    """A class that was compiled is read now, and lacks a name that stands in the binary it was in."""
    source, step = before.source, after.step
    if not isinstance(source, Value) or source.binding is not None or step is None or step.name is None:
        return False
    surface = pair.baseline.surface_of(source.module) if isinstance(after.source, Class) else None
    return surface is not None and surface.binary_has(source.module, step.name)


def _mentions(resolver: Resolver, module: str, name: str) -> bool:
    surface, facts = resolver.surface_of(module), resolver.facts(module)
    parsed = surface.tree(facts.file) if surface is not None and facts is not None and facts.file else None
    return parsed is not None and re.search(rf"\b{re.escape(name)}\b", parsed.text) is not None
