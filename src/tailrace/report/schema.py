"""The JSON Schema (2020-12) of every report, made from its class. `python -m tailrace.report.schema` writes the files.

A test holds the files in `schemas/` equal to what this module makes.
"""

from __future__ import annotations

import json
from importlib import import_module
from importlib.resources import files
from inspect import cleandoc
from pathlib import Path
from typing import Any

import msgspec

#: The kind of a report → where its class is.
CLASSES = {
    "check": "tailrace.model:CheckReport",
    "lint": "tailrace.lint.model:LintReport",
    "channel-check": "tailrace.channel.index_formats.values:ChannelCheck",
    "deprecations": "tailrace.deprecations.model:DeprecationReport",
    "diff": "tailrace.report.views.diff:DiffReport",
    "exposure": "tailrace.exposure.grid:ExposureReport",
    "hotfix-diff": "tailrace.hotfix.apply.diff:HotfixDiff",
    "hotfix-proof": "tailrace.hotfix.prove:HotfixProof",
    "hotfix-reach": "tailrace.hotfix.reach:ReachReport",
    "replay": "tailrace.replay.view:Replay",
}
_PLACE: dict[str, dict[str, Any]] = {
    "fingerprint": {"pattern": "^([0-9a-f]{16})?$"},
    "line": {"minimum": 1},
    "column": {"minimum": 1},
}
#: What JSON Schema can say beyond the class, by kind, class and field.
_REFINED: dict[str, dict[str, dict[str, dict[str, Any]]]] = {
    "check": {"Finding": _PLACE, "Release": {"sha256": {"pattern": "^[0-9a-f]{64}$"}}},
    "lint": {
        "LintFinding": _PLACE | {"fingerprint": {"pattern": "^[0-9a-f]{16}$"}, "places": {"minItems": 1}},
        "LintPlace": _PLACE | {"fingerprint": {"pattern": "^[0-9a-f]{16}$"}},
    },
    "deprecations": {
        "DeprecationFinding": {"fingerprint": {"pattern": "^[0-9a-f]{16}$"}},
        "UsedBy": {"line": {"minimum": 1}},
    },
}
_AT_LEAST_0 = {"check": ("Counts", "FileCounts", "UndecidedReasons")}
_NOT_CHECKED = {
    "if": {"properties": {"status": {"const": "not-checked"}}},
    "then": {"properties": {"reason": {"type": "string", "minLength": 1}}},
    "else": {"properties": {"reason": {"type": "null"}}},
}


def build_schema(kind: str) -> dict[str, Any]:
    """The schema of one kind of report. Unknown fields are allowed, since fields are only ever added."""
    module, _, name = CLASSES[kind].partition(":")
    report = getattr(import_module(module), name)
    (root,), definitions = msgspec.json.schema_components([report], ref_template="#/$defs/{name}")
    for name, definition in definitions.items():
        definition["description"] = cleandoc(definition.get("description", ""))
        if "properties" not in definition:
            continue
        # Every field is always written, so a reader may rely on it, whether or not the class has a default.
        definition["required"] = list(definition["properties"])
        for field, rest in definition["properties"].items():
            rest.pop("default", None)
            if name in _AT_LEAST_0.get(kind, ()):
                rest["minimum"] = 0
            rest.update(_REFINED.get(kind, {}).get(name, {}).get(field, {}))
    if kind == "check":
        definitions["DownstreamReport"] |= _NOT_CHECKED
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tailrace:schema:{kind}:1",
        "title": f"tailrace.{kind}/1",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text(kind: str) -> str:
    """The text of the schema file."""
    return json.dumps(build_schema(kind), indent=2, ensure_ascii=False) + "\n"


def schema_file(kind: str) -> str:
    """The file's path below this folder."""
    return f"schemas/tailrace.{kind}-1.json"


def load_schema(kind: str) -> dict[str, Any]:
    """The schema as it is shipped."""
    text = files("tailrace.report").joinpath(schema_file(kind)).read_text(encoding="utf-8")
    shipped: dict[str, Any] = json.loads(text)
    return shipped


if __name__ == "__main__":
    for kind in CLASSES:
        Path(__file__).with_name("schemas").joinpath(f"tailrace.{kind}-1.json").write_text(schema_text(kind), "utf-8")
