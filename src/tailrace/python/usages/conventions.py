"""What the untyped parameters of a function are by convention: by its name, its decorator, or where it is passed."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from tailrace.python.text import descendants, dotted, literal_string
from tailrace.python.usages.chains import Chain
from tailrace.python.usages.values import Root, Step

# Calls within a module that a parameter is followed through.
_DEEP = 2

Chains = tuple[Chain, ...]
ByIndex = Mapping[int, Chains]


LIST_OF = "[]"


def instance_of(path: str) -> Chains:
    """An instance of the class at a dotted path; of a list of them where the path ends in `[]`."""
    module, _, name = path.removesuffix(LIST_OF).rpartition(".")
    chain = Chain(Root("from", name, module), (Step(instance=True),))
    return (chain.then(Step(element="<list>")) if path.endswith(LIST_OF) else chain,)


@dataclass(frozen=True, slots=True)
class Conventions:
    """The fields are those of a host (`python.plugins.hosts`), with chains in place of paths."""

    parameters: Mapping[tuple[str, int], Chains] = field(default_factory=dict)
    named: Mapping[tuple[str, str], Chains] = field(default_factory=dict)
    handlers: Mapping[str, Mapping[str, ByIndex]] = field(default_factory=dict)
    decorated: Mapping[str, ByIndex] = field(default_factory=dict)
    fixtures: Mapping[str, Chains] = field(default_factory=dict)

    def classes(self) -> frozenset[str]:
        """The dotted paths of the classes of which plug-ins are given instances."""
        by = [by for events in self.handlers.values() for by in events.values()]
        by += self.decorated.values()
        given = [*self.parameters.values(), *self.named.values(), *self.fixtures.values()]
        given += [chains for each in by for chains in each.values()]
        return frozenset(f"{chain.root.module}.{chain.root.name}" for chains in given for chain in chains)

    def pattern(self) -> re.Pattern[bytes]:
        """What the bytes of a file must match for one of the conventions to hold in it."""
        starts = [re.escape(name.encode()) + rb"\b" for name, _ in self.parameters]
        starts += [re.escape(start.encode()) for start, _ in self.named]
        starts += [b"test"] if self.fixtures else []
        parts = [rb"\bdef[ \t]+(?:" + b"|".join(sorted(set(starts))) + b")"] if starts else []
        parts += [rb"\." + re.escape(method.encode()) + rb"\(" for method in self.handlers]
        parts += [rb"@(?:\w+\.)*" + re.escape(mark.encode()) + rb"\b" for mark in self.decorated]
        parts += [rb"fixture\b"] if self.fixtures else []
        return re.compile(b"|".join(parts) or b"(?!)")

    def handled(self, tree: ast.Module) -> dict[str, ByIndex]:
        """The functions of a module that are passed as handlers, with what their parameters are."""
        found: dict[str, ByIndex] = {}
        if not (self.parameters or self.named or self.handlers or self.decorated):
            return found
        for node in descendants(tree) if self.handlers else ():
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or len(node.args) < 2:
                continue
            events = self.handlers.get(node.func.attr)
            handler = dotted(node.args[1])
            if events is not None and handler is not None:
                event = literal_string(node.args[0]) or ""
                found[handler.rpartition(".")[2]] = events.get(event) or events.get("", {})
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        for _ in range(_DEEP):
            for function in functions.values():
                self._hand_on(function, functions.keys(), found)
        return found

    def _hand_on(
        self,
        function: ast.FunctionDef | ast.AsyncFunctionDef,
        known: Collection[str],
        found: dict[str, ByIndex],
    ) -> None:
        """Note what a function of the module gets from another one: `def setup(app): add_files(app)`."""
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        held = {
            name: chains
            for index, name in enumerate(names)
            if (chains := found.get(function.name, {}).get(index) or self.of(function, index, name))
        }
        for node in descendants(function) if held else ():
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in known:
                continue
            given = {
                index: held[argument.id]
                for index, argument in enumerate(node.args)
                if isinstance(argument, ast.Name) and argument.id in held
            }
            if given and node.func.id != function.name:
                found[node.func.id] = {**found.get(node.func.id, {}), **given}

    def of(self, node: ast.FunctionDef | ast.AsyncFunctionDef, index: int, name: str) -> Chains:
        """What the parameter `name`, the one of `index` without `self`, is in a function."""
        given = self.parameters.get((node.name, index))
        if given is None:
            given = next(
                (
                    chains
                    for (start, known), chains in self.named.items()
                    if known == name and node.name.startswith(start)
                ),
                None,
            )
        if given is None and (self.decorated or self.fixtures):
            marks = set(_marks(node))
            given = next((by[index] for mark, by in self.decorated.items() if mark in marks and index in by), None)
            if given is None and (node.name.startswith("test") or "fixture" in marks):
                given = self.fixtures.get(name)
        return given or ()


def _marks(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        yield (dotted(called) or "").rpartition(".")[2]
