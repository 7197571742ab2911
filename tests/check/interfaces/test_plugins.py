"""Hooks, fixtures and untyped parameters of plug-ins: what the host no longer has speaks, what is near it is silent."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from trees import Case, Files, cases, told

HEAD = 'import pluggy\nhookspec = pluggy.HookspecMarker("up")\nhookimpl = pluggy.HookimplMarker("up")\n'
CHECKED = HEAD + "def load(pm):\n    pm.check_pending()\n"


def _spec(*functions: str, head: str = HEAD) -> Files:
    return {"up/__init__.py": "", "up/hookspecs.py": head + "".join(f"@hookspec\n{f}\n" for f in functions)}


OLD = _spec("def up_collect(file_path, path, parent): ...", "def up_names(): ...")
LESS = _spec("def up_collect(file_path, parent): ...", "def up_names(): ...")
GONE = _spec("def up_collect(file_path, path, parent): ...")
ARGUMENT = "hook-argument-removed up_collect(path=) dn/__init__.py"
IMPORT = "from up.hookspecs import hookimpl\n"


def _h(name: str, old: Files, new: Files, down: str, *said: str) -> Case:
    return Case(name, old, new, {"dn/__init__.py": down}, said)


HOOKS = cases(
    _h("an argument is gone", OLD, LESS, IMPORT + "@hookimpl\ndef up_collect(path, parent): ...\n", "breaks", f"{ARGUMENT}:3"),
    _h("without a mark, by the name", OLD, LESS, "def up_collect(path): ...\n", "breaks", f"{ARGUMENT}:1"),
    _h("in a class", OLD, LESS, IMPORT + "class P:\n    @hookimpl\n    def up_collect(self, path): ...\n", "breaks", f"{ARGUMENT}:4"),
    _h("by specname", OLD, LESS, IMPORT + '@hookimpl(specname="up_collect")\ndef mine(path): ...\n', "breaks", f"{ARGUMENT}:3"),
    _h("tried first", OLD, LESS, "import up.hookspecs as h\n@h.hookimpl(tryfirst=True)\ndef up_collect(path): ...\n", "breaks", f"{ARGUMENT}:3"),
    _h("only the new argument", OLD, LESS, IMPORT + "@hookimpl\ndef up_collect(file_path): ...\n", "clear"),
    _h("an argument with a default is not asked for", OLD, LESS, IMPORT + "@hookimpl\ndef up_collect(path=None): ...\n", "clear"),
    _h("a hook of its own of that name", OLD, LESS, HEAD + "@hookspec\ndef up_collect(path): ...\n@hookimpl\ndef up_collect(path): ...\n", "clear"),
    _h("a function of another name", OLD, LESS, "import up\ndef collect(path): ...\n", "clear"),
    _h("a nested function", OLD, LESS, "def f():\n    def up_collect(path): ...\n", "clear"),
    _h("added instead", LESS, OLD, IMPORT + "@hookimpl\ndef up_collect(file_path): ...\n", "clear"),
    _h("a hook is gone and nobody asks", OLD, GONE, IMPORT + "@hookimpl\ndef up_names(): ...\n", "breaks", "hook-removed up_names dn/__init__.py:3 likely"),
    _h("a hook is gone and the host refuses", _spec("def up_names(): ...", "def up_b(): ...", head=CHECKED), _spec("def up_b(): ...", head=CHECKED), IMPORT + "@hookimpl\ndef up_names(): ...\n", "breaks", "hook-removed up_names dn/__init__.py:3"),
    _h("an optional implementation", OLD, GONE, IMPORT + "@hookimpl(optionalhook=True)\ndef up_names(): ...\n", "clear"),
    _h("a call of a hook that is gone", OLD, GONE, "import up\ndef f(config):\n    return config.hook.up_names()\n", "breaks", "hook-removed up_names dn/__init__.py:3"),
    _h("chosen by version", {**OLD, "up/__init__.py": "__version__ = '1.0'\n"}, {**LESS, "up/__init__.py": "__version__ = '2.0'\n"}, "import up\nif up.__version__ >= '2':\n    def up_collect(file_path): ...\nelse:\n    def up_collect(path): ...\n", "clear"),
)  # fmt: skip


FIRST = {"up/__init__.py": "", "up/hookspecs.py": HEAD + "@hookspec(firstresult=True)\ndef up_names(): ...\n"}
EVERY = _spec("def up_names(): ...")
HISTORIC = {"up/__init__.py": "", "up/hookspecs.py": HEAD + "@hookspec(historic=True)\ndef up_names(): ...\n"}
HOOKS += cases(
    _h("a wrapper of a hook that is now historic", EVERY, HISTORIC, IMPORT + "@hookimpl(hookwrapper=True)\ndef up_names():\n    yield\n", "breaks", "hook-kind-changed up_names[historic] dn/__init__.py:3"),
    _h("no wrapper of it", EVERY, HISTORIC, IMPORT + "@hookimpl(tryfirst=True)\ndef up_names(): ...\n", "clear"),
    _h("an ordinary call of a hook that is now historic", EVERY, HISTORIC, "import up\ndef f(pm):\n    pm.hook.up_names()\n", "breaks", "hook-kind-changed up_names[historic] dn/__init__.py:3"),
    _h("a historic call of a hook that no longer is", HISTORIC, EVERY, "import up\ndef f(pm):\n    pm.hook.up_names.call_historic(kwargs={})\n", "breaks", "hook-kind-changed up_names[historic] dn/__init__.py:3"),
    _h("a historic call of a hook that is", EVERY, HISTORIC, "import up\ndef f(pm):\n    pm.hook.up_names.call_historic(kwargs={})\n", "clear"),
    _h("one result instead of a list", EVERY, FIRST, "import up\ndef f(pm):\n    for name in pm.hook.up_names():\n        print(name)\n", "breaks", "hook-kind-changed up_names[firstresult] dn/__init__.py:3 likely"),
    _h("a result that goes nowhere", EVERY, FIRST, "import up\ndef f(pm):\n    pm.hook.up_names()\n", "clear"),
    _h("an implementation of it", EVERY, FIRST, IMPORT + "@hookimpl\ndef up_names(): ...\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", HOOKS)
def test_hooks(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


PLUGIN = '[project.entry-points.pytest11]\nup = "up.plugin"\n'


def _fixtures(*names: str) -> Files:
    return {"up/__init__.py": "", "up/plugin.py": "import pytest\n" + "".join(f"@pytest.fixture\ndef {n}(): ...\n" for n in names)}  # fmt: skip


def _f(name: str, down: str, *said: str, file: str = "dn/__init__.py") -> Case:
    return Case(name, _fixtures("loop", "kept"), _fixtures("kept"), {file: down}, said, PLUGIN)


LOOP = "fixture-removed fixture:loop dn/__init__.py"
FIXTURES = cases(
    _f("asked for by a fixture", "import pytest\n@pytest.fixture\ndef mine(loop): ...\n", "breaks", f"{LOOP}:3"),
    _f("asked for by an asynchronous fixture", "import pytest_asyncio\n@pytest_asyncio.fixture()\nasync def mine(loop): ...\n", "breaks", f"{LOOP}:3"),
    _f("by a mark", "import pytest\n@pytest.mark.usefixtures('loop')\nclass TestX: ...\n", "breaks", f"{LOOP}:2"),
    _f("by its name at run time", "def f(request):\n    return request.getfixturevalue('loop')\n", "breaks", f"{LOOP}:2"),
    _f("by a test of the downstream", "def test_it(loop): ...\n", "possible", "fixture-removed fixture:loop tests/test_it.py:1 in tests", file="tests/test_it.py"),
    _f("an override that asks for it", "import pytest\n@pytest.fixture\ndef loop(loop): ...\n", "breaks", f"{LOOP}:3"),
    _f("a fixture of its own", "import pytest\n@pytest.fixture\ndef loop(): ...\n@pytest.fixture\ndef mine(loop): ...\n", "clear"),
    _f("one that stays", "import pytest\n@pytest.fixture\ndef mine(kept): ...\n", "clear"),
    _f("a parameter of an ordinary function", "def run(loop): ...\n", "clear"),
    _f("given by parametrize", "import pytest\n@pytest.mark.parametrize('loop, x', [])\ndef test_it(loop, x): ...\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", FIXTURES)
def test_fixtures(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


APP = "class App:\n    def load(self, module):\n        module.setup(self)\n    def kept(self): ...\n"
LOST = APP + "    def lost(self): ...\n"
SPHINX_OLD = {"sphinx/__init__.py": "", "sphinx/application.py": "class Sphinx:\n    def kept(self): ...\n    def lost(self): ...\n    def connect(self, event, f): ...\n"}  # fmt: skip
SPHINX_NEW = {**SPHINX_OLD, "sphinx/application.py": SPHINX_OLD["sphinx/application.py"].replace("    def lost(self): ...\n", "")}  # fmt: skip
TYPED_OLD = {"up/__init__.py": "", "up/conf.py": "class Config:\n    def kept(self): ...\n    def lost(self): ...\n", "up/hookspecs.py": HEAD + "from up.conf import Config\n@hookspec\ndef up_go(config: Config): ...\n"}  # fmt: skip
TYPED_NEW = {**TYPED_OLD, "up/conf.py": "class Config:\n    def kept(self): ...\n"}

POETRY_NEW = {"poetry/__init__.py": "", "poetry/plugin.py": "class Plugin:\n    def activate(self, poetry, io): ...\n", "poetry/poetry.py": "class Poetry:\n    def kept(self): ...\n"}  # fmt: skip
POETRY_OLD = {**POETRY_NEW, "poetry/poetry.py": "class Poetry:\n    def kept(self): ...\n    def lost(self): ...\n"}


def _c(name: str, old: Files, new: Files, down: str, *said: str) -> Case:
    return Case(name, old, new, {"dn/__init__.py": down}, said)


GIVEN = {"up/__init__.py": LOST}, {"up/__init__.py": APP}
PARAMETERS = cases(
    _c("given by the upstream's own call", *GIVEN, "def setup(app):\n    app.lost()\n", "breaks", "attribute-removed up.App.lost dn/__init__.py:2"),
    _c("handed on by name", *GIVEN, "def setup(app):\n    other = app\n    other.lost()\n", "breaks", "attribute-removed up.App.lost dn/__init__.py:3"),
    _c("handed on to a function", *GIVEN, "def setup(app):\n    add(1, app)\ndef add(x, y):\n    y.lost()\n", "breaks", "attribute-removed up.App.lost dn/__init__.py:4"),
    _c("handed on to a function under another parameter", *GIVEN, "import up\ndef setup(app):\n    add(app, 1)\ndef add(x, y):\n    y.lost()\n", "clear"),
    _c("a member that stays", *GIVEN, "import up\ndef setup(app):\n    app.kept()\n", "clear"),
    _c("a function of another name", *GIVEN, "import up\ndef install(app):\n    app.lost()\n", "clear"),
    _c("another parameter", *GIVEN, "import up\ndef setup(x, app):\n    app.lost()\n", "clear"),
    _c("a parameter with a type of its own", *GIVEN, "import up\nclass Mine:\n    def lost(self): ...\ndef setup(app: Mine):\n    app.lost()\n", "clear"),
    _c("asked for first", *GIVEN, "import up\ndef setup(app):\n    if hasattr(app, 'lost'):\n        app.lost()\n", "clear", "attribute-removed up.App.lost dn/__init__.py:4 possible guarded"),
    _c("sphinx", SPHINX_OLD, SPHINX_NEW, "def setup(app):\n    app.lost()\n", "breaks", "attribute-removed sphinx.application.Sphinx.lost dn/__init__.py:2"),
    _c("a handler of sphinx", SPHINX_OLD, SPHINX_NEW, "def built(x):\n    x.lost()\ndef setup(app):\n    app.connect('builder-inited', built)\n", "breaks", "attribute-removed sphinx.application.Sphinx.lost dn/__init__.py:2"),
    _c("a function that is no handler", SPHINX_OLD, SPHINX_NEW, "import sphinx\ndef built(x):\n    x.lost()\n", "clear"),
    _c("a method that a base of the host calls", POETRY_OLD, POETRY_NEW, "from poetry.plugin import Plugin\nclass P(Plugin):\n    def activate(self, poetry, io):\n        poetry.lost()\n", "breaks", "attribute-removed poetry.poetry.Poetry.lost dn/__init__.py:4"),
    _c("by the annotation of the hook", TYPED_OLD, TYPED_NEW, IMPORT + "@hookimpl\ndef up_go(config):\n    config.lost()\n", "breaks", "attribute-removed up.conf.Config.lost dn/__init__.py:4"),
    _c("a parameter that the hook does not type", TYPED_OLD, TYPED_NEW, IMPORT + "@hookimpl\ndef up_go(other):\n    other.lost()\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", PARAMETERS)
def test_untyped_parameters(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said
