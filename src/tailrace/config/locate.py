"""Finds the configuration file that applies in a folder."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tailrace import disk
from tailrace.toml.mistakes import ConfigError, Mistake
from tailrace.toml.parse import parse_toml

OWN_NAME = "tailrace.toml"
SHARED_NAME = "pyproject.toml"
_SIZE_LIMIT = 4 << 20


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A configuration file as read. `table`: Tailrace's own table; `prefix`: the keys that lead to it."""

    path: Path
    text: str
    table: dict[str, Any]
    prefix: tuple[str, ...]


def find_config(start: Path) -> ConfigFile | None:
    """The nearest `tailrace.toml`, or `pyproject.toml` with `[tool.tailrace]`, from `start` upwards.

    The search ends with the folder that holds `.git`, or at the root of the file system. A `pyproject.toml` without our
    table is passed by. Raises `ConfigError` for a file that cannot be read and for a folder that holds both forms.
    """
    for folder in (start, *start.parents):
        own = _read(folder / OWN_NAME, ()) if (folder / OWN_NAME).is_file() else None
        shared = _read(folder / SHARED_NAME, ("tool", "tailrace")) if (folder / SHARED_NAME).is_file() else None
        if own and shared:
            message = f"both {OWN_NAME} and [tool.tailrace] in {SHARED_NAME} configure this folder; keep one of them"
            raise ConfigError([Mistake(str(own.path), None, message)])
        if own or shared:
            return own or shared
        if (folder / ".git").exists():
            return None
    return None


def read_config(path: Path) -> ConfigFile:
    """The file named by `--config`. Raises `ConfigError` where it cannot be read or holds no table of ours."""
    prefix = ("tool", "tailrace") if path.name == SHARED_NAME else ()
    found = _read(path, prefix)
    if found is None:
        raise ConfigError([Mistake(str(path), None, "there is no table [tool.tailrace] in it")])
    return found


def _read(path: Path, prefix: tuple[str, ...]) -> ConfigFile | None:
    try:
        text = disk.read_bounded(path, _SIZE_LIMIT).decode("utf-8-sig")
        document: Any = parse_toml(text)
    except OSError as error:
        raise ConfigError([Mistake(str(path), None, f"cannot be read: {error.strerror or error}")]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError([Mistake(str(path), line, "is not UTF-8 text")]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax(path, error)]) from None
    for key in prefix:
        document = document.get(key) if isinstance(document, dict) else None
    if document is None:
        return None
    if not isinstance(document, dict):
        raise ConfigError([Mistake(str(path), None, "[tool.tailrace] must be a table")])
    return ConfigFile(path, text, document, prefix)


def _syntax(path: Path, error: Exception) -> Mistake:
    # tomllib gives the place only in its text up to Python 3.13.
    text, _, place = str(error).rpartition(" (at line ")
    line = place.split(",")[0]
    if text and line.isdigit():
        return Mistake(str(path), int(line), f"is not valid TOML: {text}")
    return Mistake(str(path), None, f"is not valid TOML: {error}")
