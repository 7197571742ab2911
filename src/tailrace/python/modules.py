"""Lists the importable modules of an artifact and reads each on first use."""

from __future__ import annotations

import ast
import re
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal

import msgspec

from tailrace.artifacts.layout import NO_SEARCH_PATH
from tailrace.model import Artifact
from tailrace.python.facts import ModuleFacts
from tailrace.python.parsing import Parsed, parse_python
from tailrace.python.read import read_module
from tailrace.python.text import children

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
# Appended to a module's name: what the `.pyi` beside it says.
STUB = "#stub"
SourceForm = Literal["py", "pyi", "pyx", "binary", "namespace"]

_TESTS = re.compile(
    r"(^|/)(tests?|testing_tests|_tests?|docs?|examples?|benchmarks?)(/|$)|(^|/)(test_[^/]*|conftest|[^/]*_test)\.py$"
)


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """Where a module stands: `file` relative to the root, `form` what kind of file speaks for it."""

    name: str
    file: str
    form: SourceForm
    is_package: bool


# The first part of the name of a file outside every search path.
OUTSIDE = "@"
_NOT_PRODUCT = frozenset({"setup", "conftest", "noxfile", "tasks"})
_WORD = re.compile(rb"[A-Za-z0-9_]+")
# Characters of source whose trees are kept; a tree takes thirty to fifty times as many bytes. A few are kept anyway.
_MOST_HELD = 1_500_000
_MOST_INDEXED = 1_000_000
_FEW = 8


@lru_cache(maxsize=65536)
def is_test_file(file: str) -> bool:
    """Whether a path looks like tests, docs or examples rather than the product."""
    return _TESTS.search(file) is not None


#: `setattr(Node, "path", …)`, also that of an object such as pytest's MonkeyPatch.
_SET_BY_TEXT = re.compile(rb"setattr\(\s{0,80}([\w.]{1,200}),\s{0,80}[\"'](\w{1,200})[\"']")


@dataclass(slots=True, eq=False, weakref_slot=True)
class Surface:
    """The modules of one release. Facts are kept, syntax trees only for the last few files asked for."""

    artifact: Artifact
    sources: dict[str, ModuleSource] = field(default_factory=dict)
    extra: dict[str, tuple[ModuleSource, ...]] = field(default_factory=dict)
    # Python files that no import statement can name, under names that no import statement can spell.
    strays: dict[str, ModuleSource] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    _facts: dict[str, ModuleFacts | None] = field(default_factory=dict)
    _trees: OrderedDict[str, Parsed | None] = field(default_factory=OrderedDict)
    _held: int = 0  # characters of source whose trees are kept
    _indexed: int = 0  # and whose functions are
    _binaries: dict[str, bytes] = field(default_factory=dict)
    _binary_words: dict[str, frozenset[bytes]] = field(default_factory=dict)
    _binary_asked: Counter[str] = field(default_factory=Counter)
    _roots: frozenset[str] | None = None
    _set_by_text: frozenset[tuple[bytes, bytes]] | None = None
    # The characters of a file, its functions by line, and its tree, which these hold anyway.
    _functions: OrderedDict[str, tuple[int, dict[int, FunctionNode], Parsed | None]] = field(
        default_factory=OrderedDict
    )
    _stray_names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sources, self.extra = _index(self.artifact)
        # A stub beside other sources is a module of its own, asked only where the sources cannot say.
        for name, found in self.extra.items():
            stub = next((s for s in found if s.form == "pyi"), None)
            if stub is not None and self.sources[name].form != "pyi":
                self.sources[name + STUB] = stub
        self.strays = _index_strays(self.artifact, self.sources, self.extra)
        self._stray_names = {source.file: name for name, source in self.strays.items() if source.file}

    def sets_by_text(self, owner: str, name: str) -> bool:
        """Whether some module sets an attribute of something called `owner` by a text: `setattr(Node, "path", …)`."""
        if self._set_by_text is None:
            found: set[tuple[bytes, bytes]] = set()
            for source in self.sources.values():
                data = self._bytes_of(source.file) if source.file else b""
                if b"setattr" in data:
                    found.update((match[1].rsplit(b".", 1)[-1], match[2]) for match in _SET_BY_TEXT.finditer(data))
            self._set_by_text = frozenset(found)
        return (owner.encode(), name.encode()) in self._set_by_text

    def _bytes_of(self, file: str) -> bytes:
        try:
            return (self.artifact.root / file).read_bytes() if file.endswith((".py", ".pyi")) else b""
        except OSError:
            return b""

    @property
    def roots(self) -> frozenset[str]:
        """Top-level import names, without tests and docs folders that happen to be importable."""
        if self._roots is None:
            names = {name.split(".", 1)[0] for name in self.sources if not name.endswith(STUB)}
            plain = {
                name
                for name in names
                if not is_test_file(name + "/") and name not in _NOT_PRODUCT and not self._is_beside(name)
            }
            self._roots = frozenset(plain or names)
        return self._roots

    def _is_beside(self, name: str) -> bool:
        """Whether it is a folder of a source tree that holds scripts and is not installed, such as `recipe`."""
        if self.sources[name].form != "namespace" or name.lower() not in NO_SEARCH_PATH:
            return False
        return not (self.artifact.release.filename or "").endswith(".whl")

    @property
    def unread(self) -> tuple[tuple[str, str], ...]:
        """Modules of the product that are there and could not be read at all, each with the reason."""
        modules = {source.file for found in self.extra.values() for source in found}
        return tuple(one for one in self.artifact.unreadable if one[0] in modules and not is_test_file(one[0]))

    def adopt(self, root: str, file: str) -> None:
        """Make a module or package that stands elsewhere importable as `root`, which its file or folder is named."""
        folder = file.removesuffix("/__init__.py").rpartition("/")[0]
        for each in self.artifact.python_files:
            relative = each.removeprefix(f"{folder}/")
            inside = each.startswith(f"{folder}/{root}/") or relative == f"{root}.py"
            named = _module_name(relative) if inside and not each.endswith(".pyi") else None
            if named is not None:
                self.sources.setdefault(named[0], ModuleSource(named[0], each, "py", named[1]))

    def source(self, name: str) -> ModuleSource | None:
        """Where a module stands, also one that no import statement can name."""
        return self.sources.get(name) or self.strays.get(name)

    def module(self, name: str) -> ModuleFacts | None:
        """Facts of the module, `None` when it is not there or cannot be read (then it is in `unreadable`)."""
        if name in self._facts:
            return self._facts[name]
        source = self.source(name)
        facts: ModuleFacts | None = None
        if source is not None and source.form == "namespace":
            facts = ModuleFacts(name=name, file=source.file, is_package=True)
        elif source is not None and source.form in {"py", "pyi"}:
            parsed = self.tree(source.file)
            if parsed is None:
                self.unreadable.add(source.file)
            else:
                plain = name.removesuffix(STUB)
                facts = read_module(parsed, plain, source.file, is_package=source.is_package)
                if plain != name:
                    facts = msgspec.structs.replace(facts, name=name)
        self._facts[name] = facts
        return facts

    def tree(self, file: str) -> Parsed | None:
        """The syntax tree of one file; the last ones are kept, as long as their files are small together."""
        if file in self._trees:
            self._trees.move_to_end(file)
            return self._trees[file]
        if file in self._functions:
            return self._functions[file][2]
        try:
            data = (self.artifact.root / file).read_bytes()
        except OSError:
            parsed = None
        else:
            parsed = parse_python(data)
        self._trees[file] = parsed
        self._held += len(parsed.text) if parsed is not None else 0
        while len(self._trees) > _FEW and self._held > _MOST_HELD:
            _, oldest = self._trees.popitem(last=False)
            self._held -= len(oldest.text) if oldest is not None else 0
        return parsed

    def function(self, file: str, line: int) -> FunctionNode | None:
        """The `def` at a line of a file; the index of the last files is kept, and with it their trees."""
        if file not in self._functions:
            parsed = self.tree(file)
            found: dict[int, FunctionNode] = {}
            stack: list[ast.AST] = list(parsed.tree.body) if parsed is not None else []
            while stack:
                node = stack.pop()
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    found[node.lineno] = node
                if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
                    stack.extend(child for child in children(node) if not isinstance(child, ast.expr))
            self._functions[file] = len(parsed.text) if parsed is not None else 0, found, parsed
            self._indexed += self._functions[file][0]
            while len(self._functions) > _FEW and self._indexed > _MOST_INDEXED:
                self._indexed -= self._functions.popitem(last=False)[1][0]
        self._functions.move_to_end(file)
        return self._functions[file][1].get(line)

    def binary(self, name: str) -> bytes | None:
        """The bytes of the extension module `name`, or the text of its Cython source."""
        if name in self._binaries:
            return self._binaries[name]
        for source in self.extra.get(name, ()):
            if source.form in {"pyx", "binary"}:
                from tailrace.artifacts import read_member

                data = read_member(self.artifact, source.file)
                self._binaries[name] = data
                return data
        return None

    def binary_has(self, name: str, word: str) -> bool:
        """Whether a word stands in the bytes of the extension module `name`. Its words are listed once."""
        data, wanted = self.binary(name), word.encode()
        if data is None:
            return False
        if name not in self._binary_words:
            self._binary_asked[name] += 1
            if self._binary_asked[name] <= _FEW and wanted not in data:
                return False
            self._binary_words[name] = frozenset(match[0] for match in _WORD.finditer(data))
        return wanted in self._binary_words[name]

    def forms(self, name: str) -> frozenset[SourceForm]:
        """Every form in which the module is there."""
        return frozenset(source.form for source in self.extra.get(name, ()))

    def module_of_file(self, file: str) -> str | None:
        """The dotted name of a file; what cannot be imported has a name of its own (see `strays`)."""
        if file in self._stray_names:
            return self._stray_names[file]
        for path in sorted(self.artifact.search_paths, key=len, reverse=True):
            prefix = f"{path}/" if path else ""
            if file.startswith(prefix):
                found = _module_name(file[len(prefix) :])
                if found is not None:
                    return found[0]
        return None


def shown_module(name: str) -> str:
    """The name of a module as a reader knows it."""
    return name.removeprefix(f"{OUTSIDE}.")


def _module_name(relative: str) -> tuple[str, bool] | None:
    path = PurePosixPath(relative)
    # `name.cpython-311.so` is `name`; `name.old.py` is nothing that can be imported.
    compiled = path.suffix in {".so", ".pyd"}
    stem = path.name.split(".", 1)[0] if compiled else path.name.removesuffix(path.suffix)
    parents = [part.removesuffix("-stubs") if index == 0 else part for index, part in enumerate(path.parts[:-1])]
    if not all(part.isidentifier() for part in parents) or not (stem.isidentifier()):
        return None
    is_package = stem == "__init__"
    parts = parents if is_package else [*parents, stem]
    return (".".join(parts), is_package) if parts else None


_FORMS: dict[str, SourceForm] = {
    ".py": "py",
    ".pyw": "py",
    ".pyi": "pyi",
    ".pyx": "pyx",
    ".so": "binary",
    ".pyd": "binary",
}
_RANK: dict[SourceForm, int] = {"py": 0, "pyi": 1, "pyx": 2, "binary": 3, "namespace": 4}


def _index(artifact: Artifact) -> tuple[dict[str, ModuleSource], dict[str, tuple[ModuleSource, ...]]]:
    every: dict[str, list[ModuleSource]] = {}
    paths = sorted(artifact.search_paths, key=len, reverse=True)
    unread = (file for file, _ in artifact.unreadable)  # they are there, and what they hold is not known
    for file in (*artifact.python_files, *artifact.compiled_files, *unread):
        form = _FORMS.get("." + file.rsplit(".", 1)[-1])
        if form is None:
            continue
        for path in paths:
            prefix = f"{path}/" if path else ""
            if not file.startswith(prefix):
                continue
            named = _module_name(file[len(prefix) :])
            if named is not None:
                name, is_package = named
                every.setdefault(name, []).append(ModuleSource(name, file, form, is_package))
            break
    best = {name: min(found, key=lambda s: (_RANK[s.form], not s.is_package, s.file)) for name, found in every.items()}
    # A .py that only loads the binary beside it, as SWIG and some stubs do, still speaks for itself.
    for name in list(best):
        parts = name.split(".")
        for depth in range(1, len(parts)):
            parent = ".".join(parts[:depth])
            if parent not in best:
                best[parent] = ModuleSource(parent, "", "namespace", True)
    return best, {name: tuple(sorted(found, key=lambda s: _RANK[s.form])) for name, found in every.items()}


def _index_strays(
    artifact: Artifact, sources: dict[str, ModuleSource], extra: dict[str, tuple[ModuleSource, ...]]
) -> dict[str, ModuleSource]:
    """Python files that are no importable module: migrations (`0001_initial.py`), scripts, files outside every search
    path.

    A file below a search path keeps its dotted path, so that its relative imports lead to the right modules.
    """
    indexed = {source.file for found in extra.values() for source in found}
    paths = sorted(artifact.search_paths, key=len, reverse=True)
    strays: dict[str, ModuleSource] = {}
    for file in artifact.python_files:
        if file in indexed or file.lower().endswith(".pyi"):
            continue
        inside = next((path for path in paths if not path or file.startswith(f"{path}/")), None)
        relative = file if not inside else file[len(inside) + 1 :]
        *parents, last = relative.split("/")
        stem = re.sub(r"\.pyw?\Z", "", last, flags=re.IGNORECASE)
        is_package = stem == "__init__"
        parts = [part.replace(".", "%2E") for part in (*parents, *(() if is_package else (stem,)))]
        name = ".".join(parts if inside is not None else [OUTSIDE, *parts])
        while not name or name in sources or name in strays:
            name += "%"
        strays[name] = ModuleSource(name, file, "py", is_package)
    for name in list(strays):
        parts = name.split(".")
        for depth in range(1, len(parts)):
            parent = ".".join(parts[:depth])
            if parent not in strays and parent not in sources:
                strays[parent] = ModuleSource(parent, "", "namespace", True)
    return strays
