"""Bounded reading and all-or-nothing writing of plain and zstd files. Knows nothing of what is in them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import zstandard

from tailrace import disk
from tailrace.conda.errors import RepodataError

MAX_BYTES = 1 << 30
"""More than twice the largest index that is served anywhere; beyond it a file is refused, not read."""


class UnpackError(ValueError):
    """Why bytes are not what their compression promises: a clause such as `is cut short`."""


def unpack_zst(pieces: Iterable[bytes], max_bytes: int, *, one_frame: bool = False) -> bytes:
    """The unpacked bytes of a zstd stream, given in pieces of a few KB each, since a few bytes can stand for many.

    `one_frame`: whether more than one frame is an error, as for clients that read only the first. Raises UnpackError,
    also for a stream that ends too early.
    """
    found: list[bytes] = []
    size = 0
    unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
    try:
        for piece in pieces:
            rest = piece
            while rest:
                if unpacker.eof:
                    if one_frame:
                        raise UnpackError("has data after its end")
                    unpacker = zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
                found.append(unpacker.decompress(rest))
                size += len(found[-1])
                if size > max_bytes:
                    raise UnpackError(f"is larger than {max_bytes >> 20} MB once unpacked")
                rest = unpacker.unused_data if unpacker.eof else b""
    except zstandard.ZstdError as error:
        raise UnpackError(f"is not a whole zstd stream ({error})") from None
    if not unpacker.eof:
        raise UnpackError("is cut short")
    return b"".join(found)


def read_bounded(path: Path, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of a file, decompressed when it is zstd.

    Raises `RepodataError` when it cannot be read or is too large.
    """
    try:
        with disk.open_file(path) as file:
            head = file.read(4)
            file.seek(0)
            if head == zstandard.FRAME_HEADER[:4]:
                return unpack_zst(iter(lambda: file.read(4096), b""), max_bytes)
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise RepodataError(path, f"cannot be read: {error.strerror or error}.") from None
    except UnpackError as error:
        raise RepodataError(path, f"{error}.", hint="Fetch it again.") from None
    if len(data) > max_bytes:
        raise RepodataError(path, f"is larger than {max_bytes >> 20} MB.")
    return data


def write_atomically(path: Path, pieces: Iterable[bytes]) -> None:
    """Writes to a new file beside `path` and renames it, so that no reader sees half of it.

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
