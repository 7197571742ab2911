"""Finds what a downstream imports from other packages inside functions."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tailrace.model import Artifact
from tailrace.verify.installed import module_of
from tailrace.verify.probes import module_name

Kind = Literal["import", "use"]
_CONDITIONS = ("platform", "os.name", "version_info", "TYPE_CHECKING", "PY2", "PY3", "implementation", "win32")
_GUARDS = ("ImportError", "ModuleNotFoundError", "Exception", "BaseException", "AttributeError")


@dataclass(frozen=True, slots=True, order=True)
class Hidden:
    """One place inside a function. `module`, `name`: what is imported or used (`name` is empty for a whole module).

    `guarded`: a `try` around it catches a failed import. `conditional`: it stands under a test of platform or version.
    `function`: dotted name of the function around it.
    """

    file: str
    line: int
    kind: Kind
    module: str
    name: str
    function: str
    guarded: bool = False
    conditional: bool = False

    @property
    def statement(self) -> str:
        """The import that reaches it."""
        return f"from {self.module} import {self.name}" if self.name else f"import {self.module}"

    @property
    def root(self) -> str:
        """The top-level module."""
        return self.module.partition(".")[0]

    @property
    def is_private(self) -> bool:
        """Whether something on the way is private: what is private goes without notice."""
        return any(part.startswith("_") for part in (*self.module.split("."), *self.name.split(".")) if part)


def find_hidden(artifact: Artifact) -> tuple[tuple[Hidden, ...], tuple[str, ...]]:
    """Every import and use inside a function, of modules that are neither the downstream's nor the standard library's;
    and the files that could not be read.
    """
    found: list[Hidden] = []
    unread: list[str] = []
    own = own_roots(artifact)
    for file in artifact.python_files:
        inside = module_name(file, artifact.search_paths)
        if inside is None or module_of(f"{inside.replace('.', '/')}.py") is None:
            continue
        try:
            tree = ast.parse((artifact.root / file).read_bytes())
        except (OSError, SyntaxError, ValueError, RecursionError):
            unread.append(file)
            continue
        reader = _Reader(file, own)
        reader.read(tree.body, "", guarded=False, conditional=False)
        found += reader.found
    return tuple(sorted(set(found))), tuple(unread)


def own_roots(artifact: Artifact) -> frozenset[str]:
    """The top-level modules of the downstream itself."""
    names = (module_name(file, artifact.search_paths) for file in artifact.python_files)
    return frozenset(name.partition(".")[0] for name in names if name)


class _Reader:
    def __init__(self, file: str, own: frozenset[str]) -> None:
        self.file = file
        self.foreign: dict[str, tuple[str, str]] = {}  # local name → (module, name)
        self.own = own
        self.found: list[Hidden] = []

    def read(self, body: list[ast.stmt], function: str, *, guarded: bool, conditional: bool) -> None:
        for node in body:
            match node:
                case ast.Import() | ast.ImportFrom():
                    self._import(node, function, guarded=guarded, conditional=conditional)
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                    self.read(node.body, _join(function, name), guarded=False, conditional=conditional)
                case ast.ClassDef(name=name):
                    self.read(
                        node.body, _join(function, name) if function else "", guarded=guarded, conditional=conditional
                    )
                case ast.Try() | ast.TryStar():
                    catches = guarded or any(_catches(handler) for handler in node.handlers)
                    self.read(node.body, function, guarded=catches, conditional=conditional)
                    for handler in node.handlers:
                        self.read(handler.body, function, guarded=guarded, conditional=True)
                    self.read([*node.orelse, *node.finalbody], function, guarded=guarded, conditional=conditional)
                case ast.If(test=test):
                    under = conditional or any(word in ast.unparse(test) for word in _CONDITIONS)
                    self._uses([test], function, guarded=guarded, conditional=conditional)
                    self.read([*node.body, *node.orelse], function, guarded=guarded, conditional=under)
                case ast.For() | ast.AsyncFor() | ast.While() | ast.With() | ast.AsyncWith():
                    parts = [part for part in ast.iter_child_nodes(node) if not isinstance(part, ast.stmt)]
                    self._uses(parts, function, guarded=guarded, conditional=conditional)
                    rest = [*node.body, *getattr(node, "orelse", [])]
                    self.read(rest, function, guarded=guarded, conditional=conditional)
                case _:
                    self._uses([node], function, guarded=guarded, conditional=conditional)

    def _import(self, node: ast.Import | ast.ImportFrom, function: str, *, guarded: bool, conditional: bool) -> None:
        if isinstance(node, ast.Import):
            pairs = [(alias.name, "", alias) for alias in node.names]
        elif node.level or node.module is None:
            return
        else:
            pairs = [(node.module, alias.name, alias) for alias in node.names if alias.name != "*"]
        for module, name, alias in pairs:
            root = module.partition(".")[0]
            if root in self.own or root in sys.stdlib_module_names:
                continue
            local = alias.asname or (name or root)
            self.foreign[local] = (module if name or alias.asname else root, name)
            if function:
                place = (self.file, alias.lineno or node.lineno)
                self.found.append(Hidden(*place, "import", module, name, function, guarded, conditional))

    def _uses(
        self, nodes: list[ast.AST] | list[ast.stmt] | list[ast.expr], function: str, *, guarded: bool, conditional: bool
    ) -> None:
        if not function:
            return
        for top in nodes:
            for node in ast.walk(top):
                if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
                    continue
                if node.value.id not in self.foreign:
                    continue
                module, name = self.foreign[node.value.id]
                used = f"{name}.{node.attr}" if name else node.attr
                self.found.append(Hidden(self.file, node.lineno, "use", module, used, function, guarded, conditional))


def _catches(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(
        name in ast.unparse(handler.type).replace("(", " ").replace(",", " ").split() for name in _GUARDS
    ) or any(ast.unparse(handler.type).rpartition(".")[2] == name for name in _GUARDS)


def _join(outer: str, name: str) -> str:
    return f"{outer}.{name}" if outer else name


def without_tests(found: tuple[Hidden, ...], ran: dict[str, frozenset[int]], root: Path) -> tuple[Hidden, ...]:
    """The places whose line no test ran, the most dangerous first: imports before uses, private names before others.

    `ran`: file (as the coverage data names it) → lines that ran. A file that is not in the data was not run at all.
    """
    lines = {file: ran_lines(file, ran) for file in {one.file for one in found}}
    missed = [one for one in found if one.line not in lines[one.file]]
    return tuple(sorted(missed, key=lambda one: (one.guarded, one.kind != "import", not one.is_private, one)))


def ran_lines(file: str, ran: dict[str, frozenset[int]]) -> frozenset[int]:
    """The lines of a file that ran, whatever folder it was measured in: the longest common end of the paths counts."""
    parts = file.split("/")
    best: tuple[int, frozenset[int]] = (0, frozenset())
    for other, lines in ran.items():
        theirs = other.replace("\\", "/").split("/")
        shared = next(_common(parts, theirs))
        if shared > best[0]:
            best = (shared, lines)
    needed = min(len(parts), 2)
    return best[1] if best[0] >= needed or (best[0] and len(parts) == 1) else frozenset()


def _common(one: list[str], other: list[str]) -> Iterator[int]:
    count = 0
    while count < min(len(one), len(other)) and one[-1 - count] == other[-1 - count]:
        count += 1
    yield count
