"""A source tree's own files in, what it says of itself out (name, version, requirements, entry points, folders). Executes none of it."""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from email.parser import HeaderParser
from typing import Any

Read = Callable[[str], str | None]
"""Text of the file at a relative POSIX path, `None` when there is none."""


@dataclass(frozen=True, slots=True)
class Project:
    """What was found; empty where nothing was. `package_dirs`: folders that packages are said to live in."""

    name: str | None = None
    version: str | None = None
    requires_python: str | None = None
    requires_dist: tuple[str, ...] = ()
    entry_points: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    package_dirs: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


def read_project(read: Read) -> Project:
    """PKG-INFO, then pyproject.toml, setup.cfg and setup.py: each fills in what the ones before it left open."""
    found = Project()
    for reader, filename in (
        (_pkg_info, "PKG-INFO"),
        (_pyproject, "pyproject.toml"),
        (_setup_cfg, "setup.cfg"),
        (_setup_py, "setup.py"),
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
    )


def _pkg_info(text: str, _read: Read) -> Project:
    headers = HeaderParser().parsestr(text)
    return Project(
        name=_clean(headers.get("Name")),
        version=_clean(headers.get("Version")),
        requires_python=_clean(headers.get("Requires-Python")),
        requires_dist=tuple(" ".join(str(line).split()) for line in headers.get_all("Requires-Dist", [])),
    )


def _clean(value: object) -> str | None:
    text = str(value).strip() if value is not None else ""
    return text if text and text != "UNKNOWN" else None


# pyproject.toml: PEP 621, and the tables of setuptools, poetry, hatch, flit, pdm, maturin.


def _pyproject(text: str, read: Read) -> Project:
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return Project()
    project, tool = _table(data, "project"), _table(data, "tool")
    poetry = _table(tool, "poetry")
    extras = _table(project, "optional-dependencies")
    requires = [*_strings(project.get("dependencies"))]
    for extra, lines in extras.items():
        requires += [_with_extra(line, str(extra)) for line in _strings(lines)]
    entry_points = {
        group: _pairs(_table(_table(project, "entry-points"), group)) for group in _table(project, "entry-points")
    }
    entry_points |= {group: pairs for group, key in _SCRIPT_GROUPS if (pairs := _pairs(_table(project, key)))}
    if poetry:
        requires = requires or _poetry_requirements(poetry)
        if pairs := _pairs(_table(poetry, "scripts")):
            entry_points.setdefault("console_scripts", pairs)
        for group in _table(poetry, "plugins"):
            entry_points.setdefault(group, _pairs(_table(_table(poetry, "plugins"), group)))
    flit = _table(_table(tool, "flit"), "metadata")
    python = _table(poetry, "dependencies").get("python")
    return Project(
        name=_text(project.get("name"))
        or _text(poetry.get("name"))
        or _text(flit.get("dist-name"))
        or _text(flit.get("module")),
        version=_text(project.get("version")) or _text(poetry.get("version")) or _dynamic_version(tool, read),
        requires_python=_text(project.get("requires-python"))
        or _text(flit.get("requires-python"))
        or (_caret(python) if isinstance(python, str) else None),
        requires_dist=tuple(requires) or tuple(_strings(flit.get("requires"))),
        entry_points={group: pairs for group, pairs in entry_points.items() if pairs},
        package_dirs=tuple(_tool_package_dirs(tool, poetry)),
        modules=tuple(_strings(_table(tool, "setuptools").get("py-modules"))),
    )


_SCRIPT_GROUPS = (("console_scripts", "scripts"), ("gui_scripts", "gui-scripts"))


def _tool_package_dirs(tool: dict[str, Any], poetry: dict[str, Any]) -> Iterator[str]:
    setuptools = _table(tool, "setuptools")
    root = _table(setuptools, "package-dir").get("")
    if isinstance(root, str):
        yield root
    packages = setuptools.get("packages")
    if isinstance(packages, dict):
        yield from _strings(_table(packages, "find").get("where"))
    included = poetry.get("packages")
    if isinstance(included, list):
        yield from (
            entry["from"] for entry in included if isinstance(entry, dict) and isinstance(entry.get("from"), str)
        )
    wheel = _table(_table(_table(_table(tool, "hatch"), "build"), "targets"), "wheel")
    yield from (path.rpartition("/")[0] for path in _strings(wheel.get("packages")))
    yield from _strings(wheel.get("sources"))
    for table, key in (("pdm", "package-dir"), ("maturin", "python-source")):
        value = _table(tool, table).get(key) or _table(_table(tool, table), "build").get(key)
        if isinstance(value, str):
            yield value
    yield from (
        path.rpartition("/")[0] for path in _strings(_table(_table(tool, "scikit-build"), "wheel").get("packages"))
    )


def _dynamic_version(tool: dict[str, Any], read: Read) -> str | None:
    dynamic = _table(_table(_table(tool, "setuptools"), "dynamic"), "version")
    if isinstance(dynamic.get("attr"), str):
        return _attribute(dynamic["attr"], ("", "src/"), read)
    names = dynamic.get("file")
    for name in [names] if isinstance(names, str) else _strings(names):
        return _clean(read(name))
    path = _table(_table(tool, "hatch"), "version").get("path")
    return _literal_version(read(path)) if isinstance(path, str) else None


def _poetry_requirements(poetry: dict[str, Any]) -> list[str]:
    """Poetry's own table, as far as a version constraint can be told from it."""
    lines = []
    for name, value in _table(poetry, "dependencies").items():
        if name == "python":
            continue
        wanted = value if isinstance(value, str) else _text(value.get("version")) if isinstance(value, dict) else None
        specifier = _caret(wanted) if wanted else None
        lines.append(f"{name}{specifier}" if specifier else name)
    return lines


def _caret(text: str) -> str | None:
    """`^1.2` and `~1.2` in PEP 440 terms; `*` is `None`."""
    parts = []
    for part in text.split(","):
        part = part.strip()
        match = re.fullmatch(r"([\^~])\s*(\d+(?:\.\d+)*)", part)
        if match:
            numbers = [int(n) for n in match.group(2).split(".")]
            if match.group(1) == "^":
                keep = next((i for i, n in enumerate(numbers) if n), len(numbers) - 1)
            else:
                keep = min(1, len(numbers) - 1)
            upper = [*numbers[:keep], numbers[keep] + 1]
            parts.append(f">={match.group(2)},<{'.'.join(map(str, upper))}")
        elif re.match(r"\d", part):
            parts.append(f"=={part}")
        elif part and part != "*":
            parts.append(part.replace(" ", ""))
    return ",".join(parts) or None


# setup.cfg


def _setup_cfg(text: str, read: Read) -> Project:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # entry point names keep their case
    try:
        parser.read_string(text)
    except configparser.Error:
        return Project()
    metadata, options = _section(parser, "metadata"), _section(parser, "options")
    requires = _lines(options.get("install_requires", options.get("install-requires", "")))
    for extra, lines in _section(parser, "options.extras_require").items():
        requires += [_with_extra(line, extra) for line in _lines(lines)]
    folders = [
        value.strip()
        for key, _, value in (
            line.partition("=") for line in _lines(options.get("package_dir", options.get("package-dir", "")))
        )
        if not key.strip()
    ]
    folders += _lines(_section(parser, "options.packages.find").get("where", ""))
    version = _clean(metadata.get("version"))
    if version and version.startswith("attr:"):
        version = _attribute(
            version.removeprefix("attr:").strip(), tuple(f"{folder}/" for folder in folders) + ("", "src/"), read
        )
    elif version and version.startswith("file:"):
        version = _clean(read(version.removeprefix("file:").strip()))
    return Project(
        name=_clean(metadata.get("name")),
        version=version,
        requires_python=_clean(options.get("python_requires", options.get("python-requires"))),
        requires_dist=tuple(requires),
        entry_points={
            group: pairs
            for group, lines in _section(parser, "options.entry_points").items()
            if (pairs := parse_pairs(_lines(lines)))
        },
        package_dirs=tuple(folders),
        modules=tuple(_lines(options.get("py_modules", options.get("py-modules", "")))),
    )


# setup.py: literals and names bound once to literals, nothing else.


def _setup_py(text: str, read: Read) -> Project:
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Project()
    names: dict[str, Any] = {}
    calls: list[ast.Call] = []
    for node in ast.walk(module):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            value = _literal(node.value, names)
            if value is not None:
                names.setdefault(node.targets[0].id, value)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", None)) == "setup":
            calls.append(node)
    given: dict[str, Any] = {}
    for call in calls:
        for keyword in call.keywords:
            value = _literal(keyword.value, names)
            if keyword.arg is None and isinstance(value, dict):
                given.update({key: item for key, item in value.items() if isinstance(key, str)})
            elif keyword.arg is not None and value is not None:
                given.setdefault(keyword.arg, value)
    requires = _requirement_lines(given.get("install_requires"))
    extras = given.get("extras_require")
    if isinstance(extras, dict):
        for extra, lines in extras.items():
            requires += [_with_extra(line, str(extra)) for line in _requirement_lines(lines)]
    folder = given.get("package_dir")
    root = folder.get("") if isinstance(folder, dict) else None
    points = given.get("entry_points")
    return Project(
        name=_text(given.get("name")),
        version=_text(given.get("version")),
        requires_python=_text(given.get("python_requires")),
        requires_dist=tuple(requires),
        entry_points=_entry_points(points),
        package_dirs=(root,) if isinstance(root, str) else (),
        modules=tuple(_strings(given.get("py_modules"))),
    )


def _literal(node: ast.expr, names: dict[str, Any], depth: int = 0) -> Any:
    """The value of a literal, with known names, `+` and `%`-free concatenation put in; `None` when it is anything else."""
    if depth > 20:
        return None
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return names.get(name)
        case ast.Attribute(value=ast.Name(id=name), attr="__name__"):
            return name
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            values = [_literal(item, names, depth + 1) for item in items]
            return [value for value in values if value is not None]
        case ast.Dict(keys=keys, values=items):
            pairs = [
                (_literal(key, names, depth + 1), _literal(item, names, depth + 1))
                for key, item in zip(keys, items, strict=True)
                if key is not None
            ]
            return {key: value for key, value in pairs if isinstance(key, str) and value is not None}
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _literal(left, names, depth + 1), _literal(right, names, depth + 1)
            if isinstance(first, list) and isinstance(second, list):
                return first + second
            if isinstance(first, str) and isinstance(second, str):
                return first + second
            return first if isinstance(first, list) else second if isinstance(second, list) else None
        case ast.Call(func=ast.Name(id="dict"), keywords=keywords, args=[]):
            pairs = [(keyword.arg, _literal(keyword.value, names, depth + 1)) for keyword in keywords]
            return {key: value for key, value in pairs if key is not None and value is not None}
    return None


def _requirement_lines(value: object) -> list[str]:
    lines = value.splitlines() if isinstance(value, str) else value if isinstance(value, list) else []
    return [
        line.strip() for line in lines if isinstance(line, str) and line.strip() and not line.strip().startswith("#")
    ]


def _entry_points(value: object) -> dict[str, tuple[tuple[str, str], ...]]:
    if isinstance(value, str):
        return parse_entry_points(value)
    if not isinstance(value, dict):
        return {}
    found = {str(group): parse_pairs(_requirement_lines(lines)) for group, lines in value.items()}
    return {group: pairs for group, pairs in found.items() if pairs}


def parse_entry_points(text: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """The text of an entry_points.txt."""
    groups: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("[") and line.endswith("]"):
            current = groups.setdefault(line[1:-1].strip(), [])
        elif line and line[0] not in "#;" and current is not None:
            current.append(line)
    return {group: pairs for group, lines in groups.items() if (pairs := parse_pairs(lines))}


def parse_pairs(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """`name = target` lines, sorted, without extras."""
    pairs = set()
    for line in lines:
        name, equals, target = line.partition("=")
        target = target.partition("[")[0].strip()
        if equals and name.strip() and target:
            pairs.add((name.strip(), target))
    return tuple(sorted(pairs))


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
            version = _literal_version(read(folder + path))
            if version:
                return version
    return None


def _attribute(dotted: str, folders: Iterable[str], read: Read) -> str | None:
    module, _, name = dotted.rpartition(".")
    path = module.replace(".", "/")
    for folder in folders:
        for candidate in (f"{folder}{path}/__init__.py", f"{folder}{path}.py"):
            version = _literal_version(read(candidate), name)
            if version:
                return version
    return None


def _literal_version(text: str | None, name: str = "") -> str | None:
    names = re.escape(name) if name else "__version__|version|VERSION"
    match = re.search(rf"^(?:{names})\s*(?::[^=\n]*)?=\s*[\"']([0-9][^\"'\s]*)[\"']", text or "", re.MULTILINE)
    return match.group(1) if match else None


def _with_extra(line: str, extra: str) -> str:
    """`a` of the extra `x` → `a; extra == "x"`; setuptools' `x:marker` keys are understood."""
    extra, _, condition = extra.partition(":")
    markers = [f'extra == "{extra}"'] if extra else []
    requirement, _, marker = line.partition(";")
    markers = [text.strip() for text in (marker, condition) if text.strip()] + markers
    joined = " and ".join(f"({text})" if len(markers) > 1 and " or " in text else text for text in markers)
    return f"{requirement.strip()}; {joined}" if joined else requirement.strip()


def _section(parser: configparser.RawConfigParser, name: str) -> dict[str, str]:
    return {key: value or "" for key, value in parser.items(name)} if parser.has_section(name) else {}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def _pairs(table: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return parse_pairs(f"{name} = {target}" for name, target in table.items() if isinstance(target, str))
