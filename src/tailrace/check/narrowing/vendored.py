"""Finds copies of the upstream that a downstream bundles and imports under the upstream's name.

`sys.modules["up"] = down._vendor.up`, or the folder of the copy put first on `sys.path`. Executes nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from tailrace.model import Artifact
from tailrace.python.modules import Surface, is_test_file
from tailrace.python.parsing import MAX_SOURCE_BYTES
from tailrace.python.text import children, descendants, dotted, literal_string

_FIRST_ON_PATH = re.compile(
    rb"\bsys\.path\.insert\(\s*0\s*,|\bsys\.path\[\s*:?\s*0?\s*:\s*0?\s*\]\s*=|\bsys\.path\s*=\s*\["
)


def adopt_vendored(surface: Surface, roots: Iterable[str]) -> None:
    """Make the downstream's own copies of these import roots importable under their names, where its code does."""
    for root in sorted(roots):
        for file in _copies(surface.artifact, root):
            if _is_installed(surface, root, file):
                surface.adopt(root, file)
                break


def _copies(artifact: Artifact, root: str) -> list[str]:
    """The modules and packages of this name that do not stand where an import finds them."""
    ends = (f"/{root}/__init__.py", f"/{root}.py")
    found = [file for file in artifact.python_files if file.endswith(ends) and not is_test_file(file)]
    tops = {f"{path}{end}" if path else end[1:] for path in artifact.search_paths for end in ends}
    return [file for file in found if file not in tops]


def _is_installed(surface: Surface, root: str, file: str) -> bool:
    """Whether some module enters the copy in `sys.modules`, or puts its folder first on `sys.path`."""
    parent = file.removesuffix("/__init__.py").rpartition("/")[0].rpartition("/")[2]
    for other in surface.artifact.python_files:
        if other == file or other.endswith(".pyi") or is_test_file(other):
            continue
        try:
            data = (surface.artifact.root / other).read_bytes()
        except OSError:
            continue
        if len(data) > MAX_SOURCE_BYTES or b"sys" not in data:
            continue
        if parent and parent.encode() in data and _FIRST_ON_PATH.search(data):
            return True
        if b"modules" in data and root.encode() in data:
            parsed = surface.tree(other)
            if parsed is not None and any(_enters(node, root) for node in _outside_handlers(parsed.tree)):
                return True
    return False


def _outside_handlers(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements that do not wait for an exception: what is entered there serves where the upstream is missing."""
    for child in children(node):
        if isinstance(child, ast.ExceptHandler):
            continue
        if isinstance(child, ast.stmt):
            yield child
        yield from _outside_handlers(child)


def _enters(node: ast.stmt, root: str) -> bool:
    """Whether a statement binds the name in `sys.modules`."""
    if isinstance(node, ast.Assign):
        return any(_is_entry(target, root) for target in node.targets)
    if isinstance(node, ast.For):
        # `for name in ("six", "up"): sys.modules[name] = import_module(f"down._vendor.{name}")`
        names = {literal_string(part) for part in descendants(node.iter)}
        stored = (t for part in descendants(node) if isinstance(part, ast.Assign) for t in part.targets)
        return root in names and any(isinstance(t, ast.Subscript) and _is_modules(t.value) for t in stored)
    call = node.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
    if call is None or not isinstance(call.func, ast.Attribute) or not _is_modules(call.func.value) or not call.args:
        return False
    if call.func.attr in {"setdefault", "__setitem__"}:
        return literal_string(call.args[0]) == root
    return call.func.attr == "update" and any(literal_string(part) == root for part in descendants(call.args[0]))


def _is_entry(target: ast.expr, root: str) -> bool:
    return isinstance(target, ast.Subscript) and _is_modules(target.value) and literal_string(target.slice) == root


def _is_modules(node: ast.expr) -> bool:
    return dotted(node) in {"sys.modules", "modules"}
