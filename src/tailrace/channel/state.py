"""What a channel of one's own holds, as one frozen value: files by label and subdir, holds, the act that led here.

Nothing here touches the disk. A state is numbered; the next one is made from it, and the channel is switched over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from tailrace.channel.errors import DamagedError

MAIN = "main"
Files = Mapping[str, "File"]


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One package file. `listed`: it is in the index; otherwise only its file can still be downloaded, as CEP 36 asks
    for.
    """

    name: str
    version: str
    build: str
    size: int
    sha256: str
    listed: bool = True


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was taken out of reach. `since`: ISO 8601, UTC. `labels`: where it was listed."""

    subdir: str
    file_name: str
    reason: str
    since: str
    labels: tuple[str, ...]


class LogEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the log: what was done, when (ISO 8601, UTC), with which files, and on what grounds.

    `serial` is the number of the state that it led to. `packages`: paths relative to the channel, as they are now.
    """

    serial: int
    when: str
    act: Literal["init", "index", "promote", "hold", "release"]
    packages: tuple[str, ...] = ()
    source: str | None = None
    target: str | None = None
    reason: str | None = None
    override: str | None = None
    reports: tuple[str, ...] = ()
    patches: str | None = None


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a channel of your own.

    `labels`: label → subdir → file name → File; the label `main` is always there.
    """

    schema: Literal["tailrace.channel/1"] = "tailrace.channel/1"
    serial: int
    entry: LogEntry
    labels: dict[str, dict[str, dict[str, File]]]
    holds: tuple[Hold, ...] = ()
    patches: str | None = None

    def subdirs(self, label: str) -> Mapping[str, Files]:
        """The subdirs of a label; none when there is no such label."""
        return self.labels.get(label, {})

    def files(self) -> Iterator[tuple[str, str, str, File]]:
        """Every file as `(label, subdir, file name, File)`, sorted."""
        for label, subdirs in sorted(self.labels.items()):
            for subdir, files in sorted(subdirs.items()):
                for file_name, file in sorted(files.items()):
                    yield label, subdir, file_name, file

    def held(self, subdir: str, file_name: str) -> Hold | None:
        """The hold on a file, if there is one."""
        return next((hold for hold in self.holds if (hold.subdir, hold.file_name) == (subdir, file_name)), None)

    def with_files(self, changes: Iterable[tuple[str, str, str, File]]) -> dict[str, dict[str, dict[str, File]]]:
        """The labels with some files added or replaced."""
        labels = {label: {s: dict(files) for s, files in subdirs.items()} for label, subdirs in self.labels.items()}
        for label, subdir, file_name, file in changes:
            labels.setdefault(label, {}).setdefault(subdir, {})[file_name] = file
        return labels


def label_path(label: str) -> str:
    """Where a label lies below the channel (CEP 26): `main` is the channel itself."""
    return "" if label == MAIN else f"label/{label}/"


def path_of(label: str, subdir: str, file_name: str) -> str:
    """Where a file lies below the channel."""
    return f"{label_path(label)}{subdir}/{file_name}"


def encode_state(state: State) -> bytes:
    """JSON, sorted and indented: the same for the same state."""
    return msgspec.json.format(msgspec.json.encode(state, order="sorted"), indent=1) + b"\n"


def decode_state(data: bytes, path: str) -> State:
    """The state in these bytes. Raises DamagedError."""
    try:
        return msgspec.json.decode(data, type=State)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise DamagedError(path, str(error)) from None
