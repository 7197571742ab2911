"""Archives for tests, sound and hostile, made on the spot."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import zstandard

from tailrace.artifacts import open_release
from tailrace.model import Artifact
from tailrace.sources import Limits, Sources, SourceSettings

Content = str | bytes
METADATA = "Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n"


def as_bytes(content: Content) -> bytes:
    return content.encode() if isinstance(content, str) else content


def zip_bytes(files: Mapping[str, Content], *, compressed: bool = True) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as file:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.compress_type = file.compression
            file.writestr(info, as_bytes(content))
    return buffer.getvalue()


def tar_bytes(files: Mapping[str, Content | tarfile.TarInfo], mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as file:  # type: ignore[call-overload]
        for name, content in files.items():
            if isinstance(content, tarfile.TarInfo):
                content.name = name
                file.addfile(content)
                continue
            info = tarfile.TarInfo(name)
            info.size = len(as_bytes(content))
            file.addfile(info, io.BytesIO(as_bytes(content)))
    return buffer.getvalue()


def entry(kind: bytes, target: str = "", size: int = 0) -> tarfile.TarInfo:
    """A tar entry that is no plain file."""
    info = tarfile.TarInfo("x")
    info.type, info.linkname, info.size = kind, target, size
    return info


def wheel(files: Mapping[str, Content], metadata: str = METADATA) -> bytes:
    return zip_bytes(
        {**files, "demo-1.0.dist-info/METADATA": metadata, "demo-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\n"}
    )


def sdist(files: Mapping[str, Content | tarfile.TarInfo], top: str = "demo-1.0") -> bytes:
    return tar_bytes({f"{top}/PKG-INFO": METADATA, **{f"{top}/{path}": content for path, content in files.items()}})


def conda_info(depends: tuple[str, ...] = (), **more: str) -> dict[str, Content]:
    index = {"name": "demo", "version": "1.0", "build": "0", "build_number": 0, "depends": list(depends)}
    return {"info/index.json": json.dumps(index), **{f"info/{name}.json": text for name, text in more.items()}}


def conda_v2(files: Mapping[str, Content], info: Mapping[str, Content] | None = None) -> bytes:
    def packed(content: Mapping[str, Content]) -> bytes:
        return zstandard.ZstdCompressor().compress(tar_bytes(content, "w"))

    parts = {"info-demo-1.0-0.tar.zst": packed(info or conda_info()), "pkg-demo-1.0-0.tar.zst": packed(files)}
    return zip_bytes({"metadata.json": '{"conda_pkg_format_version": 2}', **parts}, compressed=False)


def conda_v1(files: Mapping[str, Content], info: Mapping[str, Content] | None = None) -> bytes:
    return tar_bytes({**files, **(info or conda_info())}, "w:bz2")


def open_bytes(tmp_path: Path, filename: str, content: bytes, limits: Limits | None = None) -> Artifact:
    """Write the archive and open it through the front door."""
    (tmp_path / filename).write_bytes(content)
    settings = SourceSettings(cache_dir=tmp_path / "cache", index_urls=(), find_links=(), limits=limits or Limits())
    return open_release(str(tmp_path / filename), Sources(settings))
