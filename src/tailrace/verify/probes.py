"""Makes the programs that reach a finding, the most telling first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tailrace.model import Finding
from tailrace.verify.forwarding import forwarded_programs
from tailrace.verify.slicing import slice_programs

Kind = Literal["module", "statement"]
# What fails when an expression is evaluated, or when the shape of a call is bound.
_SLICED = frozenset(
    {
        "attribute-removed",
        "name-removed",
        "parameter-removed",
        "parameter-now-required",
        "parameter-now-keyword-only",
        "arity-changed",
        "unexplained",
    }
)


# What fails in the program that loads the downstream as a plug-in, and not when its module is imported.
_SHOWN_BY_HOST = frozenset(
    {"fixture-removed", "hook-argument-removed", "hook-kind-changed", "hook-removed", "option-conflict"}
)


@dataclass(frozen=True, slots=True)
class Probe:
    """One program. `module`: it imports the module that the finding stands in; `statement`: it does what the line does,
    without the downstream. `weak`: that it works with both releases decides nothing, since it leaves something out.
    `shown`: what a report shows in place of a long source.
    """

    kind: Kind
    source: str
    weak: bool = False
    shown: str = ""


def probes_for(
    finding: Finding,
    search_paths: Sequence[str],
    source: bytes | None = None,
    hosts: Sequence[tuple[str, str]] = (),
) -> tuple[Probe, ...]:
    """The programs for a finding; empty where none can show it. `source`: the text of its file, where that is known.

    `hosts`: (what is run, program) of what loads the downstream as a plug-in.
    """
    found: list[Probe] = []
    module = module_name(finding.file, search_paths)
    if finding.scope == "import" and module is not None and not finding.only_in_tests:
        found.append(Probe("module", f"import {module}", weak=finding.rule in _SHOWN_BY_HOST))
    if finding.witness:
        # A signature with `**kwargs` takes anything, whatever becomes of it.
        found.append(Probe("statement", finding.witness, weak="inspect.signature" in finding.witness))
    if finding.rule in _SHOWN_BY_HOST:
        weak = finding.rule != "hook-argument-removed"  # which every host refuses when it loads the plug-in
        found += [Probe("statement", program, weak=weak, shown=shown) for shown, program in hosts]
    if source is not None and finding.rule in _SLICED:
        programs = slice_programs(source, module, finding.line, finding.symbol)
        found += [Probe("statement", program, weak=True) for program in programs]
        forwarded = forwarded_programs(source, module, finding.line, finding.symbol)
        found += [Probe("statement", program, weak=True, shown=shown) for shown, program in forwarded]
    return tuple(found)


def is_probed(finding: Finding) -> bool:
    """Whether running it can say anything: it claims a failure that nothing catches and some interpreter reaches."""
    return (
        finding.severity == "error"
        and finding.guard is None
        and finding.allowed is None
        and finding.condition_met is not False
    )


def module_name(file: str, search_paths: Sequence[str]) -> str | None:
    """The dotted name under which a file of the downstream is imported, `None` where it is no importable module."""
    if not file.endswith(".py"):
        return None
    for folder in sorted(search_paths, key=len, reverse=True):
        if folder and not file.startswith(f"{folder}/"):
            continue
        parts = (file[len(folder) + 1 :] if folder else file).removesuffix(".py").split("/")
        if parts[-1] == "__init__":
            parts.pop()
        if parts and all(part.isidentifier() for part in parts):
            return ".".join(parts)
    return None
