"""Every deprecation mark of one module: on functions, classes, arguments, constants, options, topics and the module.

What one mark says is read in `deprecations`. Nothing is resolved, nothing is executed, and nothing is judged.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from tailrace.model import Deprecation
from tailrace.python.deprecations import (
    REMOVED,
    SINCE,
    call_deprecation,
    docstring_deprecations,
    marks_a_parameter,
    replacement_in,
    warning_deprecation,
)
from tailrace.python.text import descendants, dotted, literal_string, statements, string_items

MarkKind = Literal["function", "class", "module", "name", "argument", "option", "topic"]
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_WARNINGS = frozenset({"DeprecationWarning", "PendingDeprecationWarning", "FutureWarning"})
_RENAMED = ("rename", "new_arg_name", "new_name", "new", "alternative", "replacement")
_HELP = re.compile(r"[\W_]*deprecated\b(?! (?:packages|features))", re.IGNORECASE)
_OLD_ARGUMENT = ("argument", "old_arg_name", "old_name", "deprecated_name", "name", "old", "param", "arg")


class DeprecationMark(msgspec.Struct, frozen=True, kw_only=True):
    """One mark. `symbol`: the dotted path of what is marked, where it is defined; `up.f(x=)` for an argument, the
    longest option string (or the path of its function) for an option, the function or module around it for a topic.

    `line`: 1-based. `replacement`: the name to use instead, as written. `words`: all strings of an option, or the text
    of a topic. `raises`: importing the module raises once the mark is overdue, as conda's handler does.
    """

    kind: MarkKind
    symbol: str
    file: str
    line: int
    deprecation: Deprecation
    replacement: str | None = None
    words: tuple[str, ...] = ()
    raises: bool = False


def read_marks(tree: ast.Module, module: str, file: str) -> tuple[DeprecationMark, ...]:
    """The marks of the module `module`, in the order of their lines, one for each kind and symbol."""
    reader = _Reader(module, file, _warning_classes(tree), _tables(tree), _aliases(tree))
    reader.documented(tree, module, "module")
    reader.block(tree.body, module, None)
    reader.options(tree)
    return tuple(sorted(reader.found.values(), key=lambda m: (m.line, m.kind, m.symbol)))


def _warning_classes(tree: ast.Module) -> frozenset[str]:
    """Names of classes that derive from a deprecation warning in this module."""
    known = set(_WARNINGS)
    classes = [s for s in statements(tree.body, inner=False) if isinstance(s, ast.ClassDef)]
    for _ in range(4):
        for node in classes:
            if any((dotted(base) or "").rsplit(".", 1)[-1] in known for base in node.bases):
                known.add(node.name)
    return frozenset(known)


def _aliases(tree: ast.Module) -> dict[str, str]:
    """Other names that the module gives to what marks: `from warnings import warn as _warn`."""
    found: dict[str, str] = {}
    for statement in statements(tree.body, inner=True):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                last = alias.name.rsplit(".", 1)[-1]
                if alias.asname and (last in {"warn", "warnings"} or "deprecat" in last.lower()):
                    found[alias.asname] = last
    return found


Table = dict[str, str | None]


def _tables(tree: ast.Module) -> dict[str, Table]:
    """Tables of the module whose keys are names: table → name → the message beside it.

    Written out, made by a comprehension over a list that is written out, and filled by `update` and by key.
    """
    found: dict[str, Table] = {}
    lists: dict[str, ast.expr] = {}
    for statement in statements(tree.body, inner=False):
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


@dataclass(slots=True)
class _Reader:
    module: str
    file: str
    categories: frozenset[str]
    tables: dict[str, Table]
    aliases: dict[str, str]
    found: dict[tuple[MarkKind, str], DeprecationMark] = field(default_factory=dict)

    def add(
        self,
        kind: MarkKind,
        symbol: str,
        line: int,
        said: Deprecation,
        *,
        call: ast.Call | None = None,
        words: tuple[str, ...] = (),
        raises: bool | None = None,
    ) -> None:
        """Note a mark; what an earlier one of the same symbol leaves open is filled in."""
        mark = DeprecationMark(
            kind=kind,
            symbol=symbol,
            file=self.file,
            line=line,
            deprecation=said,
            replacement=_renamed(call) or replacement_in(said.message),
            words=words,
            raises=_raises(call, said) if raises is None else raises,
        )
        known = self.found.get((kind, symbol))
        if known is not None and known.deprecation.by == "docstring" and said.by != "docstring":
            known, mark, said = mark, known, known.deprecation  # what is run counts more than what is written
        if known is not None:
            mark = msgspec.structs.replace(
                known,
                deprecation=Deprecation(
                    since=known.deprecation.since or said.since,
                    removed_in=known.deprecation.removed_in or said.removed_in,
                    message=known.deprecation.message or said.message,
                    by=known.deprecation.by,
                ),
                replacement=known.replacement or mark.replacement,
                raises=known.raises or mark.raises,
            )
        self.found[(kind, symbol)] = mark

    def named(self, node: ast.expr) -> ast.expr:
        """An expression, or the function of a call, by the name that it had before it was imported."""
        if not self.aliases:
            return node
        if isinstance(node, ast.Call):
            call = ast.Call(func=self.named(node.func), args=node.args, keywords=node.keywords)
            return ast.copy_location(call, node)
        first, dot, rest = (dotted(node) or "").partition(".")
        if first not in self.aliases:
            return node
        made: ast.expr = ast.Name(self.aliases[first], ast.Load())
        for part in rest.split(".") if dot else ():
            made = ast.Attribute(made, part, ast.Load())
        return ast.copy_location(made, node)

    # -- definitions -----------------------------------------------------------------------------------------------

    def block(self, body: Iterable[ast.stmt], path: str, owner: ast.ClassDef | None) -> None:
        """The statements of a module or class, and of the tests and loops in it."""
        for node in body:
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.function(node, path, owner)
                case ast.ClassDef():
                    self.decorated(node, f"{path}.{node.name}", f"{path}.{node.name}", "class")
                    self.documented(node, f"{path}.{node.name}", "class")
                    self.block(node.body, f"{path}.{node.name}", node)
                case ast.Assign() | ast.AnnAssign():
                    self.assigned(node, path)
                case ast.Expr(value=ast.Call() as called):
                    call = self.named(called)
                    assert isinstance(call, ast.Call)
                    self.registered(call, path, at_top=owner is None and node in body)
                case _:
                    for name in ("body", "orelse", "finalbody"):
                        self.block(getattr(node, name, ()), path, owner)
                    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                        self.block(part.body, path, owner)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, path: str, owner: ast.ClassDef | None) -> None:
        """A `def`, with its decorators, defaults, docstring and body. Functions inside it are nobody's to use."""
        constructor = owner is not None and node.name in {"__init__", "__new__"}
        symbol = path if constructor else f"{path}.{node.name}"
        kind: MarkKind = "class" if constructor else "function"
        if owner is None and node.name == "__getattr__":
            self.computed_names(node, path)
            return
        if any((dotted(d) or "").endswith((".setter", ".deleter")) for d in node.decorator_list):
            return
        self.decorated(node, symbol, symbol, kind)
        self.documented(node, symbol, kind)
        parameters = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        for name, default in _defaults(node.args):
            if literal_string(default) == "deprecated":
                self.add("argument", f"{symbol}({name}=)", node.lineno, Deprecation(by="default 'deprecated'"))
        if owner is not None:
            self.attached(node, path)
        if node.name.startswith("__") and not constructor and node.name not in {"__call__", "__init_subclass__"}:
            return
        self.warned(node.body, node, symbol, kind, frozenset(parameters))

    def attached(self, node: ast.FunctionDef | ast.AsyncFunctionDef, path: str) -> None:
        """`cls.old = old` in a method, where the inner function `old` warns, or goes into what makes the attribute."""
        own = node.args.args[0].arg if node.args.args else ""
        inner = {s.name: s for s in node.body if isinstance(s, ast.FunctionDef)}
        for statement in node.body if inner else ():
            if not isinstance(statement, ast.Assign):
                continue
            value = statement.value
            names = [value, *_given(value)] if isinstance(value, ast.Call) else [value]
            made = [inner[name.id] for name in names if isinstance(name, ast.Name) and name.id in inner]
            for target in statement.targets:
                if isinstance(target, ast.Attribute) and dotted(target.value) == own:
                    for function in made:
                        self.warned(function.body, function, f"{path}.{target.attr}", "function", frozenset())

    def warned(
        self,
        body: list[ast.stmt],
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        symbol: str,
        kind: MarkKind,
        parameters: frozenset[str],
        tested: frozenset[str] = frozenset(),
        depth: int = 0,
    ) -> None:
        """Warnings in a body: of the function where nothing is asked before, else of the parameters that are tested."""
        for statement in body if depth < 30 else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                call = self.named(statement.value)
                assert isinstance(call, ast.Call)
                last = (dotted(call.func) or "").rsplit(".", 1)[-1]
                said = warning_deprecation(call, [*node.body, *body], self.categories)
                if said is None:
                    continue
                if last == "topic":
                    self.topic(call, symbol)
                elif depth == 0:
                    self.add(kind, symbol, node.lineno, said, call=call, raises=False)
                elif tested:
                    named = {p for p in tested if said.message is not None and _names(said.message, p)}
                    for parameter in sorted(named or (tested if len(tested) == 1 else ())):
                        self.add("argument", f"{symbol}({parameter}=)", call.lineno, said, call=call, raises=False)
            elif isinstance(statement, ast.If):
                about = _tested(statement.test, parameters, node.args.kwarg)
                self.warned(statement.body, node, symbol, kind, parameters, tested | about, depth + 1)
                self.warned(statement.orelse, node, symbol, kind, parameters, tested | about, depth + 1)
            elif not isinstance(statement, Definition):
                for name in ("body", "orelse", "finalbody"):
                    inner = getattr(statement, name, None)
                    if isinstance(inner, list):
                        self.warned(inner, node, symbol, kind, parameters, tested, depth + 1)
                for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                    self.warned(part.body, node, symbol, kind, parameters, tested, depth + 1)

    def decorated(self, node: Definition, symbol: str, callee: str, kind: MarkKind) -> None:
        """Decorators: of the function or class itself, and of its parameters."""
        for written in node.decorator_list:
            decorator = self.named(written)
            call = decorator if isinstance(decorator, ast.Call) else None
            name = dotted(call.func if call is not None else decorator) or ""
            last = name.rsplit(".", 1)[-1]
            marks = "deprecat" in name.lower() or last in {"rename_parameter", "delete_parameter"}
            if not marks:
                continue
            line = decorator.lineno
            if call is None:
                if not marks_a_parameter(name):
                    self.add(kind, symbol, line, Deprecation(by=name), raises=False)
            elif marks_a_parameter(name) or last == "rename_parameter":
                for argument in _arguments_of(call, last):
                    self.add("argument", f"{callee}({argument}=)", line, call_deprecation(call), call=call)
            else:
                self.add(kind, symbol, line, call_deprecation(call), call=call)

    def documented(self, node: Definition | ast.Module, symbol: str, kind: MarkKind) -> None:
        """Directives in the docstring."""
        first = node.body[0] if node.body else None
        text = literal_string(first.value) if isinstance(first, ast.Expr) else None
        if first is None or text is None or "deprecat" not in text.lower():
            return
        for owner, said in docstring_deprecations(text, prose=kind != "module"):
            if owner is None:
                self.add(kind, symbol, getattr(node, "lineno", first.lineno), said, raises=False)
            elif kind == "class":
                held = any(
                    isinstance(s, ast.FunctionDef) and s.name == "__init__" and _has(s, owner) for s in node.body
                )
                shown = f"{symbol}({owner}=)" if held else f"{symbol}.{owner}"
                self.add("argument" if held else "name", shown, first.lineno, said, raises=False)
            elif kind == "function" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _has(node, owner):
                self.add("argument", f"{symbol}({owner}=)", first.lineno, said, raises=False)

    # -- names -----------------------------------------------------------------------------------------------------

    def registered(self, call: ast.Call, path: str, *, at_top: bool) -> None:
        """A call as a statement of a module or class: `deprecated.module(…)`, `deprecated.constant(…)`, a warning."""
        name = dotted(call.func) or ""
        last = name.rsplit(".", 1)[-1]
        marks = "deprecat" in name.lower()
        if marks and last == "constant":
            given = {k.arg: k.value for k in call.keywords}
            constant = literal_string(call.args[2] if len(call.args) > 2 else given.get("constant", given.get("name")))
            if constant is not None:
                self.add("name", f"{path}.{constant}", call.lineno, call_deprecation(call), call=call)
        elif marks and last == "topic":
            self.topic(call, path, raises=path == self.module)
        elif marks and last == "module":
            self.add("module", self.module, call.lineno, call_deprecation(call), call=call)
        elif marks and call.args and isinstance(call.args[0], ast.Name):
            said = call_deprecation(call)  # `deprecated(Blowfish, __name__, "…", Warning, name="Blowfish")`
            given = {k.arg: k.value for k in call.keywords}
            self.add("name", f"{path}.{literal_string(given.get('name')) or call.args[0].id}", call.lineno, said)
        elif path == self.module and at_top and "warn" in last.lower():  # not `deprecate_option("mode.old")`
            found = warning_deprecation(call, None, self.categories)
            if found is not None:
                self.add("module", self.module, call.lineno, found, raises=False)

    def assigned(self, node: ast.Assign | ast.AnnAssign, path: str) -> None:
        """`old = deprecated("1.2")(new)`, `old = deprecate(new, "old", "new")`, `OLD = DeprecatedAlias(new)`."""
        call = self.named(node.value) if node.value is not None else None
        if isinstance(call, ast.Lambda) and isinstance(call.body, ast.Call):
            self.lambda_that_warns(node, call.body, path)
        if not isinstance(call, ast.Call):
            return
        inner = call.func if isinstance(call.func, ast.Call) else call
        name = dotted(inner.func) or ""
        last = name.rsplit(".", 1)[-1]
        handler = last.endswith(("Handler", "Warning")) or last in {"action", "argument", "getLogger"}
        if "deprecat" not in name.lower() or handler or marks_a_parameter(name):
            return
        if inner is call and not any(isinstance(a, ast.Name | ast.Attribute | ast.Constant) for a in _given(call)):
            return  # `deprecated = make_deprecated()` makes a handler
        if inner is call and len(call.args) == 1 and dotted(call.args[0]) in {"__version__", "version"}:
            return
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(target, ast.Name) and "deprecat" not in target.id.lower():
                self.add("name", f"{path}.{target.id}", node.lineno, call_deprecation(inner), call=inner)

    def lambda_that_warns(self, node: ast.Assign | ast.AnnAssign, call: ast.Call, path: str) -> None:
        """`old = lambda x: warnings.warn("…", DeprecationWarning)`."""
        said = warning_deprecation(call, None, self.categories)
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if said is not None and isinstance(target, ast.Name):
                self.add("function", f"{path}.{target.id}", node.lineno, said, call=call, raises=False)

    def computed_names(self, node: ast.FunctionDef | ast.AsyncFunctionDef, path: str) -> None:
        """A module's `__getattr__` that warns: the names that it compares with, or looks up in a table."""
        wanted = node.args.args[0].arg if node.args.args else "name"
        outside: list[tuple[str, str | None]] = []
        for statement in statements(node.body, inner=False):
            if isinstance(statement, ast.If):
                self.computed(statement.body, node, path, self.compared(statement.test, wanted))
                self.computed(statement.orelse, node, path, self.compared(statement.test, wanted, absent=True))
                if any(isinstance(s, ast.Raise | ast.Return) for s in statement.body):
                    outside += self.compared(statement.test, wanted, absent=True)
            elif isinstance(statement, ast.Try | ast.TryStar):
                # `try: message = TABLE[name]`, and a warning where that worked
                looked_up = self.looked_up(statement.body, wanted)
                self.computed([*statement.body, *statement.orelse], node, path, looked_up)
        if outside:  # `if name not in TABLE: raise AttributeError`, and the warning after it
            self.computed([s for s in node.body if isinstance(s, ast.Expr)], node, path, outside)

    def computed(
        self,
        body: list[ast.stmt],
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        path: str,
        names: Iterable[tuple[str, str | None]],
    ) -> None:
        """Note these names where a block warns of a deprecation."""
        for statement in statements(body, inner=False):
            called = self.named(statement.value) if isinstance(statement, ast.Expr) else None
            if not isinstance(called, ast.Call):
                continue
            said = warning_deprecation(called, [*node.body, *body], self.categories)
            if said is None:
                continue
            for name, message in names:
                text = ast.Call(func=called.func, args=[ast.Constant(message or "")], keywords=[])
                found = call_deprecation(text) if message is not None else said
                self.add("name", f"{path}.{name}", called.lineno, found, call=called, raises=False)
            return

    def looked_up(self, body: list[ast.stmt], wanted: str) -> list[tuple[str, str | None]]:
        """The names of the tables in which a block looks up a name."""
        return [
            pair
            for statement in body
            for part in ast.walk(statement)
            if isinstance(part, ast.Subscript)
            and isinstance(part.value, ast.Name)
            and isinstance(part.slice, ast.Name)
            and part.slice.id == wanted
            for pair in self.tables.get(part.value.id, {}).items()
        ]

    def compared(self, test: ast.expr, wanted: str, *, absent: bool = False) -> list[tuple[str, str | None]]:
        """The names for which a test holds: `name == "A"`, `name in {"A", "B"}`, `name in TABLE`; with `absent`, those
        for which it does not."""
        equal, within = (ast.NotEq, ast.NotIn) if absent else (ast.Eq, ast.In)
        found: list[tuple[str, str | None]] = []
        for part in test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or) else [test]:
            match part:
                case ast.Compare(left=ast.Name(id=left), ops=[operator], comparators=[right]) if left == wanted:
                    name = literal_string(right)
                    if isinstance(operator, equal) and name is not None:
                        found.append((name, None))
                    elif isinstance(operator, within) and isinstance(right, ast.Name):
                        found += self.tables.get(right.id, {}).items()
                    elif isinstance(operator, within):
                        found += dict.fromkeys(string_items(right) or ()).items()
        return found

    # -- options and topics ----------------------------------------------------------------------------------------

    def options(self, tree: ast.Module) -> None:
        """`add_argument("--old", action=deprecated.action(…))`, an action of such a name, or a help text that begins
        with the word."""
        for node in descendants(tree):
            if not isinstance(node, ast.Call) or not node.keywords or not node.args:
                continue
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            action, text = given.get("action"), literal_string(given.get("help")) or ""
            said: Deprecation | None = None
            if isinstance(action, ast.Call) and (dotted(action.func) or "").endswith("deprecated.action"):
                said = call_deprecation(action)
            elif action is not None and "deprecat" in (dotted(action) or "").lower():
                said = call_deprecation(ast.Call(func=action, args=[ast.Constant(f" {text}")], keywords=[]))
            elif _HELP.match(text) and (dotted(node.func) or "").rsplit(".", 1)[-1] in {"add_argument", "option"}:
                said = call_deprecation(ast.Call(func=ast.Name("help"), args=[ast.Constant(f" {text}")], keywords=[]))
            if said is not None:
                words = tuple(text for text in map(literal_string, node.args) if text is not None)
                call = action if isinstance(action, ast.Call) else None
                name = max(words, key=len, default=f"{self.module}:{node.lineno}")
                line = call.lineno if call is not None else node.lineno
                self.add("option", name, line, said, call=call, words=words, raises=False)

    def topic(self, call: ast.Call, symbol: str, *, raises: bool = False) -> None:
        """`deprecated.topic("23.9", "24.3", topic="…")`, in a function or at the top of a module."""
        given = {k.arg: k.value for k in call.keywords}
        value = given.get("topic") or (call.args[2] if len(call.args) > 2 else None)
        text = literal_string(value)
        if text is None and isinstance(value, ast.JoinedStr):
            text = "".join(str(p.value) for p in value.values if isinstance(p, ast.Constant))
        text = " ".join((text or "").split())
        key = f"{symbol}: {text}" if text else symbol
        self.add("topic", key, call.lineno, call_deprecation(call), call=call, words=(text,), raises=raises)


def calls_when_imported(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The functions that a module calls at its top for what they do, by the names that it has for them, with lines."""
    for node in tree.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name):
            yield node.value.func.id, node.lineno


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(k.value for k in call.keywords)]


def _defaults(args: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    plain = [*args.posonlyargs, *args.args]
    yield from zip((a.arg for a in plain[len(plain) - len(args.defaults) :]), args.defaults, strict=True)
    for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if value is not None:
            yield arg.arg, value


def _has(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> bool:
    args = node.args
    return args.kwarg is not None or any(a.arg == name for a in (*args.posonlyargs, *args.args, *args.kwonlyargs))


def _tested(test: ast.expr, parameters: frozenset[str], kwarg: ast.arg | None) -> frozenset[str]:
    """The parameters that a test asks about, also those that come in `**kwargs`."""
    found = {n.id for n in descendants(test) if isinstance(n, ast.Name) and n.id in parameters}
    if kwarg is not None:
        for node in descendants(test):
            if isinstance(node, ast.Compare) and any(dotted(c) == kwarg.arg for c in node.comparators):
                name = literal_string(node.left)
                found |= {name} if name is not None and name.isidentifier() else set()
    return frozenset(found - {"self", "cls"})


def _names(message: str, word: str) -> bool:
    """Whether a message names a parameter: as a word of its own."""
    start = message.find(word)
    while start >= 0:
        around = message[start - 1 : start] + message[start + len(word) : start + len(word) + 1]
        if not any(c.isalnum() or c == "_" for c in around):
            return True
        start = message.find(word, start + 1)
    return False


def _arguments_of(call: ast.Call, last: str) -> tuple[str, ...]:
    """The parameters that a decorator marks."""
    given = {k.arg: k.value for k in call.keywords if k.arg}
    for name in ("deprecated_args", "params"):
        listed = string_items(given.get(name))
        if listed:
            return listed
    if "positional" in last or "nonkeyword" in last or last == "make_keyword_only":
        return ()  # how it is given, not whether
    texts = [text for text in map(literal_string, call.args) if text is not None]
    for key in call.args:
        if isinstance(key, ast.Dict):  # `deprecate_kwarg({"old": "new"}, …)`
            return tuple(t for t in map(literal_string, key.keys) if t is not None)
    named = next((t for k in _OLD_ARGUMENT if (t := literal_string(given.get(k))) is not None), None)
    plain = [t for t in texts if t.isidentifier()]
    found = named or next(iter(plain), None)
    return (found,) if found is not None else ()


def _renamed(call: ast.Call | None) -> str | None:
    """The new name that a mark gives by itself."""
    if call is None:
        return None
    given = {k.arg: literal_string(k.value) for k in call.keywords if k.arg}
    return next((given[k] for k in _RENAMED if given.get(k)), None)


def _raises(call: ast.Call | None, said: Deprecation) -> bool:
    """Whether it is conda's handler, which refuses to go on once the version of removal is reached."""
    name = dotted(call.func) if call is not None else None
    if call is None or name is None or said.since is None or said.removed_in is None:
        return False
    keywords = {k.arg for k in call.keywords}
    positional = len([a for a in call.args[:2] if literal_string(a) is not None])
    handler = any(part == "deprecated" for part in name.split("."))
    given = (
        positional == 2 or {"deprecate_in", "remove_in"} <= keywords or (positional == 1 and "remove_in" in keywords)
    )
    return handler and given and not keywords & ({*SINCE, *REMOVED} - {"deprecate_in", "remove_in"})
