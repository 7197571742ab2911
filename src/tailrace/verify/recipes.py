"""Reads the test section of a recipe. The recipe is not rendered."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tailrace import disk
from tailrace.conda.yaml_nodes import NotYamlError, load_yaml
from tailrace.verify.errors import VerifyError

_STATEMENT = re.compile(r"\{%[^\r\n]{0,500}?%\}|\{#[^\r\n]{0,500}?#\}")
_EXPRESSION = re.compile(r"\$?\{\{[^{}\r\n]{0,500}\}\}")
_SELECTOR = re.compile(r"#\s*\[([^\]\r\n]{1,200})\]\s*$")
_HERE: dict[str, bool] = {
    "linux": sys.platform == "linux",
    "osx": sys.platform == "darwin",
    "win": sys.platform == "win32",
    "unix": sys.platform != "win32",
    "True": True,
    "False": False,
}
_UNKNOWN = "template"
#: Bytes.
LARGEST_RECIPE = 4 << 20
# Scripts in the folder `test` of a package -> how each is run there.
_SCRIPTS = {"run_test.py": "python run_test.py", "run_test.sh": "bash run_test.sh"}


@dataclass(frozen=True, slots=True)
class RecipeTests:
    """`imports`: modules. `commands`: shell commands, one script each. `requires`: packages, as the recipe writes
    them. `unread`: how many entries name what only rendering knows, and are left out.
    """

    imports: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    unread: int = 0


def read_packaged_tests(info: Path) -> RecipeTests:
    """The tests in the metadata folder of a conda package: those of its rendered recipe, or the scripts beside it.
    Empty where it has none. Raises `VerifyError` where they cannot be read.
    """
    for name in ("tests/tests.yaml", "recipe/meta.yaml", "recipe/recipe.yaml"):
        text = _text_of(info, name)
        if text is not None and (tests := read_recipe_tests(text)) != RecipeTests():
            return tests
    commands = [command for name, command in _SCRIPTS.items() if _text_of(info, f"test/{name}") is not None]
    needed = _text_of(info, "test/test_time_dependencies.json") if commands else None
    try:
        requires = json.loads(needed) if needed is not None else []
    except (ValueError, RecursionError):
        raise VerifyError("what the tests of the package need cannot be read: it is not JSON") from None
    return RecipeTests((), tuple(commands), tuple(_texts(requires)))


def _text_of(info: Path, name: str) -> str | None:
    """The text of a file of the folder, `None` where there is none; a link may lead anywhere and is not followed."""
    path = info / name
    if not path.is_file() or path.resolve() != info.resolve() / name:
        return None
    try:
        return disk.read_bounded(path, LARGEST_RECIPE).decode("utf-8", "replace")
    except OSError as error:
        raise VerifyError(f"{path.name} of the package cannot be read: {error.strerror or error}") from None


def read_recipe_tests(text: str) -> RecipeTests:
    """The test section of a recipe.yaml (`tests:`) or a meta.yaml (`test:`), or the list that a package carries in its
    tests.yaml. Raises `VerifyError`.
    """
    text = _STATEMENT.sub("", text)
    lines = [line for line in text.splitlines() if _selected(line)]
    try:
        recipe = load_yaml(_EXPRESSION.sub(_UNKNOWN, "\n".join(lines)))
    except (NotYamlError, yaml.YAMLError, ValueError) as error:
        raise VerifyError(f"the recipe cannot be read: {' '.join(str(error).split())[:200]}") from None
    if isinstance(recipe, list) and all(isinstance(test, dict) for test in recipe):
        recipe = {"tests": recipe}
    if not isinstance(recipe, dict):
        raise VerifyError("the recipe cannot be read: it is not a mapping")
    sections = [recipe.get("test")]
    tests = recipe.get("tests")
    sections += list(_chosen(tests)) if isinstance(tests, list) else []
    outputs = recipe.get("outputs")
    for output in outputs if isinstance(outputs, list) else []:
        if isinstance(output, dict):
            sections.append(output.get("test"))
            sections += list(_chosen(output.get("tests")))
    imports: list[str] = []
    commands: list[str] = []
    requires: list[str] = []
    for section in sections:
        if not isinstance(section, dict):
            continue
        python = section.get("python")
        imports += _texts(section.get("imports"))
        imports += _texts(python.get("imports")) if isinstance(python, dict) else []
        commands += _texts(section.get("commands"))
        script = section.get("script")
        commands += _texts(script.get("content") if isinstance(script, dict) else script)
        requires += _texts(section.get("requires"))
        needed = section.get("requirements")
        requires += _texts(needed.get("run")) if isinstance(needed, dict) else []
    known = [tuple(one for one in group if _UNKNOWN not in one) for group in (imports, commands, requires)]
    unread = sum(map(len, (imports, commands, requires))) - sum(map(len, known))
    named, run, needed_packages = (tuple(dict.fromkeys(group)) for group in known)
    return RecipeTests(named, run, needed_packages, unread)


def read_run_requirements(text: str) -> tuple[str, ...]:
    """What a recipe says that its packages need when they run, as PEP 508 writes it; what only rendering knows is left
    out. Empty for a text that is no recipe.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    lines = [line for line in _STATEMENT.sub("", text).splitlines() if _selected(line)]
    try:
        recipe = load_yaml(_EXPRESSION.sub(_UNKNOWN, "\n".join(lines)))
    except (NotYamlError, yaml.YAMLError, ValueError):
        return ()
    if not isinstance(recipe, dict):
        return ()
    outputs = recipe.get("outputs")
    parts = [recipe, *(outputs if isinstance(outputs, list) else [])]
    found: dict[str, None] = {}
    for part in parts:
        table = part.get("requirements") if isinstance(part, dict) else None
        for line in _texts(table.get("run")) if isinstance(table, dict) else []:
            name, _, bound = line.partition(" ")
            if _UNKNOWN in line or name.startswith(("python", "__")):
                continue
            for written in (f"{name}{bound.split(' ')[0] if bound[:1] in tuple('<>=!~') else ''}", name):
                try:
                    found.setdefault(str(Requirement(written)))
                except InvalidRequirement:
                    continue
                break
    return tuple(found)


def _texts(value: Any) -> list[str]:
    return [text.strip() for text in _chosen(value) if isinstance(text, str) and text.strip()]


def _chosen(value: Any) -> Iterator[Any]:
    """The entries of a list, conditions decided for this platform; an undecided one gives none."""
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict) and "if" in entry:
            holds = holds_here(str(entry["if"]))
            yield from _chosen(entry.get("then")) if holds else _chosen(entry.get("else")) if holds is False else ()
        elif entry is not None:
            yield entry


def _selected(line: str) -> bool:
    found = _SELECTOR.search(line)
    return found is None or holds_here(found[1]) is True


def holds_here(text: str) -> bool | None:
    """Whether a selector (`linux`, `not win`, `osx or linux`) holds on this platform; `None` where it is unknown."""
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _value(node: ast.expr) -> bool | None:
    match node:
        case ast.Name(id=name):
            return _HERE.get(name)
        case ast.Constant(value=bool() as value):
            return value
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _value(operand)
            return None if inner is None else not inner
        case ast.BoolOp(op=operator, values=parts):
            decides = isinstance(operator, ast.Or)
            values = [_value(part) for part in parts]
            if decides in values:
                return decides
            return None if None in values else not decides
    return None
