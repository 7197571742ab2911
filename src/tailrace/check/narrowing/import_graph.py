"""Finds all modules of a downstream that fail when one of them no longer loads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tailrace.model import Artifact
from tailrace.python.facts import ModuleFacts
from tailrace.python.modules import Surface, is_test_file


class ImportGraph:
    """Who imports whom at import time among the modules of one downstream; files are read when they may matter."""

    def __init__(self, artifact: Artifact, surface: Surface, words: Mapping[str, frozenset[bytes]]) -> None:
        """`words`: the identifiers in each file that can get at the upstream at all, directly or through others."""
        self.artifact, self.surface = artifact, surface
        self.by_module = {
            name: words[source.file]
            for name, source in surface.sources.items()
            if source.form == "py" and source.file in words and not is_test_file(source.file)
        }
        self._imported: dict[str, frozenset[str]] = {}

    def broken_by(self, module: str) -> tuple[str, ...]:
        """Modules, then `script:NAME` and `entry-point:GROUP:NAME`, that cannot load when `module` cannot."""
        broken: set[str] = set()
        frontier = [module]
        self._lost(module, broken)
        while frontier:
            for importer in self._importers(frontier.pop(), broken):
                self._lost(importer, broken)
                frontier.append(importer)
        found = sorted(broken, key=lambda name: (name.count("."), name))
        for group, entries in self.artifact.metadata.entry_points:
            kind = "script" if group in {"console_scripts", "gui_scripts"} else f"entry-point:{group}"
            for name, target in entries:
                if target.split(":", 1)[0].split("[", 1)[0].strip() in broken:
                    found.append(f"{kind}:{name}")
        return tuple(found)

    def _lost(self, module: str, broken: set[str]) -> None:
        """A submodule cannot be imported when its package cannot. Whoever imports it imports the package first."""
        broken.add(module)
        source = self.surface.sources.get(module)
        if source is not None and source.is_package:
            inner = f"{module}."
            broken.update(
                name
                for name, s in self.surface.sources.items()
                if name.startswith(inner) and s.form == "py" and s.file and not is_test_file(s.file)
            )

    def _importers(self, module: str, broken: set[str]) -> Iterator[str]:
        """Modules that import `module` and are not known to be lost; packages first, since they take others along."""
        word = module.rsplit(".", 1)[-1].encode()
        holding = [name for name, held in self.by_module.items() if word in held and name not in broken]
        for name in sorted(holding, key=lambda n: (not self.surface.sources[n].is_package, n.count("."), n)):
            if name not in broken and module in self._imports(name):
                yield name

    def _imports(self, name: str) -> frozenset[str]:
        if name not in self._imported:
            facts = self.surface.module(name)
            self._imported[name] = frozenset(self._loaded(facts)) - {name} if facts is not None else frozenset()
        return self._imported[name]

    def _loaded(self, facts: ModuleFacts) -> Iterator[str]:
        """Every module of the downstream that importing this one loads at once: packages on the way included."""
        wanted = set(facts.imports)
        for bindings in facts.bindings.values():
            for binding in bindings:
                if binding.kind == "from" and binding.runtime:
                    # Importing a name may import the submodule of that name.
                    wanted.add(f"{binding.target}.{binding.attr}")
        for target in wanted:
            parts = target.split(".")
            for depth in range(1, len(parts) + 1):
                prefix = ".".join(parts[:depth])
                if prefix in self.surface.sources:
                    yield prefix
