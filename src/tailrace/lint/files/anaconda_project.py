"""Read the channels and packages of anaconda-project.yml."""

from __future__ import annotations

import yaml

from tailrace.lint.facts import ChannelList, Document, Facts, SpecList
from tailrace.lint.files.interface import FileKind
from tailrace.lint.files.yamltext import child, compose, entries, style, texts
from tailrace.lint.source import Source, Word

_PACKAGES = ("packages", "dependencies")


def read(source: Source) -> Document | None:
    """The document; `None` for YAML that holds no mapping."""
    roots = compose(source)
    root = roots[0] if roots else None
    if not isinstance(root, yaml.MappingNode):
        return None
    facts = Facts()
    shared = _add(facts, root, "packages", ())
    for name, spec in entries(child(root, "env_specs")):
        _add(facts, spec, f"env_specs.{name.text}", shared)
    head = next((key for key, _ in entries(root)), None)
    return facts.document(source, "anaconda-project", head=head)


def _add(facts: Facts, node: yaml.Node | None, section: str, shared: tuple[Word, ...]) -> tuple[Word, ...]:
    """Adds the channels of the project, or of one environment, which are searched after the project's."""
    channels = shared
    for key, value in entries(node):
        if key.text == "channels":
            channels = (*shared, *texts(value))
            facts.channels.append(ChannelList(channels, "manifest", key, "other" if shared else style(value)))
    for key, value in entries(node):
        if key.text in _PACKAGES and texts(value):
            facts.specs.append(SpecList(texts(value), section, key, tuple(word.text for word in channels)))
    return channels


KIND = FileKind(
    id="anaconda-project",
    matches=lambda path: path.name in ("anaconda-project.yml", "anaconda-project.yaml", "kapsel.yml"),
    read=read,
    rank=10,
)
