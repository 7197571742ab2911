"""Reads the constraints of pip and uv, one specifier set for each package. They limit only what is not pinned."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tailrace.model.foreign import read_requirement
from tailrace.sources.configured import Indexes
from tailrace.sources.download import local_path
from tailrace.sources.lists import read_text
from tailrace.sources.requirements import read_lines

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet


def read_constraints(indexes: Indexes) -> dict[str, SpecifierSet]:
    """What the configured constraints allow, by normalised name; those whose marker does not hold here are left out.

    A file that is named by a URL is not fetched. Raises ListError for a file that is not there or is not text.
    """
    from packaging.requirements import InvalidRequirement

    found: dict[str, SpecifierSet] = {}
    for line in (*indexes.constraints, *_lines(indexes.constraint_files)):
        try:
            requirement = read_requirement(line)
        except InvalidRequirement:
            continue
        if requirement.url or (requirement.marker and not requirement.marker.evaluate()):
            continue
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        known = found.get(name)
        found[name] = requirement.specifier if known is None else known & requirement.specifier
    return found


def _lines(files: Iterable[str]) -> Iterator[str]:
    for file in files:
        if "://" in file and not file.startswith("file://"):
            continue
        path = local_path(file) if file.startswith("file://") else Path(file).expanduser()
        for text in read_lines(path, read_text):
            yield re.split(r"\s--hash\b", text, maxsplit=1)[0]
