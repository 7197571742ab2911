"""The folder in which incidents are kept: `<ledger>/<id>/incident.toml`. The only place that reads and writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tailrace import disk
from tailrace.conda.files import write_atomically
from tailrace.incident.errors import IncidentDiskError, IncidentError, UnknownIncidentError
from tailrace.incident.model import FILE, IncidentRecord
from tailrace.model.errors import TailraceError
from tailrace.model.inert import sayable

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LIMIT = 16 << 20
_LOCK = ".lock"


class IncidentLedger:
    """The incidents below a folder. Nothing is made before something is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def ids(self) -> tuple[str, ...]:
        """The incidents, sorted by id."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(p.parent.name for p in self.folder.glob(f"*/{FILE}") if _ID.fullmatch(p.parent.name)))

    def place(self, id: str) -> Path:
        """The folder of one incident."""
        if not _ID.fullmatch(id):
            raise IncidentError(
                f"{id!r} is not an id.", hint="Use letters, digits, dots and hyphens: 2022-05-conda-4.13.0"
            )
        return self.folder / id

    def choose(self, id: str | None) -> str:
        """The id that was given, or that of the only incident."""
        known = self.ids()
        if id is None:
            if len(known) == 1:
                return known[0]
            reason = f"there are {len(known)} incidents" if known else "there is no incident"
            hint = f"Name one with --id: {', '.join(known)}" if known else "Open one with `tailrace incident open`."
            raise UnknownIncidentError(f"{reason} in {self.folder}.", hint=hint)
        if not (self.place(id) / FILE).is_file():
            hint = f"There is {', '.join(known)}." if known else "Open it with `tailrace incident open`."
            raise UnknownIncidentError(f"there is no incident {id} in {self.folder}.", hint=hint)
        return id

    def read(self, id: str) -> IncidentRecord:
        """One record. Raises `IncidentError` with every mistake of its file that can be told."""
        path = self.place(id) / FILE
        try:
            text = disk.read_bounded(path, _LIMIT)
        except OSError as error:
            raise IncidentDiskError(f"{path} cannot be read: {error.strerror or error}.") from None
        return parse_record(text, str(path))

    def create(self, record: IncidentRecord) -> Path:
        """Writes a record whose id is new."""
        with self._locked(record.id) as folder:
            if (folder / FILE).exists():
                raise IncidentError(
                    f"there is an incident {record.id} in {self.folder} already.", hint="Give the new one --id."
                )
            return self._write(folder, record)

    def change(self, id: str, change: Callable[[IncidentRecord], IncidentRecord]) -> IncidentRecord:
        """Reads, changes and writes one record, alone: what another process adds meanwhile is not lost."""
        with self._locked(id) as folder:
            record = change(self.read(id))
            self._write(folder, record)
            return record

    def write_picture(self, id: str, name: str, text: str) -> Path:
        """A file beside the record, whole or not at all."""
        path = self.place(id) / name
        _write_bytes(path, text.encode())
        return path

    def _write(self, folder: Path, record: IncidentRecord) -> Path:
        path = folder / FILE
        _write_bytes(path, record_text(record).encode())
        return path

    @contextmanager
    def _locked(self, id: str) -> Iterator[Path]:
        from filelock import FileLock, Timeout

        folder = self.place(id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(folder / _LOCK, timeout=30)
            lock.acquire()
        except OSError as error:
            raise IncidentDiskError(f"{folder} cannot be written: {error.strerror or error}.") from None
        except Timeout:
            raise IncidentDiskError(f"another process has held {folder} for 30 seconds.", hint="Try again.") from None
        try:
            yield folder
        finally:
            lock.release()


def parse_record(text: bytes, name: str) -> IncidentRecord:
    """A record from its TOML. The `timeline` of a scenario is read as events."""
    try:
        record = msgspec.toml.decode(text, type=IncidentRecord)
    except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError) as error:
        raise IncidentError(f"{name} is not the record of an incident: {error}.") from None
    if record.timeline:
        record = msgspec.structs.replace(record, events=(*record.events, *record.timeline), timeline=())
    return record


def record_text(record: IncidentRecord) -> str:
    """The TOML of a record, the same for the same record."""
    import tomli_w

    data: dict[str, object] = sayable(msgspec.to_builtins(record))
    return tomli_w.dumps({"schema": record.schema, **_plain(data)}, multiline_strings=True)


def _plain(data: dict[str, object]) -> dict[str, object]:
    """Without carriage returns, which TOML reads as line ends of its own."""

    def clean(value: object) -> object:
        match value:
            case str():
                return value.replace("\r\n", "\n").replace("\r", "\n")
            case dict():
                return {key: clean(item) for key, item in value.items()}
            case list() | tuple():
                return [clean(item) for item in value]
            case _:
                return value

    return {key: clean(value) for key, value in data.items() if value is not None}


def _write_bytes(path: Path, data: bytes) -> None:
    try:
        write_atomically(path, (data,))
    except TailraceError as error:
        raise IncidentDiskError(error.message, hint="The record is as it was.") from None
    except OSError as error:
        raise IncidentDiskError(
            f"{path} cannot be written: {error.strerror or error}.", hint="The record is as it was."
        ) from None
