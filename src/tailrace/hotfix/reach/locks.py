"""Reads the sets of conda packages that lock files pin. Solves and installs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tailrace import disk
from tailrace.conda.records import Record
from tailrace.conda.yaml_nodes import load_yaml
from tailrace.hotfix.errors import HotfixError
from tailrace.hotfix.suggest.identity import number_of
from tailrace.model.address import redact

LIMIT = 64 << 20
_ENDINGS = (".conda", ".tar.bz2")


class LockFileError(HotfixError):
    """A lock file that cannot be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path}: {reason}.", hint="Read are conda-lock.yml, pixi.lock and explicit files (with a line @EXPLICIT)."
        )
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Locked:
    """What is installed together from a lock file: `part` is the environment and platform, empty where there is one."""

    path: Path
    part: str
    records: tuple[Record, ...]


def read_lock(path: Path) -> tuple[Locked, ...]:
    """Every set of packages in the file. Raises LockFileError."""
    text = _text(path)
    if any(line.strip() == "@EXPLICIT" for line in text.splitlines()[:200]):
        lines = (line.strip() for line in text.splitlines())
        urls = [line.partition("#")[0] for line in lines if line and not line.startswith(("#", "@"))]
        found: tuple[Locked, ...] = (Locked(path, "", tuple(_records(path, urls))),)
    else:
        data = _yaml(path, text)
        if isinstance(data.get("environments"), dict):
            found = tuple(_pixi(path, data["environments"]))
        elif isinstance(data.get("package"), list):
            found = tuple(_conda_lock(path, data["package"]))
        else:
            raise LockFileError(path, "it is not a lock file of a known kind")
    if not any(one.records for one in found):
        raise LockFileError(path, "it pins no conda package")
    return found


def _text(path: Path) -> str:
    try:
        return disk.read_bounded(path, LIMIT).decode("utf-8-sig")
    except OSError as error:
        raise LockFileError(path, f"it cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise LockFileError(path, "it is not UTF-8") from None


def _yaml(path: Path, text: str) -> dict[str, Any]:
    import yaml

    try:
        data = load_yaml(text)
    except (yaml.YAMLError, ValueError):
        raise LockFileError(path, "it is not valid YAML") from None
    if not isinstance(data, dict):
        raise LockFileError(path, "it is not a lock file of a known kind")
    return data


def _pixi(path: Path, environments: dict[Any, Any]) -> Iterator[Locked]:
    for name, environment in environments.items():
        packages = environment.get("packages") if isinstance(environment, dict) else None
        if not isinstance(packages, dict):
            raise LockFileError(path, f"its environment {name!s:.60} has no packages")
        for platform, entries in packages.items():
            part = f"environment {name}, {platform}"
            if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
                raise LockFileError(path, f"its {part:.80} is not a list of packages")
            urls = [entry["conda"] for entry in entries if "conda" in entry]
            yield Locked(path, part, tuple(_records(path, urls)))


def _conda_lock(path: Path, entries: list[Any]) -> Iterator[Locked]:
    found: dict[str, list[object]] = {}
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("manager"), str):
            raise LockFileError(path, "an entry of its list is not a package")
        if entry["manager"] == "conda":
            found.setdefault(str(entry.get("platform")), []).append(entry.get("url"))
    for platform, urls in found.items():
        yield Locked(path, platform, tuple(_records(path, urls)))


def _records(path: Path, urls: Iterable[object]) -> Iterator[Record]:
    """`…/channel/subdir/name-version-build.conda` as a record without dependencies. Raises LockFileError."""
    for url in urls:
        try:
            parts = unquote(urlsplit(url).path).split("/") if isinstance(url, str) else [""]
        except ValueError:
            parts = [""]
        ending = next((ending for ending in _ENDINGS if parts[-1].endswith(ending)), None)
        stem = parts[-1].removesuffix(ending or "").rsplit("-", 2)
        if ending is None or len(stem) != 3:
            raise LockFileError(path, f"{redact(str(url))!r:.120} is not the address of a conda package")
        yield Record(
            name=stem[0],
            version=stem[1],
            build=stem[2],
            build_number=number_of(stem[2]) or 0,
            file_name=parts[-1],
            channel=parts[-3] if len(parts) > 2 else "",
            subdir=parts[-2] if len(parts) > 1 else "",
        )
