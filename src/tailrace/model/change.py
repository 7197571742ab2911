"""A change: one difference between the surfaces of the baseline and the candidate."""

from __future__ import annotations

import msgspec


class Deprecation(msgspec.Struct, frozen=True, kw_only=True):
    """A deprecation mark found in the source. Versions are as written there, `None` where not given."""

    since: str | None = None
    removed_in: str | None = None
    message: str | None = None
    by: str = "warnings.warn"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What the candidate no longer offers, or offers differently.

    `symbol` is the full dotted path in the baseline (`markupsafe.soft_unicode`, `click.Option.__init__(multiple=)`
    for a
    parameter, `conda clean -l` for an option). `file`/`line` (1-based) is its place in the baseline's artifact; for
    an addition
    (`option-conflict`) or where the baseline has no place, it is the place in the candidate and `in_candidate` is true.
    """

    rule: str
    symbol: str
    file: str | None = None
    line: int | None = None
    detail: str = ""
    in_candidate: bool = False
    deprecated_in: str | None = None
    deprecation: Deprecation | None = None
