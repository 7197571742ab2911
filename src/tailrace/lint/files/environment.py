"""Reads the channels and requirements of a conda environment file. Solves nothing."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import yaml

from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import ChannelList, Document, Facts, SpecList
from tailrace.lint.files.interface import FileKind
from tailrace.lint.files.yamltext import child, compose, entries, style, texts, word
from tailrace.lint.source import MAX_BYTES, Source

_KEYS = frozenset(
    {"name", "channels", "dependencies", "prefix", "variables", "platforms", "category", "channel_priority"}
)
_ENVIRONMENT = re.compile(r"^(?:environment|conda[-_]env(?:ironment)?)[^/]*\.ya?ml$", re.IGNORECASE)
_NAMED = re.compile(r"env|conda", re.IGNORECASE)


def looks_like_environment(text: str) -> bool:
    """A quick look at text that may be anything."""
    if not re.search(r"^dependencies:", text, re.MULTILINE):
        return False
    return bool(re.search(r"^(?:channels|name|prefix):", text, re.MULTILINE))


def read(source: Source, *, named: bool = False) -> Document | None:
    """The document, `None` for YAML that is no environment. `named`: its name alone says that it is one.

    Raises `UnreadableFileError` where an environment is meant, but cannot be read.
    """
    try:
        roots = compose(source)
    except UnreadableFileError:
        if named or (_NAMED.search(source.path.rpartition("/")[2]) and looks_like_environment(source.text)):
            raise
        return None
    root = roots[0] if roots else None
    if not _is_environment(root) and not (named and _has_channels_only(root)):
        return None
    facts = Facts()
    keys = list(entries(root))
    channels: tuple[str, ...] = ()
    for key, value in keys:
        if key.text == "channels":
            found = texts(value)
            channels = tuple(w.text for w in found)
            facts.channels.append(ChannelList(found, "environment", key, style(value)))
    for key, value in keys:
        if key.text == "dependencies":
            facts.specs.append(SpecList(texts(value), "dependencies", key, channels))
    return facts.document(source, "environment", head=keys[0][0])


def _is_environment(root: yaml.Node | None) -> bool:
    if not isinstance(root, yaml.MappingNode):
        return False
    names = {key.text for key, _ in entries(root)}
    dependencies = child(root, "dependencies")
    if not isinstance(dependencies, yaml.SequenceNode) or not names <= _KEYS or names == {"dependencies"}:
        return False
    # Members are specs, or one mapping for pip; other formats list mappings with a name and a version.
    return all(
        isinstance(item, yaml.ScalarNode) or {key.text for key, _ in entries(item)} <= {"pip"}
        for item in dependencies.value
    ) and bool(word(dependencies).end)


def _has_channels_only(root: yaml.Node | None) -> bool:
    """Whether it is an environment to which others add the packages."""
    if not isinstance(root, yaml.MappingNode):
        return False
    names = {key.text for key, _ in entries(root)}
    channels = child(root, "channels")
    return "dependencies" not in names and names <= _KEYS and isinstance(channels, yaml.SequenceNode | yaml.ScalarNode)


def _mentions(path: PurePosixPath, data: bytes) -> bool:
    return bool(_ENVIRONMENT.match(path.name)) or (len(data) <= MAX_BYTES and b"dependencies" in data)


def _read(source: Source) -> Document | None:
    return read(source, named=bool(_ENVIRONMENT.match(source.path.rpartition("/")[2])))


KIND = FileKind(
    id="environment",
    matches=lambda path: path.suffix.lower() in (".yml", ".yaml"),
    mentions=_mentions,
    read=_read,
    rank=80,
)
