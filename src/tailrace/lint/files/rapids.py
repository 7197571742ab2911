"""Read the channels and packages of dependencies.yaml, from which RAPIDS generates its environment files."""

from __future__ import annotations

import yaml

from tailrace.lint.errors import UnreadableFileError
from tailrace.lint.facts import ChannelList, Document, Facts, SpecList
from tailrace.lint.files.interface import FileKind
from tailrace.lint.files.yamltext import all_entries, child, compose, entries, style, texts
from tailrace.lint.source import Source


def read(source: Source) -> Document | None:
    """The document; `None` for a dependencies.yaml of another tool."""
    try:
        roots = compose(source)
    except UnreadableFileError:
        if "output_types" in source.text:
            raise
        return None
    root = roots[0] if roots else None
    if not isinstance(child(root, "files"), yaml.MappingNode) or not isinstance(
        child(root, "dependencies"), yaml.MappingNode
    ):
        return None
    facts = Facts()
    channels: tuple[str, ...] = ()
    for key, value in entries(root):
        if key.text == "channels":
            listed = texts(value)
            channels = tuple(word.text for word in listed)
            facts.channels.append(ChannelList(listed, "manifest", key, style(value)))
    for key, value, owner in all_entries(roots):
        if key.text == "channels" and owner is not root and texts(value):
            facts.channels.append(ChannelList(texts(value), "manifest", key, style(value)))
        elif key.text == "packages" and _is_conda(owner) and texts(value):
            facts.specs.append(SpecList(texts(value), "dependencies", key, channels))
    head = next((key for key, _ in entries(root)), None)
    return facts.document(source, "rapids-dependencies", head=head)


def _is_conda(owner: yaml.MappingNode) -> bool:
    kinds = {word.text for word in texts(child(owner, "output_types"))}
    return not kinds or "conda" in kinds


KIND = FileKind(
    id="rapids-dependencies",
    matches=lambda path: path.name in ("dependencies.yaml", "dependencies.yml"),
    read=read,
    rank=10,
)
