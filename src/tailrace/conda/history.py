"""Reads what a user requested from the text of an environment's `conda-meta/history`. Pure; never runs anything.

conda and mamba write a paragraph for every change and read the file back to know what to hold on to. Lines that count:
`# update specs: [...]` (also `install` and `create`), `# remove specs: [...]` and `# neutered specs: [...]`; very old
ones have the specs bare, with commas between them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tailrace.conda.specs import parse_dependency

_LINE = re.compile(r"#\s*(update|install|create|remove|uninstall|neutered) specs:\s?(.*)")
#: A comma between two specs, not one inside a version such as `>=1,<2`.
_BETWEEN = re.compile(r",\s*(?=[A-Za-z_])")


def requested_in(text: str) -> dict[str, str]:
    """Name → the spec that it was last asked for by. Lines that cannot be read are passed over."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if (match := _LINE.match(line.strip())) is None:
            continue
        action, rest = match.groups()
        for spec in _specs(rest):
            name = parse_dependency(spec).name
            if action in ("remove", "uninstall"):
                found.pop(name, None)
            else:
                found[name] = spec
    return found


def _specs(text: str) -> Iterator[str]:
    if text.startswith("["):
        try:
            read = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return
        parts = [one for one in read if isinstance(one, str)]
    else:
        parts = _BETWEEN.split(text)
    for part in parts:
        spec = part.strip()
        if spec and not spec.endswith("@") and not parse_dependency(spec).never:
            yield spec
