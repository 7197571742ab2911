"""The table of the standard library against the interpreter that runs the tests; and nothing is imported by name."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import pytest

from tailrace.python import builtin_names

MODULES = ("argparse", "collections", "concurrent.futures", "io", "json", "logging", "os.path", "tokenize", "typing")
# Importing these opens a browser or a window, prints, or makes environments in the working directory.
DANGEROUS = ("antigravity", "this", "turtle", "turtledemo.clock", "idlelib.idle", "venv.__main__", "test.__main__")


@pytest.mark.parametrize("name", MODULES)
def test_the_table_knows_what_a_star_import_gives_and_every_member(name: str) -> None:
    module = importlib.import_module(name)
    public = getattr(module, "__all__", None) or [n for n in vars(module) if not n.startswith("_")]
    assert set(public) <= (builtin_names.standard_module_names(name) or frozenset())
    for attribute, value in vars(module).items():
        if isinstance(value, type):
            found = builtin_names.standard_class(f"{name}.{attribute}")
            assert found is not None, attribute
            assert [m for m in dir(value) if not m.startswith("_") and not found.has(m)] == [], attribute


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("dict", "items", True),
        ("dict", "iteritems", False),
        ("builtins.dict", "fromkeys", True),
        ("collections.OrderedDict", "items", True),
        ("collections.OrderedDict", "has_key", False),
        ("enum.Enum", "__members__", True),
        ("typing.NamedTuple", "_asdict", True),
        ("winreg.HKEYType", "Close", True),  # of another platform
        ("tkinter.Button", "pack", True),  # not installed everywhere
        ("collections.Missing", "items", False),
        ("nowhere.OrderedDict", "items", False),
        ("up.dict", "items", False),
    ],
)
def test_members_of_standard_classes(path: str, name: str, expected: bool) -> None:
    assert builtin_names.standard_class_has(path, name) is expected


@pytest.mark.parametrize(
    ("name", "standard"),
    [
        ("os", True),
        ("_thread", True),
        ("tkinter", True),
        ("msvcrt", True),
        ("numpy", False),
        ("m os", False),
        ("os\nm", False),
        ("", False),
    ],
)
def test_which_modules_are_standard(name: str, standard: bool) -> None:
    assert builtin_names.is_standard_module(name) is standard


@pytest.mark.parametrize("name", DANGEROUS)
def test_no_module_is_imported_because_source_names_it(name: str) -> None:
    code = (
        "import json, sys; from tailrace.python import builtin_names as b; before = set(sys.modules); "
        f"b.standard_module_names({name!r}); b.standard_class({name + '.Thing'!r}); "
        f"b.has_hidden_state({name + '.Thing'!r}); "
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {name, name.split(".")[0]} & set(json.loads(done.stdout))


def test_what_is_not_known_is_neither_there_nor_missing() -> None:
    assert builtin_names.standard_module_names("idlelib") is None
    assert builtin_names.is_standard_module("idlelib")
