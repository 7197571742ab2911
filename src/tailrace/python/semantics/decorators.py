"""What a decorator of the package does to the calls of a function: nothing, it takes more, or something unknown."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from tailrace.python.bodies import raises_always
from tailrace.python.memo import Memo
from tailrace.python.semantics.entities import Class, Function, Instance
from tailrace.python.semantics.function_nodes import function_node
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.text import descendants, dotted, literal_string

_Node = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Effect:
    """What a call of the decorated function may give besides what the function takes.

    `known`: whether the decorator could be followed; if not, it may take anything. `keywords`: taken by name.
    `any_position`: positional arguments are collected and given to the function otherwise. `keeps_result`: a call gives
    what the function gives. `fills`: the first positional arguments that the decorator gives itself. `raises`: what
    every call raises.
    """

    known: bool = False
    keywords: frozenset[str] = frozenset()
    any_position: bool = False
    keeps_result: bool = False
    fills: int = 0
    raises: str | None = None
    sets: frozenset[str] | None = None


UNKNOWN_EFFECT = Effect()
# Stands for whatever a decorator is called with, where its text was cut.
_CUT = "_cut_"
_NO_NAMES: frozenset[str] = frozenset()
_OWN = frozenset({"self", "cls", "instance"})
# What may be called with a class and sets nothing on it.
_HARMLESS = frozenset(
    [
        "append",
        "add",
        "insert",
        "setdefault",
        "hasattr",
        "getattr",
        "isinstance",
        "issubclass",
        "id",
        "repr",
        "str",
        "hash",
        "callable",
        "getmodule",
        "getdoc",
        "getsource",
        "getfile",
        "signature",
        "isclass",
        "len",
        "print",
        "vars",
        "dir",
        "getmembers",
        "debug",
        "info",
    ]
)
_EFFECTS: Memo[Resolver, tuple[str, str], Effect] = Memo()


def effect_of(resolver: Resolver, decorator: str, module: str) -> Effect:
    """The effect of a decorator, as it is written in `module`."""
    known, key = _EFFECTS.of(resolver), (decorator, module)
    if key not in known:
        known[key] = UNKNOWN_EFFECT  # while running
        found = _effect(resolver, decorator, module)
        known[key] = UNKNOWN_EFFECT if _CUT in found.keywords else found
    return known[key]


def _effect(resolver: Resolver, decorator: str, module: str) -> Effect:
    if "…" in decorator:  # a long text is cut: what it is called with is not known
        decorator = f"{decorator.partition('(')[0]}({_CUT!r})"
    try:
        node = ast.parse(decorator, mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return UNKNOWN_EFFECT
    call = node if isinstance(node, ast.Call) else None
    path = dotted(call.func if call is not None else node)
    entity = resolver.expression(path, module).entity if path is not None else None
    names = _literals(call) if call is not None else frozenset()
    if isinstance(entity, Class) and call is not None:
        entity = resolver.class_attribute(entity, "__call__", instance=True).entity
        return _applied(resolver, entity, names, skip=1)
    if isinstance(entity, Class):
        return _made(resolver, entity)
    if isinstance(entity, Instance):
        return UNKNOWN_EFFECT
    if not isinstance(entity, Function):
        return UNKNOWN_EFFECT
    if call is None:
        return _applied(resolver, entity, names, skip=1 if entity.bound else 0)
    maker = function_node(resolver, entity)
    if maker is None:
        return UNKNOWN_EFFECT
    inner = _returned_functions(maker, given=bool(call.args))
    if not inner:
        return UNKNOWN_EFFECT
    parameters = _parameters(maker)
    names = _literals(call, parameters)
    return _joined([_decorates(one, names, parameters, 0) for one in inner])


def _applied(resolver: Resolver, entity: object, names: frozenset[str], skip: int) -> Effect:
    node = function_node(resolver, entity) if isinstance(entity, Function) else None
    return _decorates(node, names, frozenset(), skip) if node is not None else UNKNOWN_EFFECT


def _made(resolver: Resolver, cls: Class) -> Effect:
    """A class that is the decorator: its object keeps the function, and is called in its place."""
    found = {name: resolver.class_attribute(cls, name, instance=True).entity for name in ("__init__", "__call__")}
    nodes = {name: function_node(resolver, f) for name, f in found.items() if isinstance(f, Function)}
    init, called = nodes.get("__init__"), nodes.get("__call__")
    if init is None or called is None or resolver.class_attribute(cls, "__get__", instance=True).state != "absent":
        return UNKNOWN_EFFECT
    arguments = [*init.args.posonlyargs, *init.args.args]
    for statement in init.body if len(arguments) == 2 else ():
        match statement:
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=own), attr=kept)], value=ast.Name(id=given)):
                if (own, given) == (arguments[0].arg, arguments[1].arg):
                    return _wraps(
                        called, f"{called.args.args[0].arg}.{kept}" if called.args.args else "", _NO_NAMES, _NO_NAMES
                    )
            case _:
                continue
    return UNKNOWN_EFFECT


def _joined(effects: list[Effect]) -> Effect:
    return Effect(
        all(effect.known for effect in effects),
        frozenset().union(*(effect.keywords for effect in effects)),
        any(effect.any_position for effect in effects),
        all(effect.keeps_result for effect in effects),
        max(effect.fills for effect in effects),
        effects[0].raises if all(effect.raises is not None for effect in effects) else None,
        frozenset().union(*(effect.sets or () for effect in effects))
        if all(e.sets is not None for e in effects)
        else None,
    )


def _decorates(node: _Node, names: frozenset[str], outer: frozenset[str], skip: int) -> Effect:
    """A function that is given the decorated one as its first parameter (after `self`), and what it gives back."""
    arguments = [*node.args.posonlyargs, *node.args.args]
    if len(arguments) <= skip:
        return UNKNOWN_EFFECT
    given = arguments[skip].arg
    optional = len(node.args.defaults) >= len(arguments) - skip
    effects: list[Effect] = []
    inside = {f.name: f for f in _functions(node)}
    for value in _returns(node):
        # `return inner(func)` where the decorator may be used with and without arguments.
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in inside:
            if [dotted(argument) for argument in value.args] == [given] and not value.keywords:
                effects.append(_decorates(inside[value.func.id], names, outer, 0))
                continue
        value = _unwrapped(value)
        if optional and isinstance(value, ast.Name) and value.id in inside and _is_decorator(inside[value.id], given):
            continue  # what it gives when it is called with arguments first
        if isinstance(value, ast.Name) and value.id == given:
            effects.append(Effect(known=True, keeps_result=True, sets=_attributes_set(node, given)))
            continue
        wrapper = inside.get(value.id) if isinstance(value, ast.Name) else None
        effects.append(_wraps(wrapper, given, names, outer) if wrapper is not None else UNKNOWN_EFFECT)
    return _joined(effects) if effects else UNKNOWN_EFFECT


def _attributes_set(node: _Node, given: str) -> frozenset[str] | None:
    """The attributes that a function sets on its parameter, `None` where it hands it to something that may set more."""
    above = {child: parent for parent in (node, *descendants(node)) for child in ast.iter_child_nodes(parent)}
    found: set[str] = set()
    for name in descendants(node):
        if not isinstance(name, ast.Name) or name.id != given:
            continue
        if not isinstance(name.ctx, ast.Load):
            return None
        parent = above[name]
        while isinstance(parent, ast.Tuple | ast.List | ast.Dict):  # `registry.append((cls, names))`
            parent = above[parent]
        match parent:
            case ast.Attribute(ctx=ast.Load()) | ast.Return() | ast.Compare() | ast.Subscript() | ast.FormattedValue():
                pass
            case ast.Attribute(attr=attribute):
                found.add(attribute)
            case ast.Assign(targets=targets) if all(isinstance(t, ast.Subscript | ast.Attribute) for t in targets):
                pass  # `registry[name] = cls`
            case ast.Call(func=ast.Name(id="setattr"), args=[first, ast.Constant(value=str() as attribute), _]) if (
                first is name
            ):
                found.add(attribute)
            case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called)) if called in _HARMLESS:
                pass
            case _:
                return None
    return frozenset(found)


def _wraps(wrapper: _Node, given: str, names: frozenset[str], outer: frozenset[str]) -> Effect:
    """A wrapper `(*args, **kwargs)` that calls the decorated function."""
    star, double_star = wrapper.args.vararg, wrapper.args.kwarg
    plain = [*wrapper.args.posonlyargs, *wrapper.args.args, *wrapper.args.kwonlyargs]
    if star is None or double_star is None or any(a.arg not in _OWN for a in plain):
        return UNKNOWN_EFFECT
    calls = [n for n in descendants(wrapper) if isinstance(n, ast.Call) and dotted(n.func) == given]
    if not calls:
        raised = raises_always(wrapper)
        return Effect(known=True, raises=raised) if raised is not None else UNKNOWN_EFFECT
    fills = {_leading(call, star.arg) for call in calls}
    if len(fills) > 1:
        return UNKNOWN_EFFECT
    passes_keywords = all(any(k.arg is None for k in call.keywords) for call in calls)
    if not passes_keywords:
        return UNKNOWN_EFFECT
    passes_positions = all(any(_is_star(a, star.arg) for a in call.args) for call in calls)
    changed = not all(any(_is_double(k, double_star.arg) for k in call.keywords) for call in calls)
    keywords = frozenset[str]()
    for part in descendants(wrapper):
        asked = _asked(part, double_star.arg)
        if asked is None:
            continue
        text = literal_string(asked)
        if text is not None:
            keywords |= {text}
        elif isinstance(asked, ast.Name) and asked.id in outer:
            keywords |= names
        else:
            keywords |= names
            changed = True
    if changed and passes_positions and not keywords:
        return UNKNOWN_EFFECT
    given_back = _returns(wrapper)
    keeps = bool(given_back) and all(isinstance(v, ast.Call) and dotted(v.func) == given for v in given_back)
    return Effect(
        True,
        keywords,
        any_position=not passes_positions,
        keeps_result=keeps,
        fills=fills.pop() if passes_positions else 0,
    )


def _leading(call: ast.Call, star: str) -> int:
    """How many arguments a call gives before `*args`; none where a method's own object comes first."""
    before = [a for a in call.args if not _is_star(a, star)]
    first = call.args.index(next(a for a in call.args if _is_star(a, star))) if len(before) < len(call.args) else 0
    own = sum(isinstance(a, ast.Name) and a.id in _OWN for a in call.args[:first])
    return first - own


def _is_decorator(function: _Node, given: str) -> bool:
    """Whether an inner function takes the decorated one itself: it never calls that of the outer one."""
    return not any(isinstance(n, ast.Call) and dotted(n.func) == given for n in descendants(function))


def _asked(node: ast.AST, kwargs: str) -> ast.expr | None:
    """The keyword that is taken out of the keywords or looked for in them."""
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="pop" | "get"), args=[key, *_]) if (
            name == kwargs
        ):
            return key
        case ast.Compare(left=key, ops=[ast.In() | ast.NotIn()], comparators=[ast.Name(id=name)]) if name == kwargs:
            return key
        case ast.Subscript(value=ast.Name(id=name), slice=key, ctx=ast.Load() | ast.Del()) if name == kwargs:
            return key
        case _:
            return None


def _is_star(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Starred) and isinstance(node.value, ast.Name) and node.value.id == name


def _is_double(keyword: ast.keyword, name: str) -> bool:
    return keyword.arg is None and isinstance(keyword.value, ast.Name) and keyword.value.id == name


def _unwrapped(node: ast.expr) -> ast.expr:
    """`cast(F, wrapper)`, `wraps(func)(wrapper)`, `update_wrapper(wrapper, func)`: the wrapper."""
    while isinstance(node, ast.Call) and node.args:
        last = (dotted(node.func) or "").rsplit(".", 1)[-1]
        if last == "cast" and len(node.args) == 2:
            node = node.args[1]
        elif last == "update_wrapper" or (isinstance(node.func, ast.Call) and len(node.args) == 1):
            node = node.args[0]
        else:
            break
    return node


def _returned_functions(node: _Node, *, given: bool = False) -> list[_Node]:
    """The inner functions that a maker of decorators gives back. `given`: it is called with positional arguments."""
    inner = {f.name: f for f in _functions(node)}
    values = _returns(node)
    if not given:
        # `return inner(func)`: only where it was used without arguments.
        values = [v for v in values if not (isinstance(v, ast.Call) and dotted(v.func) in inner)]
    found = [inner.get(v.id) if isinstance(v := _unwrapped(value), ast.Name) else None for value in values]
    return [f for f in found if f is not None] if all(f is not None for f in found) else []


def _functions(node: _Node) -> list[_Node]:
    return [n for n in _own(node) if isinstance(n, _Node)]


def _returns(node: _Node) -> list[ast.expr]:
    return [n.value for n in _own(node) if isinstance(n, ast.Return) and n.value is not None]


def _own(node: _Node) -> list[ast.AST]:
    """The statements of a function, those of functions inside left out."""
    found: list[ast.AST] = []
    stack: list[ast.AST] = list(reversed(node.body))
    while stack:
        current = stack.pop()
        found.append(current)
        if isinstance(current, _Node | ast.ClassDef | ast.Lambda):
            continue
        stack.extend(c for c in ast.iter_child_nodes(current) if isinstance(c, ast.stmt | ast.ExceptHandler))
    return found


def _parameters(node: _Node) -> frozenset[str]:
    arguments = node.args
    return frozenset(a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs))


def _literals(call: ast.Call, declared: frozenset[str] = frozenset()) -> frozenset[str]:
    """The names that a call of a decorator gives: as texts, and as keywords that are not its own parameters."""
    found = {literal_string(n) for n in descendants(call) if isinstance(n, ast.Constant)}
    found |= {keyword.arg for keyword in call.keywords if keyword.arg not in declared}
    return frozenset(text for text in found if text is not None and text.isidentifier())
