"""Puts a resolver together with the interpreter that decides computed names."""

from __future__ import annotations

from typing import Literal

from tailrace.python.interpreter.hooks import evaluate_all, evaluate_getattr, evaluate_keyword, is_computing_all
from tailrace.python.modules import Surface
from tailrace.python.semantics.decorators import effect_of
from tailrace.python.semantics.entities import Class, Entity, Function, Resolution
from tailrace.python.semantics.handing import attributes_set_for
from tailrace.python.semantics.inferred import infer_attribute, infer_result
from tailrace.python.semantics.registrars import registers_names
from tailrace.python.semantics.resolver import Resolver


class _Interpreted:
    """Decides the names that a module computes by interpreting it."""

    def module_attribute(self, resolver: Resolver, module: str, name: str) -> Resolution:
        return evaluate_getattr(resolver, module, name)

    def all_names(self, resolver: Resolver, module: str) -> frozenset[str]:
        return evaluate_all(resolver, module)

    def is_computing_all(self, resolver: Resolver, module: str) -> bool:
        return is_computing_all(resolver, module)

    def registers_names(self, resolver: Resolver, function: Function) -> bool:
        return registers_names(resolver, function)

    def takes_keyword(self, resolver: Resolver, function: Function, keyword: str) -> Literal["yes", "no", "unknown"]:
        return evaluate_keyword(resolver, function, keyword)

    def keeps_result(self, resolver: Resolver, decorator: str, module: str) -> bool:
        return effect_of(resolver, decorator, module).keeps_result

    def result(self, resolver: Resolver, function: Function, how: Literal["return", "yield"]) -> Entity | None:
        return infer_result(resolver, function, how)

    def kept(self, resolver: Resolver, owner: Class, name: str) -> Entity | None:
        return infer_attribute(resolver, owner, name)

    def is_set_for(self, resolver: Resolver, cls: Class, name: str) -> bool:
        return name in attributes_set_for(resolver, cls)

    def sets_attribute(self, resolver: Resolver, decorator: str, module: str, name: str) -> bool:
        effect = effect_of(resolver, decorator, module)
        return not effect.known or not effect.keeps_result or effect.sets is None or name in effect.sets


def make_resolver(
    *surfaces: Surface,
    versions: dict[str, str] | None = None,
    owned: frozenset[str] = frozenset(),
    required: frozenset[str] = frozenset(),
) -> Resolver:
    """A resolver over the surfaces; the arguments are those of `Resolver`."""
    return Resolver(*surfaces, computed=_Interpreted(), versions=versions, owned=owned, required=required)
