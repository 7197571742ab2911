"""Finds the modules whose bytes differ between two surfaces, and the words of the others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from tailrace.python.modules import STUB, Surface, is_test_file

WORD = re.compile(r"[A-Za-z_]\w*")
_WORD_BYTES = re.compile(rb"[A-Za-z_]\w*")
_MAX_BYTES = 20_000_000


@dataclass(slots=True)
class Files:
    """Which modules are the same in both releases, which are not; tests and docs apart."""

    baseline: Surface
    candidate: Surface
    changed: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    changed_tests: tuple[str, ...] = ()
    changed_binaries: frozenset[str] = frozenset()
    _words: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        changed, same, tests = [], [], []
        for name in sorted(n for n in self.baseline.sources if not n.endswith(STUB)):
            if self._same(name):
                same.append(name)
            elif is_test_module(self.baseline, name):
                tests.append(name)
            else:
                changed.append(name)
        self.changed, self.same, self.changed_tests = tuple(changed), tuple(same), tuple(tests)
        self.changed_binaries = frozenset(n for n in changed if self.baseline.forms(n) & {"binary", "pyx"})

    def _same(self, name: str) -> bool:
        mine, theirs = self._forms(self.baseline, name), self._forms(self.candidate, name)
        if theirs is None or [form for form, _, _ in mine or ()] != [form for form, _, _ in theirs]:
            return False
        pairs = zip(mine or (), theirs, strict=True)
        return all(_read(self.baseline, a) == _read(self.candidate, b) for (_, _, a), (_, _, b) in pairs)

    def _forms(self, surface: Surface, name: str) -> list[tuple[str, bool, str]] | None:
        source = surface.sources.get(name)
        if source is None:
            return None
        return [(s.form, s.is_package, s.file) for s in surface.extra.get(name, ())]

    def text_words(self, surface: Surface, name: str) -> frozenset[str]:
        """Every identifier in the text, or in the bytes, of a module."""
        key = f"{id(surface)}:{name}"
        if key not in self._words:
            found: set[bytes] = set()
            for source in surface.extra.get(name, ()):
                found.update(_WORD_BYTES.findall(_read(surface, source.file)))
            self._words[key] = frozenset(word.decode("ascii") for word in found if word.isascii())
        return self._words[key]

    def text(self, surface: Surface, name: str) -> bytes:
        """The bytes of a module's own source."""
        return _read(surface, surface.sources[name].file)


def is_test_module(surface: Surface, name: str) -> bool:
    """Whether a module belongs to the release's own tests, docs or examples."""
    source = surface.sources.get(name)
    return source is not None and is_test_file(source.file or name.replace(".", "/") + "/")


def last_word(module: str) -> str:
    """The last part of a module's name, which every use of the module has to write."""
    return module.rsplit(".", 1)[-1]


def _read(surface: Surface, file: str) -> bytes:
    if not file:
        return b""
    try:
        with (surface.artifact.root / file).open("rb") as stream:
            return stream.read(_MAX_BYTES)
    except OSError:
        pass
    from tailrace.artifacts import ArtifactError, read_member

    try:  # extension modules stay in the archive
        return read_member(surface.artifact, file)[:_MAX_BYTES]
    except (OSError, ArtifactError):
        return b""
