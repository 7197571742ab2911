"""Makes the binding for a value that a statement gives to a name, and answers small questions about bindings. Names are
not resolved here.
"""

from __future__ import annotations

import ast

import msgspec

from tailrace.python.facts import Binding, ClassFacts
from tailrace.python.text import dotted, imported_module, last_word, source_of


def value_binding(
    value: ast.expr | None, line: int, conditional: bool, runtime: bool, annotation: str | None
) -> Binding:
    """The binding of `name = value`."""
    module = imported_module(value)
    if module is not None and annotation is None:
        return Binding("import", line, target=module, runtime=runtime, conditional=conditional)
    called = isinstance(value, ast.Call)
    target = dotted(value.func) if isinstance(value, ast.Call) else dotted(value)
    literal = source_of(value) if isinstance(value, ast.Constant) else None
    return Binding(
        "value",
        line,
        target=target,
        called=called,
        annotation=annotation,
        runtime=runtime,
        conditional=conditional,
        literal=literal,
        has_value=value is not None,
        keywords=_keywords(value) if annotation is not None else (),
    )


def _keywords(value: ast.expr | None) -> tuple[str, ...]:
    """The keywords of a call, `name=value`; long values cut."""
    if not isinstance(value, ast.Call):
        return ()
    return tuple(f"{k.arg}={source_of(k.value, 40)}" for k in value.keywords if k.arg is not None)


def is_overload(binding: Binding) -> bool:
    """Whether it only declares one of several signatures."""
    return binding.function is not None and any(last_word(d) == "overload" for d in binding.function.decorators)


def is_left_empty(binding: Binding) -> bool:
    """`name = None`: what it is to hold is set elsewhere."""
    return binding.kind == "value" and binding.literal == "None" and binding.annotation is None


def with_members(binding: Binding, extra: dict[str, Binding]) -> Binding:
    """The binding of a class or function with the attributes that were set on it from outside."""
    if binding.cls is None:
        if binding.function is not None:
            named = tuple(name for name in extra if name != "?")
            return msgspec.structs.replace(
                binding, function=msgspec.structs.replace(binding.function, attributes=named)
            )
        return binding
    members = dict(binding.cls.members)
    for name, member in extra.items():
        if name != "?":
            members[name] = (*members.get(name, ()), member)
    return msgspec.structs.replace(
        binding,
        cls=msgspec.structs.replace(binding.cls, members=members, open_class=binding.cls.open_class or "?" in extra),
    )


def is_namespace_call(node: ast.expr) -> bool:
    """`globals()`, `locals()`, `vars()`."""
    return isinstance(node, ast.Call) and dotted(node.func) in {"globals", "locals", "vars"} and not node.args


def makes_member(cls: ClassFacts, name: str) -> bool:
    """Whether a name in the body of an enumeration makes a member, and is not another name of one."""
    last = cls.members[name][-1]
    return not name.startswith("_") and last.kind == "value" and last.has_value and last.target not in cls.members
