"""The model of the lint report in, its JSON Schema (2020-12) out. `python -m tailrace.lint.schema` prints it.

The file `schemas/tailrace.lint-1.json` beside this module is what it prints; a test holds the two equal.
"""

from __future__ import annotations

import json
import sys
from inspect import cleandoc
from typing import Any

import msgspec

from tailrace.lint.model import LintReport


def build_schema() -> dict[str, Any]:
    """What the model says. Unknown fields are allowed: only additions come."""
    (root,), definitions = msgspec.json.schema_components([LintReport], ref_template="#/$defs/{name}")
    for definition in definitions.values():
        definition["description"] = cleandoc(definition["description"])
        # Every field is always written, so a reader may rely on it, whether or not the model has a default.
        definition["required"] = list(definition["properties"])
        for rest in definition["properties"].values():
            rest.pop("default", None)
    for name in ("LintFinding", "LintPlace"):
        properties = definitions[name]["properties"]
        properties["line"]["minimum"] = properties["column"]["minimum"] = 1
        properties["fingerprint"]["pattern"] = "^[0-9a-f]{16}$"
    definitions["LintFinding"]["properties"]["places"]["minItems"] = 1
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:tailrace:schema:lint:1",
        "title": "tailrace.lint/1",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema file's text."""
    return json.dumps(build_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
