"""Names that the baseline defines and for which the candidate has only what answers to any name: `__getattr__`, a base
in another distribution, names made at run time. "Dynamic" does not mean that everything is there."""

from __future__ import annotations

import ast

from tailrace.changes.results import type_text
from tailrace.python.memo import Memo
from tailrace.python.modules import STUB, Surface
from tailrace.python.parsing import identifiers
from tailrace.python.semantics.decorators import effect_of
from tailrace.python.semantics.entities import (
    Class,
    Entity,
    External,
    Function,
    Instance,
    Module,
    Resolution,
    Union,
)
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.resolver import UNREADABLE, Resolver
from tailrace.python.text import descendants, dotted, literal_string, statements

_WORDS: Memo[Surface, str, frozenset[bytes]] = Memo()
_TABLES: Memo[Resolver, str, dict[str, frozenset[str]]] = Memo()


def only_fallback(
    baseline: Resolver,
    candidate: Resolver,
    in_baseline: Entity | None,
    in_candidate: Entity | None,
    name: str,
    baseline_found: Resolution,
    candidate_found: Resolution,
) -> bool:
    """Whether the baseline defines the name, and in the candidate only a fallback that was there already can answer."""
    if candidate_found.state != "unknown" or candidate_found is UNREADABLE:
        return False
    if isinstance(in_baseline, Module) and isinstance(in_candidate, Module) and baseline_found.state == "unknown":
        module = in_baseline.name
        if module != in_candidate.name or not baseline_found.dynamic:
            return False
        return _listed(baseline, candidate, module, name) or _left_table(baseline, candidate, module, name)
    if baseline_found.state != "present" or baseline_found.dynamic:
        return False
    if isinstance(in_baseline, Union) and isinstance(in_candidate, Union):
        return lost_member(baseline, candidate, in_baseline, in_candidate, name) is not None
    if isinstance(in_baseline, Module) and isinstance(in_candidate, Module):
        return _module(baseline, candidate, in_baseline, in_candidate, name, candidate_found)
    mine = in_baseline.of if isinstance(in_baseline, Instance) else in_baseline
    theirs = in_candidate.of if isinstance(in_candidate, Instance) else in_candidate
    if not isinstance(mine, Class) or not isinstance(theirs, Class):
        return False
    return _class(baseline, candidate, mine, theirs, name)


def lost_member(
    baseline: Resolver, candidate: Resolver, in_baseline: Union, in_candidate: Union, name: str
) -> tuple[Entity, Entity] | None:
    """Of two unions, the member that had the name and has only a fallback; `None` where some other has it still."""
    found: tuple[Entity, Entity] | None = None
    for mine in in_baseline.members:
        baseline_found = baseline.attribute(mine, name)
        if baseline_found.state == "absent":
            continue
        theirs = next((each for each in in_candidate.members if type_text(each) == type_text(mine)), None)
        candidate_found = candidate.attribute(theirs, name) if theirs is not None else None
        if theirs is None or candidate_found is None:
            return None
        if candidate_found.state != "absent" and not only_fallback(
            baseline, candidate, mine, theirs, name, baseline_found, candidate_found
        ):
            return None
        found = found or (mine, theirs)
    return found


def _class(baseline: Resolver, candidate: Resolver, in_baseline: Class, in_candidate: Class, name: str) -> bool:
    line, _, standard = baseline.mro(in_baseline)
    new_line, _, candidate_standard = candidate.mro(in_candidate)
    holder = next((c for c in line if name in c.facts.members or name in c.facts.instance), None)
    if holder is None or not baseline.surfaces[0].source(holder.module.removesuffix(STUB)):
        return False
    if any(b.made_by is not None for b in holder.facts.members.get(name, ())):
        return False
    if _overrides(baseline, holder, name):
        return False  # it was the base's before, and is again
    if any(name in c.facts.members or name in c.facts.instance for c in new_line):
        return False
    if any(surface.sets_by_text(c.facts.name, name) for c in new_line for surface in candidate.surfaces):
        return False
    if not set(candidate_standard) <= set(standard) or not _foreign(candidate, new_line) <= _foreign(baseline, line):
        return False  # a base that is new may give it
    if not _openings(new_line) <= _openings(line):
        return False
    if any(c.facts.open_class or c.facts.open_decorators for c in new_line) and name in _texts(candidate, new_line):
        return False
    decorators = ((d, c.module) for c in new_line for d in c.facts.open_decorators)
    if any(name in (effect_of(candidate, decorator, module).sets or ()) for decorator, module in decorators):
        return False
    metaclasses = {c.facts.metaclass for c in new_line}
    if not metaclasses <= {c.facts.metaclass for c in line}:
        return False
    return _hooks(candidate, new_line, name) <= _hooks(baseline, line, "")


def _overrides(resolver: Resolver, cls: Class, name: str) -> bool:
    """Whether a method is one of a base, which it calls or says that it overrides."""
    for binding in cls.facts.members.get(name, ()):
        if binding.function is None:
            continue
        if any(text.rsplit(".", 1)[-1] == "override" for text in binding.function.decorators):
            return True
        node = function_node(resolver, Function(cls.module, f"{cls.path}.{name}", binding.function))
        for part in descendants(node) if node is not None else ():
            if isinstance(part, ast.Attribute) and part.attr == name and _is_super(part.value):
                return True
    return False


def _is_super(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and dotted(node.func) == "super"


def _openings(line: tuple[Class, ...]) -> set[tuple[str, str, tuple[str, ...]]]:
    """The classes that may have names which cannot be listed, and why."""
    found: set[tuple[str, str, tuple[str, ...]]] = set()
    for cls in line:
        if cls.facts.open_class or cls.facts.open_decorators:
            found.add(("class", cls.facts.name, cls.facts.decorators))
        if cls.facts.open_instance:
            found.add(("instance", cls.facts.name, ()))
    return found


def _foreign(resolver: Resolver, line: tuple[Class, ...]) -> set[str]:
    """The bases that are not known, by the path that their text leads to."""
    found: set[str] = set()
    for cls in line:
        for base in cls.facts.bases:
            entity = resolver.expression(base, cls.module, within=cls).entity if base != "?" else None
            if isinstance(entity, External):
                found.add(entity.path)
            elif not isinstance(entity, Class) and not base.startswith("namedtuple:"):
                found.add(base)
    return found


def _hooks(resolver: Resolver, line: tuple[Class, ...], name: str) -> set[str]:
    """What the classes' `__getattr__` do, as texts; one that spells the name out is like no other."""
    found: set[str] = set()
    for cls in line:
        for hook in ("__getattr__", "__getattribute__"):
            for binding in cls.facts.members.get(hook, ()):
                if binding.function is None:
                    found.add(f"{cls.path}.{hook}")
                    continue
                node = function_node(resolver, Function(cls.module, f"{cls.path}.{hook}", binding.function))
                text = ast.dump(ast.Module(node.body, [])) if node is not None else cls.path
                found.add(f"{text} {name}" if name and f"'{name}'" in text else text)
    return found


def _texts(resolver: Resolver, line: tuple[Class, ...]) -> frozenset[str]:
    """The words of the modules in which the classes stand."""
    found: set[str] = set()
    for cls in line:
        surface, facts = resolver.surface_of(cls.module), resolver.facts(cls.module)
        parsed = surface.tree(facts.file) if surface is not None and facts is not None and facts.file else None
        if parsed is not None:
            found.update(word.decode("utf-8", "replace") for word in identifiers(parsed.text.encode()))
    return frozenset(found)


def _module(
    baseline: Resolver,
    candidate: Resolver,
    in_baseline: Module,
    in_candidate: Module,
    name: str,
    candidate_found: Resolution,
) -> bool:
    """A module of the same name that may make any name: the name must stand nowhere in the candidate."""
    if in_baseline.name != in_candidate.name or isinstance(candidate_found.entity, External) or name.startswith("__"):
        return False
    mine, theirs = baseline.facts(in_baseline.name), candidate.facts(in_candidate.name)
    if mine is None or theirs is None or not any(b.runtime and b.made_by is None for b in mine.bindings.get(name, ())):
        return False
    if theirs.bindings.get(name) or not (theirs.open_names or theirs.getattr_hook or theirs.stars):
        return False
    if theirs.open_names and not mine.open_names:
        return False  # what makes names now may make this one, of parts that stand nowhere together
    return name.encode() not in _words_of(candidate.surfaces[0])


def _listed(baseline: Resolver, candidate: Resolver, module: str, name: str) -> bool:
    """Whether a module that an object replaces lists its names for type checkers, and this one only in the baseline.

    What replaces the module gives the same names by its own list, which stands in the same file.
    """
    mine, theirs = baseline.facts(module), candidate.facts(module)
    if mine is None or theirs is None or not (mine.replaced and theirs.replaced):
        return False
    bound = mine.bindings.get(name, ())
    if not bound or any(b.runtime or b.kind != "from" for b in bound) or theirs.bindings.get(name) or theirs.stars:
        return False
    if not all(baseline.from_import(b.target or "", b.attr or "").state == "present" for b in bound):
        return False
    surface = candidate.surface_of(module)
    parsed = surface.tree(theirs.file) if surface is not None else None
    if parsed is None or "import *" in parsed.text:
        return False
    kept = [other for other, found in theirs.bindings.items() if any(not b.runtime for b in found)]
    words = identifiers(parsed.text.encode())
    return bool(kept) and name.encode() not in words


def _left_table(baseline: Resolver, candidate: Resolver, module: str, name: str) -> bool:
    """Whether a dictionary at the top of a module lists the name in the baseline, and in the candidate it is there
    without, and the name stands nowhere else in the module: `__deprecated_attributes__ = {"name": …}`,
    `_import_structure = {"submodule": ["name"]}`. A dictionary that other code fills than in the baseline may have it.
    """
    mine, theirs = _tables(baseline, module), _tables(candidate, module)
    held = [table for table, keys in mine.items() if name in keys]
    surface, facts = candidate.surface_of(module), candidate.facts(module)
    parsed = surface.tree(facts.file) if surface is not None and facts is not None else None
    if not held or parsed is None or not all(table in theirs for table in held):
        return False
    if any(text.startswith("by ") for table in held for text in theirs[table] - mine[table]):
        return False
    return name.encode() not in identifiers(parsed.text.encode())


def _tables(resolver: Resolver, module: str) -> dict[str, frozenset[str]]:
    """The dictionaries at the top of a module, with what they list: literal keys, and texts in lists as values. What
    fills one otherwise stands for itself, as the text of a statement."""
    known = _TABLES.of(resolver)
    if module in known:
        return known[module]
    surface, facts = resolver.surface_of(module), resolver.facts(module)
    parsed = surface.tree(facts.file) if surface is not None and facts is not None and facts.file else None
    found: dict[str, set[str]] = {}
    for node in statements(parsed.tree.body, inner=False) if parsed is not None else ():
        match node:
            case (
                ast.Assign(targets=[ast.Name(id=table)], value=ast.Dict() as value)
                | ast.AnnAssign(target=ast.Name(id=table), value=ast.Dict() as value)
            ):
                found[table] = _listed_in(value)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=table))], value=value) if table in found:
                found[table] |= _listed_in(value)
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(
                        value=ast.Subscript(value=ast.Name(id=table)) | ast.Name(id=table), attr="append" | "extend"
                    ),
                    args=[value],
                )
            ) if table in found:
                found[table] |= _listed_in(value)
            case ast.Expr() | ast.AugAssign() | ast.For():
                for name in [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in found]:
                    found[name].add(f"by {ast.unparse(node)}")
            case _:
                continue
    known[module] = {table: frozenset(texts) for table, texts in found.items()}
    return known[module]


def _listed_in(value: ast.expr) -> set[str]:
    """The texts that a dictionary has as keys and in lists, a list as elements, or a text itself."""
    match value:
        case ast.Dict(keys=keys, values=values):
            found = {text for key in keys if (text := literal_string(key)) is not None}
            lists = (each for each in values if isinstance(each, ast.List | ast.Tuple | ast.Set))
            found.update(*map(_listed_in, lists))
            # What is spread into it, and values that are worked out, may list anything.
            pairs = zip(keys, values, strict=True)
            return found | {f"by {ast.unparse(v)}" for k, v in pairs if k is None or isinstance(v, ast.Call)}
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return {text for element in elements if (text := literal_string(element)) is not None}
        case _:
            text = literal_string(value)
            return {text} if text is not None else {f"by {ast.unparse(value)}"}


def _words_of(surface: Surface) -> frozenset[bytes]:
    """Every word in the files of a release."""
    known = _WORDS.of(surface)
    if "" not in known:
        found: set[bytes] = set()
        artifact = surface.artifact
        for file in (*artifact.python_files, *artifact.compiled_files):
            try:
                found |= identifiers((artifact.root / file).read_bytes())
            except OSError:
                continue
        known[""] = frozenset(found)
    return known[""]
