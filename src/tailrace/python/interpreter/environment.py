"""Looks up names and attributes of evaluated code: in scopes, modules, `sys` and distributions."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from tailrace.python.interpreter.calls import method_of
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.statements import Runner
from tailrace.python.interpreter.values import UNKNOWN, Method, ModuleValue, Namespace, Symbol, Unknown, VersionInfo
from tailrace.python.semantics.entities import Class

if TYPE_CHECKING:
    from tailrace.python.interpreter.modules import ModuleRunner
    from tailrace.python.semantics.resolver import Resolver

_VERSION_FIELDS = ("major", "minor", "micro", "releaselevel", "serial")


class Environment(Runner):
    """What evaluated code sees around itself: the surfaces of one `Resolver`, whose modules `runner` computes."""

    world: Resolver
    runner: ModuleRunner

    def lookup(self, name: str, frame: Frame) -> Any:
        """The value of a variable: local, enclosing, module, builtin."""
        holder = frame.holder(name)
        if holder is not None and not holder.is_module:
            return self.runner.force(holder.variables[name])
        found = self.runner.global_value(frame.module, name)
        if not isinstance(found, Unknown):
            return found
        if name == "__name__":
            return frame.module
        if name == "__package__":
            return frame.module
        if name == "TYPE_CHECKING":
            return False
        return Symbol(f"builtins.{name}") if hasattr(builtins, name) else UNKNOWN

    def attribute(self, owner: Any, name: str) -> Any:
        """`owner.name`."""
        return self.get_attribute(owner, name, self)

    def get_attribute(self, value: Any, name: str, default: Any) -> Any:
        """`value.name`; raises AttributeError when it is surely not there and there is no default (`default` is
        self)."""
        if isinstance(value, ModuleValue):
            return self.runner.module_attribute(value.name, name, default)
        if isinstance(value, VersionInfo):
            found = getattr(value.version, name, UNKNOWN)
            if name == "version":  # LooseVersion("1.2").version == [1, 2]
                return list(value.version.release)
            return found if isinstance(found, str | int | tuple | bool) else UNKNOWN
        if isinstance(value, Symbol):
            if value.path.startswith("distribution:") and name in {"version", "parsed_version"}:
                return value.path.removeprefix("distribution:")
            if value.path in {"sys", "os"} or value.path.startswith("sys."):
                return self.runner.sys_attribute(f"{value.path}.{name}")
            return Symbol(f"{value.path}.{name}")
        if isinstance(value, tuple) and value[3:] == ("final", 0) and name in _VERSION_FIELDS:
            return value[_VERSION_FIELDS.index(name)]
        if isinstance(value, Namespace):
            return value if name == "__dict__" else Method(value, name)
        return method_of(value, name)

    def has_attribute(self, value: Any, name: str) -> bool | None:
        """`hasattr(value, name)`."""
        if isinstance(value, Symbol):
            return self._class_has(value.path, name)
        return self.runner.module_has(value.name, name) if isinstance(value, ModuleValue) else None

    def _class_has(self, path: str, name: str) -> bool | None:
        """`hasattr(Class, name)` of a class that can be read."""
        found = self.world.path(path).entity if self.world.knows(path) else None
        state = self.world.class_attribute(found, name, instance=False).state if isinstance(found, Class) else "unknown"
        return None if state == "unknown" else state == "present"

    def import_module(self, name: str) -> Any:
        """`importlib.import_module(name)`."""
        return self.runner.import_by_name(name)

    def has_module(self, name: str) -> bool | None:
        """Whether `name` can be imported."""
        state = self.world.import_module(name).state
        return None if state == "unknown" else state == "present"

    def namespace_has(self, module: str, name: str) -> bool | None:
        """`name in globals()` of a module, hooks not asked."""
        return self.runner.namespace_has(module, name)

    def namespace_get(self, module: str, name: str) -> Any:
        """`globals()[name]` of a module."""
        return self.runner.global_value(module, name)

    def distribution_version(self, name: str) -> str | None:
        """The version of a distribution or import name at this moment."""
        from packaging.utils import canonicalize_name

        return self.world.versions.get(name) or self.world.versions.get(canonicalize_name(name))

    def attach_stub(self, module: str) -> frozenset[str] | None:
        """The names of the `.pyi` beside a module that calls `lazy_loader.attach_stub`."""
        return self.runner.stub_names(module)
