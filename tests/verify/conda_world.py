"""A conda channel in a folder, with a Python that leads to the running one."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

from conda_package_streaming.create import conda_builder

from tailrace.conda import rattler
from tailrace.verify.interpreters import Interpreter, ask_interpreter

VERSION = platform.python_version()
SERIES = "{}.{}".format(*sys.version_info)


def running() -> Interpreter:
    """The interpreter that runs the tests, links followed."""
    path = Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()
    found = ask_interpreter(path)
    assert found is not None
    return found


class CondaWorld:
    """Packages in a folder; `index` writes the channel's index."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.subdir = rattler.this_platform()
        self._add_python()

    @property
    def url(self) -> str:
        """The address of the channel."""
        return self.folder.as_uri()

    def add(
        self,
        name: str,
        version: str,
        files: Mapping[str, str],
        *depends: str,
        when: int = 1_650_000_000_000,
        carries: Mapping[str, str] | None = None,
    ) -> None:
        """A pure Python package, with its metadata. `carries`: further files of its metadata folder; one that begins
        with `->` is a link.
        """
        info = f"{name}-{version}.dist-info"
        inside = {
            **files,
            f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
            f"{info}/RECORD": "".join(f"{file},,\n" for file in files),
        }
        members = {f"site-packages/{file}": text.encode() for file, text in inside.items()}
        further = {f"info/{file}": text for file, text in (carries or {}).items()}
        links = {file: text.removeprefix("->") for file, text in further.items() if text.startswith("->")}
        members |= {file: text.encode() for file, text in further.items() if file not in links}
        self._write(name, version, "py_0", "noarch", members, links, ("python", *depends), when, python=True)

    def index(self) -> None:
        """Writes the index of all packages."""
        (self.folder / "noarch").mkdir(exist_ok=True)
        rattler.index_folder(self.folder, None, served=False)
        for file in self.folder.glob("*/repodata.json"):  # when it was indexed says nothing about a past day
            data = json.loads(file.read_text())
            for section in ("packages", "packages.conda"):
                for record in data.get(section, {}).values():
                    record.pop("indexed_timestamp", None)
            file.write_text(json.dumps(data))

    def _add_python(self) -> None:
        here = running()
        home = Path(here.path).parent
        members = {
            "pyvenv.cfg": f"home = {home}\ninclude-system-site-packages = false\nversion = {VERSION}\n".encode(),
            f"lib/python{SERIES}/site-packages/README.txt": b"packages\n",
        }
        links = {f"bin/{name}": here.path for name in ("python", "python3", f"python{SERIES}")}
        self._write("python", VERSION, "0_links", self.subdir, members, links, (), 1_600_000_000_000)

    def _write(
        self,
        name: str,
        version: str,
        build: str,
        subdir: str,
        members: Mapping[str, bytes],
        links: Mapping[str, str],
        depends: tuple[str, ...],
        when: int,
        *,
        python: bool = False,
    ) -> None:
        index = {"name": name, "version": version, "build": build, "build_number": 0, "depends": list(depends)}
        index |= {"subdir": subdir, "timestamp": when, **({"noarch": "python"} if python else {})}
        paths = [
            {
                "_path": path,
                "path_type": "hardlink",
                "sha256": hashlib.sha256(data).hexdigest(),
                "size_in_bytes": len(data),
            }
            for path, data in members.items()
            if not path.startswith("info/")
        ]
        paths += [{"_path": path, "path_type": "softlink"} for path in links if not path.startswith("info/")]
        info = {
            "info/index.json": index,
            "info/paths.json": {"paths_version": 1, "paths": paths},
            **({"info/link.json": {"noarch": {"type": "python"}, "package_metadata_version": 1}} if python else {}),
        }
        folder = self.folder / subdir
        folder.mkdir(parents=True, exist_ok=True)
        with conda_builder(f"{name}-{version}-{build}", str(folder), compression_level=1) as archive:
            for path, data in ({k: json.dumps(v).encode() for k, v in info.items()} | dict(members)).items():
                member = tarfile.TarInfo(path)
                member.size = len(data)
                archive.addfile(member, io.BytesIO(data))
            for path, target in links.items():
                member = tarfile.TarInfo(path)
                member.type, member.linkname = tarfile.SYMTYPE, target
                archive.addfile(member)
