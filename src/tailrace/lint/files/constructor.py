"""Read the channels and requirements of construct.yaml, what an installer is made from. Renders no template."""

from __future__ import annotations

import re

import yaml

from tailrace.lint.facts import ChannelList, Document, Facts, Setting, SpecList
from tailrace.lint.files.interface import FileKind
from tailrace.lint.files.templates import blank_templates
from tailrace.lint.files.yamltext import child, compose, entries, items, style, texts, word
from tailrace.lint.source import Source, Word

_KEYS = frozenset({"specs", "user_requested_specs", "environment", "environment_file", "channels", "channels_remap"})


def read(source: Source) -> Document | None:
    """The document; `None` for a construct.yaml of another tool."""
    if not re.search(r"^(?:channels|specs|environment(?:_file)?)[ \t]*:", source.text, re.MULTILINE):
        return None
    roots = compose(Source(source.path, blank_templates(source.text)))
    root = roots[0] if roots else None
    names = {key.text for key, _ in entries(root)}
    if "name" not in names or not names & _KEYS:
        return None
    facts = Facts()
    known = _environment(facts, root, "specs")
    for name, extra in entries(child(root, "extra_envs")):
        # An environment without channels of its own takes those above.
        _environment(facts, extra, f"extra_envs.{name.text}", known)
    for key, value in entries(root):
        if key.text == "conda_default_channels" and items(value):
            facts.settings.append(Setting("default_channels", "manifest", key, None, texts(value)))
        elif key.text == "condarc":
            for name, below in entries(value):
                scalar = word(below) if isinstance(below, yaml.ScalarNode) and below.value else None
                if name.text == "channels":
                    facts.channels.append(ChannelList(texts(below), "condarc", name, style(below)))
                else:
                    facts.settings.append(Setting(name.text, "condarc", name, scalar, texts(below)))
        elif key.text == "conda_channel_alias" and isinstance(value, yaml.ScalarNode) and value.value:
            facts.settings.append(Setting("channel_alias", "manifest", key, word(value)))
    head = next((key for key, _ in entries(root)), None)
    return facts.document(source, "constructor", head=head)


def _environment(facts: Facts, node: yaml.Node | None, section: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    channels: list[Word] = []
    for key, value in entries(node):
        if key.text == "channels":
            listed = texts(value)
            facts.channels.append(ChannelList(listed, "manifest", key, style(value)))
            channels += listed
        elif key.text == "channels_remap":
            # `src` is where packages are taken from; `dest` is what the installed environment says instead.
            for pair in items(value):
                channels += texts(child(pair, "src"))
    names = tuple(channel.text for channel in channels) or known
    for key, value in entries(node):
        if key.text in ("specs", "user_requested_specs", "menu_packages"):
            specs = texts(value)
            if specs and key.text != "menu_packages":
                facts.specs.append(SpecList(specs, section, key, names))
    return names


KIND = FileKind(
    id="constructor",
    matches=lambda path: path.name in ("construct.yaml", "construct.yml"),
    read=read,
    rank=10,
)
