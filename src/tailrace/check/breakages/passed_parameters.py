"""Follows what own functions are given, and reports what fails on it: `def dump(doc): doc.serialize()`.

Only parameters without an annotation, and only where every call that is found gives the same kind of thing, which is
the upstream's. Executes nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tailrace.check.breakage import Breakage
from tailrace.check.breakages.find import judge_use
from tailrace.check.breakages.kept_parameters import at_both_places, given_instance
from tailrace.check.release_pair import ReleasePair
from tailrace.python.modules import Surface, is_test_file
from tailrace.python.semantics.chains import walk
from tailrace.python.semantics.entities import Class, Function
from tailrace.python.text import descendants, dotted
from tailrace.python.usages import Construction, FileUsage, Root, Step, Use

_ATTRIBUTE = re.compile(rb"\.([A-Za-z_]\w*)")
_MOST_BYTES, _MOST_FUNCTIONS, _MOST_CALLS = 2_000_000, 200, 8
_Node = ast.FunctionDef | ast.AsyncFunctionDef
# Reads a file again, with the calls of functions of these names.
Reread = Callable[[str, frozenset[str]], FileUsage | None]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A parameter of an own function, and the attributes that are asked of it: name, line and column, from 1."""

    file: str
    path: str
    name: str
    parameter: str
    position: int
    places: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that gives the parameter, with the chain that leads to what is given."""

    usage: FileUsage
    call: Construction
    chain: tuple[Root, tuple[Step, ...]]
    cls: Class


def find_passed(
    pair: ReleasePair,
    surface: Surface,
    usages: Sequence[FileUsage],
    lost: frozenset[str],
    said: frozenset[tuple[str, int]],
    reread: Reread,
) -> Iterator[Breakage]:
    """A break where the attribute is asked for, and one where the value is given. `lost`: names that fewer classes
    have. `said`: the files and lines where a break is found already."""
    asked = [one for one in _asked(surface, lost) if said.isdisjoint((one.file, line) for _, line, _ in one.places)]
    if not asked or len(asked) > _MOST_FUNCTIONS:
        return
    names = frozenset(one.name for one in asked)
    calls: dict[str, list[tuple[FileUsage, Construction]]] = {}
    for usage in usages:
        if not any(f"{name}(" in usage.text for name in names):
            continue
        again = reread(usage.file, names)
        for call in again.constructions if again is not None else ():
            reached = list(walk(pair.baseline, usage.module, call.use.root, call.use.steps))[-1]
            if isinstance(reached.source, Function) and reached.index == len(call.use.steps) - 1:
                calls.setdefault(reached.source.path, []).append((usage, call))
    for one in asked:
        given = _given(pair, calls.get(one.path, ()), one)
        for passed in given if len({each.cls.path for each in given}) == 1 else ():
            yield from _judge(pair, one, passed)


def _asked(surface: Surface, lost: frozenset[str]) -> Iterator[_Asked]:
    words = {word.encode() for word in lost if not word.startswith("__")}
    artifact = surface.artifact
    size = 0
    for file in artifact.python_files:
        if is_test_file(file) or not file.endswith(".py"):
            continue
        try:
            data = (artifact.root / file).read_bytes()
        except OSError:
            continue
        size += len(data)
        if size > _MOST_BYTES:
            return
        if words.isdisjoint(_ATTRIBUTE.findall(data)):
            continue
        parsed, module = surface.tree(file), surface.module_of_file(file)
        if parsed is not None and module is not None:
            for node in parsed.tree.body:
                yield from _of_definition(node, file, module, lost, "")


def _of_definition(node: ast.stmt, file: str, module: str, lost: frozenset[str], cls: str) -> Iterator[_Asked]:
    if isinstance(node, ast.ClassDef) and not cls:
        for each in node.body:
            yield from _of_definition(each, file, module, lost, node.name)
    if not isinstance(node, _Node):
        return
    plain = [*node.args.posonlyargs, *node.args.args]
    words = {(dotted(d) or "?").rsplit(".", 1)[-1] for d in node.decorator_list}
    if words - {"staticmethod", "classmethod"}:
        return
    skipped = 1 if cls and "staticmethod" not in words else 0
    for place, argument in enumerate([*plain[skipped:], *node.args.kwonlyargs]):
        if argument.annotation is not None:
            continue
        places = tuple(_places(node, argument.arg, lost))
        if places:
            path = f"{module}.{cls}.{node.name}" if cls else f"{module}.{node.name}"
            position = place if place < len(plain) - skipped else -1
            yield _Asked(file, path, node.name, argument.arg, position, places)


def _places(node: _Node, parameter: str, lost: frozenset[str]) -> Iterator[tuple[str, int, int]]:
    """Where attributes of a parameter are read for sure: it is bound nowhere else, and no test or `try` is about it."""
    above: dict[ast.AST, ast.AST] = {}
    reads: list[ast.Attribute] = []
    for part in (node, *descendants(node)):
        for child in ast.iter_child_nodes(part):
            above[child] = part
        match part:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.ExceptHandler(name=name) if name == parameter:
                return
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda() if (
                part is not node and parameter in _own_parameters(part)
            ):
                return
            case ast.Call(func=ast.Name(id="isinstance" | "hasattr" | "getattr" | "type"), args=[first, *_]) if (
                dotted(first) == parameter
            ):
                return
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Load()) if name == parameter:
                if attribute in lost:
                    reads.append(part)
            case _:
                continue
    for read in reads:
        parent: ast.AST | None = above.get(read)
        while parent is not None and not isinstance(parent, ast.Try):
            parent = above.get(parent)
        if parent is None:
            yield read.attr, read.end_lineno or read.lineno, (read.end_col_offset or 0) - len(read.attr) + 1


def _own_parameters(node: _Node | ast.Lambda) -> set[str]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return {argument.arg for argument in every if argument is not None}


def _given(pair: ReleasePair, calls: Iterable[tuple[FileUsage, Construction]], asked: _Asked) -> list[_Call]:
    """Every call with what it gives; none where one of them gives something else, or it is not known what."""
    found: list[_Call] = []
    for usage, call in calls:
        chains = [chains for place, chains in call.arguments if place in {asked.position, asked.parameter}]
        if not chains and not any(place in {"*", "**"} for place, _ in call.arguments):
            continue  # left out, or `None`
        if not chains or not chains[0]:
            return []
        for chain in chains[0]:
            instance = given_instance(pair, usage, chain)
            if instance is None:
                return []
            found.append(_Call(usage, call, chain, instance))
    return found if len(found) <= _MOST_CALLS else []


def _judge(pair: ReleasePair, asked: _Asked, given: _Call) -> Iterator[Breakage]:
    root, steps = given.chain
    call = given.call.use
    for name, line, column in asked.places:
        step = Step(name, line=line, column=column)
        place = line, column
        imagined = Use(root, (*steps, step), "attribute", *place, call.inside, call.scope, call.around)
        there = Use(Root("name", asked.name), (), "attribute", *place, asked.path, "function", ())
        for hit in judge_use(pair, given.usage, imagined):
            if (hit.line, hit.column) != place:
                continue
            yield from at_both_places(hit, asked.file, there, given.usage.file, call, "function")
