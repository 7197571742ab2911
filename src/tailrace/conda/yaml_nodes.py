"""Reads YAML text, within bounds, as nodes with their places or as plain values. No tag can make it run anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotYamlError(ValueError):
    """The text is not YAML, or nested beyond the bound. `line` is 1-based, 0 when not known; `reason` is a clause."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def compose_documents(text: str, max_depth: int) -> Iterator[yaml.Node]:
    """The root node of each document, in order. Raises `NotYamlError`.

    Aliases become the very node they name, so the graph is as small as the text; it must not be walked as a tree.
    """
    try:
        bound_depth(text, max_depth)
        loader = Loader(text)
        try:
            while loader.check_node():
                yield loader.get_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = ", ".join(part for part in (error.context, error.problem) if part)
        raise NotYamlError(mark.line + 1 if mark else 0, f"not YAML: {reason}") from None
    except (yaml.YAMLError, UnicodeError) as error:
        position = getattr(error, "position", None)
        line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 0
        raise NotYamlError(line, "not YAML: a character that YAML does not allow") from None


def bound_depth(text: str, max_depth: int) -> None:
    """Raise `NotYamlError` for text nested deeper than `max_depth`: the C loader composes nested nodes on the C stack,
    so depth is bounded before it may. Raises `yaml.YAMLError` as the parser does.
    """
    depth = 0
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > max_depth:
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise NotYamlError(line, f"nested more than {max_depth} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def load_yaml(text: str, max_depth: int = 100) -> Any:
    """The value of the first document. Raises `NotYamlError` for one nested too deeply, and `yaml.YAMLError`."""
    bound_depth(text, max_depth)
    return yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader either way
