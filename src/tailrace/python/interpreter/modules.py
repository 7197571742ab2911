"""Evaluates the code of a module once, with unknown inputs, for the values of its names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tailrace.python.interpreter.calls import MUTATORS
from tailrace.python.interpreter.frames import Frame, OutOfBudget
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Lazy,
    ModuleValue,
    Namespace,
    Raised,
    Symbol,
    Unknown,
    parse_version,
)
from tailrace.python.interpreter.values import Function as FunctionValue
from tailrace.python.semantics.entities import Class, Function, Module
from tailrace.python.text import absolute_module, children, descendants, dotted, string_items

if TYPE_CHECKING:
    from tailrace.python.interpreter.interpreter import Interpreter

_VERSION_TUPLES = frozenset({"version_info", "version_tuple", "versioninfo"})
_IMPORT_ERRORS = {
    "ModuleNotFoundError": frozenset({"ModuleNotFoundError", "ImportError", "Exception", "BaseException"}),
    "ImportError": frozenset({"ImportError", "Exception", "BaseException"}),
    "AttributeError": frozenset({"AttributeError", "Exception", "BaseException"}),
}


# A module that puts its whole body under one `if` (NumPy does) is still evaluated name by name.
_LARGE = 8


class ModuleRunner:
    """The modules that the evaluator has run, and imports as it sees them."""

    def __init__(self, machine: Interpreter) -> None:
        self.machine = machine
        self.modules: dict[str, dict[str, Any]] = {}
        self.index: dict[str, dict[str, list[ast.stmt]]] = {}
        self.ran: set[tuple[str, int, int]] = set()
        self.running: set[tuple[str, int, int]] = set()

    def variables_of(self, module: str) -> dict[str, Any]:
        """The module's variables, as far as they were asked for."""
        return self.modules.setdefault(module, {})

    def ensure(self, module: str, name: str) -> None:
        """Run the top-level statements that bind or change `name`, in order, each at most once."""
        variables = self.variables_of(module)
        for statement in self._statements(module).get(name, ()):
            key = (module, statement.lineno, statement.col_offset)
            if key in self.ran:
                continue
            self.ran.add(key)
            self.running.add(key)
            frame = Frame(module, variables, is_module=True)
            budget = self.machine.budget
            self.machine.budget = min(budget, 50_000)
            try:
                self.machine.statement(statement, frame)
            except Raised:
                continue  # an import this evaluator cannot follow; the module is imported in practice
            except (OutOfBudget, RecursionError):
                self.machine.forget_all(statement, frame)
            finally:
                self.machine.budget = budget
                self.running.discard(key)

    def is_running(self, module: str, name: str) -> bool:
        """Whether a statement that binds or changes `name` is being run: its value is not complete yet."""
        return bool(self.running) and any(
            (module, statement.lineno, statement.col_offset) in self.running
            for statement in self._statements(module).get(name, ())
        )

    def _statements(self, module: str) -> dict[str, list[ast.stmt]]:
        if module in self.index:
            return self.index[module]
        found: dict[str, list[ast.stmt]] = {}
        self.index[module] = found
        surface = self.machine.world.surface_of(module)
        source = surface.source(module) if surface is not None else None
        if surface is not None and source is not None and source.form == "py":
            parsed = surface.tree(source.file)
            leaves = list(_leaves(parsed.tree.body)) if parsed is not None else []
            listing = frozenset(leaf.name for leaf in leaves if isinstance(leaf, ast.FunctionDef) and _lists(leaf))
            for statement in leaves:
                for name in touched_names(statement) | ({"__all__"} if _calls(statement, listing) else frozenset()):
                    found.setdefault(name, []).append(statement)
        return found

    def force(self, value: Any) -> Any:
        """The value behind a name bound by an import statement."""
        if not isinstance(value, Lazy):
            return value
        if value.name is None:
            return self._module_or_symbol(value.module)
        return self.module_attribute(value.module, value.name, UNKNOWN, from_import=True)

    def _module_or_symbol(self, name: str) -> Any:
        if self.machine.world.knows(name) or name in self.machine.world.versions:
            return ModuleValue(name)
        return Symbol(name)

    def global_value(self, module: str, name: str) -> Any:
        """A global of a module as code inside it sees it."""
        self.ensure(module, name)
        variables = self.variables_of(module)
        if name in variables:
            value = self.force(variables[name])
            return self._version(module, name) if isinstance(value, Unknown) else value
        found = self.machine.world.member(module, name) if not self._hooked(module) else None
        if found is not None and found.state == "present":
            return self._value_of(found.entity, f"{module}.{name}")
        return UNKNOWN

    def _hooked(self, module: str) -> bool:
        facts = self.machine.world.facts(module)
        return facts is not None and facts.getattr_hook

    def _value_of(self, entity: Any, path: str) -> Any:
        if isinstance(entity, Module):
            return ModuleValue(entity.name)
        if isinstance(entity, Function) and entity.owner is None:
            self.ensure(entity.module, entity.facts.name)
            value = self.variables_of(entity.module).get(entity.facts.name)
            return value if isinstance(value, FunctionValue) else Symbol(entity.path)
        if isinstance(entity, Class):
            return Symbol(entity.path)
        return UNKNOWN if entity is None else Symbol(getattr(entity, "path", path))

    def module_attribute(self, module: str, name: str, default: Any, *, from_import: bool = False) -> Any:
        """`module.name`; `default` is the evaluator itself when there is none."""
        world = self.machine.world
        if name == "__dict__":
            return Namespace(module)
        if not world.knows(module):
            known = name in {"__version__", "version", "VERSION"} and module in world.versions
            return world.versions[module] if known else Symbol(f"{module}.{name}")
        if name in {"__version__", "version", "VERSION"}:
            declared = self._declared_version(module, name)
            if declared is not None:
                return declared
        self.ensure(module, name)
        variables = self.variables_of(module)
        held = variables.get(name, UNKNOWN)
        # `from . import core` in a package's own __init__ means the submodule.
        if not (isinstance(held, Lazy) and (held.module, held.name) == (module, name)):
            value = self.force(held)
            if not isinstance(value, Unknown):
                return value
            version = self._version(module, name)
            if not isinstance(version, Unknown):
                return version
        found = world.from_import(module, name) if from_import else world.attribute(Module(module), name)
        if found.state == "present":
            return self._value_of(found.entity, f"{module}.{name}")
        if found.state == "absent":
            if default is not self.machine and not from_import:
                return default
            error = found.error
            raise Raised(_IMPORT_ERRORS.get(error, frozenset({error, "Exception", "BaseException"})), error)
        return UNKNOWN

    def _declared_version(self, module: str, name: str) -> Any:
        """The version that a module of the upstream spells out; else, where it is one, that of the release."""
        versions = self.machine.world.versions
        root = module.split(".", 1)[0]
        if root not in versions:
            return None
        self.ensure(module, name)
        said = self.force(self.variables_of(module).get(name, UNKNOWN))
        parsed = parse_version(said) if isinstance(said, str) else None
        # A tree of git often holds a placeholder that the build replaces.
        if parsed is not None and any(parsed.release) and parsed.local is None and not parsed.is_devrelease:
            return said
        if isinstance(said, tuple):
            return said
        return versions[root] if name == "__version__" or module == root else None

    def _version(self, module: str, name: str) -> Any:
        """What a module calls its version where the text does not tell: the release's own."""
        version = self.machine.world.versions.get(module)
        if version is None or name == "__version__":
            return UNKNOWN if version is None else version
        parsed = parse_version(version) if name.strip("_").lower() in _VERSION_TUPLES else None
        return UNKNOWN if parsed is None else parsed.release

    def module_has(self, module: str, name: str) -> bool | None:
        """`hasattr(module, name)`."""
        found = self.machine.world.attribute(Module(module), name) if self.machine.world.knows(module) else None
        return None if found is None or found.state == "unknown" else found.state == "present"

    def namespace_has(self, module: str, name: str) -> bool | None:
        """Whether a module's own dictionary holds the name."""
        facts = self.machine.world.facts(module)
        if facts is None:
            return None
        if any(b.runtime for b in facts.bindings.get(name, ())):
            return True
        self.ensure(module, name)
        if name in self.variables_of(module):
            return True
        return None if facts.stars or facts.open_names else False

    def import_by_name(self, name: str) -> Any:
        """`importlib.import_module(name)`: a module, or the exception it raises."""
        found = self.machine.world.import_module(name)
        if found.state == "absent":
            raise Raised(_IMPORT_ERRORS.get(found.error, frozenset({found.error})), found.error)
        return self._module_or_symbol(name)

    def import_statement(self, node: ast.Import | ast.ImportFrom, frame: Frame) -> None:
        """Bind the names of an import statement; raises what the import raises."""
        world = self.machine.world
        facts = world.facts(frame.module)
        if isinstance(node, ast.Import):
            for alias in node.names:
                target = alias.name if alias.asname else alias.name.split(".")[0]
                frame.variables[alias.asname or target] = Lazy(target)
                self._check(world.import_module(alias.name), frame, alias.name)
            return
        module = absolute_module(frame.module, bool(facts and facts.is_package), node.level, node.module)
        if module is None:
            return
        for alias in node.names:
            if alias.name == "*":
                continue  # names through a star are found by the world, when they are asked for
            frame.variables[alias.asname or alias.name] = Lazy(module, alias.name)
            own = module.split(".", 1)[0] == frame.module.split(".", 1)[0]
            if not own:
                self._check(world.from_import(module, alias.name), frame, module)

    def _check(self, found: Any, frame: Frame, module: str) -> None:
        if found.state == "absent":
            raise Raised(
                _IMPORT_ERRORS.get(found.error, frozenset({found.error, "ImportError", "Exception"})), found.error
            )
        if found.state == "unknown" and not self._standard(module):
            # Another distribution may or may not be installed: what follows a failure is possible too.
            frame.outcomes.raised.append(
                Raised(_IMPORT_ERRORS["ModuleNotFoundError"], "ModuleNotFoundError", certain=False)
            )

    def _standard(self, module: str) -> bool:
        import sys

        top = module.split(".", 1)[0]
        if top not in sys.stdlib_module_names:
            return False
        python = self.machine.moment.python
        since = {
            "importlib.metadata": (3, 8),
            "importlib.resources": (3, 7),
            "tomllib": (3, 11),
            "zoneinfo": (3, 9),
            "dataclasses": (3, 7),
        }
        gone = {"distutils": (3, 12), "imp": (3, 12), "asyncore": (3, 12)}
        if module in since and (python is None or python < since[module]):
            return False
        return not (top in gone and (python is None or python >= gone[top]))

    def sys_attribute(self, path: str) -> Any:
        """`sys.version_info`, `sys.platform`, `os.name` at this moment."""
        moment = self.machine.moment
        if path == "sys.version_info" and moment.python is not None:
            return (*moment.python, 0, "final", 0)
        if path in {"sys.version_info.major", "sys.version_info.minor"} and moment.python is not None:
            return moment.python[0 if path.endswith("major") else 1]
        if path == "sys.hexversion" and moment.python is not None:
            return moment.python[0] << 24 | moment.python[1] << 16
        if path == "sys.platform" and moment.platform is not None:
            return moment.platform
        if path == "os.name" and moment.platform is not None:
            return "nt" if moment.platform == "win32" else "posix"
        return UNKNOWN if path in {"sys.version_info", "sys.platform", "sys.hexversion", "os.name"} else Symbol(path)

    def stub_names(self, module: str) -> frozenset[str] | None:
        """Names that the `.pyi` beside a module imports or binds."""
        surface = self.machine.world.surface_of(module)
        stub = (
            next((s for s in surface.extra.get(module, ()) if s.form == "pyi"), None) if surface is not None else None
        )
        parsed = surface.tree(stub.file) if surface is not None and stub is not None else None
        if parsed is None:
            return None
        names: set[str] = set()
        for node in parsed.tree.body:
            if isinstance(node, ast.ImportFrom | ast.Import):
                names.update(alias.asname or alias.name for alias in node.names)
            elif isinstance(node, ast.Assign) and dotted(node.targets[0]) == "__all__":
                names.update(string_items(node.value) or ())
        return frozenset(names)


def _leaves(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Top-level statements; the parts of a large `if` stand alone, each under its own copy of the test."""
    for statement in body:
        if isinstance(statement, ast.If) and len(statement.body) + len(statement.orelse) > _LARGE:
            for part in _leaves(statement.body):
                yield ast.copy_location(ast.If(statement.test, [part], []), part)
            for part in _leaves(statement.orelse):
                yield ast.copy_location(ast.If(statement.test, [], [part]), part)
        else:
            yield statement


def _lists(function: ast.FunctionDef) -> bool:
    """Whether a function changes the `__all__` of its module, as NumPy's `extend_all(module)` does."""
    return any("__all__" in touched_names(statement) for statement in function.body)


def _calls(statement: ast.stmt, functions: frozenset[str]) -> bool:
    """Whether a top-level statement calls one of these functions by its name."""
    return bool(functions) and any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions
        for node in descendants(statement)
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    )


def touched_names(statement: ast.stmt) -> frozenset[str]:
    """The names that a top-level statement binds, or whose value it may change in place."""
    names: set[str] = set()
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            names.update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            base: ast.expr = node
            while isinstance(base, ast.Subscript | ast.Attribute):
                base = base.value
            if isinstance(base, ast.Name):
                names.add(base.id)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            receiver: ast.expr = node.func.value
            while isinstance(receiver, ast.Subscript):
                receiver = receiver.value
            if isinstance(receiver, ast.Name) and node.func.attr in MUTATORS:
                names.add(receiver.id)
        stack.extend(children(node))
    return frozenset(names)


def lazy_module_names(machine: Interpreter, module: str) -> frozenset[str] | None:
    """The names of a `sys.modules[__name__] = _LazyModule(__name__, file, STRUCTURE, …)`; `None` when there is no
    such table."""
    surface = machine.world.surface_of(module)
    source = surface.source(module) if surface is not None else None
    parsed = surface.tree(source.file) if surface is not None and source is not None and source.form == "py" else None
    if parsed is None:
        return None
    for node in descendants(parsed.tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        target = node.targets[0]
        is_own = isinstance(target, ast.Subscript) and dotted(target.value) == "sys.modules"
        if is_own and (dotted(node.value.func) or "").rsplit(".", 1)[-1].lower().lstrip("_").startswith("lazy"):
            for argument in node.value.args:
                table = machine.runner.global_value(module, argument.id) if isinstance(argument, ast.Name) else None
                if isinstance(table, dict):
                    names = {str(key).rsplit(".", 1)[-1] for key in table}
                    for listed in table.values():
                        if isinstance(listed, Unknown):
                            return None
                        names.update(str(item) for item in listed if isinstance(item, str))
                    return frozenset(names)
    return None


__all__ = ["ModuleRunner", "lazy_module_names"]
