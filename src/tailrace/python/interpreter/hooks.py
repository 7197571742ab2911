"""Decides what a module's `__getattr__` does with a literal name: present, absent, or undecided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tailrace.python.interpreter.frames import Frame, OutOfBudget
from tailrace.python.interpreter.interpreter import Interpreter
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Hooks, ModuleValue
from tailrace.python.interpreter.values import Function as FunctionValue
from tailrace.python.modules import STUB
from tailrace.python.semantics.entities import Class, Entity, Function, Module, Resolution, Value
from tailrace.python.semantics.function_nodes import function_node

if TYPE_CHECKING:
    from tailrace.python.semantics.resolver import Resolver

_machines: dict[int, tuple[Resolver, Interpreter]] = {}


def machine_of(world: Resolver) -> Interpreter:
    """The evaluator of a world; its module variables are shared by all questions about that world."""
    known = _machines.get(id(world))
    if known is None or known[0] is not world:
        if len(_machines) > 8:
            _machines.clear()
        known = (world, Interpreter(world))
        _machines[id(world)] = known
    return known[1]


def evaluate_all(world: Resolver, module: str) -> frozenset[str]:
    """The names that surely stand in a module's `__all__`, as far as its computation can be followed."""
    machine = machine_of(world)
    machine.budget = 200_000
    try:
        listed = machine.runner.global_value(module, "__all__")
    except (OutOfBudget, RecursionError):
        return frozenset()
    return frozenset(n for n in listed if isinstance(n, str)) if isinstance(listed, list | tuple) else frozenset()


def is_computing_all(world: Resolver, module: str) -> bool:
    """Whether a module's `__all__` is being computed, so that it holds only a part of its names."""
    return machine_of(world).runner.is_running(module, "__all__")


def evaluate_keyword(world: Resolver, function: Function, keyword: str) -> Literal["yes", "no", "unknown"]:
    """Whether calling a function with a keyword that goes into its `**kwargs` surely raises, or surely returns."""
    node = function_node(world, function)
    if node is None or function.facts.decorators or function.facts.is_generator or function.facts.is_async:
        return "unknown"
    machine = machine_of(world)
    machine.budget = 20_000
    try:
        found = machine.outcomes(
            FunctionValue(node, Frame(function.module, is_module=True)), Arguments((), {keyword: UNKNOWN})
        )
    except (OutOfBudget, RecursionError):
        return "unknown"
    if found.raised and not found.returned:
        return "no" if all(r.certain for r in found.raised) else "unknown"
    return "yes" if found.returned and not found.raised else "unknown"


def _attached(world: Resolver, module: str, name: str, origin: str | None) -> Entity:
    """What a lazily attached name leads to: a name of a submodule, a submodule, or what the stub beside the module
    says."""
    if origin is not None:
        found = world.from_import(f"{module}.{origin}", name)
    elif (found := world.import_module(f"{module}.{name}")).state != "present":
        found = world.member(module + STUB, name)
    if found.state == "present" and isinstance(found.entity, Module | Class | Function):
        return found.entity
    return Value(module, f"{module}.{name}")


def evaluate_getattr(world: Resolver, module: str, name: str) -> Resolution:
    """What `module.name` does when only `__getattr__` can answer."""
    machine = machine_of(world)
    undecided = Resolution("unknown", dynamic=True, note=f"{module}.__getattr__ is not decided for {name!r}")
    machine.budget = 200_000
    try:
        hook = machine.runner.global_value(module, "__getattr__")
        if isinstance(hook, Hooks):
            if name in hook.names:
                return Resolution("present", _attached(world, module, name, hook.origins.get(name)), dynamic=True)
            return Resolution("absent", error="AttributeError", dynamic=True)
        if not isinstance(hook, FunctionValue):
            return undecided
        found = machine.outcomes(hook, Arguments((name,)))
    except (OutOfBudget, RecursionError):
        return undecided
    facts = world.facts(module)
    file, line = (facts.file if facts is not None else None), getattr(hook.node, "lineno", None)
    if found.returned and not found.raised:
        value = found.returned[0]
        entity = Module(value.name) if isinstance(value, ModuleValue) else Value(module, f"{module}.{name}")
        return Resolution("present", entity, file=file, line=line, dynamic=True)
    if found.raised and not found.returned and all(r.certain or len(found.raised) > 1 for r in found.raised):
        error = found.raised[-1].name
        return Resolution(
            "absent",
            error=error,
            file=file,
            line=line,
            dynamic=True,
            note=f"{module}.__getattr__ raises {error}",
            lineage=found.raised[-1].lineage,
        )
    return undecided
