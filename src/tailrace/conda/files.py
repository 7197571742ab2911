"""Bounded reading and all-or-nothing writing of plain and zstd files. Knows nothing of what is in them."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import zstandard

from tailrace.conda.errors import RepodataError

MAX_BYTES = 1 << 30
"""More than twice the largest index that is served anywhere; beyond it a file is refused, not read."""


def read_bounded(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of a file, decompressed when it is zstd.

    Raises `RepodataError` when it cannot be read or is too large.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
            file.seek(0)
            if head != zstandard.FRAME_HEADER[:4]:
                data = file.read(max_bytes + 1)
            else:
                reader = zstandard.ZstdDecompressor(max_window_size=1 << 31).stream_reader(
                    file, read_across_frames=True
                )
                buffer = io.BytesIO()
                while buffer.tell() <= max_bytes and (chunk := reader.read(1 << 20)):
                    buffer.write(chunk)
                data = buffer.getvalue()
    except OSError as error:
        raise RepodataError(path, f"cannot be read: {error.strerror or error}.") from None
    except zstandard.ZstdError as error:
        raise RepodataError(path, f"is not a whole .zst file ({error}).", hint="Fetch it again.") from None
    if len(data) > max_bytes:
        raise RepodataError(path, f"is larger than {max_bytes / 2**20:.0f} MB once unpacked.")
    return data


def write_atomically(path: Path, pieces: Iterable[bytes]) -> None:
    """Writes to a new file beside `path` and renames it, so that nobody ever sees half of it.

    Raises `RepodataError`.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            if path.suffix == ".zst":
                with zstandard.ZstdCompressor(level=10).stream_writer(file, closefd=False) as writer:
                    for piece in pieces:
                        writer.write(piece)
            else:
                file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise RepodataError(
            path, f"cannot be written: {error.strerror or error}.", hint="Nothing was changed."
        ) from None
    finally:
        part.unlink(missing_ok=True)
