"""Finds where a module becomes a value that is not followed: kept in a container, handed to a call, asked by a text."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator, Mapping

from tailrace.python.text import descendants, dotted, last_word, literal_string
from tailrace.python.usages.values import Root, Use

# What is called with a module and leaves nothing of it behind, or is followed elsewhere.
_HARMLESS = frozenset(
    {"isinstance", "issubclass", "type", "id", "print", "repr", "str", "bool", "len", "hash", "callable", "format"}
    | {"hasattr", "getattr", "setattr", "delattr", "help", "dir", "warn", "reload", "super", "enter_context"}
    | {"object", "dict", "multiple", "delitem", "setitem", "delenv", "setenv", "spec", "signature", "getmodule"}
    | {"getfile", "getsource", "getsourcefile", "getdoc", "getmembers", "ismodule", "getmodulename", "testmod"}
)
# What gives a function that asks for a name.
_GETTERS = frozenset({"attrgetter", "methodcaller"})


# A statement that imports: what it names, and from where. Lists in parentheses are read up to some length.
_IMPORT = re.compile(
    r"^[ \t]*+(?:from[ \t]++([\w.]++)[ \t]++import[ \t]++(\([^)]{0,5000}|[^\n;#]*+)|import[ \t]++([^\n;#]*+))",
    re.MULTILINE,
)
_ASKS_ANY = re.compile(
    r"\bglobals\(\)|\blocals\(\)|\bimport_module\(\s*+[A-Za-z_fF\"']|\b__import__\(\s*+[A-Za-z_fF\"']"
)


def find_escapes(text: str, inside: str, modules: Collection[str], parse: Callable[[], ast.Module | None]) -> list[Use]:
    """A use for each place where a module leaves what is followed, as the use of that module itself.

    `text`: the source, of which `parse` gives the tree where one is needed. `modules`: the modules that count.
    """
    names = _imported(text, modules)
    if not names:
        return []
    words = "|".join(map(re.escape, sorted({part for name in names for part in name.split(".")})))
    bare = re.compile(rf"(?<![\w.])(?:{words})(?:\.(?:{words}))*+\s*+(?:[,)\]}}]|\.__dict__|$)", re.MULTILINE)
    body = _IMPORT.sub("", text)
    if (bare.search(body) is None and _ASKS_ANY.search(body) is None) or (tree := parse()) is None:
        return []
    return list(_escapes(tree, names, inside))


def _imported(text: str, modules: Collection[str]) -> dict[str, str]:
    """The texts under which a source knows modules, with the modules: `up.sub` after `import up.sub`."""
    found: dict[str, str] = {}
    for source, listed, plain in _IMPORT.findall(text):
        for item in (listed or plain).strip("() \t\n").split(",")[:1000]:
            words = item.split()
            if not words or (len(words) != 1 and words[1:-1] != ["as"]):
                continue
            module = f"{source}.{words[0]}" if source else words[0]
            if module in modules:
                found[words[-1]] = module
                if not source and len(words) == 1:  # `import up.sub` binds `up`
                    top = module.split(".")[0]
                    found.setdefault(top, top)
    return found


def _escapes(tree: ast.Module, names: Mapping[str, str], inside: str) -> Iterator[Use]:
    nodes = descendants(tree)
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    followed = {id(node.iter) for node in nodes if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension)}
    for node in nodes:
        if node.__class__ not in _KEEPING or id(node) in followed:
            continue
        for value in _handed(node, defined):
            module = names.get(dotted(value) or "")
            if module is not None:
                yield _use_of(module, value, inside)
        if isinstance(node, ast.expr) and _asks_any(node):
            for module in sorted({module.split(".")[0] for module in names.values()}):
                yield _use_of(module, node, inside)


def _use_of(module: str, node: ast.expr, inside: str) -> Use:
    return Use(Root("import", module, module), (), "string", node.lineno, node.col_offset + 1, inside, "import", ())


_KEEPING = frozenset((ast.List, ast.Tuple, ast.Set, ast.Dict, ast.arguments, ast.Assign, ast.Subscript, ast.Call))


def _handed(node: ast.AST, defined: set[str]) -> Iterator[ast.expr]:
    """The expressions whose values a node keeps, or hands to what is not followed."""
    match node:
        case ast.List(elts=items, ctx=ast.Load()) | ast.Tuple(elts=items, ctx=ast.Load()) | ast.Set(elts=items):
            yield from items
        case ast.Dict(values=items):
            yield from items
        case ast.arguments(defaults=defaults, kw_defaults=others):
            yield from (*defaults, *(other for other in others if other is not None))
        case ast.Assign(targets=[ast.Subscript()], value=value):
            yield value
        case ast.Subscript(value=ast.Attribute(attr="__dict__", value=value), slice=index):
            if literal_string(index) is None:
                yield value
        case ast.Subscript(value=ast.Call(func=ast.Name(id="vars"), args=[value]), slice=index):
            if literal_string(index) is None:
                yield value
        case ast.Call(func=func, args=args, keywords=keywords):
            name = last_word(dotted(func) or "")
            if isinstance(func, ast.Call):
                if last_word(dotted(func.func) or "") in _GETTERS and all(literal_string(arg) for arg in func.args):
                    return
            elif not name or name in _HARMLESS or name in defined:
                if name == "setattr" and len(args) == 3:
                    yield args[2]
                return
            elif name == "vars":  # asked for a name where it is a part of a subscript
                return
            yield from (*args, *(keyword.value for keyword in keywords))
        case _:
            pass


def _asks_any(node: ast.expr) -> bool:
    """Whether an expression asks for a module whose name nothing in the file says."""
    match node:
        case ast.Call(func=func, args=[first, *_]) if last_word(dotted(func) or "") in {"import_module", "__import__"}:
            return isinstance(first, ast.Name | ast.BinOp | ast.JoinedStr) and not _begins(first)
        case ast.Subscript(value=ast.Call(func=ast.Name(id="globals" | "locals"), args=[]), slice=index):
            return literal_string(index) is None and isinstance(node.ctx, ast.Load)
        case _:
            return False


def _begins(node: ast.expr) -> bool:
    """Whether a text that is put together begins with one that is written down."""
    while isinstance(node, ast.BinOp):
        node = node.left
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    text = literal_string(node)
    return text is not None and not text.startswith("%")
