"""Names that a release registers for itself and the older one left to others: values, events, options of commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tailrace.changes.interfaces.files import holding
from tailrace.python.literal_texts import LiteralTexts
from tailrace.python.modules import Surface
from tailrace.python.text import descendants, literal_string

# Method → what it registers, where a second registration raises.
REGISTERING = {
    "add_config_value": "configuration value",
    "add_event": "event",
    "add_builder": "builder",
    "add_domain": "domain",
    "add_html_theme": "theme",
}
# Tables of the host itself that hold what it registers without a call.
_TABLES = {"config_values": "configuration value", "core_events": "event"}
_COMMANDS = re.compile(r"(?:^|/)management/commands/([A-Za-z_]\w*)\.py\Z")
_ADDS = re.compile(rb"\.add_(?:argument|option)\b")
_CALLS = re.compile(rb"\b(?:" + b"|".join(name.encode() for name in (*REGISTERING, *_TABLES)) + rb")\b")


def registered(surface: Surface) -> dict[tuple[str, str], tuple[str, int]]:
    """(kind, name) → file and line of what the modules of a release register."""
    found: dict[tuple[str, str], tuple[str, int]] = {}
    for file in holding(surface.artifact, _CALLS):
        parsed = surface.tree(file)
        texts = LiteralTexts(parsed.tree) if parsed is not None else None
        for node in descendants(parsed.tree) if parsed is not None else ():
            for kind, name, line in registrations(node, texts):
                found.setdefault((kind, name), (file, line))
    return found


def registrations(node: ast.AST, texts: LiteralTexts | None) -> Iterator[tuple[str, str, int]]:
    """(kind, name, line) of what one node registers. `texts`: of its module, for names that come from a table."""
    match node:
        case ast.Call(func=ast.Attribute(attr=method), args=[first, *_]) if method in REGISTERING:
            for name in texts.of(first) if texts is not None else ():
                yield REGISTERING[method], name, node.lineno
        case ast.Assign(targets=[ast.Name(id=table)], value=ast.Dict() as value) if table in _TABLES:
            yield from _keys(_TABLES[table], value)
        case ast.AnnAssign(target=ast.Name(id=table), value=ast.Dict() as value) if table in _TABLES:
            yield from _keys(_TABLES[table], value)
        case _:
            pass


def _keys(kind: str, table: ast.Dict) -> Iterator[tuple[str, str, int]]:
    for key in table.keys:
        name = literal_string(key)
        if key is not None and name is not None:
            yield kind, name, key.lineno


def command_options(surface: Surface) -> dict[str, dict[str, tuple[str, int]]]:
    """Management command → option → file and line, of what its module adds literally; `""` stands for the modules that
    are no command and add to any (`BaseCommand`, a test runner)."""
    found: dict[str, dict[str, tuple[str, int]]] = {}
    for file in holding(surface.artifact, _ADDS):
        match = _COMMANDS.search(file)
        command = match[1] if match is not None else ""
        parsed = surface.tree(file)
        for node in descendants(parsed.tree) if parsed is not None else ():
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr in {"add_argument", "add_option"}:
                for argument in node.args:
                    text = literal_string(argument)
                    if text is not None and text.startswith("-"):
                        found.setdefault(command, {}).setdefault(text, (file, node.lineno))
    return found
