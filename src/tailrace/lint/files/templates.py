"""Blank the template marks in YAML that is rendered before it is read, so that every offset stays."""

from __future__ import annotations

import re

_STATEMENT = re.compile(r"\{%[^\r\n]{0,500}?%\}|\{#[^\r\n]{0,500}?#\}")
_EXPRESSION = re.compile(r"\{\{[^{}\r\n]{0,500}\}\}")


def blank_templates(text: str) -> str:
    """Statements become blanks, expressions a word of `$` signs, which stands for what is not known."""
    text = _STATEMENT.sub(lambda found: " " * len(found[0]), text)
    return _EXPRESSION.sub(lambda found: "$" * len(found[0]), text)
