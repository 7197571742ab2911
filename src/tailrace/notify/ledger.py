"""Where notifications keep what they know: `notify.toml`, `state.json`, the Markdown issues and the feed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tailrace import disk
from tailrace.model.inert import sayable
from tailrace.notify.errors import NotifyDiskError, NotifyError
from tailrace.notify.model import SETTINGS, STATE, NotifySettings, NotifyState

_LOCK = ".lock"
_LIMIT = 32 << 20


class NotifyLedger:
    """The folder. Nothing is made before something is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def settings(self) -> NotifySettings:
        """What `notify.toml` says; without one, Markdown issues and a feed."""
        text = self._read(SETTINGS)
        if text is None:
            return NotifySettings()
        try:
            found = msgspec.toml.decode(text, type=NotifySettings)
        except (msgspec.DecodeError, UnicodeError, ValueError, RecursionError) as error:
            raise NotifyError(f"{self.folder / SETTINGS} cannot be used: {error}.") from None
        for name in (found.issues, found.feed):
            if name.startswith(("/", "\\")) or ".." in Path(name).parts or ":" in name:
                raise NotifyError(f"{self.folder / SETTINGS}: {name!r} is not a place below the ledger.")
        return found

    def state(self) -> NotifyState:
        """What is known."""
        text = self._read(STATE)
        if text is None:
            return NotifyState()
        try:
            return msgspec.json.decode(text, type=NotifyState)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise NotifyDiskError(
                f"{self.folder / STATE} is damaged: {error}.", hint="Restore it from git, or remove it to begin anew."
            ) from None

    def save(self, state: NotifyState) -> None:
        """Writes the state, whole or not at all."""
        text = json.dumps(sayable(msgspec.to_builtins(state)), indent=1, sort_keys=True, ensure_ascii=True)
        self.write(STATE, f"{text}\n")

    def write(self, name: str, text: str) -> Path:
        """Writes a file of the ledger, whole or not at all."""
        path = self.folder / name
        self._check_inside(path)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            disk.write_whole(path, text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            raise NotifyDiskError(f"{path} could not be written: {error.strerror or error}.") from None
        return path

    def change(self, change: Callable[[NotifyState], NotifyState]) -> NotifyState:
        """Reads, changes and writes the state."""
        state = change(self.state())
        self.save(state)
        return state

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Alone: two runs at once would tell everything twice."""
        self._check_inside(self.folder / _LOCK)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with disk.lock(self.folder / _LOCK, wait=60):
                yield
        except disk.LockedError:
            raise NotifyDiskError(f"another run has held {self.folder} for a minute.", hint="Try again.") from None
        except OSError as error:
            raise NotifyDiskError(f"{self.folder} cannot be written: {error.strerror or error}.") from None

    def _check_inside(self, path: Path) -> None:
        """Refuse a link that leads out of the ledger: a repository that others write to may hold one."""
        try:
            inside = path.resolve().is_relative_to(self.folder.resolve())
        except (OSError, RuntimeError):
            inside = False
        if not inside:
            raise NotifyError(
                f"{path} leads out of the ledger by a symbolic link.", hint="Remove the link, or name another --ledger."
            )

    def _read(self, name: str) -> bytes | None:
        path = self.folder / name
        self._check_inside(path)
        try:
            return disk.read_bounded(path, _LIMIT)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NotifyDiskError(f"{path} cannot be read: {error.strerror or error}.") from None
