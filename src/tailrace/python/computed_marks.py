"""Names that a `__getattr__` gives and warns of: it compares the name that is asked for, or looks it up in a table."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from tailrace.model import Deprecation
from tailrace.python.text import dotted, literal_string, statements, string_items

Table = dict[str, str | None]
# A name, and the message that a table holds for it.
Named = tuple[str, str | None]
Warns = Callable[[ast.Call, list[ast.stmt]], Deprecation | None]


def read_tables(body: list[ast.stmt]) -> dict[str, Table]:
    """Tables of a module or class whose keys are names: table → name → the message beside it.

    Written out, made by a comprehension over a list that is written out, and filled by `update` and by key.
    """
    found: dict[str, Table] = {}
    lists: dict[str, ast.expr] = {}
    for statement in statements(body, inner=False):
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    lists[target.id] = statement.value
                    found[target.id] = _table(statement.value, lists)
                elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                    key = literal_string(target.slice)
                    if key is not None:
                        found.setdefault(target.value.id, {})[key] = _message_in(statement.value)
        elif isinstance(statement, ast.Expr) and isinstance(call := statement.value, ast.Call):
            callee = call.func
            if isinstance(callee, ast.Attribute) and callee.attr == "update" and isinstance(callee.value, ast.Name):
                for argument in call.args[:1]:
                    found.setdefault(callee.value.id, {}).update(_table(argument, lists))
    return {name: table for name, table in found.items() if table}


def _table(value: ast.expr, lists: dict[str, ast.expr]) -> Table:
    if isinstance(value, ast.Call) and (dotted(value.func) or "") in {"frozenset", "set", "tuple", "list", "dict"}:
        if value.keywords and not value.args:
            return {word.arg: _message_in(word.value) for word in value.keywords if word.arg}
        value = value.args[0] if value.args else value
    if isinstance(value, ast.DictComp | ast.SetComp | ast.ListComp | ast.GeneratorExp):
        return _comprehended(value, lists)
    if isinstance(value, ast.Dict):
        pairs = zip(value.keys, value.values, strict=True)
        return {name: _message_in(held) for key, held in pairs if (name := literal_string(key)) is not None}
    return dict.fromkeys(string_items(value) or ())


def _comprehended(
    made: ast.DictComp | ast.SetComp | ast.ListComp | ast.GeneratorExp, lists: dict[str, ast.expr]
) -> Table:
    """`{n: … for n, alias in NAMES}`: the literal that stands for the key in each item."""
    loop, key = made.generators[0], made.key if isinstance(made, ast.DictComp) else made.elt
    over = loop.iter
    if isinstance(over, ast.Call) and isinstance(over.func, ast.Attribute) and over.func.attr in {"items", "keys"}:
        over = over.func.value
    over = lists.get(over.id, over) if isinstance(over, ast.Name) else over
    if len(made.generators) > 1 or not isinstance(key, ast.Name):
        return {}
    names = (
        [item.id for item in loop.target.elts if isinstance(item, ast.Name)]
        if isinstance(loop.target, ast.Tuple)
        else []
    )
    place = names.index(key.id) if key.id in names else None
    if isinstance(over, ast.Dict):
        return {name: None for item in over.keys if place in {0, None} and (name := literal_string(item)) is not None}
    found: Table = {}
    for item in over.elts if isinstance(over, ast.List | ast.Tuple | ast.Set) else ():
        if place is not None:
            inside = item.elts if isinstance(item, ast.Tuple | ast.List) else []
            name = literal_string(inside[place]) if place < len(inside) else None
        else:
            name = literal_string(item)
        if name is not None:
            found[name] = None
    return found


def _message_in(held: ast.expr) -> str | None:
    inside = held.elts if isinstance(held, ast.Tuple | ast.List) else [held]
    return next((text for text in map(literal_string, inside) if text is not None and " " in text), None)


def read_computed_names(
    node: ast.FunctionDef | ast.AsyncFunctionDef, wanted: str, tables: dict[str, Table], warns: Warns
) -> Iterator[tuple[Named, ast.Call, Deprecation]]:
    """Each name for which a `__getattr__` warns of a deprecation, with the call that warns and what it says.

    `wanted`: the parameter that holds the name which is asked for. `warns`: what a call says, in the block around it.
    """
    yield from _Computed(node, wanted, tables, warns).read()


class _Computed:
    """One `__getattr__`."""

    def __init__(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, wanted: str, tables: dict[str, Table], warns: Warns
    ) -> None:
        self.node = node
        self.wanted = wanted
        self.tables = tables
        self.warns = warns
        # `replacement = TABLE.get(name)`: what a test of `replacement` asks.
        self.gotten: dict[str, list[Named]] = {}

    def read(self) -> Iterator[tuple[Named, ast.Call, Deprecation]]:
        outside: list[Named] = []
        for statement in statements(self.node.body, inner=False):
            match statement:
                case ast.Assign(targets=[ast.Name(id=target)], value=ast.Call() as call):
                    if names := self.got(call):
                        self.gotten[target] = names
                case ast.If():
                    yield from self.warned(statement.body, self.compared(statement.test))
                    yield from self.warned(statement.orelse, self.compared(statement.test, absent=True))
                    if any(isinstance(s, ast.Raise | ast.Return) for s in statement.body):
                        outside += self.compared(statement.test, absent=True)
                case ast.Match(subject=ast.Name(id=subject)) if subject == self.wanted:
                    for case in statement.cases:
                        yield from self.warned(case.body, self.cased(case.pattern))
                case ast.Try() | ast.TryStar():
                    # `try: message = TABLE[name]`, and a warning where that worked
                    looked_up = self.looked_up(statement.body)
                    yield from self.warned([*statement.body, *statement.orelse], looked_up)
                case ast.Return(value=ast.Call() as call):
                    yield from self.given_all(call)
        if outside:  # `if name not in TABLE: raise AttributeError`, and the warning after it
            yield from self.warned([s for s in self.node.body if isinstance(s, ast.Expr)], outside)

    def warned(self, body: list[ast.stmt], names: Iterable[Named]) -> Iterator[tuple[Named, ast.Call, Deprecation]]:
        """These names, where a block warns of a deprecation."""
        for statement in statements(body, inner=False):
            called = statement.value if isinstance(statement, ast.Expr) else None
            said = self.warns(called, [*self.node.body, *body]) if isinstance(called, ast.Call) else None
            if said is not None:
                assert isinstance(called, ast.Call)
                for named in names:
                    yield named, called, said
                return

    def given_all(self, call: ast.Call) -> Iterator[tuple[Named, ast.Call, Deprecation]]:
        """SciPy's `return _sub_module_deprecation(…, all=__all__, attribute=name)`: the names of the list."""
        if "deprecat" not in (dotted(call.func) or "").lower():
            return
        for value in (*call.args, *(word.value for word in call.keywords)):
            for named in self.tables.get(value.id, {}).items() if isinstance(value, ast.Name) else ():
                yield named, call, Deprecation(by=dotted(call.func) or "")

    def got(self, call: ast.expr) -> list[Named]:
        """The names of the table in `TABLE.get(name)`."""
        match call:
            case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[ast.Name(id=asked), *_]):
                return self.held(table) if asked == self.wanted else []
        return []

    def held(self, table: ast.expr) -> list[Named]:
        """The names of a table, also of one that is `self.TABLE`."""
        return list(self.tables.get((dotted(table) or "").rpartition(".")[2], {}).items())

    def looked_up(self, body: list[ast.stmt]) -> list[Named]:
        """The names of the tables in which a block looks up a name."""
        return [
            pair
            for statement in body
            for part in ast.walk(statement)
            if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Name) and part.slice.id == self.wanted
            for pair in self.held(part.value)
        ]

    def cased(self, pattern: ast.pattern) -> list[Named]:
        """The names that a `case` matches."""
        match pattern:
            case ast.MatchValue(value=value):
                name = literal_string(value)
                return [] if name is None else [(name, None)]
            case ast.MatchOr(patterns=patterns):
                return [named for one in patterns for named in self.cased(one)]
        return []

    def compared(self, test: ast.expr, *, absent: bool = False) -> list[Named]:
        """The names for which a test holds: `name == "A"`, `name in {"A", "B"}`, `name in TABLE`, `TABLE.get(name)`;
        with `absent`, those for which it does not."""
        equal, within, none = (ast.NotEq, ast.NotIn, ast.Is) if absent else (ast.Eq, ast.In, ast.IsNot)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            return self.compared(test.operand, absent=not absent)
        found: list[Named] = []
        for part in test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else [test]:
            match part:
                case ast.Compare(left=ast.Name(id=left), ops=[operator], comparators=[right]) if left == self.wanted:
                    name = literal_string(right)
                    if isinstance(operator, equal) and name is not None:
                        found.append((name, None))
                    elif isinstance(operator, within):
                        found += self.held(right) or dict.fromkeys(string_items(right) or ()).items()
                case ast.Compare(left=left, ops=[operator], comparators=[ast.Constant(value=None)]):
                    found += self.answered(left) if isinstance(operator, none) else []
                case _ if not absent:
                    found += self.answered(part)
                case _:
                    pass
        return found

    def answered(self, value: ast.expr) -> list[Named]:
        """What `TABLE.get(name)` asks, where it stands or by the name that it got."""
        if isinstance(value, ast.NamedExpr):
            self.gotten[value.target.id] = self.got(value.value)
            return self.gotten[value.target.id]
        return self.gotten.get(value.id, []) if isinstance(value, ast.Name) else self.got(value)
