"""Resolves labels and package names, as users write them, against a state. Pure but for match specs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from tailrace.channel.errors import HeldError, SelectionError
from tailrace.channel.state import MAIN, File, State
from tailrace.conda.records import Record
from tailrace.conda.specs import parse_spec

# CEP 26, and nothing that could be a path.
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}", re.ASCII)
RESERVED = ("nolabel", "label")

Chosen = tuple[tuple[str, str, File], ...]


def read_label(text: str) -> str:
    """The label that `canary`, `label/canary` or `main` names. Raises SelectionError."""
    name = text.removeprefix("label/")
    if not _LABEL.fullmatch(name) or name in RESERVED:
        raise SelectionError(
            f"{text!r} is not a label.", hint="A label is letters, digits, `_`, `-` and `.`, as in label/canary."
        )
    return name


def choose(state: State, label: str, wanted: Sequence[str]) -> Chosen:
    """The listed files of a label that the names mean, sorted, as `(subdir, file name, File)`.

    A name is a file name or a match spec: `conda` means all there is of it, `conda=4.13.0` one release. Every one of
    them must mean something, or nothing is chosen: SelectionError.
    """
    if label not in state.labels:
        raise SelectionError(f"There is no label {label!r}.", hint=f"There is: {', '.join(sorted(state.labels))}.")
    listed = [
        (subdir, file_name, file)
        for subdir, files in sorted(state.subdirs(label).items())
        for file_name, file in sorted(files.items())
        if file.listed
    ]
    chosen: dict[tuple[str, str], File] = {}
    for text in wanted:
        found = _matching(listed, text)
        if not found:
            raise _nothing(state, label, listed, text)
        chosen.update({(subdir, file_name): file for subdir, file_name, file in found})
    return tuple((subdir, file_name, file) for (subdir, file_name), file in sorted(chosen.items()))


def _matching(listed: Sequence[tuple[str, str, File]], text: str) -> list[tuple[str, str, File]]:
    if text.endswith((".conda", ".tar.bz2")):
        subdir, _, name = text.rpartition("/")
        return [one for one in listed if one[1] == name and subdir in ("", one[0])]
    spec = parse_spec(text)
    return [
        one
        for one in listed
        if spec.matches(Record(name=one[2].name, version=one[2].version, build=one[2].build, subdir=one[0]))
    ]


def _nothing(
    state: State, label: str, listed: Sequence[tuple[str, str, File]], text: str
) -> SelectionError | HeldError:
    for hold in state.holds:
        if label in hold.labels:
            file = state.labels[label][hold.subdir][hold.file_name]
            if _matching([(hold.subdir, hold.file_name, file)], text):
                return HeldError(hold.file_name, hold.reason)
    where = "the channel" if label == MAIN else f"label/{label}"
    names = sorted({file.name for _, _, file in listed})
    near = get_close_matches(re.split(r"[\s=<>!]", text)[0], names, 3)
    versions = sorted({f"{file.name}={file.version}={file.build}" for _, _, file in listed if file.name in near[:1]})
    hint = f"There is: {', '.join(versions[:8])}." if versions else "See what there is with `tailrace channel check`."
    return SelectionError(f"Nothing in {where} is {text!r}.", hint=hint)
