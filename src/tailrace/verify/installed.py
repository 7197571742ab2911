"""What an installed distribution says of itself: modules, entry points, commands. Reads its files, imports nothing."""

from __future__ import annotations

import configparser
import contextlib
import csv
import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

_TESTS = re.compile(r"(^|\.)(tests?|testing|conftest|_?test_\w+|\w+_tests?)(\.|$)")
_EXTENSION = re.compile(r"\.(?:cpython-\d+[a-z-]*|abi3)[\w.-]*\.so$|\.so$|\.pyd$")


@dataclass(frozen=True, slots=True)
class Distribution:
    """`modules`: dotted names, without tests and `__main__`. `files`: paths relative to site-packages.

    `entry_points`: (group, name, target) without the console scripts, which are `scripts`: (name, target).
    """

    name: str
    version: str
    modules: tuple[str, ...] = ()
    files: frozenset[str] = frozenset()
    entry_points: tuple[tuple[str, str, str], ...] = ()
    scripts: tuple[tuple[str, str], ...] = ()


def site_packages(environment: Path) -> Path:
    """The folder of an environment that packages are installed in."""
    return next(iter(sorted(environment.glob("lib/python3.*/site-packages"))), environment / "lib")


def read_distribution(environment: Path, name: str) -> Distribution | None:
    """The distribution of this (normalised) name, `None` where it is not installed."""
    for info in site_packages(environment).glob("*.dist-info"):
        found, _, version = info.name.removesuffix(".dist-info").partition("-")
        if normal(found) == name:
            return _read(info, name, version)
    return _read_conda(environment, name)


def _read_conda(environment: Path, name: str) -> Distribution | None:
    """A conda package of this name: its Python files, and the distribution in it where it has one."""
    files = conda_files(environment, name)
    if not files:
        return None
    root = site_packages(environment).relative_to(environment).as_posix() + "/"
    inside = frozenset(file.removeprefix(root) for file in files if file.startswith(root))
    info = next((file.partition("/")[0] for file in sorted(inside) if ".dist-info/" in file), None)
    if info is not None:
        found, _, version = info.removesuffix(".dist-info").partition("-")
        read = _read(site_packages(environment) / info, normal(found), version)
        return replace(read, files=read.files | inside)
    modules = {module for file in inside if (module := module_of(file)) is not None}
    return Distribution(name, "", tuple(sorted(modules)), inside)


def installed_names(environment: Path) -> frozenset[str]:
    """The normalised names of everything that is installed."""
    folders = site_packages(environment).glob("*.dist-info")
    return frozenset(normal(info.name.removesuffix(".dist-info").partition("-")[0]) for info in folders)


def owner_of(environment: Path, file: str) -> str | None:
    """The distribution that a file belongs to (path relative to site-packages)."""
    for info in site_packages(environment).glob("*.dist-info"):
        if file in _files(info):
            return normal(info.name.removesuffix(".dist-info").partition("-")[0])
    return None


def _read(info: Path, name: str, version: str) -> Distribution:
    files = _files(info)
    modules = {module for file in files if (module := module_of(file)) is not None}
    groups = _entry_points(info / "entry_points.txt")
    return Distribution(
        name=name,
        version=version,
        modules=tuple(sorted(modules)),
        files=files,
        entry_points=tuple(
            (group, key, target)
            for group, points in groups.items()
            if group not in ("console_scripts", "gui_scripts")
            for key, target in points
        ),
        scripts=tuple(groups.get("console_scripts", ())),
    )


def _files(info: Path) -> frozenset[str]:
    try:
        text = (info / "RECORD").read_text("utf-8", "replace")
    except OSError:
        return frozenset()
    return frozenset(row[0] for row in csv.reader(text.splitlines()) if row)


def module_of(file: str) -> str | None:
    """The module that a file of site-packages is; `None` for tests, programs and what is no module."""
    stem = file.removesuffix(".py") if file.endswith(".py") else _EXTENSION.sub("", file)
    if stem == file or ".dist-info/" in file or file.startswith(".."):
        return None
    parts = stem.split("/")
    if parts[-1] == "__init__":
        parts.pop()
    module = ".".join(parts)
    if not parts or not all(part.isidentifier() for part in parts) or parts[-1] == "__main__" or _TESTS.search(module):
        return None
    return module


def _entry_points(file: Path) -> dict[str, tuple[tuple[str, str], ...]]:
    parser = configparser.RawConfigParser(delimiters=("=",), strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        parser.read_string(file.read_text("utf-8", "replace"))
    except (OSError, configparser.Error):
        return {}
    # What stands in brackets behind the target names an extra.
    return {
        group: tuple((key, target.partition("[")[0].strip()) for key, target in parser.items(group))
        for group in parser.sections()
    }


def normal(name: str) -> str:
    """PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def conda_files(environment: Path, name: str) -> tuple[str, ...]:
    """The files of an installed conda package, relative to the environment; empty where it is not installed."""
    for file in sorted((environment / "conda-meta").glob("*.json")):
        with contextlib.suppress(OSError, ValueError):
            record = json.loads(file.read_bytes())
            if record.get("name") == name:
                return tuple(str(path) for path in record.get("files", ()))
    return ()
