"""Finds the folders of a source tree that an importer would have on `sys.path`, from the list of its files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

NO_SEARCH_PATH = frozenset(
    (
        *("test", "tests", "testing", "doc", "docs", "example", "examples", "sample", "samples", "demo", "demos"),
        *(
            "benchmark",
            "benchmarks",
            "bench",
            "asv_bench",
            "script",
            "scripts",
            "tool",
            "tools",
            "util",
            "utils",
            "misc",
        ),
        *("ci", "build", "dist", "dev", "devtools", "maint", "news", "changelog", "recipe", "recipes", "conda.recipe"),
        *(
            "vendor",
            "third_party",
            "extern",
            "external",
            "fixtures",
            "contrib",
            "notebooks",
            "tutorials",
            "node_modules",
        ),
    )
)
# Folders that hold packages without being one; anything else without `__init__.py` is a namespace package.
CONTAINERS = ("src", "python", "lib", "source", "py", "libs", "packages", "Lib", "pysrc")
NO_MODULES = frozenset(
    (
        "setup",
        "conftest",
        "noxfile",
        "tasks",
        "fabfile",
        "ez_setup",
        "versioneer",
        "dodo",
        "runtests",
        "run_tests",
        "hatch_build",
        "build",
        "manage",
    )
)


def find_search_paths(
    files: Sequence[str], projects: Iterable[str] = (), declared: Iterable[str] = ()
) -> tuple[str, ...]:
    """`files`: relative POSIX paths of Python files. `projects`: folders with a project file (`""` the top).

    `declared` are the folders that the project names itself; they count first, where they hold Python files. Then the
    top, if packages or modules lie there, or a container such as `src` in it; then the same below each project of a
    mono-repo. `("",)` when nothing is found.
    """
    tree, homes = _Tree(files), set(projects)
    named = [folder for folder in map(_normal, declared) if folder is not None and tree.holds_python(folder)]
    found = [folder for folder in named if folder or tree.has_packages("")]
    below = [path for home in sorted(homes) if home and _is_sound(home) for path in _search_in(tree, home)]
    top = _search_in(tree, "")
    if below and not found and ("" not in homes or not top):
        # A repository of several projects: loose scripts at its top make no search path of the top.
        top = [*below, *([""] if tree.has_regular("") else [])]
    return tuple(dict.fromkeys((*found, *top))) or ("",)


def _search_in(tree: _Tree, folder: str) -> list[str]:
    for name in CONTAINERS:
        path = f"{folder}/{name}" if folder else name
        if not tree.is_package(path) and tree.has_packages(path):
            return [path, *([folder] if tree.has_regular(folder) else [])]
    return [folder] if tree.has_packages(folder) else []


class _Tree:
    """Folders with what lies directly in them."""

    def __init__(self, files: Sequence[str]) -> None:
        self.modules: dict[str, set[str]] = {}
        self.folders: dict[str, set[str]] = {}
        for file in files:
            folder, _, name = file.rpartition("/")
            self.modules.setdefault(folder, set()).add(re.sub(r"\.pyi?w?$", "", name))
            while folder:
                parent, _, child = folder.rpartition("/")
                children = self.folders.setdefault(parent, set())
                if child in children:
                    break
                children.add(child)
                folder = parent

    def is_package(self, folder: str) -> bool:
        return "__init__" in self.modules.get(folder, ())

    def holds_python(self, folder: str) -> bool:
        return folder == "" or folder in self.modules or folder in self.folders

    def has_regular(self, folder: str) -> bool:
        return bool(self._regular(folder))

    def has_packages(self, folder: str) -> bool:
        """A package, a namespace package or a module lies in the folder."""
        return bool(
            self._regular(folder)
            or self._modules(folder)
            or any(self._is_namespace(folder, name) for name in self._children(folder))
        )

    def _children(self, folder: str) -> set[str]:
        # In a container every folder is meant to be imported, even one called `demo` or `tools`.
        left_out = frozenset[str]() if folder.rpartition("/")[2] in CONTAINERS else NO_SEARCH_PATH
        return {name for name in self.folders.get(folder, ()) if name.isidentifier() and name.lower() not in left_out}

    def _regular(self, folder: str) -> set[str]:
        return {name for name in self._children(folder) if self.is_package(_join(folder, name))}

    def _modules(self, folder: str) -> set[str]:
        if self.is_package(folder):
            return set()
        return {
            name
            for name in self.modules.get(folder, ())
            if name.isidentifier() and name not in NO_MODULES and not name.startswith("test_")
        }

    def _is_namespace(self, folder: str, name: str, depth: int = 0) -> bool:
        path = _join(folder, name)
        if name in CONTAINERS or depth > 3 or "setup" in self.modules.get(path, ()):
            return False
        return bool(self._regular(path)) or any(
            self._is_namespace(path, child, depth + 1) for child in self._children(path)
        )


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _normal(text: str) -> str | None:
    """`./src/` → `src`; `None` for a path that leads out."""
    parts = [part for part in text.replace("\\", "/").split("/") if part not in ("", ".")]
    return None if ".." in parts or text.startswith("/") else "/".join(parts)


def _is_sound(project: str) -> bool:
    return not any(part.lower() in NO_SEARCH_PATH or part.startswith(".") for part in project.split("/"))
