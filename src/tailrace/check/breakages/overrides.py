"""Compares the downstream's subclasses of upstream classes with both releases: overridden methods that are no longer
called, abstract methods that are new.

Three contracts: a hook that the base no longer has or calls (`override-orphaned`), a hook that the base now calls
with other
arguments (`arity-changed`), a name that the base builds from the subclass's own strings (`getattr(self, "parse_" +
rule)`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from tailrace.check.breakage import Breakage
from tailrace.check.breakages.finder import FileFinder, FileView
from tailrace.check.release_pair import ReleasePair
from tailrace.python.memo import Memo
from tailrace.python.modules import STUB, Surface, is_test_file
from tailrace.python.parsing import Parsed
from tailrace.python.semantics.entities import Class, Function
from tailrace.python.semantics.forwarding import call_fails
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.semantics.signatures import bind, signature_of
from tailrace.python.text import children, descendants, dotted, literal_string, source_of
from tailrace.python.usages import CallShape, FileUsage, OwnClass, Root, Use
from tailrace.python.usages.chains import call_shape

_Shapes = dict[str, list[CallShape]]
# `self.x(…)` calls by class and line; `anything.x(…)` calls by name and by file; the beginnings of built names by file.
_SELF_CALLS: Memo[Surface, tuple[str, int], _Shapes] = Memo()
_CALLS: Memo[Surface, str, tuple[CallShape, ...]] = Memo()
_CALLS_IN_FILE: Memo[Surface, str, _Shapes] = Memo()
_PREFIXES: Memo[Surface, str, frozenset[str]] = Memo()


def find_broken_contracts(pair: ReleasePair, usage: FileUsage, surface: Surface) -> Iterator[Breakage]:
    """Every contract between the file's classes and their upstream bases that the candidate breaks."""
    for own in usage.classes:
        baseline = pair.baseline.expression(own.name, usage.module).entity
        candidate = pair.candidate.expression(own.name, usage.module).entity
        if not isinstance(baseline, Class) or not isinstance(candidate, Class):
            continue
        baseline_bases, candidate_bases = (
            upstream_bases(pair, pair.baseline, baseline),
            upstream_bases(pair, pair.candidate, candidate),
        )
        if not baseline_bases or not candidate_bases:
            continue
        yield from _orphans(pair, usage, own, baseline_bases, candidate, candidate_bases)
        yield from _called_otherwise(pair, usage, own, candidate, baseline_bases, candidate_bases)
        yield from _names_built(pair, usage, own, baseline, candidate, candidate_bases, surface)
        yield from _derived(pair, usage, own, baseline, candidate)
        yield from _constructed_otherwise(pair, usage, own, candidate, baseline_bases, candidate_bases)


def upstream_bases(pair: ReleasePair, resolver: Resolver, cls: Class) -> tuple[Class, ...]:
    """The upstream classes among the bases, nearest first."""
    line, _, _ = resolver.mro(cls)
    return tuple(c for c in line[1:] if pair.upstream(c.module.removesuffix(STUB)))


def _orphans(
    pair: ReleasePair,
    usage: FileUsage,
    own: OwnClass,
    baseline_bases: tuple[Class, ...],
    candidate: Class,
    candidate_bases: tuple[Class, ...],
) -> Iterator[Breakage]:
    gone: list[tuple[str, int, Class]] = []
    for name, line in own.methods:
        if name.startswith("__") and name.endswith("__"):
            continue
        holder = next((c for c in baseline_bases if _has_method(c, name)), None)
        if (
            holder is None
            or not _base_lacks(pair, candidate, candidate_bases, name)
            or _takes_anything(candidate, name)
        ):
            continue
        if _self_calls(pair.candidate, candidate).get(name):
            continue  # the subclass has a use for it of its own
        if _calls(pair.baseline, baseline_bases, name) and not _calls(pair.candidate, candidate_bases, name):
            gone.append((name, line, holder))
    if not gone:
        return
    # A class that also overrides the successor of the hook serves both versions.
    successors = [
        n
        for n, _ in own.methods
        if any(_has_method(c, n) for c in candidate_bases) and not any(_has_method(c, n) for c in baseline_bases)
    ]
    if successors:
        return
    for name, line, holder in gone:
        yield _hit(
            pair, usage, own, "override-orphaned", holder, name, line, f"{holder.facts.name} calls `{name}` no more"
        )


def _has_method(cls: Class, name: str) -> bool:
    return any(b.function is not None for b in cls.facts.members.get(name, ()))


def _takes_anything(cls: Class, name: str) -> bool:
    """`def hook(self, *args, **kwargs)`: written for more than one version of the base."""
    bindings = [b.function for b in cls.facts.members.get(name, ()) if b.function is not None]
    return bool(bindings) and {p.kind for p in bindings[-1].params[1:]} == {"var-positional", "var-keyword"}


def _base_lacks(pair: ReleasePair, candidate: Class, bases: tuple[Class, ...], name: str) -> bool:
    line, doubt, _ = pair.candidate.mro(candidate)
    del line
    return not doubt and not any(name in c.facts.members or name in c.facts.instance for c in bases)


def _calls(resolver: Resolver, classes: tuple[Class, ...], name: str) -> tuple[CallShape, ...]:
    """The shapes of `self.NAME(…)` in the bodies of the classes."""
    return tuple(shape for cls in classes for shape in _self_calls(resolver, cls).get(name, ()))


def _self_calls(resolver: Resolver, cls: Class) -> dict[str, list[CallShape]]:
    """`self.x(…)` calls and mentions (`self.x` passed on counts as a call of unknown shape) in one class body."""
    surface, facts = resolver.surface_of(cls.module), resolver.facts(cls.module)
    if surface is None or facts is None:
        return {}
    known, key = _SELF_CALLS.of(surface), (cls.path, cls.facts.line)
    if key in known:
        return known[key]
    found: dict[str, list[CallShape]] = {}
    known[key] = found
    parsed = surface.tree(facts.file)
    node = class_node(parsed.tree, cls.facts.line) if parsed is not None else None
    if node is None:
        return found
    called: set[int] = set()
    for part in descendants(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            if isinstance(part.func.value, ast.Name) and part.func.value.id in {"self", "cls"}:
                found.setdefault(part.func.attr, []).append(call_shape(part))
                called.add(id(part.func))
        elif isinstance(part, ast.Call) and dotted(part.func) == "getattr" and len(part.args) > 1:
            asked = literal_string(part.args[1])
            if asked is not None and dotted(part.args[0]) in {"self", "cls"}:
                found.setdefault(asked, []).append(CallShape(0, star=True, double_star=True))
    for part in descendants(node):
        if (
            isinstance(part, ast.Attribute)
            and id(part) not in called
            and isinstance(part.value, ast.Name)
            and part.value.id in {"self", "cls"}
        ):
            found.setdefault(part.attr, []).append(CallShape(0, star=True, double_star=True))
    return found


def _calls_anywhere(resolver: Resolver, name: str) -> tuple[CallShape, ...]:
    """The shapes of every `anything.NAME(…)` in the upstream, `super()` calls left out."""
    surface = resolver.surfaces[0]
    known = _CALLS.of(surface)
    if name not in known:
        files = [f for f in surface.artifact.python_files if not is_test_file(f) and not f.endswith(".pyi")]
        known[name] = tuple(shape for file in files for shape in _calls_in(surface, file, name))
    return known[name]


def _calls_in(surface: Surface, file: str, name: str) -> tuple[CallShape, ...]:
    """The same in one file, all of whose calls are listed when the first of them is asked for."""
    known = _CALLS_IN_FILE.of(surface)
    if file in known:
        return tuple(known[file].get(name, ()))
    try:
        data = (surface.artifact.root / file).read_bytes()
        if name.encode() + b"(" not in data or not re.search(rb"(?<!super\(\))\.\s*" + name.encode() + rb"\(", data):
            return ()
    except OSError:
        return ()
    parsed = surface.tree(file)
    found: dict[str, list[CallShape]] = {}
    for node in descendants(parsed.tree) if parsed is not None else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            receiver = node.func.value
            if not (isinstance(receiver, ast.Call) and dotted(receiver.func) == "super"):
                found.setdefault(node.func.attr, []).append(call_shape(node))
    known[file] = found
    return tuple(found.get(name, ()))


def _called_otherwise(
    pair: ReleasePair,
    usage: FileUsage,
    own: OwnClass,
    candidate: Class,
    baseline_bases: tuple[Class, ...],
    candidate_bases: tuple[Class, ...],
) -> Iterator[Breakage]:
    for name, line in own.methods:
        holder = next((c for c in baseline_bases if _has_method(c, name)), None)
        if holder is None or (name.startswith("__") and name.endswith("__")):
            continue
        bindings = [b for b in candidate.facts.members.get(name, ()) if b.function is not None]
        if not bindings or bindings[-1].function is None:
            continue
        function = Function(candidate.module, f"{candidate.path}.{name}", bindings[-1].function, candidate, bound=True)
        if any("static" in d or "class" in d or "property" in d for d in function.facts.decorators):
            continue
        signature = signature_of(pair.candidate, function)
        if signature is None or signature.wrapped:
            continue
        now = [bind(signature, shape).outcome for shape in _calls(pair.candidate, candidate_bases, name)]
        if now:
            in_baseline = [bind(signature, shape).outcome for shape in _calls(pair.baseline, baseline_bases, name)]
            if "fails" not in now or "fails" in in_baseline:
                continue
        else:  # no method calls it on `self`: look at calls on any object
            now = [bind(signature, shape).outcome for shape in _calls_anywhere(pair.candidate, name)]
            if "fails" not in now or "binds" in now:
                continue
            if not any(bind(signature, shape).outcome == "binds" for shape in _calls_anywhere(pair.baseline, name)):
                continue
        detail = f"{candidate_bases[0].facts.name} now calls `{name}` with other arguments"
        yield _hit(pair, usage, own, "arity-changed", holder, name, line, detail)


def _derived(
    pair: ReleasePair, usage: FileUsage, own: OwnClass, baseline: Class, candidate: Class
) -> Iterator[Breakage]:
    """`__init_subclass__` of the base asks for something that the class statement does not give, or refuses it."""
    if own.keywords is None:
        return
    shape = CallShape(0, own.keywords)
    asked = [_init_subclass(side, cls) for side, cls in ((pair.baseline, baseline), (pair.candidate, candidate))]
    if asked[1] is None or not pair.upstream(asked[1].module.removesuffix(STUB)):
        return
    failed = call_fails(pair.candidate, asked[1], shape)
    if not isinstance(failed, tuple) or (
        asked[0] is not None and call_fails(pair.baseline, asked[0], shape) is not None
    ):
        return
    holder = asked[1].owner
    if holder is None:
        return
    base = pair.baseline.path(asked[1].path.rpartition(".")[0]).entity
    hit = _hit(
        pair,
        usage,
        own,
        "arity-changed",
        base if isinstance(base, Class) else holder,
        "__init_subclass__",
        own.line,
        failed[2],
    )
    yield replace(hit, use=msgspec.structs.replace(hit.use, scope="import") if hit.use is not None else None)


def _init_subclass(resolver: Resolver, cls: Class) -> Function | None:
    for base in resolver.mro(cls)[0][1:]:
        found = [b.function for b in base.facts.members.get("__init_subclass__", ()) if b.function is not None]
        if found:
            return Function(base.module, f"{base.path}.__init_subclass__", found[-1], base, bound=True)
    return None


def _constructed_otherwise(
    pair: ReleasePair,
    usage: FileUsage,
    own: OwnClass,
    candidate: Class,
    baseline_bases: tuple[Class, ...],
    candidate_bases: tuple[Class, ...],
) -> Iterator[Breakage]:
    """The base makes instances of the subclass, `cls(…)` or `type(self)(…)`, with arguments that it does not take."""
    line = next((line for name, line in own.methods if name == "__init__"), None)
    if line is None:
        return
    signature = signature_of(pair.candidate, candidate)
    if signature is None or signature.wrapped:
        return
    taken = {name for name, _ in own.methods}
    surface = pair.candidate.surface_of(candidate.module)
    for cls in pair.candidate.mro(candidate)[0]:  # also the downstream's own classes in between
        if pair.candidate.surface_of(cls.module) is surface:
            taken |= cls.facts.members.keys()
    for method, shapes in _made(pair.candidate, candidate_bases).items():
        if method in taken:
            continue
        in_baseline = _made(pair.baseline, baseline_bases).get(method, ())
        fails = any(bind(signature, shape).outcome == "fails" for shape in shapes)
        if fails and in_baseline and all(bind(signature, shape).outcome == "binds" for shape in in_baseline):
            detail = f"{candidate_bases[0].facts.name}.{method} now makes instances with other arguments"
            yield _hit(pair, usage, own, "arity-changed", baseline_bases[0], "__init__", line, detail)
            return


def _made(resolver: Resolver, classes: tuple[Class, ...]) -> _Shapes:
    """The shapes of `cls(…)`, `self.__class__(…)` and `type(self)(…)` in the methods of the classes, by method."""
    found: _Shapes = {}
    for cls in classes:
        for name, bindings in cls.facts.members.items():
            facts = bindings[-1].function
            if facts is None or name in found:
                continue
            node = function_node(resolver, Function(cls.module, f"{cls.path}.{name}", facts, cls))
            first = next(iter((*node.args.posonlyargs, *node.args.args)), None) if node is not None else None
            if node is None or first is None:
                continue
            is_class = any(d.rsplit(".", 1)[-1] == "classmethod" for d in facts.decorators)
            made = {first.arg} if is_class else {f"{first.arg}.__class__", f"type({first.arg})"}
            shapes = [
                call_shape(part)
                for part in descendants(node)
                if isinstance(part, ast.Call) and source_of(part.func) in made
            ]
            if shapes:
                found[name] = shapes
    return found


def _names_built(
    pair: ReleasePair,
    usage: FileUsage,
    own: OwnClass,
    baseline: Class,
    candidate: Class,
    candidate_bases: tuple[Class, ...],
    surface: Surface,
) -> Iterator[Breakage]:
    """`getattr(self, "parse_" + name)` in a base, over strings that the subclass lists."""
    prefixes = {p for base in candidate_bases for p in _prefixes(pair.candidate, base)}
    parsed = surface.tree(usage.file) if prefixes else None
    if parsed is None:
        return
    node = class_node(parsed.tree, own.line)
    for statement in node.body if node is not None else ():
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            continue
        for part in _unconditional(statement.value):
            text = literal_string(part)
            if text is None or not text.isidentifier():
                continue
            for prefix in prefixes:
                name = prefix + text
                in_baseline = pair.baseline.class_attribute(baseline, name, instance=True)
                in_candidate = pair.candidate.class_attribute(candidate, name, instance=True)
                if in_baseline.state == "present" and in_candidate.state == "absent":
                    holder = next(
                        (c for c in upstream_bases(pair, pair.baseline, baseline) if name in c.facts.members),
                        candidate_bases[0],
                    )
                    detail = f"{holder.facts.name} looks `{name}` up for {text!r}"
                    hit = _hit(pair, usage, own, "attribute-removed", holder, name, part.lineno, detail)
                    yield hit


def _unconditional(node: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression that are evaluated whatever its tests say."""
    stack: list[ast.AST] = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, ast.IfExp):
            continue
        if isinstance(part, ast.expr):
            yield part
        stack.extend(children(part))


def class_node(tree: ast.Module, line: int) -> ast.ClassDef | None:
    """The class statement at a line; expressions are not walked."""
    stack: list[ast.AST] = list(tree.body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.ClassDef) and node.lineno == line:
            return node
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            stack.extend(child for child in children(node) if not isinstance(child, ast.expr))
    return None


def _prefixes(resolver: Resolver, cls: Class) -> frozenset[str]:
    surface, facts = resolver.surface_of(cls.module), resolver.facts(cls.module)
    if surface is None or facts is None:
        return frozenset()
    known = _PREFIXES.of(surface)
    if facts.file not in known:
        parsed = surface.tree(facts.file)
        known[facts.file] = _prefixes_in(parsed) if parsed is not None and "getattr" in parsed.text else frozenset()
    return known[facts.file]


def _prefixes_in(parsed: Parsed) -> frozenset[str]:
    found: set[str] = set()
    for node in descendants(parsed.tree):
        if not isinstance(node, ast.Call) or dotted(node.func) != "getattr" or len(node.args) < 2:
            continue
        if len(node.args) > 2 or dotted(node.args[0]) not in {"self", "cls"}:
            continue
        name = node.args[1]
        first: ast.expr | None = None
        if isinstance(name, ast.BinOp) and isinstance(name.op, ast.Add | ast.Mod):
            first = name.left
        elif isinstance(name, ast.JoinedStr) and name.values:
            first = name.values[0]
        prefix = literal_string(first)
        if prefix is not None:
            prefix = prefix.split("%", 1)[0]
            if len(prefix) >= 2 and prefix.isidentifier():
                found.add(prefix)
    return frozenset(found)


def _hit(
    pair: ReleasePair, usage: FileUsage, own: OwnClass, rule: str, holder: Class, name: str, line: int, detail: str
) -> Breakage:
    facts = pair.baseline.facts(holder.module)
    members = holder.facts.members.get(name, ())
    use = Use(Root("class", own.name), (), "attribute", line, 1, f"{usage.module}.{own.name}", "function", own.around)
    return Breakage(
        rule=rule,
        symbol=f"{holder.path}.{name}",
        module=holder.module.removesuffix(STUB),
        name=f"{holder.facts.name}.{name}",
        how="override",
        file=usage.file,
        line=line,
        column=1,
        use=use,
        confidence="certain" if rule != "attribute-removed" else "likely",
        raises=frozenset()
        if rule == "override-orphaned"
        else frozenset({"TypeError" if rule == "arity-changed" else "AttributeError", "Exception", "BaseException"}),
        detail=detail,
        facts={"new_kind": "uncalled"}
        if rule == "override-orphaned"
        and pair.candidate.class_attribute(holder, name, instance=True).state == "present"
        else {},
        cause_file=facts.file if facts is not None else None,
        cause_line=members[-1].line if members else holder.facts.line,
    )


def _find(view: FileView) -> Iterator[Breakage]:
    return find_broken_contracts(view.pair, view.usage, view.surface)


FINDER = FileFinder(frozenset({"override-orphaned", "arity-changed", "attribute-removed"}), _find, rank=20)
