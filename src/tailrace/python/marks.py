"""Every deprecation mark of one module: on functions, classes, arguments, constants, options, topics and the module.

What one mark says is read in `deprecations`. Nothing is resolved, nothing is executed, and nothing is judged.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import msgspec

from tailrace.model import Deprecation
from tailrace.python.computed_marks import Table, read_computed_names, read_tables
from tailrace.python.deprecations import (
    REMOVED,
    SINCE,
    call_deprecation,
    marks_a_parameter,
    replacement_in,
    versions_in,
    warning_deprecation,
    with_text,
)
from tailrace.python.docstring_marks import docstring_deprecations
from tailrace.python.positional_marks import (
    asks_for_positions,
    decorators_that_warn,
    read_body,
    read_decorator,
    speaks_of_positions,
)
from tailrace.python.text import descendants, dotted, literal_string, statements, string_items

MarkKind = Literal["function", "class", "module", "name", "argument", "position", "option", "topic"]
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_WARNINGS = frozenset({"DeprecationWarning", "PendingDeprecationWarning", "FutureWarning"})
_RENAMED = ("rename", "new_arg_name", "new_name", "new", "alternative", "replacement")
# A warning of no class that says so, about what is warned of.
_SAYS_SO = re.compile(
    r"\b(?:is|are|was|been|be|now)\s+deprecated\b|\bdeprecated[:.,!]|\Adeprecated\b|\bwill be removed in\b",
    re.IGNORECASE,
)
_HELP = re.compile(r"[\W_]*deprecated\b(?! (?:packages|features))", re.IGNORECASE)
_OLD_ARGUMENT = ("argument", "old_arg_name", "old_name", "deprecated_name", "name", "old", "param", "arg")


class DeprecationMark(msgspec.Struct, frozen=True, kw_only=True):
    """One mark. `symbol`: the dotted path of what is marked, where it is defined; `up.f(x=)` for an argument, the
    longest option string (or the path of its function) for an option, the function or module around it for a topic,
    `up.f(*)` for positional arguments that end.

    `line`: 1-based. `replacement`: the name to use instead, as written. `words`: all strings of an option, the text of
    a topic, or the parameters that will be taken by keyword only (none: it is not known which). `raises`: importing the
    module raises once the mark is overdue, as conda's handler does.
    """

    kind: MarkKind
    symbol: str
    file: str
    line: int
    deprecation: Deprecation
    replacement: str | None = None
    words: tuple[str, ...] = ()
    raises: bool = False


def read_marks(
    tree: ast.Module,
    module: str,
    file: str,
    categories: frozenset[str] = frozenset(),
    positional: Mapping[str, Deprecation] = MappingProxyType({}),
) -> tuple[DeprecationMark, ...]:
    """The marks of the module `module`, in the order of their lines, one for each kind and symbol.

    `categories`: classes of other modules that derive from a deprecation warning. `positional`: decorators of other
    modules that warn of positional arguments.
    """
    known = warning_classes([tree]) | categories
    reader = _Reader(module, file, known, read_tables(tree.body), _aliases(tree))
    reader.find_helpers(tree)
    reader.positional = {**positional, **decorators_that_warn(tree, reader.warns)}
    reader.documented(tree, module, "module")
    reader.block(tree.body, module, None)
    reader.options(tree)
    return tuple(sorted(reader.found.values(), key=lambda m: (m.line, m.kind, m.symbol)))


def positional_decorators(trees: Iterable[ast.Module], categories: frozenset[str]) -> dict[str, Deprecation]:
    """The decorators in these modules that warn of positional arguments, by name, with what they say."""
    found: dict[str, Deprecation] = {}
    for tree in trees:
        found |= decorators_that_warn(tree, _Reader("", "", categories, {}, _aliases(tree)).warns)
    return found


def warning_classes(trees: Iterable[ast.Module]) -> frozenset[str]:
    """Names of classes in these modules that derive from a deprecation warning."""
    known = set(_WARNINGS)
    classes = [s for tree in trees for s in statements(tree.body, inner=False) if isinstance(s, ast.ClassDef)]
    for _ in range(4):
        for node in classes:
            if any(_is_category((dotted(base) or "").rsplit(".", 1)[-1], known) for base in node.bases):
                known.add(node.name)
    return frozenset(known)


def _is_category(name: str, known: set[str]) -> bool:
    return name in known or (name.endswith("Warning") and "Deprecat" in name)


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


@dataclass(slots=True)
class _Reader:
    module: str
    file: str
    categories: frozenset[str]
    tables: dict[str, Table]
    aliases: dict[str, str]
    positional: Mapping[str, Deprecation] = field(default_factory=dict)
    helpers: dict[str, Deprecation] = field(default_factory=dict)
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

    def find_helpers(self, tree: ast.Module) -> None:
        """Functions of the module that do nothing but warn on behalf of others, by their names."""
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and is_helper(node.name):
                for statement in node.body:
                    call = self.named(statement.value) if isinstance(statement, ast.Expr) else None
                    said = self.warning(call, node.body) if isinstance(call, ast.Call) else None
                    if said is not None:
                        self.helpers[node.name] = said

    def warning(self, call: ast.Call, body: list[ast.stmt]) -> Deprecation | None:
        """What a call says that warns: by the warning's class, by its text, or through a function of the module."""
        said = warning_deprecation(call, body, self.categories)
        if said is not None:
            return said
        name = dotted(call.func) or ""
        if helper := self.helpers.get(name):
            given = call_deprecation(call)
            return Deprecation(
                since=given.since or helper.since,
                removed_in=given.removed_in or helper.removed_in,
                message=given.message or helper.message,
                by=name,
            )
        if name.rsplit(".", 1)[-1] in {"warn", "warning"}:
            told = call_deprecation(with_text(call, body))
            # A logger takes values to put into its text: that may be about anything.
            about_itself = "log" not in name.lower() or (len(call.args) == 1 and "%" not in (told.message or ""))
            if told.message is not None and about_itself and _SAYS_SO.search(told.message):
                return told
        return None

    def warns(self, call: ast.Call, body: list[ast.stmt]) -> Deprecation | None:
        """The same of a call as it is written."""
        named = self.named(call)
        return self.warning(named, body) if isinstance(named, ast.Call) else None

    # -- definitions -----------------------------------------------------------------------------------------------

    def block(self, body: list[ast.stmt], path: str, owner: ast.ClassDef | None) -> None:
        """The statements of a module or class, and of the tests and loops in it."""
        for number, node in enumerate(body):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    self.function(node, path, owner)
                case ast.ClassDef():
                    self.decorated(node, f"{path}.{node.name}", f"{path}.{node.name}", "class")
                    self.documented(node, f"{path}.{node.name}", "class")
                    self.block(node.body, f"{path}.{node.name}", node)
                case ast.Assign() | ast.AnnAssign():
                    self.assigned(node, path)
                    if number + 1 < len(body):
                        self.documented_value(node, body[number + 1], path)
                case ast.Expr(value=ast.Call() as called):
                    call = self.named(called)
                    assert isinstance(call, ast.Call)
                    self.registered(call, path, at_top=owner is None and node in body)
                case _:
                    for name in ("body", "orelse", "finalbody"):
                        self.block(getattr(node, name, []), path, owner)
                    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                        self.block(part.body, path, owner)

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, path: str, owner: ast.ClassDef | None) -> None:
        """A `def`, with its decorators, defaults, docstring and body. Functions inside it are out of reach."""
        constructor = owner is not None and node.name in {"__init__", "__new__"}
        symbol = path if constructor else f"{path}.{node.name}"
        kind: MarkKind = "class" if constructor else "function"
        if node.name == "__getattr__":
            self.computed_names(node, path, owner)
            return
        if any((dotted(d) or "").endswith((".setter", ".deleter")) for d in node.decorator_list):
            return
        self.decorated(node, symbol, symbol, kind)
        self.documented(node, symbol, kind)
        parameters = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        for name, default in _defaults(node.args):
            if literal_string(default) == "deprecated":
                self.add("argument", f"{symbol}({name}=)", node.lineno, Deprecation(by="default 'deprecated'"))
            elif said := _sentinel(default):
                self.add("argument", f"{symbol}({name}=)", node.lineno, said, raises=False)
        if owner is not None:
            self.attached(node, path)
        if node.name.startswith("__") and not constructor and node.name not in {"__call__", "__init_subclass__"}:
            return
        self.warned(node.body, node, symbol, kind, frozenset(parameters))
        for call, said, words in read_body(node, self.warns):
            self.add("position", f"{symbol}(*)", call.lineno, said, words=words, raises=False)

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
        *,
        sure: bool = True,
    ) -> None:
        """Warnings in a body: of the function where nothing is asked before, else of the parameters that are tested.

        `sure`: whether the body always runs.
        """
        for statement in body if depth < 30 else ():
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                call = self.named(statement.value)
                assert isinstance(call, ast.Call)
                last = (dotted(call.func) or "").rsplit(".", 1)[-1]
                said = self.warning(call, [*node.body, *body])
                if said is None:
                    continue
                if last == "topic":
                    self.topic(call, symbol)
                elif sure:
                    self.add(kind, symbol, node.lineno, said, call=call, raises=False)
                elif tested:
                    named = {p for p in tested if said.message is not None and _names(said.message, p)}
                    for parameter in sorted(named or (tested if len(tested) == 1 else ())):
                        self.add("argument", f"{symbol}({parameter}=)", call.lineno, said, call=call, raises=False)
            elif isinstance(statement, ast.If):
                about = _tested(statement.test, parameters, node.args.kwarg)
                asks = asks_for_positions(statement.test, node)  # a warning about positions: `read_body`
                for branch in (statement.orelse,) if asks else (statement.body, statement.orelse):
                    self.warned(branch, node, symbol, kind, parameters, tested | about, depth + 1, sure=False)
            elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
                self.helped(statement.value, symbol, parameters)
            elif not isinstance(statement, Definition):
                always = isinstance(statement, ast.With | ast.AsyncWith | ast.Try | ast.TryStar) and sure
                for name in ("body", "orelse", "finalbody"):
                    inner = getattr(statement, name, None)
                    if isinstance(inner, list):
                        runs = always and name != "orelse"
                        self.warned(inner, node, symbol, kind, parameters, tested, depth + 1, sure=runs)
                for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
                    self.warned(part.body, node, symbol, kind, parameters, tested, depth + 1, sure=False)

    def helped(self, call: ast.Call, symbol: str, parameters: frozenset[str]) -> None:
        """scikit-learn's `X = _deprecate_Xt_in_inverse_transform(X, Xt)`: the parameter that the name speaks of."""
        name = (dotted(call.func) or "").rsplit(".", 1)[-1]
        if "deprecat" not in name.lower():
            return
        for value in _given(call):
            if isinstance(value, ast.Name) and value.id in parameters and value.id in name.split("_"):
                self.add("argument", f"{symbol}({value.id}=)", call.lineno, call_deprecation(call), raises=False)

    def decorated(self, node: Definition, symbol: str, callee: str, kind: MarkKind) -> None:
        """Decorators: of the function or class itself, and of its parameters."""
        for written in node.decorator_list:
            decorator = self.named(written)
            call = decorator if isinstance(decorator, ast.Call) else None
            name = dotted(call.func if call is not None else decorator) or ""
            last = name.rsplit(".", 1)[-1]
            line = decorator.lineno
            ends = read_decorator(decorator, node, self.positional) if not isinstance(node, ast.ClassDef) else None
            if ends is not None:
                self.add("position", f"{callee}(*)", line, ends[0], call=call, words=ends[1], raises=False)
                continue
            marks = "deprecat" in name.lower() or last in {"rename_parameter", "delete_parameter"}
            if not marks:
                if call is not None and last in {"command", "group"} and (said := _flagged(call)) is not None:
                    self.add(kind, symbol, line, said, raises=False)
                continue
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
        for owner, said in docstring_deprecations(text, module=kind == "module"):
            if kind != "module" and speaks_of_positions(said.message):
                words = (owner,) if owner is not None else ()
                self.add("position", f"{symbol}(*)", first.lineno, said, words=words, raises=False)
            elif owner is None:
                self.add(kind, symbol, getattr(node, "lineno", first.lineno), said, raises=False)
            elif kind == "class":
                held = any(
                    isinstance(s, ast.FunctionDef) and s.name == "__init__" and _has(s, owner) for s in node.body
                )
                shown = f"{symbol}({owner}=)" if held else f"{symbol}.{owner}"
                self.add("argument" if held else "name", shown, first.lineno, said, raises=False)
            elif kind == "function" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _has(node, owner):
                self.add("argument", f"{symbol}({owner}=)", first.lineno, said, raises=False)

    def documented_value(self, node: ast.Assign | ast.AnnAssign, below: ast.stmt, path: str) -> None:
        """The string below `NAME = value`, which is its docstring."""
        text = literal_string(below.value) if isinstance(below, ast.Expr) else None
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if text is not None and "deprecat" in text.lower() and isinstance(target, ast.Name):
                for owner, said in docstring_deprecations(text):
                    if owner is None:
                        self.add("name", f"{path}.{target.id}", node.lineno, said, raises=False)

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
        elif last == "deprecatedModuleAttribute" and len(call.args) > 3:  # Twisted's
            attribute = literal_string(call.args[3])
            if attribute is not None:
                self.add("name", f"{path}.{attribute}", call.lineno, call_deprecation(call), raises=False)
        elif marks and len(call.args) > 1 and (names := _named_by_text(call.args[0])):  # `zope.deprecation`'s
            for text in names:
                self.add("name", f"{path}.{text}", call.lineno, call_deprecation(call), raises=False)
        elif path == self.module and at_top and "warn" in last.lower():  # not `deprecate_option("mode.old")`
            found = self.warning(call, [])
            if found is not None:
                self.add("module", self.module, call.lineno, found, raises=False)

    def assigned(self, node: ast.Assign | ast.AnnAssign, path: str) -> None:
        """`old = deprecated("1.2")(new)`, `old = deprecate(new, "old", "new")`, `OLD = DeprecatedAlias(new)`."""
        call = self.named(node.value) if node.value is not None else None
        if isinstance(call, ast.Lambda) and isinstance(call.body, ast.Call):
            self.lambda_that_warns(node, call.body, path)
        if not isinstance(call, ast.Call):
            return
        if (wrapped := _wrapped(call)) is not None:  # `old = property(deprecated("…")(…))`
            call = wrapped
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
            if not isinstance(target, ast.Name):
                continue
            # Home Assistant's `_DEPRECATED_FOO = DeprecatedConstant(…)` marks `FOO`.
            shown = target.id.removeprefix("_DEPRECATED_")
            if "deprecat" not in shown.lower():
                self.add("name", f"{path}.{shown}", node.lineno, call_deprecation(inner), call=inner)

    def lambda_that_warns(self, node: ast.Assign | ast.AnnAssign, call: ast.Call, path: str) -> None:
        """`old = lambda x: warnings.warn("…", DeprecationWarning)`."""
        said = self.warning(call, [])
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if said is not None and isinstance(target, ast.Name):
                self.add("function", f"{path}.{target.id}", node.lineno, said, call=call, raises=False)

    def computed_names(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef, path: str, owner: ast.ClassDef | None
    ) -> None:
        """A `__getattr__` of a module or class that warns."""
        given = node.args.args[1 if owner is not None else 0 :]
        wanted = given[0].arg if given else "name"
        tables = self.tables | read_tables(owner.body) if owner is not None else self.tables
        for (name, message), call, said in read_computed_names(node, wanted, tables, self.warns):
            text = ast.Call(func=call.func, args=[ast.Constant(message or "")], keywords=[])
            found = call_deprecation(text) if message is not None else said
            self.add("name", f"{path}.{name}", call.lineno, found, call=call, raises=False)

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
            adds = (dotted(node.func) or "").rsplit(".", 1)[-1] in {"add_argument", "option", "Option", "Argument"}
            if adds and (flagged := _flagged(node)) is not None:
                said = flagged
            elif isinstance(action, ast.Call) and (dotted(action.func) or "").endswith("deprecated.action"):
                said = call_deprecation(action)
            elif action is not None and "deprecat" in (dotted(action) or "").lower():
                said = call_deprecation(ast.Call(func=action, args=[ast.Constant(f" {text}")], keywords=[]))
            elif adds and _HELP.match(text):
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


def calls_that_may_warn(tree: ast.Module, module: str) -> Iterator[tuple[MarkKind, str, str, int]]:
    """Calls of functions that are named as helpers, where they always run: in the module itself, in its functions and
    methods. Each with what it would mark, its kind, the name that is called, and the line."""
    yield from _helper_calls(tree.body, "module", module)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _helper_calls(node.body, "function", f"{module}.{node.name}")
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and inner.name == "__init__":
                    yield from _helper_calls(inner.body, "class", f"{module}.{node.name}")
                elif isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not inner.name.startswith("__"):
                    yield from _helper_calls(inner.body, "function", f"{module}.{node.name}.{inner.name}")


def _helper_calls(body: list[ast.stmt], kind: MarkKind, symbol: str) -> Iterator[tuple[MarkKind, str, str, int]]:
    for node in body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            called = dotted(node.value.func)
            if called is not None and is_helper(called):
                yield kind, symbol, called, node.lineno


def is_helper(name: str) -> bool:
    """Whether a function is named as one that warns on behalf of others; one that is deprecated itself is not."""
    last = name.rpartition(".")[2].lower()
    return (last.startswith("_") and not last.startswith("__")) or "warn" in last


def _sentinel(default: ast.expr) -> Deprecation | None:
    """What a default says that stands for "not given" and is named so: `DEPRECATED`, `Deprecated("2.0")`."""
    called = default if isinstance(default, ast.Call) else None
    name = dotted(called.func if called is not None else default) or ""
    if name.rpartition(".")[2].strip("_").lower() not in {"deprecated", "deprecated_default", "deprecatedarg"}:
        return None
    return call_deprecation(called) if called is not None else Deprecation(by=f"default {name}")


def _flagged(call: ast.Call) -> Deprecation | None:
    """`deprecated=True` or `deprecated="use --new"`, as click, typer and argparse take it."""
    value = next((word.value for word in call.keywords if word.arg == "deprecated"), None)
    if not isinstance(value, ast.Constant) or not value.value:
        return None
    text = literal_string(value)
    since, removed = versions_in(text or "")
    return Deprecation(since=since, removed_in=removed, message=text, by="deprecated=")


def _named_by_text(value: ast.expr) -> tuple[str, ...]:
    """The names in `"old"` or `("old", "older")`; none where it is any other text."""
    one = literal_string(value)
    texts = (one,) if one is not None else string_items(value) or ()
    return tuple(texts) if all(text.isidentifier() for text in texts) else ()


def _wrapped(call: ast.Call) -> ast.Call | None:
    """The `deprecated("…")(f)` that is given to another call."""
    for value in call.args:
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Call):
            if "deprecat" in (dotted(value.func.func) or "").lower():
                return value
    return None


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
