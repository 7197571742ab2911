"""Orders versions and measures their distance, in months of the calendar or in minor releases."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version


def read_version(text: str | None) -> Version | None:
    """The final version that a text names: of `24.9.0rc1` and `24.9.1.dev3` what they lead to; `None` for no version.

    `25.1` and `25.1.0` are equal. `v1.2` and `release-1.2` are read as tags are.
    """
    if text is None:
        return None
    match = re.search(r"(?<![\w.])v?\d+(?:\.\d+)*[\w.+!-]*", text.strip())
    try:
        return Version(Version(match.group() if match else text).base_version)
    except InvalidVersion:
        plain = re.match(r"v?(\d+(?:\.\d+)*)", match.group()) if match else None
        return Version(plain.group(1)) if plain else None


def month_of(version: Version) -> int | None:
    """The months since the year 0 of a calendar version, `24.3` or `2024.3.1`; `None` for any other."""
    release = version.release
    if len(release) < 2 or not 1 <= release[1] <= 12:
        return None
    year = release[0] if release[0] >= 2000 else 2000 + release[0]
    return year * 12 + release[1] if 2010 <= year <= 2100 else None


def minors_between(first: Version, last: Version) -> int | None:
    """How many minor releases after the first the last one is; `None` across major versions, where nobody knows how
    many minor releases the older one will have."""
    if first.major != last.major:
        return 0 if last < first else None
    return last.minor - first.minor
