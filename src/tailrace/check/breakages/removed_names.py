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


def find_star_name(pair: ReleasePair, usage: FileUsage, use: Use, baseline: Reached) -> Breakage | None:
    """A bare name that only `from upstream import *` gave, directly or through the downstream's own modules."""
    if use.root.kind != "name" or baseline.found.state != "present":
        return None
    entity = baseline.found.entity
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
        cause_file=baseline.found.file,
        cause_line=baseline.found.line,
        used=used if used != symbol else "",
    )


def _starred_module(pair: ReleasePair, usage: FileUsage, name: str) -> str | None:
    """The upstream module whose `import *` in this very file gave the name."""
    facts = pair.baseline.facts(usage.module)
    stars = facts.stars if facts is not None else ()
    return next((s for s in stars if pair.upstream(s) and pair.baseline.from_import(s, name).state == "present"), None)


def _passed_on(pair: ReleasePair, baseline: Reached, module: str, name: str) -> str | None:
    """The upstream module whose name a module of the downstream passes on, in which the name itself stands nowhere."""
    given = _given_by_star(pair, module, name)
    facts = pair.baseline.facts(module)
    if given is None and facts is not None and baseline.found.dynamic and name not in facts.bindings:
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


def find_absent(
    pair: ReleasePair, usage: FileUsage, use: Use, baseline: Reached, candidate: Reached
) -> Breakage | None:
    """What a step no longer finds; nothing where the baseline did not surely have it, or it is not the upstream's."""
    if candidate.step is not None and candidate.step.default:
        return None
    confidence: Confidence = "certain"
    if baseline.found.state == "unknown" and not _module_went(pair, use, candidate):
        if not _stood_in_text(pair, use, baseline, candidate) and not _stood_in_binary(pair, baseline, candidate):
            return None
        confidence = "likely"
    elif baseline.found.state == "absent":
        return None
    doubtful = isinstance(candidate.source, Instance) and (candidate.source.maybe or candidate.source.inferred)
    if doubtful or use.root.kind == "parameter" or candidate.found.note == "not in the compiled module":
        confidence = "likely"
    used, module, name, rule = _named(pair, usage, use, baseline, candidate)
    symbol, cause = used, baseline.found
    facts: BreakFacts = {"raises": candidate.found.error}
    lost = find_lost_base(pair.baseline, pair.candidate, baseline, candidate, pair.upstream)
    if lost is not None:
        used, module, rule = f"{lost.cls.path}.{name}", owner_module(lost.cls) or "", "base-changed"
        symbol, cause = lost.cls.path, class_place(pair.baseline, lost.cls)
        facts |= {"base": lost.base, "attribute": name}
    if rule in {"attribute-removed", "base-changed"}:
        facts |= _kind_facts(pair, baseline, name)
        name = used.removeprefix(module).lstrip(".")
    if not pair.upstream(module):
        given = _passed_on(pair, baseline, module, name) if isinstance(baseline.source, Module | None) else None
        if given is None:
            return None
        module, used, rule = given, f"{given}.{name}", "name-removed"
        symbol = used
    if rule == "module-removed":
        symbol = removed_module(pair.baseline, pair.candidate, module)
        cause = pair.baseline.import_module(symbol)
    elif rule == "name-removed":
        symbol = removed_name(pair.baseline, pair.candidate, used, baseline.found.entity)
        cause = pair.baseline.path(symbol) if symbol != used else cause
    line, column = (use.line, use.column) if candidate.step is None else (candidate.step.line, candidate.step.column)
    how: How = "string" if use.how == "string" else "attribute"
    if candidate.index == -1:
        how = "string" if use.how == "string" else "from-import" if use.root.kind == "from" else "import"
    error = candidate.found.error
    unmatched = candidate.step is not None and candidate.step.operand == "pattern"
    if unmatched:
        confidence, facts["raises"] = "possible", ""
    if candidate.found.note and "raises" in candidate.found.note:
        facts["note"] = candidate.found.note
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
        else candidate.found.lineage or LINEAGES.get(error, frozenset({error, "Exception", "BaseException"})),
        detail="a pattern that asks for it matches no instance" if unmatched else "",
        facts=facts,
        cause_file=cause.file,
        cause_line=cause.line,
        used=used if used != symbol else "",
    )


def _kind_facts(pair: ReleasePair, baseline: Reached, name: str) -> BreakFacts:
    """Whether only instances have the attribute: then no program can show it on the class."""
    source = baseline.source.of if isinstance(baseline.source, Instance) else baseline.source
    line = pair.baseline.mro(source)[0] if isinstance(source, Class) else ()
    of_class = not any(name in cls.facts.instance for cls in line) or any(name in cls.facts.members for cls in line)
    return {} if of_class else {"old_kind": "instance attribute"}


def _named(
    pair: ReleasePair, usage: FileUsage, use: Use, baseline: Reached, candidate: Reached
) -> tuple[str, str, str, str]:
    """`(symbol, module, name, rule)` of what is gone."""
    if candidate.index == -1:
        if use.root.kind == "from":
            module = use.root.module
            if pair.candidate.import_module(module).state == "absent":
                gone = candidate.found.note if candidate.found.note and candidate.found.note in module else module
                return f"{module}.{use.root.name}", module, use.root.name, "module-removed" if gone else "name-removed"
            symbol = f"{module}.{use.root.name}"
            if _is_module(baseline.found, symbol):
                return symbol, symbol, "", "module-removed"
            return symbol, module, use.root.name, "name-removed"
        return use.root.name, use.root.name, "", "module-removed"
    step = candidate.step
    name = step.name if step is not None and step.name is not None else ""
    source = baseline.source
    match source:
        case Module(name=module):
            symbol = f"{module}.{name}"
            if _is_module(baseline.found, symbol) and symbol in pair.baseline.surfaces[0].sources:
                return symbol, symbol, "", "module-removed"
            return symbol, module, name, "name-removed"
        case Class() | Instance():
            cls = source.of if isinstance(source, Instance) else source
            owner = _holder(pair, cls, name) or cls
            alias = _led_elsewhere(pair, usage, use, cls, candidate) if source is cls else None
            return f"{alias or owner.path}.{name}", owner_module(owner) or "", name, "attribute-removed"
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


def _led_elsewhere(pair: ReleasePair, usage: FileUsage, use: Use, cls: Class, candidate: Reached) -> str | None:
    """The upstream's name for a class where the candidate's leads to another thing: the class itself lost nothing."""
    steps = use.steps[: candidate.index]
    root = root_path(pair, usage, use)
    if root is None or any(step.name is None for step in steps):
        return None
    path = ".".join([root, *(step.name or "" for step in steps)])
    led, leads = pair.baseline.path(path).entity, pair.candidate.path(path).entity
    if (
        not pair.upstream(path.split(".", 1)[0])
        or not isinstance(led, Class)
        or led.path != cls.path
        or led.path == path
    ):
        return None
    if not isinstance(leads, Class):
        return path if leads is not None else None
    kept = pair.candidate.path(led.path).entity
    return path if isinstance(kept, Class) and kept.facts is not leads.facts else None


def root_path(pair: ReleasePair, usage: FileUsage, use: Use) -> str | None:
    """What the first name of a use was imported from; `None` for a name that is made otherwise."""
    if use.root.kind == "import":
        return use.root.name
    if use.root.kind == "from":
        return f"{use.root.module}.{use.root.name}"
    facts = pair.baseline.facts(usage.module) if use.root.kind == "name" else None
    bound = facts.bindings.get(use.root.name, ()) if facts is not None else ()
    if len(bound) != 1 or bound[0].kind not in {"import", "from"} or bound[0].target is None:
        return None
    return f"{bound[0].target}.{bound[0].attr}" if bound[0].attr else bound[0].target


def _holder(pair: ReleasePair, cls: Class, name: str) -> Class | None:
    """The upstream class that gives the attribute, to its own instances or to a downstream's subclass."""
    line, _, _ = pair.baseline.mro(cls)
    return next(
        (c for c in line if pair.upstream(owner_module(c)) and (name in c.facts.members or name in c.facts.instance)),
        None,
    )


def _module_went(pair: ReleasePair, use: Use, candidate: Reached) -> bool:
    """The very module is gone: whatever name of it was wanted cannot be had."""
    if candidate.index != -1 or use.root.kind != "from":
        return False
    module = use.root.module
    return (
        pair.baseline.import_module(module).state == "present"
        and pair.candidate.import_module(module).state == "absent"
    )


def _is_module(found: Resolution, path: str) -> bool:
    """Whether `path` is a module of its own, not another name for one."""
    return isinstance(found.entity, Module) and found.entity.name == path


def _stood_in_text(pair: ReleasePair, use: Use, baseline: Reached, candidate: Reached) -> bool:
    """The baseline makes the name at run time: it stands in the text of the old module and no longer in the new one."""
    if not baseline.found.dynamic and "run time" not in baseline.found.note:
        return False
    if candidate.index == -1:
        module, name = use.root.module, use.root.name
    elif isinstance(baseline.source, Module) and candidate.step is not None and candidate.step.name is not None:
        module, name = baseline.source.name, candidate.step.name
    else:
        return False
    return bool(module) and _mentions(pair.baseline, module, name) and not _mentions(pair.candidate, module, name)


def _stood_in_binary(pair: ReleasePair, baseline: Reached, candidate: Reached) -> bool:
    """A class that was compiled is read now, and lacks a name that stands in the binary it was in."""
    source, step = baseline.source, candidate.step
    if not isinstance(source, Value) or source.binding is not None or step is None or step.name is None:
        return False
    surface = pair.baseline.surface_of(source.module) if isinstance(candidate.source, Class) else None
    return surface is not None and surface.binary_has(source.module, step.name)


def _mentions(resolver: Resolver, module: str, name: str) -> bool:
    surface, facts = resolver.surface_of(module), resolver.facts(module)
    parsed = surface.tree(facts.file) if surface is not None and facts is not None and facts.file else None
    return parsed is not None and re.search(rf"\b{re.escape(name)}\b", parsed.text) is not None
