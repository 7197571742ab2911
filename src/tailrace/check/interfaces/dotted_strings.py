"""Dotted names of the upstream that stand in strings, to be imported by somebody: lists of extensions, settings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from tailrace.check.breakage import Breakage
from tailrace.check.breakages.find import judge_use
from tailrace.check.interfaces.view import Finder, View
from tailrace.model import Confidence
from tailrace.python.commandlines.invocations import last_name
from tailrace.python.text import descendants, literal_string
from tailrace.python.usages import FileUsage, Root, Step, Use

# Words in the name of a function that imports what it is given by name.
_IMPORTING = re.compile(
    r"import|load|extension|include|plugin|resolve|locate|require|setup|install|class|backend|object|driver",
    re.IGNORECASE,
)
# Words in the name of a list, a setting or a function whose texts are imported.
_HOLDING = re.compile(
    r"import|load|extension|include|plugin|resolve|locate|require|setup|install|class|backend|object|driver|module|package"
    r"|(?:^|_)apps?(?:$|_)|middleware|processor|handler|hook|command|engine|storage|serializer|renderer|router|finder"
    r"|validator|cache|auth|formatter|provider|factory|loader|entry|task|pipeline|transport|theme|template",
    re.IGNORECASE,
)
# Functions that take a dotted name and import nothing.
_NAMING = re.compile(
    r"logg|filterwarnings|simplefilter|warn|find_spec|is_|has_|print|debug|info|error|raise|Match|startswith|endswith"
    r"|patch|skip|issue|deprecat|get_distribution|version|metadata",
    re.IGNORECASE,
)
_CONFIG = (".ini", ".cfg", ".toml", ".yaml", ".yml")
_LARGEST = 200_000


def find(view: View) -> Iterator[Breakage]:
    """`name-removed`, `module-removed` and their like, at the string."""
    roots = b"|".join(re.escape(root.encode()) for root in sorted(view.pair.roots)) or b"(?!)"
    quoted = re.compile(rb"['\"](?:" + roots + rb")[.:]\w[\w.:]*['\"]")
    for file in view.matching(quoted, view.pair.roots):
        parsed = view.tree(file)
        if parsed is None:
            continue
        asked = _asked_for_membership(parsed.tree)
        for node, confidence in _names(parsed.tree, asked):
            text = literal_string(node)
            if text is not None and text.partition(".")[0].partition(":")[0] in view.pair.roots:
                use = view.use_at(file, node)
                for hit in _judge(view, file, text, node.lineno, node.col_offset + 1):
                    yield replace(hit, use=use, confidence=_weaker(hit.confidence, confidence))
    plain = re.compile(rb"(?<![\w./@:-])(?:" + roots + rb")(?:\.[A-Za-z_]\w*)+(?::[A-Za-z_][\w.]*)?(?![\w./(-])")
    for file in view.downstream.other_files:
        if not file.endswith(_CONFIG):
            continue
        data = view.data(file)
        for match in plain.finditer(data) if len(data) <= _LARGEST else ():
            start = data.rfind(b"\n", 0, match.start()) + 1
            if re.match(rb"\s*(?:#|;)", data[start:]) is None:
                line = data.count(b"\n", 0, match.start()) + 1
                for hit in _judge(view, file, match[0].decode(), line, match.start() - start + 1):
                    yield replace(hit, use=None, confidence="possible")


def _judge(view: View, file: str, text: str, line: int, column: int) -> Iterator[Breakage]:
    """What is gone of a dotted name that the baseline has."""
    parts = text.replace(":", ".").split(".")
    if len(parts) < 2 or not all(part.isidentifier() for part in parts):
        return
    baseline = view.pair.baseline
    depth = len(parts)
    while depth and baseline.import_module(".".join(parts[:depth])).state != "present":
        depth -= 1
    if not depth or not view.pair.upstream(".".join(parts[:depth])):
        return
    module = ".".join(parts[:depth])
    if depth == len(parts):
        use = Use(Root("import", module, module), (), "import", line, column, "", "import")
    else:
        steps = tuple(Step(name, line=line, column=column) for name in parts[depth + 1 :])
        use = Use(Root("from", parts[depth], module), steps, "from-import", line, column, "", "import")
    for hit in judge_use(view.pair, FileUsage("", file, (use,), (), (), ""), use):
        yield replace(hit, how="string", line=line, column=column)


def _names(tree: ast.Module, asked: frozenset[str]) -> Iterator[tuple[ast.expr, Confidence]]:
    """The strings of a module that somebody may import by, and how sure that is."""
    for node in descendants(tree):
        match node:
            case ast.Assign(value=value, targets=[ast.Name(id=name), *_]) if name not in asked:
                yield from _named(name, value) if _is_setting(name, value) else ()
            case ast.Assign(value=value, targets=[ast.Attribute(attr=name), *_]) if _HOLDING.search(name):
                yield from _named(name, value)
            case ast.Assign(value=value, targets=[ast.Subscript(slice=index), *_]) if _HOLDING.search(
                name := literal_string(index) or ""
            ):
                yield from _named(name, value)
            case ast.AnnAssign(value=ast.expr() as value, target=ast.Name(id=name)) if name not in asked:
                yield from _named(name, value) if _is_setting(name, value) else ()
            case ast.AugAssign(target=target, value=value):
                yield from _named(last_name(target), value)
            case ast.Return(value=ast.List() | ast.Tuple() | ast.Dict() as value):
                yield from _named("", value)
            case ast.FunctionDef(args=args) | ast.AsyncFunctionDef(args=args):
                for default in (*args.defaults, *args.kw_defaults):
                    if isinstance(default, ast.Constant):
                        yield from ((part, "possible") for part, _ in _of_value(default))
            case ast.Call():
                callee = last_name(node.func)
                if _NAMING.search(callee):
                    continue
                for argument in node.args:
                    if not isinstance(argument, ast.Constant) or _IMPORTING.search(callee):
                        yield from _named(callee, argument)
                for keyword in node.keywords:
                    if keyword.arg is not None:
                        sure: Confidence = "likely" if _HOLDING.search(keyword.arg) else "possible"
                        yield from ((part, sure) for part, _ in _of_value(keyword.value))
            case _:
                pass


def _is_setting(name: str, value: ast.expr) -> bool:
    """Whether a value of this name may be imported by it: a single string has to be named like a setting."""
    return not isinstance(value, ast.Constant) or name.isupper() or _IMPORTING.search(name) is not None


def _named(name: str, value: ast.expr) -> Iterator[tuple[ast.expr, Confidence]]:
    """The strings of a value, which are likely to be imported only where its name says that it holds such names: many a
    list is one of loggers, of types to compare with, or of words for a text."""
    if isinstance(value, ast.Dict):
        # {"extensions": [...]}: the key says it as well.
        for key, inner in zip(value.keys, value.values, strict=True):
            yield from _named(f"{name} {literal_string(key) or ''}", ast.List([inner]) if _is_text(inner) else inner)
        return
    holds = _HOLDING.search(name) is not None
    for part, confidence in _of_value(value):
        yield part, confidence if holds else "possible"


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)


def _of_value(node: ast.expr) -> Iterator[tuple[ast.expr, Confidence]]:
    match node:
        case ast.List() | ast.Tuple() | ast.Set():
            for element in node.elts:
                if isinstance(element, ast.Constant):
                    yield element, "likely"
                else:
                    yield from _of_value(element)
        case ast.Dict():
            for value in node.values:
                if isinstance(value, ast.Constant):
                    yield value, "likely"
                else:
                    yield from _of_value(value)
        case ast.Constant():
            yield node, "possible"
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            yield from _of_value(left)
            yield from _of_value(right)
        case _:
            pass


def _asked_for_membership(tree: ast.Module) -> frozenset[str]:
    """Names that are only looked into: `if name in KNOWN`."""
    return frozenset(
        right.id
        for node in descendants(tree)
        if isinstance(node, ast.Compare)
        for operator, right in zip(node.ops, node.comparators, strict=True)
        if isinstance(operator, ast.In | ast.NotIn) and isinstance(right, ast.Name)
    )


def _weaker(one: Confidence, other: Confidence) -> Confidence:
    order: tuple[Confidence, ...] = ("certain", "likely", "possible")
    return max(one, other, key=order.index)


FINDER = Finder(find, of_stubs=True)
