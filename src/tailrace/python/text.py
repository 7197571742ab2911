"""Small questions about syntax nodes, asked everywhere: the dotted text of an expression, a literal string, a test.
Pure."""

from __future__ import annotations

import ast

# Fields that never hold a node, or only contexts and operators.
_PLAIN = frozenset(
    {"ctx", "op", "ops", "id", "attr", "kind", "n", "s", "str", "level", "module", "simple", "is_async", "conversion"}
    | {"type_comment", "asname", "kwd_attrs", "rest", "tag", "lineno"}
)
_WITHOUT_NODES = (ast.Global, ast.Nonlocal, ast.Constant, ast.MatchSingleton, ast.alias)


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """Which fields of each class of nodes can hold nodes; most nodes are names and constants, which have none."""

    def __missing__(self, cls: type[ast.AST]) -> tuple[str, ...]:
        names: tuple[str, ...] = ()
        if not issubclass(cls, _WITHOUT_NODES):
            names = tuple(name for name in cls._fields if name not in _PLAIN)
        if cls.__name__ != "TypeAlias":  # whose name is a node
            names = tuple(name for name in names if name != "name")
        if issubclass(cls, ast.arg | ast.keyword):
            names = tuple(name for name in names if name != "arg")
        self[cls] = names
        return names


_FIELDS = _Fields()


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes right below one, as `ast.iter_child_nodes` in a third of the time: without contexts and operators."""
    found: list[ast.AST] = []
    for name in _FIELDS[node.__class__]:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += [item for item in value if item is not None]
        elif value is not None:
            found.append(value)
    return found


def descendants(node: ast.AST) -> list[ast.AST]:
    """The node and all below it, in the order of `ast.walk`, without contexts and operators."""
    found = [node]
    for current in found:  # grows while it is read
        for name in _FIELDS[current.__class__]:
            value = getattr(current, name, None)
            if value.__class__ is list:
                found += [item for item in value if item is not None]
            elif value is not None:
                found.append(value)
    return found


_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_BLOCKS = ("body", "orelse", "finalbody")
# Statements that hold no others: most of them.
_FLAT = frozenset(
    (ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Raise, ast.Assert, ast.Delete)
).union((ast.Import, ast.ImportFrom, ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal))


def statements(body: list[ast.stmt], *, inner: bool) -> list[ast.stmt]:
    """Every statement of a block and of the blocks in it; with `inner`, also those of functions and classes in it."""
    found: list[ast.stmt] = []
    stack = list(reversed(body))
    while stack:
        current = stack.pop()
        found.append(current)
        if current.__class__ in _FLAT or (not inner and isinstance(current, _DEFINITIONS)):
            continue
        below: list[ast.stmt] = []
        for name in _BLOCKS:
            below += current.__dict__.get(name, ())
        for part in (*current.__dict__.get("handlers", ()), *current.__dict__.get("cases", ())):
            below += part.body
        stack += reversed(below)
    return found


def dotted(node: ast.AST | None) -> str | None:
    """`a.b.c` for a chain of names, else `None`."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return None
    parts.append(node.id)
    return ".".join(reversed(parts))


def last_word(text: str) -> str:
    """The name of what the text of a decorator leads to: `wraps` of `functools.wraps(f)`."""
    return text.split("(", 1)[0].rsplit(".", 1)[-1]


# A text that is put together of more parts is data.
_MOST_PARTS = 20


def literal_string(node: ast.AST | None) -> str | None:
    """The value of a string literal, or of a few added up (`"go" + "ne"`); else `None`."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    parts: list[str] = []
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and len(parts) < _MOST_PARTS:
        if not isinstance(node.right, ast.Constant) or not isinstance(node.right.value, str):
            return None
        parts.append(node.right.value)
        node = node.left
    if not parts or not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return None
    return "".join((node.value, *reversed(parts)))


def is_own_function(node: ast.AST) -> bool:
    """Whether a call is of a function that its file defines, though it is named as one of importlib (`loaders.py`)."""
    return getattr(node, "own_function", False)


def imported_module(node: ast.AST | None) -> str | None:
    """The absolute name of the module that an expression gives: `importlib.import_module("a.b")`, `__import__("a")`,
    `sys.modules["a.b"]`, `sys.modules.get("a.b")`; `None` for anything else, and where the name is no literal."""
    match node:
        case ast.Subscript(value=value, slice=index) if dotted(value) == "sys.modules":
            return _absolute(literal_string(index), None)
        case ast.Call(func=func, args=args, keywords=keywords) if not is_own_function(node):
            given = {k.arg: k.value for k in keywords}
            name = literal_string(args[0] if args else given.get("name", given.get("modname")))
            callee = dotted(func)
            if callee == "sys.modules.get":
                return _absolute(name, None)
            if callee in {"__import__", "builtins.__import__"}:
                whole = name is not None and (len(args) > 3 or "fromlist" in given or "." not in name)
                return _absolute(name if whole or name is None else name.split(".")[0], None)
            if callee == "lazy_loader.load":
                return _absolute(name, None)
            if callee is not None and last_word(callee) in {"import_module", "importorskip"}:
                return _absolute(name, literal_string(args[1] if len(args) > 1 else given.get("package")))
    return None


def _absolute(name: str | None, package: str | None) -> str | None:
    if name is None or not name.startswith("."):
        plain = name
    else:
        rest = name.lstrip(".")
        parts = (package or "").split(".")
        parts = parts[: len(parts) - (len(name) - len(rest) - 1)]
        plain = ".".join((*parts, rest)) if package and parts else None
    return plain if plain and all(part.isidentifier() for part in plain.split(".")) else None


def string_items(node: ast.AST | None) -> tuple[str, ...] | None:
    """The items of a literal list, tuple or set of strings; `None` if any item is something else."""
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return None
    items = [literal_string(item) for item in node.elts]
    return None if any(item is None for item in items) else tuple(item for item in items if item is not None)


def source_of(node: ast.AST | None, limit: int = 200) -> str:
    """Source text of an expression, cut at `limit` characters; `?` when it is too deep to print."""
    if node is None:
        return ""
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):
        return "?"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def type_checking_polarity(test: ast.expr) -> bool | None:
    """True for `if TYPE_CHECKING`, False for `if not TYPE_CHECKING`, `None` for any other test."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = type_checking_polarity(test.operand)
        return None if inner is None else not inner
    name = dotted(test)
    if name is not None and name.rsplit(".", 1)[-1] in {"TYPE_CHECKING", "MYPY", "MYPY_CHECK_RUNNING"}:
        return True
    if isinstance(test, ast.Constant) and test.value in (False, 0):
        return True  # `if False:` blocks hold imports for type checkers
    return None


def absolute_module(current: str, is_package: bool, level: int, module: str | None) -> str | None:
    """The absolute name of `from ..module import x` seen in `current`; `None` when it climbs out of the top."""
    if level == 0:
        return module or None
    parts = current.split(".")
    drop = level - 1 if is_package else level
    if drop > len(parts) or (drop == len(parts) and not module):
        return None
    base = parts[: len(parts) - drop]
    return ".".join([*base, module] if module else base) or None


def union_parts(annotation: str) -> tuple[str, ...] | None:
    """The dotted class names that an annotation text unites (`Optional[A]`, `Union[A, "B"]`, `A | None`); `None` if
    it says more."""
    try:
        node = ast.parse(annotation.strip().strip("'\""), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        return None
    return _parts(node)


def _parts(node: ast.expr) -> tuple[str, ...] | None:
    match node:
        case ast.Constant(value=None):
            return ()
        case ast.Constant(value=str() as text):
            return union_parts(text)
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return _united([left, right])
        case ast.Subscript(value=head, slice=inner):
            word = (dotted(head) or "").rsplit(".", 1)[-1]
            if word == "Optional":
                return _parts(inner)
            if word == "Union":
                return _united(inner.elts if isinstance(inner, ast.Tuple) else [inner])
            return _parts(head)  # Sequence[int] is a Sequence
        case ast.Name() | ast.Attribute():
            text_of = dotted(node)
            return None if text_of is None else (text_of,)
        case _:
            return None


def _united(nodes: list[ast.expr]) -> tuple[str, ...] | None:
    found: list[str] = []
    for node in nodes:
        parts = _parts(node)
        if parts is None:
            return None
        found.extend(parts)
    return tuple(dict.fromkeys(found))


# Methods of texts and bytes that give the same type again.
_OF_TEXT = frozenset({"join", "format", "strip", "lstrip", "rstrip", "replace", "lower", "upper", "title"})
_CODECS = frozenset({"utf-8", "utf8", "utf_8", "ascii", "latin-1", "latin1", "iso-8859-1"})


def text_result(call: ast.Call) -> str | None:
    """`str` or `bytes` where a call gives one for sure: of a method of a literal, of `x.hexdigest()`, and of
    `x.decode("utf-8")` and `x.encode("ascii")`, where the name of the encoding is written out.
    """
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str() | bytes() as text), attr=method)):
            return type(text).__name__ if method in _OF_TEXT else None
        case ast.Call(func=ast.Attribute(attr="hexdigest"), args=[], keywords=[]):
            return "str"
        case ast.Call(func=ast.Attribute(attr="decode"), args=[ast.Constant(value=str() as codec)], keywords=[]):
            return "str" if codec.lower() in _CODECS else None
        case ast.Call(func=ast.Attribute(attr="encode"), args=[ast.Constant(value=str() as codec)], keywords=[]):
            return "bytes" if codec.lower() in _CODECS else None
        case _:
            return None
