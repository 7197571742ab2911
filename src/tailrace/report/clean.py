"""The functions of `tailrace.model.inert` under the name that they had here."""

from __future__ import annotations

from tailrace.model.inert import (
    cut,
    html,
    inert,
    is_unsafe,
    prose,
    relative_uri,
    source_line,
    visible,
    visible_lines,
    without_commands,
)

__all__ = [
    "cut",
    "html",
    "inert",
    "is_unsafe",
    "prose",
    "relative_uri",
    "source_line",
    "visible",
    "visible_lines",
    "without_commands",
]
