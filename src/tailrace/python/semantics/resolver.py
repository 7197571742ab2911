"""How a dotted path resolves with several surfaces on one `sys.path`: modules, names in them, attributes, calls.

Nothing is executed. Names that only running code can give (a module `__getattr__`, a computed `__all__`) are decided
by `NameComputation`, which `tailrace.python.resolving.make_resolver` supplies.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from tailrace.python import builtin_names
from tailrace.python.bindings import is_left_empty
from tailrace.python.facts import Binding, ModuleFacts
from tailrace.python.generated import is_made_by_build
from tailrace.python.modules import STUB, Surface
from tailrace.python.semantics import types
from tailrace.python.semantics.entities import (
    UNKNOWN,
    Class,
    Entity,
    External,
    Function,
    Instance,
    Module,
    Resolution,
    Standard,
    Union,
    Value,
    absent,
    present,
)

if TYPE_CHECKING:
    from tailrace.python.usages import Step

# A name in a module that cannot be parsed: neither there nor missing.
UNREADABLE = Resolution("unknown", note="its module cannot be parsed")

_MAX_DEPTH = 60
_OPEN = "some base or name is made at run time"
# What else serves where a special method is lacking.
_SUBSTITUTES = {
    "__iter__": ("__getitem__",),
    "__contains__": ("__iter__", "__getitem__"),
    "__getitem__": ("__class_getitem__",),
}
_SAME_CALLABLE = re.compile(r"(?:\w+\.)*Callable\[\[(\w+)\],\s*\1\]")


class NameComputation(Protocol):
    """What decides the names that a module computes when it is imported."""

    def module_attribute(self, resolver: Resolver, module: str, name: str) -> Resolution:
        """What the module's `__getattr__` does with the name."""

    def all_names(self, resolver: Resolver, module: str) -> frozenset[str]:
        """The names that a computed `__all__` surely holds."""

    def is_computing_all(self, resolver: Resolver, module: str) -> bool:
        """Whether the names of a computed `__all__` are just being worked out, so that not all are known."""

    def registers_names(self, resolver: Resolver, function: Function) -> bool:
        """Whether calling the function sets names on a module."""

    def takes_keyword(self, resolver: Resolver, function: Function, keyword: str) -> Literal["yes", "no", "unknown"]:
        """Whether a function with `**kwargs` surely raises, or surely returns, when it is given the keyword."""

    def keeps_result(self, resolver: Resolver, decorator: str, module: str) -> bool:
        """Whether calls of a decorated function give what the function gives. `module`: where the decorator stands."""

    def result(self, resolver: Resolver, function: Function, how: Literal["return", "yield"]) -> Entity | None:
        """What a function without an annotation gives or yields, by the expressions in its body."""

    def kept(self, resolver: Resolver, owner: Class, name: str) -> Entity | None:
        """What the methods of a class set an attribute of their own object to."""

    def is_set_for(self, resolver: Resolver, cls: Class, name: str) -> bool:
        """Whether a function that the methods of a class give the object to sets the attribute on it."""

    def sets_attribute(self, resolver: Resolver, decorator: str, module: str, name: str) -> bool:
        """Whether a decorator may give a class the attribute, or give back something else."""


class Resolver:
    """Several surfaces seen as one `sys.path`. Every answer is remembered; surfaces may be shared between resolvers."""

    def __init__(
        self,
        *surfaces: Surface,
        computed: NameComputation,
        versions: dict[str, str] | None = None,
        owned: frozenset[str] = frozenset(),
        required: frozenset[str] = frozenset(),
    ) -> None:
        """Look modules up in `surfaces`, in this order.

        `computed`: decides the names that modules compute. `versions`: by distribution and import name. `owned`:
        import roots that are absent when no surface has them. `required`: import-like names of the distributions that
        are installed along (`lxml_html_clean`).
        """
        self.surfaces = surfaces
        self._shadowed = _shadowed(surfaces)
        self._computed = computed
        self.versions = versions or {}
        self.owned = owned
        self.required = required
        self._memo: dict[tuple[str, ...], Resolution] = {}
        self._running: set[tuple[str, ...]] = set()
        self._mro: dict[int, tuple[tuple[Class, ...], bool, tuple[str, ...]]] = {}
        self._cycles = 0
        self._annotations: dict[tuple[str, str], Entity | None] = {}
        self._own_results: dict[tuple[str, str], Entity | None] = {}
        self._all_lists: dict[str, frozenset[str]] = {}
        self._listing: set[str] = set()

    def takes_keyword(self, function: Function, keyword: str) -> Literal["yes", "no", "unknown"]:
        """Whether a function with `**kwargs` surely raises, or surely returns, when it is given the keyword."""
        return self._computed.takes_keyword(self, function, keyword)

    @property
    def is_running(self) -> bool:
        """Whether an answer is being worked out."""
        return bool(self._running)

    # -- modules ---------------------------------------------------------------------------------------------------

    def surface_of(self, module: str) -> Surface | None:
        """The first surface that has the module; a real file wins over a namespace folder of another surface.

        The last surface is the one whose code runs: a file at its root hides the same module of the others, as the
        first entry of `sys.path` does (`setup.py`, `versioneer.py`).
        """
        found: Surface | None = None
        for surface in reversed(self.surfaces) if self.shadows(module) else self.surfaces:
            source = surface.source(module)
            if source is not None:
                if source.form != "namespace":
                    return surface
                found = found or surface
        return found

    def shadows(self, module: str) -> bool:
        """Whether the last surface has a module or package of its own under the root of this one."""
        return module.split(".", 1)[0] in self._shadowed

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
            if parent != prefix and surface.source(parent) is not None and is_made_by_build(surface.artifact, prefix):
                return Resolution("unknown", External(name), note=f"{prefix} is made when the release is built")
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
        if submodule.state == "unknown" and attribute.state == "unknown" and attribute.dynamic:
            return msgspec.structs.replace(submodule, dynamic=True)
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
        given = bool(bound) and bound[0].made_by is not None
        if given:
            made = self._given(bound[0], facts, name)
            if made is not None:
                return made
        elif bound:
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
            hooked = self._computed.module_attribute(self, module, name)
            if given and hooked.state == "absent":  # what a function was told of the name may be what the hook reads
                return Resolution("unknown", dynamic=True, note=f"{module} makes names at run time")
            return starred if starred is not None and hooked.state == "absent" else hooked
        if facts.module_class is not None:
            cls = self.expression(facts.module_class, module).entity
            own = self.class_attribute(cls, name, instance=True) if isinstance(cls, Class) else UNKNOWN
            if own.state == "present" or (own.state == "unknown" and self._answers_for_names(cls)):
                return Resolution("unknown", dynamic=True, note=f"{module} makes names at run time")
        if facts.open_names or facts.replaced or any(self._sets_names(callee, facts) for callee in facts.handed_to):
            return Resolution("unknown", dynamic=True, note=f"{module} makes names at run time")
        if starred is not None:
            return starred
        if "binary" in surface.forms(module) and surface.sources[module].form == "pyi":
            return self._binary_member(surface, module, name, stub=True)
        return absent("AttributeError")

    def _given(self, binding: Binding, facts: ModuleFacts, name: str) -> Resolution | None:
        """A name that a function is called with: present where that function binds it, `None` where it does not."""
        callee = self.expression(binding.made_by or "", facts.name)
        there = present(Value(facts.name, f"{facts.name}.{name}", binding), facts.file, binding.line)
        if isinstance(callee.entity, Function):
            return there if self._computed.registers_names(self, callee.entity) else None
        if binding.deprecation is not None:
            return there
        if isinstance(callee.entity, External) and not builtin_names.is_standard_module(
            callee.entity.path.split(".", 1)[0]
        ):
            return Resolution("unknown", dynamic=True, note=f"{facts.name} makes names at run time")
        return None

    def _sets_names(self, callee: str, facts: ModuleFacts) -> bool:
        """Whether a function that a module gives itself to may set names on it."""
        entity = self.expression(callee.removesuffix("()"), facts.name).entity
        if isinstance(entity, Function):
            return self._computed.registers_names(self, entity)
        if isinstance(entity, Class):
            functions = [b[-1].function for b in entity.facts.members.values() if b[-1].function is not None]
            methods = (Function(entity.module, f"{entity.path}.{f.name}", f, entity, bound=True) for f in functions)
            return any(self._computed.registers_names(self, method) for method in methods)
        if isinstance(entity, External):
            # A method of what another distribution made of the name, such as a logger, sets nothing here.
            return not callee.endswith("()") and not builtin_names.is_standard_module(entity.path.split(".", 1)[0])
        return False

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
            return found  # whether the name is there is not known
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
        if module in self._all_lists:
            return self._all_lists[module]
        if module in self._listing:
            self._cycles += 1
            return frozenset()
        before = self._cycles
        self._cycles += self._computed.is_computing_all(self, module)
        self._listing.add(module)
        try:
            names = self._computed.all_names(self, module)
        finally:
            self._listing.discard(module)
        # As in `_remember`: what leaned on a list that is still being worked out holds only where it was asked.
        if self._cycles == before or not (self._listing or self._running):
            self._all_lists[module] = names
        return names

    def _answers_for_names(self, cls: Entity | None) -> bool:
        """Whether a module's own class computes attributes."""
        if not isinstance(cls, Class):
            return True
        return any(c.facts.open_instance or c.facts.open_class or c.facts.open_decorators for c in self.mro(cls)[0])

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

    # -- attributes and calls --------------------------------------------------------------------------------------

    def attribute(self, entity: Entity | None, name: str) -> Resolution:
        """What `entity.name` does."""
        match entity:
            case Module(name=module):
                found = self.member(module, name)
                if found.state != "present":
                    submodule = self.import_module(f"{module}.{name}")
                    if submodule.state == "present":
                        return submodule
                    if submodule.state == "unknown" and found.state == "absent":
                        return submodule
                return found
            case Class():
                return self.class_attribute(entity, name, instance=False)
            case Instance(of=cls):
                return self.class_attribute(cls, name, instance=True)
            case Function():
                return self._function_attribute(entity, name)
            case External(path=path):
                return Resolution("unknown", External(f"{path}.{name}"))
            case Standard():
                return self._standard_attribute(entity, name, "")
            case Union(members=members):
                return self._union_attribute([self.attribute(member, name) for member in members])
            case _:
                return UNKNOWN

    def _standard_attribute(self, owner: Standard, name: str, operand: str) -> Resolution:
        there = types.has(owner, name, operand)
        if there is None:
            return UNKNOWN
        return present(types.method(owner, name)) if there else absent("AttributeError", owner.type)

    def special(self, entity: Entity | None, step: Step) -> Resolution:
        """What an operator or a statement asks of a value: it is looked up on the class, and has substitutes."""
        name = step.name or ""
        match entity:
            case Union(members=members):
                return self._union_attribute([self.special(member, step) for member in members])
            case Standard():
                found = self._standard_attribute(entity, name, step.operand)
                if found.state == "present" and step.count and entity.fixed and len(entity.items) != step.count:
                    return Resolution("absent", error="ValueError", note=f"{len(entity.items)} values")
            case Instance(of=cls) if name == "__class__":
                return present(cls)
            case Instance(of=cls):
                found = self._special_of_class(cls, name)
                fields = self.fields(cls) if step.count and found.state == "present" else None
                if fields is not None and len(fields) != step.count:
                    return Resolution("absent", error="ValueError", note=f"{len(fields)} values")
            case Function():
                found = self._function_attribute(entity, name) if name != "__instancecheck__" else UNKNOWN
            case Class() if step.operand == "member":
                return self._enum_member(entity, name)
            case Class() if name == "__match_args__":
                line, _, standard = self.mro(entity)
                written = any(name in cls.facts.members for cls in line)
                return present(entity) if not written and self._lists_fields(line, standard) else UNKNOWN
            case _:
                return UNKNOWN
        return found if found.state != "absent" else Resolution("absent", error="TypeError", note=found.note)

    def _enum_member(self, cls: Class, name: str) -> Resolution:
        """`Color["RED"]`, of an enumeration: nothing but its body makes members."""
        if not any(base.startswith("enum.") for base in self.mro(cls)[2]):
            return UNKNOWN
        found = self.class_attribute(cls, name, instance=False)
        return found if found.state != "absent" else Resolution("absent", error="KeyError", note=found.note)

    def _special_of_class(self, cls: Class, name: str) -> Resolution:
        for asked in (name, *_SUBSTITUTES.get(name, ())):
            found = self.class_attribute(cls, asked, instance=True)
            if found.state != "absent":
                break
        else:
            return found
        line = self.mro(cls)[0]
        # What `__getattr__` gives, operators do not ask for.
        if found.state == "unknown" and found.note == _OPEN and not any(self.is_open(c, name) for c in line):
            return absent("TypeError", cls.path) if not self.mro(cls)[1] else found
        return found

    def fields(self, cls: Class) -> tuple[str, ...] | None:
        """The fields of a named tuple, in order; `None` for any other class."""
        line, doubt, standard = self.mro(cls)
        if doubt or any("__iter__" in c.facts.members for c in line):
            return None
        for base in standard:
            if base.startswith("namedtuple:"):
                return builtin_names.namedtuple_fields(base)
        if not any(base.endswith(".NamedTuple") for base in standard):
            return None
        owner = next((c for c in line if any(b.rsplit(".", 1)[-1] == "NamedTuple" for b in c.facts.bases)), None)
        members = owner.facts.members.items() if owner is not None else ()
        return tuple(name for name, bound in members if bound[-1].annotation is not None)

    def element(self, entity: Entity, place: str) -> Entity | None:
        """What a value holds: `each` that iterating gives, or at a literal place; `<list>`: a list of such values."""
        if place.startswith("<"):
            items: tuple[Entity | None, ...] = (None, entity) if place == "<dict>" else (entity,)
            return Standard(f"builtins.{place.strip('<>')}", items)
        if isinstance(entity, Standard):
            return types.element(entity, place)
        if not isinstance(entity, Instance):
            return None
        fields = self.fields(entity.of)
        if fields is not None and place.isdigit() and int(place) < len(fields):
            return self.class_attribute(entity.of, fields[int(place)], instance=True).entity
        name = "__iter__" if place == "each" else "__getitem__"
        found = self.class_attribute(entity.of, name, instance=True).entity
        if found is None and place == "each":
            return self._each_awaited(entity)
        given = self.call(found) if isinstance(found, Function) else None
        if name == "__getitem__" or given is None:
            return given
        if isinstance(given, Standard):
            return types.element(given, "each")
        step = self.class_attribute(given.of, "__next__", instance=True).entity if isinstance(given, Instance) else None
        return self.call(step) if isinstance(step, Function) else None

    def _each_awaited(self, entity: Instance) -> Entity | None:
        """What `async for` gives of a value."""
        found = self.class_attribute(entity.of, "__aiter__", instance=True).entity
        given = self.call(found) if isinstance(found, Function) else None
        if isinstance(given, Standard):
            return types.element(given, "each")
        step = (
            self.class_attribute(given.of, "__anext__", instance=True).entity if isinstance(given, Instance) else None
        )
        return self.call(step, awaited=True) if isinstance(step, Function) else None

    def _union_attribute(self, found: list[Resolution]) -> Resolution:
        """Present when some member has it, absent when none has."""
        there = [f for f in found if f.state == "present"]
        if there:
            only = len(there) == 1 and all(f.state == "absent" for f in found if f is not there[0])
            return there[0] if only or len(there) == len(found) else present(None, there[0].file, there[0].line)
        return next((f for f in found if f.state == "unknown"), found[0])

    def _function_attribute(self, function: Function, name: str) -> Resolution:
        if name in builtin_names.FUNCTION_ATTRIBUTES or (function.bound and name in builtin_names.METHOD_ATTRIBUTES):
            return present(None)
        plain = {"staticmethod", "classmethod", "abstractmethod", "override", "final", "overload"}
        words = {d.split("(", 1)[0].rsplit(".", 1)[-1] for d in function.facts.decorators}
        if words & {"property", "cached_property"}:
            result = self.call(function)
            return self.attribute(result, name) if result is not None else UNKNOWN
        if words & {"lru_cache", "cache"}:
            known = name in {"cache_clear", "cache_info", "cache_parameters", "__wrapped__"}
            return present(None) if known else absent("AttributeError")
        if name in function.facts.attributes:
            return present(None)
        if not words <= plain:
            return UNKNOWN
        return absent("AttributeError", "functions have no such attribute")

    def mro(self, cls: Class) -> tuple[tuple[Class, ...], bool, tuple[str, ...]]:
        """Classes known in resolution order, whether some base is not known, and the builtin or standard bases by
        dotted name."""
        key = id(cls.facts)
        if key in self._mro:
            return self._mro[key]
        self._mro[key] = ((cls,), True, ())  # while running: a cycle is an unknown base
        line: list[Class] = [cls]
        doubt = False
        standard: list[str] = []
        for base in cls.facts.bases:
            if base.startswith("namedtuple:"):
                standard.append(base)
                continue
            found = self.expression(base, cls.module, within=cls) if base != "?" else UNKNOWN
            entity = found.entity
            if isinstance(entity, Class):
                parents, unknown, others = self.mro(entity)
                line.extend(parents)
                doubt = doubt or unknown
                standard.extend(others)
            elif isinstance(entity, External) and builtin_names.standard_class(entity.path) is not None:
                standard.append(entity.path)
            elif base in builtin_names.BUILTINS and not isinstance(entity, Value):
                standard.append(base)
            else:
                doubt = True
        # A base reached twice counts at its last place, as in C3.
        ordered = tuple({id(c.facts): c for c in reversed(line)}.values())[::-1]
        self._mro[key] = (ordered, doubt, tuple(dict.fromkeys(standard)))
        return self._mro[key]

    def class_attribute(self, cls: Class, name: str, *, instance: bool) -> Resolution:
        """The attribute of a class, or of its instances, through the bases."""
        key = ("attribute", cls.module, cls.path, str(cls.facts.line), name, "instance" if instance else "class")
        return self._remember(key, lambda: self._class_attribute(cls, name, instance=instance))

    def _class_attribute(self, cls: Class, name: str, *, instance: bool) -> Resolution:
        line, doubt, standard = self.mro(cls)
        hidden: tuple[Class, list[Binding]] | None = None
        for owner in line:
            bound = [b for b in owner.facts.members.get(name, ()) if b.runtime]
            if bound or self._is_stub(owner):
                bound = bound or self.defined(owner, name)
            elif hidden is None and (only_typed := [b for b in owner.facts.members.get(name, ()) if b.function]):
                hidden = owner, only_typed
            if bound:
                if instance and name in owner.facts.instance and is_left_empty(bound[-1]):
                    return _guessed(self._instance_value(owner, name))  # a subclass may set it otherwise
                return self._class_member(owner, name, bound, instance=instance, through=cls)
            if instance and name in owner.facts.instance:
                return self._instance_value(owner, name)
        if hidden is not None:
            return self._class_member(hidden[0], name, hidden[1], instance=instance, through=cls)
        for base in standard:
            if base.startswith("namedtuple:"):
                if name in builtin_names.namedtuple_fields(base) or hasattr(tuple, name) or name.startswith("_"):
                    return present(None)
            elif builtin_names.standard_class_has(base, name):
                return present(None)
        if hasattr(object, name) or (not instance and hasattr(type, name)) or name in {"__dict__", "__slots__"}:
            return present(None)
        if instance and any(o.facts.given_to and self._computed.is_set_for(self, o, name) for o in line):
            return present(None)
        if doubt or any(self.is_open(o, name) or (instance and o.facts.open_instance) for o in line):
            return Resolution("unknown", note=_OPEN)
        if any(o.facts.metaclass not in builtin_names.PLAIN_METACLASSES for o in line):
            return Resolution("unknown", note="a metaclass may add names")
        if name == "__match_args__" and self._lists_fields(line, standard):
            return present(None)
        if instance and any(builtin_names.has_hidden_state(base) for base in standard):
            return Resolution("unknown", note="instances of the standard base hold names of their own")
        if any(surface.sets_by_text(owner.facts.name, name) for owner in line for surface in self.surfaces):
            return Resolution("unknown", note="a module sets it by its name")
        return absent(self._raised_for_name(line) if instance else "AttributeError", cls.path)

    def is_open(self, cls: Class, name: str) -> bool:
        """Whether a class, apart from its bases, may be given the attribute at run time."""
        return cls.facts.open_class or any(
            self._computed.sets_attribute(self, decorator, cls.module, name) for decorator in cls.facts.open_decorators
        )

    def _raised_for_name(self, line: tuple[Class, ...]) -> str:
        """What asking for a name that is not there raises: a `__getattr__` may only raise something else."""
        for owner in line:
            for binding in owner.facts.members.get("__getattr__", ()):
                if binding.function is not None and binding.function.raises_always is not None:
                    return binding.function.raises_always.rsplit(".", 1)[-1]
        return "AttributeError"

    def _lists_fields(self, line: tuple[Class, ...], standard: tuple[str, ...]) -> bool:
        """Whether a class is a dataclass, a named tuple or the like, whose fields a pattern may match by place."""
        words = {d.split("(", 1)[0].rsplit(".", 1)[-1] for c in line for d in c.facts.decorators}
        named = any(base.startswith("namedtuple:") or base.endswith(".NamedTuple") for base in standard)
        return named or bool(words & {"dataclass", "define", "frozen", "mutable", "attrs", "s"})

    def defined(self, owner: Class, name: str) -> list[Binding]:
        """The functions of this name in a class body that run; in a stub also those that are only declared."""
        every = [b for b in owner.facts.members.get(name, ()) if b.function is not None]
        return [b for b in every if b.runtime] or (every if self._is_stub(owner) else [])

    def _is_stub(self, owner: Class) -> bool:
        facts = self.facts(owner.module)
        return facts is not None and facts.file.endswith(".pyi")

    def _class_member(
        self, owner: Class, name: str, bound: list[Binding], *, instance: bool, through: Class
    ) -> Resolution:
        binding = bound[-1]
        facts = self.facts(owner.module)
        file = facts.file if facts is not None else None
        path = f"{owner.path}.{name}"
        if binding.function is not None:
            words = {d.split("(", 1)[0].rsplit(".", 1)[-1] for d in binding.function.decorators}
            if instance and words & {"property", "cached_property", "reify", "lazyproperty"}:
                result = self.call(Function(owner.module, path, binding.function, through, bound=True))
                return present(result, file, binding.line)
            bound_first = "staticmethod" not in words and (instance or "classmethod" in words)
            return present(Function(owner.module, path, binding.function, through, bound_first), file, binding.line)
        if binding.cls is not None:
            return present(Class(owner.module, path, binding.cls), file, binding.line)
        if facts is None:
            return present(None, file, binding.line)
        if binding.annotation is not None and instance:
            return present(self.annotated(binding.annotation, owner.module), file, binding.line)
        if binding.kind == "import" and binding.target is not None:
            return present(self.import_module(binding.target).entity, file, binding.line)
        if binding.kind == "from" and binding.target is not None and binding.attr is not None:
            imported = self.from_import(binding.target, binding.attr)
            entity = imported.entity if imported.state == "present" else None
            if isinstance(entity, Function) and instance:
                entity = Function(entity.module, entity.path, entity.facts, through, bound=True)
            return present(entity, file, binding.line)
        if binding.target is not None and binding.target != name:
            found = self.expression(binding.target, owner.module, within=owner)
            entity = found.entity
            if found.state == "present" and entity is not None:
                if binding.called:
                    return present(self.call(entity), file, binding.line)
                if isinstance(entity, Function) and instance and entity.owner is not None:
                    entity = Function(entity.module, entity.path, entity.facts, through, bound=True)
                return present(entity, file, binding.line)
        return present(None, file, binding.line)

    def _instance_value(self, owner: Class, name: str) -> Resolution:
        facts = self.facts(owner.module)
        file, line = (facts.file if facts is not None else None), owner.facts.instance[name]
        texts = [t for t in owner.facts.instance_values.get(name, ()) if t != "None"]
        entities: list[Entity] = []
        for text in texts:
            if text.startswith(":"):
                typed = self.annotated(text[1:], owner.module)
                if typed is not None:
                    entities.append(typed)
                continue
            if text == "?":
                return present(self._computed.kept(self, owner, name), file, line)
            imported = text.startswith("import ")
            found = (
                self.import_module(text.removeprefix("import "))
                if imported
                else self.expression(text.removesuffix("()"), owner.module)
            )
            entity = found.entity if found.state == "present" else None
            if text.endswith("()"):
                entity = self.call(entity) if entity is not None else None
            if isinstance(entity, Value | External):
                return present(None, file, line)
            if entity is None:
                return present(self._computed.kept(self, owner, name), file, line)
            entities.append(entity)
        return present(entities[0] if len(entities) == 1 else None, file, line)

    def call(self, entity: Entity | None, *, awaited: bool = False, infer: bool = True) -> Entity | None:
        """What calling the entity gives, `None` when that is not known. `awaited`: under an `await`. `infer`: by the
        bodies of functions too, where no annotation says it."""
        if isinstance(entity, Standard):
            return types.called(entity)
        if isinstance(entity, Instance):
            found = self.class_attribute(entity.of, "__call__", instance=True).entity
            return self.call(found, awaited=awaited, infer=infer) if isinstance(found, Function) else None
        if isinstance(entity, Class):
            if entity.facts.metaclass is not None and entity.facts.metaclass not in builtin_names.PLAIN_METACLASSES:
                return None
            new = entity.facts.members.get("__new__", ())
            return (
                None
                if any(b.function is not None and b.function.returned for b in new if b.runtime)
                and (not any("super" in r or "object" in r for b in new if b.function for r in b.function.returned))
                else Instance(entity)
            )
        if not isinstance(entity, Function):
            return None
        if entity.facts.is_async and (not awaited or entity.facts.is_generator):
            return self._not_awaited(entity)
        if entity.facts.is_generator and not entity.facts.decorators and entity.facts.returns is None:
            return Standard("types.GeneratorType", (self._computed.result(self, entity, "yield") if infer else None,))
        manager = entity.facts.is_generator and entity.facts.decorators
        if manager and all(d.rsplit(".", 1)[-1] == "contextmanager" for d in entity.facts.decorators):
            return Standard("contextlib._GeneratorContextManager", (self._yielded(entity) if infer else None,))
        if entity.facts.is_generator and entity.facts.returns is None:
            return None
        words = {d.split("(", 1)[0].rsplit(".", 1)[-1] for d in entity.facts.decorators}
        if not words <= builtin_names.RESULT_KEEPING_DECORATORS and not self._kept_as_it_is(entity):
            return None
        if entity.facts.returns is not None:
            if entity.facts.returns.strip("'\"").rsplit(".", 1)[-1] == "Self" and entity.owner is not None:
                return Instance(entity.owner)
            return self.annotated(entity.facts.returns, entity.module)
        plain = self._returned(entity)
        if not infer or (plain is not None and not (isinstance(plain, Standard) and not any(plain.items))):
            return plain
        inferred = self._computed.result(self, entity, "return")
        alike = isinstance(inferred, Standard) and isinstance(plain, Standard) and inferred.type == plain.type
        return inferred if plain is None or alike else plain

    def _yielded(self, function: Function) -> Entity | None:
        """What a generator yields: by its annotation, else by its body."""
        if function.facts.returns is None:
            return self._computed.result(self, function, "yield")
        given = self.annotated(function.facts.returns, function.module)
        return types.element(given, "each") if isinstance(given, Standard) else None

    def _not_awaited(self, function: Function) -> Entity | None:
        """What calling an asynchronous function gives before anything is awaited."""
        if function.facts.decorators:
            words = {d.rsplit(".", 1)[-1] for d in function.facts.decorators}
            manager = words == {"asynccontextmanager"} and function.facts.is_generator
            return Standard("contextlib._AsyncGeneratorContextManager", (self._yielded(function),)) if manager else None
        if not function.facts.is_generator:
            return Standard("types.CoroutineType")
        given = self.annotated(function.facts.returns, function.module) if function.facts.returns else None
        return given or Standard("types.AsyncGeneratorType", (None,))

    def _kept_as_it_is(self, function: Function) -> bool:
        """Whether every decorator says that it gives back what it is given: `(f: F) -> F`, or `Callable[[F], F]`."""
        for text in function.facts.decorators:
            name, called, _ = text.partition("(")
            if name.rsplit(".", 1)[-1] in builtin_names.RESULT_KEEPING_DECORATORS:
                continue
            if self._computed.keeps_result(self, text, function.module):
                continue
            found = self.expression(name, function.module).entity
            if not isinstance(found, Function) or found.facts.returns is None or not found.facts.params:
                return False
            given = found.facts.params[0].annotation
            plain = not called and given == found.facts.returns and given.isidentifier()
            if not plain and not (called and _SAME_CALLABLE.fullmatch(found.facts.returns)):
                return False
        return True

    def _returned(self, function: Function) -> Entity | None:
        """The class that an un-annotated function plainly makes an instance of."""
        found: dict[str, Entity] = {}
        others = False
        for text in function.facts.returned:
            if text == "None":
                continue
            if text == "self" and function.owner is not None:
                found[function.owner.path] = function.owner
                continue
            plain = types.literal(text)
            if plain is not None:
                found[text] = plain
                continue
            if text.startswith("import ") or text.isidentifier():
                given = self._module_named(text, function.module)
                if given is not None:
                    found[given.name] = given
                else:
                    others = True
                continue
            if text.startswith("self.") and text.endswith("()") and function.owner is not None:
                given_by_own = self._own_result(function.owner, text[5:-2])
                if given_by_own is None:
                    others = True
                else:
                    found[text] = given_by_own
                continue
            made = self.expression(text.removesuffix("()"), function.module).entity if text.endswith("()") else None
            if text.startswith(("self.", "cls", "super")):
                made = None
            if isinstance(made, Class):
                found[made.path] = made
            elif isinstance(made, External) and (plain := types.standard(made.path)) is not None:
                found[plain.type] = plain
            else:
                others = True
        if len(found) != 1:
            return None
        one = next(iter(found.values()))
        if isinstance(one, Class):
            return Instance(one, maybe=others)
        return None if others else one

    def _own_result(self, owner: Class, path: str) -> Entity | None:
        """What `self.a.b()` gives in a method of a class; `None` of a method that returns a call of itself."""
        key = (owner.path, path)
        if key not in self._own_results:
            self._own_results[key] = None  # while running
            entity: Entity | None = Instance(owner)
            for name in path.split("."):
                found = self.attribute(entity, name)
                entity = found.entity if found.state == "present" else None
            self._own_results[key] = self.call(entity) if isinstance(entity, Function) else None
        return self._own_results[key]

    def _module_named(self, text: str, module: str) -> Module | None:
        """The module that a function returns: one it imports (`import a.b`), or a name of its own module for one."""
        name = text.removeprefix("import ")
        found = self.import_module(name) if name != text else self.expression(name, module)
        return found.entity if found.state == "present" and isinstance(found.entity, Module) else None

    def annotated(self, annotation: str, module: str) -> Entity | None:
        """What a value annotated like this is; `None` when some part of the annotation is not a known class."""
        key = (annotation, module)
        if key not in self._annotations:
            self._annotations[key] = None  # while running
            self._annotations[key] = self._annotated(annotation, module)
        return self._annotations[key]

    def _annotated(self, annotation: str, module: str) -> Entity | None:
        parsed = types.parse_annotation(annotation)
        return types.typed(parsed, partial(self._noted, module)) if parsed is not None else None

    def _noted(self, module: str, text: str) -> Entity | None:
        """What an annotation names: an instance of one of the classes, or a class of the standard library."""
        found = self._remember(("note", module, text), partial(self.expression, text, module))
        if isinstance(found.entity, Class):
            return Instance(found.entity)
        return found.entity if isinstance(found.entity, External) else None

    def expression(self, text: str, module: str, *, within: Class | None = None) -> Resolution:
        """A dotted text as it stands in `module` (in the body of class `within`)."""
        first, *rest = text.split(".")
        found: Resolution
        if within is not None and first in within.facts.members and first != within.facts.name:
            found = (
                self._class_member(
                    within, first, [b for b in within.facts.members[first] if b.runtime], instance=False, through=within
                )
                if any(b.runtime for b in within.facts.members[first])
                else UNKNOWN
            )
        else:
            found = self.scope(module, first)
        for part in rest:
            if found.state != "present":
                return found
            found = self.attribute(found.entity, part)
        return found

    def scope(self, module: str, name: str) -> Resolution:
        """A global name as code in `module` sees it; also what only a type checker sees there."""
        return self._remember(("scope", module, name), lambda: self._scope(module, name))

    def _scope(self, module: str, name: str) -> Resolution:
        found = self.member(module, name)
        if found.state == "present":
            return found
        facts = self.facts(module)
        hidden = [b for b in facts.bindings.get(name, ()) if not b.runtime] if facts is not None else []
        if facts is not None and hidden:
            return self._binding(hidden[-1], facts, name)
        if facts is not None and (deleted := facts.deleted.get(name)):
            return self._binding(deleted[-1], facts, name)
        if name in builtin_names.BUILTINS:
            return Resolution("unknown", External(f"builtins.{name}"))
        return found

    def path(self, text: str) -> Resolution:
        """A dotted path from a top-level module on, by attribute access."""
        first, *rest = text.split(".")
        found = self.import_module(first)
        for part in rest:
            if found.state != "present":
                return found
            found = self.attribute(found.entity, part)
        return found


def _guessed(found: Resolution) -> Resolution:
    """The same, where what it leads to is what methods leave there."""
    if not isinstance(found.entity, Instance):
        return found
    return msgspec.structs.replace(found, entity=Instance(found.entity.of, found.entity.maybe, inferred=True))


def _shadowed(surfaces: tuple[Surface, ...]) -> frozenset[str]:
    """Roots of several surfaces of which the last has a file, not a mere namespace folder."""
    if len(surfaces) < 2:
        return frozenset()
    first, last = {name.split(".", 1)[0] for each in surfaces[:-1] for name in each.sources}, surfaces[-1].sources
    return frozenset(root for root in first if root in last and last[root].form in {"py", "binary"})
