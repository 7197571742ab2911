"""Texts that declare an option of a plug-in and that its host takes no more: `add_option("--size", type="int")`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tailrace.changes.interfaces.files import holding
from tailrace.check.breakage import Breakage
from tailrace.check.interfaces.view import Finder, View
from tailrace.python.modules import Surface, is_test_file
from tailrace.python.text import descendants, dotted, literal_string
from tailrace.rules.interface import BreakFacts

_HOOKS = frozenset({"add_options", "register_options", "pytest_addoption", "add_arguments"})
_ADDS = re.compile(rb"\bdef\s+(?:" + b"|".join(sorted(name.encode() for name in _HOOKS)) + rb")\b")
_TESTS = re.compile(rb"\bisinstance\(\s*\w+\s*,\s*\(?\s*(?:str|basestring|string_types|six\.string_types)\b")
_TEXT = re.compile(r"\b(?:str|basestring|string_types)\b")
_VARIABLE = re.compile(r"_?[A-Z][A-Z0-9]?|\w+_co|_?[A-Z]\w*T")  # of types
# What a text is, by the last part of a name.
_KINDS_OF_TEXT = frozenset(
    {"str", "Any", "object", "AnyStr", "Text", "Literal", "Hashable", "Sequence", "Iterable", "Collection", "Container"}
)
_RAISED = frozenset({"ValueError", "TypeError", "Exception", "BaseException"})


def find(view: View) -> Iterator[Breakage]:
    """`value-removed` at the text, in the function by which a plug-in adds its options."""
    files = list(view.matching(_ADDS))
    lost = view.once("texts of options", lambda: _lost(view)) if files else {}
    for file in files if lost else ():
        parsed = view.tree(file) if not is_test_file(file) else None
        for function in descendants(parsed.tree) if parsed is not None else ():
            if not isinstance(function, ast.FunctionDef) or function.name not in _HOOKS:
                continue
            given = {argument.arg for argument in function.args.args}
            for call in descendants(function):
                if not isinstance(call, ast.Call) or not _concerns(call, given):
                    continue
                for keyword in call.keywords:
                    text = literal_string(keyword.value)
                    if text is not None and keyword.arg in lost:
                        symbol = f"value:{text}"
                        facts: BreakFacts = {"value": text, "call": lost[keyword.arg]}
                        yield view.value_removed(symbol, file, keyword.value, "likely", _RAISED, facts)


def _concerns(call: ast.Call, given: set[str]) -> bool:
    """Whether a call is one of a parser that the function was given, or hands it on."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return any(isinstance(node, ast.Name) and node.id in given for node in (owner, *call.args))


def _lost(view: View) -> dict[str, str]:
    """Parameter → the function that declares an option, which takes a text for it in the baseline alone."""
    found: dict[str, str] = {}
    for file in holding(view.baseline.artifact, _TESTS):
        before = _functions(view.baseline, file)
        after = _functions(view.candidate, file) if before else {}
        for name, function in before.items():
            other = after.get(name)
            if other is None or "option" not in name.lower():
                continue
            for parameter in _tested(function) - _tested(other):
                annotation = _annotations(other).get(parameter)
                if annotation is not None and _members(annotation).isdisjoint(_KINDS_OF_TEXT):
                    found[parameter] = f"{view.baseline.module_of_file(file) or file}.{name}".removesuffix(".__init__")
    return found


def _functions(surface: Surface, file: str) -> dict[str, ast.FunctionDef]:
    parsed = surface.tree(file) if file in surface.artifact.python_files else None
    found: dict[str, ast.FunctionDef] = {}
    for node in parsed.tree.body if parsed is not None else ():
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}": inner for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return found


def _tested(function: ast.FunctionDef) -> frozenset[str]:
    """The parameters of which a function asks whether they are a text."""
    own = _annotations(function)
    return frozenset(
        node.args[0].id
        for node in descendants(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"
        if len(node.args) == 2 and isinstance(node.args[0], ast.Name) and node.args[0].id in own
        if _TEXT.search(ast.unparse(node.args[1]))
    )


def _annotations(function: ast.FunctionDef) -> dict[str, ast.expr | None]:
    given = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return {each.arg: each.annotation for each in given}


def _members(annotation: ast.expr) -> frozenset[str]:
    """The last parts of the names that an annotation is a union of."""
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _members(left) | _members(right)
        case ast.Subscript(value=value, slice=inner) if (dotted(value) or "").rpartition(".")[2] in {
            "Union",
            "Optional",
        }:
            parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return frozenset[str]().union(*map(_members, parts))
        case ast.Subscript(value=value):
            return _members(value)
        case ast.Constant(value=str() as text):
            try:
                return _members(ast.parse(text, mode="eval").body)
            except (SyntaxError, ValueError, RecursionError):
                return _KINDS_OF_TEXT
        case ast.Constant(value=None):
            return frozenset()
        case _:
            name = (dotted(annotation) or "").rpartition(".")[2]
            return frozenset({name}) if name and not _VARIABLE.fullmatch(name) else _KINDS_OF_TEXT


FINDER = Finder(find)
