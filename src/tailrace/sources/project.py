"""Reads what a source tree's own files say of the project."""

from __future__ import annotations

import re
from dataclasses import replace
from email.parser import HeaderParser

from tailrace.sources.project_values import Project, Read, clean_text, literal_version
from tailrace.sources.pyproject import read_pyproject
from tailrace.sources.setupfiles import read_setup_cfg, read_setup_py


def read_project(read: Read) -> Project:
    """PKG-INFO, then pyproject.toml, setup.cfg and setup.py: each fills in what the ones before it left open."""
    found = Project()
    for reader, filename in (
        (_pkg_info, "PKG-INFO"),
        (read_pyproject, "pyproject.toml"),
        (read_setup_cfg, "setup.cfg"),
        (read_setup_py, "setup.py"),
    ):
        text = read(filename)
        if text:
            found = _merge(found, reader(text, read))
    if found.version is None and found.name:
        found = replace(found, version=_version_in_code(found, read))
    return found


def _merge(first: Project, second: Project) -> Project:
    return Project(
        name=first.name or second.name,
        version=first.version or second.version,
        requires_python=first.requires_python or second.requires_python,
        requires_dist=first.requires_dist or second.requires_dist,
        entry_points={**second.entry_points, **first.entry_points},
        package_dirs=tuple(dict.fromkeys((*first.package_dirs, *second.package_dirs))),
        modules=tuple(dict.fromkeys((*first.modules, *second.modules))),
        extras=first.extras if first.extras is not None else second.extras,
    )


def _pkg_info(text: str, _read: Read) -> Project:
    headers = HeaderParser().parsestr(text)
    return Project(
        name=clean_text(headers.get("Name")),
        version=clean_text(headers.get("Version")),
        requires_python=clean_text(headers.get("Requires-Python")),
        requires_dist=tuple(" ".join(str(line).split()) for line in headers.get_all("Requires-Dist", [])),
        extras=tuple(str(name).strip() for name in headers.get_all("Provides-Extra", [])) or None,
    )


def _version_in_code(found: Project, read: Read) -> str | None:
    """`__version__ = "1.2"` in the package of the project's own name."""
    package = re.sub(r"[-.]+", "_", found.name or "")
    for folder in (*(f"{folder}/" for folder in found.package_dirs if folder), "", "src/"):
        for path in (
            f"{package}/__init__.py",
            f"{package}/_version.py",
            f"{package}/version.py",
            f"{package}/__about__.py",
            f"{package}.py",
        ):
            version = literal_version(read(folder + path))
            if version:
                return version
    return None
