"""YAML text in, its nodes with their places out, bounded. Builds no objects, so no tag can make it run anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from tailrace.model.address import redact

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 32
"""The language needs five levels.

The C loader composes nested nodes on the C stack, so depth is bounded before it may.
"""

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


class NotYamlError(Exception):
    """The text is not YAML, or nested beyond the bound. `line` is 1-based, 0 when not known."""

    def __init__(self, line: int, said: str) -> None:
        super().__init__(line, said)
        self.line = line
        self.said = said


def compose_documents(text: str) -> Iterator[yaml.Node]:
    """The root node of each document, in order. Raises `NotYamlError`."""
    try:
        _bound_depth(text)
        loader = Loader(text)
        try:
            while loader.check_node():
                yield loader.get_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        raise NotYamlError(mark.line + 1 if mark else 0, f"not YAML: {said}") from None
    except (yaml.YAMLError, UnicodeError) as error:
        position = getattr(error, "position", None)
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 0
        raise NotYamlError(line, "not YAML: a character that YAML does not allow") from None


def _bound_depth(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise NotYamlError(line, f"nested more than {MAX_DEPTH} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


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
