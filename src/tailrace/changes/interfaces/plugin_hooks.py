"""Hook specifications of pluggy that a release no longer has, that take an argument less, or that are called anew."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tailrace.changes.interfaces.files import holding
from tailrace.changes.interfaces.interface import InterfaceKind
from tailrace.model import Change
from tailrace.python.modules import Surface
from tailrace.python.plugins.hooks import HookSpec, read_specs

_WORDS = re.compile(rb"hookspec|HookspecMarker")


def specs_of(surface: Surface) -> dict[str, tuple[HookSpec, str]]:
    """The hook specifications of a release by name, with their files."""
    found: dict[str, tuple[HookSpec, str]] = {}
    for file in holding(surface.artifact, _WORDS):
        parsed = surface.tree(file)
        for spec in read_specs(parsed.tree, file) if parsed is not None else ():
            found.setdefault(spec.name, (spec, file))
    return found


def checks_pending(surface: Surface) -> bool:
    """Whether the host refuses a plug-in that implements an unknown hook."""
    return any(True for _ in holding(surface.artifact, re.compile(rb"check_pending")))


def compare_hooks(baseline: Surface, candidate: Surface) -> Iterator[Change]:
    """`hook-removed`, `hook-argument-removed` and `hook-kind-changed`."""
    in_baseline = specs_of(baseline)
    if not in_baseline or not candidate.artifact.python_files:
        return
    in_candidate = specs_of(candidate)
    for name, (spec, file) in in_baseline.items():
        if name not in in_candidate:
            yield Change(rule="hook-removed", symbol=name, file=file, line=spec.line, detail=spec.project or "")
            continue
        other, there = in_candidate[name]
        for word, had, has in (
            ("historic", spec.historic, other.historic),
            ("firstresult", spec.first_result, other.first_result),
        ):
            if had != has:
                symbol, detail = f"{name}[{word}]", f"it is now {word}" if has else f"it is no longer {word}"
                yield Change(
                    rule="hook-kind-changed",
                    symbol=symbol,
                    file=there,
                    line=other.line,
                    detail=detail,
                    in_candidate=True,
                )
        kept = other.parameters
        for parameter in spec.parameters:
            if parameter not in kept:
                symbol = f"{name}({parameter}=)"
                detail = _takes(kept)
                yield Change(rule="hook-argument-removed", symbol=symbol, file=file, line=spec.line, detail=detail)


def _takes(parameters: tuple[str, ...]) -> str:
    return f"it now takes {', '.join(parameters)}" if parameters else "it now takes no argument"


KIND = InterfaceKind(frozenset({"hook-removed", "hook-argument-removed", "hook-kind-changed"}), compare_hooks)
