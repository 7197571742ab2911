"""Compose JSON text, with or without comments, to nodes with their offsets, within bounds."""

from __future__ import annotations

import re

import yaml

from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.files.yamltext import compose
from tailrace.lint.source import Source

# One token at a time, so that nothing inside a string is taken for a comment.
_COMMENT = r"//[^\r\n]*|/\*.*?(?:\*/|\Z)"
_TOKEN = re.compile(
    rf'"(?:[^"\\\r\n]|\\.)*"|{_COMMENT}|,(?=(?:\s|{_COMMENT})*+[\]}}])|\t',
    re.DOTALL,
)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


def compose_json(source: Source) -> yaml.Node | None:
    """The root node. Raises `UnreadableFileError`.

    JSON is YAML once comments, tabs, trailing commas and halves of characters are blanked, which moves nothing.
    """
    text = _TOKEN.sub(_plain, source.text)
    try:
        roots = compose(Source(source.path, text))
    except UnreadableFileError as error:
        raise UnreadableFileError(error.reason.replace("it is not YAML", "it is not JSON"), error.line) from None
    return roots[0] if roots else None


def _plain(found: re.Match[str]) -> str:
    token = found[0]
    if token[0] == '"':
        return _SURROGATE.sub("??????", token).replace("\\/", " /")
    return re.sub(r"[^\r\n]", " ", token)
