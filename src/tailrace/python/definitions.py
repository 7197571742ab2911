"""Extracts the facts of one `def` or `class` statement: parameters, decorators, bases, members."""

from __future__ import annotations

import ast
from collections.abc import Iterable

import msgspec

from tailrace.python.bindings import is_namespace_call, is_overload, value_binding
from tailrace.python.bodies import body_facts, first_calls, raises_always, read_self_attributes, refused_parameters
from tailrace.python.default_raises import raises_unless
from tailrace.python.deprecations import class_deprecation, function_deprecation
from tailrace.python.facts import Binding, ClassFacts, FunctionFacts, Param, ParamKind
from tailrace.python.text import (
    descendants,
    dotted,
    last_word,
    literal_string,
    source_of,
    string_items,
    type_checking_polarity,
)

# Class decorators of the standard library and of common libraries that neither add nor remove public names by
# computation.
_PLAIN_CLASS_DECORATORS = frozenset(
    [
        "dataclass",
        "total_ordering",
        "final",
        "runtime_checkable",
        "unique",
        "deprecated",
        "define",
        "frozen",
        "attrs",
        "s",
        "attributes",
        "mutable",
        "dataclass_transform",
        "set_module",
        "export",
        "public",
        "torch_required",
    ]
)


def read_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> FunctionFacts:
    """The facts of one `def`; its body is read only for what callers can see."""
    is_generator, returned = body_facts(node)
    return FunctionFacts(
        name=node.name,
        line=node.lineno,
        params=read_params(node.args),
        decorators=tuple(source_of(d) for d in node.decorator_list),
        is_async=isinstance(node, ast.AsyncFunctionDef),
        is_generator=is_generator,
        returns=source_of(node.returns) if node.returns is not None else None,
        deprecation=function_deprecation(node),
        raises_always=raises_always(node),
        first_calls=first_calls(node),
        refuses=refused_parameters(node),
        raises_unless=raises_unless(node),
        returned=returned,
    )


def read_params(args: ast.arguments) -> tuple[Param, ...]:
    """Parameters in order, with kinds and the texts of defaults and annotations."""
    found: list[Param] = []
    plain = [*args.posonlyargs, *args.args]
    first_default = len(plain) - len(args.defaults)
    for index, arg in enumerate(plain):
        kind: ParamKind = "positional" if index < len(args.posonlyargs) else "normal"
        default = source_of(args.defaults[index - first_default]) if index >= first_default else None
        found.append(_param(arg, kind, default))
    if args.vararg is not None:
        found.append(_param(args.vararg, "var-positional", None))
    for arg, value in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        found.append(_param(arg, "keyword", None if value is None else source_of(value)))
    if args.kwarg is not None:
        found.append(_param(args.kwarg, "var-keyword", None))
    return tuple(found)


def _param(arg: ast.arg, kind: ParamKind, default: str | None) -> Param:
    return Param(arg.arg, kind, default, source_of(arg.annotation) if arg.annotation is not None else None)


def read_class(node: ast.ClassDef) -> ClassFacts:
    """The facts of one `class` statement."""
    members: dict[str, list[Binding]] = {}
    instance: dict[str, int] = {}
    values: dict[str, list[str]] = {}
    flags = {"instance": False, "class": False}
    _class_block(node.body, members, instance, values, flags, conditional=False, runtime=True)
    metaclass = next((source_of(k.value) for k in node.keywords if k.arg == "metaclass"), None)
    decorators = tuple(source_of(d) for d in node.decorator_list)
    given_to = tuple(dict.fromkeys(values.pop("", ())))
    return ClassFacts(
        name=node.name,
        line=node.lineno,
        bases=tuple(_base_text(base) for base in node.bases),
        metaclass=metaclass,
        decorators=decorators,
        members={name: tuple(found) for name, found in members.items()},
        instance=instance,
        instance_values={name: tuple(dict.fromkeys(found)) for name, found in values.items()},
        open_instance=flags["instance"],
        open_class=flags["class"],
        deprecation=class_deprecation(node),
        open_decorators=tuple(d for d in decorators if last_word(d) not in _PLAIN_CLASS_DECORATORS),
        given_to=given_to,
    )


def _base_text(base: ast.expr) -> str:
    if isinstance(base, ast.Subscript):  # Generic[T], Base[int]
        base = base.value
    text = dotted(base)
    if text is not None:
        return text
    if isinstance(base, ast.Call):
        callee = dotted(base.func) or ""
        if callee.endswith("namedtuple") and len(base.args) >= 2:
            named = _namedtuple(base)
            if named is not None:
                return named
        if callee.endswith("with_metaclass") and len(base.args) >= 2:  # six, future, jinja2._compat
            return _base_text(base.args[1])
        if callee.endswith("with_metaclass"):
            return "object"
    return "?"


def _namedtuple(call: ast.Call) -> str | None:
    """`namedtuple("R", "a b", defaults=(1,))` as `namedtuple:a,b=`; `None` where the fields are computed."""
    keywords = {k.arg: k.value for k in call.keywords}
    if keywords.keys() - {"defaults", "module"}:
        return None
    fields = string_items(call.args[1])
    text = literal_string(call.args[1])
    names = fields if fields is not None else tuple((text or "").replace(",", " ").split())
    given = keywords.get("defaults")
    if given is not None and not isinstance(given, ast.Tuple | ast.List):
        optional = len(names)
    else:
        optional = len(given.elts) if given is not None else 0
    marked = [f"{name}=" if index >= len(names) - optional else name for index, name in enumerate(names)]
    return "namedtuple:" + ",".join(marked) if names else None


def named_tuple_class(name: str, value: ast.expr | None, line: int) -> ClassFacts | None:
    """The class that `name = namedtuple("name", "a b")` and `NamedTuple("name", [("a", int)])` make."""
    if not isinstance(value, ast.Call) or len(value.args) < 2:
        return None
    callee = last_word(dotted(value.func) or "")
    if callee == "namedtuple":
        base = _namedtuple(value)
        return ClassFacts(name=name, line=line, bases=(base,)) if base is not None else None
    if callee == "NamedTuple" and isinstance(value.args[1], ast.List | ast.Tuple):
        pairs = [item.elts[0] if isinstance(item, ast.Tuple) and item.elts else None for item in value.args[1].elts]
        names = [literal_string(pair) for pair in pairs]
        if names and all(names):
            return ClassFacts(name=name, line=line, bases=("namedtuple:" + ",".join(n or "" for n in names),))
    return None


def _class_block(
    body: Iterable[ast.stmt],
    members: dict[str, list[Binding]],
    instance: dict[str, int],
    values: dict[str, list[str]],
    flags: dict[str, bool],
    *,
    conditional: bool,
    runtime: bool,
) -> None:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                function = read_function(node)
                binding = Binding("function", node.lineno, function=function, runtime=runtime, conditional=conditional)
                _add_member(members, node.name, binding, function)
                read_self_attributes(node, instance, values, flags)
            case ast.ClassDef():
                members.setdefault(node.name, []).append(
                    Binding("class", node.lineno, cls=read_class(node), runtime=runtime, conditional=conditional)
                )
            case ast.Assign():
                for target in node.targets:
                    names = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
                    for item in names:
                        if isinstance(item, ast.Name):
                            value = node.value if len(names) == 1 else None
                            members.setdefault(item.id, []).append(
                                value_binding(value, node.lineno, conditional, runtime, None)
                            )
                        elif isinstance(item, ast.Subscript) and is_namespace_call(item.value):
                            flags["class"] = flags["instance"] = True
            case ast.AnnAssign(target=ast.Name(id=name)):
                binding = value_binding(node.value, node.lineno, conditional, runtime, source_of(node.annotation))
                members.setdefault(name, []).append(binding)
            case ast.Import():
                for alias in node.names:
                    top = alias.name.split(".")[0]
                    module = alias.name if alias.asname else top
                    members.setdefault(alias.asname or top, []).append(
                        Binding("import", node.lineno, module, runtime=runtime, conditional=conditional)
                    )
            case ast.ImportFrom():
                known = node.level == 0 and node.module is not None
                for alias in node.names:
                    bound = Binding("value", node.lineno, runtime=runtime, conditional=conditional)
                    if known:
                        bound = msgspec.structs.replace(bound, kind="from", target=node.module, attr=alias.name)
                    members.setdefault(alias.asname or alias.name, []).append(bound)
            case ast.If():
                polarity = type_checking_polarity(node.test)
                for part, hidden in ((node.body, polarity is True), (node.orelse, polarity is False)):
                    _class_block(
                        part, members, instance, values, flags, conditional=True, runtime=runtime and not hidden
                    )
            case ast.Try():
                parts = [node.body, node.orelse, node.finalbody, *(handler.body for handler in node.handlers)]
                for part in parts:
                    _class_block(part, members, instance, values, flags, conditional=True, runtime=runtime)
            case ast.With() | ast.For() | ast.While():
                if any(isinstance(n, ast.Call) and dotted(n.func) in {"locals", "vars"} for n in descendants(node)):
                    flags["class"] = flags["instance"] = True
                _class_block(node.body, members, instance, values, flags, conditional=True, runtime=runtime)
            case ast.Expr(value=ast.Call(func=func)):
                if isinstance(func, ast.Attribute) and is_namespace_call(func.value):
                    flags["class"] = flags["instance"] = True
            case ast.Delete(targets=targets):
                for target in targets:
                    if isinstance(target, ast.Name) and not conditional:
                        members.pop(target.id, None)
            case _:
                pass


def _add_member(members: dict[str, list[Binding]], name: str, binding: Binding, function: FunctionFacts) -> None:
    if name in {"__getattr__", "__getattribute__"}:
        members.setdefault(name, []).append(binding)
        return
    known = members.setdefault(name, [])
    accessor = any(d.endswith((".setter", ".deleter", ".getter")) for d in function.decorators)
    if is_overload(binding) and binding.runtime:
        binding = msgspec.structs.replace(binding, runtime=False)
    elif not binding.conditional and not accessor:
        known[:] = [b for b in known if not b.runtime]
    if accessor and any(b.runtime for b in known):
        if any(d.endswith(".setter") for d in function.decorators):
            known[:] = [msgspec.structs.replace(b, settable=True) if b.runtime else b for b in known]
        return
    known.append(binding)
