"""Finds the files of a downstream that can be affected, from their bytes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from tailrace.model import Artifact
from tailrace.python.modules import Surface
from tailrace.python.parsing import MAX_SOURCE_BYTES, identifiers, is_unreadable
from tailrace.python.spelled import puts_together, spelled_words

# `from . import x` asks the package that a file is in, whose name it does not spell.
_PACKAGE_ITSELF = re.compile(rb"\bfrom[ \t\r\n\\]*+\.[. \t\r\n\\]*+import\b")
# The first name of what is asked; the second finds names that are made up of calls and slices.
_BY_NAME = re.compile(rb"\bgetattr\(\s*(\w+)[\w.]*\s*,\s*+(?![\"'])[^,()\n]*(?:\([^()\n]*\))?[^,()\n]*\)")
_BY_CALL = re.compile(rb"\bgetattr\(\s*(\w+)[\w.]*\s*,\s*+(?:[\"'][^\"'\n]*[\"']\s*[\[.%]|[\w.]+\()[^\n]*\)")
_BY_TABLE = re.compile(
    rb"\b(?:globals\(\)\s*\[|vars\(\s*\w|reduce\(\s*getattr|attrgetter\(\s*[^\s\"')]|methodcaller\(\s*[^\s\"')])"
    rb"|\.__dict__\s*\[|\bsys\.modules\[\s*__name__\s*\]\s*=|\b(?:import_module|__import__)\(\s*(?:[A-Za-z_]|[\"']%|f[\"']\{)"
)
_BY_PATH = re.compile(rb"\bimport_module\(\s*(?:[rf]*[fF][\"']|[\"'][\w.]*\.[\"']\s*[+%])")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """`mentioning`: files that name the upstream. `reaching`: files that may get at it through those.

    `unreadable`: could not be read, and may name the upstream. `words`, `sizes`: the identifiers of the files, and
    their bytes. `computed`: files that ask an imported name for what only running them shows (`getattr(up, name)`).
    """

    total: int
    mentioning: tuple[str, ...]
    reaching: tuple[str, ...]
    unreadable: tuple[str, ...]
    words: Mapping[str, frozenset[bytes]]
    sizes: Mapping[str, int]
    computed: frozenset[str] = frozenset()

    @property
    def mentioning_size(self) -> int:
        """Bytes of the files that name the upstream."""
        return sum(self.sizes[file] for file in self.mentioning)

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that must be looked at, sorted."""
        return tuple(sorted({*self.mentioning, *self.reaching}))

    def only(self, files: Set[str]) -> Narrowed:
        """The same with these of the files alone."""
        return replace(
            self,
            mentioning=tuple(file for file in self.mentioning if file in files),
            reaching=tuple(file for file in self.reaching if file in files),
        )


def narrow(downstream: Artifact, surface: Surface, roots: Iterable[str]) -> Narrowed:
    """Files that mention an import root of the upstream, and files that mention a module which does.

    Complete for what the check can see: a file gets at the upstream by naming it, or by importing one of the
    downstream's own modules that does (directly or through others).
    """
    names = frozenset(unicodedata.normalize("NFKC", root).encode("utf-8", "replace") for root in roots)
    words: dict[str, frozenset[bytes]] = {}
    sizes: dict[str, int] = {}
    unreadable: list[str] = []
    nameless: set[str] = set()
    put_together: set[str] = set()
    computed: set[str] = set()
    files = [f for f in downstream.python_files if not f.endswith(".pyi")]
    for file in files:
        try:
            data = (downstream.root / file).read_bytes()
        except OSError:
            unreadable.append(file)
            continue
        found = identifiers(data)
        if len(data) > MAX_SOURCE_BYTES:
            if names & found:
                unreadable.append(file)
            continue
        if not names & found and is_unreadable(data):
            unreadable.append(file)
            continue
        words[file] = found
        sizes[file] = len(data)
        if _PACKAGE_ITSELF.search(data):
            nameless.add(file)
        if puts_together(data):
            put_together.add(file)
        if names & found and _asks_by_name(data):
            computed.add(file)
    mentioning = [file for file, found in words.items() if names & found]
    reached = set(mentioning)
    frontier = {_word(surface, file) for file in mentioning}
    known = set(frontier)
    folders = _packages(mentioning)
    rest = {file: found for file, found in words.items() if file not in reached}
    while (frontier or folders) and rest:
        hit = [
            file for file, found in rest.items() if frontier & found or (file in nameless and _within(file, folders))
        ]
        for file in hit:
            reached.add(file)
            del rest[file]
        frontier = {_word(surface, file) for file in hit} - known
        folders = _packages(hit)
        known |= frontier
    reaching = tuple(sorted(reached - set(mentioning)))
    held = {file: words[file] | (_spelled(surface, file) if file in put_together else set()) for file in reached}
    return Narrowed(len(files), tuple(mentioning), reaching, tuple(unreadable), held, sizes, frozenset(computed))


def _asks_by_name(data: bytes) -> bool:
    """Whether a file asks something that it imports for a name that is not written down, and has no default for it."""
    if _BY_PATH.search(data) or _BY_TABLE.search(data):
        return True
    receivers = {*_BY_NAME.findall(data), *_BY_CALL.findall(data)}
    return any(re.search(rb"\b(?:import|as)\b[^\n]*\b" + receiver + rb"\b", data) for receiver in receivers)


def _spelled(surface: Surface, file: str) -> frozenset[bytes]:
    """The words that a file makes up of parts."""
    parsed = surface.tree(file)
    return spelled_words(parsed.tree) if parsed is not None else frozenset()


def _packages(files: Iterable[str]) -> frozenset[str]:
    """The folders of the packages whose `__init__` is among the files."""
    return frozenset(folder for folder, _, name in (file.rpartition("/") for file in files) if name == "__init__.py")


def _within(file: str, folders: Set[str]) -> bool:
    """Whether a file lies in one of the folders, or below."""
    parts = file.split("/")[:-1]
    return any("/".join(parts[:depth]) in folders for depth in range(1, len(parts) + 1))


def _word(surface: Surface, file: str) -> bytes:
    """The word that an import of the file must contain."""
    module = surface.module_of_file(file) or file.removesuffix(".py").replace("/", ".")
    return module.rsplit(".", 1)[-1].encode("utf-8", "surrogateescape")
