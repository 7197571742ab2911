"""Subcommands that a program finds in a table of names and classes: pip's `commands_dict`, cleo's applications.

The table is read from the sources, and each class builds its parser as it does at run time. Runs nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tailrace.model import Metadata
from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.program import SourceModule
from tailrace.python.commandlines.values import Option, Parser, Site, SubParsers
from tailrace.python.interpreter import classes
from tailrace.python.interpreter.values import Arguments, Class, Function, Symbol, items_of
from tailrace.python.text import descendants, literal_string

_WORD = re.compile(r"[a-z][a-z0-9]*(?:[-_ ][a-z0-9]+)*\Z")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.\w+)+\Z")
_TABLED = re.compile(rb"^(?=\w*?command)\w++\s*[:=]", re.MULTILINE | re.IGNORECASE)
_MOST = 200  # commands of one program
_FEWEST = 2  # a table of one is none


def add_dispatched(machine: Core, metadata: Metadata, modules: list[SourceModule]) -> None:
    """Hang the commands of tables below the program that they belong to."""
    scripts = [pair for group in ("console_scripts", "gui_scripts") for pair in metadata.entry_point_group(group)]
    for module in modules:
        if _TABLED.search(module.source) is None:
            continue
        entries = list(_table(machine, module))
        if len(entries) < _FEWEST:
            continue
        roots = _roots(machine, module, scripts)
        for name, cls in entries[:_MOST] if roots else ():
            _hang(roots, name, _built(machine, name, cls))
    if any(b"cleo" in module.source for module in modules):
        _add_cleo(machine, modules, scripts)


def _roots(machine: Core, module: SourceModule, scripts: list[tuple[str, str]]) -> list[Parser]:
    """The parsers of the programs of a module's package that have no subcommands of their own."""
    package = module.name.partition(".")[0]
    named = {name for name, target in scripts if target.partition(".")[0].partition(":")[0] == package}
    named.add(f"python -m {package}")
    return [
        parser
        for parser in machine.parsers
        if not parser.child and parser.subparsers is None and not named.isdisjoint(parser.scripts)
    ] or [
        parser
        for parser in machine.parsers
        if not parser.child and not named.isdisjoint(parser.scripts) and "\0table" in parser.attributes
    ]


def _table(machine: Core, module: SourceModule) -> Iterator[tuple[str, Class]]:
    """Name and class of the entries of the tables at the top level of a module."""
    for node in module.tree.body if module.tree is not None else ():
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) and _is_named(node) else None
        pairs: list[tuple[ast.expr | None, ast.expr]] = []
        if isinstance(value, ast.Call) and len(value.args) == 1:
            value = value.args[0]  # OrderedDict([...])
        if isinstance(value, ast.Dict):
            pairs = list(zip(value.keys, value.values, strict=True))
        elif isinstance(value, ast.List | ast.Tuple):
            for element in value.elts:
                if isinstance(element, ast.Tuple) and len(element.elts) == 2:
                    pairs.append((element.elts[0], element.elts[1]))
                elif isinstance(element, ast.Name):
                    pairs.append((None, element))
        for key, given in pairs:
            cls = _class_of(machine, module, given)
            name = literal_string(key) if key is not None else _own_name(cls)
            if cls is not None and name is not None and _WORD.match(name):
                yield name, cls


def _is_named(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and "command" in target.id.lower() for target in targets)


def _class_of(machine: Core, module: SourceModule, node: ast.expr) -> Class | None:
    """The class that an entry names: itself, `("module", "Class")`, or `"module:Class"`; only one that builds."""
    if isinstance(node, ast.Name | ast.Attribute):
        value = machine.value(node, machine.module_frame(module))
        return value if isinstance(value, Class) and _builds(machine, value) else None
    match node:
        case ast.Call(args=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts):
            pass
        case _:
            parts = [node]
    texts = [text for part in parts if (text := literal_string(part)) is not None]
    for index, text in enumerate(texts):
        head, _, last = text.partition(":") if ":" in text else text.rpartition(".")
        pairs = [(head, last)]
        if index + 1 < len(texts):
            pairs.insert(0, (text, texts[index + 1]))
        for where, name in pairs:
            if _DOTTED.match(where) and name.isidentifier() and machine.program.find(where) is not None:
                value = machine.member(where, name)
                if isinstance(value, Class) and _builds(machine, value):
                    return value
    return None


def _builds(machine: Core, cls: Class) -> bool:
    """Whether a class makes a parser when an object of it is made."""
    initialiser = classes.lookup(machine, cls, "__init__")
    return isinstance(initialiser, Function) and machine.is_building_body(initialiser.node)


def _own_name(cls: Class | None) -> str | None:
    return _literal(cls, "name") if cls is not None else None


def _literal(cls: Class, name: str) -> str | None:
    statement = classes.members(cls).get(name)
    value = getattr(statement, "value", None)
    return literal_string(value) if isinstance(value, ast.expr) else None


def _built(machine: Core, name: str, cls: Class) -> Parser | None:
    """The parser that an object of the class makes, with the name of the command as its first argument."""
    before = len(machine.parsers)
    module = machine.program.modules[cls.frame.module]
    site = Site(module.file, cls.node.lineno, 1, module.owner, cls.node)
    initialiser = classes.lookup(machine, cls, "__init__")
    wants = len(initialiser.node.args.args) > 1 if isinstance(initialiser, Function) else False
    given = Arguments((name, ""), closed=True) if wants else Arguments(closed=True)
    with machine.apart():
        machine.script = None
        machine.call(cls, given, site, cls.frame)
    made = [parser for parser in machine.parsers[before:] if not parser.child]
    for parser in made:
        parser.site = site
    return made[0] if made else None


def _hang(roots: list[Parser], name: str, parser: Parser | None) -> None:
    words = name.split(" ")
    for root in roots:
        root.attributes["\0table"] = True
        holder = root
        for word in words[:-1]:
            holder = _child(holder, word, Parser(root.site, ready=True, child=True, toolkit=root.toolkit))
        child = parser or Parser(root.site, ready=True, toolkit=root.toolkit, open_ends={"add_argument"})
        child.child = True
        child.prog = None
        _child(holder, words[-1], child)


def _child(parent: Parser, name: str, new: Parser) -> Parser:
    if parent.subparsers is None:
        parent.subparsers = SubParsers(parent)
    return parent.subparsers.names.setdefault(name, new)


def _add_cleo(machine: Core, modules: list[SourceModule], scripts: list[tuple[str, str]]) -> None:
    """The commands of a cleo application: classes with a name that some other module of the program names."""
    found: list[tuple[str, Class, SourceModule]] = []
    for module in modules:
        may_hold = b"ommand" in module.source and module.tree is not None
        for node in module.tree.body if may_hold and module.tree is not None else ():
            cls = machine.module_frame(module).variables.get(node.name) if isinstance(node, ast.ClassDef) else None
            name = _own_name(cls) if isinstance(cls, Class) else None
            if isinstance(cls, Class) and name is not None and _WORD.match(name) and _is_cleo(machine, cls):
                found.append((name, cls, module))
    if not found:
        return
    listed = [each for each in found if _is_listed(each, modules)]
    package = found[0][2].name.partition(".")[0]
    for script, target in scripts:
        if target.partition(".")[0].partition(":")[0] != package:
            continue
        application = machine.program.find(target.partition(":")[0].strip()) or found[0][2]
        root = Parser(Site(application.file, 1, 1, application.owner), prog=script, ready=True, toolkit="cleo")
        root.scripts.append(script)
        machine.parsers.append(root)
        for name, cls, module in (listed or found)[:_MOST]:
            site = Site(module.file, cls.node.lineno, 1, module.owner, cls.node)
            parser = Parser(site, cls, ready=True, toolkit="cleo")
            for kind in ("options", "arguments"):
                given = classes.lookup(machine, cls, kind)
                items = items_of(given) if given is not None else []
                parser.options += [item for item in items or () if isinstance(item, Option)]
                if items is None or not all(isinstance(item, Option) for item in items):
                    parser.open_ends.add("params")
            _hang([root], name, parser)


def _is_cleo(machine: Core, cls: Class) -> bool:
    return any(isinstance(base, Symbol) and base.path.startswith("cleo.") for base in classes.lineage(machine, cls))


def _is_listed(command: tuple[str, Class, SourceModule], modules: list[SourceModule]) -> bool:
    """Whether another module names the command, in a text or by its class, other than in an import only."""
    name, cls, own = command
    for module in modules:
        if module is own:
            continue
        if name.encode() not in module.source and cls.node.name.encode() not in module.source:
            continue
        for node in descendants(module.tree) if module.tree is not None else ():
            if isinstance(node, ast.Name) and node.id == cls.node.name:
                return True
            if isinstance(node, ast.Constant) and node.value == name:
                return True
    return False
