"""Spells out in a syntax tree the names that constants of the file make up.

`getattr(up, "go" + "ne")`, `import_module(f"{BASE}.x")` and `MODULES["a"].f` say what they lead to as plainly as a
literal does; afterwards they are written as one. A name counts where it can be one text only, and a container where the
file binds it once and changes it nowhere.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache

from tailrace.python.literal_texts import LiteralTexts, may_be_text
from tailrace.python.text import children, descendants, dotted

# Calls whose argument at this place is a name or a dotted path.
_NAMED_BY = {
    "getattr": 1,
    "setattr": 1,
    "delattr": 1,
    "import_module": 0,
    "__import__": 0,
    "importorskip": 0,
    "run_module": 0,
    "attrgetter": 0,
}
_MOST_ITEMS = 20
_LITERAL = r"""["'][\w.]*["']\s*"""
# A name that is put together of parts, of which no word need stand in the file: what it begins with, which is found
# fast, and the pattern.
_ATTRIBUTE = rf"""\s*[^,()\n]+(?:\([^()\n]*\))?\s*,\s*+(?!{_LITERAL}[,)])[^,)\n]*["'+%]"""
_ITEM = rf"""\s*+(?!{_LITERAL}\])[^\]\n]*["'+%]"""
_MODULE = rf"""\s*+(?!{_LITERAL}[,)])[\w"']"""
_PUT_TOGETHER = (
    ("attr(", rf"attr\((?<=\b[gsd]e[tl]attr\(){_ATTRIBUTE}"),
    ("__dict__[", rf"__dict__\[{_ITEM}"),
    ("vars(", rf"vars\((?<=\bvars\()[^()\n]*\)\[{_ITEM}"),
    ("globals()[", rf"globals\(\)\[(?<=\bglobals\(\)\[){_ITEM}"),
    *(
        (f"{name}(", rf"{name}\((?<=\b{name}\(){_MODULE}")
        for name in ("import_module", "__import__", "importorskip", "run_module")
    ),
)
_PATTERNS = tuple((hint.encode(), re.compile(pattern.encode())) for hint, pattern in _PUT_TOGETHER)
# Strings, comments and brackets: what must be told apart to find the end of an expression. A quote alone opens a string
# that ends nowhere.
_PIECE = re.compile(
    rb""""{3}.*?"{3}|'{3}.*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*|["'()\[\]{}]""", re.DOTALL
)
_LONGEST = 2_000
# `name = …`, `name: str = …`, `name := …`, `for name in …`: names that are bound, other than as a parameter.
_BINDING_OF = re.compile(rb"\b(\w+)\s*(?::[^=:\n]{0,200})?=(?!=)|\bfor\b([^\n]{0,200})")
_MOST_LOOKED_AT = 200


def puts_together(source: str | bytes) -> bool:
    """Whether a source may name something by a text that it puts together of parts."""
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    places = (found.start() for hint, pattern in _PATTERNS if hint in data for found in pattern.finditer(data))

    @cache
    def bound() -> frozenset[bytes]:
        found = _BINDING_OF.findall(data)
        return frozenset(
            [name for name, _ in found] + [word for _, line in found for word in re.findall(rb"\w+", line)]
        )

    return any(
        number >= _MOST_LOOKED_AT or _may_be_text(data, place, lambda name: name.encode() in bound())
        for number, place in enumerate(places)
    )


def _may_be_text(source: bytes, start: int, is_bound: Callable[[str], bool]) -> bool:
    """Whether what the call or subscript at a place is given can be one text, as far as it says itself."""
    end = _end_of(source, start)
    if end is None:
        return False
    try:
        node = ast.parse(source[start:end].decode("utf-8"), mode="eval").body if end else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return True
    match node:
        case ast.Call(func=ast.Name(id=name), args=args):
            place = _NAMED_BY.get(name, 1)
            return len(args) > place and may_be_text(args[place], is_bound)
        case ast.Subscript(slice=given):
            return may_be_text(given, is_bound)
        case _:
            return True


def _end_of(source: bytes, start: int) -> int | None:
    """Where the call or subscript at a place ends; 0 where it is too long, `None` where it stands in a string."""
    depth = 0
    for piece in _PIECE.finditer(source, start, start + _LONGEST):
        if piece[0] in b"([{":
            depth += 1
        elif piece[0] in b")]}":
            depth -= 1
            if depth == 0 and source[piece.end() : piece.end() + 1] != b"[":
                return piece.end()
        elif piece[0] in b"\"'":
            return None
    return 0


def holds_containers(tree: ast.Module) -> bool:
    """Whether a module has a container at its top that holds more than constants."""
    return any(
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Dict | ast.List | ast.Tuple)
        and any(isinstance(child, ast.Name | ast.Attribute) for child in children(node.value))
        for node in tree.body
    )


def spell_out(tree: ast.Module, *, names: bool, containers: bool) -> None:
    """Rewrites, in place, the texts that name things (`names`) and what is taken out of written containers."""
    nodes = descendants(tree)
    names = names and any(map(_asks_by_parts, nodes))
    held = _container_names(tree) if containers else frozenset()
    containers = bool(held) and any(_takes_out_of(node, held) for node in nodes)
    if not names and not containers:
        return
    bound = Counter(node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load))
    bound.update(node.arg for node in nodes if isinstance(node, ast.arg))
    bound.update(name for node in nodes if node.__class__ in _BINDING for name in _bound_by(node))
    assigned = {
        node.targets[0].id: node.value
        for node in nodes
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        if bound[node.targets[0].id] == 1
    }
    if names:
        texts = LiteralTexts(tree)
        asking = (node for node in nodes if node.__class__ is ast.Call or node.__class__ is ast.Subscript)
        found = [text for node in asking if (text := _spell_names(node, texts)) is not None]
        tree.spelled_out = found  # type: ignore[attr-defined]
    if containers:
        written = _written(tree, nodes, assigned, bound)
        if written:
            _take_out(nodes, written)


def _asks_by_parts(node: ast.AST) -> bool:
    """Whether a node names something by an expression that may be made up of constants."""
    if isinstance(node, ast.Call):
        name = (dotted(node.func) or "").rsplit(".", 1)[-1]
        place = _NAMED_BY.get(name)
        if place is None or len(node.args) <= place:
            return False
        given = node.args[place]
        return not isinstance(given, ast.Constant) and (place == 0 or not isinstance(given, ast.Name))
    return isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant) and _holds_names(node.value)


def _container_names(tree: ast.Module) -> frozenset[str]:
    return frozenset(
        node.targets[0].id
        for node in tree.body
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
        if isinstance(node.value, ast.Dict | ast.List | ast.Tuple)
    )


def _takes_out_of(node: ast.AST, names: frozenset[str]) -> bool:
    """Whether a node takes something out of one of the containers, or goes through it."""
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(), ctx=ast.Load()):
            return name in names
        case ast.Attribute(value=ast.Name(id=name), attr="get" | "values" | "items"):
            return name in names
        case ast.For(iter=ast.Name(id=name)) | ast.comprehension(iter=ast.Name(id=name)):
            return name in names
        case _:
            return False


# The nodes that bind a name which is not a node itself.
_BINDING = frozenset(
    (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal)
).union((ast.ExceptHandler, ast.MatchAs, ast.MatchStar))


def _bound_by(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return [alias.asname or alias.name.split(".")[0] for alias in names]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Global(names=found) | ast.Nonlocal(names=found):
            return [*found, *found]
        case (
            ast.ExceptHandler(name=str() as name) | ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name)
        ):
            return [name]
        case _:
            return []


# -- texts -------------------------------------------------------------------------------------------------------------


def _spell_names(node: ast.AST, texts: LiteralTexts) -> str | None:
    """Put the text in its place; it, where there is one."""
    text: str | None = None
    if isinstance(node, ast.Call):
        place = _NAMED_BY.get((dotted(node.func) or "").rsplit(".", 1)[-1])
        if place is not None and len(node.args) > place and not isinstance(node.args[place], ast.Constant):
            text = texts.one(node.args[place])
            if text is not None:
                node.args[place] = ast.copy_location(ast.Constant(text), node.args[place])
    elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant) and _holds_names(node.value):
        text = texts.one(node.slice)
        if text is not None:
            node.slice = ast.copy_location(ast.Constant(text), node.slice)
    return text


def _holds_names(node: ast.expr) -> bool:
    """`vars(x)`, `x.__dict__`, `globals()`, `sys.modules`."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in {"vars", "globals"}
    return isinstance(node, ast.Attribute) and (node.attr == "__dict__" or dotted(node) == "sys.modules")


# -- containers --------------------------------------------------------------------------------------------------------

_Items = dict[object, ast.expr]


def _written(
    tree: ast.Module, nodes: list[ast.AST], assigned: Mapping[str, ast.expr], bound: Mapping[str, int]
) -> dict[str, _Items]:
    """The dictionaries, lists and tuples at the top of a module that hold names, and that nothing changes."""
    found: dict[str, _Items] = {}
    for statement in tree.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        name = target.id if isinstance(target, ast.Name) else ""
        items = _items(assigned[name]) if name in assigned else None
        if items and all(_is_stable(item, bound) for item in items.values()):
            found[name] = items
    if not found:
        return {}
    for node in nodes:
        match node:
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                found.pop(name, None)
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if attr not in {"get", "values", "items", "keys"}:
                found.pop(name, None)
            case ast.Call(args=args):  # what it is given to may change it
                for argument in args:
                    if isinstance(argument, ast.Name):
                        found.pop(argument.id, None)
            case _:
                continue
    return found


def _items(value: ast.expr) -> _Items | None:
    if isinstance(value, ast.Dict) and 0 < len(value.keys) <= _MOST_ITEMS:
        keys = [key.value if isinstance(key, ast.Constant) else None for key in value.keys]
        return dict(zip(keys, value.values, strict=True)) if None not in keys else None
    if isinstance(value, ast.List | ast.Tuple) and 0 < len(value.elts) <= _MOST_ITEMS:
        return dict(enumerate(value.elts))
    return None


def _is_stable(node: ast.expr, bound: Mapping[str, int]) -> bool:
    """A dotted name that means the same wherever it stands in the file; a constant."""
    first = (dotted(node) or "").split(".", 1)[0]
    return isinstance(node, ast.Constant) or (bool(first) and bound[first] == 1)


def _take_out(nodes: list[ast.AST], written: Mapping[str, _Items]) -> None:
    for node in nodes:
        match node:
            case ast.For(target=target, iter=given) | ast.comprehension(target=target, iter=given):
                _loop_over(node, target, given, written)
            case _:
                pass
        if any(child.__class__ in _TAKING and _taken(child, written) is not None for child in children(node)):
            _replace_parts(node, written)


_TAKING = frozenset({ast.Subscript, ast.Call})


def _replace_parts(node: ast.AST, written: Mapping[str, _Items]) -> None:
    """Put the items in the place of what takes them out, right below a node."""
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.expr) and (taken := _taken(value, written)) is not None:
            setattr(node, name, taken)
        elif isinstance(value, list):
            for index, part in enumerate(value):
                if isinstance(part, ast.expr) and (taken := _taken(part, written)) is not None:
                    value[index] = taken


def _taken(node: ast.AST, written: Mapping[str, _Items]) -> ast.expr | None:
    """What stands for `TABLE["key"]` and `TABLE.get("key")`: the item itself, at the place where it is taken out."""
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=key), ctx=ast.Load()):
            item = written.get(name, {}).get(key)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="get"), args=[ast.Constant(value=key), *_]):
            item = written.get(name, {}).get(key)
        case _:
            return None
    return None if item is None or isinstance(item, ast.Constant) else _moved(item, node)


def _loop_over(
    node: ast.For | ast.comprehension, target: ast.expr, given: ast.expr, written: Mapping[str, _Items]
) -> None:
    """`for m in TABLE.values()`, `for key, m in TABLE.items()`, `for m in LIST`: through the items themselves."""
    match given:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="values"), args=[]):
            items = written.get(name)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="items"), args=[]):
            items = written.get(name)
            if items and isinstance(target, ast.Tuple) and len(target.elts) == 2:
                node.target = target.elts[1]
            else:
                return
        case ast.Name(id=name) if 0 in written.get(name, {}):
            items = written[name]
        case _:
            return
    held = [_moved(item, given) for item in (items or {}).values()]
    if held:
        node.iter = ast.copy_location(ast.Tuple(held, ast.Load()), given)


def _moved(item: ast.expr, place: ast.expr) -> ast.expr:
    """A copy of a dotted name or constant that stands at another place."""
    match item:
        case ast.Attribute(value=value, attr=attr):
            copied: ast.expr = ast.Attribute(_moved(value, place), attr, ast.Load())
        case ast.Name(id=name):
            copied = ast.Name(name, ast.Load())
        case ast.Constant(value=value):
            copied = ast.Constant(value)
        case _:
            return item
    return ast.copy_location(copied, place)


def spelled_words(tree: ast.Module) -> frozenset[bytes]:
    """The words of the texts that were spelled out in a tree."""
    texts: list[str] = getattr(tree, "spelled_out", [])
    return frozenset(word.encode() for text in texts for word in re.findall(r"\w+", text))
