"""Finds command lines that a module writes out as literals."""

from __future__ import annotations

import ast
import re
import shlex
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tailrace.model import Confidence
from tailrace.python.text import children, descendants, literal_string

# Functions that start a process from a list or a text, by their last name, whatever module they come from.
STARTERS = frozenset(
    {
        *("run", "call", "check_call", "check_output", "Popen", "system", "popen", "getoutput", "getstatusoutput"),
        *("create_subprocess_exec", "create_subprocess_shell", "execvp", "execv", "execvpe", "execlp", "spawnvp"),
        *("spawnlp", "sh", "shell", "sudo", "check_call_env", "check_output_env", "run_command", "subprocess_call"),
    }
)
_FINDERS = frozenset({"which", "find_executable", "find_program"})
_RUNS = re.compile(r"run|call|exec|popen|spawn|cmd|command|process|shell|invoke|output|launch|start|sh$", re.IGNORECASE)
# Names of variables, parameters and functions that hold or give a command line.
_HOLDS = re.compile(
    r"run|call|exec|popen|cmd|command|process|shell|invoke|launch|argv|args|(?:^|_)(?:call|prog)", re.IGNORECASE
)
# What nox calls on a session; its sessions are chores of the project, not what its users run.
_SESSION_RUNS = frozenset({"run", "run_always"})
_HOLE = "\0"
_PERCENT = re.compile(r"%(?:\([^()]*\))?[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[diouxXeEfFgGcrsa]")
_BRACES = re.compile(r"\{[^{}]*\}")
_CUT = re.compile(r"^(?:\||\|\||&&|&|;|>|>>|<|2>&1|\d?>.*)$")

# The option of a shell that the text to run follows: `bash -lc "up --all"`.
_SHELL_TEXT = re.compile(r"-[a-z]{0,3}c\Z")

# One word: its text, `None` where it is not literal, and the node it stands in.
Word = tuple[str | None, ast.expr]


@dataclass(frozen=True)
class Invocation:
    """`words[0]` is the program. `node`: the call they are passed to, or the list itself. `held`: the name under which
    a list is kept, where it is.
    """

    words: tuple[Word, ...]
    node: ast.expr
    confidence: Confidence
    finds_only: bool = False
    held: str = ""

    @property
    def is_run(self) -> bool:
        """Whether something says that the words are a command line: who is given them, or the name they are kept by.

        A list of words that an arbitrary function is given (`menu.add(["up", "--all"])`) is none.
        """
        if self.confidence == "certain" or self.finds_only:
            return True
        if isinstance(self.node, ast.Call):
            return _RUNS.search(last_name(self.node.func)) is not None
        return self.confidence == "likely" or _HOLDS.search(self.held) is not None


def invocations(tree: ast.Module) -> Iterator[Invocation]:
    """Every literal command line of a module, each once."""
    wrappers = _wrappers(tree)
    constants = _constants(tree)
    texts = dict(_class_texts(tree))
    for scope, owner in _scopes(tree):
        yield from _in_scope(scope, owner, wrappers, {} if owner == "" else constants, texts)


def _class_texts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """`self.NAME` → the text that a class of the module gives it, where no other class gives it another one."""
    found: dict[str, set[str]] = {}
    for node in tree.body:
        for each in node.body if isinstance(node, ast.ClassDef) else ():
            if isinstance(each, ast.Assign) and (text := template(each.value)) is not None:
                for target in each.targets:
                    if isinstance(target, ast.Name):
                        found.setdefault(target.id, set()).add(text)
    return ((f"self.{name}", next(iter(texts))) for name, texts in found.items() if len(texts) == 1)


def _scopes(tree: ast.Module) -> Iterator[tuple[list[ast.AST], str]]:
    """The nodes of the module and of each function by itself, in the order of the source, with the function's name."""
    todo: list[ast.AST] = [tree]
    for top in todo:  # grows while it is read
        nodes: list[ast.AST] = []
        stack = children(top)[::-1]
        while stack:
            node = stack.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                todo.append(node)
            else:
                nodes.append(node)
                stack += reversed(children(node))
        yield nodes, "" if top is tree else getattr(top, "name", "lambda")


def _wrappers(tree: ast.Module) -> frozenset[str]:
    """Functions that give what they are given to one that starts a process: `def sh(*args): subprocess.run(args)`."""
    found = set()
    for node in descendants(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        plain = [*node.args.posonlyargs, *node.args.args]
        given = {a.arg for a in plain if a.arg not in {"self", "cls"}}
        if node.args.vararg is not None:
            given.add(node.args.vararg.arg)
        for call in descendants(node) if given else ():
            if isinstance(call, ast.Call) and last_name(call.func) in STARTERS:
                names = {n.id for a in call.args[:1] for n in ast.walk(a) if isinstance(n, ast.Name)}
                if not given.isdisjoint(names):
                    found.add(node.name)
    return frozenset(found)


def _constants(tree: ast.Module) -> dict[str, list[Word]]:
    """Lists of words that the module assigns once, for its functions."""
    found: dict[str, list[Word]] = {}
    seen: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name, words = node.targets[0].id, words_of(node.value, {})
            if name not in seen and words:
                found[name] = words
            elif name in found:
                del found[name]
            seen.add(name)
    return found


def _held(nodes: list[ast.AST], owner: str) -> dict[int, str]:
    """Under which name a list is kept: a variable, an attribute, a key, a parameter, the function that returns it."""
    found: dict[int, str] = {}

    def keep(value: ast.expr | None, name: str) -> None:
        for part in descendants(value) if value is not None else ():
            if isinstance(part, ast.List | ast.Tuple):
                found[id(part)] = name

    for node in nodes:
        match node:
            case ast.Assign(targets=[target, *_], value=value):
                keep(value, last_name(target))
            case ast.AnnAssign(target=target, value=value) | ast.AugAssign(target=target, value=value):
                keep(value, last_name(target))
            case ast.Return(value=value):
                keep(value, owner)
            case ast.keyword(arg=str() as name, value=value):
                keep(value, name)
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and isinstance(key.value, str):
                        keep(value, key.value)
            case ast.Call():
                for argument in node.args:
                    keep(argument, last_name(node.func))
            case _:
                pass
    return found


def _in_scope(
    nodes: list[ast.AST],
    owner: str,
    wrappers: frozenset[str],
    constants: Mapping[str, list[Word]],
    known_texts: Mapping[str, str],
) -> Iterator[Invocation]:
    variables: dict[str, list[Word]] = {}
    places: dict[str, ast.expr] = {}
    spent: set[int] = set()
    started: dict[str, Confidence] = {}
    texts: dict[str, str] = dict(known_texts)
    held = _held(nodes, owner)
    known = ChainMap(variables, dict(constants))
    for node in nodes:
        if node.__class__ is ast.Name or node.__class__ is ast.Constant:
            continue
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name, words = node.targets[0].id, words_of(node.value, known, texts)
            text = template(node.value, texts)
            if text is not None:
                texts[name] = text
            else:
                texts.pop(name, None)
            if name in variables:
                yield from _variable(name, variables, places, started)
                variables.pop(name)
            if words:
                variables[name], places[name] = words, node.value
                spent.update(_lists(node.value))
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in variables:
            variables[node.target.id] += words_of(node.value, known, texts) or [(None, node.value)]
            spent.update(_lists(node.value))
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in texts:
            texts[node.target.id] += template(node.value, texts) or _HOLE
        elif isinstance(node, ast.Call):
            grown = _grown(node, variables)
            if grown is not None:
                variables[grown[0]] += grown[1]
                spent.update(i for argument in node.args for i in _lists(argument))
                continue
            joined = _joined(node, variables)
            if joined is not None:
                started.setdefault(joined, "likely")
            yield from _call(node, known, spent, started, texts, wrappers)
        elif isinstance(node, ast.List | ast.Tuple) and id(node) not in spent:
            spent.update(_lists(node))
            if words := words_of(node, constants):
                yield Invocation(tuple(words), node, "possible", held=held.get(id(node), ""))
    for name in list(variables):
        yield from _variable(name, variables, places, started)


def _variable(
    name: str, variables: dict[str, list[Word]], places: dict[str, ast.expr], started: dict[str, Confidence]
) -> Iterator[Invocation]:
    yield Invocation(tuple(variables[name]), places[name], started.pop(name, "possible"), held=name)


def _grown(node: ast.Call, variables: dict[str, list[Word]]) -> tuple[str, list[Word]] | None:
    """`words.append(...)`, `words.extend([...])`."""
    func = node.func
    if not (isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id in variables):
        return None
    if func.attr == "append" and len(node.args) == 1:
        return func.value.id, [_word(node.args[0])]
    if func.attr == "extend" and len(node.args) == 1:
        return func.value.id, words_of(node.args[0], variables) or [(None, node.args[0])]
    return None


def _call(
    node: ast.Call,
    variables: Mapping[str, list[Word]],
    spent: set[int],
    started: dict[str, Confidence],
    known: dict[str, str],
    wrappers: frozenset[str],
) -> Iterator[Invocation]:
    name = last_name(node.func)
    runs = name in STARTERS or name in wrappers
    confidence: Confidence = "certain" if name in STARTERS else "likely"
    if name in _SESSION_RUNS and _is_session(node.func):
        confidence = "possible"
    arguments = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg in {"args", "cmd", "command"})]
    for argument in arguments:
        if isinstance(argument, ast.Name) and argument.id in variables:
            if started.get(argument.id) != "certain" and (runs or _RUNS.search(name)):
                started[argument.id] = confidence
        elif (text := template(argument, known)) is not None:
            if name in _FINDERS and isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield Invocation((_word(argument),), argument, "likely", finds_only=True)
            elif runs and (words := split_shell(text, argument)):
                yield from (
                    Invocation(tuple(part), node if confidence == "possible" else argument, confidence)
                    for part in words
                    if _is_line(node, argument, part)
                )
        elif (words_ := words_of(argument, variables, known)) and id(argument) not in spent:
            spent.update(_lists(argument))
            if name in wrappers:
                yield Invocation(tuple(words_), argument, "likely")
            else:
                yield Invocation(tuple(words_), node, confidence)
    yield from _spread(node, name, variables, wrappers)


def _is_line(node: ast.Call, argument: ast.expr, words: list[Word]) -> bool:
    """Whether a text given to a function is a command line by itself, and not one of several words."""
    position = next((index for index, given in enumerate(node.args) if given is argument), 0)
    if position and literal_string(node.args[0]) is not None:
        return _SHELL_TEXT.match(literal_string(node.args[position - 1]) or "") is not None
    return len(words) > 1 or len(node.args) < 2 or not isinstance(node.args[1], ast.Constant | ast.Starred)


def _spread(
    node: ast.Call, name: str, variables: Mapping[str, list[Word]], wrappers: frozenset[str]
) -> Iterator[Invocation]:
    """Words that are given one by one: `session.run("up", "--all", *ARGS)`."""
    first = node.args[0] if node.args else None
    if not isinstance(first, ast.Constant | ast.JoinedStr | ast.Attribute) or (
        len(node.args) < 2 and name not in _SESSION_RUNS
    ):
        return
    words = words_of(ast.Tuple(node.args, ast.Load()), variables)
    if not words:
        return
    texts = all(isinstance(argument, ast.Constant | ast.JoinedStr) for argument in node.args)
    if name in {"create_subprocess_exec", "execlp", "spawnlp"} and texts:
        yield Invocation(tuple(words), node, "certain")
    elif name in _SESSION_RUNS and _is_session(node.func):
        yield Invocation(tuple(words), node, "possible")
    elif name in wrappers:
        yield Invocation(tuple(words), first, "likely")


def _lists(node: ast.expr) -> set[int]:
    return {id(child) for child in descendants(node) if isinstance(child, ast.List | ast.Tuple)}


def last_name(func: ast.expr) -> str:
    """The last part of a callee."""
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _is_session(func: ast.expr) -> bool:
    owner = func.value if isinstance(func, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id in {"session", "s", "nox_session"}


def _joined(node: ast.Call, variables: dict[str, list[Word]]) -> str | None:
    """The variable of a command line that is made a text: `" ".join(words)`, `" ".join(map(str, words))`."""
    func = node.func
    if not (isinstance(func, ast.Attribute) and func.attr == "join" and len(node.args) == 1):
        return None
    given = node.args[0]
    if isinstance(given, ast.Call) and last_name(given.func) == "map" and len(given.args) == 2:
        given = given.args[1]
    return given.id if isinstance(given, ast.Name) and given.id in variables else None


def template(node: ast.expr, known: Mapping[str, str] = MappingProxyType({})) -> str | None:
    """The text of an expression, with what is computed as a hole; `None` where it is no text. `known`: variables."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr():
            return _text(node)
        case ast.Name() if node.id in known:
            return known[node.id]
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if f"self.{name}" in known:
            return known[f"self.{name}"]
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            given = template(left, known)
            if given is None:
                return None
            values = right.elts if isinstance(right, ast.Tuple) else [] if isinstance(right, ast.Dict) else [right]
            parts = iter([template(value, known) or _HOLE for value in values])
            return _PERCENT.sub(lambda match: "%" if match[0] == "%%" else next(parts, _HOLE), given)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            one, other = template(left, known), template(right, known)
            return None if one is None and other is None else (one or _HOLE) + (other or _HOLE)
        case ast.Call(func=ast.Attribute(attr="format", value=value)):
            given = template(value, known)
            return _BRACES.sub(_HOLE, given) if given is not None else None
        case ast.Call(func=ast.Attribute(attr="strip" | "rstrip" | "lstrip", value=value), args=[]):
            return template(value, known)
        case ast.Call(
            func=ast.Attribute(attr="join", value=ast.Constant(value=" ")), args=[ast.List() | ast.Tuple() as words]
        ):
            return " ".join([template(element, known) or _HOLE for element in words.elts])
        case ast.Call(func=func, args=[value]) if last_name(func) == "dedent":
            return template(value, known)
        case _:
            return None


def words_of(
    node: ast.expr, variables: Mapping[str, list[Word]], known: Mapping[str, str] = MappingProxyType({})
) -> list[Word] | None:
    """The words of a list expression; `None` for anything else. `known`: variables that hold texts."""
    match node:
        case ast.List() | ast.Tuple():
            words: list[Word] = []
            for element in node.elts:
                if isinstance(element, ast.Starred):
                    words += words_of(element.value, variables, known) or [(None, element)]
                elif isinstance(element, ast.Name) and not words and " " in (text := known.get(element.id, "")):
                    words += (split_shell(text, element) or [[]])[0]
                else:
                    words.append(_word(element, known))
            return words or None
        case ast.BinOp(op=ast.Add()):
            left, right = words_of(node.left, variables, known), words_of(node.right, variables, known)
            return (
                None
                if left is None and right is None
                else (left or [(None, node.left)]) + (right or [(None, node.right)])
            )
        case ast.Name() if node.id in variables:
            return list(variables[node.id])
        case ast.Call(func=ast.Attribute(attr="split", value=ast.Constant(value=str()) as text), args=[], keywords=[]):
            return [(word, node) for word in str(text.value).split()] or None
        case ast.Call(func=func, args=[given]) if last_name(func) == "split":
            line = template(given, known)
            lines = split_shell(line, given) if line is not None else []
            return lines[0] if lines else None
        case _:
            return None


def _word(node: ast.expr, known: Mapping[str, str] = MappingProxyType({})) -> Word:
    match node:
        case ast.Name() if node.id in known:
            text = known[node.id]
            return (text if not text.startswith(_HOLE) else None), node
        case ast.Constant(value=str() as text):
            return text, node
        case ast.Attribute(value=ast.Name(id="sys"), attr="executable"):
            return "python", node
        case ast.JoinedStr():
            text = _text(node)
            return (text if not text.startswith(_HOLE) else None), node
        case ast.BinOp(left=ast.Constant(value=str() as text), op=ast.Add() | ast.Mod()) if (
            text.endswith("=") or "=" in text
        ):
            return text, node
        case _:
            return None, node


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(str(p.value) if isinstance(p, ast.Constant) else _HOLE for p in node.values)


def shell_words(node: ast.Constant | ast.JoinedStr) -> list[list[Word]]:
    """The commands of a shell line; what is computed stands as an unknown word."""
    return split_shell(_text(node), node)


def split_shell(line: str, node: ast.expr) -> list[list[Word]]:
    """The same for a text, with `node` as the place of each word."""
    text = re.sub(r"([;|&]+)", r" \1 ", line).replace("2> & 1", "")
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        return []
    commands: list[list[Word]] = [[]]
    for word in words[:2000]:
        if _CUT.match(word):
            commands.append([])
        else:
            commands[-1].append((None if word.startswith(_HOLE) else word, node))
    return [command for command in commands if command]
