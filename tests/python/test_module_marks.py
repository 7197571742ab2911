"""Every mark of a module, in the forms that people write, and what only looks like one."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tailrace.python.marks import DeprecationMark, read_marks
from tailrace.python.parsing import parse_python

# A source, and what is marked in it: kind, symbol, since, removed in.
Row = tuple[str, str, str | None, str | None]
MARKS: dict[str, tuple[str, list[Row]]] = {
    # conda's handler
    "conda, a function": ("@deprecated('24.3', '24.9')\ndef f(): ...", [("function", "up.f", "24.3", "24.9")]),
    "conda, a function by keyword": (
        "@deprecated(deprecate_in='24.3', remove_in='24.9')\ndef f(): ...",
        [("function", "up.f", "24.3", "24.9")],
    ),
    "conda, a class": ("@deprecated('24.3', '24.9')\nclass C: ...", [("class", "up.C", "24.3", "24.9")]),
    "conda, a method": (
        "class C:\n    @deprecated('24.3', '24.9')\n    def m(self): ...",
        [("function", "up.C.m", "24.3", "24.9")],
    ),
    "conda, a property": (
        "class C:\n    @property\n    @deprecated('24.3', '24.9')\n    def m(self): ...",
        [("function", "up.C.m", "24.3", "24.9")],
    ),
    "conda, an argument": (
        "@deprecated.argument('24.3', '24.9', 'x', rename='y')\ndef f(y): ...",
        [("argument", "up.f(x=)", "24.3", "24.9")],
    ),
    "conda, an argument by keyword": (
        "@deprecated.argument(deprecate_in='24.3', remove_in='24.9', argument='x')\ndef f(): ...",
        [("argument", "up.f(x=)", "24.3", "24.9")],
    ),
    "conda, an argument of a constructor": (
        "class C:\n    @deprecated.argument('24.3', '24.9', 'x')\n    def __init__(self): ...",
        [("argument", "up.C(x=)", "24.3", "24.9")],
    ),
    "conda, an option": (
        "p.add_argument('-o', '--old', action=deprecated.action('24.3', '24.9', Store))",
        [("option", "--old", "24.3", "24.9")],
    ),
    "conda, a module": ("deprecated.module('24.3', '24.9')", [("module", "up", "24.3", "24.9")]),
    "conda, a module by keyword": (
        "deprecated.module(deprecate_in='24.3', remove_in='24.9')",
        [("module", "up", "24.3", "24.9")],
    ),
    "conda, a constant": ("deprecated.constant('24.3', '24.9', 'OLD', 1)", [("name", "up.OLD", "24.3", "24.9")]),
    "conda, a constant by keyword": (
        "deprecated.constant(deprecate_in='24.3', remove_in='24.9', constant='OLD', value=1)",
        [("name", "up.OLD", "24.3", "24.9")],
    ),
    "conda, a constant with a factory": (
        "deprecated.constant('24.3', '24.9', 'OLD', factory=lambda: 1)",
        [("name", "up.OLD", "24.3", "24.9")],
    ),
    "conda, a constant in a test": (
        "if x:\n    deprecated.constant('24.3', '24.9', 'OLD', 1)",
        [("name", "up.OLD", "24.3", "24.9")],
    ),
    "conda, a topic": (
        "def f():\n    if x:\n        deprecated.topic('24.3', '24.9', topic='The old way')",
        [("topic", "up.f: The old way", "24.3", "24.9")],
    ),
    # warnings
    "a warning": (
        "def f():\n    warnings.warn('since 1.2, removed in 2.0', DeprecationWarning)",
        [("function", "up.f", "1.2", "2.0")],
    ),
    "a warning in a classmethod": (
        "class C:\n    @classmethod\n    def m(cls):\n        warn('deprecated in 1.2', DeprecationWarning)",
        [("function", "up.C.m", "1.2", None)],
    ),
    "a warning of an own class": (
        "class Old(DeprecationWarning): ...\ndef f():\n    warnings.warn('removed in 2.0', Old)",
        [("function", "up.f", None, "2.0")],
    ),
    "a warning of an own class that derives from one": (
        "class A(FutureWarning): ...\nclass B(A): ...\ndef f():\n    warnings.warn('removed in 2.0', category=B)",
        [("function", "up.f", None, "2.0")],
    ),
    "an instance of a warning": (
        "def f():\n    warnings.warn(DeprecationWarning('removed in 2.0'))",
        [("function", "up.f", None, "2.0")],
    ),
    "a warning whose text has a name": (
        "def f():\n    msg = 'since 1.2, removed in 2.0'\n    warnings.warn(msg, DeprecationWarning)",
        [("function", "up.f", "1.2", "2.0")],
    ),
    "a warning whose text is formatted": (
        "def f():\n    warnings.warn('{} is removed in 2.0'.format(n), DeprecationWarning)",
        [("function", "up.f", None, "2.0")],
    ),
    "a warning for an argument": (
        "def f(x=None, y=None):\n    if x is not None:\n        warn('x is removed in 2.0', DeprecationWarning)",
        [("argument", "up.f(x=)", None, "2.0")],
    ),
    "a warning for an argument in **kwargs": (
        "def f(**kw):\n    if 'x' in kw:\n        warn('x is removed in 2.0', DeprecationWarning)",
        [("argument", "up.f(x=)", None, "2.0")],
    ),
    "a default that says so": (
        "def f(x='deprecated'):\n    if x != 'deprecated':\n        warn('since 1.3, removed in 1.5', FutureWarning)",
        [("argument", "up.f(x=)", "1.3", "1.5")],
    ),
    "a default that says so in a class": (
        "class C:\n    def __init__(self, x='deprecated'): ...",
        [("argument", "up.C(x=)", None, None)],
    ),
    # PEP 702 and libraries
    "PEP 702": ("@deprecated('use `g` instead')\ndef f(): ...", [("function", "up.f", None, None)]),
    "PEP 702 on an overload": ("@typing_extensions.deprecated('no')\nclass C: ...", [("class", "up.C", None, None)]),
    "Deprecated": ("@deprecated(version='1.2', reason='old')\ndef f(): ...", [("function", "up.f", "1.2", None)]),
    "Deprecated for Sphinx": (
        "@deprecated.sphinx.deprecated(reason='old', version='1.2')\nclass C: ...",
        [("class", "up.C", "1.2", None)],
    ),
    "deprecation": (
        "@deprecation.deprecated(deprecated_in='1.2', removed_in='2.0', current_version=v)\ndef f(): ...",
        [("function", "up.f", "1.2", "2.0")],
    ),
    "NumPy, a decorator": ("@deprecate\ndef f(): ...", [("function", "up.f", None, None)]),
    "NumPy, a name": ("f = deprecate(g, 'f', 'g')", [("name", "up.f", None, None)]),
    "SciPy": ("@_deprecated('f is removed in SciPy 2.0.0')\ndef f(): ...", [("function", "up.f", None, "2.0.0")]),
    "scikit-learn": (
        "@deprecated('`f` was deprecated in 1.0 and will be removed in 1.2.')\ndef f(): ...",
        [("function", "up.f", "1.0", "1.2")],
    ),
    "pandas": (
        "@deprecate_kwarg(old_arg_name='x', new_arg_name='y')\ndef f(y): ...",
        [("argument", "up.f(x=)", None, None)],
    ),
    "pandas, with a class": (
        "@deprecate_kwarg(Old, 'x', new_arg_name='y')\ndef f(y): ...",
        [("argument", "up.f(x=)", None, None)],
    ),
    "matplotlib, a parameter": (
        "@_api.rename_parameter('3.6', 'x', 'y')\ndef f(y): ...",
        [("argument", "up.f(x=)", "3.6", None)],
    ),
    "matplotlib": ("@_api.deprecated('3.6', alternative='g')\ndef f(): ...", [("function", "up.f", "3.6", None)]),
    "scikit-image": (
        "@deprecate_func(deprecated_version='0.23', removed_version='0.25')\ndef f(): ...",
        [("function", "up.f", "0.23", "0.25")],
    ),
    # docstrings
    "a directive": (
        'def f():\n    """Do.\n\n    .. deprecated:: 1.2\n        Will be removed in 1.4.\n    """',
        [("function", "up.f", "1.2", "1.4")],
    ),
    "a directive in the first line": ('def f():\n    """.. deprecated:: 1.2"""', [("function", "up.f", "1.2", None)]),
    "a directive below a parameter": (
        'def f(x, y):\n    """Do.\n\n    Parameters\n    ----------\n    x : int\n        An x.\n\n'
        '        .. deprecated:: 1.3\n           `x` will be removed in 1.5.\n    y : int\n    """',
        [("argument", "up.f(x=)", "1.3", "1.5")],
    ),
    "a directive of a class's attribute": (
        'class C:\n    """C.\n\n    Attributes\n    ----------\n    n_ : int\n        .. deprecated:: 1.0\n    """',
        [("name", "up.C.n_", "1.0", None)],
    ),
    "a directive of a module": ('""".. deprecated:: 1.2"""', [("module", "up", "1.2", None)]),
    "a sentence": (
        'def f():\n    """Do.\n\n    Deprecated in 1.2 and will be removed in 1.4.\n    """',
        [("function", "up.f", "1.2", "1.4")],
    ),
    # methods that a method attaches
    "an inner function that is attached to the class": (
        "class C:\n    @classmethod\n    def _add(cls):\n"
        "        def old(self):\n            warn('since 1.2', DeprecationWarning)\n"
        "        def new(self): ...\n        cls.old = old\n        cls.new = new\n        self.other = old",
        [("function", "up.C.old", "1.2", None)],
    ),
    "an inner function that makes what is attached": (
        "class C:\n    @classmethod\n    def _add(cls):\n"
        "        def f(x):\n            warn('since 1.2', DeprecationWarning)\n"
        "        cls.ptp = _make(cls, 'ptp', f)",
        [("function", "up.C.ptp", "1.2", None)],
    ),
    "a call that deprecates something else": ("cf.deprecate_option('mode.old', msg='removed in 2.0')", []),
    # computed names
    "a module's __getattr__": (
        "def __getattr__(name):\n    if name == 'OLD':\n        warn('removed in 2.0', DeprecationWarning)",
        [("name", "up.OLD", None, "2.0")],
    ),
    "a table of names": (
        "_OLD = {'A': 'use B, removed in 2.0'}\n"
        "def __getattr__(name):\n    if name in _OLD:\n        warn(_OLD[name], DeprecationWarning)\n        return 1",
        [("name", "up.A", None, "2.0")],
    ),
    "a table that is filled, and looked up in a try": (
        "_T = {}\n_N = [('A', 1), ('B', 2)]\n_T.update({n: (v, _m.format(n)) for n, v in _N})\n_T['C'] = (3, 'old C')\n"
        "def __getattr__(attr):\n    try:\n        v, m = _T[attr]\n    except KeyError:\n        pass\n"
        "    else:\n        warn(m, DeprecationWarning)\n        return v\n    raise AttributeError(attr)",
        [("name", "up.A", None, None), ("name", "up.B", None, None), ("name", "up.C", None, None)],
    ),
    "a table of what is not raised for": (
        "_OLD = ('A', 'B')\ndef __getattr__(name):\n    if name not in _OLD:\n        raise AttributeError(name)\n"
        "    warn(f'{name} is removed in 2.0', DeprecationWarning)\n    return globals()['_' + name]",
        [("name", "up.A", None, "2.0"), ("name", "up.B", None, "2.0")],
    ),
    "a table of names that are gone": (
        "_GONE = {'A': 'gone'}\ndef __getattr__(name):\n    if name in _GONE:\n        raise AttributeError(name)\n"
        "    if name == 'B':\n        warn('x', DeprecationWarning)\n        return 1",
        [("name", "up.B", None, None)],
    ),
    "a wrapped value": ("SCORERS = _DeprecatedScorers(_SCORERS)", [("name", "up.SCORERS", None, None)]),
    "PEP 702 by another name": (
        "from warnings import deprecated as _old\n@_old('removed in 2.0')\ndef f(): ...",
        [("function", "up.f", None, "2.0")],
    ),
    "conda's handler by another name": (
        "from conda.deprecations import deprecated as d\n@d.argument('24.3', '24.9', 'x')\ndef f(): ...",
        [("argument", "up.f(x=)", "24.3", "24.9")],
    ),
    "a warning by another name": (
        "from warnings import warn as w\ndef f():\n    w('removed in 2.0', DeprecationWarning)",
        [("function", "up.f", None, "2.0")],
    ),
    "another function of that name": ("from log import write as w\ndef f():\n    w('x', DeprecationWarning)", []),
    "a lambda that warns": (
        "old = lambda x: warnings.warn('removed in 2.0', PendingDeprecationWarning)",
        [("function", "up.old", None, "2.0")],
    ),
    "an option with an action of that name": (
        "p.add_argument('--old', action=PendingDeprecationAction, help='DEPRECATED. Use --new.')",
        [("option", "--old", None, None)],
    ),
    "an option whose help says so": (
        "p.add_argument('--old', help='(Deprecated since 1.2) no effect')",
        [("option", "--old", "1.2", None)],
    ),
    # other modules' classes, no class, and functions that warn for others
    "a warning of no class": ("def f():\n    warnings.warn('f is deprecated')", [("function", "up.f", None, None)]),
    "a warning of another class that says so": (
        "def f():\n    warnings.warn('f will be removed in 2.0', UserWarning)",
        [("function", "up.f", None, "2.0")],
    ),
    "a logger that warns": ("def f():\n    log.warning('f is deprecated')", [("function", "up.f", None, None)]),
    "a logger that speaks of a value": ("def f(x):\n    log.warning('%s is deprecated', x)", []),
    "a function that warns for others": (
        "def _old(name):\n    warnings.warn(name + ' is removed in 2.0', DeprecationWarning)\ndef f():\n    _old('f')",
        [("function", "up._old", None, "2.0"), ("function", "up.f", None, "2.0")],
    ),
    "a function that warns for others, in a test": (
        "def _old():\n    warn('removed in 2.0', DeprecationWarning)\ndef f(x=None):\n    if x:\n        _old()",
        [("function", "up._old", None, "2.0"), ("argument", "up.f(x=)", None, "2.0")],
    ),
    "a warning inside `with`": (
        "def f():\n    with catch():\n        warnings.warn('old', DeprecationWarning)",
        [("function", "up.f", None, None)],
    ),
    "a warning inside `try`": (
        "def f():\n    try:\n        warnings.warn('old', DeprecationWarning)\n    finally:\n        pass",
        [("function", "up.f", None, None)],
    ),
    "a warning after an error": (
        "def f():\n    try:\n        g()\n    except OSError:\n        warnings.warn('old', DeprecationWarning)",
        [],
    ),
    # defaults, helpers and flags of parameters
    "a default that is named so": ("def f(x=_DEPRECATED): ...", [("argument", "up.f(x=)", None, None)]),
    "a default that is called so": ("def f(x=Deprecated('2.0')): ...", [("argument", "up.f(x=)", "2.0", None)]),
    "a default for what is not given": ("def f(x=no_default): ...", []),
    "a parameter in the name of a function": (
        "def f(X=None, *, Xt=None):\n    X = _deprecate_Xt_in_inverse_transform(X, Xt)",
        [("argument", "up.f(Xt=)", None, None)],
    ),
    "click, a flag": ("@option('--old', deprecated=True)\ndef f(): ...", [("option", "--old", None, None)]),
    "click, a text": (
        "@option('--old', deprecated='removed in 2.0')\ndef f(): ...",
        [("option", "--old", None, "2.0")],
    ),
    "argparse, a flag": ("p.add_argument('--old', deprecated=True)", [("option", "--old", None, None)]),
    "click, not": ("@option('--old', deprecated=False)\ndef f(): ...", []),
    "click, a command": ("@click.command(deprecated=True)\ndef f(): ...", [("function", "up.f", None, None)]),
    "typer, a help text": (
        "def f(old=typer.Option(1, '--old', help='Deprecated: use --new')): ...",
        [("option", "--old", None, None)],
    ),
    # values
    "zope.deprecation": ("deprecated('old', 'use the other')", [("name", "up.old", None, None)]),
    "zope.deprecation, many": (
        "deprecated(('a', 'b'), 'use the other')",
        [("name", "up.a", None, None), ("name", "up.b", None, None)],
    ),
    "Twisted": (
        "deprecatedModuleAttribute(Version('T', 16, 0, 0), 'use g', __name__, 'old')",
        [("name", "up.old", None, None)],
    ),
    "Home Assistant": (
        "_DEPRECATED_FOO = DeprecatedConstant(1, 'BAR', '2025.1')",
        [("name", "up.FOO", "2025.1", None)],
    ),
    "a property made of it": (
        "class C:\n    old = property(deprecated('use new')(lambda self: 1))",
        [("name", "up.C.old", None, None)],
    ),
    "the docstring of a value": ('OLD = 1\n"""Deprecated since 1.2."""', [("name", "up.OLD", "1.2", None)]),
    "the docstring of another value": ('OLD = 1\n"""The deprecated names."""', []),
    # computed names
    "SciPy, a module": (
        "__all__ = ['inv', 'det']\n"
        "def __getattr__(name):\n    return _sub_module_deprecation(module='b', all=__all__, attribute=name)",
        [("name", "up.det", None, None), ("name", "up.inv", None, None)],
    ),
    "names that are matched": (
        "def __getattr__(name):\n    match name:\n        case 'A' | 'B':\n            warn('old', DeprecationWarning)",
        [("name", "up.A", None, None), ("name", "up.B", None, None)],
    ),
    "a table that is asked": (
        "_OLD = {'A': 'B'}\ndef __getattr__(name):\n    new = _OLD.get(name)\n    if new is None:\n"
        "        raise AttributeError(name)\n    warn('old', DeprecationWarning)\n    return globals()[new]",
        [("name", "up.A", None, None)],
    ),
    "a table that is asked in a test": (
        "_OLD = dict(A='B')\ndef __getattr__(name):\n    if new := _OLD.get(name):\n"
        "        warn('old', DeprecationWarning)\n        return globals()[new]",
        [("name", "up.A", None, None)],
    ),
    "a class's __getattr__": (
        "class C:\n    _old = {'a': 'b'}\n    def __getattr__(self, name):\n        if name in self._old:\n"
        "            warn('old', DeprecationWarning)\n            return 1\n        raise AttributeError(name)",
        [("name", "up.C.a", None, None)],
    ),
    # docstrings
    "a sentence with a colon": ('def f():\n    """DEPRECATED: use g."""', [("function", "up.f", None, None)]),
    "a sentence with a stop": ('def f():\n    """Deprecated. Use g."""', [("function", "up.f", None, None)]),
    "a word in brackets": ('def f():\n    """[Deprecated] Do it."""', [("function", "up.f", None, None)]),
    "a word in brackets at the end": ('def f():\n    """Do it (deprecated)."""', [("function", "up.f", None, None)]),
    "a sentence about the function": (
        'def f():\n    """Do.\n\n    This function is deprecated in favor of `g`.\n    """',
        [("function", "up.f", None, None)],
    ),
    "a sentence about the class": (
        'class C:\n    """This class is deprecated and will be removed in 2.0."""',
        [("class", "up.C", None, "2.0")],
    ),
    "a sentence about the module": ('"""This module is deprecated since 1.2."""', [("module", "up", "1.2", None)]),
    "a note": (
        'def f():\n    """Do.\n\n    .. note:: Deprecated in 1.2, use g.\n    """',
        [("function", "up.f", "1.2", None)],
    ),
    "a warning of MkDocs": (
        'def f():\n    """Do.\n\n    !!! warning "Deprecated"\n        Use g.\n    """',
        [("function", "up.f", None, None)],
    ),
    "Epytext": ('def f():\n    """Do.\n\n    @deprecated: use g\n    """', [("function", "up.f", None, None)]),
    "a parameter of Sphinx": (
        'def f(x, y):\n    """Do.\n\n    :param int x: deprecated, no effect\n    :param y: a y\n    """',
        [("argument", "up.f(x=)", None, None)],
    ),
    "a parameter of Google": (
        'def f(x, y):\n    """Do.\n\n    Args:\n        x (int): Deprecated since 1.2.\n        y: a y\n    """',
        [("argument", "up.f(x=)", "1.2", None)],
    ),
    "a parameter of numpydoc": (
        'def f(x):\n    """Do.\n\n    Parameters\n    ----------\n    x : int, deprecated\n        Ignored.\n    """',
        [("argument", "up.f(x=)", None, None)],
    ),
    "a parameter that it does not have": ('def f(x):\n    """Do.\n\n    :param z: deprecated, no effect\n    """', []),
    "a sentence about other things": ('def f(x):\n    """Deprecated packages are listed.\n    """', []),
    "a sentence about what it returns": ('def f(x):\n    """Return what is deprecated in the channel."""', []),
    "a sentence about an input": ('def f(x):\n    """Fail if this channel is deprecated."""', []),
    # near-misses
    "an option about what is deprecated": ("p.add_argument('--warn', help='Warn of deprecated names')", []),
    "a handler is made": ("deprecated = DeprecationHandler(__version__)", []),
    "a logger": ("log = logging.getLogger('deprecated')", []),
    "a warning about a default": (
        "def f(n=10):\n    if n == 10:\n        warn('The default value of n will change to 5 in 2.0', FutureWarning)",
        [],
    ),
    "another warning": ("def f(x=None):\n    if x:\n        warnings.warn('x', UserWarning)", []),
    "a function inside a function": ("def f():\n    @deprecated('1', '2')\n    def g(): ...", []),
    "text about others": ('"""Deprecated since Python 2.6 and removed in 3.7."""', []),
    "a setter": ("class C:\n    @m.setter\n    def m(self, v):\n        warn('x', DeprecationWarning)", []),
}


@pytest.mark.parametrize("row", MARKS)
def test_marks_of_a_module(row: str) -> None:
    source, expected = MARKS[row]
    assert [(m.kind, m.symbol, m.deprecation.since, m.deprecation.removed_in) for m in marks(source)] == expected


BY_HAND = "def f(x, *args, y=1):\n    if {}:\n        warn('{}', FutureWarning)\n        y = args[0]"
WARNS = (
    "def outer(f):\n    def inner(*args, **kw):\n        warn('{}', FutureWarning)\n        return f(*args, **kw)\n"
    "    return inner\n@outer\ndef f(x, *, y=1): ..."
)
# A source → of which function positional arguments end, for which parameters, since when and until when.
POSITIONS: dict[str, tuple[str, tuple[str, tuple[str, ...], str | None, str | None] | None]] = {
    "scikit-learn": ("@_deprecate_positional_args\ndef f(x, *, y=1): ...", ("up.f(*)", ("y",), None, None)),
    "scikit-learn, a version": (
        "@_deprecate_positional_args(version='1.3')\ndef f(x, *, y=1): ...",
        ("up.f(*)", ("y",), None, "1.3"),
    ),
    "a constructor": (
        "class C:\n    @_deprecate_positional_args\n    def __init__(self, x, *, y=1): ...",
        ("up.C(*)", ("y",), None, None),
    ),
    "a method": (
        "class C:\n    @_deprecate_positional_args\n    def m(self, *, y=1): ...",
        ("up.C.m(*)", ("y",), None, None),
    ),
    "xarray": (
        "@_deprecate_positional_args('v2023.10.0')\ndef f(x, *, y=1): ...",
        ("up.f(*)", ("y",), "v2023.10.0", None),
    ),
    "PyVista": (
        "@_deprecate_positional_args(allowed=['x'], version=(0, 48))\ndef f(x, y=1): ...",
        ("up.f(*)", ("y",), None, "0.48"),
    ),
    "pandas": (
        "@deprecate_nonkeyword_arguments(version='2.0', allowed_args=['self', 'x'])\ndef f(self, x, y=1): ...",
        ("up.f(*)", ("y",), None, "2.0"),
    ),
    "pandas, by place": (
        "@deprecate_nonkeyword_arguments('2.0')\ndef f(x, y=1): ...",
        ("up.f(*)", ("y",), None, "2.0"),
    ),
    "pandas, no version": (
        "@deprecate_nonkeyword_arguments(version=None, allowed_args=['x'])\ndef f(x, y, z=1): ...",
        ("up.f(*)", ("y", "z"), None, None),
    ),
    "pandas, names that are computed": (
        "@deprecate_nonkeyword_arguments(version=None, allowed_args=ALLOWED)\ndef f(x, y, z=1): ...",
        ("up.f(*)", ("z",), None, None),
    ),
    "Matplotlib": ("@_api.make_keyword_only('3.3', 'y')\ndef f(x, y, z=1): ...", ("up.f(*)", ("y", "z"), "3.3", None)),
    "SciPy": (
        "@_deprecate_positional_args(version='1.14', deprecated_args={'old'})\ndef f(x, *, y=1): ...",
        ("up.f(*)", ("y",), None, "1.14"),
    ),
    "Optuna": (
        "@convert_positional_args(previous_positional_arg_names=['x', 'y'], deprecated_version='3.0',"
        " removed_version='5.0')\ndef f(x, *, y=1): ...",
        ("up.f(*)", ("y",), "3.0", "5.0"),
    ),
    "a decorator of the module with any name": (
        WARNS.format("Passing these by position is deprecated since 1.2 and will be removed in 2.0"),
        ("up.f(*)", ("y",), "1.2", "2.0"),
    ),
    "by hand": (
        BY_HAND.format("args", "y by position is deprecated since 1.2, removed in 2.0"),
        ("up.f(*)", ("y",), "1.2", "2.0"),
    ),
    "by hand, a number of them": (BY_HAND.format("len(args) > 0", "use keywords"), ("up.f(*)", ("y",), None, None)),
    "by hand, compared": (BY_HAND.format("args != ()", "use keywords"), ("up.f(*)", ("y",), None, None)),
    "by hand, and more": (BY_HAND.format("args and y == 1", "use keywords"), ("up.f(*)", ("y",), None, None)),
    "by hand, no names": (
        "def f(x, *args, **kw):\n    if args:\n        warn('no', DeprecationWarning)",
        ("up.f(*)", (), None, None),
    ),
    "a docstring": (
        'def f(x, y=1):\n    """F.\n\n    .. deprecated:: 1.2\n       Passing y positionally.\n    """',
        ("up.f(*)", (), "1.2", None),
    ),
    # near-misses
    "by hand, no deprecation": ("def f(x, *args, y=1):\n    if args:\n        warn('ignored', UserWarning)", None),
    "by hand, what they hold": (BY_HAND.format("args[0] is None", "None is old"), None),
    "by hand, what is among them": (BY_HAND.format('"a" in args', "a is old"), None),
    "by hand, none of them": (BY_HAND.format("not args", "give one"), None),
    "by hand, few of them": (BY_HAND.format("len(args) < 2", "give two"), None),
    "by hand, other ones": ("def f(x, *args):\n    if x:\n        warn('x', FutureWarning)", None),
    "a decorator that refuses": ("@keyword_only\ndef f(x, *, y=1): ...", None),
    "a decorator that warns of another thing": (WARNS.format("f is deprecated"), None),
    "a decorator for a keyword": ("@deprecate_kwarg('y', 'z')\ndef f(x, *, z=1): ...", None),
    "a decorator for a keyword argument": ("@deprecated_keyword_argument('y')\ndef f(x, y=1): ...", None),
}


@pytest.mark.parametrize("row", POSITIONS)
def test_positional_arguments_that_end(row: str) -> None:
    source, expected = POSITIONS[row]
    found = [m for m in marks(source) if m.kind == "position"]
    shown = [(m.symbol, m.words, m.deprecation.since, m.deprecation.removed_in) for m in found]
    assert shown == ([] if expected is None else [expected])
    assert expected is None or not [m for m in marks(source) if m.kind in {"function", "class", "argument"}]


RAISES = {
    "@deprecated('24.3', '24.9')\ndef f(): ...": True,
    "@deprecated(deprecate_in='24.3', remove_in='24.9')\ndef f(): ...": True,
    "deprecated.module('24.3', '24.9')": True,
    "deprecated.constant('24.3', '24.9', 'OLD', 1)": True,
    "from x import deprecated as d\n@d('24.3', '24.9')\ndef f(): ...": True,
    "def f():\n    deprecated.topic('24.3', '24.9', topic='T')": False,
    "@deprecated('deprecated in 1.0, will be removed in 1.2')\ndef f(): ...": False,
    "@deprecated(version='1.2', reason='removed in 2.0')\ndef f(): ...": False,
    "@deprecation.deprecated(deprecated_in='1.2', removed_in='2.0')\ndef f(): ...": False,
    "def f():\n    warn('since 1.2, removed in 2.0', DeprecationWarning)": False,
}


@pytest.mark.parametrize("source", RAISES)
def test_only_a_handler_raises_once_it_is_due(source: str) -> None:
    assert [mark.raises for mark in marks(source)] == [RAISES[source]]


REPLACEMENTS = {
    "@deprecated('24.3', '24.9', addendum='Use `up.b.g` instead.')\ndef f(): ...": "up.b.g",
    "@deprecated('use g() instead')\ndef f(): ...": "g",
    "@deprecated('f is replaced by :func:`up.g`.')\ndef f(): ...": "up.g",
    "@deprecated.argument('24.3', '24.9', 'x', rename='y')\ndef f(y): ...": "y",
    "@deprecated('Use the new form.')\ndef f(): ...": None,
    "@deprecated('do not use this')\ndef f(): ...": None,
}


@pytest.mark.parametrize("source", REPLACEMENTS)
def test_the_replacement_that_a_mark_names(source: str) -> None:
    assert [mark.replacement for mark in marks(source)] == [REPLACEMENTS[source]]


def marks(source: str) -> tuple[DeprecationMark, ...]:
    parsed = parse_python(dedent(source).encode())
    assert parsed is not None
    return read_marks(parsed.tree, "up", "up.py")
