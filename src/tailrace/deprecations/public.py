"""Which names of a release are public: by convention, by patterns, by `__all__`, or by a Sphinx inventory.

A pattern is a dotted name with wildcards: `pkg.*`. One with `!` takes names away, and the last pattern that matches a
name decides. `__all__` narrows modules that have one to what it lists. A path that ends in `.inv` is an inventory as
Sphinx writes it (`objects.inv`), and then only what it lists is public.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase, translate
from pathlib import Path

from tailrace import disk
from tailrace.deprecations.errors import DeprecationPolicyError
from tailrace.python.modules import STUB, Surface, is_test_file
from tailrace.python.semantics.resolver import Resolver

_LARGEST = 64 << 20
_BUILD_SCRIPTS = frozenset({"setup", "conftest", "setup_common"})
_ARGUMENT = re.compile(r"\([^()]*\)\Z")


@dataclass(frozen=True, slots=True)
class PublicNames:
    """What a project calls public. `patterns`: in order, each with whether it takes away. `entries`: those that name
    something, as written."""

    patterns: tuple[tuple[re.Pattern[str], bool, bool], ...] = ()
    only_all: bool = False
    listed: frozenset[str] | None = None
    entries: tuple[str, ...] = ()
    _tests: dict[str, bool] = field(default_factory=dict, compare=False)

    def is_public(self, resolver: Resolver, symbol: str) -> bool:
        """Whether a dotted name is public in this release; an argument is when its function is."""
        path = _ARGUMENT.sub("", symbol)
        surface = resolver.surfaces[0]
        module = module_of(surface, path)
        if path.split(".", 1)[0] not in surface.roots or self._is_test(surface, module):
            return False
        decided = None
        for pattern, away, names_private in self.patterns:
            if pattern.match(path) and (away or names_private or not _is_private(path)):
                decided = not away
        if decided is False or (decided is None and any(not away for _, away, _ in self.patterns)):
            return False
        if decided is None and _is_private(path):
            return False
        if self.listed is not None and path not in self.listed:
            return False
        if self.only_all:
            facts = resolver.facts(module)
            name = path.removeprefix(module).lstrip(".").split(".", 1)[0]
            if facts is not None and facts.all_names is not None and not facts.all_open and name:
                return name in facts.all_names
        return True

    def refuse_unfit(self, *surfaces: Surface) -> None:
        """Raises `DeprecationPolicyError` where no entry names anything in these releases: all would be private."""
        known = sorted({root for surface in surfaces for root in surface.roots})
        named = self.entries or tuple(self.listed or ())
        if not known or not named or any(_fits(entry, surface) for entry in named for surface in surfaces):
            return
        shown = ", ".join(map(repr, self.entries)) or "the inventory"
        modules = {name for surface in surfaces for name in surface.sources if not name.endswith(STUB)}
        near = [close for entry in self.entries for close in get_close_matches(_literal(entry), modules, n=1)]
        hint = f"Did you mean {', '.join(dict.fromkeys(near))}?" if near else ""
        if not any(fnmatchcase(root, entry.split(".", 1)[0]) for entry in named for root in known):
            hint = f"Its names begin with {', '.join(known[:8])}."
        raise DeprecationPolicyError(f"no name of the release is public by {shown}.", hint=hint or _modules(modules))

    def _is_test(self, surface: Surface, module: str) -> bool:
        if module not in self._tests:
            source = surface.sources.get(module)
            file = source.file if source is not None and source.file else module.replace(".", "/") + "/"
            last = module.rpartition(".")[2]
            self._tests[module] = is_test_file(file) or ("." in module and last in _BUILD_SCRIPTS)
        return self._tests[module]


def read_public(entries: Sequence[str], folder: Path | None = None) -> PublicNames:
    """The entries of `--public` and of the configuration. Raises `DeprecationPolicyError` for what is not one."""
    patterns: list[tuple[re.Pattern[str], bool, bool]] = []
    listed: set[str] | None = None
    only_all = False
    named: list[str] = []
    for entry in entries:
        plain = entry.strip()
        if plain == "__all__":
            only_all = True
        elif plain.endswith(".inv"):
            listed = (listed or set()) | read_inventory((folder or Path()) / Path(plain).expanduser())
        elif re.fullmatch(r"!?[\w*?]+(\.[\w*?]+)*", plain):
            away, text = plain.startswith("!"), plain.removeprefix("!")
            # `pkg.core.*` speaks of `pkg.core` too.
            whole = (
                f"({translate(text)})|({translate(text.removesuffix('.*'))})"
                if text.endswith(".*")
                else translate(text)
            )
            patterns.append((re.compile(whole), away, _is_private(text)))
            named += [] if away else [text]
        else:
            raise DeprecationPolicyError(
                f"{entry!r} does not say which names are public.",
                hint="Write a pattern such as pkg.* or !pkg.core.*, __all__, or the path of an objects.inv.",
            )
    return PublicNames(tuple(patterns), only_all, None if listed is None else frozenset(listed), tuple(named))


def read_inventory(path: Path) -> set[str]:
    """The Python names of a Sphinx inventory, version 2."""
    try:
        data = disk.read_bounded(path, 64 << 20)
    except OSError as error:
        raise DeprecationPolicyError(f"{path} cannot be read: {error.strerror or error}.") from None
    head, rest = data[:2000].split(b"\n", 4)[:4], b"".join(data.split(b"\n", 4)[4:])
    if len(head) < 4 or b"Sphinx inventory version 2" not in head[0]:
        raise DeprecationPolicyError(f"{path} is not a Sphinx inventory of version 2.")
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(rest, _LARGEST).decode("utf-8", "replace")
    except zlib.error as error:
        raise DeprecationPolicyError(f"{path} cannot be unpacked: {error}.") from None
    if unpacker.unconsumed_tail:
        raise DeprecationPolicyError(f"{path} unpacks to more than {_LARGEST >> 20} MiB.")
    found = set()
    for line in text.splitlines():
        parts = line.split(" ", 2)
        if len(parts) == 3 and parts[1].startswith("py:"):
            found.add(parts[0])
    return found


def _literal(entry: str) -> str:
    """The parts of a pattern before the first wildcard."""
    parts = entry.split(".")
    return ".".join(parts[: next((n for n, part in enumerate(parts) if "*" in part or "?" in part), len(parts))])


def _fits(entry: str, surface: Surface) -> bool:
    """Whether a pattern or a name may name something of a release: its literal parts are a module, or a module and a
    word that is in its source. What cannot be read may hold any name."""
    if not any(fnmatchcase(root, entry.split(".", 1)[0]) for root in surface.roots):
        return False
    path = _literal(entry)
    if not path or path in surface.sources or any(name.startswith(f"{path}.") for name in surface.sources):
        return True
    source = surface.sources.get(module_of(surface, path))
    if source is None:
        return False
    if source.form not in ("py", "pyi"):
        return True
    word = path.removeprefix(source.name).lstrip(".").partition(".")[0]
    try:
        text = (surface.artifact.root / source.file).read_bytes()
    except OSError:
        return True
    return re.search(rb"\b%s\b" % re.escape(word.encode()), text) is not None


def _modules(modules: Iterable[str]) -> str:
    shown = sorted(modules, key=lambda name: (name.count("."), name))
    return f"Its modules are {', '.join(shown[:8])}{' and others' if len(shown) > 8 else ''}."


def module_of(surface: Surface, path: str) -> str:
    """The longest part of a dotted path that is a module of the release, else its first part."""
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        name = ".".join(parts[:end])
        if name in surface.sources or name + STUB in surface.sources:
            return name
    return parts[0]


def _is_private(path: str) -> bool:
    return any(part.startswith("_") and not (part.startswith("__") and part.endswith("__")) for part in path.split("."))
