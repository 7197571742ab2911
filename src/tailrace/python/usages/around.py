"""Finds what surrounds a line of a file: for places that no use of the upstream marks."""

from __future__ import annotations

import ast

from tailrace.python.usages.ends import attempt_of
from tailrace.python.usages.values import Condition, InHandler, InTry, Surrounding


def surroundings_of(tree: ast.Module, line: int, module: str) -> tuple[tuple[Surrounding, ...], str, bool]:
    """The tests and `try` statements that a line stands in, the dotted path of the code around it, and whether that
    runs when the module is imported.

    Statements before the line that leave the block are not looked at.
    """
    around: list[Surrounding] = []
    path, at_import = module, True
    within: tuple[int, ...] = ()
    body: list[ast.stmt] = tree.body
    while True:
        node = next((s for s in body if s.lineno <= line <= (s.end_lineno or s.lineno)), None)
        if node is None:
            return tuple(around), path, at_import
        body = []
        match node:
            case ast.If() | ast.While():
                if _holds(node.body, line):
                    around.append(Condition(node.test, True, within))
                    body = node.body
                elif _holds(node.orelse, line):
                    around.append(Condition(node.test, False, within))
                    body = node.orelse
            case ast.Try() | ast.TryStar():
                attempt = attempt_of(node, node.body, node.handlers)
                handler = next((h for h in node.handlers if _holds(h.body, line)), None)
                if handler is not None:
                    around.append(InHandler(attempt, handler))
                    body = handler.body
                elif _holds(node.body, line):
                    around.append(InTry(attempt))
                    body = node.body
                else:
                    body = [*node.orelse, *node.finalbody]
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                path = f"{path}.{node.name}"
                if not isinstance(node, ast.ClassDef):
                    around = [a for a in around if not isinstance(a, InTry)]
                    within = (*within, node.lineno)
                    at_import = False
                body = node.body
            case ast.With() | ast.AsyncWith() | ast.For() | ast.AsyncFor():
                body = [*node.body, *getattr(node, "orelse", ())]
            case ast.Match():
                body = next((case.body for case in node.cases if _holds(case.body, line)), [])
            case _:
                pass


def _holds(body: list[ast.stmt], line: int) -> bool:
    return bool(body) and body[0].lineno <= line <= (body[-1].end_lineno or body[-1].lineno)
