"""A downstream's import graph and a module that no longer loads in, everything that fails with it out. Executes
nothing."""

from __future__ import annotations

from tailrace.model import Artifact
from tailrace.surface.modules import Surface, is_test_file


class ImportGraph:
    """Who imports whom at import time among the modules of one downstream."""

    def __init__(self, artifact: Artifact, surface: Surface) -> None:
        self.artifact = artifact
        self.importers: dict[str, set[str]] = {}
        for name, source in surface.sources.items():
            if source.form != "py" or is_test_file(source.file):
                continue
            facts = surface.module(name)
            if facts is None:
                continue
            wanted = set(facts.imports)
            for bindings in facts.bindings.values():
                for binding in bindings:
                    # Importing a name may import the submodule of that name.
                    if (
                        binding.kind == "from"
                        and binding.runtime
                        and f"{binding.target}.{binding.attr}" in surface.sources
                    ):
                        wanted.add(f"{binding.target}.{binding.attr}")
            for target in wanted:
                parts = target.split(".")
                for depth in range(1, len(parts) + 1):
                    prefix = ".".join(parts[:depth])
                    if prefix in surface.sources and prefix != name:
                        self.importers.setdefault(prefix, set()).add(name)
            # A submodule cannot be imported when its package cannot.
            if "." in name:
                self.importers.setdefault(name.rsplit(".", 1)[0], set()).add(name)

    def broken_by(self, module: str) -> tuple[str, ...]:
        """Modules, then `script:NAME` and `entry-point:GROUP:NAME`, that cannot load when `module` cannot."""
        broken = {module}
        frontier = [module]
        while frontier:
            for importer in self.importers.get(frontier.pop(), ()):
                if importer not in broken:
                    broken.add(importer)
                    frontier.append(importer)
        found = sorted(broken, key=lambda name: (name.count("."), name))
        for group, entries in self.artifact.metadata.entry_points:
            for name, target in entries:
                if target.split(":", 1)[0].split("[", 1)[0].strip() in broken:
                    found.append(
                        f"script:{name}"
                        if group in {"console_scripts", "gui_scripts"}
                        else f"entry-point:{group}:{name}"
                    )
        return tuple(found)
