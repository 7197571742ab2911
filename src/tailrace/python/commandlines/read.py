"""Reads the command lines of one release from its files."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tailrace.model import Artifact, Metadata
from tailrace.python.commandlines import toolkits
from tailrace.python.commandlines.core import Core, OutOfSteps
from tailrace.python.commandlines.dispatch import add_dispatched
from tailrace.python.commandlines.machine import Machine
from tailrace.python.commandlines.model import LIMIT, CommandLine, CommandOption
from tailrace.python.commandlines.program import Program, SourceModule
from tailrace.python.commandlines.values import Command, Option, Parser
from tailrace.python.interpreter import classes
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Class, Function, Instance, ModuleValue, Value

OWNER = "upstream"
SCRIPT_GROUPS = ("console_scripts", "gui_scripts")
_MAX_PATH = 6


def load_program(artifact: Artifact, files: Iterable[str] | None = None) -> Program:
    """The modules of a release; kept and given to both `read_commandlines` and the join, they are parsed once."""
    return Program([(OWNER, artifact, files)])


def read_commandlines(
    artifact: Artifact, files: Iterable[str] | None = None, *, program: Program | None = None
) -> tuple[CommandLine, ...]:
    """Every program and subcommand that the release offers, sorted by name.

    `files` limits what is read; `program` is what `load_program` gave for the same release.
    """
    machine = start(program or load_program(artifact, files), artifact.metadata, OWNER)
    return flatten(machine, OWNER)


def start(
    program: Program,
    metadata: Metadata,
    owner: str,
    machine: Core | None = None,
    before: Iterable[SourceModule] = (),
) -> Core:
    """Run the command line construction of one artifact of `program`: scripts first, then whatever is left.

    `before`: modules whose plug-in hooks run first.
    """
    modules = program.mentioning(owner)
    if machine is None:
        machine = Machine(program, program.building_names(modules))
    if not modules:
        return machine
    machine.metadata = metadata
    try:
        for module in before:
            run_hooks(machine, module)
        for group in SCRIPT_GROUPS:
            for name, target in metadata.entry_point_group(group):
                run_script(machine, name, target)
        for module in program.owned(owner):
            # It often holds no more than `from .cli import main; main()`.
            if module.name.endswith(".__main__"):
                with machine.apart(script=f"python -m {module.name.removesuffix('.__main__')}"):
                    machine.module_frame(module)
        for module in modules:
            machine.module_frame(module)
        add_dispatched(machine, metadata, program.owned(owner))
        for module in modules:
            run_inherited(machine, module)
        for module in modules:
            run_rest(machine, module)
    except (OutOfSteps, RecursionError):
        # What was found so far is there; what was not may be there too.
        roots: list[Parser | Command] = [*machine.parsers, *machine.commands]
        for root in roots:
            root.open_ends.add(LIMIT)
    return machine


def run_script(machine: Core, name: str, target: str) -> None:
    """Run the function or command that a console script names."""
    module_name, _, path = target.partition("[")[0].strip().partition(":")
    value: Value = ModuleValue(module_name.strip())
    before = len(machine.parsers)
    with machine.apart(script=name):
        for part in filter(None, path.strip().split(".")):
            value = machine.attribute(value, part)
        if isinstance(value, Command):
            value.scripts.append(name)
        elif isinstance(value, Function):
            machine.run(value, Arguments(closed=True), root=True)
    made = [parser for parser in machine.parsers[before:] if not parser.child]
    if len(made) == 1 and not made[0].scripts:
        made[0].scripts.append(name)


def run_hooks(machine: Core, module: SourceModule) -> None:
    """Run the functions of a module that a toolkit calls by their name."""
    for function, cls in _functions(module):
        toolkit = toolkits.REGISTRY.hook(function.name, module.source)
        if cls is None and toolkit is not None and not machine.calls.get(function):
            with machine.apart():
                toolkit.run_hook(machine, Function(function, machine.module_frame(module)))


def run_inherited(machine: Core, module: SourceModule) -> None:
    """Run what a class inherits from another distribution and that builds its command line, with the class's own part.

    `BaseCommand.create_parser` of the one calls `add_arguments` of the other.
    """
    for node in module.tree.body if module.tree else ():
        if not isinstance(node, ast.ClassDef) or not node.bases:
            continue
        own = [n for n in node.body if isinstance(n, ast.FunctionDef) and machine.is_building_body(n)]
        cls = machine.module_frame(module).variables.get(node.name) if own else None
        if not isinstance(cls, Class) or cls.node is not node:
            continue
        overridden = {n.name for n in node.body if isinstance(n, ast.FunctionDef)}
        for base in classes.lineage(machine, cls):
            if not isinstance(base, Class) or machine.program.modules[base.frame.module].owner == module.owner:
                continue
            for name, member in classes.members(base).items():
                # A method that only adds to a parser is called by one that makes it.
                makes = isinstance(member, ast.FunctionDef) and not _takes_parser(member)
                if not makes or name in overridden or not machine.is_building_body(member):
                    continue
                assert isinstance(member, ast.FunctionDef)
                with machine.apart():
                    machine.script = None
                    bound = Function(member, base.frame, Instance(cls), base)
                    machine.run(bound, _nothing_known(member, bound=True), root=True)
            overridden |= classes.members(base).keys()


def _takes_parser(function: ast.FunctionDef) -> bool:
    return any(argument.arg in {"parser", "subparsers", "group"} for argument in function.args.args)


def run_rest(machine: Core, module: SourceModule) -> None:
    """Run the functions of a module that build command lines and that nothing has called."""
    for function, cls in _functions(module):
        used = module.identifiers_in(function)
        declares = any(name.endswith("Subcommand") for name in used)
        if machine.calls.get(function) or (not declares and machine.building.isdisjoint(used)):
            continue
        frame = machine.module_frame(module)
        owner = frame.variables.get(cls.name) if cls is not None else None
        if cls is not None and not (isinstance(owner, Class) and owner.node is cls):
            continue
        bound = Instance(owner) if isinstance(owner, Class) else None
        value = Function(function, frame, bound, owner if isinstance(owner, Class) else None)
        with machine.apart():
            machine.script = None
            toolkit = toolkits.REGISTRY.hook(function.name, module.source)
            if toolkit is not None:
                toolkit.run_hook(machine, value)
            else:
                machine.run(value, _nothing_known(function, bound is not None), root=True)


def _functions(module: SourceModule) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, ast.ClassDef | None]]:
    for node in module.tree.body if module.tree else ():
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node, None
            case ast.ClassDef():
                yield from ((n, node) for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
            case _:
                pass


def _nothing_known(function: ast.FunctionDef | ast.AsyncFunctionDef, bound: bool) -> Arguments:
    spec = function.args
    required = len(spec.posonlyargs) + len(spec.args) - len(spec.defaults) - bound
    return Arguments((UNKNOWN,) * max(required, 0))


@dataclass
class _Node:
    """One program or subcommand while it is put together from all the parsers that serve it."""

    file: str
    line: int
    toolkit: str
    options: list[CommandOption] = field(default_factory=list)
    aliases: set[str] = field(default_factory=set)
    open_ends: set[str] = field(default_factory=set)
    conditional: bool = False
    deprecated: bool = False
    script: bool = True


def flatten(machine: Core, owner: str) -> tuple[CommandLine, ...]:
    """The command lines of one owner's programs, as values."""
    nodes: dict[tuple[str, tuple[str, ...]], _Node] = {}
    roots: list[Parser | Command] = [*machine.parsers, *machine.commands]
    roots = [root for root in roots if not root.child and root.site.owner == owner]
    run = {(root.site.file, root.site.line) for root in roots if any(root.scripts)}
    for root in roots:
        for name, script in _program_names(root):
            # A function that makes the parser of a script is no program besides.
            if script or (root.site.file, root.site.line) not in run:
                _collect(nodes, name, (), root, (), script)
    for key, hosted in (((h.host, (h.string,)), h) for h in machine.hosted if h.site.owner == owner):
        nodes.setdefault(key, _Node(hosted.site.file, hosted.site.line, "argparse", conditional=hosted.conditional))
        nodes[key].open_ends.add("plug-in")
    merged: dict[tuple[object, ...], str] = {}
    also: dict[str, list[str]] = {}
    trees: dict[str, list[tuple[tuple[str, ...], _Node]]] = {}
    for (prog, path), node in sorted(nodes.items()):
        trees.setdefault(prog, []).append((path, node))
    for prog, tree in sorted(trees.items(), key=lambda item: (item[0].startswith("python -m "), item[0])):
        shape = tuple((path, node.file, node.line, tuple(node.options)) for path, node in tree)
        first = merged.setdefault(shape, prog)
        if first != prog and tree[0][1].script:
            also.setdefault(first, []).append(prog)
    return tuple(
        CommandLine(
            prog,
            path,
            node.file,
            node.line,
            tuple(option for option in node.options if option.strings),
            tuple(option for option in node.options if not option.strings),
            tuple(sorted(node.aliases)),
            tuple(also.get(prog, ())),
            node.toolkit,
            frozenset(node.open_ends),
            node.conditional,
            node.deprecated,
            node.script,
        )
        for prog in sorted(merged.values())
        for path, node in trees[prog]
    )


def _program_names(root: Parser | Command) -> Iterator[tuple[str, bool]]:
    named = [script for script in dict.fromkeys(root.scripts) if script]
    if named:
        yield from ((script, True) for script in named)
        return
    if isinstance(root, Parser) and root.prog:
        yield root.prog, True
    elif isinstance(root, Command) or root.scripts or root.subparsers is not None:
        stem = root.site.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        yield stem + (f":{root.name}" if isinstance(root, Command) and root.name else ""), False


def _collect(
    nodes: dict[tuple[str, tuple[str, ...]], _Node],
    prog: str,
    path: tuple[str, ...],
    root: Parser | Command,
    seen: tuple[int, ...],
    script: bool,
) -> None:
    if id(root) in seen or len(path) > _MAX_PATH:
        return
    toolkit = "argparse" if root.toolkit == "pytest" else root.toolkit
    node = nodes.setdefault((prog, path), _Node(root.site.file, root.site.line, toolkit))
    options = root.options if isinstance(root, Parser) else [p for p in root.params if isinstance(p, Option)]
    # A typer application offers its completion as a whole program only.
    frozen = [option for option in map(_frozen, options) if not (path and option.action == "completion")]
    node.options += [option for option in frozen if option not in node.options]
    node.open_ends |= root.open_ends
    if isinstance(root, Command) and not root.params.closed:
        node.open_ends.add("params")
    node.conditional, node.deprecated, node.script = root.conditional, root.deprecated, script
    if isinstance(root, Command):
        children: dict[str, Parser | Command] = dict(root.commands)
        if root.toolkit == "typer" and len(children) == 1 and not root.has_callback and not path:
            _collect_single(nodes, node, next(iter(children.values())), (prog, path, seen, script))
            return
        aliases: dict[str, str] = {}
    elif root.subparsers is not None:
        aliases = root.subparsers.aliases
        children = {k: v for k, v in root.subparsers.names.items() if k not in aliases}
    else:
        return
    for name, child in children.items():
        _collect(nodes, prog, (*path, name), child, (*seen, id(root)), script)
    for alias, name in aliases.items():
        nodes[prog, (*path, name)].aliases.add(alias)


def _collect_single(
    nodes: dict[tuple[str, tuple[str, ...]], _Node],
    node: _Node,
    only: Parser | Command,
    place: tuple[str, tuple[str, ...], tuple[int, ...], bool],
) -> None:
    """typer runs the only command of an application without asking for its name."""
    prog, path, seen, script = place
    if isinstance(only, Command) and only.is_group:
        _collect(nodes, prog, (*path, only.name), only, seen, script)
        return
    options = only.options if isinstance(only, Parser) else [p for p in only.params if isinstance(p, Option)]
    node.options += [o for o in map(_frozen, options) if o.strings != ("--help",)]
    node.file, node.line = only.site.file, only.site.line


def _frozen(option: Option) -> CommandOption:
    return CommandOption(
        option.strings,
        option.dest,
        option.site.file,
        option.site.line,
        option.action,
        option.nargs,
        option.choices,
        option.takes_value,
        option.conditional,
        option.deprecated,
    )
