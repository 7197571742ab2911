"""The test section of a recipe: what is read, and what only rendering knows."""

from __future__ import annotations

import pytest

from tailrace.verify import VerifyError
from tailrace.verify.recipes import RecipeTests, holds_here, read_recipe_tests, read_run_requirements

# recipe, what its test section asks for
RECIPES = {
    "meta.yaml": (
        "{% set version = '1.0' %}\npackage:\n  name: down\n  version: {{ version }}\n"
        "test:\n  imports:\n    - down\n    - down.win  # [win]\n  requires:\n    - pip\n"
        "  commands:\n    - pip check\n    - down --help\n",
        RecipeTests(("down",), ("pip check", "down --help"), ("pip",)),
    ),
    "recipe.yaml": (
        "tests:\n  - python:\n      imports:\n        - down\n  - script:\n      - down --help\n"
        "    requirements:\n      run:\n        - pytest >=7\n",
        RecipeTests(("down",), ("down --help",), ("pytest >=7",)),
    ),
    "a condition of recipe.yaml": (
        "tests:\n  - script:\n      - if: unix\n        then: down --help\n        else: down.exe --help\n"
        "      - if: match(python, '>3')\n        then: never\n",
        RecipeTests((), ("down --help",)),
    ),
    "a command with a template": (
        "test:\n  commands:\n    - down --version | grep {{ version }}\n    - down --help\n",
        RecipeTests((), ("down --help",), (), 1),
    ),
    "several outputs": (
        "outputs:\n  - name: a\n    test:\n      imports: [a]\n  - name: b\n    test:\n      imports: [b]\n",
        RecipeTests(("a", "b")),
    ),
    "no tests": ("package:\n  name: down\n", RecipeTests()),
    "tests that are no list": ("tests: 3\ntest: [1]\n", RecipeTests()),
}


@pytest.mark.parametrize("name", RECIPES)
def test_the_test_section_is_read_without_rendering(name: str) -> None:
    text, expected = RECIPES[name]
    assert read_recipe_tests(text) == expected


@pytest.mark.parametrize("text", ["a: [", "- 1\n", "a: " + "[" * 500, "\t- x"])
def test_what_is_no_recipe_is_one_sentence(text: str) -> None:
    with pytest.raises(VerifyError, match="the recipe cannot be read"):
        read_recipe_tests(text)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("not win", True),
        ("win", False),
        ("osx or unix", True),
        ("py<38", None),
        ("win and py<38", False),
        ("1/0", None),
    ],
)
def test_a_selector_holds_fails_or_is_unknown(selector: str, expected: bool | None) -> None:
    assert holds_here(selector) is expected


# recipe, what it says that its packages need
NEEDS = {
    "requirements:\n  run:\n    - python >3\n    - glob2 >=0.6\n    - six\n    - x  # [win]\n": (
        "glob2>=0.6",
        "six",
    ),
    "requirements:\n  run:\n    - {{ pin }}\n    - up 1.0 py_0\n    - __unix\n": ("up",),
    "outputs:\n  - name: a\n    requirements:\n      run:\n        - up >=1,<2\n": ("up<2,>=1",),
    "requirements:\n  build: [make]\n": (),
    "- a list\n": (),
    "a: [": (),
}


@pytest.mark.parametrize("text", NEEDS)
def test_what_a_recipe_needs_to_run_is_read_without_rendering(text: str) -> None:
    assert read_run_requirements(text) == NEEDS[text]
