"""Marks as people write them, and the versions in them; what only looks like a mark is none."""

from __future__ import annotations

import pytest

from tailrace.model import Deprecation
from tailrace.python.facts import ModuleFacts
from tailrace.python.parsing import parse_python
from tailrace.python.read import read_module

WARN = "def f(x=None):\n    warnings.warn({})\n    return 1\n"
# source of `f` → (since, removed in), or None where there is no mark
FUNCTIONS: dict[str, tuple[str, tuple[str | None, str | None] | None]] = {
    "a warning": (WARN.format("'old', DeprecationWarning"), (None, None)),
    "a warning, pending": (WARN.format("'old', PendingDeprecationWarning, stacklevel=2"), (None, None)),
    "a warning, by keyword": (WARN.format("message='old', category=DeprecationWarning"), (None, None)),
    "a warning of its own class": (WARN.format("'old', RemovedInUp20Warning"), (None, None)),
    "a warning of the future": (WARN.format("'old', FutureWarning"), (None, None)),
    "a warning that says since when": (
        WARN.format("'f is deprecated since 1.2, use g', DeprecationWarning"),
        ("1.2", None),
    ),
    "a warning that says until when": (
        WARN.format("'f will be removed in Up 2.0.', DeprecationWarning"),
        (None, "2.0"),
    ),
    "a warning that says both": (
        WARN.format("'deprecated in version 1.2 and will be removed in version 2.0', DeprecationWarning"),
        ("1.2", "2.0"),
    ),
    "a warning in an f-string": (
        WARN.format("f'{__name__}.f is deprecated since 1.2', DeprecationWarning"),
        ("1.2", None),
    ),
    "a warning in parts": (WARN.format("'deprecated ' + 'since 1.2', DeprecationWarning"), ("1.2", None)),
    "another warning": (WARN.format("'careful', UserWarning"), None),
    "a warning under a condition": (
        "def f(x=None):\n    if x:\n        warnings.warn('x is old', DeprecationWarning)\n",
        None,
    ),
    "PEP 702": ("@deprecated('use g')\ndef f(): ...\n", (None, None)),
    "PEP 702 by its module": ("@warnings.deprecated('since 1.2 use g')\ndef f(): ...\n", ("1.2", None)),
    "the library Deprecated": ("@deprecated(version='1.2', reason='use g instead')\ndef f(): ...\n", ("1.2", None)),
    "the library deprecation": (
        "@deprecation.deprecated(deprecated_in='1.2', removed_in='2.0', details='use g instead')\ndef f(): ...\n",
        ("1.2", "2.0"),
    ),
    "conda's": ("@deprecated('23.3', '23.9', addendum='Use g.')\ndef f(): ...\n", ("23.3", "23.9")),
    "conda's for a topic": ("def f(x):\n    deprecated.topic('23.3', '23.9', topic='The thing')\n", ("23.3", "23.9")),
    "conda's for an argument marks no function": (
        "@deprecated.argument('23.3', '23.9', 'x')\ndef f(x=None): ...\n",
        None,
    ),
    "conda's for an option marks no function": ("@deprecated.action('23.3', '23.9', Base)\ndef f(): ...\n", None),
    "a decorator for a keyword": ("@deprecate_kwarg('old', 'new')\ndef f(new): ...\n", None),
    "any other decorator": ("@cached('1.2', '2.0')\ndef f(): ...\n", None),
}


@pytest.mark.parametrize("row", FUNCTIONS)
def test_marks_on_functions(row: str) -> None:
    source, expected = FUNCTIONS[row]
    function = read(source).bindings["f"][0].function
    assert function is not None
    assert versions(function.deprecation) == expected


CLASSES: dict[str, tuple[str, tuple[str | None, str | None] | None]] = {
    "a decorator": ("@deprecated('23.3', '23.9')\nclass C: ...\n", ("23.3", "23.9")),
    "a warning in the constructor": (
        "class C:\n    def __init__(self):\n        warnings.warn('since 1.2', DeprecationWarning)\n",
        ("1.2", None),
    ),
    "a warning in a method": (
        "class C:\n    def m(self):\n        warnings.warn('since 1.2', DeprecationWarning)\n",
        None,
    ),
}


@pytest.mark.parametrize("row", CLASSES)
def test_marks_on_classes(row: str) -> None:
    source, expected = CLASSES[row]
    cls = read(source).bindings["C"][0].cls
    assert cls is not None
    assert versions(cls.deprecation) == expected


MODULES: dict[str, tuple[str, tuple[str | None, str | None] | None]] = {
    "a warning": (
        "import warnings\nwarnings.warn('up.a is deprecated since 1.2', DeprecationWarning)\n",
        ("1.2", None),
    ),
    "conda's": ("from conda.deprecations import deprecated\ndeprecated.module('23.3', '23.9')\n", ("23.3", "23.9")),
    "a warning under a condition": (
        "import warnings\nif OLD:\n    warnings.warn('since 1.2', DeprecationWarning)\n",
        None,
    ),
    "a filter": ("import warnings\nwarnings.filterwarnings('ignore', category=DeprecationWarning)\n", None),
}


@pytest.mark.parametrize("row", MODULES)
def test_marks_on_modules(row: str) -> None:
    source, expected = MODULES[row]
    assert versions(read(source).deprecation) == expected


def test_marks_on_constants() -> None:
    facts = read("deprecated.constant('23.3', '23.9', 'OLD', 1, addendum='Use NEW.')\nNEW = 1\n")
    assert versions(facts.bindings["OLD"][0].deprecation) == ("23.3", "23.9")
    assert facts.bindings["NEW"][0].deprecation is None


def read(source: str) -> ModuleFacts:
    parsed = parse_python(source.encode())
    assert parsed is not None
    return read_module(parsed, "up", "up.py", is_package=False)


def versions(mark: Deprecation | None) -> tuple[str | None, str | None] | None:
    return None if mark is None else (mark.since, mark.removed_in)
