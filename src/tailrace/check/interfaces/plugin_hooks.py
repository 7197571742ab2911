"""Hook implementations of a downstream whose hook, or an argument of it, the candidate no longer has."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from tailrace.changes.interfaces.plugin_hooks import checks_pending
from tailrace.check.breakage import Breakage
from tailrace.check.interfaces.view import Finder, View
from tailrace.model import Change
from tailrace.python.plugins.hooks import HookImpl, read_impls, read_specs
from tailrace.python.text import descendants, dotted

_RAISED = frozenset({"PluginValidationError", "PluginError", "Exception", "BaseException"})
_ASSERTED = frozenset({"AssertionError", "Exception", "BaseException"})
_ABSENT = frozenset({"AttributeError", "Exception", "BaseException"})


def find_hook_breaks(view: View) -> Iterator[Breakage]:
    """`hook-removed`, `hook-argument-removed`, `hook-kind-changed`: at the implementation or at a call of the hook."""
    yield from _kinds(view)
    removed, arguments = view.changes("hook-removed"), view.changes("hook-argument-removed")
    if not removed and not arguments:
        return
    lost: dict[str, dict[str, Change]] = {}
    for symbol, change in arguments.items():
        hook, _, parameter = symbol.partition("(")
        lost.setdefault(hook, {})[parameter.rstrip("=)")] = change
    names = frozenset({*removed, *lost})
    prefixes = {name.partition("_")[0] for name in names}
    own = _own_specs(view, names)
    refused = checks_pending(view.baseline) if removed else False
    for file in view.holding(names):
        parsed = view.tree(file)
        if parsed is None:
            continue
        for impl in read_impls(parsed.tree, names - own):
            if not impl.marked and not (impl.name.partition("_")[0] in prefixes and _looks_hooked(impl)):
                continue
            if impl.name in removed and not impl.optional:
                yield _removed(view, file, impl, removed[impl.name], certain=refused)
            for parameter in impl.required:
                if parameter in lost.get(impl.name, {}):
                    yield _argument(view, file, impl, parameter, lost[impl.name][parameter])
        if removed:
            for node in descendants(parsed.tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in removed:
                    if (dotted(node.func.value) or "").rpartition(".")[2] in {"hook", "ihook"}:
                        yield _called(view, file, node, removed[node.func.attr])


def _kinds(view: View) -> Iterator[Breakage]:
    """`hook-kind-changed`: wrappers of a hook that is now historic, and calls that are not made as the hook wants."""
    changed: dict[str, dict[str, Change]] = {}
    for symbol, change in view.changes("hook-kind-changed").items():
        hook, _, word = symbol.rstrip("]").partition("[")
        changed.setdefault(hook, {})[word] = change
    if not changed:
        return
    names = frozenset(changed)
    own = _own_specs(view, names)
    for file in view.holding(names):
        parsed = view.tree(file)
        if parsed is None:
            continue
        for impl in read_impls(parsed.tree, names - own):
            historic = changed[impl.name].get("historic")
            if historic is not None and historic.detail.startswith("it is now") and impl.wrapper:
                detail = "a wrapper of a historic hook is refused when the plug-in is registered"
                yield _kind(view, file, impl.node, historic, _RAISED, detail)
        for node, name, historically, used in _hook_calls(parsed.tree, names - own):
            historic, first = changed[name].get("historic"), changed[name].get("firstresult")
            if historic is not None and historically != historic.detail.startswith("it is now"):
                detail = "`call_historic` is for historic hooks" if historically else "it needs `call_historic`"
                yield _kind(view, file, node, historic, _ASSERTED, detail)
            elif first is not None and used and not historically:
                detail = (
                    "a call now gives one result, not a list"
                    if first.detail.startswith("it is now")
                    else ("a call now gives a list of results, not one")
                )
                yield replace(_kind(view, file, node, first, frozenset(), detail), confidence="likely")


def _hook_calls(tree: ast.Module, names: frozenset[str]) -> Iterator[tuple[ast.Call, str, bool, bool]]:
    """Calls of hooks: the call, the hook, whether through `call_historic`, and whether the result goes somewhere."""
    spoken = {id(node.value) for node in descendants(tree) if isinstance(node, ast.Expr)}
    for node in descendants(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        func = node.func
        historically = func.attr == "call_historic" and isinstance(func.value, ast.Attribute)
        hook = func.value if historically else func
        if isinstance(hook, ast.Attribute) and hook.attr in names:
            if (dotted(hook.value) or "").rpartition(".")[2] in {"hook", "ihook"}:
                yield node, hook.attr, historically, id(node) not in spoken


def _at(
    view: View, file: str, node: ast.AST, rule: str, change: Change, raises: frozenset[str], detail: str = ""
) -> Breakage:
    """A break at a function that implements a hook, or at a call of one."""
    implements = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return Breakage(
        rule=rule,
        symbol=change.symbol,
        module="",
        name=change.symbol,
        how="override" if implements else "attribute",
        file=file,
        line=getattr(node, "lineno", 1),
        column=getattr(node, "col_offset", 0) + 1 if not implements else 1,
        use=view.use_at(file, node),
        raises=raises,
        detail=detail,
        cause_file=change.file,
        cause_line=change.line,
    )


def _kind(view: View, file: str, node: ast.AST, change: Change, raises: frozenset[str], detail: str) -> Breakage:
    hit = _at(view, file, node, "hook-kind-changed", change, raises, detail)
    return replace(hit, column=1, cause_in_candidate=True)


def _looks_hooked(impl: HookImpl) -> bool:
    """Whether an unmarked function may be found as a hook: at the top level, or in a class of hooks."""
    return not impl.class_name or not impl.class_name.startswith("Test")


def _own_specs(view: View, names: frozenset[str]) -> frozenset[str]:
    """Hooks of these names that the downstream specifies itself."""
    found = set()
    for file in view.matching(re.compile(rb"hookspec|HookspecMarker")):
        parsed = view.tree(file)
        found |= {spec.name for spec in read_specs(parsed.tree, file)} if parsed is not None else set()
    return names & found


def _removed(view: View, file: str, impl: HookImpl, change: Change, *, certain: bool) -> Breakage:
    if certain:
        detail = "the host refuses plug-ins with unknown hooks"
        return _at(view, file, impl.node, "hook-removed", change, _RAISED, detail)
    hit = _at(view, file, impl.node, "hook-removed", change, frozenset(), "the host never calls it")
    return replace(hit, confidence="likely")


def _argument(view: View, file: str, impl: HookImpl, parameter: str, change: Change) -> Breakage:
    hit = _at(view, file, impl.node, "hook-argument-removed", change, _RAISED, change.detail)
    return replace(hit, facts={"parameter": parameter})


def _called(view: View, file: str, node: ast.Call, change: Change) -> Breakage:
    return _at(view, file, node, "hook-removed", change, _ABSENT)


FINDER = Finder(find_hook_breaks)
