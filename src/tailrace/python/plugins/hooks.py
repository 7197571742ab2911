"""Read pluggy's hook specifications and hook implementations from a syntax tree. Resolves and imports nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tailrace.python.text import dotted, literal_string

Function = ast.FunctionDef | ast.AsyncFunctionDef
_MARKED_WITHOUT_NAME = frozenset({"hookimpl", "impl", "hook_impl", "hookimplementation"})


@dataclass(frozen=True, slots=True, eq=False)
class HookSpec:
    """One hook specification. `parameters`: without `self`. `project`: the name given to the marker, where it is known.

    `annotations`: source texts of the annotations by parameter.
    """

    name: str
    parameters: tuple[str, ...]
    line: int
    project: str | None = None
    historic: bool = False
    first_result: bool = False
    annotations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class HookImpl:
    """One function that may implement a hook. `required`: parameters without a default, without `self`.

    `marked`: a decorator says that it implements one. `optional`: it says that the hook need not exist. `wrapper`: it
    runs around the others.
    """

    name: str
    required: tuple[str, ...]
    node: Function
    marked: bool
    optional: bool = False
    wrapper: bool = False
    class_name: str = ""


def markers(tree: ast.Module, kind: str) -> dict[str, str | None]:
    """Names bound to a `HookspecMarker("project")` (or `HookimplMarker`, as `kind` says), with the project."""
    found: dict[str, str | None] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            callee = (dotted(node.value.func) or "").rpartition(".")[2]
            if callee == kind:
                project = literal_string(node.value.args[0]) if node.value.args else None
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        found[target.id] = project
    return found


def read_specs(tree: ast.Module, file: str) -> Iterator[HookSpec]:
    """The hook specifications of a module, at its top level and in its classes."""
    known = markers(tree, "HookspecMarker")
    whole = file.rpartition("/")[2].removesuffix(".py") in {"hookspec", "hookspecs", "_hookspec", "hook_spec"}
    project = next(iter(known.values()), None)
    for function, in_class in _functions(tree):
        given = _marker(function, known.keys() | {"hookspec"}, "hookspec")
        prefixed = whole and project is not None and function.name.startswith(f"{project}_")
        if given is None and not prefixed:
            continue
        options, marker = given or ({}, "")
        required, optional = _parameters(function, in_class)
        yield HookSpec(
            name=function.name,
            parameters=(*required, *optional),
            line=function.lineno,
            project=known.get(marker, project),
            historic=_true(options.get("historic")),
            first_result=_true(options.get("firstresult")),
            annotations=tuple(
                (argument.arg, ast.unparse(argument.annotation))
                for argument in (*function.args.posonlyargs, *function.args.args)
                if argument.annotation is not None
            ),
        )


def read_impls(tree: ast.Module, names: frozenset[str]) -> Iterator[HookImpl]:
    """The functions that implement one of the hooks `names`, by their own name or by `specname`."""
    known = markers(tree, "HookimplMarker").keys() | _MARKED_WITHOUT_NAME
    for function, in_class in _functions(tree):
        given = _marker(function, known, "hookimpl")
        options = given[0] if given is not None else {}
        name = literal_string(options.get("specname")) or function.name
        if name not in names:
            continue
        marks = {(dotted(_called(d)) or "").rpartition(".")[2] for d in function.decorator_list}
        required, _ = _parameters(function, in_class is not None and "staticmethod" not in marks)
        yield HookImpl(
            name=name,
            required=required,
            node=function,
            marked=given is not None,
            optional=_true(options.get("optionalhook")) or "optionalhook" in marks,
            wrapper=_true(options.get("hookwrapper")) or _true(options.get("wrapper")) or "hookwrapper" in marks,
            class_name=in_class or "",
        )


def _functions(tree: ast.Module) -> Iterator[tuple[Function, str | None]]:
    """Functions at the top level, under tests there, and in classes; with the name of the class."""
    todo: list[tuple[ast.stmt, str | None]] = [(node, None) for node in tree.body]
    while todo:
        node, owner = todo.pop(0)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node, owner
            case ast.ClassDef():
                todo += [(child, node.name) for child in node.body]
            case ast.If():
                todo += [(child, owner) for child in (*node.body, *node.orelse)]
            case ast.Try() | ast.TryStar():
                handlers = [child for handler in node.handlers for child in handler.body]
                todo += [(child, owner) for child in (*node.body, *node.orelse, *handlers, *node.finalbody)]
            case _:
                pass


def _marker(
    function: Function, names: frozenset[str] | set[str], kind: str
) -> tuple[dict[str, ast.expr | None], str] | None:
    """The keywords of the decorator that marks a function, and the decorator's name; `None` without one."""
    for decorator in function.decorator_list:
        path = dotted(_called(decorator)) or ""
        last = path.rpartition(".")[2]
        if path in names or last in names or last == kind:
            keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
            return {k.arg: k.value for k in keywords if k.arg is not None}, last
    return None


def _called(node: ast.expr) -> ast.expr:
    return node.func if isinstance(node, ast.Call) else node


def _parameters(function: Function, in_class: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Parameters without a default, and those with one; the first one of a method is left out."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    split = len(names) - len(function.args.defaults)
    required, optional = names[:split], names[split:]
    if in_class and required[:1] and required[0] in {"self", "cls"}:
        required = required[1:]
    return tuple(required), tuple(optional)


def _true(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is True
