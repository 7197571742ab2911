"""The JSON Schema (2020-12) of everything that carries a `schema` key, made from its class.

A class has a schema when it is a struct with a field `schema` whose value is `tailrace.NAME/1`; nothing lists them.
`docs/generate.py` writes the files in `schemas/`, and a test holds them equal to what this module makes.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib import import_module
from importlib.resources import files
from inspect import cleandoc
from pathlib import Path
from typing import Any, get_args

import msgspec

_ID = re.compile(r'"tailrace\.([a-z]+(?:-[a-z]+)*)/(\d+)"')
_PLACE: dict[str, dict[str, Any]] = {
    "fingerprint": {"pattern": "^([0-9a-f]{16})?$"},
    "line": {"minimum": 1},
    "column": {"minimum": 1},
}
#: What JSON Schema can say beyond the class, by name of the schema, class and field.
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


@cache
def schema_names() -> dict[str, tuple[Path, ...]]:
    """Every schema that the source names, such as `check` for tailrace.check/1, with the files that name it."""
    found: dict[str, tuple[Path, ...]] = {}
    for path in sorted(Path(str(files("tailrace"))).rglob("*.py")):
        for name, version in set(_ID.findall(path.read_text("utf-8"))):
            assert version == "1", f"{path}: the file of a second version needs a name of its own"
            found[name] = (*found.get(name, ()), path)
    return found


@cache
def schema_class(name: str) -> type[msgspec.Struct]:
    """The class with this schema. Raises `LookupError` where none has it: an output that is no struct has no schema."""
    root = Path(str(files("tailrace"))).parent
    for path in schema_names().get(name, ()):
        module = import_module(".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"))
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, msgspec.Struct) and _id_of(value) == f"tailrace.{name}/1":
                return value
    raise LookupError(f"no struct has a field `schema` with the value tailrace.{name}/1")


def _id_of(struct: type[msgspec.Struct]) -> object:
    field = next((field for field in msgspec.structs.fields(struct) if field.name == "schema"), None)
    if field is None:
        return None
    return next(iter(get_args(field.type)), None) if field.required else field.default


def _structs_in(value: Any) -> frozenset[type[msgspec.Struct]]:
    """The struct, and those that its fields hold."""
    found: set[type[msgspec.Struct]] = set()
    waiting = [value]
    while waiting:
        kind = waiting.pop()
        waiting += get_args(kind)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in found:
            found.add(kind)
            waiting += [field.type for field in msgspec.structs.fields(kind)]
    return frozenset(found)


def build_schema(name: str) -> dict[str, Any]:
    """The schema with this name. Unknown fields are allowed, since fields are only ever added."""
    struct = schema_class(name)
    (root,), definitions = msgspec.json.schema_components([struct], ref_template="#/$defs/{name}")
    # What Tailrace reads may leave out fields that have a default.
    is_input = next(field for field in msgspec.structs.fields(struct) if field.name == "schema").required
    sparse = {one.__name__ for one in _structs_in(struct) if one.__struct_config__.omit_defaults}
    for title, definition in definitions.items():
        definition["description"] = cleandoc(definition.get("description", ""))
        if "properties" not in definition or is_input or title in sparse:
            continue
        # Every field is always written, so a reader may rely on it, whether or not the class has a default.
        definition["required"] = list(definition["properties"])
        for field, rest in definition["properties"].items():
            rest.pop("default", None)
            if title in _AT_LEAST_0.get(name, ()):
                rest["minimum"] = 0
            rest.update(_REFINED.get(name, {}).get(title, {}).get(field, {}))
    definitions[struct.__name__]["properties"]["schema"] = {"const": f"tailrace.{name}/1"}
    if name == "check":
        definitions["DownstreamReport"] |= _NOT_CHECKED
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:tailrace:schema:{name}:1",
        "title": f"tailrace.{name}/1",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text(name: str) -> str:
    """The text of the schema file."""
    return json.dumps(build_schema(name), indent=2, ensure_ascii=False) + "\n"


def schema_file(name: str) -> str:
    """The file's path below this folder."""
    return f"schemas/tailrace.{name}-1.json"


def load_schema(name: str) -> dict[str, Any]:
    """The schema as it is shipped."""
    text = files("tailrace.report").joinpath(schema_file(name)).read_text(encoding="utf-8")
    shipped: dict[str, Any] = json.loads(text)
    return shipped
