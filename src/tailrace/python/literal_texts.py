"""The texts that the expressions of a module stand for, where names, loops and sums over literals say so.

Pure: nothing is evaluated, and a name with any binding that is not understood stands for nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from itertools import product

from tailrace.python.text import children, dotted

_MOST = 60  # texts of one expression
_MOST_PARTS = 20  # of which one text is made up
_LONGEST = 1_000
_DEEPEST = 8
_PLACEHOLDER = re.compile(r"%[sd]|%%|%")
_COPIES = frozenset({"list", "tuple", "set", "frozenset", "sorted", "reversed"})
_Scope = ast.AST | None


class LiteralTexts:
    """Asked for expressions of one tree; reads the tree when it is asked first about a name."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._owners: dict[int, _Scope] = {}
        self._bound: dict[tuple[int, str], list[_Binding | None]] = {}
        self._is_read = False

    def of(self, node: ast.AST | None) -> tuple[str, ...]:
        """Every text that the expression may be, in the order of the source; none where it may be anything."""
        return self._texts(node, 0)

    def one(self, node: ast.AST | None) -> str | None:
        """The text of an expression that can only be one."""
        found = self._texts(node, 0)
        return found[0] if len(found) == 1 else None

    def value(self, node: ast.Name) -> ast.expr | None:
        """The expression that a name is bound to, where it is bound to one only."""
        held = self._bindings(node)
        alone = held[0] if len(held) == 1 else None
        return alone.value if alone is not None and not alone.is_loop else None

    def is_rebound(self, node: ast.expr) -> bool:
        """Whether a name in the expression is bound more than once, so that not all of its texts need to hold there."""
        return any(isinstance(part, ast.Name) and len(self._bindings(part)) > 1 for part in ast.walk(node))

    def _texts(self, node: ast.AST | None, depth: int) -> tuple[str, ...]:
        if depth > _DEEPEST:
            return ()
        match node:
            case ast.Constant(value=str() as text):
                return (text,)
            case ast.Name():
                return self._named(node, depth + 1)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self._joined((left, right), "", depth + 1)
            case ast.BinOp(left=left, op=ast.Mod(), right=right):
                values = right.elts if isinstance(right, ast.Tuple) else [right]
                return self._filled(left, values, "%s", depth + 1)
            case ast.JoinedStr(values=values):
                return self._joined(values, "", depth + 1)
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return self._texts(value, depth + 1)
            case ast.Call(func=func, args=[_, *_] as args, keywords=[]) if (dotted(func) or "").endswith("path.join"):
                return self._joined(args, "/", depth + 1)
            case ast.Call(func=ast.Attribute(value=value, attr=method), args=args, keywords=[]):
                return self._of_method(value, method, args, depth + 1)
            case _:
                return ()

    def _of_method(self, value: ast.expr, method: str, args: Sequence[ast.expr], depth: int) -> tuple[str, ...]:
        """What a method of a text gives."""
        match method, args:
            case "format", [_, *_]:
                return self._filled(value, args, "{}", depth)
            case "join", [ast.List(elts=items) | ast.Tuple(elts=items)]:
                between = self._texts(value, depth)
                return self._joined(items, between[0], depth) if len(between) == 1 else ()
            case "lower" | "upper", []:
                texts = self._texts(value, depth)
                return tuple(text.lower() if method == "lower" else text.upper() for text in texts)
            case _:
                return ()

    def _filled(self, pattern: ast.expr, values: Sequence[ast.expr], place: str, depth: int) -> tuple[str, ...]:
        """The texts of a pattern with values in its places: `"read_%s" % "x"`, `"{}.x".format("up")`."""
        texts = self._texts(pattern, depth)
        if len(texts) != 1:
            return ()
        known = _PLACEHOLDER.findall(texts[0]) if place == "%s" else [place] * texts[0].count("{")
        parts = texts[0].split(place)
        if known != [place] * len(values) or len(parts) != len(values) + 1 or (place == "{}" and "}" in "".join(parts)):
            return ()
        between = [ast.Constant(part) for part in parts]
        return self._joined(
            [one for pair in zip(between, [*values, ast.Constant("")], strict=True) for one in pair], "", depth
        )

    def _joined(self, parts: Sequence[ast.expr], between: str, depth: int) -> tuple[str, ...]:
        if len(parts) > 2 * _MOST_PARTS:
            return ()
        texts = [self._texts(part, depth) for part in parts]
        size = 1
        for each in texts:
            size *= len(each)
        if not 0 < size <= _MOST:
            return ()
        made = tuple(dict.fromkeys(between.join(chosen) for chosen in product(*texts)))
        return made if all(len(text) <= _LONGEST for text in made) else ()

    def _named(self, node: ast.Name, depth: int) -> tuple[str, ...]:
        found: list[str] = []
        for binding in self._bindings(node):
            texts = () if binding is None else self._of_binding(binding, depth)
            if not texts or len(found) + len(texts) > _MOST:
                return ()
            found += texts
        return tuple(dict.fromkeys(found))

    def _bindings(self, node: ast.Name) -> list[_Binding | None]:
        if not self._is_read:
            self._is_read = True
            self._read()
        scope = self._owners.get(id(node))
        own = self._bound.get((id(scope), node.id)) if scope is not None else None
        return own or self._bound.get((id(None), node.id), [])

    def _of_binding(self, binding: _Binding, depth: int) -> tuple[str, ...]:
        if not binding.is_loop:
            return self._texts(binding.value, depth)
        found: list[str] = []
        for item in self._items(binding.value, depth) or ():
            part: ast.AST | None = item
            for index in binding.path:
                part = part.elts[index] if isinstance(part, ast.Tuple | ast.List) and index < len(part.elts) else None
            texts = self._texts(part, depth)
            if not texts:
                return ()
            found += texts
        return tuple(found)

    def _items(self, node: ast.AST, depth: int) -> list[ast.expr] | None:
        """What a loop over an expression goes through."""
        if depth > _DEEPEST:
            return None
        match node:
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                return items if len(items) <= _MOST else None
            case ast.Dict(keys=keys) if None not in keys:
                return [key for key in keys if key is not None]
            case ast.Name():
                held = self._bindings(node)
                alone = held[0] if len(held) == 1 else None
                return self._items(alone.value, depth + 1) if alone is not None and not alone.is_loop else None
            case ast.Call(func=ast.Name(id=name), args=[inner, *_]) if name in _COPIES:
                return self._items(inner, depth + 1)
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]):
                items = self._items(inner, depth + 1) or []
                return [ast.Tuple([ast.Constant(index), item], ast.Load()) for index, item in enumerate(items)]
            case ast.Call(func=ast.Attribute(attr="items" | "keys" | "values" as method, value=owner), args=[]):
                table = self._table(owner)
                if table is None or None in table.keys:
                    return None
                pairs = [(key, value) for key, value in zip(table.keys, table.values, strict=True) if key is not None]
                if method == "items":
                    return [ast.Tuple([key, value], ast.Load()) for key, value in pairs]
                return [key if method == "keys" else value for key, value in pairs]
            case _:
                return None

    def _table(self, node: ast.expr) -> ast.Dict | None:
        if isinstance(node, ast.Name):
            held = self._bindings(node)
            alone = held[0] if len(held) == 1 else None
            return (
                alone.value if alone is not None and isinstance(alone.value, ast.Dict) and not alone.is_loop else None
            )
        return node if isinstance(node, ast.Dict) else None

    def _read(self) -> None:
        stack: list[tuple[ast.AST, _Scope]] = [(self._tree, None)]
        while stack:
            node, scope = stack.pop()
            self._owners[id(node)] = scope
            self._note(node, scope)
            inner = node if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) else scope
            stack += [(child, inner) for child in reversed(children(node))]

    def _note(self, node: ast.AST, scope: _Scope) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    if isinstance(target, ast.Name):
                        self._bind(target.id, scope, _Binding(value))
                    else:
                        self._lose(target, scope)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self._bind(name, scope, _Binding(value))
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                self._bind(name, scope, _Binding(value))
            case ast.For(target=target, iter=iterated) | ast.comprehension(target=target, iter=iterated):
                self._loop(target, iterated, (), scope)
            case ast.AugAssign(target=target) | ast.AsyncFor(target=target):
                self._lose(target, scope)
            case ast.withitem(optional_vars=ast.expr() as target):
                self._lose(target, scope)
            case ast.FunctionDef(args=spec) | ast.AsyncFunctionDef(args=spec) | ast.Lambda(args=spec):
                if not isinstance(node, ast.Lambda):
                    self._bind(node.name, scope, None)
                for each in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg):
                    if each is not None:
                        self._bind(each.arg, node, None)
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str() as name):
                self._bind(name, scope, None)
            case (
                ast.MatchAs(name=str() as name)
                | ast.MatchStar(name=str() as name)
                | ast.MatchMapping(rest=str() as name)
            ):
                self._bind(name, scope, None)
            case ast.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Name):
                        self._bind(target.id, scope, None)
            case ast.alias(name=name, asname=asname):
                self._bind(asname or name.partition(".")[0], scope, None)
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                for name in names:
                    self._bind(name, None, None)
            case _:
                pass

    def _loop(self, target: ast.expr, iterated: ast.expr, path: tuple[int, ...], scope: _Scope) -> None:
        if isinstance(target, ast.Name):
            self._bind(target.id, scope, _Binding(iterated, is_loop=True, path=path))
        elif isinstance(target, ast.Tuple | ast.List):
            for index, part in enumerate(target.elts):
                if isinstance(part, ast.Starred):
                    self._lose(part, scope)
                else:
                    self._loop(part, iterated, (*path, index), scope)

    def _lose(self, target: ast.expr, scope: _Scope) -> None:
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._bind(node.id, scope, None)

    def _bind(self, name: str, scope: _Scope, binding: _Binding | None) -> None:
        self._bound.setdefault((id(scope), name), []).append(binding)


class _Binding:
    """What a name is bound to: a value, or a part of each item of one."""

    __slots__ = ("is_loop", "path", "value")

    def __init__(self, value: ast.expr, is_loop: bool = False, path: tuple[int, ...] = ()) -> None:
        self.value, self.is_loop, self.path = value, is_loop, path


def may_be_text(node: ast.AST, is_bound: Callable[[str], bool]) -> bool:
    """Whether `LiteralTexts` can find texts for an expression, as far as the expression alone says. `is_bound`: whether
    a name may be bound to one."""
    parts: Sequence[ast.AST]
    match node:
        case ast.Constant(value=value):
            return isinstance(value, str)
        case ast.Name(id=name):
            return is_bound(name)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = (left, right)
        case ast.BinOp(left=left, op=ast.Mod(), right=right):
            parts = (left, *(right.elts if isinstance(right, ast.Tuple) else (right,)))
        case ast.JoinedStr(values=values):
            parts = values
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            parts = (value,)
        case ast.Call(func=func, args=[_, *_] as args, keywords=[]) if (dotted(func) or "").endswith("path.join"):
            parts = args
        case ast.Call(func=ast.Attribute(value=value, attr="join"), args=[ast.List(elts=args) | ast.Tuple(elts=args)]):
            parts = (value, *args)
        case ast.Call(func=ast.Attribute(value=value, attr="format" | "lower" | "upper"), args=args):
            parts = (value, *args)
        case _:
            return False
    return all(may_be_text(part, is_bound) for part in parts)
