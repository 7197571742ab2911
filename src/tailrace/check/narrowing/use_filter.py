"""Selects the uses of a file that may lead to the upstream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tailrace.changes.diff import Hurt
from tailrace.python import builtin_names
from tailrace.python.facts import Binding
from tailrace.python.modules import Surface
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.usages import FileUsage, Root, Use


@dataclass(slots=True)
class LiveRoots:
    """Tells which names lead somewhere: `live` are the downstream's modules that name the upstream or one another.

    `hurt`: what can be hurt at all, where that is known.
    """

    resolvers: tuple[Resolver, ...]
    downstream: Surface
    live: frozenset[str]
    hurt: Hurt | None = None
    _above: frozenset[str] = field(init=False)
    _known: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = (name.split(".") for name in self.live)
        self._above = frozenset(".".join(each[:depth]) for each in parts for depth in range(1, len(each) + 1))

    def uses(self, usage: FileUsage) -> Iterator[Use]:
        """The uses whose first name may lead to the upstream, in the order of the file."""
        names: dict[str, bool] = {}
        for use in usage.uses:
            if self.hurt is not None and not _can_be_hurt(use, self.hurt):
                continue
            root = use.root
            if root.kind == "name":
                if root.name not in names:
                    names[root.name] = self._name(usage.module, root.name)
                if names[root.name]:
                    yield use
            elif self._root(root):
                yield use

    def _root(self, root: Root) -> bool:
        match root.kind:
            case "import":
                return self._module(root.name)
            case "from":
                return self._module(root.module) or self._module(f"{root.module}.{root.name}")
            case _:
                return True

    def _module(self, name: str) -> bool:
        """Whether a module, or one below it, may lead to the upstream. Modules of others cannot."""
        if name not in self._known:
            own = self.downstream.source(name) is not None
            foreign = not own and not any(resolver.knows(name) for resolver in self.resolvers)
            self._known[name] = not foreign and (not own or name in self._above)
        return self._known[name]

    def _name(self, module: str, name: str) -> bool:
        facts = self.downstream.module(module)
        if facts is None:
            return True
        bindings = facts.bindings.get(name)
        if bindings is None:
            return bool(facts.stars) or facts.open_names or name not in builtin_names.BUILTINS
        return any(self._binding(binding) for binding in bindings)

    def _binding(self, binding: Binding) -> bool:
        if binding.kind == "import":
            return self._module(binding.target or "")
        if binding.kind == "from":
            target = binding.target or ""
            return self._module(target) or self._module(f"{target}.{binding.attr}")
        return True


def _can_be_hurt(use: Use, hurt: Hurt) -> bool:
    """Whether a use holds a word of a change, or an argument that some function no longer takes."""
    root = use.root
    if root.name in hurt.words or any(part in hurt.words for part in (*root.name.split("."), *root.module.split("."))):
        return True
    for step in use.steps:
        if step.name is not None and step.name in hurt.words:
            return True
        call = step.call
        if call is not None and (
            any(keyword in hurt.keywords or keyword in hurt.words for keyword in call.keywords)
            or (hurt.positions is not None and call.positional > hurt.positions)
        ):
            return True
    return False


def live_modules(downstream: Surface, files: Iterable[str]) -> frozenset[str]:
    """The modules of the files that name the upstream, or a module that does; what has no name is left out."""
    return frozenset(name for file in files if (name := downstream.module_of_file(file)) is not None)
