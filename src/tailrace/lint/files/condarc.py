"""Read the channels and settings of a conda or mamba configuration file."""

from __future__ import annotations

from pathlib import PurePosixPath

import yaml

from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import ChannelList, Document, Facts, Scope, Setting
from tailrace.lint.files.interface import FileKind
from tailrace.lint.files.yamltext import compose, entries, items, style, texts, word
from tailrace.lint.source import Source, Word


def read(source: Source) -> Document:
    """The document. Raises `UnreadableFileError` for a file that does not hold a mapping."""
    facts = Facts()
    head = None
    for root in compose(source):
        if isinstance(root, yaml.ScalarNode) and not root.value:
            continue
        if not isinstance(root, yaml.MappingNode):
            raise UnreadableFileError("it holds no mapping of settings")
        head = head or next((key for key, _ in entries(root)), None)
        collect_settings(facts, root)
    return facts.document(source, "condarc", head=head)


def collect_settings(facts: Facts, root: yaml.Node | None, program: str = "conda") -> None:
    """Adds the channels and settings of a configuration. `program`: the client that reads it."""
    for key, value in entries(root):
        if key.text == "channels":
            scope: Scope = "condarc" if program == "conda" else "mambarc"
            facts.channels.append(ChannelList(texts(value), scope, key, style(value)))
        else:
            facts.settings.append(_setting(key, value))


def _setting(key: Word, value: yaml.Node) -> Setting:
    scalar = word(value) if isinstance(value, yaml.ScalarNode) and value.value else None
    table = {name.text: texts(below) for name, below in entries(value)}
    if isinstance(value, yaml.SequenceNode):
        for item in items(value):  # channel_settings: a list of mappings
            for name, below in entries(item):
                table[name.text] = (*table.get(name.text, ()), *texts(below))
    return Setting(key.text, "condarc", key, scalar, texts(value), table)


def _matches(path: PurePosixPath) -> bool:
    return path.name.lstrip(".") in ("condarc", "mambarc") or (
        path.parent.name == "condarc.d" and path.suffix.lower() in (".yml", ".yaml")
    )


KIND = FileKind(id="condarc", matches=_matches, read=read, rank=10)
