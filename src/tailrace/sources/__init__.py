"""Finds the files of a release that a spec names: indexes, conda channels, paths, git, environments. No archive is
opened.
"""

from tailrace.sources.errors import (
    CacheError,
    DownloadError,
    GitError,
    ListError,
    NoPreviousError,
    OfflineError,
    PathError,
    SourceError,
    SpecError,
    UnknownNameError,
    UnknownVersionError,
    UnreachableError,
)
from tailrace.sources.finder import Sources
from tailrace.sources.located import Located
from tailrace.sources.settings import Limits, SourceSettings
from tailrace.sources.spec import parse_spec

__all__ = [
    "CacheError",
    "DownloadError",
    "GitError",
    "Limits",
    "ListError",
    "Located",
    "NoPreviousError",
    "OfflineError",
    "PathError",
    "SourceError",
    "SourceSettings",
    "Sources",
    "SpecError",
    "UnknownNameError",
    "UnknownVersionError",
    "UnreachableError",
    "parse_spec",
]
