"""Finds the names that only the baseline has in modules that are compiled or make names at run time."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable

from tailrace.changes.compare import Comparison
from tailrace.changes.files import Files, last_word
from tailrace.python.facts import ModuleFacts
from tailrace.python.modules import Surface
from tailrace.python.semantics.entities import Module
from tailrace.python.text import descendants, literal_string

# A hook that cuts its argument to pieces answers for names that stand nowhere.
_OPEN_ENDED = re.compile(
    r"\.(?:startswith|endswith|removeprefix|removesuffix|split|partition|replace|lower|upper)\(|\bre\."
)
_MAX_QUESTIONS = 3000


def compare_dynamic(state: Comparison, modules: Iterable[str]) -> None:
    """Ask both releases for every name that an older dynamic module may give."""
    asked = set(modules)
    versions = state.baseline.versions != state.candidate.versions
    for name, source in state.files.baseline.sources.items():
        if source.form == "py" and name not in asked and versions:
            text = state.files.text(state.files.baseline, name)
            if b"__getattr__" in text and b"ersion" in text:
                asked.add(name)
    making = _dynamic_modules(state, asked)
    for module in sorted(asked):
        if module in state.files.changed_binaries:
            _textual(state, module, state.files.text_words(state.files.baseline, module))
        facts = state.baseline.facts(module)
        if facts is None:
            continue
        words = state.files.text_words(state.files.baseline, module)
        if module in making:
            _textual(state, module, words - state.baseline_names.module(module))
        if facts.getattr_hook and module in state.files.candidate.sources:
            _hooked(state, module, facts)


def _dynamic_modules(state: Comparison, modules: Iterable[str]) -> frozenset[str]:
    """Modules whose names cannot be listed: they make names at run time, or take all names of one that does."""
    found: set[str] = set()
    known = {module: facts for module in modules if (facts := state.baseline.facts(module)) is not None}
    for module, facts in known.items():
        # Of a hook that cannot be decided all that is known is the text around it.
        undecided = facts.getattr_hook and state.baseline.attribute(Module(module), "_0").state == "unknown"
        if facts.open_names or facts.replaced or undecided or facts.module_class is not None:
            found.add(module)
    while True:
        more = {m for m, facts in known.items() if m not in found and not found.isdisjoint(facts.stars)}
        if not more:
            return frozenset(found)
        found |= more


def _textual(state: Comparison, module: str, words: frozenset[str]) -> None:
    """The check looks for words in a module's text or bytes; thousands of them are no names at all.

    They count only where the module is named too.
    """
    if module in state.files.candidate.sources:
        words -= state.files.text_words(state.files.candidate, module)
    state.incidental.update((last_word(module), word) for word in words if not keyword.iskeyword(word))
    state.textual.add(module)
    state.shifted.add(last_word(module))


def _hooked(state: Comparison, module: str, facts: ModuleFacts) -> None:
    files = state.files
    hook = _hook_text(files.baseline, facts)
    if _OPEN_ENDED.search(hook):
        state.harm(last_word(module))
    literals = _literals(files, files.baseline, facts)
    plain = state.baseline_names.module(module)
    words = files.text_words(files.baseline, module) | literals
    vanished = words - plain - files.text_words(files.candidate, module)
    for name in sorted(words)[:_MAX_QUESTIONS]:
        baseline = state.baseline.attribute(Module(module), name)
        if name in plain and not baseline.dynamic:
            continue  # compared with the names that are written out
        if baseline.state == "unknown" and name in vanished:
            state.incidental.add((last_word(module), name))
        if baseline.state != "present":
            continue
        candidate = state.candidate.attribute(Module(module), name)
        if candidate.state == "absent":
            state.harm(name)
            if name in literals:
                state.emit(
                    "name-removed", f"{module}.{name}", baseline, "it was made on demand by the module's `__getattr__`"
                )
        elif candidate.state == "present":
            state.flag(name, state.pair(baseline.entity, candidate.entity, f"{module}.{name}"))


def _hook_text(surface: Surface, facts: ModuleFacts) -> str:
    parsed = surface.tree(facts.file)
    if parsed is None:
        return ""
    nodes = [n for n in parsed.tree.body if isinstance(n, ast.FunctionDef) and n.name == "__getattr__"]
    return "\n".join(ast.get_source_segment(parsed.text, n) or "" for n in nodes)


def _literals(files: Files, surface: Surface, facts: ModuleFacts) -> frozenset[str]:
    """String literals that are identifiers, in the module and in own modules whose names it imports for its hook."""
    hook = set(re.findall(r"\w+", _hook_text(surface, facts)))
    sources = {facts.file}
    for name in hook:
        for binding in facts.bindings.get(name, ()):
            known = surface.sources.get(binding.target or "") if binding.kind == "from" else None
            if known is not None and known.file:
                sources.add(known.file)
    found: set[str] = set()
    for file in sources:
        parsed = surface.tree(file)
        for node in descendants(parsed.tree) if parsed is not None else ():
            text = literal_string(node)
            if text is not None and len(text) < 80 and text.isidentifier():
                found.add(text)
    return frozenset(found)
