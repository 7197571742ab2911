"""Breaks in copies of other distributions that a downstream ships and does not import. Executes nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tailrace.check.breakage import Breakage
from tailrace.python.modules import Surface, is_test_file
from tailrace.python.text import descendants

_COPIED = re.compile(r"(?:^|/)(?:_?vendor(?:ed)?|_?extern(?:als?)?|third_party|_?bundled|site-packages)/")
_DOTTED = re.compile(r"\.?[A-Za-z_]\w{0,60}(?:[.:]\w{1,60}){1,10}\Z")
_MOST = 3_000  # files that are read to find out


def weaken_unreached(surface: Surface, roots: frozenset[str], hits: Iterable[Breakage]) -> tuple[Breakage, ...]:
    """The same hits; those in a copied module that nothing of the downstream leads to are `possible`, and those in a
    copy of the upstream itself, which stands for what it imports of the upstream. `roots`: of the upstream."""
    packages = {file.removesuffix("/__init__.py") for file in surface.artifact.python_files}
    given = tuple(_in_copy_of_upstream(_beside_package(hit, packages), roots) for hit in hits)
    copied = {hit.file for hit in given if hit.confidence != "possible" and _COPIED.search(hit.file)}
    if not copied:
        return given
    reached = _reached(surface)
    if reached is None:
        return given
    dead = {file for file in copied if surface.module_of_file(file) not in reached}
    detail = "nothing of the downstream imports this copy"
    return tuple(
        replace(hit, confidence="possible", detail=f"{hit.detail}; {detail}" if hit.detail else detail)
        if hit.file in dead and hit.confidence != "possible"
        else hit
        for hit in given
    )


def _beside_package(hit: Breakage, packages: set[str]) -> Breakage:
    """A module beside a package of the same name is never imported."""
    if hit.confidence == "possible" or not hit.file.endswith(".py") or hit.file.removesuffix(".py") not in packages:
        return hit
    detail = "a package of the same name is imported in its place"
    return replace(hit, confidence="possible", detail=f"{hit.detail}; {detail}" if hit.detail else detail)


def _in_copy_of_upstream(hit: Breakage, roots: frozenset[str]) -> Breakage:
    copied = _COPIED.search(hit.file)
    if copied is None or hit.confidence == "possible" or hit.file[copied.end() :].partition("/")[0] not in roots:
        return hit
    detail = "it stands in a copy of the upstream"
    return replace(hit, confidence="possible", detail=f"{hit.detail}; {detail}" if hit.detail else detail)


def _reached(surface: Surface) -> frozenset[str] | None:
    """The modules that imports lead to from outside of the copies; `None` where there are too many files."""
    files = {
        name: file
        for file in surface.artifact.python_files
        if file.endswith(".py") and (name := surface.module_of_file(file)) is not None
    }
    if len(files) > _MOST:
        return None
    todo = [name for name, file in files.items() if not _COPIED.search(file) and not is_test_file(file)]
    reached = set(todo)
    while todo:
        name = todo.pop()
        for wanted in _led_to(surface, name, files[name]):
            parts = wanted.split(".")
            for depth in range(1, len(parts) + 1):
                module = ".".join(parts[:depth])
                if module in files and module not in reached:
                    reached.add(module)
                    todo.append(module)
    return frozenset(reached)


def _led_to(surface: Surface, name: str, file: str) -> Iterator[str]:
    """What a module imports, at any place of it, and the modules that its texts name."""
    parsed = surface.tree(file)
    package = name if file.endswith("__init__.py") else name.rpartition(".")[0]
    for node in descendants(parsed.tree) if parsed is not None else ():
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
                module = ".".join([*base, *([node.module] if node.module else [])])
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case ast.Constant(value=str() as text) if _DOTTED.match(text):
                yield package + text if text.startswith(".") else text.replace(":", ".")
            case _:
                pass
