"""Keys of the mappings that a release hands to others, of `TypedDict` classes and sets of keys; which are gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from tailrace.python.modules import Surface, is_test_file
from tailrace.python.text import descendants, dotted, literal_string, string_items

_TYPED = re.compile(rb"TypedDict|^[ \t]*\w*_KEYS\b", re.MULTILINE)
_KEYS = re.compile(r"\A_?(?:KNOWN_)?([A-Z]+)_KEYS\Z")


class Keys(NamedTuple):
    """The keys of one mapping. `lines`: where each is declared."""

    file: str
    lines: dict[str, int]


class LostKeys(NamedTuple):
    """The keys of a mapping that the candidate's lacks: `path` of its class, with the places in the baseline. `given`:
    functions of others that are passed one, with the name of the parameter; `giving`: functions that return one."""

    path: str
    file: str
    lines: dict[str, int]
    given: frozenset[tuple[str, str]]
    giving: frozenset[str]


def lost_keys(baseline: Surface, candidate: Surface) -> tuple[LostKeys, ...]:
    """The mappings of the baseline that lost keys, as far as the candidate declares the same mapping."""
    in_baseline = keys_of(baseline)
    in_candidate = keys_of(candidate) if in_baseline else {}
    found = []
    for path, keys in in_baseline.items():
        kept = in_candidate.get(path)
        if kept is None:
            continue
        lines = {key: line for key, line in keys.lines.items() if key not in kept.lines}
        if lines:
            given, giving = _handed(baseline, path.rpartition(".")[2])
            found.append(LostKeys(path, keys.file, lines, given, giving))
    return tuple(found)


def keys_of(surface: Surface) -> dict[str, Keys]:
    """Path of a class → its keys. A set `KNOWN_CONTEXT_KEYS` is of the class `Context` beside it."""
    found: dict[str, Keys] = {}
    for file in _holding(surface, _TYPED):
        module, parsed = surface.module_of_file(file), surface.tree(file)
        typed: dict[str, dict[str, int]] = {}
        listed: dict[str, dict[str, int]] = {}
        for node in parsed.tree.body if parsed is not None else ():
            name, lines, is_set = _declared(node, typed)
            if name and is_set:
                listed[name] = lines
            elif name:
                typed[name] = lines
        for node in parsed.tree.body if parsed is not None else ():
            if isinstance(node, ast.ClassDef) and node.name.upper() in listed:
                typed.setdefault(node.name, listed[node.name.upper()])
        for name, lines in typed.items():
            found.setdefault(f"{module or file}.{name}", Keys(file, lines))
    return found


def _holding(surface: Surface, pattern: re.Pattern[bytes]) -> Iterator[str]:
    """Stubs first: they declare what a class only computes."""
    for file in sorted(surface.artifact.python_files, key=lambda name: not name.endswith(".pyi")):
        if is_test_file(file):
            continue
        try:
            data = (surface.artifact.root / file).read_bytes()
        except OSError:
            continue
        if pattern.search(data):
            yield file


def _declared(node: ast.stmt, typed: dict[str, dict[str, int]]) -> tuple[str, dict[str, int], bool]:
    match node:
        case ast.ClassDef(name=name, bases=bases, body=body):
            heads = [(dotted(base) or "").rpartition(".")[2] for base in bases]
            if "TypedDict" in heads or any(head in typed for head in heads):
                lines = {key: line for head in heads for key, line in typed.get(head, {}).items()}
                lines |= {
                    each.target.id: each.lineno
                    for each in body
                    if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
                }
                return name, lines, False
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func, args=[_, ast.Dict(keys=keys)])) if (
            dotted(func) or ""
        ).rpartition(".")[2] == "TypedDict":
            return name, {text: key.lineno for key in keys if key is not None and (text := literal_string(key))}, False
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value)
        ):
            match = _KEYS.match(name)
            items = string_items(value) if match is not None else None
            if match is not None and items is not None:
                return match[1], dict.fromkeys(items, node.lineno), True
        case _:
            pass
    return "", {}, False


def _handed(surface: Surface, name: str) -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Methods and callbacks with a parameter of a class, by function and parameter; functions that return one."""
    given: set[tuple[str, str]] = set()
    giving: set[str] = set()
    for file in _holding(surface, re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")):
        parsed = surface.tree(file)
        for node in descendants(parsed.tree) if parsed is not None else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                spec = node.args
                for argument in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs):
                    if _names(argument.annotation, name):
                        given.add((node.name, argument.arg))
                if _names(node.returns, name):
                    giving.add(node.name)
    return frozenset(given), frozenset(giving)


def _names(annotation: ast.expr | None, name: str) -> bool:
    text = literal_string(annotation) or dotted(annotation) or ""
    return text.rpartition(".")[2] == name
