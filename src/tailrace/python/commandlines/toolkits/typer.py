"""What typer does with applications and functions, done to stand-ins. Reads signatures; runs nothing."""

from __future__ import annotations

import ast

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.toolkits import click
from tailrace.python.commandlines.toolkits.interface import Toolkit
from tailrace.python.commandlines.values import Command, Option, Site
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import UNKNOWN, Arguments, Class, Function, Items, Partial, Value, text_of

_HELP = ("--help",)
_COMPLETION = ("--install-completion", "--show-completion")
_NOT_SHOWN = frozenset({"Context", "typer.Context", "click.Context", "CallbackParam", "typer.CallbackParam"})


def call(machine: Core, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
    """A call of something of typer's."""
    name = path.rpartition(".")[2]
    if name == "Typer":
        app = Command(text_of(arguments.get(None, "name")) or "", site, toolkit="typer", is_group=True)
        app.params.append(Option(_HELP, "help", site, "help", takes_value=False))
        if arguments.get(None, "add_completion") is not False:
            app.params += [Option((s,), s, site, "completion", takes_value=False) for s in _COMPLETION]
        app.conditional = machine.conditions > 0
        machine.commands.append(app)
        return app
    if name in {"Option", "Argument"}:
        kept = tuple(sorted(arguments.keywords.items(), key=lambda pair: pair[0]))
        return Partial(f"typer-{name.lower()}", UNKNOWN, arguments.positional, kept)
    if name == "run" and isinstance(function := arguments.get(0, "function"), Function):
        command = Command(click.default_name(function.name), site, toolkit="typer")
        command.params = Items(parameters(machine, function))
        machine.commands.append(command)
        click.invoked(machine, command)
        return UNKNOWN
    return click.call(machine, path, arguments, site, frame)


def method(machine: Core, owner: Command, name: str, arguments: Arguments, site: Site) -> Value:
    """A method of an application."""
    match name:
        case "command":
            return Partial("command", owner, arguments.positional, tuple(arguments.keywords.items()))
        case "callback":
            return Partial("typer-callback", owner, arguments.positional, tuple(arguments.keywords.items()))
        case "add_typer":
            child = arguments.get(0, "typer_instance")
            if isinstance(child, Command):
                label = text_of(arguments.get(None, "name")) or child.name
                if label:
                    click.attach(machine, owner, child, label, site)
                else:  # without a name the commands land in the parent
                    for key, command in child.commands.items():
                        click.attach(machine, owner, command, key, site)
            else:
                owner.open_ends.add("add_typer")
        case "__call__":
            click.invoked(machine, owner)
        case _:
            pass
    return UNKNOWN


def add_command(machine: Core, app: Command, target: Value, arguments: Arguments, site: Site) -> Value:
    """`@app.command(...)` over a function; the function stays a function."""
    if not isinstance(target, Function):
        return target
    name = text_of(arguments.get(0, "name")) or target.name.lower().replace("_", "-")
    here = Site(site.file, target.node.lineno, target.node.col_offset + 1, site.owner, target.node)
    command = Command(name, here, toolkit="typer", conditional=machine.conditions > 0)
    command.deprecated = arguments.get(None, "deprecated") is True
    command.params = Items([*parameters(machine, target), Option(_HELP, "help", here, "help", takes_value=False)])
    machine.commands.append(command)
    click.attach(machine, app, command, name, site)
    return target


def add_callback(machine: Core, app: Command, target: Value) -> Value:
    """`@app.callback()`: the function's parameters are options of the application itself."""
    app.has_callback = True
    if isinstance(target, Function):
        app.params[:0] = parameters(machine, target)
    return target


def parameters(machine: Core, function: Function) -> list[Value]:
    """Options and arguments from a signature."""
    spec = function.node.args
    named = [*spec.posonlyargs, *spec.args]
    defaults: dict[str, ast.expr | None] = {}
    defaults.update({arg.arg: given for arg, given in zip(reversed(named), reversed(spec.defaults), strict=False)})
    for arg, given in zip(spec.kwonlyargs, spec.kw_defaults, strict=False):
        defaults[arg.arg] = given
    found: list[Value] = []
    for arg in (*named, *spec.kwonlyargs):
        annotation, info = _annotation(machine, arg.annotation, function.frame)
        if annotation in _NOT_SHOWN:
            continue
        default = defaults.get(arg.arg)
        value = machine.value(default, function.frame) if default is not None else None
        if isinstance(value, Partial) and value.kind.startswith("typer-"):
            info = Partial(value.kind, value.target, value.positional[1:], value.keywords)
            value = value.positional[0] if value.positional else dict(value.keywords).get("default")
        found.append(_parameter(machine, arg, annotation, info, value, default is not None, function))
    return found


def _annotation(machine: Core, node: ast.expr | None, frame: Frame) -> tuple[str, Partial | None]:
    if isinstance(node, ast.Subscript):
        head = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        if head == "Annotated" and isinstance(node.slice, ast.Tuple):
            infos = [machine.value(extra, frame) for extra in node.slice.elts[1:]]
            info = next((i for i in infos if isinstance(i, Partial) and i.kind.startswith("typer-")), None)
            return _annotation(machine, node.slice.elts[0], frame)[0], info
        if head == "Optional":
            return _annotation(machine, node.slice, frame)
    return ("" if node is None else ast.unparse(node).removesuffix(" | None")), None


def _parameter(
    machine: Core,
    arg: ast.arg,
    annotation: str,
    info: Partial | None,
    default: Value,
    optional: bool,
    function: Function,
) -> Option:
    module = machine.program.modules[function.frame.module]
    site = Site(module.file, arg.lineno, arg.col_offset + 1, module.owner, arg)
    dashed = arg.arg.replace("_", "-")
    is_option = info.kind == "typer-option" if info is not None else optional
    if not is_option:
        return Option((), arg.arg, site, conditional=machine.conditions > 0)
    texts = [text for value in (info.positional if info else ()) if (text := text_of(value)) is not None]
    flag = annotation == "bool" or (not annotation and isinstance(default, bool))
    strings = [part for text in texts for part in text.split("/") if part]
    if not strings:
        strings = [f"--{dashed}", *([f"--no-{dashed}"] if flag else [])]
    deprecated = dict(info.keywords).get("deprecated") is True if info else False
    return Option(
        tuple(strings),
        arg.arg,
        site,
        "flag" if flag else "store",
        takes_value=not flag,
        conditional=machine.conditions > 0,
        deprecated=deprecated,
    )


class Typer(Toolkit):
    """typer, on top of click."""

    name = "typer"
    roots = frozenset({"typer"})
    triggers = (rb"\btyper\b",)
    building = frozenset({"Typer", "add_typer", "typer"})
    decorators = frozenset({"command", "typer-callback"})

    def call(self, machine: Core, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """A call of something of typer's."""
        return call(machine, path, arguments, site, frame)

    def instantiate(
        self, machine: Core, cls: Class, base: str, arguments: Arguments, site: Site, frame: Frame
    ) -> Value | None:
        """An application of a class of the sources."""
        return call(machine, base, arguments, site, frame)

    def attribute(self, machine: Core, owner: Value, name: str) -> Value:
        """An attribute of an application, as click has it."""
        return click.TOOLKIT.attribute(machine, owner, name)

    def method(self, machine: Core, owner: Value, name: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """A method of an application."""
        assert isinstance(owner, Command)
        return method(machine, owner, name, arguments, site)

    def decorate(self, machine: Core, partial: Partial, target: Value, site: Site) -> Value:
        """`@app.command()` and `@app.callback()`."""
        app = partial.target
        if not isinstance(app, Command):
            return click.decorate(machine, partial, target, site)
        if partial.kind == "typer-callback":
            return add_callback(machine, app, target)
        return add_command(machine, app, target, Arguments(partial.positional, dict(partial.keywords)), site)


TOOLKIT = Typer()
