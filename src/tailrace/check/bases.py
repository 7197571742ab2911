"""The own classes of one file in, those that can no longer derive from their upstream base out. Executes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tailrace.check.judge import LINEAGES, Hit, Pair
from tailrace.check.walk import owner_module
from tailrace.surface.entities import Class, Function
from tailrace.surface.modules import STUB
from tailrace.usage import FileUsage, OwnClass, Root, Use


def find_changed_bases(pair: Pair, usage: FileUsage) -> Iterator[Hit]:
    """Own classes whose upstream base is no class any more, or is a dataclass that theirs can no longer derive from."""
    for own in usage.classes:
        cls = pair.old.expression(own.name, usage.module).entity
        for text in cls.facts.bases if isinstance(cls, Class) else ():
            old, new = pair.old.expression(text, usage.module).entity, pair.new.expression(text, usage.module).entity
            if not isinstance(cls, Class) or not isinstance(old, Class) or not pair.upstream(owner_module(old)):
                continue
            if isinstance(new, Function):
                facts = {"old_kind": "class", "new_kind": "function"}
                yield _base_hit(pair, usage, own, "kind-changed", old, "", facts)
            elif (
                isinstance(new, Class)
                and _frozen(cls) is not None
                and _frozen(old) == _frozen(cls) != _frozen(new) is not None
            ):
                now = "frozen" if _frozen(new) else "not frozen"
                detail = f"it is a dataclass that is {now}, and the one that derives from it is otherwise"
                yield _base_hit(pair, usage, own, "base-changed", old, detail, {})


def _frozen(cls: Class) -> bool | None:
    """Whether a dataclass is frozen; `None` for any other class."""
    for decorator in cls.facts.decorators:
        if decorator.split("(", 1)[0].rsplit(".", 1)[-1] == "dataclass":
            return "frozen=True" in decorator.replace(" ", "")
    return None


def _base_hit(
    pair: Pair, usage: FileUsage, own: OwnClass, rule: str, base: Class, detail: str, facts: dict[str, str]
) -> Hit:
    module = base.module.removesuffix(STUB)
    place = pair.old.facts(base.module)
    use = Use(Root("name", own.name), (), "attribute", own.line, 1, f"{usage.module}.{own.name}", "import", own.around)
    return Hit(
        rule=rule,
        symbol=base.path,
        module=module,
        name=base.path.removeprefix(module).lstrip("."),
        how="subclass",
        file=usage.file,
        line=own.line,
        column=1,
        use=use,
        raises=LINEAGES["TypeError"],
        detail=detail,
        facts=facts,
        cause_file=place.file if place is not None else None,
        cause_line=base.facts.line,
    )
