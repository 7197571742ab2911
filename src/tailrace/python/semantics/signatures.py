"""Decides whether a call binds to a callable, by Python's binding rules."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tailrace.python.builtin_names import is_standard_module
from tailrace.python.facts import Param, ParamKind
from tailrace.python.semantics.decorators import effect_of
from tailrace.python.semantics.entities import Class, Entity, External, Function, Instance
from tailrace.python.semantics.overloads import joined, overloads_of
from tailrace.python.semantics.resolver import Resolver
from tailrace.python.usages import CallShape

Outcome = Literal["binds", "fails", "unknown"]

# Decorators that leave the parameters of a function as they are written.
_TRANSPARENT = frozenset(
    [
        "staticmethod",
        "classmethod",
        "abstractmethod",
        "override",
        "final",
        "overload",
        "lru_cache",
        "cache",
        "contextmanager",
        "asynccontextmanager",
        "wraps",
        "deprecated",
        "deprecate",
        "cached",
        "set_module",
        "coroutine",
        "torch_required",
        "dataclass_transform",
        "abstractclassmethod",
        "abstractstaticmethod",
    ]
)


# Decorators that make a constructor of the annotated fields.
_FIELDS = frozenset({"dataclass", "define", "frozen", "mutable", "s"})
# Decorators that leave a class and its constructor as they are written.
_PLAIN_FOR_CLASSES = frozenset(
    [
        "total_ordering",
        "final",
        "runtime_checkable",
        "unique",
        "python_2_unicode_compatible",
        "implementer",
        "add_metaclass",
    ]
)
_CONSTRUCTORS = frozenset({"__init__", "__new__", "__call__"})
_MAKERS = frozenset({"field", "ib", "attrib"})


@dataclass(frozen=True, slots=True)
class Signature:
    """Parameters that a caller gives. `wrapped`: a decorator may have changed them. `function`: the `def` they come
    from. `more`: keywords that a decorator takes. `any_position`: a decorator collects positional arguments.
    `guessed`: a decorator of a class that is not at hand is taken to leave the constructor as it is written."""

    params: tuple[Param, ...]
    function: Function | None = None
    wrapped: tuple[str, ...] = ()
    more: frozenset[str] = frozenset()
    any_position: bool = False
    guessed: bool = False

    @property
    def takes_keywords(self) -> bool:
        """Whether there is a `**kwargs`."""
        return any(p.kind == "var-keyword" for p in self.params)


@dataclass(frozen=True, slots=True)
class Bound:
    """Whether a call binds, and if not, why: the rule it comes under, the parameter, and a clause that says it."""

    outcome: Outcome
    rule: str = ""
    parameter: str = ""
    detail: str = ""


def signature_of(resolver: Resolver, entity: Entity | None) -> Signature | None:
    """What a call of the entity must give; `None` when that is not known."""
    if isinstance(entity, Function):
        told = [d for d in entity.facts.decorators if _word(d) not in _TRANSPARENT]
        effects = {d: effect_of(resolver, d, entity.module) for d in told}
        words = tuple(d for d in told if not effects[d].known or effects[d].any_position)
        more = frozenset().union(*(effect.keywords for effect in effects.values()))
        if any(_word(d) in {"property", "cached_property"} for d in entity.facts.decorators):
            return None
        params = joined(overloads_of(resolver, entity)) or entity.facts.params
        if entity.bound and params and params[0].kind in {"positional", "normal"}:
            params = params[1:]
        elif entity.bound and (not params or params[0].kind != "var-positional"):
            return None
        for _ in range(sum(effect.fills for effect in effects.values())):
            if params and params[0].kind in {"positional", "normal"}:
                params = params[1:]
        return Signature(params, entity, words, more, any(effect.any_position for effect in effects.values()))
    if isinstance(entity, Class):
        return _class_signature(resolver, entity)
    if isinstance(entity, Instance):
        found = resolver.class_attribute(entity.of, "__call__", instance=True)
        return signature_of(resolver, found.entity) if isinstance(found.entity, Function) else None
    return None


def _class_signature(resolver: Resolver, cls: Class) -> Signature | None:
    line, doubt, standard = resolver.mro(cls)
    guessed = False
    for owner in line:
        if owner.facts.metaclass not in {None, "ABCMeta", "abc.ABCMeta", "type"}:
            return None
        if any(_word(d) in _FIELDS for d in owner.facts.decorators):
            return _dataclass_signature(resolver, owner)
        unknown = [d for d in owner.facts.decorators if not _keeps_constructor(resolver, d, owner)]
        if unknown:
            # Those of other packages that write a constructor do so where there is none.
            if "__init__" not in owner.facts.members or not all(_is_foreign(resolver, d, owner) for d in unknown):
                return None
            guessed = True
        for name in ("__init__", "__new__"):
            bindings = resolver.defined(owner, name)
            if bindings and bindings[-1].function is not None:
                facts = bindings[-1].function
                function = Function(owner.module, f"{owner.path}.{name}", facts, cls, bound=True)
                found = signature_of(resolver, function)
                return replace(found, guessed=True) if found is not None and guessed else found
    if doubt:
        return None
    if any("namedtuple:" in base or base.endswith(".NamedTuple") for base in standard):
        return _namedtuple_signature(line, standard)
    return None if standard else Signature(())


def _keeps_constructor(resolver: Resolver, decorator: str, cls: Class) -> bool:
    """Whether a decorator leaves a class and how it is called as they are."""
    if _word(decorator) in _PLAIN_FOR_CLASSES:
        return True
    effect = effect_of(resolver, decorator, cls.module)
    return effect.known and effect.keeps_result and effect.sets is not None and effect.sets.isdisjoint(_CONSTRUCTORS)


def _is_foreign(resolver: Resolver, decorator: str, cls: Class) -> bool:
    """Whether a decorator is of a package that is not at hand."""
    path = decorator.partition("(")[0]
    entity = resolver.expression(path, cls.module).entity if path.replace(".", "").isidentifier() else None
    return isinstance(entity, External) and not is_standard_module(entity.path.partition(".")[0])


def _namedtuple_signature(line: tuple[Class, ...], standard: tuple[str, ...]) -> Signature | None:
    for base in standard:
        if base.startswith("namedtuple:"):
            fields = base.removeprefix("namedtuple:").split(",")
            return Signature(tuple(Param(f.rstrip("="), "normal", "..." if f.endswith("=") else None) for f in fields))
    owner = next((c for c in line if any(_word(base) == "NamedTuple" for base in c.facts.bases)), None)
    if owner is None:
        return None
    params = []
    for name, bindings in owner.facts.members.items():
        binding = bindings[-1]
        if binding.annotation is not None:
            params.append(Param(name, "normal", "..." if binding.has_value else None, binding.annotation))
    return Signature(tuple(params))


def _dataclass_signature(resolver: Resolver, cls: Class) -> Signature | None:
    params: dict[str, Param] = {}
    line, doubt, standard = resolver.mro(cls)
    if doubt or standard:
        return None
    for owner in reversed(line):
        attrs = next((d for d in owner.facts.decorators if _word(d) in _FIELDS and _word(d) != "dataclass"), None)
        if attrs is not None and not _lists_all(attrs, owner):
            return None
        if attrs is None and not any(_word(d) == "dataclass" for d in owner.facts.decorators):
            continue
        kind: ParamKind = "keyword" if any("kw_only=True" in d for d in owner.facts.decorators) else "normal"
        for name, bindings in owner.facts.members.items():
            binding = bindings[-1]
            note = binding.annotation
            if note is not None and note.rsplit(".", 1)[-1] == "KW_ONLY":
                kind = "keyword"
                continue
            if note is None or "ClassVar" in note:
                continue
            if binding.called and (binding.target or "").rsplit(".", 1)[-1] in _MAKERS:
                made = _field(binding.keywords, kind)
                if made is not None:
                    # The default of `attr.ib(None)` is given by its place.
                    default = made[1] if attrs is None else "..."
                    name = name if attrs is None else name.lstrip("_")
                    params[name] = Param(name, made[0], default, note)
                continue
            name = name if attrs is None else name.lstrip("_")
            params[name] = Param(name, kind, "..." if binding.has_value else None, note)
    return Signature(tuple(sorted(params.values(), key=lambda p: p.kind == "keyword")))


def _lists_all(decorator: str, cls: Class) -> bool:
    """Whether the annotations of an attrs class are all its fields, under their own names."""
    if decorator.endswith("…") or "these" in decorator or "init=False" in decorator or "__init__" in cls.facts.members:
        return False
    if _word(decorator) == "s" and "auto_attribs=True" not in decorator.replace(" ", ""):
        return False
    for bindings in cls.facts.members.values():
        made = bindings[-1].called and (bindings[-1].target or "").rsplit(".", 1)[-1] in _MAKERS
        if made and (bindings[-1].annotation is None or any(k.startswith("alias=") for k in bindings[-1].keywords)):
            return False
    return True


def _field(keywords: tuple[str, ...], kind: ParamKind) -> tuple[ParamKind, str | None] | None:
    """Kind and default of a `field(…)`; `None` where the constructor does not take it."""
    if "init=False" in keywords:
        return None
    has_default = any(keyword.split("=", 1)[0] in {"default", "default_factory", "factory"} for keyword in keywords)
    return ("keyword" if "kw_only=True" in keywords else kind), ("..." if has_default else None)


def bind(signature: Signature, shape: CallShape) -> Bound:
    """Whether the call binds to the parameters, `**kwargs` taken to accept everything."""
    params = signature.params
    plain = [p for p in params if p.kind in {"positional", "normal"}]
    named = {p.name for p in params if p.kind in {"normal", "keyword"}}
    has_var_positional = any(p.kind == "var-positional" for p in params)
    given = plain[: shape.positional]
    if shape.positional > len(plain) and not has_var_positional:
        extra = next((p for p in params if p.kind == "keyword"), None)
        rule = "arity-changed"
        detail = f"it now takes {len(plain)} positional argument{'s' if len(plain) != 1 else ''}"
        return Bound("fails", rule, extra.name if extra is not None else "", detail)
    for keyword in shape.keywords:
        if keyword not in named:
            if signature.takes_keywords or keyword in signature.more:
                continue
            positional_only = any(p.name == keyword and p.kind == "positional" for p in params)
            detail = "it is now positional-only" if positional_only else ""
            return Bound("fails", "parameter-removed", keyword, detail)
        if any(p.name == keyword and p.kind == "normal" for p in given) and not shape.star:
            return Bound("fails", "arity-changed", keyword, f"`{keyword}` is given twice: its position has changed")
    if not shape.star and not shape.double_star:
        filled = {p.name for p in given} | set(shape.keywords)
        for param in params:
            if param.kind in {"positional", "normal", "keyword"} and param.default is None and param.name not in filled:
                return Bound("fails", "parameter-now-required", param.name, f"`{param.name}` has no default any more")
    return Bound("binds")


def _word(decorator: str) -> str:
    return decorator.split("(", 1)[0].rsplit(".", 1)[-1]
