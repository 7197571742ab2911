"""The values of the room: a use, the steps that lead to it, the call it makes, the tests it stands under. Plain
data.

A check makes hundreds of thousands of them. A `Struct` is made in a twentieth of the time of a frozen dataclass, and
the collector does not visit it: none of these values is part of a cycle.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Literal

import msgspec

Scope = Literal["import", "function"]
HowUsed = Literal["import", "from-import", "attribute", "string"]


class CallShape(msgspec.Struct, frozen=True, gc=False):
    """How something is called: number of `positional` arguments, `keywords` by name, and whether `*x`/`**x` add others.

    `literals`: the arguments that are literal identifiers, by position or keyword.
    `spread`: dotted texts of the `**x` arguments, `stars` of the `*x`. `nones`: the arguments that are `None`.
    """

    positional: int
    keywords: tuple[str, ...] = ()
    star: bool = False
    double_star: bool = False
    literals: tuple[tuple[int | str, str], ...] = ()
    spread: tuple[str, ...] = ()
    nones: tuple[int | str, ...] = ()
    stars: tuple[str, ...] = ()


class Step(msgspec.Struct, frozen=True, gc=False):
    """One step of a chain: an attribute (`name`), a call (`call`), or what an annotation promises (`instance`).

    `default`: a `getattr(x, "name", default)`, which cannot fail. `awaited`: the call stands under an `await`.
    `implicit`: no name is written, an operator or a statement asks for it (`with x` for `__enter__`); `operand`: the
    type of the literal that an operator meets, `member` where `Color["RED"]` asks for what is named so; `count`: into
    how many names a value is unpacked. `element`: what a value holds, `each` of it or at a literal place. `line`,
    `column`: 1-based place of the name or call.
    """

    name: str | None = None
    call: CallShape | None = None
    instance: bool = False
    default: bool = False
    awaited: bool = False
    implicit: bool = False
    operand: str = ""
    count: int = 0
    element: str = ""
    line: int = 0
    column: int = 0
    receiver_line: int = 0
    receiver_column: int = 0


class Condition(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A test around a use, with the value it must have. `within`: the lines of the functions that it stands in,
    outermost first: `Surface.function` gives the functions on demand."""

    test: ast.expr
    polarity: bool
    within: tuple[int, ...] = ()


class Attempt(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A `try` statement without its body, which may be a whole file and would be kept as long as its uses.

    `line`: where it starts. Of the body, `size`: the number of statements, inner ones counted; `calls`: whether it
    calls anything; `plain`: it is imports, assignments and expressions only; `first`: its first statement, or the text
    of it.
    """

    line: int
    handlers: tuple[ast.ExceptHandler, ...]
    size: int
    calls: bool
    plain: bool
    first: ast.stmt | str


class InHandler(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The use stands in an `except` branch: it runs only when the `try` body raises what the branch catches."""

    statement: Attempt
    handler: ast.ExceptHandler


class InTry(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The use stands in the body of a `try`: what it raises may be caught."""

    statement: Attempt


class AfterTry(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The use stands after a `try`, in the `else` of it or where some of its handlers do not lead: it runs only when
    the body raises nothing that `leaving` catch."""

    statement: Attempt
    leaving: tuple[ast.ExceptHandler, ...]


Surrounding = Condition | InHandler | InTry | AfterTry


class Root(msgspec.Struct, frozen=True, gc=False):
    """What the first name of a chain stands for.

    `name`: a global name of the module. `import`/`from`: an import statement inside a function (`module`, `name`).
    `self`/`class`/`super`: an instance of, the class itself, or the bases of the own class `name`.
    `parameter`: the parameter `parameter` of the method `method` of the own class `name`, which says no type itself.
    """

    kind: Literal["name", "import", "from", "self", "class", "super", "parameter"]
    name: str
    module: str = ""
    method: str = ""
    parameter: str = ""


class Use(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One use: an import statement's name, or the longest chain of attributes and calls from one name.

    `around`: tests and `try` statements, outermost first. `inside`: dotted name of the innermost function or class,
    with the
    module. `line`, `column` are of the first name. `discarded`: the statement is this call alone, its result goes
    nowhere.
    """

    root: Root
    steps: tuple[Step, ...]
    how: HowUsed
    line: int
    column: int
    inside: str
    scope: Scope
    around: tuple[Surrounding, ...] = ()
    discarded: bool = False


class Refusal(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A `raise` or a failing `assert` that runs while the module is imported, or in a function of it, under
    the tests `around`. `error` is the text of the exception."""

    error: str
    line: int
    column: int
    inside: str
    scope: Scope
    around: tuple[Surrounding, ...]


class OwnClass(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A class of the file: `name` dotted within the module, the line, and the methods it defines (name, line).

    `keywords`: those of the class statement, without `metaclass`; `None` where `**x` adds others.
    """

    name: str
    line: int
    methods: tuple[tuple[str, int], ...]
    around: tuple[Surrounding, ...] = ()
    keywords: tuple[str, ...] | None = ()


class ImportSite(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Where a module-level name is bound by an import, and under which tests; other bindings of the name have
    `target` None."""

    name: str
    target: str | None
    around: tuple[Surrounding, ...]


class Indirection(msgspec.Struct, frozen=True, eq=False, gc=False):
    """`getattr(CHAIN, parameter)` in a function: a call with a literal uses that name of the chain.

    `function`: dotted path with the module. `position`: index of the parameter, the first one of a method not counted.
    """

    function: str
    parameter: str
    position: int
    module: str
    root: Root
    steps: tuple[Step, ...]


class Kept(msgspec.Struct, frozen=True, eq=False, gc=False):
    """`self.attribute = parameter` in the constructor of the own class `cls`, whose parameter says no type.

    `position`: index of the parameter, `self` not counted.
    """

    cls: str
    attribute: str
    parameter: str
    position: int


class Construction(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A call of what is named like a class. `use`: the call. `arguments`: what each stands for, by position or keyword;
    nothing where that is not a chain."""

    use: Use
    arguments: tuple[tuple[int | str, tuple[tuple[Root, tuple[Step, ...]], ...]], ...]


class FileUsage(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Everything one file uses. `module` is its dotted name, `text` its source. `sites`: module-level bindings by name.
    `stores`: the attributes of others that it sets, as if they were read. `computed`: what it asks for a name that only
    running it shows, `getattr(CHAIN, name)`. `tests`: the values that a test asks whether they are true."""

    module: str
    file: str
    uses: tuple[Use, ...]
    classes: tuple[OwnClass, ...]
    sites: tuple[ImportSite, ...]
    text: str
    indirections: tuple[Indirection, ...] = ()
    stores: tuple[Use, ...] = ()
    kept: tuple[Kept, ...] = ()
    constructions: tuple[Construction, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    computed: tuple[Use, ...] = ()
    tests: tuple[Use, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the source; those of a few files are kept."""
        return lines_of(self.text)


@lru_cache(maxsize=8)
def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a source; those of the files asked about last are kept."""
    return tuple(text.split("\n"))
