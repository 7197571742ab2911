"""Writes `src/tailrace/python/standard_names.txt`: what each module and class of the standard library offers.

    python -I tools/make_standard_names.py

Names come from the interpreter that runs this, and from the stubs that mypy ships, which also know other platforms and
newer versions. Tailrace itself imports no module because checked source names it; this script does, on the machine of
whoever changes the table.
"""

from __future__ import annotations

import ast
import importlib
import json
import os
import pkgutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).resolve().parent.parent / "src" / "tailrace" / "python" / "standard_names.txt"
# Importing these prints, opens a window or a browser, or costs minutes.
NOT_IMPORTED = frozenset({"antigravity", "this", "idlelib", "turtledemo", "test", "lib2to3", "__main__", "msilib"})
NOT_WALKED = frozenset({"__main__", "test", "tests", "idle_test", "pip", "_bundled", "_vendor"})


class Table:
    """Modules: the names of a star import (`None`: not known) and the classes. Classes: members, ancestors, metaclass.

    `bases`: of a class that only a stub knows, the keys of its bases, until all are known.
    """

    def __init__(self) -> None:
        self.stars: dict[str, set[str] | None] = {}
        self.held: dict[str, dict[str, str]] = {}
        self.members: dict[str, set[str]] = {}
        self.ancestors: dict[str, list[str]] = {}
        self.metaclass: dict[str, str] = {}
        self.keys: dict[type, str] = {}

    def add_class(self, cls: type) -> str:
        """A class that was imported, with its ancestors; its key."""
        if cls not in self.keys:
            key = f"{cls.__module__}.{cls.__qualname__}"
            while key in self.members:  # a named tuple below a class of the same name
                key += "_"
            self.keys[cls] = key
            self.members[key] = set(vars(cls))
            self.ancestors[key] = [self.add_class(base) for base in cls.__mro__[1:]]
            if type(cls) is not type:
                self.metaclass[key] = self.add_class(type(cls))
        return self.keys[cls]

    def add_module(self, name: str, module: object) -> None:
        """A module that was imported."""
        listed = getattr(module, "__all__", None)
        for attribute in listed or ():
            getattr(module, attribute, None)  # some modules load a class when it is first asked for
        self.stars[name] = set(listed if listed is not None else (n for n in vars(module) if not n.startswith("_")))
        self.held[name] = {n: self.add_class(value) for n, value in vars(module).items() if isinstance(value, type)}


def imported(table: Table) -> None:
    """Fills the table from the running interpreter."""
    for top in sorted(sys.stdlib_module_names):
        for name in _walk(top) if top not in NOT_IMPORTED and not top.startswith("_") else ():
            table.add_module(name, sys.modules[name])
        table.stars.setdefault(top, None)
    table.add_module("os.path", os.path)  # a module that is no file of a package


def _walk(name: str) -> Iterator[str]:
    try:
        module = importlib.import_module(name)
    except BaseException:
        return
    yield name
    for info in pkgutil.iter_modules(getattr(module, "__path__", [])):
        if info.name not in NOT_WALKED:
            yield from _walk(f"{name}.{info.name}")


def stubbed(table: Table, folder: Path) -> None:
    """Adds what stubs say, whatever version or platform they say it of."""
    files = sorted(folder.rglob("*.pyi"))
    bases: dict[str, list[str]] = {}
    for file in files:
        name = ".".join(file.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        if name.startswith(("_typeshed", "_bootlocale", "typing_extensions")):
            continue
        tree = ast.parse(file.read_text(encoding="utf-8"))
        _add_stub(table, name, list(_statements(tree.body)), bases)
    for key in bases:
        table.ancestors[key] = _linear(key, bases, table)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.If):
            yield from _statements([*node.body, *node.orelse])
        else:
            yield node


def _defined(body: list[ast.stmt], *, private: bool) -> set[str]:
    found: set[str] = set()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname for alias in node.names if alias.asname and alias.asname == alias.name}
    return found if private else {name for name in found if not name.startswith("_")}


def _add_stub(table: Table, name: str, body: list[ast.stmt], bases: dict[str, list[str]]) -> None:
    listed: set[str] = set()
    has_list = False
    for node in body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id == "__all__":
            has_list = True
            value = getattr(node, "value", None)
            listed |= {e.value for e in ast.walk(value) if isinstance(e, ast.Constant)} if value else set()
    known = table.stars.get(name)
    table.stars[name] = (known or set()) | (listed if has_list else _defined(body, private=False))
    held = table.held.setdefault(name, {})
    seen = {c.name: c for c in body if isinstance(c, ast.ClassDef)}
    sources = {
        a.asname or a.name: f"{n.module}.{a.name}" for n in body if isinstance(n, ast.ImportFrom) for a in n.names
    }
    for cls in seen.values():
        key = held.setdefault(cls.name, f"{name}.{cls.name}")
        fresh = key not in table.members
        table.members.setdefault(key, set()).update(_defined(list(_statements(cls.body)), private=True))
        if fresh:
            bases[key] = []
            for base in cls.bases:
                text = ast.unparse(base.value if isinstance(base, ast.Subscript) else base)
                inside = held.get(text) or (f"{name}.{text}" if text in seen else sources.get(text, text))
                bases[key].append(inside if inside in table.members or "." in inside else f"builtins.{inside}")
    for local, source in sources.items():  # what a module offers of another one
        module, _, attribute = source.rpartition(".")
        if local in (table.stars[name] or ()) and attribute in table.held.get(module, {}):
            held.setdefault(local, table.held[module][attribute])


def _linear(key: str, bases: dict[str, list[str]], table: Table, seen: frozenset[str] = frozenset()) -> list[str]:
    line: list[str] = []
    for base in bases.get(key, ()):
        if base not in seen and base in table.members:
            above = _linear(base, bases, table, seen | {key}) if base in bases else table.ancestors[base]
            line += [part for part in (base, *above) if part not in line and part != "builtins.object"]
    return [*line, "builtins.object"]


def written(table: Table) -> str:
    """The table as text: a line is `m` or `c`, a key, and JSON, so that one entry is found and read alone."""
    lines = []
    for name in sorted(table.stars):
        star = table.stars[name]
        entry = [sorted(star) if star is not None else None, dict(sorted(table.held.get(name, {}).items()))]
        lines.append(f"m {name} {json.dumps(entry, separators=(',', ':'))}")
    for key in sorted(table.members):
        parts = [sorted(table.members[key]), table.ancestors[key], table.metaclass.get(key, "")]
        lines.append(f"c {key} {json.dumps(parts, separators=(',', ':'))}")
    return "\n".join(["# Made by tools/make_standard_names.py.", *lines, ""])


def main() -> None:
    """Writes the file."""
    import mypy

    warnings.simplefilter("ignore")
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        imported(table)
        os.chdir("/")
    stubbed(table, Path(mypy.__file__).parent / "typeshed" / "stdlib")
    TARGET.write_text(written(table), encoding="utf-8")


if __name__ == "__main__":
    main()
