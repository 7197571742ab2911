"""Decides whether code is a test where its path does not say so: `package/selftest.py` with classes of test methods."""

from __future__ import annotations

from tailrace.python.facts import ClassFacts, ModuleFacts
from tailrace.python.modules import Surface

_BESIDE_TESTS = frozenset({"setUpModule", "tearDownModule", "load_tests", "suite", "test_suite", "main", "run"})


def is_test_code(surface: Surface, module: str, inside: str) -> bool:
    """Whether `inside`, a dotted path in a module, is a test class, or the module holds nothing but tests. A package is
    taken for a product whatever it holds."""
    facts = surface.module(module)
    if facts is None or facts.is_package:
        return False
    outer = inside.removeprefix(module).lstrip(".").partition(".")[0]
    held = next((b.cls for b in facts.bindings.get(outer, ()) if b.cls is not None), None)
    if held is not None:
        return _has_tests(facts, held)
    return _only_tests(facts)


def _only_tests(facts: ModuleFacts) -> bool:
    classes = [b.cls for bindings in facts.bindings.values() for b in bindings if b.cls is not None]
    functions = [name for name, bindings in facts.bindings.items() if any(b.function is not None for b in bindings)]
    return (
        bool(classes)
        and all(_has_tests(facts, cls) for cls in classes)
        and all(name.startswith("test") or name in _BESIDE_TESTS for name in functions)
    )


def _has_tests(facts: ModuleFacts, cls: ClassFacts, depth: int = 3) -> bool:
    """Whether a class derives from a `TestCase` and has methods that are run as tests."""
    return any(name.startswith("test") for name in cls.members) and _is_case(facts, cls, depth)


def _is_case(facts: ModuleFacts, cls: ClassFacts, depth: int) -> bool:
    for base in cls.bases:
        if base.rsplit(".", 1)[-1].endswith("TestCase"):
            return True
        own = next((b.cls for b in facts.bindings.get(base, ()) if b.cls is not None), None)
        if own is not None and depth and _is_case(facts, own, depth - 1):
            return True
    return False
