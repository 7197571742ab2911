"""For which interpreters and platforms an index offers a wheel of the older of two releases only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from packaging.utils import InvalidWheelFilename, parse_wheel_filename

# Platforms that nearly every project has users on; the names are for people.
_PLATFORMS = {
    "Linux on x86_64": re.compile(r"manylinux\w*_x86_64|linux_x86_64"),
    "Linux on aarch64": re.compile(r"manylinux\w*_aarch64|linux_aarch64"),
    "macOS on x86_64": re.compile(r"macosx_\w+_(?:x86_64|universal2|intel|fat64)"),
    "macOS on arm64": re.compile(r"macosx_\w+_(?:arm64|universal2)"),
    "Windows on x86_64": re.compile(r"win_amd64"),
}
_PURE = re.compile(r"(?:py2\.)?py3|py2")
_VERSIONED = re.compile(r"cp3(\d+)\Z")


@dataclass(frozen=True, slots=True)
class LostWheels:
    """`sources_only`: the newer release offers no wheel at all. `lost`: (minor version of CPython, platform)."""

    sources_only: bool
    lost: tuple[tuple[int, str], ...]


def lost_wheels(in_baseline: Iterable[str], in_candidate: Iterable[str], minors: Iterable[int]) -> LostWheels:
    """What the files of the older release served and those of the newer do not, for some versions of CPython 3."""
    baseline, candidate = _served(in_baseline), list(in_candidate)
    now = _served(candidate)
    asked = set(minors)
    had = {(minor, platform) for minor in asked for platform in _PLATFORMS if _is_served(baseline, minor, platform)}
    has = {(minor, platform) for minor in asked for platform in _PLATFORMS if _is_served(now, minor, platform)}
    compiled = any(platform is not None for _, _, platform in baseline)
    if not compiled or not candidate:
        return LostWheels(False, ())
    return LostWheels(not now, tuple(sorted(had - has)))


def _served(files: Iterable[str]) -> set[tuple[int | None, bool, str | None]]:
    """(minor version or any, whether later ones too, platform or any) for each tag of each wheel."""
    found: set[tuple[int | None, bool, str | None]] = set()
    for file in files:
        if not file.endswith(".whl"):
            continue
        try:
            tags = parse_wheel_filename(file)[3]
        except InvalidWheelFilename:
            continue
        for tag in tags:
            match = _VERSIONED.match(tag.interpreter)
            if match is None and _PURE.fullmatch(tag.interpreter) is None:
                continue
            minor = int(match[1]) if match is not None else None
            platforms = [name for name, pattern in _PLATFORMS.items() if pattern.fullmatch(tag.platform)]
            if tag.platform == "any":
                found.add((minor, True, None))
            found.update((minor, tag.abi == "abi3", name) for name in platforms)
    return found


def _is_served(served: set[tuple[int | None, bool, str | None]], minor: int, platform: str) -> bool:
    return any(
        (known is None or known == minor or (later and known <= minor)) and (place is None or place == platform)
        for known, later, place in served
    )
