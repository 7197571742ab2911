"""Keys that a downstream asks of a mapping which the upstream hands it, and that the candidate's no longer has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from tailrace.changes.interfaces.mapping_keys import LostKeys, lost_keys
from tailrace.check.breakage import LINEAGES, Breakage
from tailrace.check.interfaces.view import Finder, View
from tailrace.model import Confidence
from tailrace.python.commandlines.invocations import last_name
from tailrace.python.modules import is_test_file
from tailrace.python.text import descendants, dotted, literal_string
from tailrace.rules.interface import BreakFacts

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def find(view: View) -> Iterator[Breakage]:
    """`value-removed`, where a function is given the mapping by the name of its parameter or by its annotation."""
    lost = view.once("mapping keys", lambda: lost_keys(view.baseline, view.candidate))
    roots = re.compile(rb"\b(?:" + b"|".join(re.escape(root.encode()) for root in sorted(view.pair.roots)) + rb")\b")
    for each in lost if view.pair.roots else ():
        for file in view.holding(each.lines):
            parsed = view.tree(file) if roots.search(view.data(file)) and not is_test_file(file) else None
            for node in descendants(parsed.tree) if parsed is not None else ():
                match node:
                    case ast.ClassDef(bases=[_, *_], body=body):
                        for method in body:
                            if isinstance(method, _Function):
                                yield from _of_function(view, file, method, each, is_method=True)
                    case ast.FunctionDef() | ast.AsyncFunctionDef():
                        yield from _of_function(view, file, node, each, is_method=False)
                    case ast.Subscript(value=ast.Call(func=func), ctx=ast.Load()) if last_name(func) in each.giving:
                        yield from _hit(view, file, node.slice, each, "likely")
                    case _:
                        pass


def _of_function(view: View, file: str, function: _Function, lost: LostKeys, *, is_method: bool) -> Iterator[Breakage]:
    """The keys that one function asks of a mapping that it is given, or that it got."""
    spec = function.args
    held = set()
    name = lost.path.rpartition(".")[2]
    for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
        annotated = (literal_string(argument.annotation) or dotted(argument.annotation) or "").rpartition(".")[2]
        if annotated == name or (is_method and not annotated and (function.name, argument.arg) in lost.given):
            held.add(argument.arg)
    nodes = descendants(function)
    for node in nodes:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Call)
            and last_name(node.value.func) in lost.giving
        ):
            held |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    if not held:
        return
    asked = {
        literal_string(node.left)
        for node in nodes
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn)
    }
    for node in nodes:
        match node:
            case ast.Subscript(value=ast.Name(id=owner), ctx=ast.Load()) if owner in held:
                if literal_string(node.slice) not in asked:
                    yield from _hit(view, file, node.slice, lost, "likely")
            case ast.Call(func=ast.Attribute(attr="get" | "pop", value=ast.Name(id=owner)), args=[key, *_]) if (
                owner in held
            ):
                yield from _hit(view, file, key, lost, "possible")
            case _:
                pass


def _hit(view: View, file: str, key: ast.expr, lost: LostKeys, confidence: Confidence) -> Iterator[Breakage]:
    text = literal_string(key)
    if text is None or text not in lost.lines:
        return
    facts: BreakFacts = {"value": text, "kind": "key", "base": lost.path}
    hit = view.value_removed(f"{lost.path}[{text}]", file, key, confidence, LINEAGES["KeyError"], facts)
    yield replace(hit, cause_file=lost.file, cause_line=lost.lines[text])


FINDER = Finder(find)
