"""The standard library as a release: `python==3.14`. What each version offers is known from typeshed, and from the
sources of an interpreter of that version where one is installed; nothing is run.

The stubs of one version are written as a tree: modules that it has, with its branches of `sys.version_info` alone. The
sources of an installed interpreter are laid beside them.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.model import Release
from tailrace.sources.cache import digest
from tailrace.sources.errors import NoPreviousError, SpecError, UnknownVersionError

if TYPE_CHECKING:
    from tailrace.sources.cache import Cache
    from tailrace.sources.spec import PypiSpec

NAME = "python"
# Versions whose standard library is described. What a version had that is no longer supported is known of its modules.
VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
_WANTED = re.compile(r"(?:===?\s*)(3\.\d+)(?:\.(?:\d+|\*))?\Z")
# Described beside the standard library, and no part of it.
_NOT_STANDARD = frozenset({"typing_extensions", "mypy_extensions", "_typeshed"})
# Described by no stubs, known where they are installed.
_OLDER = ("3.6", "3.7")
_LEFT_OUT = frozenset({"site-packages", "dist-packages", "idlelib", "turtledemo", "ensurepip", "config"})
_LEFT_OUT_ANYWHERE = frozenset({"test", "tests", "__pycache__"})
_FORMAT = "2"


def resolve_interpreter(spec: PypiSpec) -> Release:
    """The release that `python==3.14` names. Raises `SpecError` and `UnknownVersionError`."""
    match = _WANTED.match(spec.specifier.strip())
    if match is None:
        raise SpecError(
            str(spec), "names no version of Python", hint=f"Write {NAME}=={VERSIONS[-2]}, a feature release of Python."
        )
    if match[1] not in VERSIONS and not (match[1] in _OLDER and installed_library(match[1])):
        raise UnknownVersionError(NAME, spec.specifier, VERSIONS)
    return _release(match[1])


def previous_interpreter(release: Release) -> Release:
    """The feature release before. Raises `NoPreviousError`."""
    known = (*(version for version in _OLDER if installed_library(version)), *VERSIONS)
    at = known.index(release.version)
    if not at:
        raise NoPreviousError(release.spec, "no standard library before it is described")
    return _release(known[at - 1])


def _release(version: str) -> Release:
    return Release(
        name=NAME,
        version=version,
        spec=f"{NAME}=={version}",
        source="interpreter",
        requires_python=f"=={version}.*",
    )


def locate_interpreter(release: Release, cache: Cache) -> Path:
    """The tree of stubs of one version, written when it is first asked for."""
    from importlib.metadata import version

    library = installed_library(release.version)
    key = digest("interpreter", version("typeshed-client"), release.version, str(library or ""), _FORMAT)
    return cache.tree(key, lambda folder: _write(folder, release.version, library))


def installed_library(version: str) -> Path | None:
    """The folder with the standard library of an installed interpreter of a feature release, the newest one found."""
    for home in _homes(version):
        library = home / "lib" / f"python{version}"
        # A distribution's Python may leave parts to packages of its own.
        if (library / "os.py").is_file() and (library / "ensurepip").is_dir():
            return library
    return None


def _homes(version: str) -> Iterator[Path]:
    """Where interpreters are installed: those of pyenv and uv, the running one, and those on the path."""
    folders = (
        Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local/share/uv/python"),
    )
    for folder in folders:
        named = re.compile(rf"(?:cpython-)?{re.escape(version)}\.(\d+)(?:\Z|-)")
        found = [(int(match[1]), path) for path in _inside(folder) if (match := named.match(path.name))]
        yield from (path for _, path in sorted(found, reverse=True))
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        yield Path(sys.base_prefix)
    for part in os.environ.get("PATH", "").split(os.pathsep):
        program = Path(part) / f"python{version}"
        if part and program.exists():
            yield program.resolve().parent.parent


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _write(folder: Path, version: str, library: Path | None) -> None:
    minor = int(version.partition(".")[2])
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "{NAME}"\nversion = "{version}"\nrequires-python = "=={version}.*"\ndependencies = []\n',
        encoding="utf-8",
    )
    for stub, path in _stubs(minor) if version in VERSIONS else ():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_of_version(stub.read_text(encoding="utf-8"), (3, minor)), encoding="utf-8")
    for source, path in _sources(library) if library is not None else ():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _sources(library: Path) -> Iterator[tuple[Path, Path]]:
    """The modules of an installed standard library that others import, without tests and what is installed beside."""
    for source in sorted(library.rglob("*.py")):
        path = source.relative_to(library)
        if path.parts[0] not in _LEFT_OUT and _LEFT_OUT_ANYWHERE.isdisjoint(path.parts) and not source.is_symlink():
            yield source, path


def _stubs(minor: int) -> Iterator[tuple[Path, Path]]:
    """The stubs of the modules that a version has, each with its path below the standard library."""
    from typeshed_client.finder import get_all_stub_files, get_search_context

    context = get_search_context(version=(3, minor), search_path=[], platform="linux")
    for _, stub in get_all_stub_files(context):
        if stub.is_relative_to(context.typeshed) and stub.stem not in _NOT_STANDARD:
            yield stub, stub.relative_to(context.typeshed)


def _of_version(source: str, version: tuple[int, int]) -> str:
    tree = _Branches(version).visit(ast.parse(source))
    return ast.unparse(ast.fix_missing_locations(tree)) + "\n"


class _Branches(ast.NodeTransformer):
    """Keeps the branches of one version."""

    def __init__(self, version: tuple[int, int]) -> None:
        self.version = version

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        holds = self._decide(node.test)
        if holds is None:
            self.generic_visit(node)
            node.body = node.body or [ast.Pass()]
            return node
        kept: list[ast.stmt] = []
        for statement in node.body if holds else node.orelse:
            visited = self.visit(statement)
            kept += visited if isinstance(visited, list) else [visited]
        return kept

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        body = getattr(node, "body", None)
        if isinstance(body, list) and not body and not isinstance(node, ast.Module):
            node.body = [ast.Pass()]  # type: ignore[attr-defined]  # every other node with a list of a body is a block
        return node

    def _decide(self, test: ast.expr) -> bool | None:
        """Whether a test of the version holds; `None` for any other test."""
        match test:
            case ast.Compare(
                left=ast.Attribute(value=ast.Name(id="sys"), attr="version_info"),
                ops=[operator],
                comparators=[ast.Tuple(elts=elements)],
            ) if all(isinstance(e, ast.Constant) and isinstance(e.value, int) for e in elements):
                wanted = tuple(e.value for e in elements if isinstance(e, ast.Constant))
                match operator:
                    case ast.GtE():
                        return self.version >= wanted
                    case ast.Lt():
                        return self.version < wanted
                return None
            case ast.BoolOp(op=ast.And(), values=values):
                known = [self._decide(value) for value in values]
                return False if False in known else (True if None not in known else None)
            case ast.BoolOp(op=ast.Or(), values=values):
                known = [self._decide(value) for value in values]
                return True if True in known else (False if None not in known else None)
        return None
