"""Builds a wheel from a source distribution in the sandbox without network: its build backend is foreign code.

What the build requires is installed from wheels beforehand, outside; only the build itself runs, inside.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tailrace.toml.parse import parse_toml
from tailrace.verify.errors import PreparationError, ResolutionError
from tailrace.verify.feed import Feed
from tailrace.verify.installed import normal
from tailrace.verify.interpreters import Interpreter
from tailrace.verify.sandbox import Command, Limits, Sandbox
from tailrace.verify.uv import Uv, environment_key

_LIMITS = Limits(
    memory=4 << 30, processes=512, seconds=900, cpu_seconds=1800, output=8 << 20, disk=3 << 30, file=1 << 30
)
_BASE = ("pip", "wheel", "setuptools<70")
_LARGEST_PROJECT = 1 << 20
# Changing how a wheel is built must change the name under which it, or that it could not be built, is kept.
_WAY = 3
# The archive is copied in the sandbox by pip itself; what is built leaves it through one folder.
_SCRIPT = 'exec "$0" -I -m pip wheel --no-index --no-deps --no-build-isolation --no-cache-dir -w "$2" "$1"'


@dataclass(frozen=True, slots=True)
class Builder:
    """Builds wheels for one interpreter and keeps them by the archive's content."""

    uv: Uv
    sandbox: Sandbox
    feed: Feed

    def requirement(self, name: str, specifier: str, interpreter: Interpreter, day: datetime | None) -> str:
        """`NAME @ file:///…` of the wheel built from the newest source distribution until `day`. Raises
        `PreparationError`.
        """
        archive, version = self.feed.source_archive(name, specifier, day)
        wheel = self.build(archive, name, version, interpreter, day)
        return f"{name} @ {wheel.absolute().as_uri()}"

    def build(self, archive: Path, name: str, version: str, interpreter: Interpreter, day: datetime | None) -> Path:
        """The path of the wheel; built once. A build that failed is not tried again."""
        with archive.open("rb") as file:
            key = f"{hashlib.file_digest(file, 'sha256').hexdigest()[:24]}-{interpreter.text}-{_WAY}"
        place = self.feed.folder / "wheels" / key
        failed = place / "failed.txt"
        if failed.is_file():
            raise PreparationError(failed.read_text("utf-8"))
        if found := sorted(place.glob("*.whl")):
            return found[0]
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".build-") as scratch:
            try:
                built = self._build(archive, name, version, interpreter, day, Path(scratch))
            except (PreparationError, ResolutionError) as error:
                place.mkdir(exist_ok=True)
                failed.write_text(f"{name} {version} could not be built: {error.message}", "utf-8")
                raise PreparationError(failed.read_text("utf-8")) from None
            place.mkdir(exist_ok=True)
            return Path(shutil.move(built, place / built.name))

    def _build(
        self, archive: Path, name: str, version: str, interpreter: Interpreter, day: datetime | None, scratch: Path
    ) -> Path:
        environment = self._environment(read_build_requires(archive), interpreter, day, scratch)
        inputs, output = scratch / "in", scratch / "out"
        inputs.mkdir()
        source = Path(shutil.copy(archive, inputs))
        output.mkdir()
        output.chmod(0o777)  # the sandbox may run as another user
        path = os.pathsep.join((str(environment / "bin"), "/usr/bin", "/bin"))
        command = Command(
            ("/bin/sh", "-c", _SCRIPT, str(environment / "bin" / "python"), str(source), str(output)),
            read_only=(Path(interpreter.home), environment, inputs),
            writable=(output,),
            environment={
                "PATH": path,
                "SOURCE_DATE_EPOCH": "315532800",
                "PIP_DISABLE_PIP_VERSION_CHECK": "1",
                # Tools that ask a repository for the version find none in an archive.
                "SETUPTOOLS_SCM_PRETEND_VERSION": version,
                "PBR_VERSION": version,
            },
        )
        ended = self.sandbox.run(command, _LIMITS)
        if not ended.fine:
            raise PreparationError(_last_error(ended.stdout + ended.stderr) or f"it ended by {ended.why}")
        return check_wheel(output, name, version)

    def _environment(
        self, requires: Sequence[str], interpreter: Interpreter, day: datetime | None, scratch: Path
    ) -> Path:
        first: ResolutionError | None = None
        for moment in dict.fromkeys((day, None)):
            try:
                lock = self.uv.lock((*_base(requires), *requires), interpreter, moment, scratch)
                break
            except ResolutionError as error:
                first = first or error
        else:
            assert first is not None
            raise first
        # A build may write into what it runs with, so nothing of it is linked to the cache.
        key = environment_key(lock, interpreter, "copy")
        return self.uv.install(lock, interpreter, self.feed.folder / "builders" / key[:2] / key, "copy")


def read_build_requires(archive: Path) -> tuple[str, ...]:
    """The requirements of the build as `pyproject.toml` says, else as `setup.py` lists them; empty where none does."""
    try:
        text = _read_top(archive, "pyproject.toml")
        table = parse_toml(text).get("build-system", {}) if text is not None else {}
        if not table:
            return _setup_requires(_read_top(archive, "setup.py") or "")
    except (OSError, ValueError, tarfile.TarError, zipfile.BadZipFile):
        return ()
    requires = table.get("requires", []) if isinstance(table, dict) else []
    return tuple(line for line in requires if isinstance(line, str)) if isinstance(requires, list) else ()


def check_wheel(folder: Path, name: str, version: str) -> Path:
    """The one wheel that a build left in its folder. Raises `PreparationError` where it is not what was asked for."""
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename
    from packaging.version import InvalidVersion, Version

    entries = sorted(folder.iterdir())
    if len(entries) != 1:
        raise PreparationError(f"the build left {len(entries)} files, not one wheel")
    (wheel,) = entries
    if not stat.S_ISREG(wheel.lstat().st_mode):
        raise PreparationError("the build left something that is not a file")
    try:
        built, number, _, _ = parse_wheel_filename(wheel.name)
        if built == normal(name) and number == Version(version):
            return wheel
    except (InvalidWheelFilename, InvalidVersion):
        pass
    raise PreparationError(f"the build left {wheel.name[:100]!r}, which is not {name} {version}")


def unbuilt(message: str) -> tuple[tuple[str, str], ...]:
    """(name, specifier) of the packages that uv says have no usable wheels."""
    found = re.findall(
        r"(?<![A-Za-z0-9._-])([A-Za-z0-9][A-Za-z0-9._-]*+)([<>=!~][^\s]{0,500})? has no usable wheels", message
    )
    found += [(name, "") for name in re.findall(r"all versions of ([A-Za-z0-9._-]+) have no usable wheels", message)]
    return tuple(dict.fromkeys((normal(name), specifier.rstrip(",")) for name, specifier in found))


def _base(requires: Sequence[str]) -> tuple[str, ...]:
    named = {normal(re.split(r"[^A-Za-z0-9._-]", line.strip(), maxsplit=1)[0]) for line in requires}
    return tuple(line for line in _BASE if line.partition("<")[0] not in named)


def _setup_requires(text: str) -> tuple[str, ...]:
    """What a call in `setup.py` names literally as `setup_requires`. Nothing is run."""
    try:
        nodes = list(ast.walk(ast.parse(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    for node in nodes:
        if isinstance(node, ast.keyword) and node.arg == "setup_requires":
            parts = node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
            found = [part.value for part in parts if isinstance(part, ast.Constant)]
            return tuple(line for line in found if isinstance(line, str))
    return ()


def _read_top(archive: Path, name: str) -> str | None:
    if archive.name.endswith(".zip"):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                if re.fullmatch(rf"[^/]+/{re.escape(name)}", info.filename) and info.file_size < _LARGEST_PROJECT:
                    return opened.read(info).decode("utf-8")
        return None
    with tarfile.open(archive) as opened_tar:
        for member in opened_tar:
            if member.isfile() and re.fullmatch(rf"[^/]+/{re.escape(name)}", member.name.removeprefix("./")):
                file = opened_tar.extractfile(member)
                return file.read(_LARGEST_PROJECT).decode("utf-8") if file is not None else None
    return None


def _last_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.match(r"(\w*Error|error|fatal|.*: error:)", line)]
    return (telling or lines or [""])[0 if telling else -1][:300]
