"""Reads TOML that may be hostile: one error for whatever is wrong with it, and no text takes long."""

from __future__ import annotations

import re
import tomllib
from typing import Any

#: Parts of one dotted key. The library takes time that grows with their square.
MAX_PARTS = 100
_ENDS_OF_KEYS = re.compile(r"[=,{}\[\]]")
_JOINS = re.compile(r"[^.]\.(?=[^.])")


def parse_toml(text: str) -> dict[str, Any]:
    """The document. Raises `tomllib.TOMLDecodeError`, and nothing else."""
    if problem := beyond_bounds(text):
        raise tomllib.TOMLDecodeError(problem)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("it is nested too deeply") from None
    except ValueError as error:  # a number or a date that the library cannot make
        raise tomllib.TOMLDecodeError(str(error).partition(";")[0]) from None


def beyond_bounds(text: str) -> str | None:
    """Why a text is not given to a parser, `None` where it may be."""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > MAX_PARTS and any(_parts(piece) > MAX_PARTS for piece in _ENDS_OF_KEYS.split(line)):
            return f"a key has more than {MAX_PARTS} parts (at line {number}, column 1)"
    return None


def _parts(piece: str) -> int:
    """How many parts a dotted key has, if this is one: an ellipsis in a text joins nothing."""
    return len(_JOINS.findall("".join(piece.split()))) + 1
