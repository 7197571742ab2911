"""A module and a name in, what the name is out: bindings, star imports, hooks, stubs, compiled modules. Executes
nothing."""

from __future__ import annotations

from abc import abstractmethod

from tailrace.python import builtin_names
from tailrace.python.facts import Binding, ModuleFacts
from tailrace.python.modules import STUB, Surface
from tailrace.python.semantics.entities import (
    UNKNOWN,
    Class,
    Entity,
    External,
    Function,
    Resolution,
    Value,
    absent,
    present,
)
from tailrace.python.semantics.importing import Importing

# A name in a module that cannot be parsed: neither there nor missing.
UNREADABLE = Resolution("unknown", note="its module cannot be parsed")


class Naming(Importing):
    """Names in modules, as import statements and attribute access find them."""

    # -- what the layer above answers ------------------------------------------------------------------------------

    @abstractmethod
    def call(self, entity: Entity | None) -> Entity | None:
        """What calling the entity gives, `None` when that is not known."""

    @abstractmethod
    def annotated(self, annotation: str, module: str) -> Entity | None:
        """What a value annotated like this is; `None` when some part of the annotation is not a known class."""

    @abstractmethod
    def mro(self, cls: Class) -> tuple[tuple[Class, ...], bool, tuple[str, ...]]:
        """Classes in resolution order, whether some base is not known, and the builtin or standard bases."""

    @abstractmethod
    def class_attribute(self, cls: Class, name: str, *, instance: bool) -> Resolution:
        """The attribute of a class, or of its instances, through the bases."""

    @abstractmethod
    def _evaluate_getattr(self, module: str, name: str) -> Resolution:
        """What the module's `__getattr__` does with the name."""

    @abstractmethod
    def _evaluate_all(self, module: str) -> frozenset[str]:
        """The names in a computed `__all__`."""

    # -- names in modules ------------------------------------------------------------------------------------------

    def from_import(self, module: str, name: str) -> Resolution:
        """What `from module import name` does: the attribute, else the submodule."""
        found = self.import_module(module)
        if found.state == "unknown":
            return Resolution("unknown", External(f"{module}.{name}"), note=found.note)
        if found.state == "absent":
            return found
        if name == "*":
            return found
        attribute = self.member(module, name)
        if attribute.state == "present":
            return attribute
        submodule = self.import_module(f"{module}.{name}")
        if submodule.state != "absent" or submodule.error != "ModuleNotFoundError":
            return submodule
        if attribute.state == "unknown":
            return attribute
        # An own exception raised by a module's __getattr__ passes through; AttributeError becomes ImportError.
        error = "ImportError" if attribute.error == "AttributeError" else attribute.error
        lineage = attribute.lineage if error == attribute.error else frozenset()
        return Resolution("absent", error=error, note=attribute.note, dynamic=attribute.dynamic, lineage=lineage)

    def member(self, module: str, name: str) -> Resolution:
        """The attribute `name` of a module object (submodules not counted)."""
        return self._remember(("member", module, name), lambda: self._member(module, name))

    def _member(self, module: str, name: str) -> Resolution:
        found = self._source_member(module, name)
        if found.state == "unknown" and self.surface_of(module + STUB) is not None:
            stub = self.member(module + STUB, name)
            # What a stub imports from elsewhere serves its annotations only.
            return stub if stub.state == "present" and not isinstance(stub.entity, External) else found
        return found

    def _source_member(self, module: str, name: str) -> Resolution:
        surface = self.surface_of(module)
        if surface is None:
            return Resolution("unknown", External(f"{module}.{name}"))
        facts = surface.module(module)
        if facts is None:
            return self._binary_member(surface, module, name)
        bound = [b for b in facts.bindings.get(name, ()) if b.runtime]
        if bound:
            return self._bindings(bound, facts, name)
        if name in builtin_names.MODULE_ATTRIBUTES or (name == "__path__" and facts.is_package):
            return present(Value(module, f"{module}.{name}"))
        starred = self._star_member(facts, name)
        if starred is not None and starred.state == "present":
            return starred
        # A stub that leaves out what a module plainly defines is behind the code; of computed names it knows more.
        if starred is not None and not isinstance(starred.entity, Function | Class):
            starred = None if self._stub_denies(surface, module, name) else starred
        if facts.getattr_hook:
            hooked = self._evaluate_getattr(module, name)
            return starred if starred is not None and hooked.state == "absent" else hooked
        if facts.module_class is not None:
            cls = self.expression(facts.module_class, module).entity
            own = self.class_attribute(cls, name, instance=True) if isinstance(cls, Class) else UNKNOWN
            if own.state == "present" or (own.state == "unknown" and self._answers_for_names(cls)):
                return Resolution("unknown", dynamic=True, note=f"{module} makes names at run time")
        if facts.open_names or facts.replaced:
            return Resolution("unknown", dynamic=True, note=f"{module} makes names at run time")
        if starred is not None:
            return starred
        if "binary" in surface.forms(module) and surface.sources[module].form == "pyi":
            return self._binary_member(surface, module, name, stub=True)
        return absent("AttributeError")

    def _bindings(self, bound: list[Binding], facts: ModuleFacts, name: str) -> Resolution:
        found: Resolution | None = None
        for binding in bound:
            current = self._binding(binding, facts, name)
            if found is None or (found.state != "present" and current.state == "present") or not binding.conditional:
                found = current
            elif isinstance(found.entity, External | Value) and current.state == "present":
                if not isinstance(current.entity, External | Value):
                    found = current
        return found if found is not None else UNKNOWN

    def _binding(self, binding: Binding, facts: ModuleFacts, name: str) -> Resolution:
        module, path = facts.name, f"{facts.name.removesuffix(STUB)}.{name}"
        if binding.function is not None:
            return present(Function(module, path, binding.function), facts.file, binding.line)
        if binding.cls is not None:
            return present(Class(module, path, binding.cls), facts.file, binding.line)
        target = binding.target or ""
        if binding.kind == "import":
            return self._imported(self.import_module(target), External(target), facts, name, binding)
        if binding.kind == "from":
            external = External(f"{target}.{binding.attr}")
            return self._imported(self.from_import(target, binding.attr or ""), external, facts, name, binding)
        return self._value(binding, facts, path)

    def _imported(
        self, found: Resolution, external: External, facts: ModuleFacts, name: str, binding: Binding
    ) -> Resolution:
        if found.state == "absent":
            # The name would not be there; but the module is imported in practice, so a generated file explains it.
            return Resolution("unknown", note=f"{external.path} is not in the archive")
        if found is UNREADABLE:
            return found  # whether the name is there, nobody knows
        entity = found.entity if found.entity is not None else external
        if isinstance(entity, Value | External) and self.knows(external.path):
            stub = self._in_stub(facts, name)
            if stub is not None:
                return stub
        return Resolution("present", entity, file=facts.file, line=binding.line, dynamic=found.dynamic)

    def _in_stub(self, facts: ModuleFacts, name: str) -> Resolution | None:
        """What the stub beside a module says of a name that comes out of a compiled module."""
        if facts.name.endswith(STUB):
            return None
        found = self.member(facts.name + STUB, name)
        return found if found.state == "present" and isinstance(found.entity, Class | Function) else None

    def _value(self, binding: Binding, facts: ModuleFacts, path: str) -> Resolution:
        value = Value(facts.name, path, binding)
        plain = present(value, facts.file, binding.line)
        if binding.annotation is not None:
            instance = self.annotated(binding.annotation, facts.name)
            if instance is not None:
                return present(instance, facts.file, binding.line)
        if binding.target is None or binding.target == path.rsplit(".", 1)[-1]:
            return plain
        found = self.expression(binding.target, facts.name)
        if found.state != "present" or found.entity is None:
            return plain
        entity = self.call(found.entity) if binding.called else found.entity
        return plain if entity is None else present(entity, facts.file, binding.line)

    def _star_member(self, facts: ModuleFacts, name: str) -> Resolution | None:
        """The name through `from x import *`; `None` when no star import can give it."""
        doubt: Resolution | None = None
        for star in facts.stars:
            if not self.knows(star):
                listed = builtin_names.standard_module_names(star)
                if listed is None:
                    doubt = Resolution("unknown", External(f"{star}.{name}"), note=f"from {star} import *")
                elif name in listed:
                    return present(External(f"{star}.{name}"), facts.file, 1)
                continue
            source = self.facts(star)
            if source is None and (surface := self.surface_of(star)) is not None:
                compiled = self._binary_member(surface, star, name)
                if compiled is UNREADABLE:
                    doubt = compiled
                elif compiled.state != "absent" and (doubt is None or doubt.entity is None):
                    doubt = Resolution("unknown", note=f"{star} is compiled")
                continue
            listed_here = source is not None and source.all_names is not None and name in source.all_names
            if source is not None and not listed_here:
                if source.all_names is not None and not source.all_open:
                    continue
                if source.all_names is None and name.startswith("_"):
                    continue
            found = self.from_import(star, name) if listed_here else self.member(star, name)
            if found.state == "present" and source is not None and source.all_open and not listed_here:
                if name not in self._computed_all(star):
                    doubt = Resolution("unknown", found.entity, note=f"{star}.__all__ is computed")
                    continue
            if found.state == "present":
                if source is not None and source.getattr_hook and found.dynamic and source.all_names is None:
                    continue  # a star import does not ask __getattr__
                return found
            if found.state == "unknown" and (doubt is None or doubt.entity is None):
                doubt = found
        return doubt

    def _computed_all(self, module: str) -> frozenset[str]:
        """The names that a computed `__all__` surely holds."""
        if module not in self._all_lists:
            self._all_lists[module] = frozenset()  # while running
            self._all_lists[module] = self._evaluate_all(module)
        return self._all_lists[module]

    def _answers_for_names(self, cls: Entity | None) -> bool:
        """Whether a module's own class computes attributes."""
        if not isinstance(cls, Class):
            return True
        return any(c.facts.open_instance or c.facts.open_class for c in self.mro(cls)[0])

    def _stub_denies(self, surface: Surface, module: str, name: str) -> bool:
        """Whether a stub beside the module lists its names and this one is not among them."""
        stub = next((s for s in surface.extra.get(module, ()) if s.form == "pyi"), None)
        if stub is None or surface.sources[module].form != "py":
            return False
        facts, own = surface.module(module + STUB), surface.module(module)
        if facts is None or own is None or name in facts.bindings or facts.stars or facts.getattr_hook:
            return False
        # A stub that leaves out most of what the module plainly has is kept short on purpose and denies nothing.
        public = [n for n in own.bindings if not n.startswith("_")]
        return len(facts.bindings) >= 10 and sum(n in facts.bindings for n in public) * 2 >= len(public)

    def _binary_member(self, surface: Surface, module: str, name: str, *, stub: bool = False) -> Resolution:
        """Names that only a compiled module knows: they stand in it as text, if they are there at all."""
        source = surface.source(module)
        if source is None:
            return UNKNOWN
        if source.form == "namespace":
            return absent("AttributeError")
        data = surface.binary(module)
        if data is None:
            return UNREADABLE if source.form == "py" else UNKNOWN
        if surface.binary_has(module, name):
            return Resolution(
                "unknown" if stub else "present", Value(module, f"{module}.{name}"), file=source.file, dynamic=True
            )
        if source.form == "pyx" or b"PyInit_" in data or b"cimport" in data:
            return Resolution("absent", error="AttributeError", dynamic=True, note="not in the compiled module")
        return UNKNOWN
