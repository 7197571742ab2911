"""Makes small wheels for tests."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent


def write_wheel(
    folder: Path,
    name: str,
    version: str,
    files: Mapping[str, str],
    *,
    requires: Sequence[str] = (),
    requires_python: str | None = None,
    entry_points: Mapping[str, Mapping[str, str]] | None = None,
) -> Path:
    """Writes `NAME-VERSION-py3-none-any.whl` with these files (texts are dedented); its path."""
    info = f"{name}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {line}" for line in requires]
    lines += [f"Requires-Python: {requires_python}"] if requires_python else []
    members = {path: dedent(text) for path, text in files.items()}
    members[f"{info}/METADATA"] = "\n".join(lines) + "\n"
    members[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if entry_points:
        members[f"{info}/entry_points.txt"] = "".join(
            f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items())
            for group, points in entry_points.items()
        )
    record = "".join(f"{path},{_hash(text)},{len(text.encode())}\n" for path, text in members.items())
    members[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in members.items():
            archive.writestr(path, text)
    return target


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def write_installed_wheel(folder: Path, name: str) -> Path:
    """Writes a wheel of what is installed under this name in the running environment; its path."""
    from importlib.metadata import distribution

    found = distribution(name)
    folder.mkdir(parents=True, exist_ok=True)
    stem = next(str(file) for file in found.files or () if ".dist-info/" in str(file)).partition(".dist-info/")[0]
    target = folder / f"{stem}-py3-none-any.whl"
    record = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in found.files or ():
            path = Path(str(found.locate_file(file)))
            place = str(file)
            if ".." in place or "__pycache__" in place or place.endswith(("RECORD", "INSTALLER", "REQUESTED")):
                continue
            if place.endswith("direct_url.json") or not path.is_file():
                continue
            data = path.read_bytes()
            archive.writestr(place, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{place},sha256={digest},{len(data)}\n")
        info = f"{stem}.dist-info"
        archive.writestr(f"{info}/RECORD", "".join(record) + f"{info}/RECORD,,\n")
    return target


def write_sdist(folder: Path, name: str, version: str, files: Mapping[str, str]) -> Path:
    """Writes `NAME-VERSION.tar.gz` with these files (texts are dedented) and a PKG-INFO; its path."""
    import io
    import tarfile

    members = {"PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", **files}
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(target, "w:gz") as archive:
        for path, text in members.items():
            data = dedent(text).encode()
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return target
