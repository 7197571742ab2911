"""How a report is shown. Changes nothing of what is reported."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderOptions:
    """`color`: ANSI colours (text only). `width`: columns that prose is wrapped to (text only; 0: never).

    `verbose`: every site instead of the first `max_sites` of a cause, and what is guarded in clear downstreams.
    `quiet`: no list of clear downstreams (text only). `include_possible`: show findings of confidence `possible`
    instead of only counting them; JSON always has them. `folders`: for downstreams that are folders of a repository, by
    their spec, where they are in it (`""` for its root), so that a forge finds the places.

    For exposure, `names`: packages that are shown besides those asked for, and `span`: the time looked at, in ms since
    the epoch. For `hotfix reach`, `why`: how it is known which client believes what.
    """

    color: bool = False
    width: int = 100
    verbose: bool = False
    quiet: bool = False
    include_possible: bool = False
    max_sites: int = 5
    folders: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = ()
    span: tuple[int, int] | None = None
    why: bool = False


DEFAULT_OPTIONS = RenderOptions()
