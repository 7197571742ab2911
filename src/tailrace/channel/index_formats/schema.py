"""The answer of `channel check` as a type in, its JSON Schema (2020-12) out.

`python -m tailrace.channel.index_formats.schema` prints it. The file `schemas/tailrace.channel-check-1.json`
beside this module is what it prints; a test holds the two equal.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from inspect import cleandoc
from typing import Any

import msgspec

from tailrace.channel.index_formats.values import ChannelCheck

FILE = "schemas/tailrace.channel-check-1.json"


def build_schema() -> dict[str, Any]:
    """What the type says. Every field is always written; unknown fields are allowed, since only additions come."""
    (root,), definitions = msgspec.json.schema_components([ChannelCheck], ref_template="#/$defs/{name}")
    for definition in definitions.values():
        definition["description"] = cleandoc(definition["description"])
        definition["required"] = list(definition["properties"])
        for field in definition["properties"].values():
            field.pop("default", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:tailrace:schema:channel-check:1",
        "title": "tailrace.channel-check/1",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema file's text."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


def load_schema() -> dict[str, Any]:
    """The schema as it is shipped."""
    shipped: dict[str, Any] = json.loads(files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    return shipped


if __name__ == "__main__":
    sys.stdout.write(schema_text())
