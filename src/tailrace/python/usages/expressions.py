"""Collects the uses in an expression, the names that it binds, and the functions that it leaves for later."""

from __future__ import annotations

import ast
from typing import Any

import msgspec

from tailrace.python.parsing import Parsed
from tailrace.python.text import children, imported_module, literal_string
from tailrace.python.usages.chains import (
    ELSEWHERE,
    MODULE_CALLS,
    Chain,
    Locals,
    Owner,
    annotation_chains,
    call_chains,
    chains_of,
    element_of,
    leads_elsewhere,
    names_table,
)
from tailrace.python.usages.executed import EXECUTING
from tailrace.python.usages.implicit import MAY_ASK, asked, unpacked
from tailrace.python.usages.literal_names import Words, constants, is_asked_before, words_of_loop
from tailrace.python.usages.references import references
from tailrace.python.usages.spreads import Tables, added_to_own, keyword_tables, with_tables
from tailrace.python.usages.values import (
    CallShape,
    Condition,
    Construction,
    HowUsed,
    ImportSite,
    Indirection,
    InTry,
    Root,
    Scope,
    Step,
    Surrounding,
    Use,
)
from tailrace.python.usages.variables import known

Function = ast.FunctionDef | ast.AsyncFunctionDef
# Expressions that are nothing but the expressions in them.
_PLAIN = frozenset(
    (ast.Tuple, ast.List, ast.Set, ast.Dict, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript, ast.Slice)
).union((ast.JoinedStr, ast.FormattedValue, ast.Starred))
# Functions that call their `key` with each of the values.
_SORTING = frozenset({"sorted", "min", "max", "groupby"})
_CHAINS = frozenset((ast.Attribute, ast.Call, ast.Await))
_TESTED = frozenset((ast.Name, ast.Attribute, ast.Call, ast.Await))
# The roots that lead out of the file by themselves.
_IMPORTED = frozenset(("import", "from", "super"))


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a function stands: its dotted name, the class it is a method of, itself with the functions around it."""

    inside: str
    owner: Owner | None
    within: tuple[Function, ...]


class Expressions:
    """The reading of expressions, and what both it and the walk over statements know and collect."""

    def __init__(self, module: str, parsed: Parsed, sought: frozenset[str] | None = None) -> None:
        self.module = module
        self.sought = sought
        self.uses: list[Use] = []
        self.sites: list[ImportSite] = []
        self.pending: list[tuple[Function | ast.Lambda, Locals, tuple[Surrounding, ...], Place]] = []
        self.inside = module
        self.scope: Scope = "import"
        self.owner: Owner | None = None
        self.within: tuple[Function, ...] = ()
        self.lines: tuple[int, ...] = ()  # of the functions in `within`
        self.class_path = ""
        self.in_text = False  # whether what is read stands in the text that `exec` is given
        self.parameters: dict[str, int] = {}
        self.indirections: list[Indirection] = []
        self.stores: list[Use] = []
        self.called: frozenset[str] = frozenset()
        self.constructions: list[Construction] = []
        self.computed: list[Use] = []
        self.tests: list[Use] = []
        self.handed: dict[int, tuple[Chain, ...]] = {}  # what a lambda is called with, by the node's identity
        self._tree = parsed.tree
        self._tables: Tables | None = None
        self.words: Words = {}
        self._constants: Words | None = None
        self.discarded: ast.expr | None = None
        # The chain that was read last.
        self._latest: tuple[ast.expr | None, tuple[Chain, ...]] = (None, ())
        self.lazy_annotations = any(
            isinstance(s, ast.ImportFrom) and s.module == "__future__" and any(a.name == "annotations" for a in s.names)
            for s in parsed.tree.body[:20]
        )

    # -- names -----------------------------------------------------------------------------------------------------

    def bind(
        self,
        name: str,
        chains: tuple[Chain, ...],
        variables: Locals,
        around: tuple[Surrounding, ...],
        target: str | None = None,
    ) -> None:
        """`name = …`; `target`: what an import statement binds it to."""
        if name in self.words:
            self.words = {**self.words, name: ()}
        if self.scope == "import" and not self.class_path and not self.in_text:
            # Module-level names are resolved by the world, from the facts; only where they are bound is kept here.
            self.sites.append(ImportSite(name, target, around))
            return
        variables[name] = chains

    def _goes_elsewhere(self, node: ast.expr, variables: Locals) -> bool:
        """Whether nothing that was asked for can come of an expression."""
        return self.sought is not None and leads_elsewhere(node, variables, self.sought)

    def store(self, chains: tuple[Chain, ...], node: ast.expr, around: tuple[Surrounding, ...]) -> None:
        """Keep the attribute of another that is set here; the attributes of an own class are kept elsewhere."""
        for chain in chains:
            if len(chain.steps) > (chain.root.kind in {"self", "class", "super"}):
                place = node.lineno, node.col_offset + 1
                self.stores.append(Use(chain.root, chain.steps, "attribute", *place, self.inside, self.scope, around))

    def chains(self, node: ast.expr, variables: Locals) -> tuple[Chain, ...]:
        """What an expression may stand for: one chain for each branch of it."""
        if node.__class__ is ast.Constant:
            return ()
        if isinstance(node, ast.IfExp):
            return (*self.chains(node.body, variables), *self.chains(node.orelse, variables))
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return tuple(c for value in node.values for c in self.chains(value, variables))
        match node:
            case ast.Call(
                func=ast.Attribute(attr="get"), args=[_, ast.Name() | ast.Attribute() as default], keywords=[]
            ):
                return (*chains_of(node, variables, self.owner), *self.chains(default, variables))
            case _:
                pass
        if self._goes_elsewhere(node, variables):
            return (ELSEWHERE,)
        return chains_of(node, variables, self.owner)

    def chains_again(self, node: ast.expr, variables: Locals) -> tuple[Chain, ...]:
        """The chains of an expression that was just read."""
        return self._latest[1] if self._latest[0] is node else self.chains(node, variables)

    def typed(self, annotation: ast.expr | None, variables: Locals) -> tuple[Chain, ...]:
        """What a value annotated like this is an instance of."""
        chains = annotation_chains(annotation, variables)
        if self.sought is None or not chains:
            return chains
        return tuple(ELSEWHERE if self._is_left_out(chain.root) else chain for chain in chains)

    def _is_left_out(self, root: Root) -> bool:
        """Whether it is neither an import nor a name that was asked for."""
        if root.kind == "name":
            return self.sought is not None and root.name not in self.sought
        return self.sought is not None and root.kind not in _IMPORTED

    # -- expressions -----------------------------------------------------------------------------------------------

    def annotation(
        self, node: ast.expr | None, variables: Locals, around: tuple[Surrounding, ...], *, evaluated: bool
    ) -> None:
        """An annotation, where Python evaluates it."""
        if node is not None and evaluated and not self.lazy_annotations:
            self.expression(node, variables, around)

    def expression(self, node: Any, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """Emit the chains of an expression, then those of the expressions inside it."""
        kind = node.__class__
        if kind is ast.Constant:  # most of what there is
            return
        if kind is ast.Name:
            for chain in variables.get(node.id, ()):
                if chain.steps:
                    self.emit(chain, "attribute", node.lineno, node.col_offset + 1, around)
            return
        if kind in MAY_ASK:
            for value, step in asked(node):
                self.ask(value, step, variables, around)
        if kind in _PLAIN and not (kind is ast.Subscript and names_table(node.value) is not None):
            child: Any
            for child in children(node):
                part = child.__class__
                if part is not ast.Constant and (part is not ast.Name or variables.get(child.id)):
                    self.expression(child, variables, around)  # they hold expressions only
            return
        if kind in _CHAINS:
            chains = self.chains(node, variables)
            for chain in chains:
                if chain.steps:
                    line, column = node.lineno, node.col_offset + 1
                    self.emit(chain, "attribute", line, column, around, discarded=node is self.discarded)
            self.inner(node, variables, around)
            self._latest = node, chains
            return
        match node:
            case ast.Subscript(value=value) if names_table(value) is not None:
                for chain in chains_of(node, variables, self.owner):
                    self.emit(chain, "attribute", node.lineno, node.col_offset + 1, around)
                self.expression(value, variables, around)
                self.expression(node.slice, variables, around)
            case ast.BoolOp():
                inner = around
                for value in node.values:
                    self.expression(value, variables, inner)
                    if value is not node.values[-1]:
                        self.test(value, variables, inner)
                    inner = (*inner, Condition(value, isinstance(node.op, ast.And), self.lines))
            case ast.IfExp():
                self.expression(node.test, variables, around)
                self.test(node.test, variables, around)
                self.expression(node.body, variables, (*around, Condition(node.test, True, self.lines)))
                self.expression(node.orelse, variables, (*around, Condition(node.test, False, self.lines)))
            case ast.Lambda():
                for default in (*node.args.defaults, *(d for d in node.args.kw_defaults if d is not None)):
                    self.expression(default, variables, around)
                enclosing = dict(variables) if self.scope == "function" else {}
                kept = tuple(a for a in around if not isinstance(a, InTry))
                self.pending.append((node, enclosing, kept, Place(f"{self.inside}.<lambda>", self.owner, self.within)))
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                inner_variables = dict(variables)
                words, tests = self.words, around
                for generator in node.generators:
                    self.expression(generator.iter, inner_variables, around)
                    step = Step(
                        "__aiter__" if generator.is_async else "__iter__",
                        implicit=True,
                        line=generator.iter.lineno,
                        column=generator.iter.col_offset + 1,
                    )
                    self.ask(generator.iter, step, inner_variables, around)
                    each = self.elements(generator.iter, inner_variables)
                    self.unpack(generator.target, each, generator.iter, around)
                    inner_variables.update(self.taken_apart(generator.target, each))
                    self.words = {**self.words, **words_of_loop(generator.target, generator.iter)}
                    for test in generator.ifs:
                        self.expression(test, inner_variables, around)
                        tests = (*tests, Condition(test, True, self.lines))
                parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
                for part in parts:
                    self.expression(part, inner_variables, tests)
                self.words = words
            case ast.NamedExpr(target=target, value=value):
                self.expression(value, variables, around)
                self.bind(target.id, self.chains(value, variables), variables, around)
            case _:
                for child in children(node):
                    if isinstance(child, ast.expr):
                        self.expression(child, variables, around)
                    elif isinstance(child, ast.keyword):
                        self.expression(child.value, variables, around)

    def ask(self, value: ast.expr, step: Step, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """Emit what is asked of a value without a name; a bare name is asked for members only."""
        of_name = step.operand == "member" or step.name == "__instancecheck__"
        if isinstance(value, ast.Name) and value.id not in variables and not of_name:
            return
        for chain in self.chains(value, variables):
            if chain.steps or of_name or chain.root.kind in {"import", "from", "parameter"}:
                self.emit(chain.then(step), "attribute", step.line, step.column, around)

    def test(self, node: ast.expr, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """Keep a value that is asked whether it is true: `if x`, `not x`, `x and y`."""
        while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node = node.operand
        if node.__class__ not in _TESTED:
            return
        for chain in self.chains_again(node, variables):
            if chain.steps and chain.root.kind != "parameter":
                place = node.lineno, node.col_offset + 1
                use = Use(chain.root, chain.steps, "attribute", *place, self.inside, self.scope, around)
                self.tests.append(use)

    def unpack(
        self, target: ast.expr, chains: tuple[Chain, ...], value: ast.expr, around: tuple[Surrounding, ...]
    ) -> None:
        """Emit that each of what a loop goes through is taken apart: `for a, b in value`."""
        if isinstance(target, ast.Tuple | ast.List):
            step = unpacked(target, value)
            for chain in chains:
                self.emit(chain.then(step), "attribute", step.line, step.column, around)
            for place, inner in enumerate(target.elts):
                if isinstance(inner, ast.Tuple | ast.List) and not any(isinstance(e, ast.Starred) for e in target.elts):
                    self.unpack(inner, tuple(element_of(c, str(place)) for c in chains), value, around)

    def elements(self, node: ast.expr, variables: Locals) -> tuple[Chain, ...]:
        """What iterating over an expression gives."""
        match node:
            case ast.Call(func=ast.Name(id="enumerate"), args=[value, *_]):
                return ()
            case ast.Call(
                func=ast.Name(id="sorted" | "list" | "tuple" | "iter" | "reversed" | "set"), args=[value, *_]
            ):
                return self.elements(value, variables)
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                found = dict.fromkeys(chain for item in elts[:4] for chain in self.chains(item, variables))
                return tuple(found)[:4]
            case _:
                return tuple(element_of(chain, "each") for chain in self.chains(node, variables))

    def taken_apart(self, target: ast.expr, chains: tuple[Chain, ...]) -> Locals:
        """What the names of a target stand for when it is given what `chains` lead to."""
        match target:
            case ast.Name(id=name):
                return {name: chains}
            case ast.Tuple(elts=elts) | ast.List(elts=elts):
                found: Locals = {}
                starred = next((i for i, item in enumerate(elts) if isinstance(item, ast.Starred)), len(elts))
                for index, item in enumerate(elts):
                    given = tuple(element_of(chain, str(index)) for chain in chains) if index < starred else ()
                    found.update(self.taken_apart(item, given))
                return found
            case ast.Starred(value=value):
                return self.taken_apart(value, ())
            case _:
                return {}

    def inner(self, node: ast.expr, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """The arguments of every call on the way down a chain, and what the chain starts from."""
        current: Any = node
        while True:
            kind = current.__class__
            if kind is ast.Attribute or kind is ast.Await:
                current = current.value
            elif kind is ast.Call:
                if current.args or current.keywords:
                    self.call_arguments(current, variables, around)
                    self.named_by_arguments(current, variables, around)
                current = current.func
            elif kind is ast.Name:
                return
            else:
                self.expression(current, variables, around)
                return

    def named_by_arguments(self, node: ast.Call, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """What a call names by its arguments: a module, an attribute, a dotted path."""
        func: Any = node.func
        callee = func.__class__
        name = func.attr if callee is ast.Attribute else func.id if callee is ast.Name else ""
        if name in MODULE_CALLS and imported_module(node) is not None:  # the chain starts with what it gives
            for chain in call_chains(node, variables, self.owner):
                place = node.lineno, node.col_offset + 1
                self.emit(chain, "attribute", *place, around, discarded=node is self.discarded)
        elif name == "import_module" and node.args:
            self.compute_module(node, around)
        if callee is ast.Name:
            if name == "getattr":
                self.indirect(node, variables)
                if not self.by_words(node, variables, around):
                    self.compute(node, variables, around)
                return
            if name in EXECUTING:
                self.execute(node, variables, around)
                return
            if name == "setattr":
                self.set_by_name(node, variables, around)
                return
        for chain, how in references(name, node, variables, self.owner):
            self.emit(chain, how, node.lineno, node.col_offset + 1, around)

    def hand(self, node: ast.Call, variables: Locals) -> None:
        """Note what a lambda is called with: `map(lambda x: …, values)`, `sorted(values, key=lambda x: …)`."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in {"map", "filter"} and len(node.args) == 2:
            called, values = node.args[0], node.args[1]
        elif name in _SORTING and node.args:
            called, values = next((k.value for k in node.keywords if k.arg == "key"), node.args[0]), node.args[0]
        else:
            return
        if isinstance(called, ast.Lambda):
            self.handed[id(called)] = self.elements(values, variables)

    def call_arguments(self, node: ast.Call, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """The expressions that a call is given."""
        self.hand(node, variables)
        argument: Any
        for argument in (*node.args, *[keyword.value for keyword in node.keywords]):
            kind = argument.__class__
            if kind is ast.Name:
                if variables.get(argument.id):
                    self.expression(argument, variables, around)
            elif kind is ast.Starred:
                self.expression(argument.value, variables, around)
            elif kind is not ast.Constant:
                self.expression(argument, variables, around)
        self.construction(node, variables, around)

    def construction(self, node: ast.Call, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """Keep what a call is given whose callee is named like a class, or is sought."""
        if self.sought is not None:
            return
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if not name.lstrip("_")[:1].isupper() and name not in self.called:
            return
        given: list[tuple[int | str, ast.expr]] = [
            *(("*" if isinstance(value, ast.Starred) else place, value) for place, value in enumerate(node.args)),
            *((keyword.arg or "**", keyword.value) for keyword in node.keywords),
        ]
        arguments = tuple(
            (place, tuple((chain.root, chain.steps) for chain in self.chains(value, variables)))
            for place, value in given
            if not (isinstance(value, ast.Constant) and value.value is None)
        )
        for chain in call_chains(node, variables, self.owner):
            place = node.lineno, node.col_offset + 1
            use = Use(chain.root, chain.steps, "attribute", *place, self.inside, self.scope, around)
            self.constructions.append(Construction(use, arguments))

    def execute(self, node: ast.Call, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """`exec("from a import b")`: the text is code that runs here."""
        raise NotImplementedError

    def set_by_name(self, node: ast.Call, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """`setattr(x, "name", value)` sets as `x.name = value` does."""
        if len(node.args) == 3 and literal_string(node.args[1]) is not None:
            read = ast.Call(ast.Name("getattr", ast.Load()), node.args[:2], [])
            self.store(chains_of(ast.copy_location(read, node), variables, self.owner), node, around)

    def indirect(self, node: ast.Call, variables: Locals) -> None:
        """`getattr(receiver, parameter)`: each caller of the function says which attribute is read."""
        if (
            self.sought is not None
            or self.scope != "function"
            or len(node.args) != 2
            or not isinstance(node.args[1], ast.Name)
        ):
            return
        receiver, parameter = node.args[0], node.args[1].id
        if parameter not in self.parameters or known(variables.get(parameter)):
            return
        for chain in chains_of(receiver, variables, self.owner):
            if chain.root.kind in {"name", "import", "from"}:
                position = self.parameters[parameter]
                self.indirections.append(
                    Indirection(self.inside, parameter, position, self.module, chain.root, chain.steps)
                )

    def compute(self, node: ast.Call, variables: Locals, around: tuple[Surrounding, ...]) -> None:
        """`getattr(x, f(y))`: which name is asked for, only running the code shows. A default is there for the rest."""
        if len(node.args) != 2 or node.keywords or literal_string(node.args[1]) is not None:
            return
        if isinstance(node.args[1], ast.Name) and is_asked_before(node.args[1].id, around):
            return
        for chain in chains_of(node.args[0], variables, self.owner):
            place = node.lineno, node.col_offset + 1
            use = Use(chain.root, chain.steps, "attribute", *place, self.inside, self.scope, around)
            self.computed.append(use)

    def compute_module(self, node: ast.Call, around: tuple[Surrounding, ...]) -> None:
        """`import_module(f"up.{name}")`, `import_module("up." + name)`: some module of a package."""
        first = node.args[0]
        while isinstance(first, ast.BinOp):
            first = first.left
        if isinstance(first, ast.JoinedStr) and first.values:
            first = first.values[0]
        package, dot, _ = (literal_string(first) or "").rpartition(".")
        if dot and first is not node.args[0] and all(part.isidentifier() for part in package.split(".")):
            place = node.lineno, node.col_offset + 1
            root = Root("import", package, package)
            self.computed.append(Use(root, (), "string", *place, self.inside, self.scope, around))

    def by_words(self, node: ast.Call, variables: Locals, around: tuple[Surrounding, ...]) -> bool:
        """`getattr(x, name)` where the name goes through texts that are written down, and no test is about it.

        Whether that is so.
        """
        if len(node.args) < 2 or not isinstance(node.args[1], ast.Name):
            return False
        name = node.args[1].id
        words = self.words.get(name)
        if words is None and name not in variables:
            if self._constants is None:
                self._constants = constants(self._tree)
            words = self._constants.get(name)
        if not words or is_asked_before(name, around):
            return False
        line, column = node.lineno, node.col_offset + 1
        for chain in chains_of(node.args[0], variables, self.owner):
            for word in words:
                step = Step(word, default=len(node.args) > 2, line=line, column=column)
                self.emit(chain.then(step), "attribute", line, column, around)
        return True

    def spreads_known(self, call: CallShape) -> bool:
        """Whether a call is given `*x` or `**x` of something that may be written down: not of the function's own."""
        if not call.spread and not call.stars:
            return False
        own = self.within[-1].args if self.within else None
        given = {own.vararg.arg if own.vararg else "", own.kwarg.arg if own.kwarg else ""} if own is not None else set()
        if any(text != "?" and text not in given for text in (*call.spread, *call.stars)):
            return True
        return any(added_to_own(self.within[-1], text) for text in call.spread) if self.within else False

    def emit(
        self,
        chain: Chain,
        how: HowUsed,
        line: int,
        column: int,
        around: tuple[Surrounding, ...],
        *,
        discarded: bool = False,
    ) -> None:
        """Keep one use."""
        if self.sought is not None and self._is_left_out(chain.root):
            return
        for step in chain.steps:
            if step.call is not None and self.spreads_known(step.call):
                body = self.within[-1] if self.within else self._tree if self.scope == "import" else None
                if self._tables is None:  # made for the first call that spreads a dictionary: most files have none
                    self._tables = keyword_tables(self._tree)
                chain = with_tables(chain, self._tables, self.inside, self.owner, body)
                break
        self.uses.append(Use(chain.root, chain.steps, how, line, column, self.inside, self.scope, around, discarded))
