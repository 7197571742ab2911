"""Whether a value comes from the upstream's version: by constants, functions, classes, other modules. Runs nothing."""

from __future__ import annotations

import ast
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from tailrace.check.release_pair import ReleasePair
from tailrace.python.facts import Binding
from tailrace.python.semantics.chains import owner_module
from tailrace.python.text import absolute_module, children, descendants, dotted, literal_string

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Scope = tuple[ast.AST, ...]
_Bound = tuple[ast.AST, tuple[ast.expr, ...]]
_VERSION = re.compile(r"version|^ver$", re.IGNORECASE)
# What is asked for the version of a distribution by its name.
_ASKERS = frozenset({"version", "distribution", "get_distribution", "metadata", "require", "get_version"})
_DEEPEST = 7
_MOST = 400
# Statements that hold no others.
_FLAT = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Raise, ast.Assert, ast.Delete)
# Scopes whose names are kept, and with them their trees.
_MOST_SCOPES = 16


@dataclass(slots=True)
class VersionValues:
    """Follows the names of a downstream's expressions. `names`: of the upstream, as import root or distribution."""

    pair: ReleasePair
    names: frozenset[str]
    _known: dict[tuple[str, str], bool] = field(default_factory=dict)
    _scopes: OrderedDict[int, tuple[ast.AST, dict[str, list[_Bound]]]] = field(default_factory=OrderedDict)
    _steps: int = 0

    def derives(self, node: ast.expr, module: str, within: Sequence[_Function] = ()) -> bool:
        """Whether some part of an expression of `module` comes from the version. `within`: the functions around it."""
        self._steps = 0
        return self._any(node, module, tuple(within), 0)

    def _any(self, node: ast.AST, module: str, within: _Scope, depth: int) -> bool:
        self._steps += 1
        if depth > _DEEPEST or self._steps > _MOST:
            return False
        if isinstance(node, ast.Call) and self._asks(node):
            return True
        if isinstance(node, ast.Name | ast.Attribute):
            path = dotted(node)
            if path is not None:
                return self._path(path, module, within, depth)
        return any(self._any(child, module, within, depth) for child in children(node))

    def _asks(self, call: ast.Call) -> bool:
        if not call.args or (dotted(call.func) or "").rsplit(".", 1)[-1] not in _ASKERS:
            return False
        text = literal_string(call.args[0])
        return text is not None and canonicalize_name(text) in {canonicalize_name(name) for name in self.names}

    def _path(self, path: str, module: str, within: _Scope, depth: int) -> bool:
        first, _, rest = path.partition(".")
        for scope in reversed(within):
            bound = self._bound(scope, first)
            if bound:
                return self._every(bound, lambda value: self._any(value, module, within, depth + 1), module, depth)
            if _is_parameter(scope, first):
                return False
        if self._of_upstream(path, module):
            return True
        key = (module, path)
        if key not in self._known:
            self._known[key] = False  # while running
            self._known[key] = self._at_top(first, rest, module, depth)
        return self._known[key]

    def _at_top(self, first: str, rest: str, module: str, depth: int) -> bool:
        """Whether a name at the top of a module comes from the version. An import, or a class of which no attribute is
        asked, needs no syntax: that is what most names are."""
        facts = self.pair.candidate.surfaces[-1].module(module)
        found = facts.bindings.get(first, ()) if facts is not None else ()
        only = found[0] if len(found) == 1 and found[0].runtime and not found[0].conditional else None
        if only is not None and only.kind in {"import", "from"}:
            return self._imported(only, first, rest, depth)
        if only is not None and only.kind == "class" and not rest:
            return False
        tree = self._tree(module)
        bound = self._bound(tree, first) if tree is not None else ()
        return self._every(bound, lambda value: self._value(value, first, rest, module, depth), module, depth)

    def _every(self, bound: Sequence[_Bound], asked: Callable[[ast.AST], bool], module: str, depth: int) -> bool:
        """Whether all that a name is bound to comes from the version, or is a constant that the version chooses."""
        some = False
        for value, tests in bound:
            if asked(value) or any(self._any(test, module, (), depth + 1) for test in tests):
                some = True
            elif not isinstance(value, ast.Constant):
                return False
        return some

    def _of_upstream(self, path: str, module: str) -> bool:
        """`up.__version__`, `up.version.VERSION`, or a name imported from there."""
        parts = path.split(".")
        named = [index for index, part in enumerate(parts) if _VERSION.search(part)]
        if named and named[-1] > 0:
            entity = self.pair.candidate.scope(module, parts[0]).entity
            if self.pair.upstream(owner_module(entity)):
                return True
        facts = self.pair.candidate.facts(module)
        for binding in facts.bindings.get(parts[0], ()) if facts is not None else ():
            if binding.kind == "from" and self.pair.upstream(binding.target) and _VERSION.search(binding.attr or ""):
                return True
        return False

    def _global(self, name: str, rest: str, module: str, depth: int) -> bool:
        """A name at the top of one of the downstream's modules, or an attribute of what it leads to."""
        return self._path(f"{name}.{rest}" if rest else name, module, (), depth)

    def _value(self, value: ast.AST, name: str, rest: str, module: str, depth: int) -> bool:
        """What a name at the top of a module is bound to; `rest`: the attributes that are asked of it."""
        match value:
            case ast.Import():
                target = next((a.name for a in value.names if a.asname == name), None) or name
                return self._imported(Binding("import", 0, target=target), name, rest, depth)
            case ast.ImportFrom():
                facts = self.pair.candidate.facts(module)
                of = absolute_module(module, bool(facts and facts.is_package), value.level, value.module) or ""
                attribute = next((a.name for a in value.names if (a.asname or a.name) == name), name)
                return self._imported(Binding("from", 0, target=of, attr=attribute), name, rest, depth)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return any(self._any(part, module, (value,), depth + 1) for part in _answers(value))
            case ast.ClassDef():
                return bool(rest) and self._attribute(value, rest.split(".", 1)[0], module, depth)
            case ast.Call(func=ast.Name(id=callee)) if rest:
                return self._global(callee, rest, module, depth + 1)
            case _:
                return self._any(value, module, (), depth + 1)

    def _attribute(self, cls: ast.ClassDef, name: str, module: str, depth: int) -> bool:
        for value, _ in self._bound(cls, name):
            parts = _answers(value) if isinstance(value, _Function) else [value]
            if any(self._any(part, module, (), depth + 1) for part in parts):
                return True
        for method in cls.body:
            if not isinstance(method, _Function):
                continue
            for node in descendants(method):
                if isinstance(node, ast.Assign) and any(
                    isinstance(t, ast.Attribute) and dotted(t) == f"self.{name}" for t in node.targets
                ):
                    if self._any(node.value, module, (method,), depth + 1):
                        return True
        return False

    def _imported(self, binding: Binding, name: str, rest: str, depth: int) -> bool:
        """What a name stands for that an import binds: a module of the downstream, or a name in one."""
        first, _, more = rest.partition(".")
        target = binding.target or ""
        if binding.kind == "import":
            while first and self._is_own(f"{target}.{first}"):
                target = f"{target}.{first}"
                first, _, more = more.partition(".")
            return bool(first) and self._is_own(target) and self._global(first, more, target, depth + 1)
        attribute = binding.attr or name
        if self._is_own(f"{target}.{attribute}"):
            return bool(first) and self._global(first, more, f"{target}.{attribute}", depth + 1)
        return self._is_own(target) and self._global(attribute, rest, target, depth + 1)

    def _is_own(self, module: str) -> bool:
        """Whether the downstream has the module, and it can be read."""
        surface = self.pair.candidate.surfaces[-1]
        source = surface.source(module)
        return source is not None and source.form == "py" and surface.module(module) is not None

    def _bound(self, scope: ast.AST, name: str) -> Sequence[_Bound]:
        """What the statements of a scope bind a name to; the scopes asked about last are read once."""
        if id(scope) not in self._scopes:
            self._scopes[id(scope)] = scope, _index(scope)
            if len(self._scopes) > _MOST_SCOPES:
                self._scopes.popitem(last=False)
        return self._scopes[id(scope)][1].get(name, ())

    def _tree(self, module: str) -> ast.Module | None:
        """The syntax of a module of the downstream."""
        surface = self.pair.candidate.surfaces[-1]
        source = surface.source(module)
        parsed = surface.tree(source.file) if source is not None and source.form == "py" else None
        return parsed.tree if parsed is not None else None


def _index(scope: ast.AST) -> dict[str, list[_Bound]]:
    """What the statements of a scope bind each name to: values, definitions or imports with the tests around them."""
    found: dict[str, list[_Bound]] = {}
    stack: list[tuple[ast.AST, tuple[ast.expr, ...]]] = [(child, ()) for child in _body(scope)]
    while stack:
        node, tests = stack.pop()
        if isinstance(node, _Function | ast.ClassDef):
            found.setdefault(node.name, []).append((node, tests))
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            for name in {alias.asname or alias.name.split(".")[0] for alias in node.names}:
                found.setdefault(name, []).append((node, tests))
            continue
        value = getattr(node, "value", None) or getattr(node, "iter", None)
        if value is not None:
            parts = (part for target in _targets(node) for part in descendants(target))
            for name in {part.id for part in parts if isinstance(part, ast.Name)}:
                found.setdefault(name, []).append((value, tests))
        if not isinstance(node, _FLAT):
            inner = (*tests, node.test) if isinstance(node, ast.If) else tests
            stack.extend((child, inner) for child in children(node) if not isinstance(child, ast.expr))
    return found


def _is_parameter(scope: ast.AST, name: str) -> bool:
    arguments = scope.args if isinstance(scope, _Function) else None
    return arguments is not None and any(
        a is not None and a.arg == name
        for a in (
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            arguments.vararg,
            arguments.kwarg,
        )
    )


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.For | ast.AsyncFor) else []


def _body(scope: ast.AST) -> list[ast.stmt]:
    body = getattr(scope, "body", [])
    return list(body) if isinstance(body, list) else []


def _answers(function: _Function) -> list[ast.expr]:
    """What a function gives back, and the tests that decide it."""
    found: list[ast.expr] = []
    for node in descendants(function):
        if isinstance(node, ast.Return) and node.value is not None:
            found.append(node.value)
        elif isinstance(node, ast.If):
            found.append(node.test)
    return found
