"""YAML nodes as words with their offsets."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from tailrace.conda.yaml_nodes import NotYamlError, compose_documents
from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import Style
from tailrace.lint.source import Source, Word

MAX_DEPTH = 64


def compose(source: Source) -> tuple[yaml.Node, ...]:
    """The root nodes of all documents. Raises `UnreadableFileError`."""
    try:
        return tuple(compose_documents(source.text, MAX_DEPTH))
    except NotYamlError as error:
        raise UnreadableFileError(f"it is {error.reason}", error.line) from None


def word(node: yaml.Node) -> Word:
    """The node's text and place; a collection has no text."""
    start, end = int(node.start_mark.index), int(node.end_mark.index)
    return Word(node.value if isinstance(node, yaml.ScalarNode) else "", start, end)


def entries(node: yaml.Node | None) -> Iterator[tuple[Word, yaml.Node]]:
    """Key and value of each entry of a mapping with a plain key; nothing for any other node."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                yield word(key), value


def child(node: yaml.Node | None, *path: str) -> yaml.Node | None:
    """The value at a path of keys."""
    for key in path:
        node = next((value for name, value in entries(node) if name.text == key), None)
    return node


def items(node: yaml.Node | None) -> tuple[yaml.Node, ...]:
    """The members of a sequence; nothing for any other node."""
    return tuple(node.value) if isinstance(node, yaml.SequenceNode) else ()


def texts(node: yaml.Node | None) -> tuple[Word, ...]:
    """The scalars of a sequence, or the one scalar where a single one may stand for a list; empty ones left out."""
    if isinstance(node, yaml.ScalarNode):
        return (word(node),) if node.value else ()
    return tuple(word(item) for item in items(node) if isinstance(item, yaml.ScalarNode) and item.value)


def style(node: yaml.Node | None) -> Style:
    """How a list is written: `block` (`- a`), `flow` (`[a]`), or `other`."""
    if not isinstance(node, yaml.SequenceNode) or not node.value:
        return "other"
    return "flow" if node.flow_style else "block"


def all_entries(roots: tuple[yaml.Node, ...]) -> Iterator[tuple[Word, yaml.Node, yaml.MappingNode]]:
    """Every entry of every mapping below, each node once, in the order of the text: key, value, its mapping."""
    seen: set[int] = set()
    stack: list[yaml.Node] = list(reversed(roots))
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            below = []
            for key, value in node.value:
                if isinstance(key, yaml.ScalarNode):
                    yield word(key), value, node
                below.append(value)
            stack += reversed(below)
        elif isinstance(node, yaml.SequenceNode):
            stack += reversed(node.value)
