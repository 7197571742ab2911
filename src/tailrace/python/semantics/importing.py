"""Surfaces of one moment in, whether a module can be imported out; and the memory that every answer goes through.

The lowest of three layers: `importing` (modules), `naming` (names in modules), `world` (attributes, classes, calls).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

from tailrace.python import builtin_names
from tailrace.python.facts import ModuleFacts
from tailrace.python.modules import Surface
from tailrace.python.semantics.entities import (
    UNKNOWN,
    Class,
    Entity,
    External,
    Function,
    Module,
    Resolution,
    absent,
    present,
)

_MAX_DEPTH = 60
Accepts = Literal["yes", "no", "unknown"]


class Importing(ABC):
    """Several surfaces seen as one `sys.path`. Every answer is remembered; the surfaces are shared between worlds."""

    def __init__(
        self,
        *surfaces: Surface,
        versions: dict[str, str] | None = None,
        owned: frozenset[str] = frozenset(),
        required: frozenset[str] = frozenset(),
    ) -> None:
        """`versions`: by distribution and import name. `owned`: import roots that are absent when no surface has them.

        `required`: import-like names of the distributions that are installed along (`lxml_html_clean`).
        """
        self.surfaces = surfaces
        self.versions = versions or {}
        self.owned = owned
        self.required = required
        self._memo: dict[tuple[str, ...], Resolution] = {}
        self._running: set[tuple[str, ...]] = set()
        self._mro: dict[int, tuple[tuple[Class, ...], bool, tuple[str, ...]]] = {}
        self._cycles = 0
        # Whether a function lets a keyword through its **kwargs; filled by whoever asks (check/forwarding.py).
        self.accepted: dict[tuple[str, int, str, str], Accepts] = {}
        self._annotations: dict[tuple[str, str], Entity | None] = {}
        self._all_lists: dict[str, frozenset[str]] = {}

    # -- what the layers above answer ------------------------------------------------------------------------------

    @abstractmethod
    def member(self, module: str, name: str) -> Resolution:
        """The attribute `name` of a module object (submodules not counted)."""

    @abstractmethod
    def expression(self, text: str, module: str, *, within: Class | None = None) -> Resolution:
        """A dotted text as it stands in `module` (in the body of class `within`)."""

    # -- modules ---------------------------------------------------------------------------------------------------

    def surface_of(self, module: str) -> Surface | None:
        """The first surface that has the module; a real file wins over a namespace folder of another surface."""
        found: Surface | None = None
        for surface in self.surfaces:
            source = surface.source(module)
            if source is not None:
                if source.form != "namespace":
                    return surface
                found = found or surface
        return found

    def facts(self, module: str) -> ModuleFacts | None:
        """The facts of a module of any surface."""
        surface = self.surface_of(module)
        return surface.module(module) if surface is not None else None

    def knows(self, path: str) -> bool:
        """Whether the top-level name of a path belongs to one of the surfaces."""
        root = path.split(".", 1)[0]
        return root in self.owned or any(surface.source(root) is not None for surface in self.surfaces)

    def import_module(self, name: str) -> Resolution:
        """What `import name` does."""
        return self._remember(("import", name), lambda: self._import_module(name))

    def _import_module(self, name: str) -> Resolution:
        if not self.knows(name):
            return Resolution("unknown", External(name))
        parts = name.split(".")
        for depth in range(1, len(parts) + 1):
            prefix = ".".join(parts[:depth])
            surface = self.surface_of(prefix)
            if surface is None:
                return self._missing_module(prefix, name)
            facts = surface.module(prefix)
            raised = self._raised_on_import(facts)
            if raised is not None:
                return absent(raised, f"importing {prefix} raises")
        source = surface.source(name) if surface is not None else None
        return present(Module(name), source.file if source else None, 1)

    def _raised_on_import(self, facts: ModuleFacts | None) -> str | None:
        """The exception that importing a module always raises: by a `raise`, or by calling a function that only
        raises."""
        if facts is None:
            return None
        for callee in facts.calls:
            entity = self.expression(callee, facts.name).entity
            if isinstance(entity, Function) and entity.facts.raises_always is not None:
                return entity.facts.raises_always
        for needed, error in facts.needs:
            top = needed.split(".", 1)[0]
            standard = builtin_names.is_standard_module(top)
            if not standard and not self.knows(needed) and top.lower() not in self.required:
                return error
        return facts.raises

    def _missing_module(self, prefix: str, name: str) -> Resolution:
        for surface in self.surfaces:
            if prefix in self._module_aliases(surface):
                return Resolution("unknown", External(name), note="entered in sys.modules")
            parent = prefix.rsplit(".", 1)[0]
            facts = surface.module(parent) if parent != prefix else None
            if facts is not None and (facts.replaced or "__path__" in facts.bindings):
                return Resolution("unknown", External(name), note=f"{parent} finds its modules itself")
        return absent("ModuleNotFoundError", prefix)

    def _module_aliases(self, surface: Surface) -> dict[str, str]:
        root = min(surface.roots, default="")
        facts = surface.module(root)
        return dict(facts.aliases) if facts is not None else {}

    def _remember(self, key: tuple[str, ...], make: Callable[[], Resolution]) -> Resolution:
        if key in self._memo:
            return self._memo[key]
        if key in self._running:
            self._cycles += 1
            return absent("AttributeError", "circular")
        if len(self._running) > _MAX_DEPTH:
            self._cycles += 1
            return UNKNOWN
        before = self._cycles
        self._running.add(key)
        try:
            found = make()
        except RecursionError:
            found = UNKNOWN
        finally:
            self._running.discard(key)
        # An answer that leaned on a cycle holds only where it was asked; everything else holds for good.
        if self._cycles == before or not self._running or found.state == "present":
            self._memo[key] = found
        return found
