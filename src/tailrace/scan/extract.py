"""Extracts the facts of one Python file. They depend on its bytes alone."""

from __future__ import annotations

import ast
import hashlib
import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from tailrace.python.commandlines.invocations import STARTERS, invocations
from tailrace.python.parsing import MAX_SOURCE_BYTES, Parsed, identifiers, parse_python, without_collecting
from tailrace.python.text import absolute_module, dotted, statements, type_checking_polarity
from tailrace.python.usages import CallShape, FileUsage, ImportSite, Root, Use, collect_usage
from tailrace.scan.guards import Guards
from tailrace.store.rows import LONGEST, NOT_PYTHON, FileRow, Kind, UseRow, WordsRow, shorten

#: Raised whenever the same file may give other facts.
EXTRACTOR: Final = 10

# The module that a file is read as: what is relative in it stays relative, whatever package it is in.
_PART = "\u00b7"
_DEPTH = 12
_MODULE = ".".join([_PART] * _DEPTH + ["m"])
_INSIDE = len(_MODULE) + 1
_KEYWORDS = frozenset(word.encode() for word in keyword.kwlist)
_PROCESSES = re.compile(
    rb"\bsubprocess\b|\b(?:" + b"|".join(name.encode() for name in sorted(STARTERS)) + rb")[ \t]*\("
)

# Without one of these texts, and without `os`, no test is about a version, a platform or an attribute (see
# `guards.kind_of_test`).
_TELLING = (
    *(b"version", b"py2", b"py3", b"hasattr", b"platform", b"windows", b"win", b"linux", b"macos", b"is_mac"),
    b"darwin",
)


class FileFacts(msgspec.Struct, frozen=True):
    """What one file says."""

    file: FileRow
    uses: tuple[UseRow, ...] = ()
    words: WordsRow | None = None


def file_key(data: bytes) -> int:
    """The number of a file's content, as this extractor reads it: 63 bits."""
    digest = hashlib.blake2b(data, digest_size=8, salt=f"tailrace/{EXTRACTOR}".encode()).digest()
    return int.from_bytes(digest, "big") >> 1


def extract(data: bytes) -> FileFacts:
    """The facts of one file. A file that no Python reads has its words only, and the reason."""
    key = file_key(data)
    found = identifiers(data)
    words = _words(key, found)
    lines = data.count(b"\n") + (not data.endswith(b"\n") and bool(data))

    def without(problem: str) -> FileFacts:
        return FileFacts(FileRow(key, len(data), lines, problem), (), words)

    if len(data) > MAX_SOURCE_BYTES:
        return without(f"larger than {MAX_SOURCE_BYTES} bytes")
    # The tree is gone before the collector is back, which would go through all of it.
    with without_collecting():
        try:
            rows = _rows_of(data, key, found)
        except RecursionError:
            return without("nested too deeply")
    if rows is None:
        return without("not read by any Python")
    return FileFacts(FileRow(key, len(data), lines), rows, words)


def _rows_of(data: bytes, key: int, words: frozenset[bytes]) -> tuple[UseRow, ...] | None:
    """The uses in a file; `None` where no Python reads it. `words`: its identifiers."""
    parsed = parse_python(data)
    if parsed is None:
        return None
    every = statements(parsed.tree.body, inner=True)
    usage = collect_usage(parsed, _MODULE, "", is_package=False, sought=_imported_names(every))
    rows = dict.fromkeys(_Reader(every, usage, key, asks=_may_ask(data, words)).rows())
    if _PROCESSES.search(data):
        rows |= dict.fromkeys(_commands(parsed, key))
    return tuple(rows)


def words_only(data: bytes) -> FileFacts:
    """The identifiers of a file that is not Python: a template, a configuration file."""
    key = file_key(data)
    return FileFacts(FileRow(key, len(data), 0, NOT_PYTHON), (), _words(key, identifiers(data)))


def _words(key: int, found: frozenset[bytes]) -> WordsRow:
    return WordsRow(key, tuple(sorted({word.decode("utf-8", "replace") for word in found - _KEYWORDS})))


def _imported_names(every: list[ast.stmt]) -> frozenset[str]:
    """The names that some import statement binds."""
    return frozenset(
        alias.asname or alias.name.partition(".")[0]
        for node in every
        if node.__class__ is ast.Import or node.__class__ is ast.ImportFrom
        for alias in node.names
    )


def _may_ask(data: bytes, words: frozenset[bytes]) -> bool:
    """Whether a test in the file may be about a version, a platform or an attribute."""
    if not data.isascii() or b"os" in words:
        return True
    plain = data.lower()
    return any(word in plain for word in _TELLING)


class _Reader:
    """The rows of one file. `every`: its statements; `asks`: whether one may test a version, platform or attribute."""

    def __init__(self, every: list[ast.stmt], usage: FileUsage, key: int, *, asks: bool) -> None:
        self.usage = usage
        self.key = key
        self.guards = Guards(asks=asks)
        self.tops: dict[str, str] = {}
        # `import a.b` binds `a`; `import a.b as a` binds `a.b`.
        renamed: set[tuple[str | None, str]] = {
            (alias.asname, alias.name)
            for node in every
            if isinstance(node, ast.Import)
            for alias in node.names
            if alias.asname
        }
        self.names = _bound_names(usage.sites, renamed)
        self.bound = _bound_once(usage.sites, self.names)
        self.statements = every
        self.classes = _named_classes(every)
        self.bases = dict(self._bases())

    def rows(self) -> list[UseRow]:
        """All rows, some perhaps twice."""
        found: list[UseRow] = []
        for use in self.usage.uses:
            self._use(use, found)
        for use in self.usage.stores:
            self._use(use, found, store=True)
        found.extend(self._classes())
        found.extend(self._for_type_checkers())
        return found

    # -- uses ----------------------------------------------------------------------------------------------------------

    def _use(self, use: Use, found: list[UseRow], *, store: bool = False) -> None:
        """Adds the rows of one use: one for each call in it, and one for its end."""
        starts = self._starts(use.root)
        if not starts or (use.steps and use.steps[-1].operand == "member"):
            return  # whether a subscript with a text asks for a member is known of enumerations only
        guard, condition = self.guards.of(use.around)
        inside = use.inside[_INSIDE:]
        in_function = use.scope == "function"
        for start in starts:
            path = start
            if not use.steps:
                kind: Kind = "string" if use.how == "string" else "import" if use.how == "import" else "from-import"
                bound = self.bound.get(path, "") if kind != "string" and not (in_function or inside or guard) else ""
                row = self._row(path, kind, use.line, use.column, inside, in_function, guard, condition, bound=bound)
                found.append(row)
                continue
            line, column, defaulted = use.line, use.column, False
            open_end = False
            for step in use.steps:
                if step.call is not None:
                    kind = "super" if use.root.kind == "super" else "call"
                    given = _or(guard, defaulted), condition, step.call
                    found.append(self._row(path, kind, line, column, inside, in_function, *given))
                    path, open_end = path + "()", False
                elif step.instance:
                    path, open_end = path + "()", False
                elif step.name is not None:
                    path, open_end, defaulted = f"{path}.{step.name}", True, step.default
                    line, column = step.line or line, step.column or column
            if open_end:
                kind = "store" if store else "string" if use.how == "string" else "attribute"
                row = self._row(path, kind, line, column, inside, in_function, _or(guard, defaulted), condition)
                found.append(row)

    def _starts(self, root: Root) -> tuple[str, ...]:
        match root.kind:
            case "import":
                return (_relative(root.module or root.name),)
            case "from":
                return (_join(_relative(root.module), root.name),)
            case "name":
                return self.names.get(root.name, ())
            case "super":
                return self.bases.get(root.name, ())
            case _:
                return ()

    def _row(
        self,
        path: str,
        kind: Kind,
        line: int,
        column: int,
        inside: str,
        in_function: bool,
        guard: str,
        condition: str,
        call: CallShape | None = None,
        bound: str = "",
    ) -> UseRow:
        if (
            condition
            and guard == "hasattr"
            and not any(f"'{part}'" in condition for part in path.removesuffix("()").split("."))
        ):
            guard = condition = ""  # it asks about something else
        top = self.tops.get(path)
        if top is None:
            top = "." if path.startswith(".") else shorten(path.partition(".")[0].removesuffix("()"))
            self.tops[path] = top
        if len(path) > LONGEST or len(inside) > LONGEST:
            path, inside = shorten(path), shorten(inside)
        if call is None:
            return UseRow(self.key, top, path, kind, line, column, inside, in_function, guard, condition, bound=bound)
        keywords = tuple([shorten(keyword) for keyword in call.keywords])
        given = call.positional, keywords, call.star, call.double_star
        return UseRow(self.key, top, path, kind, line, column, inside, in_function, guard, condition, *given, bound)

    # -- classes -------------------------------------------------------------------------------------------------------

    def _bases(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Dotted name of each class → the paths of its bases that come from an import."""
        for name, cls in self.classes.items():
            paths = [path for base in cls.bases for path in self._paths_of(base)]
            if paths:
                yield name, tuple(dict.fromkeys(paths))

    def _paths_of(self, node: ast.expr) -> tuple[str, ...]:
        if isinstance(node, ast.Subscript):  # Generic[T], Model[int]
            node = node.value
        if isinstance(node, ast.Call):
            return tuple(f"{path}()" for path in self._paths_of(node.func))
        text = dotted(node)
        if text is None:
            return ()
        first, _, rest = text.partition(".")
        return tuple(f"{start}.{rest}" if rest else start for start in self.names.get(first, ()))

    def _classes(self) -> Iterator[UseRow]:
        for name, bases in self.bases.items():
            node = self.classes[name]
            methods = [s for s in node.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef)]
            for base in bases:
                yield self._row(base, "subclass", node.lineno, node.col_offset + 1, name, False, "", "")
                for method in methods:
                    place = method.lineno, method.col_offset + 1
                    yield self._row(f"{base}.{method.name}", "override", *place, name, False, "", "")

    # -- imports for type checkers -------------------------------------------------------------------------------------

    def _for_type_checkers(self) -> Iterator[UseRow]:
        """The imports that no program runs: they say what annotations mean."""
        for node in self.statements:
            if not isinstance(node, ast.If) or (polarity := type_checking_polarity(node.test)) is None:
                continue
            for inner in statements(node.body if polarity else node.orelse, inner=True):
                if isinstance(inner, ast.Import):
                    found = [(alias, alias.name, "import") for alias in inner.names]
                elif isinstance(inner, ast.ImportFrom):
                    module = absolute_module(_MODULE, False, inner.level, inner.module)
                    if module is None:
                        continue
                    found = [(a, _join(_relative(module), a.name), "from-import") for a in inner.names]
                else:
                    continue
                for alias, path, kind in found:
                    place = getattr(alias, "lineno", inner.lineno), getattr(alias, "col_offset", 0) + 1
                    yield self._row(path, kind, *place, "", False, "type-checking", "")  # type: ignore[arg-type]


def _named_classes(every: list[ast.stmt]) -> dict[str, ast.ClassDef]:
    """The classes by their dotted names; of several with one name the first."""
    outer: dict[int, str] = {}
    found: dict[str, ast.ClassDef] = {}
    for node in every:  # a class stands before what is in it
        if isinstance(node, ast.ClassDef):
            name = f"{outer[id(node)]}.{node.name}" if id(node) in outer else node.name
            found.setdefault(name, node)
            outer |= {id(inner): name for inner in node.body if isinstance(inner, ast.ClassDef)}
    return found


def _or(guard: str, defaulted: bool) -> str:
    return guard or ("default" if defaulted else "")


def _bound_names(sites: Iterable[ImportSite], renamed: set[tuple[str | None, str]]) -> Mapping[str, tuple[str, ...]]:
    """Name of the module level → the paths that an import binds it to."""
    found: dict[str, dict[str, None]] = {}
    for site in sites:
        if site.target is None:
            continue
        module, colon, name = site.target.partition(":")
        if colon:
            path = _join(_relative(module), name)
        elif (site.name, module) in renamed:
            path = _relative(module)
        else:
            path = site.name
        found.setdefault(site.name, {})[path] = None
    return {name: tuple(paths)[:4] for name, paths in found.items()}


def _bound_once(sites: Iterable[ImportSite], names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Path → the name of the module level that one import under no test binds to it, and nothing binds to another."""
    found: dict[str, list[ImportSite]] = {}
    for site in sites:
        found.setdefault(site.name, []).append(site)
    once: dict[str, str] = {}
    for name, held in found.items():
        if len(held) == 1 and held[0].target is not None and not held[0].around:
            for path in names.get(name, ()):
                once.setdefault(path, shorten(name))
    return once


def _relative(module: str) -> str:
    """`·.·.utils` as the file wrote it: `..utils`."""
    if not module.startswith(_PART):
        return module
    parts = module.split(".")
    depth = 0
    while depth < len(parts) and parts[depth] == _PART:
        depth += 1
    return "." * (_DEPTH - depth + 1) + ".".join(parts[depth:])


def _join(module: str, name: str) -> str:
    return module + name if module.endswith(".") else f"{module}.{name}"


def _commands(parsed: Parsed, key: int) -> Iterator[UseRow]:
    """The command lines that the file runs, as far as they are written out."""
    for found in invocations(parsed.tree):
        words = [text for text, _ in found.words]
        if found.confidence != "certain" or not words or not words[0]:
            continue
        program = words[0].rsplit("/", 1)[-1]
        if program == "python" and len(words) > 2 and words[1] == "-m" and words[2]:
            program, words = words[2], words[2:]
        texts = [word.split("\0", 1)[0] if word is not None else "…" for word in words[1:40]]
        options = tuple(dict.fromkeys(t.partition("=")[0] for t in texts if t.startswith("-") and len(t) > 1))
        yield UseRow(
            file=key,
            top=shorten(f"${program}"),
            path=shorten(" ".join([program, *texts])),
            kind="command",
            line=found.node.lineno,
            column=found.node.col_offset + 1,
            in_function=False,
            positional=sum(not text.startswith("-") for text in texts),
            keywords=options,
            star="…" in texts,
        )
