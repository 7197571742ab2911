"""Read pytest fixtures and what asks for them by name from a syntax tree. Resolves and imports nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tailrace.python.text import descendants, dotted, literal_string

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, eq=False)
class Fixture:
    """A function that a decorator makes a fixture, under the name by which it is asked for. `asks`: its parameters."""

    name: str
    line: int
    asks: tuple[ast.arg, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A place that asks for a fixture: the parameter of a fixture or test, a mark, or `getfixturevalue`."""

    name: str
    node: ast.expr | ast.arg


def read_fixtures(tree: ast.Module) -> Iterator[Fixture]:
    """The fixtures that a module defines, in its classes too."""
    for node in descendants(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                name = _fixture_name(decorator, node.name)
                if name is not None:
                    yield Fixture(name, node.lineno, tuple(node.args.args))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            # tmp_path_factory_session = pytest.fixture(scope="session", name=…)(function)
            inner = node.value.func
            if isinstance(inner, ast.Call) and _is_fixture(inner.func):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        yield Fixture(target.id, node.lineno)


def read_requests(tree: ast.Module, names: frozenset[str]) -> Iterator[Request]:
    """Every place that asks for one of the fixtures `names`."""
    for node in descendants(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _of_function(node, names)
        elif isinstance(node, ast.Call):
            last = (dotted(node.func) or "").rpartition(".")[2]
            if last in {"usefixtures", "getfixturevalue", "getfuncargvalue"}:
                for argument in node.args:
                    text = literal_string(argument)
                    if text in names:
                        yield Request(text, argument)


def _of_function(node: Function, names: frozenset[str]) -> Iterator[Request]:
    is_fixture = any(_fixture_name(d, node.name) is not None for d in node.decorator_list)
    if not is_fixture and not node.name.startswith("test"):
        return
    given = _parametrized(node)
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    defaults = len(node.args.defaults)
    plain = [*node.args.posonlyargs, *node.args.args]
    asked = plain[: len(plain) - defaults] if defaults else plain
    for argument in arguments:
        if argument.arg in names and argument.arg not in given and (argument in asked or argument not in plain):
            yield Request(argument.arg, argument)


def _parametrized(node: Function) -> set[str]:
    """The parameters that `pytest.mark.parametrize` or a mock gives."""
    found: set[str] = set()
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and (dotted(decorator.func) or "").endswith("parametrize"):
            text = literal_string(decorator.args[0]) if decorator.args else None
            found.update(name.strip() for name in (text or "").split(","))
            if decorator.args and isinstance(decorator.args[0], ast.List | ast.Tuple):
                found.update(t for element in decorator.args[0].elts if (t := literal_string(element)))
    return found


def _fixture_name(decorator: ast.expr, own: str) -> str | None:
    if isinstance(decorator, ast.Call):
        if not _is_fixture(decorator.func):
            return None
        named = next((k.value for k in decorator.keywords if k.arg == "name"), None)
        return own if named is None else literal_string(named)
    return own if _is_fixture(decorator) else None


def _is_fixture(node: ast.expr) -> bool:
    last = (dotted(node) or "").rpartition(".")[2]
    return last in {"fixture", "yield_fixture", "async_fixture"}
