"""Makes the chain of attributes and calls of an expression, with local variables substituted."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from tailrace.python.text import dotted, imported_module, literal_string
from tailrace.python.usages.values import CallShape, Root, Step

_MAX_STEPS = 24
# Numbers of lines that are the same object wherever they stand: a large downstream has millions of places.
_LINES = tuple(range(20_000))
_HOLDS_ONE = frozenset(
    ["list", "List", "set", "Set", "frozenset", "Sequence", "Iterable", "Iterator", "Collection", "Generator", "deque"]
)
_HOLDS_VALUES = frozenset(["dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict"])
_GETTERS = frozenset({"attrgetter", "operator.attrgetter"})
_CALLERS = frozenset({"methodcaller", "operator.methodcaller"})
# The last word of what is called to get a module (see `imported_module`).
MODULE_CALLS = frozenset({"get", "__import__", "import_module", "importorskip", "load"})
_WHOLE = frozenset([ast.Name, ast.Attribute, ast.Call, ast.Subscript])


class Chain(msgspec.Struct, frozen=True, gc=False):
    """A root and the steps from it."""

    root: Root
    steps: tuple[Step, ...] = ()

    def then(self, *steps: Step) -> Chain:
        """The chain with more steps."""
        return self if self is ELSEWHERE else Chain(self.root, (*self.steps, *steps))


#: What leads to nothing that the reader was asked for. What is below it is not followed.
ELSEWHERE = Chain(Root("name", ""))


# What a local name stands for: several chains when branches differ, empty when it is none of our concern.
Locals = dict[str, tuple[Chain, ...]]


class Owner(msgspec.Struct, frozen=True, gc=False):
    """The class whose method is being read, with the name of the method's first parameter."""

    name: str
    self_name: str | None
    is_class: bool


def chains_of(node: ast.expr, variables: Locals, owner: Owner | None) -> tuple[Chain, ...]:
    """Every chain the expression may stand for; empty when it is not a chain."""
    return _chains(node, variables, owner, module_call=True)


def call_chains(node: ast.Call, variables: Locals, owner: Owner | None) -> tuple[Chain, ...]:
    """The chains that end with this call, whatever it gives."""
    return _chains(node, variables, owner, module_call=False)


def _chains(node: Any, variables: Locals, owner: Owner | None, *, module_call: bool) -> tuple[Chain, ...]:
    """The same; `module_call`: whether a call that gives a module, as the outermost one, starts the chain.

    Goes down to the first name and collects the steps in reverse: the tests are by class, since most of the time of
    reading a file is spent here.
    """
    steps: list[Step] = []
    awaited = False
    while True:
        kind = node.__class__
        if kind is ast.Attribute:
            steps.append(_attribute_step(node))
            awaited = False
            node = node.value
        elif kind is ast.Name:
            base = variables.get(node.id)
            if base is None:
                if owner is not None and node.id == owner.self_name:
                    base = (Chain(Root("class" if owner.is_class else "self", owner.name)),)
                else:
                    base = (Chain(Root("name", node.id)),)
            break
        elif kind is ast.Call:
            func = node.func
            callee = func.__class__
            name = func.attr if callee is ast.Attribute else func.id if callee is ast.Name else ""
            if name in MODULE_CALLS and (module_call or steps or awaited):
                module = imported_module(node)
                if module is not None:
                    base = (Chain(Root("import", module, module)),)
                    break
            if callee is ast.Name:
                if name == "super" and owner is not None:
                    base = (Chain(Root("super", owner.name)),)
                    break
                if name == "getattr" and len(node.args) >= 2:
                    literal = literal_string(node.args[1])
                    if literal is None:
                        return ()
                    column = node.col_offset + 1
                    steps.append(Step(literal, default=len(node.args) > 2, line=node.lineno, column=column))
                    awaited = False
                    node = node.args[0]
                    continue
            elif callee is ast.Call and len(node.args) == 1 and func.args:
                method = literal_string(func.args[0]) if dotted(func.func) in _CALLERS else None
                if method is not None and method.isidentifier():
                    given = call_shape(ast.Call(func.func, func.args[1:], func.keywords))
                    line, column = node.lineno, node.col_offset + 1
                    steps.append(Step(call=given, awaited=awaited, line=line, column=column))
                    steps.append(Step(method, line=line, column=column))
                    awaited = False
                    node = node.args[0]
                    continue
                if len(func.args) == 1 and dotted(func.func) in _GETTERS:
                    names = (literal_string(func.args[0]) or "").split(".")
                    if not all(name.isidentifier() for name in names):
                        return ()
                    column = node.col_offset + 1
                    steps.extend(Step(name, line=node.lineno, column=column) for name in reversed(names))
                    awaited = False
                    node = node.args[0]
                    continue
            shape = call_shape(node)
            line = _LINES[node.lineno] if node.lineno < len(_LINES) else node.lineno
            steps.append(Step(call=shape, awaited=awaited, line=line, column=node.col_offset + 1))
            awaited = False
            node = func
        elif kind is ast.Subscript:
            if node.value.__class__ is ast.Attribute:
                module = imported_module(node)
                if module is not None:
                    base = (Chain(Root("import", module, module)),)
                    break
            table = names_table(node.value)
            if table is not None:
                literal = literal_string(node.slice)
                if not literal or not literal.isidentifier():
                    return ()
                steps.append(Step(literal, line=node.lineno, column=node.col_offset + 1))
            else:
                place = literal_place(node.slice)
                if not place:
                    return ()
                steps.append(Step(element=place))
            awaited = False
            node = table or node.value
        elif kind is ast.NamedExpr:
            node = node.value
        elif kind is ast.Await:
            awaited = True
            node = node.value
        else:
            return ()
    if awaited:
        base = tuple(_awaited(chain) for chain in base)
    if not steps:
        return base
    steps.reverse()
    taken = tuple(steps)
    most = _MAX_STEPS - len(taken)
    return tuple([Chain(chain.root, (*chain.steps, *taken)) for chain in base if len(chain.steps) <= most])


def _attribute_step(node: ast.Attribute) -> Step:
    value, name = node.value, node.attr
    column = (node.end_col_offset or 0) - (len(name) if name.isascii() else len(name.encode())) + 1
    if node.end_col_offset is None:
        column = node.col_offset + 1
    line = node.end_lineno or node.lineno
    line = _LINES[line] if line < len(_LINES) else line
    if value.__class__ in _WHOLE:
        end, place = value.end_lineno or 0, value.end_col_offset or 0
        end = _LINES[end] if end < len(_LINES) else end
        return Step(name, None, False, False, False, False, "", 0, "", line, column, end, place)
    return Step(name, None, False, False, False, False, "", 0, "", line, column)


def names_table(node: ast.expr) -> ast.expr | None:
    """The object whose names a table holds: `x` for `vars(x)` and `x.__dict__`."""
    match node:
        case ast.Call(func=ast.Name(id="vars"), args=[value], keywords=[]):
            return value
        case ast.Attribute(value=value, attr="__dict__"):
            return value
    return None


def literal_place(index: ast.expr) -> str:
    """How a subscript is written in a step: a whole number, `key` for anything else that gives one thing."""
    match index:
        case ast.Slice():
            return ""
        case ast.Constant(value=int() as number):
            return str(int(number))
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
            return str(-int(number))
        case _:
            return "key"


def element_of(chain: Chain, place: str) -> Chain:
    """What a value holds."""
    return chain.then(Step(element=place))


def _awaited(chain: Chain) -> Chain:
    if not chain.steps or chain.steps[-1].call is None:
        return chain
    return Chain(chain.root, (*chain.steps[:-1], replace(chain.steps[-1], awaited=True)))


def call_shape(node: ast.Call) -> CallShape:
    """The shape of the arguments."""
    positional = 0
    stars: list[str] = []
    literals: list[tuple[int | str, str]] = []
    nones: list[int | str] = []
    for position, argument in enumerate(node.args):
        kind = argument.__class__
        if kind is ast.Starred:
            given = argument.value  # type: ignore[attr-defined]  # by its class
            if isinstance(given, ast.Tuple | ast.List) and not any(isinstance(e, ast.Starred) for e in given.elts):
                positional += len(given.elts)
            else:
                stars.append(dotted(given) or "?")
            continue
        positional += 1
        if isinstance(argument, ast.Constant):
            _note(position, argument.value, literals, nones)
    if not node.keywords and not literals and not nones and not stars:
        return _plain(positional)
    keywords: list[str] = []
    spread: list[str] = []
    for keyword in node.keywords:
        value = keyword.value
        if keyword.arg is None:
            names = [literal_string(key) for key in value.keys] if isinstance(value, ast.Dict) else [None]
            keywords += [name for name in names if name is not None]
            if None in names:
                spread.append(dotted(value) or "?")
            continue
        keywords.append(keyword.arg)
        if isinstance(value, ast.Constant):
            _note(keyword.arg, value.value, literals, nones)
    return CallShape(
        positional,
        tuple(keywords),
        bool(stars),
        bool(spread),
        tuple(literals),
        tuple(spread),
        tuple(nones),
        tuple(stars),
    )


def _note(place: int | str, value: object, literals: list[tuple[int | str, str]], nones: list[int | str]) -> None:
    if value is None:
        nones.append(place)
    elif isinstance(value, str) and value.isidentifier():
        literals.append((place, value))


@lru_cache(maxsize=64)
def _plain(positional: int) -> CallShape:
    """The shape of a call that only gives so many positional arguments, none of them a name."""
    return CallShape(positional)


# Names that a call is written with whose chain does not start at the name.
_OTHER_STARTS = MODULE_CALLS | {"super", "getattr", "vars"}


def leads_elsewhere(node: Any, variables: Locals, sought: frozenset[str]) -> bool:
    """Whether an expression certainly starts at a name of the module that is not one of these, nor a variable that may
    lead to one."""
    while True:
        kind = node.__class__
        if kind is ast.Name:
            base = variables.get(node.id)
            return node.id not in sought if base is None else base == _NOWHERE
        if kind is ast.Attribute:
            node = node.value
        elif kind is ast.Call:
            node = node.func
            if node.__class__ is ast.Name:
                if node.id in _OTHER_STARTS:
                    return False
            elif node.__class__ is not ast.Attribute or node.attr in MODULE_CALLS:
                return False
        elif kind is ast.Subscript:
            node = node.value
            if node.__class__ is ast.Attribute:  # sys.modules["a"], x.__dict__["a"]
                return False
        elif kind is ast.Await:
            node = node.value
        else:
            return False


_NOWHERE = (ELSEWHERE,)


def annotation_chains(node: ast.expr | None, variables: Locals) -> tuple[Chain, ...]:
    """What a value annotated like this is an instance of: `C`, `"C"`, `Optional[C]`, `C | None`.

    Of `list[C]` it is a container of such instances."""
    if node is None:
        return ()
    text = literal_string(node)
    if text is not None:
        try:
            node = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError):
            return ()
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        parts = [p for p in (node.left, node.right) if not (isinstance(p, ast.Constant) and p.value is None)]
        return annotation_chains(parts[0], variables) if len(parts) == 1 else ()
    if isinstance(node, ast.Subscript):
        head = node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
        if head == "Optional":
            return annotation_chains(node.slice, variables)
        if head in _HOLDS_ONE:
            inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
            return tuple(element_of(chain, "<list>") for chain in annotation_chains(inner, variables))
        if head in _HOLDS_VALUES and isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
            return tuple(element_of(chain, "<dict>") for chain in annotation_chains(node.slice.elts[1], variables))
        return ()
    if isinstance(node, ast.Name | ast.Attribute):
        return tuple(_promise(chain) for chain in chains_of(node, variables, None))
    return ()


def _promise(chain: Chain) -> Chain:
    """An instance of what the chain leads to. Where the annotation is evaluated at all, it is a use of its own."""
    return Chain(chain.root, (*(replace(step, default=True) for step in chain.steps), Step(instance=True)))
