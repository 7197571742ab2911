"""The modules of artifacts by import name, parsed when they are first used. Executes nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.model import Artifact
from tailrace.python.modules import is_test_file
from tailrace.python.parsing import parse_python
from tailrace.python.text import descendants

if TYPE_CHECKING:
    from tailrace.python.commandlines.toolkits import Registry

# A larger module is data, not a command line.
MAX_BYTES = 4_000_000

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def builds_command_lines(artifact: Artifact) -> bool:
    """Whether some module of a release mentions a toolkit of command lines at all; tests and docs aside."""
    registry = _registry()
    for file in artifact.python_files:
        if file.endswith(".py") and not _is_aside(file):
            try:
                if registry.triggered_by((artifact.root / file).read_bytes()):
                    return True
            except OSError:
                continue
    return False


def _is_aside(file: str) -> bool:
    # Helpers for tests (`pkg/testing/`) are public names, but the parsers they make are copies of those of the program.
    return is_test_file(file) or file.rpartition("/")[2] == "setup.py" or "/testing/" in f"/{file}"


def _registry() -> Registry:
    # The toolkits are made of values that hold modules: they are looked up late.
    from tailrace.python.commandlines.toolkits import REGISTRY

    return REGISTRY


class SourceModule:
    """One module of one artifact. `owner` says whose (`""` for the only one)."""

    def __init__(self, name: str, path: Path, file: str, owner: str) -> None:
        self.name = name
        self.path = path
        self.file = file
        self.owner = owner

    @cached_property
    def source(self) -> bytes:
        """The bytes; empty when unreadable or too large."""
        try:
            return self.path.read_bytes() if self.path.stat().st_size <= MAX_BYTES else b""
        except OSError:
            return b""

    @cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree, `None` when it cannot be read as Python."""
        parsed = parse_python(self.source)
        return parsed.tree if parsed else None

    @cached_property
    def mentions_commands(self) -> bool:
        """Whether any word of a command line toolkit stands in it."""
        return _registry().triggered_by(self.source)

    @property
    def is_package(self) -> bool:
        """Whether it is an `__init__.py`."""
        return self.file.endswith("__init__.py")

    @cached_property
    def rebound(self) -> frozenset[str]:
        """Module-level names that some function rebinds with `global`."""
        if self.tree is None or b"global " not in self.source:
            return frozenset()
        return frozenset(n for node in descendants(self.tree) if isinstance(node, ast.Global) for n in node.names)

    @cached_property
    def bodies(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Each function, method and class, with the identifiers in it (of a class: in its bases and `__init__`)."""
        found: list[tuple[str, frozenset[str]]] = []
        classes: list[tuple[str, frozenset[str]]] = []
        for node, used in self._used.values():
            if isinstance(node, ast.ClassDef):
                inits = [f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"]
                parts = [*map(identifiers, node.bases), *map(self.identifiers_in, inits)]
                classes.append((node.name, frozenset().union(*parts)))
            else:
                found.append((node.name, used))
        return (*found, *classes)

    def identifiers_in(self, function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
        """Every name and attribute name in a function of this module."""
        return self._used[id(function)][1]

    @cached_property
    def _used(self) -> dict[int, tuple[_Definition, frozenset[str]]]:
        """By the identity of its node: every function and class with the identifiers in it, all found in one pass."""
        found: dict[int, tuple[_Definition, set[str]]] = {}
        stack: list[tuple[ast.AST, tuple[set[str], ...]]] = [(self.tree, ())] if self.tree is not None else []
        while stack:
            node, around = stack.pop()
            if isinstance(node, ast.Name):
                name = node.id
            elif isinstance(node, ast.Attribute):
                name = node.attr
            else:
                name = ""
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    own: set[str] = set()
                    found[id(node)] = (node, own)
                    around = (*around, own)
            if name:
                for names in around:
                    names.add(name)
            for field in node._fields:
                value = getattr(node, field)
                if isinstance(value, list):
                    stack.extend((item, around) for item in value if isinstance(item, ast.AST))
                elif isinstance(value, ast.AST) and value._fields:
                    stack.append((value, around))
        return {key: (node, frozenset(names)) for key, (node, names) in found.items()}

    def absolute(self, level: int, name: str | None) -> str:
        """The absolute name of a relative import."""
        if not level:
            return name or ""
        parts = self.name.split(".")
        keep = len(parts) - level + (1 if self.is_package else 0)
        return ".".join([*parts[: max(keep, 0)], *([name] if name else [])])


class Program:
    """The modules of one or several artifacts under their import names. On a clash the later artifact wins."""

    def __init__(self, parts: Iterable[tuple[str, Artifact, Iterable[str] | None]]) -> None:
        self.modules: dict[str, SourceModule] = {}
        for owner, artifact, files in parts:
            for file in artifact.python_files if files is None else files:
                name = module_name(file, artifact.search_paths)
                if name is not None:
                    self.modules[name] = SourceModule(name, artifact.root / file, file, owner)

    def joined(self, other: Program) -> Program:
        """Both programs in one; what was parsed stays parsed. On a clash `other` wins."""
        both = Program(())
        both.modules = {**self.modules, **other.modules}
        return both

    def find(self, name: str) -> SourceModule | None:
        """A module by its import name."""
        return self.modules.get(name)

    def knows_package(self, name: str) -> bool:
        """Whether `name` is a module or a (namespace) package here."""
        return name in self._packages

    @cached_property
    def _packages(self) -> frozenset[str]:
        found = set(self.modules)
        for name in self.modules:
            while "." in name:
                name = name.rpartition(".")[0]
                found.add(name)
        return frozenset(found)

    def owned(self, owner: str) -> list[SourceModule]:
        """The modules of `owner`, in the order of their names; tests and docs aside."""
        return [m for _, m in sorted(self.modules.items()) if m.owner == owner and not _is_aside(m.file)]

    def mentioning(self, owner: str) -> list[SourceModule]:
        """The modules of `owner` that may build command lines, in the order of their names; tests and docs aside."""
        return [module for module in self.owned(owner) if module.mentions_commands]

    def building_names(self, modules: Iterable[SourceModule]) -> frozenset[str]:
        """Names of functions that, directly or through one another, may build a command line."""
        bodies = [(name, used) for module in modules for name, used in module.bodies if not name.startswith("__")]
        building = set(_registry().building)
        grown = True
        while grown:
            grown = False
            for name, used in bodies:
                if name not in building and not building.isdisjoint(used):
                    building.add(name)
                    grown = True
        return frozenset(building)


def identifiers(node: ast.AST) -> frozenset[str]:
    """Every name and attribute name in a tree."""
    found: set[str] = set()
    for child in descendants(node):
        if isinstance(child, ast.Name):
            found.add(child.id)
        elif isinstance(child, ast.Attribute):
            found.add(child.attr)
    return frozenset(found)


def module_name(file: str, search_paths: Iterable[str]) -> str | None:
    """`src/pkg/mod.py` → `pkg.mod`; `None` for what no importer can name."""
    if not file.endswith(".py"):
        return None
    for path in sorted(search_paths, key=len, reverse=True):
        prefix = f"{path}/" if path else ""
        if file.startswith(prefix):
            parts = file.removeprefix(prefix).removesuffix(".py").split("/")
            if parts[-1] == "__init__":
                parts.pop()
            return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None
    return None
