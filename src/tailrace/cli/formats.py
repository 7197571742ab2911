"""Parses `--format` values into a checked list of outputs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tailrace.model.errors import TailraceError
from tailrace.report.formats import formats_of, is_binary, missing_library
from tailrace.toml.kinds import nearest


class FormatError(TailraceError):
    """A `--format` that cannot be used."""

    exit_status = 2


@dataclass(frozen=True, slots=True)
class Output:
    """One report to write: to the file `path`, or to stdout when there is none."""

    format: str
    path: Path | None = None


def read_outputs(
    values: Sequence[str], kind: str = "check", *, known: Sequence[str] | None = None
) -> tuple[Output, ...]:
    """The outputs, in the order given. Raises `FormatError` before anything is checked rather than after.

    `known`: the formats, where they are not those of a kind of report.
    """
    known = formats_of(kind) if known is None else known
    outputs = tuple(_read(value, known) for value in values)
    to_stdout = [output.format for output in outputs if output.path is None]
    if len(to_stdout) > 1:
        raise FormatError(
            f"only one format can go to stdout, not {' and '.join(to_stdout)}.",
            hint=f"Give the others a file: --format {to_stdout[-1]}:PATH",
        )
    paths = [output.path.resolve() for output in outputs if output.path]
    for path in paths:
        if paths.count(path) > 1:
            raise FormatError(f"two formats would write the same file {path}.")
    return outputs


def _read(value: str, known: Sequence[str]) -> Output:
    name, colon, place = value.partition(":")
    name = name.strip()
    if name not in known:
        near = nearest(name, tuple(known))
        hint = f"Did you mean {near}?" if near else f"The formats are {', '.join(known)}."
        raise FormatError(f"there is no format {name!r}.", hint=hint)
    if (library := missing_library(name)) is not None:
        raise FormatError(
            f"--format {name} needs the library {library}.",
            hint=f"Install it with `pip install tailrace[{name}]`, or name another format.",
        )
    if not colon or place == "-":
        if is_binary(name) and sys.stdout.isatty():
            raise FormatError(f"--format {name} cannot be shown in a terminal.", hint=f"Name a file: {name}:PATH")
        return Output(name)
    if not place:
        raise FormatError(f"--format {value} names no file.", hint=f"Write {name}:PATH, or {name} for stdout.")
    path = Path(place)
    if path.is_dir():
        raise FormatError(f"--format {value} names a folder.", hint=f"Name a file in it: {name}:{path / 'report'}")
    if not path.parent.is_dir():
        raise FormatError(f"the folder {path.parent} of --format {value} does not exist.", hint="Make it first.")
    return Output(name, path)
