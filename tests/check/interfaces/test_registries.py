"""What others ask for by a registered name, and what plug-ins add: what is gone or clashes speaks, the rest is silent."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from trees import Case, Files, cases, told

SCRIPT = '[project.scripts]\nup = "up:main"\n'


def _c(name: str, old: Files | str, new: Files | str, down: Files | str, *said: str, **more: str) -> Case:
    def files(given: Files | str, package: str) -> Files:
        return {f"{package}/__init__.py": given} if isinstance(given, str) else {f"{package}/__init__.py": "", **given}

    return Case(name, files(old, "up"), files(new, "up"), files(down, "dn"), said, **more)


TABLE = "ENGINES = {{'kept': 1{}}}\ndef engine(name):\n    return ENGINES[name]\n"
MARKED = "NAMES = {{}}\ndef register(name):\n    return lambda f: NAMES.setdefault(name, f)\ndef make(name):\n    return NAMES[name]()\n@register('kept')\ndef kept(): ...\n{}"
CHOICE = "from typing import Literal\ndef norm(x, order: Literal['kept'{}] = 'kept'): ...\n"
TESTED = "def norm(x, order='kept'):\n    if order not in ('kept'{}):\n        raise ValueError(order)\n"
COLOUR = "from enum import Enum\nclass Colour(str, Enum):\n    RED = 'red'\n    GREY = '{}'\n"
MISSING = COLOUR + "    @classmethod\n    def _missing_(cls, value):\n        return cls.GREY\n"
POINTS = "from importlib.metadata import entry_points\ndef engine(name):\n    return {e.name: e for e in entry_points(group='up.engines')}[name].load()\ndef one(): ...\n"
FUNC = "def parser(p):\n    p.set_defaults(func='{}.main_list.execute')\n"
VALUE = "value-removed value:gone dn/__init__.py:2 likely"
CALL = "import up\nup.{}('gone')\n"

VALUES = cases(
    _c("a key of a table", TABLE.format(", 'gone': 2"), TABLE.format(""), CALL.format("engine"), "breaks", VALUE),
    _c("a name that a decorator registers", MARKED.format("@register('gone')\ndef other(): ...\n"), MARKED.format(""), CALL.format("make"), "breaks", VALUE),
    _c("a choice of an annotation", CHOICE.format(", 'gone'"), CHOICE.format(""), "import up\nup.norm(1, order='gone')\n", "breaks", VALUE),
    _c("a value that is compared with", TESTED.format(", 'gone'"), TESTED.format(", 'other'"), "import up\nup.norm(1, 'gone')\n", "breaks", VALUE),
    _c("the value of a member", COLOUR.format("gone"), COLOUR.format("gray"), CALL.format("Colour"), "breaks", "call-raises up.Colour dn/__init__.py:2"),
    _c("an enumeration that takes any value", COLOUR.format("gone"), MISSING.format("gray"), CALL.format("Colour"), "clear"),
    _c("a key that stays", TABLE.format(", 'gone': 2"), TABLE.format(", 'gone': 3"), CALL.format("engine"), "clear"),
    _c("a key that somebody else is given", TABLE.format(", 'gone': 2"), TABLE.format(""), "import up\nprint('gone')\nup.engine('kept')\n", "clear"),
    _c("an entry point by its name", POINTS, POINTS, CALL.format("engine"), "breaks", VALUE, old_project="[project.entry-points.'up.engines']\ngone = 'up:one'\nkept = 'up:one'\n", new_project="[project.entry-points.'up.engines']\nkept = 'up:one'\n"),
    _c("a part of a dotted value", FUNC.format(""), FUNC.format("up"), "import up\ndef f(args):\n    where, name = args.func.rsplit('.', 1)\n    return where == '.main_list'\n", "breaks", "value-removed value:.main_list dn/__init__.py:4 likely"),
    _c("a file name with a dot", FUNC.format(""), FUNC.format("up"), "import up\ndef f(name):\n    return name == '.config'\n", "clear"),
)  # fmt: skip

TEMPLATE = {"up/templates/admin/gone.html": "x"}
KEPT = {"up/templates/admin/kept.html": "x"}
EXTENDS = '<p>\n{% extends "admin/gone.html" %}\n'
FILTERS = "def init(env):\n    env.filters['kept'] = str\n"
DATA = cases(
    _c("a template that is extended", TEMPLATE, KEPT, {"dn/templates/a.html": EXTENDS}, "breaks", "data-removed template:admin/gone.html dn/templates/a.html:2"),
    _c("a template of its own of that name", TEMPLATE, KEPT, {"dn/templates/a.html": EXTENDS, "dn/templates/admin/gone.html": ""}, "clear"),
    _c("a template that is rendered", TEMPLATE, KEPT, "import up\ndef f(render):\n    return render('admin/gone.html')\n", "possible", "data-removed template:admin/gone.html dn/__init__.py:3 possible"),
    _c("a file name without a folder", {"up/templates/full.tpl": ""}, {}, {"dn/templates/mine.tpl": "{%- extends 'full.tpl' -%}\n"}, "breaks", "data-removed template:full.tpl dn/templates/mine.tpl:1"),
    _c("a filter that is put into an environment", FILTERS + "    env.filters['gone'] = str\n", FILTERS, {"dn/templates/a.j2": "{{ x|kept }}\n{{ y | gone }}\n"}, "breaks", "data-removed template-filter:gone dn/templates/a.j2:2"),
)  # fmt: skip

CODEC = (
    "CODECS = {{}}\ndef add(cls):\n    CODECS[cls.name] = cls\n{}def codec(config):\n    return CODECS[config['id']]\n"
)
ONE_CODEC = "class Gone:\n    name = 'gone'\nadd(Gone)\n"
OPEN = [
    pytest.param(_c("a name that a class gives itself, in a table", CODEC.format(ONE_CODEC), CODEC.format(""), "import up\nup.codec({'id': 'gone'})\n", "breaks", VALUE), id="in a table"),
    pytest.param(_c("an extra in a requirements file", "", "", {"requirements.txt": "up[fast]>=1\n"}, "possible", "extra-removed up[fast] requirements.txt:1 possible", old_project="[project.optional-dependencies]\nfast = ['x']\n", new_project="[project.optional-dependencies]\nspeed = ['x']\n"), id="an extra"),
    pytest.param(_c("names of a tuple in a comprehension", "def gone(): ...\n", "", "import up\nNAMES = ('gone',)\ndef f():\n    return [getattr(up, n) for n in NAMES]\n", "breaks", "name-removed up.gone dn/__init__.py:4"), id="a comprehension"),
    pytest.param(_c("a keyword by which a host calls hooks", {"up/__init__.py": "class Base:\n    def on_page(self, text, page, navigation): ...\ndef run(event, item, **given):\n    for method in PLUGINS[event]:\n        method(item, **given)\ndef build(p, n):\n    run('on_page', p, page=p, navigation=n)\n"}, {"up/__init__.py": "class Base:\n    def on_page(self, text, page, files): ...\ndef run(event, item, **given):\n    for method in PLUGINS[event]:\n        method(item, **given)\ndef build(p, n):\n    run('on_page', p, page=p, files=n)\n"}, "from up import Base\nclass P(Base):\n    def on_page(self, text, page, navigation=None): ...\n", "breaks", "arity-changed up.Base.on_page dn/__init__.py:3"), id="a keyword of a hook"),
]  # fmt: skip


@pytest.mark.xfail(strict=True, reason="not followed yet")
@pytest.mark.parametrize("case", OPEN)
def test_what_is_not_found_yet(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


PARSER = "import argparse\nfrom importlib.metadata import entry_points\ndef main():\n    parser = argparse.ArgumentParser(prog='up')\n    commands = parser.add_subparsers()\n    commands.add_parser('install')\n{}    for point in entry_points(group='up.commands'):\n        point.load()(commands)\n    parser.parse_args()\n"
LOADED = '[project.entry-points."up.commands"]\ndn = "dn:add"\n'
ADDS = "def add(commands):\n    commands.add_parser('doctor')\n"
FLAKE = "class Checker:\n    @classmethod\n    def add_options(cls, parser):\n        parser.add_option('--max-doc')\n"
HOST = "def register_default_options(option_manager):\n    option_manager.add_option('--verbose')\n{}"
CONFLICTS = cases(
    _c("a subcommand that is added through an entry point", PARSER.format(""), PARSER.format("    commands.add_parser('doctor')\n"), ADDS, "breaks", "option-conflict up doctor dn/__init__.py:2 likely", old_project=SCRIPT, down_project=LOADED),
    _c("another subcommand", PARSER.format(""), PARSER.format("    commands.add_parser('other')\n"), ADDS, "clear", old_project=SCRIPT, down_project=LOADED),
    _c("of an entry point that the upstream does not load", PARSER.format(""), PARSER.format("    commands.add_parser('doctor')\n"), ADDS, "clear", old_project=SCRIPT, down_project=LOADED.replace("up.commands", "other.commands")),
    _c("an option of an option manager", HOST.format(""), HOST.format("    option_manager.add_option('--max-doc')\n"), FLAKE, "breaks", "option-conflict flake8 --max-doc dn/__init__.py:4"),
    _c("an option that the host had", HOST.format("    option_manager.add_option('--max-doc')\n"), HOST.format("    option_manager.add_option('--max-doc')\n"), FLAKE, "clear"),
)  # fmt: skip

BACKEND = '[build-system]\nrequires = ["up"]\nbuild-backend = "up.api"\n'
HOOKS = "def build_wheel(d): ...\ndef build_sdist(d): ...\n"
BUILDS = cases(
    _c("a hook of the backend", {"up/api.py": HOOKS}, {"up/api.py": "def build_sdist(d): ...\n"}, {}, "breaks", "build-setting-removed up.api.build_wheel pyproject.toml:7", down_project=BACKEND),
    _c("a hook that is not needed", {"up/api.py": HOOKS + "def build_editable(d): ...\n"}, {"up/api.py": HOOKS}, {}, "possible", "build-setting-removed up.api.build_editable pyproject.toml:7 possible", down_project=BACKEND),
    _c("a backend that stays", {"up/api.py": HOOKS}, {"up/api.py": HOOKS + "x = 1\n"}, {}, "clear", down_project=BACKEND),
)  # fmt: skip

CLICK = "import click\n@click.command()\n{}@click.option('--kept')\ndef main(**given): ...\n"
HOOK = "- id: up-check\n  entry: up\n  language: python\n"
PRE_COMMIT = "repos:\n- repo: https://example.com/up\n  hooks:\n  - id: {}\n    args: [--kept, x, --gone]\n"


def _p(name: str, hook: str, *said: str) -> Case:
    old, new = CLICK.format("@click.option('--gone')\n"), CLICK.format("")
    both = {".pre-commit-hooks.yaml": HOOK}
    return Case(name, {"up/__init__.py": old, **both}, {"up/__init__.py": new, **both}, {"dn/__init__.py": "", ".pre-commit-config.yaml": PRE_COMMIT.format(hook)}, said, SCRIPT)  # fmt: skip


CALLERS = cases(
    _p("an argument for a hook of the upstream", "up-check", "possible", "option-removed up --gone .pre-commit-config.yaml:5 possible"),
    _p("an argument for another hook", "other", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", [*VALUES, *DATA, *CONFLICTS, *BUILDS, *CALLERS])
def test_what_is_registered_and_added(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


COPY = {
    "dn/_vendor/__init__.py": "",
    "dn/_vendor/lib/__init__.py": "",
    "dn/_vendor/lib/cli.py": "from up import gone\n",
}
COPIES = cases(
    _c("a copy that nothing imports", "def gone(): ...\n", "", COPY, "possible", "name-removed up.gone dn/_vendor/lib/cli.py:1 possible"),
    _c("a copy that is imported", "def gone(): ...\n", "", {**COPY, "dn/main.py": "def f():\n    from ._vendor.lib import cli\n    return cli\n"}, "breaks", "name-removed up.gone dn/_vendor/lib/cli.py:1"),
    _c("a copy that is imported by name", "def gone(): ...\n", "", {**COPY, "dn/main.py": "from importlib import import_module\nimport_module('dn._vendor.lib.cli')\n"}, "breaks", "name-removed up.gone dn/_vendor/lib/cli.py:1"),
)  # fmt: skip


@pytest.mark.parametrize("case", COPIES)
def test_copies_of_other_distributions(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


HANDLER = "import inspect\ndef constant(name, value=None, factory=None):\n    module = inspect.getmodule(inspect.stack()[1][0])\n    module.__getattr__ = lambda asked: value\n"
KEPT_NAMES = cases(
    _c("in a loop over names", {"up/t.py": "A = B = 1\n"}, {"up/h.py": HANDLER, "up/t.py": "from .h import constant\nfor _n in ('A', 'B'):\n    constant(_n, factory=int)\ndel _n\n"}, "from up.t import A, B\n", "clear"),
    _c("in a loop over a table", {"up/t.py": "A = B = 1\n"}, {"up/h.py": HANDLER, "up/t.py": "from .h import constant\n_OLD = {'A': 1, 'B': 2}\nfor _n, _v in _OLD.items():\n    constant(_n, _v)\n"}, "from up.t import A, B\n", "clear"),
    _c("another name than those of the loop", {"up/t.py": "A = B = C = 1\n"}, {"up/h.py": HANDLER, "up/t.py": "from .h import constant\nfor _n in ('A', 'B'):\n    constant(_n)\n"}, "from up.t import A, C\n", "breaks", "name-removed up.t.C dn/__init__.py:1"),
    _c("an alias below its own name", {"up/old.py": "def f(): ...\n"}, {"up/new.py": "def f(): ...\n", "up/__init__.py": "import sys\nfrom . import new\nsys.modules[__name__ + '.old'] = new\n"}, "from up.old import f\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", KEPT_NAMES)
def test_names_that_are_kept_by_computation(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said
