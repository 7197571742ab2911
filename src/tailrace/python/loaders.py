"""Renames calls of importlib's functions in a syntax tree to one name, whatever a file calls them.

Afterwards `importlib.import_module(…)` means importlib's, and a function of the file's own by that name is told apart.
"""

from __future__ import annotations

import ast

from tailrace.python.text import children, descendants, dotted

# What is renamed, by the dotted path that it has where it is defined.
LOADERS = frozenset({"importlib.import_module", "builtins.__import__", "__import__", "pytest.importorskip"})
LAZY = frozenset({"lazy_loader.load"})
_MODULES = frozenset(path.rpartition(".")[0] for path in (*LOADERS, *LAZY)) - {""}
_NAMES = frozenset(path.rpartition(".")[2] for path in (*LOADERS, *LAZY))
# The nodes that are looked at: those that bind names, and calls.
_TELLING = frozenset(
    (ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Call)
)
#: A file that holds none of these has nothing to rename.
WORDS = ("import_module", "__import__", "importorskip", "lazy_loader")


def rename_loaders(tree: ast.Module) -> None:
    """Rewrites, in place, the callee of each call of a loader; what a definition of the file gives keeps its name,
    and is marked with `own_function`.
    """
    nodes = [node for node in descendants(tree) if node.__class__ in _TELLING]
    known, own = _bound(nodes)
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        path = _path(dotted(node.func), known)
        if path in LOADERS or path in LAZY:
            node.func = _named(path, node.func)
        elif _is_own(node.func, own):
            node.own_function = True  # type: ignore[attr-defined]


def _bound(nodes: list[ast.AST]) -> tuple[dict[str, str], frozenset[str]]:
    """The names that stand for a loader or its module, by the path they stand for; and the names of definitions."""
    known: dict[str, str] = {}
    other: set[str] = set()
    for node in nodes:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    bound = alias.asname or alias.name.split(".")[0]
                    path = alias.name if alias.asname else bound
                    if path in _MODULES:
                        known.setdefault(bound, path)
                    elif bound in known or bound in _NAMES:
                        other.add(bound)
            case ast.ImportFrom(names=names, module=module, level=0):
                for alias in names:
                    path = f"{module}.{alias.name}"
                    if path in LOADERS or path in LAZY:
                        known.setdefault(alias.asname or alias.name, path)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                given = _path(dotted(value), known)
                if given is not None and given in LOADERS:
                    known.setdefault(name, given)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                other.add(name)
    methods = {
        part.name
        for node in nodes
        if isinstance(node, ast.ClassDef)
        for part in children(node)
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    return {name: path for name, path in known.items() if name not in other - methods}, frozenset(other - known.keys())


def _path(text: str | None, known: dict[str, str]) -> str | None:
    """The dotted text of a callee with the name that it begins with replaced by what that stands for."""
    if text is None:
        return None
    first, dot, rest = text.partition(".")
    return f"{known[first]}{dot}{rest}" if first in known else text


def _is_own(callee: ast.expr, own: frozenset[str]) -> bool:
    """Whether a function that the file defines is called, or a method of the object itself."""
    if isinstance(callee, ast.Name):
        return callee.id in own
    return isinstance(callee, ast.Attribute) and (dotted(callee.value) or "super") in {"self", "cls", "super"}


def _named(path: str, old: ast.expr) -> ast.expr:
    parts = path.split(".")
    new: ast.expr = ast.copy_location(ast.Name(parts[0], ast.Load()), old)
    for part in parts[1:]:
        new = ast.copy_location(ast.Attribute(new, part, ast.Load()), old)
    return new
