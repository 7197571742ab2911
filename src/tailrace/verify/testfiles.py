"""Imports inside functions in, the tests that reach them out: sections of recipes, a pytest file, a list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Literal, assert_never

import msgspec

from tailrace.verify.hidden import Hidden

Format = Literal["text", "recipe", "meta", "pytest", "json"]
FORMATS: tuple[Format, ...] = ("text", "recipe", "meta", "pytest", "json")

_PYTEST = '''\
"""Executes every import that {name} hides inside a function. Made by `tailrace tests {name}`."""

import importlib

import pytest

IMPORTS = [
{rows}]


@pytest.mark.parametrize(("module", "name"), IMPORTS)
def test_an_import_inside_a_function_works(module, name):
    found = importlib.import_module(module)
    if name and not hasattr(found, name):
        importlib.import_module(module + "." + name)
'''


class HiddenUse(msgspec.Struct, frozen=True, kw_only=True):
    """A use of another package inside a function. `line`: 1-based. `name`: empty where the module itself is imported.

    `private`: the module or the name begins with a low line. `guarded`: a failure is caught. `conditional`: it does not
    run on every platform.
    """

    file: str
    line: int
    kind: str
    module: str
    name: str
    function: str
    private: bool
    guarded: bool
    conditional: bool


class TestsReport(msgspec.Struct, frozen=True, kw_only=True):
    """The uses of other packages inside functions.

    `imports`: all imports. `untested`: what no test ran. The one that was not asked for is `None`.
    """

    schema: Literal["tailrace.tests/1"] = "tailrace.tests/1"
    imports: tuple[HiddenUse, ...] | None = None
    untested: tuple[HiddenUse, ...] | None = None


def render_tests(name: str, found: Sequence[Hidden], format: Format) -> str:
    """The tests for the unguarded imports that run on every platform; `json` and `text` list all."""
    imports = [one for one in found if one.kind == "import"]
    firm = [one for one in imports if not one.guarded and not one.conditional]
    statements = list(dict.fromkeys(one.statement for one in sorted(firm, key=lambda o: (o.module, o.name))))
    modules = list(dict.fromkeys(one.module for one in sorted(firm, key=lambda o: o.module)))
    commands = [statement for statement in statements if statement.startswith("from ")]
    match format:
        case "text":
            return _text(name, imports, firm)
        case "json":
            return _json(TestsReport(imports=tuple(map(_plain, imports))))
        case "recipe":
            lines = ["tests:", "  - python:", "      imports:", *(f"        - {module}" for module in modules)]
            if commands:
                lines += ["  - script:", *(f"      - {_quoted(command)}" for command in commands)]
            return "\n".join(lines if modules else ["tests: []"]) + "\n"
        case "meta":
            lines = ["test:", "  imports:", *(f"    - {module}" for module in modules)]
            if commands:
                lines += ["  commands:", *(f"    - {_quoted(command)}" for command in commands)]
            return "\n".join(lines if modules else ["test: {}"]) + "\n"
        case "pytest":
            rows = "".join(f"    ({one.module!r}, {one.name!r}),  # {one.file}:{one.line}\n" for one in _once(firm))
            return _PYTEST.format(name=name, rows=rows)
        case _:
            assert_never(format)


def render_untested(name: str, missed: Sequence[Hidden], format: Format) -> str:
    """What no test ran, the most dangerous first."""
    if format == "json":
        return _json(TestsReport(untested=tuple(map(_plain, missed))))
    if not missed:
        return f"{name}: every use of another package inside a function was run by a test\n"
    lines = [f"{name}: {len(missed)} uses of other packages inside functions were run by no test", ""]
    for one in missed:
        shown = one.statement if one.kind == "import" else f"{one.module}.{one.name}"
        marks = ", ".join(word for word, true in _marks(one) if true)
        lines.append(f"{one.file}:{one.line}: {shown}  in {one.function}{f' ({marks})' if marks else ''}")
    return "\n".join(lines) + "\n"


def _text(name: str, imports: Sequence[Hidden], firm: Sequence[Hidden]) -> str:
    if not imports:
        return f"{name}: no import of another package stands inside a function\n"
    lines = [f"{name}: {len(imports)} imports of other packages inside functions, {len(firm)} of them unguarded", ""]
    for one in imports:
        marks = ", ".join(word for word, true in _marks(one) if true)
        lines.append(f"{one.file}:{one.line}: {one.statement}  in {one.function}{f' ({marks})' if marks else ''}")
    return "\n".join(lines) + "\n"


def _marks(one: Hidden) -> tuple[tuple[str, bool], ...]:
    return (("private", one.is_private), ("guarded", one.guarded), ("conditional", one.conditional))


def _once(firm: Sequence[Hidden]) -> list[Hidden]:
    seen: dict[str, Hidden] = {}
    for one in firm:
        seen.setdefault(one.statement, one)
    return sorted(seen.values(), key=lambda one: (one.module, one.name))


def _plain(one: Hidden) -> HiddenUse:
    return HiddenUse(
        file=one.file,
        line=one.line,
        kind=one.kind,
        module=one.module,
        name=one.name,
        function=one.function,
        private=one.is_private,
        guarded=one.guarded,
        conditional=one.conditional,
    )


def _json(report: TestsReport) -> str:
    return json.dumps(msgspec.to_builtins(report), indent=2) + "\n"


def _quoted(statement: str) -> str:
    return json.dumps(f'python -c "{statement}"')
