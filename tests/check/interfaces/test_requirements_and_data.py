"""Dependencies, extras and data that the candidate dropped: what is used speaks, what is near it is silent."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from trees import Case, Files, cases, told

UP: Files = {"up/__init__.py": ""}


def _d(
    name: str,
    before: str,
    after: str,
    down: str,
    *said: str,
    asks: str = '"up"',
    file: str = "dn/__init__.py",
    more: Files | None = None,
    up: Files = UP,
    after_more: str = "",
) -> Case:
    return Case(name, UP, up, {file: down, **(more or {})}, said, f"dependencies = [{before}]\n", f"dependencies = [{after}]\n{after_more}", f"dependencies = [{asks}]\n")  # fmt: skip


SIX = "dependency-dropped six dn/__init__.py"
DEPENDENCIES = cases(
    _d("dropped and imported", "'six'", "", "import up\nimport six\n", "breaks", f"{SIX}:2 likely"),
    _d("in a function", "'six'", "", "def f():\n    from six import u\n", "breaks", f"{SIX}:2 likely"),
    _d("under another name", "'PyYAML>=5'", "", "import yaml\n", "breaks", "dependency-dropped yaml dn/__init__.py:1 likely"),
    _d("a module below it", "'py'", "", "from py.xml import html\n", "breaks", "dependency-dropped py.xml dn/__init__.py:1 likely"),
    _d("the candidate ships a module of that name", "'py'", "", "from py.xml import html\nimport py\n", "breaks", "dependency-dropped py.xml dn/__init__.py:1 likely", up={**UP, "py.py": ""}),
    _d("the candidate ships a part of it", "'py'", "", "import py\nfrom py import path, std\n", "breaks", "dependency-dropped py.std dn/__init__.py:2 likely", up={**UP, "py.py": "path = 1\n"}),
    _d("another requirement may bring it", "'six'", "", "import six\n", "possible", "dependency-dropped six dn/__init__.py:1 possible", asks="'up', 'third'"),
    _d("what the candidate newly requires may bring it", "'six'", "'third'", "import six\n", "possible", "dependency-dropped six dn/__init__.py:1 possible"),
    _d("a plug-in of the upstream brings what that brings", "'six'", "", "import six\n", "breaks", f"{SIX}:1 likely", asks="'up', 'up-metadata'"),
    _d("required by the downstream", "'six'", "", "import six\n", "clear", asks="'up', 'six'"),
    _d("still required", "'six'", "'six>=1.16'", "import up, six\n", "clear"),
    _d("an extra of the candidate brings it", "'six'", "'attrs'", "import six\n", "clear", asks="'up[compat]'", after_more='[project.optional-dependencies]\ncompat = ["six"]\n'),
    _d("another extra of the candidate", "'six'", "'attrs'", "import six\n", "breaks", f"{SIX}:1 likely", asks="'up[other]'", after_more='[project.optional-dependencies]\ncompat = ["six"]\nother = ["attrs"]\n'),
    _d("never imported", "'six'", "", "import up\nsix = 6\n", "clear"),
    _d("with a fallback", "'six'", "", "import up\ntry:\n    import six\nexcept ImportError:\n    six = None\n", "clear", f"{SIX}:3 likely guarded"),
    _d("a module of its own", "'six'", "", "import up\nimport six\n", "clear", more={"six.py": ""}),
    _d("dropped for old Pythons only", "'six; python_version < \"3\"'", "", "import six\n", "clear"),
    _d("a backport of what Python has", "'contextvars', 'typing'", "", "import contextvars, typing\n", "clear"),
    _d("in tests", "'six'", "", "import six\n", "clear", file="tests/test_six.py"),
    _d("for type checkers only", "'six'", "", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import six\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", DEPENDENCIES)
def test_dependencies(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


EXTRAS = '[project.optional-dependencies]\ndotenv = ["python-dotenv"]\nemail = ["e"]\nall = []\n'
FEWER = '[project.optional-dependencies]\nemail = ["e"]\n'


def _e(name: str, asks: str, down: str, *said: str, old: str = EXTRAS, new: str = FEWER) -> Case:
    asked = asks if "\n" in asks else f"dependencies = [{asks}]\n"
    return Case(name, UP, UP, {"dn/__init__.py": down}, said, old, new, asked)


REMOVED = "extra-removed up[dotenv] pyproject.toml:4"
OPTIONAL = "[project.optional-dependencies]\ndev = ['up[dotenv]']\n"
OPTIONALLY = "extra-removed up[dotenv] pyproject.toml:5"
CAUGHT = "import up\ntry:\n    import dotenv\nexcept ImportError:\n    dotenv = None\n"
EXTRA = cases(
    _e("asked for and imported", "'up[dotenv]>=1'", "import dotenv\n", "breaks", REMOVED),
    _e("asked for", "'up[dotenv]'", "import up\n", "breaks", f"{REMOVED} likely"),
    _e("its packages are required", "'up[dotenv]', 'python-dotenv'", "import up\n", "possible", f"{REMOVED} possible"),
    _e("asked for by an extra", OPTIONAL, "import up\n", "possible", f"{OPTIONALLY} possible"),
    _e("asked for by an extra, imported with a fallback", OPTIONAL, CAUGHT, "possible", f"{OPTIONALLY} possible"),
    _e("asked for by an extra, and imported", OPTIONAL, "def f():\n    import dotenv\n", "breaks", f"{OPTIONALLY} likely"),
    _e("imported with a fallback", "'up[dotenv]'", CAUGHT, "breaks", f"{REMOVED} likely"),
    _e("imported where another failure is caught", "'up[dotenv]'", CAUGHT.replace("ImportError", "OSError"), "breaks", REMOVED),
    _e("one that stays", "'up[email]'", "import up\n", "clear"),
    _e("spelled otherwise", "'up[e_mail]'", "import up\n", "clear", old=EXTRAS.replace("email", "e-mail"), new=FEWER.replace("email", "E_Mail")),
    _e("one that brought nothing", "'up[all]'", "import up\n", "clear"),
    _e("no extra at all", "'up'", "import dotenv\n", "clear"),
    _e("its packages come anyway", "'up[dotenv]'", "import up\n", "clear", new="dependencies = ['python-dotenv']\n"),
)  # fmt: skip


@pytest.mark.parametrize("case", EXTRA)
def test_extras(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


TAGS = "register = L()\n@register.filter\ndef length_is(x): ...\n@register.simple_tag(name='ifequal')\ndef f(): ...\n"
DATA: Files = {
    "up/__init__.py": "",
    "up/data/words.txt": "",
    "up/data/old/a.txt": "",
    "up/stylelib/seaborn-deep.mplstyle": "",
    "up/templatetags/staticfiles.py": "",
    "up/templatetags/static.py": TAGS,
}
JINJA = "FILTERS = {{'abs': abs, {}'join': str}}\n"
LEFT: Files = {"up/__init__.py": "", "up/data/names.txt": "", "up/templatetags/static.py": ""}


def _x(name: str, down: Files | str, *said: str) -> Case:
    return Case(name, DATA, LEFT, {"dn/__init__.py": down} if isinstance(down, str) else down, said)


def _t(text: str, **more: str) -> Files:
    return {"dn/__init__.py": "", "dn/templates/dn/a.html": text, **more}


WORDS = "data-removed up/data/words.txt dn/__init__.py"
TEMPLATE = "dn/templates/dn/a.html"
DATA_CASES = cases(
    _x("importlib.resources", "from importlib.resources import files\nfiles('up.data').joinpath('words.txt')\n", "breaks", f"{WORDS}:2"),
    _x("with a slash", "from importlib import resources\nresources.files('up') / 'data' / 'words.txt'\n", "breaks", f"{WORDS}:2"),
    _x("of the module itself", "import up\nfrom importlib.resources import files\nfiles(up) / 'data/words.txt'\n", "breaks", f"{WORDS}:3"),
    _x("pkgutil", "import pkgutil\npkgutil.get_data('up', 'data/words.txt')\n", "breaks", f"{WORDS}:2"),
    _x("pkg_resources", "import pkg_resources as p\np.resource_filename('up', 'data/words.txt')\n", "breaks", f"{WORDS}:2"),
    _x("beside __file__", "import os, up\nos.path.join(os.path.dirname(up.__file__), 'data', 'words.txt')\n", "breaks", f"{WORDS}:2"),
    _x("a path beside __file__", "import up\nfrom pathlib import Path\nPath(up.__file__).parent / 'data' / 'words.txt'\n", "breaks", f"{WORDS}:3"),
    _x("beside the real __file__, in two steps", "import os, up\nDATA = os.path.join(os.path.dirname(os.path.abspath(up.__file__)), 'data')\ndef f():\n    return open(os.path.join(DATA, 'words.txt'))\n", "breaks", f"{WORDS}:4"),
    _x("a path beside the resolved __file__", "import up\nfrom pathlib import Path\nPath(up.__file__).resolve().parent / 'data' / 'words.txt'\n", "breaks", f"{WORDS}:3"),
    _x("below __path__", "import os, up\nos.path.join(up.__path__[0], 'data', 'words.txt')\n", "breaks", f"{WORDS}:2"),
    _x("beside another __file__", "import os, up, dn\nos.path.join(os.path.dirname(os.path.abspath(dn.__file__)), 'data', 'words.txt')\n", "clear"),
    _x("a path joined for a reader", "import os, pkg_resources\npkg_resources.resource_filename('up', os.path.join('data', 'words.txt'))\n", "breaks", f"{WORDS}:2"),
    _x("kept in a variable", "import up\nfrom importlib import resources\nDATA = resources.files(up).joinpath('data')\ndef f():\n    return DATA / 'names.txt', DATA.joinpath('words.txt')\n", "breaks", f"{WORDS}:5"),
    _x("by the name of a constant", "import pkgutil\nNAME = 'words.txt'\nX = pkgutil.get_data('up', f'data/{NAME}')\n", "breaks", f"{WORDS}:3"),
    _x("by a name that may be anything", "import pkgutil\ndef f(name):\n    return pkgutil.get_data('up', 'data/' + name)\n", "clear"),
    _x("a folder", "from importlib.resources import files\nfiles('up') / 'data' / 'old'\n", "breaks", "data-removed up/data/old dn/__init__.py:2"),
    _x("a file that stays", "from importlib.resources import files\nfiles('up.data').joinpath('names.txt')\n", "clear"),
    _x("a file that never was", "from importlib.resources import files\nfiles('up.data').joinpath('other.txt')\n", "clear"),
    _x("of another package", "import up\nfrom importlib.resources import files\nfiles('dn.data').joinpath('words.txt')\n", "clear"),
    _x("a style", "import up\nup.style.use('seaborn-deep')\n", "breaks", "data-removed style:seaborn-deep dn/__init__.py:2"),
    _x("a style as a default", "import up\ndef f(style='seaborn-deep'):\n    return style\n", "possible", "data-removed style:seaborn-deep dn/__init__.py:2 possible"),
    _x("a style of a constant", "import up\nSTYLES = ['a', 'seaborn-deep']\ndef f():\n    up.style.use(STYLES)\n", "breaks", "data-removed style:seaborn-deep dn/__init__.py:4"),
    _x("a style that is asked for", "import up\ndef f():\n    for name in ('a', 'seaborn-deep'):\n        if name in up.style.available:\n            up.style.use(name)\n", "clear"),
    _x("a style under a test", "import up\nif 'seaborn-deep' in up.style.library:\n    up.style.use('seaborn-deep')\n", "clear"),
    _x("a style beside a test for another", "import up\nif 'x' in up.style.library:\n    pass\nup.style.use('seaborn-deep')\n", "breaks", "data-removed style:seaborn-deep dn/__init__.py:4"),
    _x("in a comment of a template", _t("{% load static %}{# {{ a|length_is:1 }} #}\n{% comment %}{% ifequal a b %}\n{% load staticfiles %}{% endcomment %}"), "clear"),
    _x("in what is printed as it is", _t("{% verbatim %}{{ a|length_is:1 }}{% endcomment %}{% load staticfiles %}{% endverbatim %}"), "clear"),
    _x("after a comment", _t("{% comment %}x{% endcomment %}\n{% ifequal a b %}"), "breaks", f"data-removed template-tag:ifequal {TEMPLATE}:2"),
    _x("in a text of a template", _t('{{ "a|length_is" }}'), "clear"),
    _x("a template library", _t("{% load staticfiles %}"), "breaks", f"data-removed template-library:staticfiles {TEMPLATE}:1"),
    _x("among others", _t("<p>\n{%- load static staticfiles -%}"), "breaks", f"data-removed template-library:staticfiles {TEMPLATE}:2"),
    _x("some of its tags", _t("{% load a b from staticfiles %}"), "breaks", f"data-removed template-library:staticfiles {TEMPLATE}:1"),
    _x("in a string", "T = '{% load staticfiles %}'\n", "breaks", "data-removed template-library:staticfiles dn/__init__.py:1"),
    _x("a library of its own", _t("{% load staticfiles %}", **{"dn/templatetags/staticfiles.py": ""}), "clear"),
    _x("a library that stays", _t("{% load static %}"), "clear"),
    _x("a tag", _t("{% ifequal a b %}"), "breaks", f"data-removed template-tag:ifequal {TEMPLATE}:1"),
    _x("a filter", _t("{{ a|length_is:1 }}"), "breaks", f"data-removed template-filter:length_is {TEMPLATE}:1"),
    _x("a word in the text", _t("{% load static %} ifequal |length_is"), "clear"),
)  # fmt: skip


_JINJA = ({"up/__init__.py": JINJA.format("'indentfirst': abs, ")}, {"up/__init__.py": JINJA.format("")})
DATA_CASES += cases(
    Case("a filter of jinja", *_JINJA, {"dn/__init__.py": "", "dn/a.j2": "{{ x|indentfirst }}"}, ("breaks", "data-removed template-filter:indentfirst dn/a.j2:1")),
    Case("a filter that stays", *_JINJA, {"dn/__init__.py": "", "dn/a.j2": "{{ x|join }}"}, ("clear",)),
)  # fmt: skip


@pytest.mark.parametrize("case", DATA_CASES)
def test_data(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said
