"""What click does with commands, groups and options, done to stand-ins. Runs no callback."""

from __future__ import annotations

import re

from tailrace.python.commandlines.core import Core
from tailrace.python.commandlines.model import LENIENT
from tailrace.python.commandlines.toolkits.interface import Toolkit
from tailrace.python.commandlines.values import Command, Option, Site
from tailrace.python.interpreter import classes
from tailrace.python.interpreter.frames import Frame
from tailrace.python.interpreter.values import (
    UNKNOWN,
    Arguments,
    Class,
    Function,
    Items,
    Method,
    Partial,
    Table,
    Value,
    is_constant,
    items_of,
    known_items,
    text_of,
    texts_of,
)

_READY_MADE = {
    "version_option": ("--version",),
    "help_option": ("--help",),
    "confirmation_option": ("--yes",),
    "password_option": ("--password",),
}
_GROUP_CLASSES = frozenset(
    {"Group", "MultiCommand", "CommandCollection", "DefaultGroup", "RichGroup", "Typer", "AliasedGroup"}
)
_COMMAND_CLASSES = frozenset({"Command", "BaseCommand", "RichCommand", "ContextAwareCommand"})
# A class with one of these of its own may take anything.
DYNAMIC = frozenset({"get_command", "list_commands", "get_params", "parse_args", "resolve_command"})
# click 8.2 drops these endings of a function's name.
_SUFFIX = re.compile(r"[_-](command|cmd|group|grp)$")


def call(machine: Core, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
    """A call of something of click's."""
    name = path.rpartition(".")[2]
    first = arguments.get(0, "name")
    if name in {"command", "group"}:
        if isinstance(first, Function):
            return make_command(machine, first, Arguments(), site, group=name == "group")
        return Partial(name, None, arguments.positional, tuple(arguments.keywords.items()))
    if name in {"option", "argument", "Option", "Argument"} or name in _READY_MADE:
        option = read_option(machine, name, arguments, site)
        return option if name in {"Option", "Argument"} else Partial("option", option)
    if name == "Choice":
        return Partial("choice", UNKNOWN if first is None else first)
    if name in _GROUP_CLASSES or name in _COMMAND_CLASSES:
        return new_command(machine, arguments, site, text_of(first) or "", group=name in _GROUP_CLASSES)
    if len(arguments.positional) == 1 and isinstance(first, Function | Command):
        return first  # pass_context, pass_obj and the like
    if name == "make_pass_decorator":
        return Partial("identity", UNKNOWN)
    return UNKNOWN


def read_option(machine: Core, kind: str, arguments: Arguments, site: Site) -> Option:
    """The option or argument that a decorator or class call describes."""
    given: list[str] = []
    # version_option takes the version first.
    skip = kind == "version_option" and not (text_of(arguments.get(0, "version")) or "").startswith("-")
    for value in arguments.positional[1 if skip else 0 :]:
        texts = texts_of(value)
        given += list(texts) if texts is not None else [text] if (text := text_of(value)) is not None else []
    is_argument = kind.lower() == "argument"
    strings: list[str] = []
    names: list[str] = []
    flag = arguments.get(None, "is_flag") is True or arguments.get(None, "count") is True
    for text in given:
        if not is_argument and not text.isidentifier():
            flag = flag or "/" in text[1:]
            strings += [part.strip() for part in re.split(r"(?<=.)[/;]", text) if part.strip()]
        else:
            names.append(text)
    strings = strings or list(_READY_MADE.get(kind, ()))
    flag = (
        flag or kind in {"version_option", "help_option", "confirmation_option"} or "flag_value" in arguments.keywords
    )
    choice = arguments.get(None, "type")
    long = next((s for s in strings if s.startswith("--")), strings[0] if strings else "")
    nargs = arguments.get(None, "nargs")
    return Option(
        strings=tuple(strings),
        dest=names[0] if names else long.lstrip("-").replace("-", "_"),
        site=site,
        action="flag" if flag else "store",
        nargs=str(nargs) if nargs is not None and is_constant(nargs) else None,
        choices=texts_of(choice.target)
        if isinstance(choice, Partial) and choice.kind == "choice"
        else texts_of(choice),
        takes_value=not flag,
        conditional=machine.conditions > 0,
        deprecated=arguments.get(None, "deprecated") not in (None, False),
    )


def new_command(machine: Core, arguments: Arguments, site: Site, name: str, *, group: bool) -> Command:
    """A command made by a class or decorator call."""
    command = Command(name, site, is_group=group, conditional=machine.conditions > 0)
    absorb(machine, command, arguments, site)
    machine.commands.append(command)
    return command


def absorb(machine: Core, command: Command, arguments: Arguments, site: Site) -> None:
    """What the initialiser of a command does with its arguments."""
    params = arguments.get(None, "params")
    command.params = Items(known_items(params))
    command.deprecated = arguments.get(None, "deprecated") not in (None, False)
    given = arguments.get(1 if command.is_group else None, "commands")
    named: list[tuple[str, Value]] = []
    if isinstance(given, dict):
        named = [(str(key), value) for key, value in given.items()]
    else:
        named = [(value.name, value) for value in known_items(given) if isinstance(value, Command)]
    for key, value in named:
        if isinstance(value, Command):
            attach(machine, command, value, key, site)
    for source in known_items(arguments.get(None, "sources")):
        if isinstance(source, Command):
            source.child = True
            for key, child in source.commands.items():
                command.commands.setdefault(key, child)
    settings = arguments.get(None, "context_settings")
    if isinstance(settings, dict) and settings.get("ignore_unknown_options") and settings.get("allow_extra_args"):
        # Without the second one, an unknown option is an argument: one too many, or one that other code reads.
        command.open_ends.add(LENIENT)
    if arguments.get(None, "add_help_option") is not False:
        names = texts_of(settings.get("help_option_names")) if isinstance(settings, dict) else None
        command.params.append(Option(names or ("--help",), "help", site, "help", takes_value=False))
    unknown = params is not None and items_of(params) is None
    if unknown or not arguments.closed:
        command.open_ends.add("params")


def instance_of(machine: Core, cls: Class, kind: str, site: Site) -> Command:
    """An empty command of a class of the sources, to be filled by its initialiser."""
    command = Command("", site, is_group=kind in _GROUP_CLASSES, conditional=machine.conditions > 0, cls=cls)
    machine.commands.append(command)
    return command


def make_command(
    machine: Core, function: Value, arguments: Arguments, site: Site, *, group: bool, parent: Command | None = None
) -> Value:
    """`@command(...)` over a function."""
    if isinstance(function, Command):
        return function
    if not isinstance(function, Function):
        return UNKNOWN
    cls = arguments.get(1, "cls")
    if isinstance(cls, Class):
        from tailrace.python.commandlines.toolkits import external_base

        group = group or (external_base(machine, cls) or "").rpartition(".")[2] in _GROUP_CLASSES
    name = text_of(arguments.get(0, "name")) or default_name(function.name)
    command = new_command(machine, arguments, _def_site(function, site), name, group=group)
    command.cls = cls
    command.params[:0] = function.hung
    command.function = function
    if parent is not None:
        attach(machine, parent, command, name, site)
    if isinstance(cls, Class):
        command.open_ends |= classes.overridden(machine, cls) & DYNAMIC
    return command


def _def_site(function: Function, site: Site) -> Site:
    return Site(site.file, function.node.lineno, function.node.col_offset + 1, site.owner, function.node)


def default_name(function_name: str) -> str:
    """The name click makes from a function's name."""
    name = function_name.lower().replace("_", "-")
    return _SUFFIX.sub("", name) or name


def attach(machine: Core, parent: Command, command: Command, name: str, site: Site) -> None:
    """Add a subcommand; click lets the later one win without a word."""
    if not name:
        parent.open_ends.add("add_command")
        return
    command.child = True
    other = parent.commands.get(name)
    if other is not None and other is not command:
        machine.conflict(name, other.site, site, parent, subcommand=True, raises=False)
    parent.commands[name] = command


def attribute(owner: Command, name: str) -> Value:
    """An attribute of a command."""
    if name == "params":
        return owner.params
    if name == "name":
        return owner.name
    if name == "commands":
        return Table(owner.commands)
    return Method(owner, name)


def method(machine: Core, owner: Command, name: str, arguments: Arguments, site: Site) -> Value:
    """A method of a command or group."""
    first = arguments.get(0, "name")
    if name in {"command", "group"}:
        if isinstance(first, Function):
            return make_command(machine, first, Arguments(), site, group=name == "group", parent=owner)
        return Partial(name, owner, arguments.positional, tuple(arguments.keywords.items()))
    if name == "add_command":
        command = arguments.get(0, "cmd")
        if isinstance(command, Command):
            attach(machine, owner, command, text_of(arguments.get(1, "name")) or command.name, site)
        else:
            owner.open_ends.add("add_command")
        return UNKNOWN
    if name in {"main", "__call__"}:
        invoked(machine, owner)
        return UNKNOWN
    if name == "__init__":
        owner.name = text_of(first) or owner.name
        absorb(machine, owner, arguments, site)
        return UNKNOWN
    if name in {"result_callback", "resultcallback"}:
        return Partial("identity", UNKNOWN)
    return UNKNOWN


def invoked(machine: Core, command: Command) -> None:
    """The command is run as the whole program."""
    if machine.script:
        command.scripts.append(machine.script)


def decorate(machine: Core, partial: Partial, target: Value, site: Site) -> Value:
    """Apply a waiting decorator."""
    arguments = Arguments(partial.positional, dict(partial.keywords))
    match partial.kind:
        case "command" | "group":
            parent = partial.target if isinstance(partial.target, Command) else None
            return make_command(machine, target, arguments, site, group=partial.kind == "group", parent=parent)
        case "option" if isinstance(partial.target, Option):
            if isinstance(target, Function):
                # Decorators apply from the last to the first, the help shows them in the order written.
                return target.with_hung([partial.target, *target.hung])
            if isinstance(target, Command):
                target.params.insert(0, partial.target)
            return target
        case _:
            return target


class Click(Toolkit):
    """click and what adds to it without changing it."""

    name = "click"
    roots = frozenset({"click", "rich_click", "asyncclick", "cloup", "click_default_group"})
    triggers = (rb"\bclick\b|_click\b|cloup",)
    building = frozenset({"add_command", "click", "option"})
    adding = frozenset({"add_command"})
    decorators = frozenset({"command", "group", "option", "identity"})

    def call(self, machine: Core, path: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """A call of something of click's."""
        return call(machine, path, arguments, site, frame)

    def instantiate(
        self, machine: Core, cls: Class, base: str, arguments: Arguments, site: Site, frame: Frame
    ) -> Value | None:
        """A command of a class of the sources."""
        initialiser = classes.lookup(machine, cls, "__init__")
        if not isinstance(initialiser, Function):
            return call(machine, base, arguments, site, frame)
        command = instance_of(machine, cls, base.partition(".")[2], site)
        command.open_ends |= classes.overridden(machine, cls) & DYNAMIC
        machine.run(initialiser.bind(command), arguments)
        return command

    def attribute(self, machine: Core, owner: Value, name: str) -> Value:
        """An attribute of a command."""
        assert isinstance(owner, Command)
        return attribute(owner, name)

    def method(self, machine: Core, owner: Value, name: str, arguments: Arguments, site: Site, frame: Frame) -> Value:
        """A method of a command or group."""
        assert isinstance(owner, Command)
        return method(machine, owner, name, arguments, site)

    def decorate(self, machine: Core, partial: Partial, target: Value, site: Site) -> Value:
        """Apply a waiting decorator."""
        return decorate(machine, partial, target, site)


TOOLKIT = Click()
