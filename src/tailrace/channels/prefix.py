"""A conda environment's folder in, its installed packages out, as its own `conda-meta` describes them. Never runs
anything in it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from tailrace.channels.clients.interface import Installed
from tailrace.channels.errors import PrefixError
from tailrace.channels.records import Record

#: Larger than any real `conda-meta` file (they list every file of a package).
LIMIT = 64 << 20


class _Entry(Record, frozen=True, kw_only=True, eq=False):
    url: str = ""
    fn: str = ""
    requested_spec: str | None = None


_DECODER = msgspec.json.Decoder(_Entry, strict=False)


def load_prefix(prefix: Path) -> tuple[Installed, ...]:
    """Every package of an environment, sorted by name. Raises PrefixError when one cannot be read: half an
    environment is none.
    """
    folder = prefix / "conda-meta"
    if not folder.is_dir():
        raise PrefixError(f"{prefix} is no conda environment: it has no folder conda-meta.")
    return tuple(sorted((_read(path) for path in folder.glob("*.json")), key=lambda package: package.record.name))


def _read(path: Path) -> Installed:
    try:
        if path.stat().st_size > LIMIT:
            raise PrefixError(f"{path} is larger than {LIMIT >> 20} MB.")
        entry = _DECODER.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise PrefixError(f"{path} cannot be read ({error}).") from None
    url = _channel_url(entry)
    fields = {name: getattr(entry, name) for name in Record.__struct_fields__}
    fields |= {"file_name": entry.fn or f"{path.stem}.conda", "channel": url.rsplit("/", 1)[-1]}
    return Installed(Record(**fields), url, entry.requested_spec or None)


def _channel_url(entry: _Entry) -> str:
    """The base URL of the channel a package came from, without subdir and file name."""
    if entry.url.count("/") > 3:
        return entry.url.rsplit("/", 2)[0]
    tail = f"/{entry.subdir}"
    channel = entry.channel.rstrip("/")
    return channel.removesuffix(tail) if entry.subdir else channel
