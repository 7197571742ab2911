"""Makes the grid that the options of `tailrace matrix` ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tailrace.model.errors import TailraceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tailrace.matrix.compute import Grid
    from tailrace.sources import Sources


def make_grid(upstream: str, downstream: str, versions: Sequence[str], sources: Sources) -> Grid:
    """The grid that was asked for. A downstream that is no name of the index is one row."""
    from dataclasses import replace

    from packaging.utils import canonicalize_name

    from tailrace.matrix.choose import choose, read_side, read_wishes
    from tailrace.matrix.compute import Grid
    from tailrace.sources.spec import PypiSpec, parse_spec

    name, wish = read_side(upstream)
    if not isinstance(parse_spec(upstream), PypiSpec):
        raise TailraceError(
            f"the upstream {upstream!r} is not a name of the package index, whose versions could be listed.",
            hint="Write its name, such as MarkupSafe.",
        )
    other = parse_spec(downstream)
    if isinstance(other, PypiSpec) and canonicalize_name(read_side(downstream)[0]) == canonicalize_name(name):
        raise TailraceError(
            f"{name} cannot be its own downstream.", hint="Name two packages: the one that changes, then its user."
        )
    down, down_wish = read_side(downstream) if isinstance(other, PypiSpec) else (downstream, None)
    given_up, given_down, newest = read_wishes(versions, name, down)
    chosen = given_up or wish
    if newest is not None:
        chosen = replace(chosen, newest=newest)
    upstream_versions = choose(name, chosen, sources)
    if down_wish is None:
        release = sources.resolve(downstream)
        return Grid(name, release.name, upstream_versions, (release.version,), ((release.version, downstream),))
    down_chosen = given_down or down_wish
    if newest is not None:
        down_chosen = replace(down_chosen, newest=newest)
    return Grid(name, down, upstream_versions, choose(down, down_chosen, sources))
