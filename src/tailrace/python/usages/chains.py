"""Makes the chain of attributes and calls of an expression, with local variables substituted."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tailrace.python.text import dotted, imported_module, literal_string
from tailrace.python.usages.values import CallShape, Root, Step

_MAX_STEPS = 24
_HOLDS_ONE = frozenset(
    ["list", "List", "set", "Set", "frozenset", "Sequence", "Iterable", "Iterator", "Collection", "Generator", "deque"]
)
_HOLDS_VALUES = frozenset(["dict", "Dict", "Mapping", "MutableMapping", "OrderedDict", "defaultdict"])
_GETATTR = frozenset({"getattr"})
_GETTERS = frozenset({"attrgetter", "operator.attrgetter"})


@dataclass(frozen=True, slots=True)
class Chain:
    """A root and the steps from it."""

    root: Root
    steps: tuple[Step, ...] = ()

    def then(self, *steps: Step) -> Chain:
        """The chain with more steps."""
        return Chain(self.root, (*self.steps, *steps))


# What a local name stands for: several chains when branches differ, empty when it is none of our concern.
Locals = dict[str, tuple[Chain, ...]]


@dataclass(frozen=True, slots=True)
class Owner:
    """The class whose method is being read, with the name of the method's first parameter."""

    name: str
    self_name: str | None
    is_class: bool


def chains_of(node: ast.expr, variables: Locals, owner: Owner | None) -> tuple[Chain, ...]:
    """Every chain the expression may stand for; empty when it is not a chain."""
    module = imported_module(node)
    if module is not None:
        return (Chain(Root("import", module, module)),)
    match node:
        case ast.Name(id=name):
            if owner is not None and name == owner.self_name and name not in variables:
                return (Chain(Root("class" if owner.is_class else "self", owner.name)),)
            if name in variables:
                return variables[name]
            return (Chain(Root("name", name)),)
        case ast.Attribute():
            value = node.value
            whole = isinstance(value, ast.Name | ast.Attribute | ast.Call | ast.Subscript)
            step = Step(
                node.attr,
                line=node.end_lineno or node.lineno,
                column=_name_column(node),
                receiver_line=(value.end_lineno or 0) if whole else 0,
                receiver_column=(value.end_col_offset or 0) if whole else 0,
            )
            return _extend(chains_of(node.value, variables, owner), step)
        case ast.Call():
            return call_chains(node, variables, owner)
        case ast.Subscript(value=value, slice=index) if (table := names_table(value)) is not None:
            name = literal_string(index)
            step = Step(name, line=node.lineno, column=node.col_offset + 1)
            return _extend(chains_of(table, variables, owner), step) if name and name.isidentifier() else ()
        case ast.Subscript(value=value, slice=index):
            place = literal_place(index)
            return _extend(chains_of(value, variables, owner), Step(element=place)) if place else ()
        case ast.NamedExpr(value=value):
            return chains_of(value, variables, owner)
        case ast.Await(value=value):
            return tuple(_awaited(chain) for chain in chains_of(value, variables, owner))
        case _:
            return ()


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


def call_chains(node: ast.Call, variables: Locals, owner: Owner | None) -> tuple[Chain, ...]:
    """The chains that end with this call, whatever it gives."""
    if isinstance(node.func, ast.Name):
        if node.func.id == "super" and owner is not None:
            return (Chain(Root("super", owner.name)),)
        if node.func.id in _GETATTR and len(node.args) >= 2:
            name = literal_string(node.args[1])
            if name is None:
                return ()
            step = Step(name, default=len(node.args) > 2, line=node.lineno, column=node.col_offset + 1)
            return _extend(chains_of(node.args[0], variables, owner), step)
    match node:
        case ast.Call(func=ast.Call(func=getter, args=[path]), args=[value]) if dotted(getter) in _GETTERS:
            names = (literal_string(path) or "").split(".")
            if all(name.isidentifier() for name in names):
                steps = [Step(name, line=node.lineno, column=node.col_offset + 1) for name in names]
                found = chains_of(value, variables, owner)
                for each in steps:
                    found = _extend(found, each)
                return found
            return ()
    step = Step(call=call_shape(node), line=node.lineno, column=node.col_offset + 1)
    return _extend(chains_of(node.func, variables, owner), step)


def _awaited(chain: Chain) -> Chain:
    if not chain.steps or chain.steps[-1].call is None:
        return chain
    return Chain(chain.root, (*chain.steps[:-1], replace(chain.steps[-1], awaited=True)))


def _extend(chains: tuple[Chain, ...], step: Step) -> tuple[Chain, ...]:
    return tuple(chain.then(step) for chain in chains if len(chain.steps) < _MAX_STEPS)


def call_shape(node: ast.Call) -> CallShape:
    """The shape of the arguments."""
    positional = sum(not isinstance(a, ast.Starred) for a in node.args)
    return CallShape(
        positional=positional,
        keywords=tuple(k.arg for k in node.keywords if k.arg is not None),
        star=positional != len(node.args),
        double_star=any(k.arg is None for k in node.keywords),
        literals=tuple(_literals(node)),
        spread=tuple(dotted(k.value) or "?" for k in node.keywords if k.arg is None),
        nones=tuple(_nones(node)),
    )


def _nones(node: ast.Call) -> Iterator[int | str]:
    for place, argument in (*enumerate(node.args), *((k.arg, k.value) for k in node.keywords)):
        if place is not None and isinstance(argument, ast.Constant) and argument.value is None:
            yield place


def _literals(node: ast.Call) -> Iterator[tuple[int | str, str]]:
    for position, argument in enumerate(node.args):
        text = literal_string(argument)
        if text is not None and text.isidentifier():
            yield position, text
    for keyword in node.keywords:
        text = literal_string(keyword.value)
        if keyword.arg is not None and text is not None and text.isidentifier():
            yield keyword.arg, text


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


def _name_column(node: ast.Attribute) -> int:
    end = node.end_col_offset
    return end - len(node.attr.encode()) + 1 if end is not None else node.col_offset + 1
