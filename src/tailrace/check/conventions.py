"""Which parameters of a downstream's functions hold objects of the upstream, though nothing in the sources says so.

Known hosts say it themselves (`python.plugins.hosts`), hook specifications by their annotations. What remains is taken
from the upstream's sources: a class that calls `module.setup(self)` gives itself to every function of that name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from tailrace.changes.interfaces.files import holding
from tailrace.changes.interfaces.plugin_hooks import specs_of
from tailrace.python.modules import Surface
from tailrace.python.plugins.hosts import HOSTS
from tailrace.python.resolving import make_resolver
from tailrace.python.semantics.entities import Class, Instance
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.text import descendants, dotted
from tailrace.python.usages.conventions import LIST_OF, ByIndex, Chains, Conventions, instance_of

_LIST = re.compile(r"(?:typing\.|t\.)?(?:[Ll]ist|Sequence|Iterable)\[([^\[\]]+)\]")
_FEW = 60  # modules of the upstream that are read for a convention
# Methods of containers and files, which take any object and give it to nobody.
_COLLECTING = frozenset(
    {
        *("append", "add", "remove", "extend", "insert", "update", "register", "put", "push", "discard", "get", "set"),
        *("__init__", "format", "join", "write", "send", "debug", "info", "warning", "error", "copy", "index", "count"),
    }
)


def find_conventions(baseline: Surface, candidate: Surface, lost: Iterable[str]) -> Conventions | None:
    """What plug-ins of the baseline are given; `None` where nothing of it can matter.

    `lost`: members that fewer classes of the candidate have.
    """
    words = frozenset(lost)
    resolver = make_resolver(baseline)
    hosts = [host for host in HOSTS if not host.roots.isdisjoint(baseline.roots)]

    def known(paths: tuple[str, ...]) -> str | None:
        classes = (path for path in paths if isinstance(resolver.path(path.removesuffix(LIST_OF)).entity, Class))
        return next(classes, None)

    parameters: dict[tuple[str, int], Chains] = {}
    named: dict[tuple[str, str], Chains] = {}
    handlers: dict[str, dict[str, ByIndex]] = {}
    decorated: dict[str, ByIndex] = {}
    fixtures: dict[str, Chains] = {}
    for host in hosts:
        parameters |= {key: instance_of(path) for key, paths in host.parameters.items() if (path := known(paths))}
        named |= {key: instance_of(path) for key, paths in host.named.items() if (path := known(paths))}
        fixtures |= {key: instance_of(path) for key, paths in host.fixtures.items() if (path := known(paths))}
        decorated |= {mark: _chains(by, known) for mark, by in host.decorated.items()}
        handlers |= {
            method: {event: _chains(by, known) for event, by in events.items()}
            for method, events in host.handlers.items()
        }
    named |= {key: instance_of(path) for key, path in _annotated(baseline, resolver)}
    if not hosts and words:
        parameters |= {key: instance_of(path) for key, path in _given(baseline, candidate, resolver, words)}
    if not (parameters or named or handlers or decorated or fixtures):
        return None
    return Conventions(parameters, named, handlers, decorated, fixtures)


def changed_methods(conventions: Conventions, baseline: Surface, candidate: Surface) -> frozenset[str]:
    """Methods of what plug-ins are given whose parameters differ, or that hand on what they cannot name themselves."""
    before, after = make_resolver(baseline), make_resolver(candidate)
    found = set()
    for path in conventions.classes():
        in_baseline, in_candidate = before.path(path).entity, after.path(path).entity
        if not isinstance(in_baseline, Class) or not isinstance(in_candidate, Class):
            continue
        kept = in_candidate.facts.members
        for name, bindings in in_baseline.facts.members.items():
            functions = [b.function for b in bindings if b.function is not None]
            others = [b.function for b in kept.get(name, ()) if b.function is not None]
            if not functions:
                continue
            hands_on = any(p.kind == "var-keyword" for p in functions[-1].params)
            if hands_on or not others or functions[-1].params != others[-1].params:
                found.add(name)
    return frozenset(found)


def _chains(by: Mapping[int, tuple[str, ...]], known: Callable[[tuple[str, ...]], str | None]) -> ByIndex:
    return {index: instance_of(path) for index, paths in by.items() if (path := known(paths))}


def _annotated(surface: Surface, resolver: Resolver) -> Iterator[tuple[tuple[str, str], str]]:
    """(hook, parameter) → class, from the annotations of hook specifications."""
    for name, (spec, file) in specs_of(surface).items():
        module = surface.module_of_file(file)
        for parameter, text in spec.annotations if module is not None else ():
            many = _LIST.fullmatch(text.strip("'\""))
            inner = (many[1] if many is not None else text).strip("'\"")
            entity = resolver.annotated(inner, module or "")
            if isinstance(entity, Instance) and resolver.knows(entity.of.path):
                yield (name, parameter), entity.of.path + (LIST_OF if many is not None else "")


def _given(
    surface: Surface, candidate: Surface, resolver: Resolver, lost: frozenset[str]
) -> Iterator[tuple[tuple[str, int], str]]:
    """(function, index) → class, where the upstream calls a function of others with an object of a class of its own.

    Only for classes that have lost a member.
    """
    pattern = re.compile(rb"\bdef (?:" + b"|".join(re.escape(word.encode()) for word in sorted(lost)) + rb")\b")
    after = make_resolver(candidate)
    classes: dict[str, str] = {}
    for file in list(holding(surface.artifact, pattern))[:_FEW]:
        module = surface.module_of_file(file)
        facts = surface.module(module) if module is not None else None
        for name, bindings in facts.bindings.items() if facts is not None else ():
            for binding in bindings:
                if binding.cls is None or lost.isdisjoint(binding.cls.members):
                    continue
                path = f"{module}.{name}"
                kept = after.path(path).entity
                if isinstance(kept, Class) and any(
                    after.class_attribute(kept, word, instance=True).state == "absent"
                    for word in lost & binding.cls.members.keys()
                ):
                    classes[name] = path
    if not classes:
        return
    mentions = re.compile(rb"\b(?:" + b"|".join(re.escape(name.encode()) for name in sorted(classes)) + rb")\b")
    for file in list(holding(surface.artifact, mentions))[:_FEW]:
        parsed = surface.tree(file)
        for name, index, cls in _calls(parsed.tree, classes) if parsed is not None else ():
            yield (name, index), classes[cls]


def _calls(tree: ast.Module, classes: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    """`other.NAME(self)` in one of the classes, `other.NAME(Class(...))`, and the same with a variable for it."""
    owners = {
        id(inner): node.name for node in tree.body if isinstance(node, ast.ClassDef) for inner in descendants(node)
    }
    held: dict[str, str] = {}
    for node in descendants(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made = (dotted(node.value.func) or "").rpartition(".")[2]
            if made in classes:
                held |= {target.id: made for target in node.targets if isinstance(target, ast.Name)}
    for node in descendants(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if node.func.attr in _COLLECTING or (dotted(node.func.value) or "").partition(".")[0] in {"super", "cls"}:
            continue
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "self":
            continue
        for index, argument in enumerate(node.args):
            cls = None
            if isinstance(argument, ast.Name):
                cls = owners.get(id(node)) if argument.id == "self" else held.get(argument.id)
            elif isinstance(argument, ast.Call):
                cls = (dotted(argument.func) or "").rpartition(".")[2]
            if cls is not None and cls in classes:
                yield node.func.attr, index, cls
