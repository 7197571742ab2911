"""What the commands `matrix` and `bounds` share: options in, grids out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from tailrace.model.errors import TailraceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tailrace.cli.formats import Output
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


def publish_rendered(outputs: Sequence[Output], render: Callable[[str, bool], str | bytes]) -> None:
    """Writes each output, files first. `render`: from the format, and whether it goes to stdout."""
    from tailrace.cli.output import OutputError, write_bytes, write_file, write_stdout

    for output in sorted(outputs, key=lambda output: output.path is None):
        made = render(output.format, output.path is None)
        if isinstance(made, bytes):
            if output.path is not None:
                write_bytes(output.path, made)
                continue
            if sys.stdout.isatty():
                raise OutputError("a picture cannot be shown in a terminal.", hint="Name a file: --format png:PATH")
            sys.stdout.buffer.write(made)
            sys.stdout.buffer.flush()
        elif output.path is not None:
            write_file(output.path, made)
        else:
            write_stdout(made, "json" if output.format in ("json", "html", "csv") else output.format)


def read_formats(values: Sequence[str], known: Sequence[str]) -> tuple[Output, ...]:
    """The outputs; text where none is named."""
    from tailrace.cli.formats import read_outputs

    return read_outputs(values or ("text",), known=known)
