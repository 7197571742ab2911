"""Names that a downstream registers with a host and the candidate now registers itself, in this or in that way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tailrace.changes.interfaces.files import holding
from tailrace.changes.interfaces.registrations import REGISTERING, command_options, registered, registrations
from tailrace.check.breakage import Breakage
from tailrace.check.commandlines.places import place_in_metadata
from tailrace.check.interfaces.view import Finder, View
from tailrace.model import Confidence
from tailrace.python.literal_texts import LiteralTexts
from tailrace.python.text import descendants, dotted, literal_string

_COMMAND = re.compile(r"(?:^|/)management/commands/([A-Za-z_]\w*)\.py\Z")
_RAISED = frozenset({"ArgumentError", "ExtensionError", "ValueError", "Exception", "BaseException"})
_SCRIPTS = frozenset({"console_scripts", "gui_scripts"})


def find(view: View) -> Iterator[Breakage]:
    """`option-conflict` for entry points, values and events of a host, and options of management commands."""
    yield from _entry_points(view)
    yield from _registered(view)
    yield from _commands(view)
    yield from _loaded(view)


def _entry_points(view: View) -> Iterator[Breakage]:
    """Entry points of one group and name that both declare, where the baseline did not."""
    before = {(g, n) for g, points in view.baseline.artifact.metadata.entry_points for n, _ in points}
    after = {(g, n) for g, points in view.candidate.artifact.metadata.entry_points for n, _ in points}
    for group, points in view.downstream.metadata.entry_points:
        for name, target in points:
            if (group, name) not in after - before:
                continue
            kind = "command" if group in _SCRIPTS else f"entry point of {group}"
            file, line = place_in_metadata(view.downstream, f"{name} = {target}", f'{name} = "{target}"', name)
            detail = "the one that is installed last is run" if group in _SCRIPTS else ""
            yield _hit(name, kind, file, line, view=None, node=None, confidence="likely", detail=detail)


def _registered(view: View) -> Iterator[Breakage]:
    calls = re.compile(rb"\b(?:" + b"|".join(name.encode() for name in REGISTERING) + rb")\b")
    files = list(view.matching(calls, REGISTERING))
    if not files:
        return
    before = view.once("registered before", lambda: registered(view.baseline))
    after = view.once("registered after", lambda: registered(view.candidate))
    added = {key: place for key, place in after.items() if key not in before}
    for file in files if added else ():
        parsed = view.tree(file)
        texts = LiteralTexts(parsed.tree) if parsed is not None else None
        for node in descendants(parsed.tree) if parsed is not None else ():
            for kind, name, line in registrations(node, texts) if isinstance(node, ast.Call) else ():
                if (kind, name) in added:
                    overrides = isinstance(node, ast.Call) and any(k.arg == "override" for k in node.keywords)
                    if not overrides:
                        yield _hit(name, kind, file, line, view=view, node=node, cause=added[kind, name])


def _loaded(view: View) -> Iterator[Breakage]:
    """Options and subcommands that a function adds to a parser which the upstream gives it through an entry point."""
    if view.joins is None:
        return
    added = {a.string: a for a in view.joins.conflicts.added.values() if a.subcommand or not a.path}
    if not added:
        return
    files = {view.module(file): file for file in view.files()}
    for group, points in view.downstream.metadata.entry_points:
        pattern = re.compile(rb"['\"]" + re.escape(group.encode()) + rb"['\"]")
        if group in _SCRIPTS or not any(True for _ in holding(view.candidate.artifact, pattern)):
            continue
        for name, target in points:
            if name in added and added[name].subcommand and not added[name].path:
                # `group.add_command(point.load(), point.name)`
                file, line = place_in_metadata(view.downstream, f"{name} = {target}", f'{name} = "{target}"', name)
                where = added[name]
                yield _hit(
                    name,
                    "subcommand",
                    file,
                    line,
                    view=None,
                    node=None,
                    cause=(where.file, where.line),
                    host=where.prog,
                    confidence="possible",
                    detail="the later one silently replaces the other",
                )
            module, _, path = target.partition("[")[0].partition(":")
            parsed = view.tree(files[module.strip()]) if module.strip() in files else None
            last = path.strip().rpartition(".")[2]
            for function in descendants(parsed.tree) if parsed is not None else ():
                if isinstance(function, ast.FunctionDef) and function.name == last:
                    for node, text in _added_to_parameters(function):
                        if text in added:
                            where = added[text]
                            yield _hit(
                                text,
                                "subcommand" if where.subcommand else "option",
                                files[module.strip()],
                                node.lineno,
                                view=view,
                                node=node,
                                cause=(where.file, where.line),
                                host=" ".join((where.prog, *where.path)),
                                confidence="likely",
                                detail="argparse raises since Python 3.11" if where.subcommand else "",
                            )


def _added_to_parameters(function: ast.FunctionDef) -> Iterator[tuple[ast.Call, str]]:
    """`parser.add_argument("--x")` and `subparsers.add_parser("x")` of what a function is given."""
    given = {argument.arg for argument in function.args.args}
    for node in descendants(function):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr="add_argument" | "add_parser")) if (
                owner in given
            ):
                for argument in node.args:
                    text = literal_string(argument)
                    if text is not None:
                        yield node, text
            case _:
                pass


def _commands(view: View) -> Iterator[Breakage]:
    """Options that a command adds to the upstream's command of the same name, by a class or by replacing a method."""
    own = [(file, match[1]) for file in view.files() if (match := _COMMAND.search(file))]
    if not own:
        return
    before = view.once("command options before", lambda: command_options(view.baseline))
    after = view.once("command options after", lambda: command_options(view.candidate))
    for file, name in own:
        had = {*before.get(name, ()), *before.get("", ())}
        has = {**after.get("", {}), **after.get(name, {})}
        added = {text: place for text, place in has.items() if text not in had}
        parsed = view.tree(file) if added and name in before else None
        if parsed is None or not _names_command(parsed.tree, name) or b"add_argument" not in view.data(file):
            continue
        apart = _added_apart(parsed.tree)
        base = after.get("", {})
        for node in descendants(parsed.tree):
            text = literal_string(node) if isinstance(node, ast.expr) else None
            if (
                isinstance(node, ast.expr)
                and text is not None
                and text in added
                and (id(node) not in apart or text in base)
                and not _is_compared(parsed.tree, text)
            ):
                yield _hit(
                    text, "", file, node.lineno, view=view, node=node, cause=added[text], host=name, confidence="likely"
                )


def _added_apart(tree: ast.Module) -> frozenset[int]:
    """The texts in methods `add_arguments` that leave out those of the command below them: `super()` is not asked."""
    return frozenset(
        id(node)
        for method in descendants(tree)
        if isinstance(method, ast.FunctionDef) and method.name == "add_arguments"
        if not any(isinstance(n, ast.Attribute) and n.attr == "add_arguments" for n in descendants(method))
        for node in descendants(method)
        if isinstance(node, ast.Constant)
    )


def _names_command(tree: ast.Module, name: str) -> bool:
    """Whether a module imports the upstream's command of this name."""
    for node in descendants(tree):
        if isinstance(node, ast.ImportFrom) and node.module and "management.commands" in node.module:
            if node.module.endswith(f".{name}") or any(alias.name == name for alias in node.names):
                return True
        if isinstance(node, ast.Import) and any(a.name.endswith(f"management.commands.{name}") for a in node.names):
            return True
    return False


def _is_compared(tree: ast.Module, text: str) -> bool:
    return any(
        isinstance(node, ast.Compare) and literal_string(node.left) == text and "option" in (dotted(right) or "")
        for node in descendants(tree)
        if isinstance(node, ast.Compare)
        for right in node.comparators
    )


def _hit(
    name: str,
    kind: str,
    file: str,
    line: int,
    *,
    view: View | None,
    node: ast.AST | None,
    cause: tuple[str, int] | None = None,
    host: str = "",
    confidence: Confidence = "certain",
    detail: str = "",
) -> Breakage:
    symbol = f"{host} {name}".strip()
    return Breakage(
        rule="option-conflict",
        symbol=symbol,
        module="",
        name=symbol,
        how="call",
        detail=detail,
        facts={"option": name, "command": host, "kind": kind},
        file=file,
        line=line,
        use=view.use_at(file, node) if view is not None and node is not None else None,
        confidence=confidence,
        raises=_RAISED if view is not None else frozenset(),
        cause_file=cause[0] if cause is not None else None,
        cause_line=cause[1] if cause is not None else None,
        cause_in_candidate=True,
    )


FINDER = Finder(find)
