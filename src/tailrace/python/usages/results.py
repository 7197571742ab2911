"""Collects what one function gives back and what it sets on its object, with the local variables at that place."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal

from tailrace.python.parsing import Parsed
from tailrace.python.usages.chains import Locals, Owner
from tailrace.python.usages.collect import FunctionReader
from tailrace.python.usages.expressions import Function, Place
from tailrace.python.usages.values import Surrounding


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A value that leaves a function: by `return`, by `yield`, or as the attribute `name` of the own object."""

    how: Literal["return", "yield", "attribute"]
    value: ast.expr | None
    variables: Locals
    name: str = ""


class _Results(FunctionReader):
    def __init__(self, module: str, is_package: bool, parsed: Parsed, function: Function) -> None:
        super().__init__(module, is_package, parsed, None)
        self.function_read = function
        self.given: list[Given] = []

    def statement(
        self, node: ast.stmt, variables: Locals, around: tuple[Surrounding, ...]
    ) -> tuple[tuple[Surrounding, ...], bool]:
        if self.within and self.within[-1] is self.function_read:
            match node:
                case ast.Return(value=value):
                    self._note("return", value, variables)
                case ast.Expr(value=ast.Yield(value=value)) | ast.Assign(value=ast.Yield(value=value)):
                    self._note("yield", value, variables)
                case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=name), attr=attribute)], value=value):
                    if self.owner is not None and name == self.owner.self_name:
                        self._note("attribute", value, variables, attribute)
                case _:
                    pass
        return super().statement(node, variables, around)

    def _note(
        self, how: Literal["return", "yield", "attribute"], value: ast.expr | None, variables: Locals, name: str = ""
    ) -> None:
        self.given.append(Given(how, value, dict(variables), name))


def collect_results(
    parsed: Parsed, module: str, function: Function, owner: Owner | None, *, is_package: bool
) -> tuple[Given, ...]:
    """What a function of the module gives. `owner`: the class that the function is a method of."""
    reader = _Results(module, is_package, parsed, function)
    place = Place(
        f"{module}.{owner.name}.{function.name}" if owner else f"{module}.{function.name}", owner, (function,)
    )
    reader.function_body(function, {}, (), place)
    return tuple(reader.given)


def owner_of(function: Function, cls: str) -> Owner:
    """The class whose method a function is, with the name of its own object."""
    words = {node.id for node in function.decorator_list if isinstance(node, ast.Name)}
    first = [*function.args.posonlyargs, *function.args.args][:1]
    return Owner(
        cls,
        first[0].arg if first and "staticmethod" not in words else None,
        "classmethod" in words or function.name in {"__new__", "__init_subclass__", "__class_getitem__"},
    )
