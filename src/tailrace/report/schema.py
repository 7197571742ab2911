"""The model of the check report in, its JSON Schema (2020-12) out. `python -m tailrace.report.schema` prints it.

The file `schemas/tailrace.check-1.json` beside this module is what it prints; a test holds the two equal.
"""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from inspect import cleandoc
from typing import Any

import msgspec

from tailrace.model import CheckReport

FILE = "schemas/tailrace.check-1.json"
_AT_LEAST = {"Counts": 0, "FileCounts": 0, "UndecidedReasons": 0}
_REFINED: dict[str, dict[str, dict[str, Any]]] = {
    "Finding": {
        "fingerprint": {"pattern": "^([0-9a-f]{16})?$"},
        "line": {"minimum": 1},
        "column": {"minimum": 1},
    },
    "Release": {"sha256": {"pattern": "^[0-9a-f]{64}$"}},
}
_NOT_CHECKED = {
    "if": {"properties": {"status": {"const": "not-checked"}}},
    "then": {"properties": {"reason": {"type": "string", "minLength": 1}}},
    "else": {"properties": {"reason": {"type": "null"}}},
}


def build_schema() -> dict[str, Any]:
    """What the model says, stricter where JSON Schema can say more. Unknown fields are allowed: only additions come."""
    (root,), definitions = msgspec.json.schema_components([CheckReport], ref_template="#/$defs/{name}")
    for name, definition in definitions.items():
        properties = definition["properties"]
        definition["description"] = cleandoc(definition["description"])
        # Every field is always written, so a reader may rely on it, whether or not the model has a default.
        definition["required"] = list(properties)
        for field, rest in properties.items():
            rest.pop("default", None)
            if name in _AT_LEAST:
                rest["minimum"] = _AT_LEAST[name]
            rest.update(_REFINED.get(name, {}).get(field, {}))
    definitions["DownstreamReport"] |= _NOT_CHECKED
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:tailrace:schema:check:1",
        "title": "tailrace.check/1",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema file's text."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


def load_schema() -> dict[str, Any]:
    """The schema as it is shipped."""
    shipped: dict[str, Any] = json.loads(files("tailrace.report").joinpath(FILE).read_text(encoding="utf-8"))
    return shipped


if __name__ == "__main__":
    sys.stdout.write(schema_text())
