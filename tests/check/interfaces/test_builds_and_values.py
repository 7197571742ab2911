"""Settings of builds, compiled code and values that are strings."""

# ruff: noqa: E501 - a row of a table is one line
from __future__ import annotations

from pathlib import Path

import pytest
from trees import Case, Files, cases, told

KEYWORDS = '[project.entry-points."distutils.setup_keywords"]\nuse_magic = "up:c"\nuse_words = "up:c"\n[project.entry-points."distutils.commands"]\nmagic = "up:c"\nwords = "up:c"\n'
FEWER = '[project.entry-points."distutils.setup_keywords"]\nuse_words = "up:c"\n[project.entry-points."distutils.commands"]\nwords = "up:c"\n'
REFUSES = "# setup.cfg\nclass D:\n    def refuse(self, opt, section):\n        if '-' not in opt or self.skip(section):\n            return opt\n        raise ValueError(opt)\n"
ACCEPTS = REFUSES.replace("raise ValueError(opt)", "return opt.replace('-', '_')")


def _b(name: str, down: Files, *said: str, old: str = "", new: str = "") -> Case:
    return Case(
        name, {"up/__init__.py": old}, {"up/__init__.py": new}, {"dn/__init__.py": "", **down}, said, KEYWORDS, FEWER
    )


def _k(name: str, text: str, *said: str) -> Case:
    return _b(name, {"setup.cfg": text}, *said, old=ACCEPTS, new=REFUSES)


SETUP = "build-setting-removed setup(use_magic=) setup.py"
BUILDS = cases(
    _b("a keyword", {"setup.py": "from setuptools import setup\nsetup(name='dn', use_magic=True)\n"}, "breaks", f"{SETUP}:2"),
    _b("in a dictionary", {"setup.py": "from setuptools import setup\nk = {'use_magic': True}\nsetup(**k)\n"}, "breaks", f"{SETUP}:2"),
    _b("set later", {"setup.py": "from setuptools import setup\nk = {}\nk['use_magic'] = True\nsetup(**k)\n"}, "breaks", f"{SETUP}:3"),
    _b("turned off", {"setup.py": "from setuptools import setup\nsetup(name='dn', use_magic=False)\n"}, "clear"),
    _b("a keyword that stays", {"setup.py": "from setuptools import setup\nsetup(name='dn', use_words=True)\n"}, "clear"),
    _b("a command", {"Makefile": "docs:\n\tpython setup.py magic\n"}, "possible", "build-setting-removed setup.py magic Makefile:2 possible"),
    _b("a command that stays", {"Makefile": "docs:\n\tpython setup.py words\n"}, "clear"),
    _k("a key with a dash", "[metadata]\ndescription-file = a\n", "breaks", "build-setting-removed description-file setup.cfg:2"),
    _k("a key with an underscore", "[metadata]\ndescription_file = a\n", "clear"),
    _k("a key of another tool", "[egg_info]\ntag-build = a\n", "clear"),
    _k("a name of the project's own", "[options.extras_require]\nmy-extra = a\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", BUILDS)
def test_settings_of_builds(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


def _c(name: str, down: Files, *said: str) -> Case:
    old = {"up/__init__.py": "", "up/core.pxd": "cdef int fast(int x)\ncdef int slow(int x)\n", "up/core.pyx": "", "up/gone.pxd": "cdef int f()\n", "up/lib/libup.so.14": ""}  # fmt: skip
    new = {"up/__init__.py": "", "up/core.pxd": "cdef int slow(int x)\n", "up/core.pyx": "", "up/lib/libup.so.15": ""}
    return Case(name, old, new, {"dn/__init__.py": "", **down}, said)


PYX = "dn/work.pyx"
CYTHON = "1 file that names the upstream and is not read"
COMPILED = cases(
    _c("a function", {PYX: "from up.core cimport fast\n"}, "breaks", f"binary-interface-changed up.core.fast {PYX}:1"),
    _c("among others", {PYX: "cimport cython\nfrom up.core cimport slow, fast as f\n"}, "breaks", f"binary-interface-changed up.core.fast {PYX}:2"),
    _c("a module", {PYX: "cimport up.gone\n"}, "breaks", f"binary-interface-changed up.gone.pxd {PYX}:1"),
    _c("one that stays", {PYX: "from up.core cimport slow\n"}, "possible"),
    _c("of another package", {PYX: "from third.core cimport fast\n"}, "clear"),
    _c("a library", {"dn/work.so": "\0libup.so.14\0"}, "breaks", "binary-interface-changed library:libup.so.14 dn/work.so:1"),
    _c("another library", {"dn/work.so": "\0libup.so.15\0mylibup.so.14\0"}, "clear"),
    _c("a function that is imported", {"dn/work.so": "\0up.core\0__pyx_capi__\0fast\0"}, "breaks", "binary-interface-changed up.core.fast dn/work.so:1 likely"),
    _c("one that stays, imported", {"dn/work.so": "\0up.core\0__pyx_capi__\0slow\0"}, "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", COMPILED)
def test_compiled_code(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


OLD = "STYLES = {'plain-style': 1, 'deep-style': 2}\nFUNC = '.main_clean.execute'\ndef use(style): ...\ndef other(x): ...\n"
NEW = OLD.replace("deep-style", "deep_style").replace(".main_clean", "cli.main_clean")


def _v(name: str, down: str, *said: str) -> Case:
    return Case(name, {"up/__init__.py": OLD}, {"up/__init__.py": NEW}, {"dn/__init__.py": down}, said)


DEEP = "value-removed value:deep-style dn/__init__.py"
VALUES = cases(
    _v("passed", "import up\nup.use('deep-style')\n", "breaks", f"{DEEP}:2 likely"),
    _v("by keyword", "from up import use\nuse(style='deep-style')\n", "breaks", f"{DEEP}:2 likely"),
    _v("one that stays", "import up\nup.use('plain-style')\n", "clear"),
    _v("one that never was", "import up\nup.use('own-style')\n", "clear"),
    _v("passed to another", "import up\nimport mine\nmine.use('deep-style')\n", "clear"),
    _v("compared", "import up\ndef f(args):\n    return args.func == '.main_clean.execute'\n", "possible", "value-removed value:.main_clean.execute dn/__init__.py:3 possible"),
    _v("compared with a name of its own", "import up\ndef f(args):\n    return args.func == '.mine.execute'\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", VALUES)
def test_values(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said
