"""Small packages and indexes for tests, made on the spot."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

from tailrace.sources import Sources, SourceSettings


def wheel_bytes(name: str, version: str, files: dict[str, str] | None = None, requires: tuple[str, ...] = ()) -> bytes:
    """A wheel with the given files beside its metadata."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(
        f"Requires-Dist: {r}\n" for r in requires
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for path, text in (files or {f"{name}/__init__.py": f"__version__ = {version!r}\n"}).items():
            file.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), text)
        file.writestr(zipfile.ZipInfo(f"{info}/METADATA", (2020, 1, 1, 0, 0, 0)), metadata)
        file.writestr(zipfile.ZipInfo(f"{info}/WHEEL", (2020, 1, 1, 0, 0, 0)), "Wheel-Version: 1.0\n")
        file.writestr(zipfile.ZipInfo(f"{info}/RECORD", (2020, 1, 1, 0, 0, 0)), "")
    return buffer.getvalue()


def sdist_bytes(name: str, version: str, files: dict[str, str] | None = None) -> bytes:
    """A .tar.gz with its own top folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        contents = {
            "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{name}/__init__.py": "",
            **(files or {}),
        }
        for path, text in contents.items():
            info = tarfile.TarInfo(f"{name}-{version}/{path}")
            info.size = len(text.encode())
            file.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


class Index:
    """A simple index (PEP 503) in a folder; `add` writes a file and its link."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.root.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """What pip would be told."""
        return self.root.as_uri()

    def add(
        self, filename: str, content: bytes | None = None, *, attributes: str = "", sha256: str | None = None
    ) -> Path:
        """Offer a file; its project is what stands before the first dash."""
        project = filename.partition("-")[0].replace("_", "-").lower()
        folder = self.root / project
        folder.mkdir(exist_ok=True)
        name, version = filename.split("-")[0], filename.split("-")[1].removesuffix(".tar.gz").removesuffix(".zip")
        if content is None:
            content = wheel_bytes(name, version) if filename.endswith(".whl") else sdist_bytes(name, version)
        (folder / filename).write_bytes(content)
        sha256 = sha256 or hashlib.sha256(content).hexdigest()
        page = folder / "index.html"
        old = page.read_text() if page.exists() else "<!DOCTYPE html>\n"
        page.write_text(f'{old}<a href="{filename}#sha256={sha256}" {attributes}>{filename}</a><br>\n')
        return folder / filename

    def sources(self, tmp_path: Path, **settings: object) -> Sources:
        """Sources that ask this index alone."""
        given = {"index_urls": (self.url,), "find_links": (), "cache_dir": tmp_path / "cache"} | settings
        return Sources(SourceSettings(**given))  # type: ignore[arg-type]
