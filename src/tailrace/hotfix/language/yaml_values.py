"""Says what kind of value a YAML node is, in the words of messages."""

from __future__ import annotations

import yaml

from tailrace.model.address import redact

MAX_DEPTH = 32
"""The language needs five levels."""

_TAG = "tag:yaml.org,2002:"
_KINDS = {
    "null": "nothing",
    "int": "a number",
    "float": "a number with a point",
    "bool": "a yes/no value",
    "timestamp": "a date",
    "seq": "a list",
    "map": "a mapping",
    "merge": "a merge (<<)",
}


def kind_of(node: yaml.Node) -> str:
    """The kind that YAML 1.1 gives the node: `str`, `int`, `null`, `seq`, `map`, ….

    What a tag claims counts only where the shape fits.
    """
    kind = str(node.tag).removeprefix(_TAG)
    if isinstance(node, yaml.ScalarNode):
        return "tagged" if kind in ("seq", "map") else kind
    return "seq" if isinstance(node, yaml.SequenceNode) else "map"


def describe(node: yaml.Node) -> str:
    """The node in words for a message, shortened."""
    kind = kind_of(node)
    if kind == "str":
        return f'the text "{redact(node.value)[:60]}"' if node.value else "an empty text"
    name = _KINDS.get(kind, f"a value tagged {str(node.tag)[:40]}")
    return f"{name} ({redact(node.value)[:40]})" if isinstance(node, yaml.ScalarNode) and node.value else name


def whole_number(node: yaml.Node) -> int | None:
    """The whole number as YAML 1.1 reads it (`0x1f`, `017`, `1_000`).

    `None` when it is none, or longer than any that is meant.
    """
    if not isinstance(node, yaml.ScalarNode) or len(node.value) > 40:
        return None
    try:
        return int(yaml.constructor.SafeConstructor().construct_yaml_int(node))
    except (ValueError, IndexError):
        return None
