"""Reads the project of a setup.cfg or setup.py. Only literals are read."""

from __future__ import annotations

import ast
import configparser
from typing import Any

from tailrace.sources.project_values import (
    Project,
    Read,
    clean_text,
    entry_points_of,
    lines_of,
    parse_pairs,
    read_attribute,
    requirement_lines,
    strings_of,
    text_of,
    with_extra,
)


def read_setup_cfg(text: str, read: Read) -> Project:
    """setup.cfg, as setuptools reads it."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # entry point names keep their case
    try:
        parser.read_string(text)
    except configparser.Error:
        return Project()
    metadata, options = _section(parser, "metadata"), _section(parser, "options")
    requires = lines_of(options.get("install_requires", options.get("install-requires", "")))
    for extra, lines in _section(parser, "options.extras_require").items():
        requires += [with_extra(line, extra) for line in lines_of(lines)]
    folders = [
        value.strip()
        for key, _, value in (
            line.partition("=") for line in lines_of(options.get("package_dir", options.get("package-dir", "")))
        )
        if not key.strip()
    ]
    folders += lines_of(_section(parser, "options.packages.find").get("where", ""))
    version = clean_text(metadata.get("version"))
    if version and version.startswith("attr:"):
        version = read_attribute(
            version.removeprefix("attr:").strip(), (*(f"{folder}/" for folder in folders), "", "src/"), read
        )
    elif version and version.startswith("file:"):
        version = clean_text(read(version.removeprefix("file:").strip()))
    return Project(
        name=clean_text(metadata.get("name")),
        version=version,
        requires_python=clean_text(options.get("python_requires", options.get("python-requires"))),
        requires_dist=tuple(requires),
        entry_points={
            group: pairs
            for group, lines in _section(parser, "options.entry_points").items()
            if (pairs := parse_pairs(lines_of(lines)))
        },
        package_dirs=tuple(folders),
        modules=tuple(lines_of(options.get("py_modules", options.get("py-modules", "")))),
    )


# setup.py: literals and names bound once to literals, nothing else.


def read_setup_py(text: str, _read: Read) -> Project:
    """Keyword arguments of `setup()` that are literals, or names bound once to literals."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Project()
    names: dict[str, Any] = {}
    calls: list[ast.Call] = []
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = _literal(node.value, names)
            if value is not None:
                names.setdefault(node.targets[0].id, value)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", None)) == "setup":
            calls.append(node)
    given: dict[str, Any] = {}
    for call in calls:
        for keyword in call.keywords:
            value = _literal(keyword.value, names)
            if keyword.arg is None and isinstance(value, dict):
                given.update({key: item for key, item in value.items() if isinstance(key, str)})
            elif keyword.arg is not None and value is not None:
                given.setdefault(keyword.arg, value)
    requires = requirement_lines(given.get("install_requires"))
    extras = given.get("extras_require")
    if isinstance(extras, dict):
        for extra, lines in extras.items():
            requires += [with_extra(line, str(extra)) for line in requirement_lines(lines)]
    folder = given.get("package_dir")
    root = folder.get("") if isinstance(folder, dict) else None
    points = given.get("entry_points")
    return Project(
        name=text_of(given.get("name")),
        version=text_of(given.get("version")),
        requires_python=text_of(given.get("python_requires")),
        requires_dist=tuple(requires),
        entry_points=entry_points_of(points),
        package_dirs=(root,) if isinstance(root, str) else (),
        modules=tuple(strings_of(given.get("py_modules"))),
    )


def _literal(node: ast.expr, names: dict[str, Any], depth: int = 0) -> Any:
    """The value of a literal, with known names and `+` put in; `None` when it is anything else."""
    if depth > 20:
        return None
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=ast.Name(id=name), attr="__name__"):
            return name
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            values = [_literal(item, names, depth + 1) for item in items]
            return [value for value in values if value is not None]
        case ast.Dict(keys=keys, values=items):
            pairs = [
                (_literal(key, names, depth + 1), _literal(item, names, depth + 1))
                for key, item in zip(keys, items, strict=True)
                if key is not None
            ]
            return {key: value for key, value in pairs if isinstance(key, str) and value is not None}
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _literal(left, names, depth + 1), _literal(right, names, depth + 1)
            if isinstance(first, list) and isinstance(second, list):
                return first + second
            if isinstance(first, str) and isinstance(second, str):
                return first + second
            return first if isinstance(first, list) else second if isinstance(second, list) else None
        case ast.Call(func=ast.Name(id="dict"), keywords=keywords, args=[]):
            pairs = [(keyword.arg, _literal(keyword.value, names, depth + 1)) for keyword in keywords]
            return {key: value for key, value in pairs if key is not None and value is not None}
    return None


def _section(parser: configparser.RawConfigParser, name: str) -> dict[str, str]:
    return {key: value or "" for key, value in parser.items(name)} if parser.has_section(name) else {}
