"""Makes a wheel from the Python files of a source tree. Its build backend is not run.

Good for what is pure Python. What a build would make or add (compiled modules, data files, generated versions) is
missing, which is why a real build comes first where one is possible.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tailrace import disk
from tailrace.model import Artifact
from tailrace.toml.parse import parse_toml

_EPOCH = (1980, 1, 1, 0, 0, 0)
_LARGEST = 4 << 20
_READS_VERSION = re.compile(r"\bget_version\(__file__")


def write_tree_wheel(artifact: Artifact, folder: Path, whole: Path | None = None) -> Path:
    """Writes the wheel below `folder`, named after its content; its path. `whole`: every file of the tree, of which the
    data files of its packages are added.
    """
    name = artifact.metadata.name.replace("-", "_").replace(".", "_") or "unnamed"
    version = _version(artifact)
    info = f"{name}-{version}.dist-info"
    members = dict(_modules(artifact))
    if whole is not None:
        members = {**dict(_data(artifact, whole, frozenset(members))), **members}
    members |= {path: data for path, data in _versions(artifact, whole, version) if path not in members}
    members[f"{info}/METADATA"] = _metadata(artifact, version)
    members[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: tailrace\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if artifact.metadata.entry_points:
        members[f"{info}/entry_points.txt"] = _entry_points(artifact)
    record = "".join(f"{path},sha256={_digest(data)},{len(data)}\n" for path, data in members.items())
    members[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    key = hashlib.sha256(members[f"{info}/RECORD"]).hexdigest()[:24]
    target = folder / key / f"{name}-{version}-py3-none-any.whl"
    if not target.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".part")
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in members.items():
                archive.writestr(zipfile.ZipInfo(path, _EPOCH), data, zipfile.ZIP_DEFLATED)
        beside.replace(target)
    return target


def _version(artifact: Artifact) -> str:
    """The version as wheels write it; a tree that names none gets one that is lower than any."""
    from packaging.version import InvalidVersion, Version

    for text in (artifact.release.version, artifact.metadata.version):
        try:
            return str(Version(text)).replace("-", "_")
        except InvalidVersion:
            continue
    return "0+unknown"


def _modules(artifact: Artifact) -> Iterator[tuple[str, bytes]]:
    """Every Python file that can be imported, under the path that it has when it is installed."""
    seen: set[str] = set()
    for folder in artifact.search_paths:
        prefix = f"{folder}/" if folder else ""
        others = tuple(f"{other}/" for other in artifact.search_paths if other and other != folder)
        for file in artifact.python_files:
            inside = file.removeprefix(prefix)
            first = inside.partition("/")[0]
            if not file.startswith(prefix) or inside in seen or (not folder and file.startswith(others)):
                continue
            if not inside.endswith((".py", ".pyi")) or first in ("setup.py", "conftest.py", "noxfile.py"):
                continue
            seen.add(inside)
            try:
                yield inside, (artifact.root / file).read_bytes()
            except OSError:
                continue


def _data(artifact: Artifact, whole: Path, modules: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """The files besides Python that lie in a package, under the path that they have when they are installed."""
    packages = {path.rpartition("/")[0] for path in modules if path.endswith("/__init__.py")}
    for folder in artifact.search_paths:
        base = whole / folder if folder else whole
        for package in sorted(name for name in packages if "/" not in name):
            if not (base / package).is_dir():
                continue
            for path in sorted((base / package).rglob("*")):
                inside = path.relative_to(base).as_posix()
                wanted = not inside.endswith((".py", ".pyc", ".c", ".cpp")) and "/tests/" not in inside
                if wanted and path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST:
                    yield inside, path.read_bytes()


def _versions(artifact: Artifact, whole: Path | None, version: str) -> Iterator[tuple[str, bytes]]:
    """The files that a build would write the version into, as the project says."""
    for file in artifact.python_files:
        inside = _inside(artifact, file)
        package, _, name = inside.rpartition("/")
        if name == "__init__.py" and package and "/" not in package:
            try:
                source = (artifact.root / file).read_text("utf-8", "replace")
            except OSError:
                continue
            if _READS_VERSION.search(source):  # as auxlib does, which old projects carry with them
                yield f"{package}/.version", version.encode()
    try:
        root = whole if whole is not None else artifact.root
        tool = parse_toml(disk.read_bounded(root / "pyproject.toml", 4 << 20).decode()).get("tool", {})
    except (OSError, ValueError):
        return
    found: list[object] = []
    for path in (("setuptools_scm",), ("hatch", "build", "hooks", "vcs")):
        table: object = tool
        for key in path:
            table = table.get(key, {}) if isinstance(table, dict) else {}
        if isinstance(table, dict):
            found += [table.get(key) for key in ("write_to", "version_file", "version-file")]
    for named in found:
        if not isinstance(named, str) or not named.endswith(".py") or ".." in named or named.startswith("/"):
            continue
        inside = _inside(artifact, named)
        numbers = ", ".join(part for part in version.split(".") if part.isdigit())
        text = f"__version__ = version = {version!r}\n__version_tuple__ = version_tuple = ({numbers},)\n"
        yield inside, text.encode()


def _inside(artifact: Artifact, file: str) -> str:
    """The path that a file of the tree has when it is installed."""
    folders = (folder for folder in artifact.search_paths if folder and file.startswith(f"{folder}/"))
    return next((file[len(folder) + 1 :] for folder in folders), file)


def _metadata(artifact: Artifact, version: str) -> bytes:
    from packaging.requirements import InvalidRequirement, Requirement

    lines = ["Metadata-Version: 2.1", f"Name: {artifact.metadata.name}", f"Version: {version}"]
    if artifact.metadata.requires_python:
        lines.append(f"Requires-Python: {artifact.metadata.requires_python}")
    for line in artifact.metadata.requires_dist:
        try:
            Requirement(line)
        except InvalidRequirement:
            continue
        lines.append(f"Requires-Dist: {line}")
    return ("\n".join(" ".join(line.split()) for line in lines) + "\n").encode()


def _entry_points(artifact: Artifact) -> bytes:
    return "".join(
        f"[{group}]\n" + "".join(f"{name} = {target}\n" for name, target in points)
        for group, points in artifact.metadata.entry_points
    ).encode()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
