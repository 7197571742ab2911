"""Data that a downstream names and the candidate no longer has: files, template libraries, tags and filters, styles."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from tailrace.changes.interfaces.data import installed_files, libraries_of, tags_of, templates_of
from tailrace.check.breakage import Breakage
from tailrace.check.interfaces.view import Finder, View
from tailrace.model import Change
from tailrace.python.commandlines.invocations import last_name
from tailrace.python.literal_texts import LiteralTexts
from tailrace.python.modules import is_test_file
from tailrace.python.text import descendants, dotted, literal_string
from tailrace.python.usages import Condition

_TEMPLATES = (".html", ".htm", ".txt", ".xml", ".email", ".md", ".jinja", ".jinja2", ".j2")
_LOAD = re.compile(rb"\{%-?\s*load\s+([^%]{1,500}?)\s*-?%\}")
_ASKED = re.compile(
    rb"(?:\{%-?|\(\(\*-?|<%)\s*(?:extends|include|import|from|inherit)\s+(?:file\s*=\s*)?['\"]([^'\"\n]{1,200})['\"]"
)
_TAG = re.compile(rb"\{%-?\s*([A-Za-z_]\w*)")
_FILTER = re.compile(rb"\|\s*([A-Za-z_]\w*)")
_INSIDE = re.compile(rb"\{[{%][^{}]{1,2000}?[}%]\}")
# What a template holds and does not run: comments, and blocks that are printed as they are.
_IDLE = re.compile(rb"\{#[^\n]{0,500}?#\}|\{%-?\s{0,20}(?P<end>end)?(?P<block>comment|verbatim|raw)\b[^%\n]{0,200}%\}")
_TEXT = re.compile(rb"'[^'\n]{0,500}'|\"[^\"\n]{0,500}\"")
_LARGEST = 1_000_000
_RAISED = frozenset({"FileNotFoundError", "OSError", "Exception", "BaseException"})
# Calls that take a package and the parts of a path in it.
_READERS = frozenset(
    {
        *("get_data", "resource_filename", "resource_string", "resource_stream", "resource_exists", "open_text"),
        *("open_binary", "read_text", "read_binary", "path", "is_resource", "contents", "PackageLoader"),
    }
)
_READS = re.compile(rb"resource|get_data|\.__file__|\.__path__|PackageLoader|open_text|open_binary|read_binary")
_SAME_FILE = frozenset({"abspath", "realpath", "normpath", "Path", "PurePath", "str", "fspath", "resolve", "absolute"})
_DEEPEST = 4  # names that a path is followed through
_STYLE_CALLS = frozenset({"use", "context"})
_AVAILABLE = re.compile(rb"\bin\s+[\w.]*\b(?:style\.)?(?:available|library)\b")


def find(view: View) -> Iterator[Breakage]:
    """Every kind of data."""
    changes = view.changes("data-removed")
    yield from _templates(view, changes)
    yield from _template_files(view, changes)
    yield from _styles(view, changes)
    yield from _files(view)


def _templates(view: View, changes: Mapping[str, Change]) -> Iterator[Breakage]:
    gone = {symbol.encode(): change for symbol, change in changes.items() if symbol.startswith("template-")}
    if not gone:
        return
    own = {f"template-library:{name}".encode() for name in libraries_of(view.downstream)}
    own |= {symbol.encode() for symbol in tags_of(view.surface)}
    for symbol in own & gone.keys():
        del gone[symbol]
    templates = [file for file in view.downstream.other_files if file.endswith(_TEMPLATES)]
    for file in (*templates, *view.matching(_LOAD)):
        data = view.data(file)
        if (b"{%" not in data and b"{{" not in data) or len(data) > _LARGEST:
            continue
        jinja = file.endswith((".jinja", ".jinja2", ".j2"))
        loaded = jinja or bool(_LOAD.search(data)) or "/templates/" in f"/{file}"
        for symbol, position in _asked(data) if loaded else ():
            if symbol in gone:
                change = gone[symbol]
                line = data.count(b"\n", 0, position) + 1
                yield _hit(change.symbol, file, line, change=change)


def _asked(data: bytes) -> Iterator[tuple[bytes, int]]:
    """What a template of Django asks for by name, with the position."""
    data = _run_parts(data)
    for match in _LOAD.finditer(data):
        words = match[1].split()
        names = words[words.index(b"from") + 1 :] if b"from" in words else words
        for name in names:
            yield b"template-library:" + name, match.start()
    for block in _INSIDE.finditer(data):
        tag = _TAG.match(block[0])
        if tag is not None:
            yield b"template-tag:" + tag[1], block.start()
        for name in _FILTER.findall(_without(_TEXT, block[0])):
            yield b"template-filter:" + name, block.start()


def _run_parts(data: bytes) -> bytes:
    """A template with spaces in the place of what it holds and does not run."""
    parts: list[bytes] = []
    inside, position = b"", 0
    for match in _IDLE.finditer(data):
        block = match["block"] or b""
        if inside and not (match["end"] and block == inside):
            continue
        parts += [_blank(data[position : match.start()]) if inside else data[position : match.start()]]
        parts += [_blank(match[0])]
        inside, position = b"" if inside or match["end"] else block, match.end()
    return b"".join((*parts, data[position:]))


def _blank(data: bytes) -> bytes:
    return re.sub(rb"[^\n]", b" ", data)


def _without(pattern: re.Pattern[bytes], data: bytes) -> bytes:
    """The data with spaces in the place of what a pattern matches, line ends kept."""
    return pattern.sub(lambda match: _blank(match[0]), data)


def _template_files(view: View, changes: Mapping[str, Change]) -> Iterator[Breakage]:
    """Templates of the upstream that others extend, include or render."""
    gone = {s.removeprefix("template:"): c for s, c in changes.items() if s.startswith("template:")}
    for name in templates_of(view.downstream):
        gone.pop(name, None)
    if not gone:
        return
    # `full.tpl` is found in any folder of a search path.
    kept = {name.rpartition("/")[2] for name in templates_of(view.candidate.artifact)}
    kept |= {file.rpartition("/")[2] for file in view.downstream.other_files}
    bare: dict[str, str] = {}
    for name in gone:
        last = name.rpartition("/")[2]
        if last not in kept:
            bare.setdefault(last, name)
    for file in view.downstream.other_files:
        if not file.endswith((*_TEMPLATES, ".tpl", ".tex", ".mako")):
            continue
        data = view.data(file)
        for match in _ASKED.finditer(data) if len(data) <= _LARGEST else ():
            asked = match[1].decode("utf-8", "replace")
            change = gone.get(asked) or gone.get(bare.get(asked, ""))
            if change is not None:
                line = data.count(b"\n", 0, match.start()) + 1
                yield _hit(change.symbol, file, line, change=change)
    for file in view.holding(gone):
        parsed = view.tree(file)
        for node in descendants(parsed.tree) if parsed is not None and not is_test_file(file) else ():
            text = literal_string(node) if isinstance(node, ast.expr) else None
            if isinstance(node, ast.expr) and text in gone and "/" in text:
                yield _hit(gone[text].symbol, file, node.lineno, change=gone[text], view=view, node=node, sure=False)


def _styles(view: View, changes: Mapping[str, Change]) -> Iterator[Breakage]:
    gone = {s.removeprefix("style:"): c for s, c in changes.items() if s.startswith("style:")}
    if not gone:
        return
    for file in view.holding(gone):
        parsed = view.tree(file)
        if parsed is None:
            continue
        told: set[int] = set()
        texts = LiteralTexts(parsed.tree)
        asks = _AVAILABLE.search(view.data(file)) is not None
        for node in descendants(parsed.tree):
            if isinstance(node, ast.Call) and (dotted(node.func) or "").rpartition(".")[2] in _STYLE_CALLS:
                for part in (*node.args, *(k.value for k in node.keywords)):
                    named = texts.value(part) if isinstance(part, ast.Name) else None
                    for inner in descendants(named or part):
                        text = literal_string(inner) if isinstance(inner, ast.expr) else None
                        if isinstance(inner, ast.expr) and text in gone and id(inner) not in told:
                            told.add(id(inner))
                            if not (asks and _is_asked_for(view, file, node)):
                                line = node.lineno if named is not None else inner.lineno
                                yield _hit(f"style:{text}", file, line, change=gone[text], view=view, node=node)
        for node in descendants(parsed.tree) if not asks else ():
            text = literal_string(node) if isinstance(node, ast.expr) else None
            if isinstance(node, ast.expr) and text in gone and id(node) not in told and "-" in text:
                yield _hit(f"style:{text}", file, node.lineno, change=gone[text], view=view, node=node, sure=False)


def _is_asked_for(view: View, file: str, node: ast.AST) -> bool:
    """Whether a call stands under a test for what there is: `if name in plt.style.available`."""
    use = view.use_at(file, node)
    return use is not None and any(
        isinstance(item, Condition) and item.polarity and _AVAILABLE.search(ast.unparse(item.test).encode()) is not None
        for item in use.around
    )


def _files(view: View) -> Iterator[Breakage]:
    """Files of a package of the upstream that are read through `importlib.resources` and its like."""
    if not {view.baseline.artifact.kind, view.candidate.artifact.kind} - {"environment"}:
        return
    after = view.once("files after", lambda: installed_files(view.candidate.artifact))
    gone = view.once("files gone", lambda: installed_files(view.baseline.artifact) - after)
    if not gone:
        return
    kept = {f"{folder}/" for file in after for folder in _folders(file)}
    roots = view.pair.roots
    lost = {file for file in gone if file.partition("/")[0] in roots}
    lost |= {folder for file in lost for folder in _folders(file) if f"{folder}/" not in kept}
    if not lost:
        return
    for file in view.matching(_READS, roots) if roots else ():
        parsed = view.tree(file) if not is_test_file(file) else None
        if parsed is None:
            continue
        told: set[int] = set()
        resources = _Resources(roots, LiteralTexts(parsed.tree))
        for node in descendants(parsed.tree):
            path = resources.path(node) if isinstance(node, ast.expr) and id(node) not in told else None
            if path is None or not isinstance(node, ast.expr):
                continue
            told.update(id(inner) for inner in descendants(node))
            if path in lost and not any(view.candidate.source(m) for m in (path.replace("/", "."),)):
                yield _hit(path, file, node.lineno, view=view, node=node)


def _folders(file: str) -> list[str]:
    parts = file.split("/")[:-1]
    return ["/".join(parts[:depth]) for depth in range(2, len(parts) + 1)]


class _Resources:
    """The paths of the resources that the expressions of one module name."""

    def __init__(self, roots: frozenset[str], texts: LiteralTexts) -> None:
        self._roots = roots
        self._texts = texts
        self._depth = 0

    def path(self, node: ast.expr) -> str | None:
        """The path of a resource that an expression names: `files("up.data") / "words.txt"`."""
        match node:
            case ast.Name() if self._depth < _DEEPEST and (value := self._texts.value(node)) is not None:
                self._depth += 1
                found = self.path(value)
                self._depth -= 1
                return found
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self._below(self.path(left), [right])
            case ast.Call(func=ast.Attribute(attr="joinpath", value=value), args=parts):
                return self._below(self.path(value), parts)
            case ast.Call(func=ast.Attribute(attr="join", value=owner), args=[first, *parts]) if (
                dotted(owner) or ""
            ).endswith("path"):
                return self._below(self._folder(first), parts)
            case ast.Attribute(attr="parent", value=ast.Call() as inner):
                return self._folder_of_file(inner)
            case ast.Call(func=func, args=[package]) if (dotted(func) or "").rpartition(".")[2] == "files":
                return self._package(package)
            case ast.Call(func=func, args=[package, first, *parts]) if (dotted(func) or "").rpartition(".")[
                2
            ] in _READERS:
                named = [part for part in parts if self._texts.one(part) is not None]
                return self._below(self._package(package), [first, *named])
            case _:
                return None

    def _below(self, base: str | None, parts: Iterable[ast.expr]) -> str | None:
        texts = [self._texts.one(part) for part in parts]
        if base is None or not texts or None in texts:
            return None
        return "/".join((base, *(text.strip("/") for text in texts if text)))

    def _folder(self, node: ast.expr) -> str | None:
        """`os.path.dirname(up.__file__)`, `up.__path__[0]`, and what is joined to one or named by a constant."""
        if isinstance(node, ast.Call) and (dotted(node.func) or "").endswith("dirname") and node.args:
            return self._folder_of_file(node.args[0])
        if isinstance(node, ast.Name) and (value := self._texts.value(node)) is not None and self._depth < _DEEPEST:
            self._depth += 1
            found = self._folder(value)
            self._depth -= 1
            return found
        path = dotted(node.value) if isinstance(node, ast.Subscript) else None
        if path is not None and path.endswith(".__path__") and path.partition(".")[0] in self._roots:
            return path.removesuffix(".__path__").replace(".", "/")
        return self.path(node) if isinstance(node, ast.Call) else None

    def _folder_of_file(self, node: ast.expr) -> str | None:
        while isinstance(node, ast.Call):  # os.path.abspath(up.__file__), Path(up.__file__).resolve()
            name = last_name(node.func)
            if name in _SAME_FILE and node.args:
                node = node.args[0]
            elif name in _SAME_FILE and isinstance(node.func, ast.Attribute):
                node = node.func.value
            else:
                return None
        path = dotted(node) or ""
        if path.endswith(".__file__") and path.partition(".")[0] in self._roots:
            return path.removesuffix(".__file__").replace(".", "/")
        return None

    def _package(self, node: ast.expr) -> str | None:
        path = dotted(node) if isinstance(node, ast.Name | ast.Attribute) else None
        text = self._texts.one(node) or path
        if text is None or text.partition(".")[0] not in self._roots:
            return None
        return text.replace(".", "/")


def _hit(
    symbol: str,
    file: str,
    line: int,
    *,
    change: Change | None = None,
    view: View | None = None,
    node: ast.AST | None = None,
    sure: bool = True,
) -> Breakage:
    return Breakage(
        rule="data-removed",
        symbol=symbol,
        module="",
        name=symbol,
        how="string",
        file=file,
        line=line,
        use=view.use_at(file, node) if view is not None and node is not None else None,
        confidence="certain" if sure else "possible",
        raises=_RAISED,
        cause_file=change.file if change is not None else None,
        cause_line=change.line if change is not None else None,
    )


FINDER = Finder(find)
