"""Chooses the file of a release that is best to read. Compatibility does not matter, because nothing is installed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol, TypeVar


class _File(Protocol):
    @property
    def filename(self) -> str: ...
    @property
    def yanked_reason(self) -> str | None: ...


F = TypeVar("F", bound=_File)

_SDIST_ORDER = (".tar.gz", ".zip", ".tar.bz2", ".tgz", ".tar.xz")


def order_files(files: Iterable[F]) -> tuple[F, ...]:
    """Best first: a pure wheel, a wheel for this platform (newest CPython), any other wheel, a source distribution."""
    return tuple(sorted(files, key=_rank, reverse=True))


def _rank(file: _File) -> tuple[object, ...]:
    name = file.filename
    sound = file.yanked_reason is None
    if not name.endswith(".whl"):
        order = next((index for index, suffix in enumerate(_SDIST_ORDER) if name.endswith(suffix)), len(_SDIST_ORDER))
        return (sound, 0, (0, 0), -order, (), name)
    parts = name.removesuffix(".whl").split("-")
    pythons, abis, platforms = (part.split(".") for part in parts[-3:])
    newest = max(_python_rank(python) for python in pythons)
    here = set(platforms) & _platforms_here()
    kind = 3 if platforms == ["any"] else 2 if here else 1
    standard_abi = not any(abi.endswith(("t", "d")) for abi in abis)
    return (sound, kind, newest, int(standard_abi), _build_rank(parts), name)


def _python_rank(tag: str) -> tuple[int, int]:
    """`py3` < `py311` < `cp27` < `cp39` < `cp313`; PyPy and others come last."""
    match = re.fullmatch(r"(cp|py)(\d)(\d*)", tag)
    if not match:
        return (0, 0)
    kind, major, minor = match.groups()
    return (int(major) * 2 + (kind == "cp"), int(minor or 0))


def _build_rank(parts: list[str]) -> tuple[int, str]:
    if len(parts) < 6:
        return (0, "")
    match = re.match(r"(\d*)(.*)", parts[2])
    return (int(match.group(1) or 0), match.group(2)) if match else (0, "")


@lru_cache(maxsize=1)
def _platforms_here() -> frozenset[str]:
    from packaging.tags import platform_tags

    return frozenset(platform_tags())
