"""What is known of one source file after reading it once: bindings, classes, functions. Values only; nothing is
resolved here."""

from __future__ import annotations

from typing import Literal

import msgspec

from tailrace.model import Deprecation

ParamKind = Literal["positional", "normal", "var-positional", "keyword", "var-keyword"]


class Param(msgspec.Struct, frozen=True):
    """One parameter, as in `inspect.Parameter`. `default` is the source text of the default, `None` when required."""

    name: str
    kind: ParamKind
    default: str | None = None
    annotation: str | None = None


class FunctionFacts(msgspec.Struct, frozen=True, tag="function"):
    """A `def`. `decorators` are source texts. `attributes`: names set on the function object (`f.cache = …`).

    `first_calls`: what is called as a statement before anything is decided. `refuses`: parameters that only raise when
    they are given, each with the exception. `raises_unless`: parameters of which a call must give one though all have
    defaults, with the exception.
    """

    name: str
    line: int
    params: tuple[Param, ...] = ()
    decorators: tuple[str, ...] = ()
    is_async: bool = False
    is_generator: bool = False
    returns: str | None = None
    deprecation: Deprecation | None = None
    raises_always: str | None = None
    attributes: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    first_calls: tuple[str, ...] = ()
    refuses: tuple[tuple[str, str], ...] = ()
    raises_unless: tuple[tuple[str, ...], str] | None = None


class ClassFacts(msgspec.Struct, frozen=True, tag="class"):
    """A `class`. `bases` are source texts of dotted names (`?` for anything else).

    `members`: what the body binds. `instance`: names set on `self` in any method, with line. `open_instance`:
    instances take names that cannot be listed (`__getattr__`, `setattr(self, …)`, `self.__dict__.update`).
    `open_class`: the class object does (metaclass, `setattr(cls, …)`). `open_decorators`: those that may do the same.
    `given_to`: functions that methods give the object to, each with the place or the keyword (`populate 0`).
    """

    name: str
    line: int
    bases: tuple[str, ...] = ()
    metaclass: str | None = None
    decorators: tuple[str, ...] = ()
    members: dict[str, tuple[Binding, ...]] = {}
    instance: dict[str, int] = {}
    instance_values: dict[str, tuple[str, ...]] = {}
    open_instance: bool = False
    open_class: bool = False
    deprecation: Deprecation | None = None
    open_decorators: tuple[str, ...] = ()
    given_to: tuple[str, ...] = ()


class Binding(msgspec.Struct, frozen=True):
    """One way in which a name gets a value.

    `kind`: `import` (`target` is a module), `from` (`target` module, `attr` its name), `function`, `class`, `value`.
    For `value`,
    `target` is the dotted text on the right (`alias`), or with `called` the dotted text of what is called there.
    `runtime` is false
    for what only a type checker sees. `conditional`: bound in some branches only. `made_by`: the function that is
    called with the name as a text, and that alone may bind it. `has_value`: something is assigned, not only annotated.
    `keywords`: those of the call, as texts. `settable`: a property with a setter.
    """

    kind: Literal["import", "from", "function", "class", "value"]
    line: int
    target: str | None = None
    attr: str | None = None
    called: bool = False
    annotation: str | None = None
    function: FunctionFacts | None = None
    cls: ClassFacts | None = None
    runtime: bool = True
    conditional: bool = False
    literal: str | None = None
    deprecation: Deprecation | None = None
    made_by: str | None = None
    has_value: bool = False
    keywords: tuple[str, ...] = ()
    settable: bool = False


class ModuleFacts(msgspec.Struct, frozen=True):
    """One module. `name` is dotted, `file` relative to the artifact root.

    `stars`: modules of `from x import *` at run time, in the order in which a name is looked for. `all_names`: the
    literal part of `__all__`, `None` without any; `all_open`: more is added by computation. `getattr_hook`: the module
    has a `__getattr__`. `open_names`: names may be made at run time that cannot be listed. `raises`: the exception that
    importing the module always raises. `replaced`: the module puts another object in its own place in `sys.modules`.
    `aliases`: other names it enters in `sys.modules` (name, dotted text). `imports`: every module imported at import
    time. `calls`: functions called as statements at the top level, unconditionally. `needs`: modules without which
    importing this one raises on purpose (module, exception).
    `module_class`: the class that the module object is given (`sys.modules[__name__].__class__ = …`).
    `handed_to`: functions and classes called in statements that are given the module or its name, and may set names on
    it; with `()` where a method of their result is called.
    `deleted`: bindings that are gone once the module is imported; code that ran before saw them.
    """

    name: str
    file: str
    is_package: bool
    bindings: dict[str, tuple[Binding, ...]] = {}
    stars: tuple[str, ...] = ()
    all_names: tuple[str, ...] | None = None
    all_open: bool = False
    getattr_hook: bool = False
    open_names: bool = False
    raises: str | None = None
    replaced: bool = False
    aliases: tuple[tuple[str, str], ...] = ()
    imports: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    module_class: str | None = None
    handed_to: tuple[str, ...] = ()
    python2: bool = False
    deprecation: Deprecation | None = None
    lines: int = 0
    deleted: dict[str, tuple[Binding, ...]] = {}
