"""A conda environment's folder in, its installed packages out, as its own `conda-meta` describes them. Never runs
anything in it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec

from tailrace.channels.clients.interface import Installed
from tailrace.channels.errors import PrefixError
from tailrace.channels.folders import served_folder
from tailrace.channels.history import requested_in
from tailrace.channels.records import Record

#: Larger than any real `conda-meta` file (they list every file of a package).
LIMIT = 64 << 20


class _Entry(Record, frozen=True, kw_only=True, eq=False):
    url: str = ""
    fn: str = ""
    requested_spec: str | None = None
    requested_specs: list[str] | None = None


_DECODER = msgspec.json.Decoder(_Entry, strict=False)


def load_prefix(prefix: Path) -> tuple[Installed, ...]:
    """Every package of an environment, sorted by name. Raises PrefixError when one cannot be read: half an
    environment is none.

    What its user asked for is taken from its history, as conda and mamba do, and where there is none from its packages.
    """
    folder = prefix / "conda-meta"
    if not folder.is_dir():
        raise PrefixError(f"{prefix} is no conda environment: it has no folder conda-meta.")
    try:
        paths = [path for path in folder.iterdir() if path.suffix == ".json"]
    except OSError as error:
        raise PrefixError(f"{folder} cannot be listed ({error.strerror}).") from None
    installed = sorted((_read(path) for path in paths), key=lambda package: package.record.name)
    asked = requested_in(_history(folder / "history"))
    if any(package.record.name in asked for package in installed):
        installed = [replace(package, requested=asked.get(package.record.name)) for package in installed]
    return tuple(installed)


def _history(path: Path) -> str:
    try:
        if not path.is_file() or path.stat().st_size > LIMIT:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _read(path: Path) -> Installed:
    try:
        if path.stat().st_size > LIMIT:
            raise PrefixError(f"{path} is larger than {LIMIT >> 20} MB.")
        entry = _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise PrefixError(f"{path} cannot be read ({error}).") from None
    url = _channel_url(entry)
    # Of a channel of one's own, clients write down the folder behind which its states change.
    folder = served_folder(url)
    if folder is not None:
        url = folder.url
    fields = {name: getattr(entry, name) for name in Record.__struct_fields__}
    fields |= {
        "file_name": entry.fn or f"{path.stem}.conda",
        "channel": folder.name if folder else url.rsplit("/", 1)[-1],
    }
    # conda up to 4.14 wrote the text "None" for what nobody had asked for.
    asked = [one for one in (*(entry.requested_specs or ()), entry.requested_spec) if one and one != "None"]
    return Installed(Record(**fields), url, asked[0] if asked else None)


def _channel_url(entry: _Entry) -> str:
    """The base URL of the channel a package came from, without subdir and file name."""
    if entry.url.count("/") > 3:
        return entry.url.rsplit("/", 2)[0]
    tail = f"/{entry.subdir}"
    channel = entry.channel.rstrip("/")
    return channel.removesuffix(tail) if entry.subdir else channel
