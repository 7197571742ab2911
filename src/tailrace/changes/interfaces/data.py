"""Data that others find by name and a release no longer has: Django's template libraries and tags, styles, files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tailrace.changes.interfaces.files import holding
from tailrace.changes.interfaces.interface import InterfaceKind
from tailrace.model import Artifact, Change
from tailrace.python.modules import Surface, is_test_file
from tailrace.python.text import descendants, dotted, literal_string

_LIBRARY = re.compile(r"(?:^|/)templatetags/([A-Za-z_]\w*)\.py\Z")
_TABLES = frozenset({"FILTERS", "DEFAULT_FILTERS"})
_REGISTERS = re.compile(
    rb"\.filters\s*\[|\bregister\.(?:tag|filter|simple_tag|inclusion_tag|simple_block_tag|assignment_tag)\b|^(?:DEFAULT_)?FILTERS\b",
    re.MULTILINE,
)
# A filter that is put into an environment: env.filters["x"] = f
_FILTER_TABLES = frozenset({"filters"})
_TEMPLATE = re.compile(r"(?:^|/)(?:jinja2?|templates?)/(.+\.(?:html?|txt|xml|tpl|j2|jinja2?|tex|md|rst|mako))\Z")
_TAGS = frozenset({"tag", "simple_tag", "inclusion_tag", "simple_block_tag", "assignment_tag"})
STYLE = ".mplstyle"


def installed_files(artifact: Artifact) -> frozenset[str]:
    """The files of a release other than Python sources, as paths below `site-packages`."""
    paths = sorted((path for path in artifact.search_paths if path), key=len, reverse=True)
    found = set()
    for file in artifact.other_files:
        prefix = next((f"{path}/" for path in paths if file.startswith(f"{path}/")), "")
        found.add(file[len(prefix) :])
    return frozenset(found)


def libraries_of(artifact: Artifact) -> dict[str, str]:
    """Template library → file."""
    found: dict[str, str] = {}
    for file in artifact.python_files:
        match = _LIBRARY.search(file)
        if match is not None and match[1] != "__init__" and not is_test_file(file):
            found.setdefault(match[1], file)
    return found


def _styles_of(artifact: Artifact) -> dict[str, str]:
    return {PurePosixPath(file).stem: file for file in artifact.other_files if file.endswith(STYLE)}


def templates_of(artifact: Artifact) -> dict[str, str]:
    """Template, as it is asked for below a folder of templates → file."""
    found: dict[str, str] = {}
    for file in artifact.other_files:
        match = _TEMPLATE.search(file)
        if match is not None and not is_test_file(file):
            found.setdefault(match[1], file)
    return found


def tags_of(surface: Surface) -> dict[str, tuple[str, int]]:
    """`template-tag:NAME` and `template-filter:NAME` → file and line, of what modules register for templates."""
    found: dict[str, tuple[str, int]] = {}
    for file in holding(surface.artifact, _REGISTERS):
        parsed = surface.tree(file)
        for node in descendants(parsed.tree) if parsed is not None else ():
            for kind, name, line in _registered(node):
                found.setdefault(f"template-{kind}:{name}", (file, line))
    return found


def _registered(node: ast.AST) -> Iterator[tuple[str, str, int]]:
    if isinstance(node, ast.FunctionDef):
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            kind = _kind(call.func if call is not None else decorator)
            if kind is None:
                continue
            named = next((k.value for k in call.keywords if k.arg == "name"), None) if call is not None else None
            first = call.args[0] if call is not None and call.args else None
            yield kind, literal_string(named) or literal_string(first) or node.name, node.lineno
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
        # Jinja's own: FILTERS = {"abs": abs, ...}
        if any(isinstance(target, ast.Name) and target.id in _TABLES for target in node.targets):
            for key in node.value.keys:
                name = literal_string(key)
                if key is not None and name is not None:
                    yield "filter", name, key.lineno
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        owner, put = node.targets[0].value, literal_string(node.targets[0].slice)
        if put is not None and isinstance(owner, ast.Attribute) and owner.attr in _FILTER_TABLES:
            yield "filter", put, node.lineno
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.value.args:
        kind, text = _kind(node.value.func), literal_string(node.value.args[0])
        if kind is not None and text is not None:
            yield kind, text, node.lineno


def _kind(node: ast.expr) -> str | None:
    path = dotted(node) or ""
    owner, _, last = path.rpartition(".")
    if owner.rpartition(".")[2] != "register":
        return None
    return "tag" if last in _TAGS else "filter" if last == "filter" else None


def compare_data(baseline: Surface, candidate: Surface) -> Iterator[Change]:
    """`data-removed` for template libraries, tags and filters, and styles; plain files are not listed one by one."""
    if not candidate.artifact.python_files:
        return
    in_baseline, in_candidate = libraries_of(baseline.artifact), libraries_of(candidate.artifact)
    for name in sorted(in_baseline.keys() - in_candidate.keys()):
        yield Change(rule="data-removed", symbol=f"template-library:{name}", file=in_baseline[name], line=1)
    tags = tags_of(baseline)
    kept = tags_of(candidate) if tags else {}
    for symbol in sorted(tags.keys() - kept.keys()):
        yield Change(rule="data-removed", symbol=symbol, file=tags[symbol][0], line=tags[symbol][1])
    had, has = templates_of(baseline.artifact), templates_of(candidate.artifact)
    for name in sorted(had.keys() - has.keys()):
        yield Change(rule="data-removed", symbol=f"template:{name}", file=had[name], line=1)
    styles, left = _styles_of(baseline.artifact), _styles_of(candidate.artifact)
    for name in sorted(styles.keys() - left.keys()):
        yield Change(rule="data-removed", symbol=f"style:{name}", file=styles[name], line=1)


KIND = InterfaceKind(frozenset({"data-removed"}), compare_data)
