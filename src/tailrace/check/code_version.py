"""Which code finds what: names the answers that are kept, so that none of other code is taken for today's."""

from __future__ import annotations

import functools
import hashlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

#: The libraries that decide findings themselves.
LIBRARIES = ("ty", "typeshed-client")


@functools.cache
def code_version() -> str:
    """The version of Tailrace with a digest of its files and the versions of the libraries that decide findings.

    Takes about 40 ms for reading the files. Where they are not on the disk, such as in a frozen program, only the
    versions count.
    """
    from tailrace import __version__

    found = [__version__, digest_files(Path(__file__).parents[1])]
    for library in LIBRARIES:
        try:
            found.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            found.append(library)
    return "\0".join(found)


def digest_files(folder: Path) -> str:
    """SHA-256 over the names and contents of the files of a package, hexadecimal; compiled ones do not count."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if "__pycache__" not in path.parts and path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found.update(f"{path.relative_to(folder).as_posix()}\0{content}\0".encode())
    return found.hexdigest()
