"""A conda or mamba configuration file in, its channels and settings out. Merges no other file into it."""

from __future__ import annotations

from typing import cast

import yaml

from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import ChannelList, Document, Facts, Setting
from tailrace.lint.files.yamltext import compose, entries, items, style, texts, word
from tailrace.lint.source import Source, Word


def read(source: Source) -> Document:
    """The document. Raises `UnreadableFileError` for what is no mapping."""
    facts = Facts()
    head = None
    for root in compose(source):
        if isinstance(root, yaml.ScalarNode) and not root.value:
            continue
        if not isinstance(root, yaml.MappingNode):
            raise UnreadableFileError("it holds no mapping of settings")
        for key, value in entries(root):
            head = head or key
            if key.text == "channels":
                listing = texts(value)
                facts.channels.append(ChannelList(listing, "condarc", key, cast("object", style(value))))  # type: ignore[arg-type]
            else:
                facts.settings.append(_setting(key, value))
    return facts.document(source, "condarc", head=head)


def _setting(key: Word, value: yaml.Node) -> Setting:
    scalar = word(value) if isinstance(value, yaml.ScalarNode) and value.value else None
    table = {name.text: texts(below) for name, below in entries(value)}
    if isinstance(value, yaml.SequenceNode):
        for item in items(value):  # channel_settings: a list of mappings
            for name, below in entries(item):
                table[name.text] = (*table.get(name.text, ()), *texts(below))
    return Setting(key.text, "condarc", key, scalar, texts(value), table)
