"""A release: what a spec such as `MarkupSafe==2.1.0` names, before anything of it is opened."""

from __future__ import annotations

from typing import Literal

import msgspec

SourceKind = Literal["pypi", "conda", "file", "directory", "git", "environment", "interpreter"]


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one distribution, from one place.

    `name` is normalised as in PEP 503 (`markupsafe`), `version` is the text the source gives (PEP 440 for PyPI; for
    a git
    ref or a directory without metadata, the ref or `0+unknown`). `spec` is the text that leads here again. `sha256`
    is of
    the archive as downloaded, `None` where there is no archive. `url` never carries credentials.
    """

    name: str
    version: str
    spec: str
    source: SourceKind
    filename: str | None = None
    sha256: str | None = None
    url: str | None = None
    requires_python: str | None = None
    yanked: bool = False
    yanked_reason: str | None = None
