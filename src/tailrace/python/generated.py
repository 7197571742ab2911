"""Decides whether the build of a release makes a module that its source tree lacks."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tailrace.model import Artifact

# What a module is made of: a template, or a source in another language.
_SOURCES = (
    ".py.in", ".py.tmpl", ".py.template", ".py.tpl", ".py.j2", ".py.jinja", ".py.jinja2", ".py.mako", ".pyx", ".pyx.in",
    ".pyx.tp", ".c", ".cc", ".cpp", ".cxx", ".f", ".f90", ".pyf", ".pyf.src", ".rs", ".i", ".y", ".g4",
)  # fmt: skip
# Files that say what a build makes, in the root of the project or beside the module.
_PLANS = ("pyproject.toml", "setup.py", "setup.cfg", "meson.build", "CMakeLists.txt", ".gitignore", "Cargo.toml")
_BESIDE = ("meson.build", "CMakeLists.txt", ".gitignore")
_MOST = 2_000_000


def is_made_by_build(artifact: Artifact, module: str) -> bool:
    """Whether something in the tree says that the build writes or compiles the module."""
    parts = module.split(".")
    path = "/".join(parts)
    for place in artifact.search_paths:
        folder = (artifact.root / place / path).parent
        files = _files_in(folder)
        if any(f"{parts[-1]}{suffix}" in files for suffix in _SOURCES):
            return True
        if any(_says(folder / plan, parts[-1:]) for plan in _BESIDE if plan in files):
            return True
    if parts[-1].endswith(("_pb2", "_pb2_grpc")) and _has_proto(artifact, parts[-1]):
        return True
    files = _files_in(artifact.root)
    return any(_says(artifact.root / plan, parts) for plan in _PLANS if plan in files)


def _files_in(folder: Path) -> frozenset[str]:
    """The names of the files in a folder: one look instead of one for each name."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries if entry.is_file())
    except OSError:
        return frozenset()


def _has_proto(artifact: Artifact, name: str) -> bool:
    wanted = f"{name.removesuffix('_grpc').removesuffix('_pb2')}.proto"
    return any(file.rpartition("/")[2] == wanted for file in artifact.other_files)


def _says(plan: Path, parts: list[str]) -> bool:
    """Whether a plan names the file of a module, or the extension of its name."""
    try:
        if not plan.is_file() or plan.stat().st_size > _MOST:
            return False
        text = plan.read_text("utf-8", "replace")
    except OSError:
        return False
    last = re.escape(parts[-1])
    if re.search(rf"(?<![\w-]){last}\.(?:py|pyx|so|pyd|c|cpp)\b", text) is not None:
        return True
    if plan.name in {"meson.build", "CMakeLists.txt"}:
        return re.search(rf"(?<![\w-]){last}(?![\w-])", text) is not None
    dotted = re.escape(".".join(parts))
    extension = r"(?:Extension|RustExtension|Pybind11Extension|CUDAExtension|ext_module)\w*\(\s*(?:name\s*=\s*)?['\"]"
    return re.search(rf"{extension}{dotted}['\"]|module-name\s*=\s*['\"]{dotted}['\"]", text) is not None
