"""Makes the programs that reach a finding, the most telling first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tailrace.model import Finding
from tailrace.verify.forwarding import forwarded_programs
from tailrace.verify.slicing import result_programs, slice_programs

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


# Of these, what fails when the shape of a call is bound, also where the symbol names no parameter.
_OF_CALLS = frozenset({"arity-changed", "parameter-removed", "parameter-now-required", "parameter-now-keyword-only"})
# Loads a library of template tags as a project with the apps of Django would.
_TEMPLATE_LIBRARY = """\
import django
from django.conf import settings
apps = ["admin", "auth", "contenttypes", "humanize", "messages", "sessions", "staticfiles"]
settings.configure(
    INSTALLED_APPS=["django.contrib." + app for app in apps],
    TEMPLATES=[{{"BACKEND": "django.template.backends.django.DjangoTemplates"}}],
)
django.setup()
from django.template import engines
engines["django"].from_string("{{% load {library} %}}")"""
# How a module that defines this is loaded as a plug-in, by its name.
_LOADED_BY = {
    b"def makeExtension(": "import markdown\nmarkdown.Markdown(extensions=[{module!r}])",
    b"def load_ipython_extension(": "from IPython.core.interactiveshell import InteractiveShell\n"
    "InteractiveShell().extension_manager.load_extension({module!r})",
}
# Calls a method of the downstream with as many arguments as the method that it overrides must be given.
_OVERRIDE = """\
import inspect
from {module} import {top}
above = next(cls.__dict__[{name!r}] for cls in {path}.__mro__[1:] if {name!r} in cls.__dict__)
asked = inspect.signature(above).parameters.values()
plain = [one for one in asked if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
if not any(one.kind is one.VAR_POSITIONAL for one in asked):
    inspect.signature({path}.{name}).bind(*[one for one in plain if one.default is one.empty])"""
_EXTRA = """\
from importlib.metadata import metadata
assert {extra!r} in metadata({name!r}).get_all("Provides-Extra", [])"""
# What fails in the program that loads the downstream as a plug-in, and not when its module is imported.
_SHOWN_BY_HOST = frozenset(
    {"fixture-removed", "hook-argument-removed", "hook-kind-changed", "hook-removed", "option-conflict"}
)


@dataclass(frozen=True, slots=True)
class Probe:
    """One program. `module`: it imports the module that the finding stands in; `statement`: it does what the line does,
    without the downstream. `weak`: that it works with both releases decides nothing, since it leaves something out.
    `guessed`: it holds values that may not fit, so that a failure with both releases decides nothing either. `shown`:
    what a report shows in place of a long source.
    """

    kind: Kind
    source: str
    weak: bool = False
    guessed: bool = False
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
    found += (Probe("statement", program) for program in _of_what_is_no_code(finding, search_paths))
    if source is not None and module is not None and finding.scope == "function":
        loading = [text for mark, text in _LOADED_BY.items() if mark in source]
        found += [Probe("statement", text.format(module=module), weak=True) for text in loading]
    if finding.rule in _OF_CALLS and module is not None and (program := _override_program(finding, module)):
        found.append(Probe("statement", program, weak=True))
    if finding.rule in _SHOWN_BY_HOST:
        weak = finding.rule != "hook-argument-removed"  # which every host refuses when it loads the plug-in
        found += [Probe("statement", program, weak=weak, shown=shown) for shown, program in hosts]
    if source is not None and finding.rule == "result-changed":
        programs = result_programs(source, module, finding.line)
        found += [Probe("statement", program, weak=True, guessed=True) for program in programs]
    if source is not None and finding.rule in _SLICED:
        programs = slice_programs(source, module, finding.line, finding.symbol, call=finding.rule in _OF_CALLS)
        found += [Probe("statement", program, weak=True) for program in programs]
        forwarded = forwarded_programs(source, module, finding.line, finding.symbol)
        found += [Probe("statement", program, weak=True, shown=shown) for shown, program in forwarded]
    return tuple(found)


def _override_program(finding: Finding, module: str) -> str | None:
    """The program for a method that its host now calls with other arguments; `None` for a finding in another place."""
    name = finding.symbol.partition("(")[0].rpartition(".")[2]
    path = finding.inside.removeprefix(f"{module}.").removesuffix(f".{name}")
    if path == finding.inside or not all(part.isidentifier() for part in path.split(".")):
        return None
    if not finding.message.startswith("the override of"):
        return None
    return _OVERRIDE.format(module=module, top=path.partition(".")[0], path=path, name=name)


def _of_what_is_no_code(finding: Finding, search_paths: Sequence[str]) -> Iterator[str]:
    """The programs for a compiled module, a template and an extra."""
    match finding.rule:
        case "binary-interface-changed":
            folder, _, name = finding.file.rpartition("/")
            stem = name.partition(".")[0]
            module = module_name(f"{folder}/{stem}.py" if folder else f"{stem}.py", search_paths)
            if module is not None and name.endswith((".so", ".pyd")):
                yield f"import {module}"
        case "data-removed":
            kind, _, library = finding.symbol.partition(":")
            if kind == "template-library" and library.replace(".", "").isidentifier():
                yield _TEMPLATE_LIBRARY.format(library=library)
        case "extra-removed" if finding.confidence != "possible":
            found = re.fullmatch(r"([A-Za-z0-9._-]+)\[([A-Za-z0-9._-]+)\]", finding.symbol)
            if found is not None:
                yield _EXTRA.format(name=found[1], extra=found[2])


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
