"""Surfaces of one moment (one upstream, one downstream) in, answers to "does this path resolve" out. Executes
nothing."""

from __future__ import annotations

import re
from functools import partial

from tailrace.python import builtin_names
from tailrace.python.facts import Binding
from tailrace.python.semantics.entities import (
    UNKNOWN,
    Class,
    Entity,
    External,
    Function,
    Instance,
    Module,
    Resolution,
    Union,
    Value,
    absent,
    present,
)
from tailrace.python.semantics.importing import Accepts
from tailrace.python.semantics.naming import Naming
from tailrace.python.text import union_parts

__all__ = ["Accepts", "World"]


_SAME_CALLABLE = re.compile(r"(?:\w+\.)*Callable\[\[(\w+)\],\s*\1\]")


class World(Naming):
    """Several surfaces seen as one `sys.path`. Every answer is remembered; the surfaces are shared between worlds."""

    def _evaluate_getattr(self, module: str, name: str) -> Resolution:
        # The evaluator asks the world, and the world asks the evaluator: tied here, once.
        from tailrace.python.interpreter.hooks import evaluate_getattr

        return evaluate_getattr(self, module, name)

    def _evaluate_all(self, module: str) -> frozenset[str]:
        from tailrace.python.interpreter.hooks import evaluate_all

        return evaluate_all(self, module)

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
            case Union(members=members):
                return self._union_attribute([self.attribute(member, name) for member in members])
            case _:
                return UNKNOWN

    def _union_attribute(self, found: list[Resolution]) -> Resolution:
        """Present when some member has it, absent when none has."""
        there = [f for f in found if f.state == "present"]
        if there:
            return there[0] if len(there) == len(found) else present(None, there[0].file, there[0].line)
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
        for owner in line:
            bound = [b for b in owner.facts.members.get(name, ()) if b.runtime or b.function is not None]
            if bound:
                return self._class_member(owner, name, bound, instance=instance, through=cls)
            if instance and name in owner.facts.instance:
                return self._instance_value(owner, name)
        for base in standard:
            if base.startswith("namedtuple:"):
                if name in base.removeprefix("namedtuple:").split(",") or hasattr(tuple, name) or name.startswith("_"):
                    return present(None)
            elif builtin_names.standard_class_has(base, name):
                return present(None)
        if hasattr(object, name) or (not instance and hasattr(type, name)) or name in {"__dict__", "__slots__"}:
            return present(None)
        if doubt or any(o.facts.open_class or (instance and o.facts.open_instance) for o in line):
            return Resolution("unknown", note="some base or name is made at run time")
        if any(o.facts.metaclass not in builtin_names.PLAIN_METACLASSES for o in line):
            return Resolution("unknown", note="a metaclass may add names")
        if instance and any(builtin_names.has_hidden_state(base) for base in standard):
            return Resolution("unknown", note="instances of the standard base hold names of their own")
        return absent("AttributeError", cls.path)

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
                return present(None, file, line)
            found = self.expression(text.removesuffix("()"), owner.module)
            entity = found.entity if found.state == "present" else None
            if text.endswith("()"):
                entity = self.call(entity) if entity is not None else None
            if entity is None or isinstance(entity, Value | External):
                return present(None, file, line)
            entities.append(entity)
        return present(entities[0] if len(entities) == 1 else None, file, line)

    def call(self, entity: Entity | None) -> Entity | None:
        """What calling the entity gives, `None` when that is not known."""
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
        if not isinstance(entity, Function) or entity.facts.is_async or entity.facts.is_generator:
            return None
        words = {d.split("(", 1)[0].rsplit(".", 1)[-1] for d in entity.facts.decorators}
        if not words <= builtin_names.RESULT_KEEPING_DECORATORS and not self._kept_as_it_is(entity):
            return None
        if entity.facts.returns is not None:
            if entity.facts.returns.strip("'\"").rsplit(".", 1)[-1] == "Self" and entity.owner is not None:
                return Instance(entity.owner)
            return self.annotated(entity.facts.returns, entity.module)
        return self._returned(entity)

    def _kept_as_it_is(self, function: Function) -> bool:
        """Whether every decorator says that it gives back what it is given: `(f: F) -> F`, or `Callable[[F], F]`."""
        for text in function.facts.decorators:
            name, called, _ = text.partition("(")
            if name.rsplit(".", 1)[-1] in builtin_names.RESULT_KEEPING_DECORATORS:
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
        found: dict[str, Class] = {}
        others = False
        for text in function.facts.returned:
            if text == "None":
                continue
            if text == "self" and function.owner is not None:
                found[function.owner.path] = function.owner
                continue
            made = self.expression(text.removesuffix("()"), function.module).entity if text.endswith("()") else None
            if text.startswith(("self.", "cls", "super")):
                made = None
            if isinstance(made, Class):
                found[made.path] = made
            else:
                others = True
        if len(found) != 1:
            return None
        return Instance(next(iter(found.values())), maybe=others)

    def annotated(self, annotation: str, module: str) -> Entity | None:
        """What a value annotated like this is; `None` when some part of the annotation is not a known class."""
        key = (annotation, module)
        if key not in self._annotations:
            self._annotations[key] = None  # while running
            self._annotations[key] = self._annotated(annotation, module)
        return self._annotations[key]

    def _annotated(self, annotation: str, module: str) -> Entity | None:
        parts = union_parts(annotation)
        found: list[Instance] = []
        for text in parts or ():
            resolved = self._remember(("note", module, text), partial(self.expression, text, module))
            if not isinstance(resolved.entity, Class):
                return None
            found.append(Instance(resolved.entity))
        return None if not found else found[0] if len(found) == 1 else Union(tuple(found))

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
