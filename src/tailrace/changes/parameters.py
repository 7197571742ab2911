"""Compares the parameters of one function in two releases: what a caller can no longer pass."""

from __future__ import annotations

from dataclasses import dataclass

from tailrace.python.facts import FunctionFacts, Param

# They change neither the parameters nor what the name is.
_SILENT = frozenset(
    ["override", "final", "abstractmethod", "deprecated", "deprecate", "set_module", "wraps", "lru_cache", "cache"]
)


@dataclass(frozen=True, slots=True)
class ParameterChange:
    """One thing that callers can no longer do. `parameter` is empty where the change is about no single one."""

    rule: str
    parameter: str
    detail: str


def callers_params(facts: FunctionFacts, *, bound: bool) -> tuple[Param, ...]:
    """The parameters that a caller gives."""
    params = facts.params
    return params[1:] if bound and params and params[0].kind in {"positional", "normal"} else params


def binds_like(baseline: tuple[Param, ...], candidate: tuple[Param, ...]) -> bool:
    """Whether calls that bind to `baseline` bind to `candidate`, each argument to the parameter of the same name."""
    if {p.kind for p in baseline} & {"var-positional", "var-keyword"} - {p.kind for p in candidate}:
        return False
    in_baseline, in_candidate = _plain(baseline), _plain(candidate)
    open_end = any(p.kind == "var-positional" for p in baseline)
    if len(in_candidate) < len(in_baseline) or (open_end and len(in_candidate) != len(in_baseline)):
        return False
    for mine, theirs in zip(in_baseline, in_candidate, strict=False):
        if mine.kind == "normal" and (theirs.kind != "normal" or theirs.name != mine.name):
            return False
    if not {p.name for p in baseline if p.kind == "keyword"} <= keywords_of(candidate):
        return False
    return required(candidate) <= required(baseline)


def keywords_of(params: tuple[Param, ...]) -> set[str]:
    """Names that a caller may write as keywords."""
    return {p.name for p in params if p.kind in {"normal", "keyword"}}


def required(params: tuple[Param, ...]) -> set[str]:
    """Names without which a call fails."""
    return {p.name for p in params if p.kind in {"positional", "normal", "keyword"} and p.default is None}


def telling_decorators(facts: FunctionFacts) -> tuple[str, ...]:
    """Decorators that may change what the name is or takes."""
    return tuple(d for d in facts.decorators if d.split("(", 1)[0].rsplit(".", 1)[-1] not in _SILENT)


def takes(params: tuple[Param, ...], kind: str) -> bool:
    """Whether there is a parameter of the kind."""
    return any(p.kind == kind for p in params)


def parameter_changes(baseline: tuple[Param, ...], candidate: tuple[Param, ...]) -> tuple[ParameterChange, ...]:
    """What callers of `baseline` can no longer do with `candidate`, one entry for each parameter, in their order."""
    if binds_like(baseline, candidate):
        return ()
    found: list[ParameterChange] = []
    in_baseline, in_candidate = _plain(baseline), _plain(candidate)
    by_name = {p.name: p for p in candidate}
    explained: set[str] = set()
    for index, param in enumerate(baseline):
        if param.kind not in {"positional", "normal", "keyword"}:
            continue
        now = by_name.get(param.name)
        if now is None or now.kind in {"var-positional", "var-keyword"}:
            change = _gone(param, index, in_baseline, in_candidate, candidate)
            if change is not None:
                found.append(change)
        elif param.kind != "keyword" and now.kind == "keyword":
            found.append(ParameterChange("parameter-now-keyword-only", param.name, ""))
        elif param.kind != "positional" and now.kind == "positional" and not takes(candidate, "var-keyword"):
            found.append(ParameterChange("parameter-removed", param.name, "it is now positional-only"))
        explained.add(param.name)
    for name in sorted(required(candidate) - required(baseline), key=[p.name for p in candidate].index):
        detail = "it has no default any more" if name in explained else "it is new and has no default"
        found.append(ParameterChange("parameter-now-required", name, detail))
    rest = next((p.name for p in baseline if p.kind == "var-keyword"), None)
    if rest is not None and not takes(candidate, "var-keyword"):
        found.append(ParameterChange("parameter-removed", f"**{rest}", "it took any keyword"))
    arity = _arity(baseline, candidate, in_baseline, in_candidate)
    if arity and not any(change.rule == "parameter-now-keyword-only" for change in found):
        found.append(ParameterChange("arity-changed", "", arity))
    return tuple(found)


def _gone(
    param: Param, index: int, in_baseline: list[Param], in_candidate: list[Param], candidate: tuple[Param, ...]
) -> ParameterChange | None:
    if param.kind == "positional":
        return None  # its name was nobody's concern
    if takes(candidate, "var-keyword"):
        return None  # it may still be taken out of **kwargs
    here = in_candidate[index] if param in in_baseline and index < len(in_candidate) else None
    renamed = here is not None and here.name not in {p.name for p in in_baseline}
    detail = f"`{here.name}` stands in its place" if renamed and here is not None else ""
    return ParameterChange("parameter-removed", param.name, detail)


def _arity(
    baseline: tuple[Param, ...], candidate: tuple[Param, ...], in_baseline: list[Param], in_candidate: list[Param]
) -> str:
    if takes(candidate, "var-positional"):
        return ""
    if takes(baseline, "var-positional"):
        return f"it took any number of positional arguments and now takes {len(in_candidate)}"
    if len(in_candidate) < len(in_baseline):
        took = f"{len(in_baseline)} positional argument{'s' if len(in_baseline) != 1 else ''}"
        return f"it took {took} and now takes {len(in_candidate)}"
    places = [p.name for p in in_candidate]
    moved = [p.name for i, p in enumerate(in_baseline) if p.name in places and places.index(p.name) != i]
    names = ", ".join(f"`{name}`" for name in moved[:3])
    return f"{names} {'stand' if len(moved) > 1 else 'stands'} in another place" if moved else ""


def _plain(params: tuple[Param, ...]) -> list[Param]:
    return [p for p in params if p.kind in {"positional", "normal"}]
