"""Classes and modules of the upstream that a downstream knows by their names: `type(error).__name__ == "Timeout"`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

import msgspec

from tailrace.changes.interfaces.files import holding
from tailrace.check.breakage import Breakage
from tailrace.check.interfaces.view import Finder, View
from tailrace.python.modules import is_test_file
from tailrace.python.text import children, descendants, literal_string
from tailrace.python.usages import InHandler, Use

_NAMES = frozenset({"__name__", "__qualname__"})
# Beside an operator that compares; few files that ask for a name compare it.
_ASKED = re.compile(
    rb"\.(?:__name__|__qualname__|__module__)\s*(?:[!=]=|in\b)"
    rb"|(?:[!=]=|\bin\b)\s{0,200}[^\n]{0,300}?\.(?:__name__|__qualname__|__module__)\b"
)
_MOST = 200  # texts of one downstream


def find(view: View) -> Iterator[Breakage]:
    """`value-removed` where a test for the name of a class or a module can no longer be true."""
    for file in view.matching(_ASKED, view.pair.roots) if view.pair.roots else ():
        parsed = view.tree(file) if not is_test_file(file) else None
        for kind, alternatives in list(_tests(parsed.tree))[:_MOST] if parsed is not None else ():
            state = {text: _state(view, kind, text) for text in alternatives}
            if any(each == "candidate" for each in state.values()):
                continue  # both names are known
            for text, node in alternatives.items():
                if state[text] == "baseline":
                    hit = view.value_removed(f"value:{text}", file, node, "possible", frozenset(), {"value": text})
                    yield replace(hit, use=_outside_handlers(hit.use))


def _outside_handlers(use: Use | None) -> Use | None:
    """The place without the handlers around it: what handles an error is where its class is asked for."""
    if use is None:
        return None
    return msgspec.structs.replace(use, around=tuple(item for item in use.around if not isinstance(item, InHandler)))


def _tests(tree: ast.Module) -> Iterator[tuple[str, dict[str, ast.expr]]]:
    """Each test for a name: what is asked (`class`, `module`), and the texts of which any one is right."""
    stack: list[tuple[ast.AST, bool]] = [(tree, False)]
    while stack:
        node, counted = stack.pop()
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or) and not counted:
            found: dict[str, dict[str, ast.expr]] = {}
            for inner in descendants(node):
                for kind, texts in _compared(inner):
                    found.setdefault(kind, {}).update(texts)
            yield from found.items()
            counted = True
        elif not counted:
            yield from _compared(node)
        stack += [(child, counted) for child in reversed(children(node))]


def _compared(node: ast.AST) -> Iterator[tuple[str, dict[str, ast.expr]]]:
    if not isinstance(node, ast.Compare) or not all(isinstance(op, ast.Eq | ast.NotEq | ast.In) for op in node.ops):
        return
    sides = (node.left, *node.comparators)
    for side in sides:
        if isinstance(side, ast.Attribute) and (side.attr in _NAMES or side.attr == "__module__"):
            texts: dict[str, ast.expr] = {}
            for other in sides:
                elements = other.elts if isinstance(other, ast.List | ast.Tuple | ast.Set) else [other]
                texts |= {text: each for each in elements if (text := literal_string(each)) is not None}
            yield ("module" if side.attr == "__module__" else "class"), texts


def _state(view: View, kind: str, text: str) -> str:
    """Which release defines it alone: `baseline` or `candidate`; `""` for both, or for none."""
    if kind == "module":
        if text.partition(".")[0] not in view.pair.roots:
            return ""
        before, after = (
            resolver.import_module(text).state == "present" for resolver in (view.pair.baseline, view.pair.candidate)
        )
    elif re.fullmatch(r"[A-Za-z_]\w*", text):
        defined = re.compile(
            rb"^\s*class\s+" + text.encode() + rb"\b|\btype\(\s*['\"]" + text.encode() + rb"['\"]", re.M
        )
        before = any(True for _ in holding(view.baseline.artifact, defined))
        named = re.compile(rb"\b" + text.encode() + rb"\b")
        after = before and any(True for _ in holding(view.candidate.artifact, named))
        if not before:
            fresh = any(True for _ in holding(view.candidate.artifact, defined))
            return "candidate" if fresh else ""
    else:
        return ""
    return "baseline" if before and not after else "candidate" if after and not before else ""


FINDER = Finder(find)
