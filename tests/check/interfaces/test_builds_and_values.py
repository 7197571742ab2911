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
RAISES = "# setup.cfg\nclass D:\n    def read(self, opt, section):\n        if '-' in opt:\n            raise ValueError(opt)\n        return opt\n"
CHECKS = "def c(dist, attr, value):\n    if value not in (True, False):\n        raise ValueError(attr)\n"
CHECKS_REFUSING = (
    "def c(dist, attr, value):\n    'It is refused.'\n    if not value:\n        return\n    raise ValueError(attr)\n"
)


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
    _b("registered still, and refused", {"setup.py": "from setuptools import setup\nsetup(name='dn', use_words=True)\n"}, "breaks", "build-setting-removed setup(use_words=) setup.py:2", old=CHECKS, new=CHECKS_REFUSING),
    _b("registered still, and refused, and off", {"setup.py": "from setuptools import setup\nsetup(name='dn', use_words=False)\n"}, "clear", old=CHECKS, new=CHECKS_REFUSING),
    _b("registered still, and checked", {"setup.py": "from setuptools import setup\nsetup(name='dn', use_words=True)\n"}, "clear", old=CHECKS, new=CHECKS),
    _b("a raising branch", {"setup.cfg": "[metadata]\ndescription-file = a\n"}, "breaks", "build-setting-removed description-file setup.cfg:2", old=ACCEPTS, new=RAISES),
    _b("a raising branch of something else", {"setup.cfg": "[metadata]\ndescription-file = a\n"}, "clear", old=ACCEPTS, new=RAISES.replace("'-' in opt", "'!' in opt")),
    _k("a key with a dash", "[metadata]\ndescription-file = a\n", "breaks", "build-setting-removed description-file setup.cfg:2"),
    _k("a key with an underscore", "[metadata]\ndescription_file = a\n", "clear"),
    _k("a key of another tool", "[egg_info]\ntag-build = a\n", "clear"),
    _k("a name of the project's own", "[options.extras_require]\nmy-extra = a\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", BUILDS)
def test_settings_of_builds(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


def _c(name: str, down: Files, *said: str) -> Case:
    old = {"up/__init__.py": "", "up/core.pxd": "cdef int fast(int x)\ncdef int slow(int x)\ncdef int moved(int x)\n", "up/core.pyx": "", "up/gone.pxd": "cdef int f()\n", "up/lib/libup.so.14": ""}  # fmt: skip
    new = {
        "up/__init__.py": "",
        "up/core.pxd": "from up.parts cimport (moved, other)\ncdef int slow(int x)\n",
        "up/core.pyx": "",
        "up/lib/libup.so.15": "",
    }
    return Case(name, old, new, {"dn/__init__.py": "", **down}, said)


PYX = "dn/work.pyx"
CYTHON = "1 file that names the upstream and is not read"
COMPILED = cases(
    _c("a function", {PYX: "from up.core cimport fast\n"}, "breaks", f"binary-interface-changed up.core.fast {PYX}:1"),
    _c("among others", {PYX: "cimport cython\nfrom up.core cimport slow, fast as f\n"}, "breaks", f"binary-interface-changed up.core.fast {PYX}:2"),
    _c("a module", {PYX: "cimport up.gone\n"}, "breaks", f"binary-interface-changed up.gone.pxd {PYX}:1"),
    _c("one that stays", {PYX: "from up.core cimport slow\n"}, "clear"),
    _c("one that stays, of a class", {PYX: "from up.core cimport Slow\n"}, "possible"),
    _c("of another package", {PYX: "from third.core cimport fast\n"}, "clear"),
    _c("a library", {"dn/work.so": "\0libup.so.14\0"}, "breaks", "binary-interface-changed library:libup.so.14 dn/work.so:1"),
    _c("another library", {"dn/work.so": "\0libup.so.15\0mylibup.so.14\0"}, "clear"),
    _c("a function that is imported", {"dn/work.so": "\0up.core\0__pyx_capi__\0fast\0"}, "breaks", "binary-interface-changed up.core.fast dn/work.so:1 likely"),
    _c("reached through its module", {PYX: "cimport up.core as c\ndef f():\n    return c.fast(1) + c.slow(1)\n"}, "breaks", f"binary-interface-changed up.core.fast {PYX}:3"),
    _c("one that stays, reached through its module", {PYX: "cimport up.core as c\ndef f():\n    return c.slow(1)\n"}, "possible"),
    _c("a declaration that goes through another file", {PYX: "from up.core cimport moved\n"}, "clear"),
    _c("one that stays, imported", {"dn/work.so": "\0up.core\0__pyx_capi__\0slow\0"}, "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", COMPILED)
def test_compiled_code(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


HEADER = "#ifndef UP_H\n#define UP_H\n/* UpRow_Old(x) is gone */\n#define UP_{} 1\ntypedef struct {{ int {}; int kept_size; }} UpRow;\nint UpRow_{}(UpRow *row);\nint UpRow_Kept(UpRow *row);\n#endif\n"
INCLUDE = "#include <Python.h>\n#include <up/up.h>\n"


def _n(name: str, down: Files, *said: str) -> Case:
    old = {"up/__init__.py": "", "up/include/up/up.h": HEADER.format("OLD", "elsize", "First"), "up/include/up/old.h": "int x;\nstatic int size(PyObject *o) { return PyBytes_Size(o); }\n"}  # fmt: skip
    new = {"up/__init__.py": "", "up/include/up/up.h": HEADER.format("NEW", "size_of", "Second")}
    return Case(name, old, new, {"dn/__init__.py": "", **down}, said)


C = "src/a.c"
HEADERS = cases(
    _n("a function", {C: INCLUDE + "int f(UpRow *r) { return UpRow_First(r); }\n"}, "breaks", f"binary-interface-changed UpRow_First {C}:3 likely"),
    _n("a macro", {C: INCLUDE + "int x = UP_OLD;\n"}, "breaks", f"binary-interface-changed UP_OLD {C}:3 likely"),
    _n("a member", {C: INCLUDE + "int f(UpRow *r) { return r->elsize; }\n"}, "breaks", f"binary-interface-changed elsize {C}:3 likely"),
    _n("a header", {C: "#include <up/old.h>\n"}, "breaks", f"binary-interface-changed header:up/old.h {C}:1 likely"),
    _n("declared for Cython", {PYX: 'cdef extern from "up/up.h":\n    int UpRow_First(void *r)\n'}, "breaks", f"binary-interface-changed UpRow_First {PYX}:2 likely"),
    _n("under a test of the preprocessor", {C: INCLUDE + "#ifdef UP_OLD\nint f(UpRow *r) { return UpRow_First(r); }\n#endif\n"}, "possible", f"binary-interface-changed UpRow_First {C}:4 possible"),
    _n("one that stays", {C: INCLUDE + "int f(UpRow *r) { return UpRow_Kept(r) + r->kept_size; }\n"}, "clear"),
    _n("a variable of that name", {C: INCLUDE + "int f(int elsize) { return elsize; }\n"}, "clear"),
    _n("a function of its own", {C: INCLUDE + "static int UpRow_First(UpRow *r) { return 1; }\nint f(UpRow *r) { return UpRow_First(r); }\n"}, "clear"),
    _n("in a comment", {C: INCLUDE + "// UpRow_First(r)\n/* UP_OLD */\n"}, "clear"),
    _n("a header of its own", {C: INCLUDE + "int x = UP_OLD;\n", "src/up/up.h": "#define UP_OLD 3\n"}, "clear"),
    _n("in a string", {C: INCLUDE + 'char *x = "UP_OLD";\n'}, "clear"),
    _n("what Python declares and the header calls", {C: INCLUDE + "int f(PyObject *o) { return PyBytes_Size(o); }\n"}, "clear"),
    _n("without the header", {C: "#include <Python.h>\nint f(void *r) { return UpRow_First(r); }\n"}, "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", HEADERS)
def test_headers(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


OLD = "STYLES = {'plain-style': 1, 'deep-style': 2}\nFUNC = '.main_clean.execute'\ndef use(style): ...\ndef other(x): ...\ndef register(name, style): ...\nparser.set_defaults(func='.main_list.execute')\n"
NEW = (
    OLD.replace("deep-style", "deep_style")
    .replace(".main_clean", "cli.main_clean")
    .replace(".main_list", "cli.main_list")
)


def _v(name: str, down: str, *said: str) -> Case:
    old = {
        "up/__init__.py": f"{OLD}class Deep: ...\nclass Plain: ...\ndef do_kept(): ...\ndef do_gone(): ...\n",
        "up/deep.py": "",
    }
    new = {"up/__init__.py": f"{NEW}class Deeper: ...\nclass Plain: ...\ndef do_kept(): ...\n", "up/deeper.py": ""}
    return Case(name, old, new, {"dn/__init__.py": down}, said)


DEEP = "value-removed value:deep-style dn/__init__.py"
VALUES = cases(
    _v("passed", "import up\nup.use('deep-style')\n", "breaks", f"{DEEP}:2 likely"),
    _v("by keyword", "from up import use\nuse(style='deep-style')\n", "breaks", f"{DEEP}:2 likely"),
    _v("one that stays", "import up\nup.use('plain-style')\n", "clear"),
    _v("one that never was", "import up\nup.use('own-style')\n", "clear"),
    _v("passed to another", "import up\nimport mine\nmine.use('deep-style')\n", "clear"),
    _v("compared", "import up\ndef f(args):\n    return args.func == '.main_clean.execute'\n", "possible", "value-removed value:.main_clean.execute dn/__init__.py:3 possible"),
    _v("compared with the attribute that is set to it", "import up\ndef f(args):\n    return args.func == '.main_list.execute'\n", "breaks", "value-removed value:.main_list.execute dn/__init__.py:3 likely"),
    _v("compared with its first part", "import up\ndef f(args):\n    module, name = args.func.rsplit('.', 1)\n    return module == '.main_list'\n", "breaks", "value-removed value:.main_list dn/__init__.py:4 likely"),
    _v("compared with its first part where both forms are known", "import up\ndef f(args):\n    module, name = args.func.rsplit('.', 1)\n    if module.startswith('cli.'):\n        module = module[3:]\n    return module == '.main_list'\n", "possible", "value-removed value:.main_list dn/__init__.py:6 possible"),
    _v("by the name of a constant", "import up\nSTYLE = 'deep-style'\nup.use(STYLE)\n", "breaks", f"{DEEP}:3 likely"),
    _v("from a loop over a table", "import up\nfor style, size in (('plain-style', 1), ('deep-style', 2)):\n    up.use(style)\n", "breaks", f"{DEEP}:3 likely"),
    _v("by a name that may be anything", "import up\ndef f(style='deep-style'):\n    up.use(style)\n", "clear"),
    _v("registered by the downstream", "import up\nup.register('deep-style', 1)\nup.use('deep-style')\n", "clear"),
    _v("put into a table by the downstream", "import up\nup.STYLES['deep-style'] = 1\nup.use('deep-style')\n", "clear"),
    _v("the name of a class", "import up\ndef f(x):\n    return type(x).__name__ == 'Deep'\n", "possible", "value-removed value:Deep dn/__init__.py:3 possible"),
    _v("the name of a class, second", "import up\ndef f(x):\n    return 'Deep' == type(x).__name__\n", "possible", "value-removed value:Deep dn/__init__.py:3 possible"),
    _v("the name of a class, in a handler", "import up\ntry:\n    up.use(1)\nexcept Exception as e:\n    if e.__class__.__name__ in ('Other', 'Deep'):\n        pass\n", "possible", "value-removed value:Deep dn/__init__.py:5 possible"),
    _v("the names of a class in both releases", "import up\ndef f(x):\n    return type(x).__name__ == 'Deep' or type(x).__name__ == 'Deeper'\n", "clear"),
    _v("the name of a class that stays", "import up\ndef f(x):\n    return type(x).__qualname__ == 'Plain'\n", "clear"),
    _v("the name of a class of its own", "import up\nclass Deep2: ...\ndef f(x):\n    return type(x).__name__ == 'Deep2'\n", "clear"),
    _v("the name of a module", "import up\ndef f(x):\n    return type(x).__module__ == 'up.deep' and x\n", "possible", "value-removed value:up.deep dn/__init__.py:3 possible"),
    _v("the names of a module in both releases", "import up\ndef f(x):\n    return type(x).__module__ in {'up.deep', 'up.deeper'}\n", "clear"),
    _v("an attribute whose name is put together", "import up\ndef f(kind):\n    return getattr(up, f'do_{kind}')()\n", "possible", "name-removed up.do_gone dn/__init__.py:3 possible"),
    _v("an attribute with a percent sign", "import up\ndef f(kind):\n    return getattr(up, 'do_%s' % kind)()\n", "possible", "name-removed up.do_gone dn/__init__.py:3 possible"),
    _v("an attribute of known kinds", "import up\ndef f():\n    for kind in ('kept', 'gone'):\n        getattr(up, 'do_' + kind)()\n", "breaks", "name-removed up.do_gone dn/__init__.py:4 likely"),
    _v("an attribute of other kinds", "import up\ndef f():\n    for kind in ('kept', 'own'):\n        getattr(up, 'do_' + kind)()\n", "clear"),
    _v("an attribute whose name begins otherwise", "import up\ndef f(kind):\n    return getattr(up, f'make_{kind}')()\n", "clear"),
    _v("an attribute that may be missing", "import up\ndef f(kind):\n    return getattr(up, f'do_{kind}', None)\n", "clear"),
    _v("an attribute that is asked for first", "import up\ndef f(kind):\n    if hasattr(up, f'do_{kind}'):\n        return getattr(up, f'do_{kind}')()\n", "clear"),
    _v("compared with a name of its own", "import up\ndef f(args):\n    return args.func == '.mine.execute'\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", VALUES)
def test_values(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said


CONTEXT = "from typing import TypedDict\nclass Context(TypedDict, total=False):\n    day: str\n    {}: str\nclass Operator:\n    def execute(self, context: Context): ...\ndef current() -> Context: ...\n"
OPERATOR = "from up import Operator\nclass O(Operator):\n    def execute(self, context):\n        {}\n"


def _m(name: str, down: str, *said: str, up: str = CONTEXT) -> Case:
    return Case(name, {"up/__init__.py": up.format("old_day")}, {"up/__init__.py": up.format("new_day")}, {"dn/__init__.py": down}, said)  # fmt: skip


KEY = "value-removed up.Context[old_day] dn/__init__.py"
KEYS = cases(
    _m("of a method's parameter", OPERATOR.format("return context['old_day']"), "breaks", f"{KEY}:4 likely"),
    _m("of an annotated one", "import up\ndef f(c: up.Context):\n    return c['old_day']\n", "breaks", f"{KEY}:3 likely"),
    _m("of a result", "import up\ndef f():\n    c = up.current()\n    return c['old_day']\n", "breaks", f"{KEY}:4 likely"),
    _m("of a result at once", "import up\nDAY = up.current()['old_day']\n", "breaks", f"{KEY}:2 likely"),
    _m("with a default", OPERATOR.format("return context.get('old_day')"), "possible", f"{KEY}:4 possible"),
    _m("from a set of keys", OPERATOR.format("return context['old_day']"), "breaks", f"{KEY}:4 likely", up="KNOWN_CONTEXT_KEYS: set = {{'day', '{}'}}\nclass Context(dict): ...\nclass Operator:\n    def execute(self, context: Context): ...\n"),
    _m("one that stays", OPERATOR.format("return context['day']"), "clear"),
    _m("one that is asked for before", OPERATOR.format("return context['old_day'] if 'old_day' in context else None"), "clear"),
    _m("one that is caught", OPERATOR.format("try:\n            return context['old_day']\n        except KeyError:\n            return 1"), "clear", f"{KEY}:5 likely guarded"),
    _m("one that is set", OPERATOR.format("context['old_day'] = 1"), "clear"),
    _m("of another mapping", OPERATOR.format("return {'old_day': 1}['old_day']"), "clear"),
    _m("of a parameter of another name", "import up\ndef f(row):\n    return row['old_day']\n", "clear"),
)  # fmt: skip


@pytest.mark.parametrize("case", KEYS)
def test_keys_of_mappings(case: Case, tmp_path: Path) -> None:
    assert told(tmp_path, case) == case.said
