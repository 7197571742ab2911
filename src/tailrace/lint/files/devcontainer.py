"""Read the images, variables and commands of a devcontainer.json."""

from __future__ import annotations

import yaml

from tailrace.lint.commands import finish_config, variable_setting
from tailrace.lint.facts import Document, Facts
from tailrace.lint.files.interface import FileKind, mentions_conda
from tailrace.lint.files.jsontext import compose_json
from tailrace.lint.files.shelltext import blank_except, collect_at, collect_scalar, unescape
from tailrace.lint.files.yamltext import child, entries, items, texts, word
from tailrace.lint.source import Source, word_set

_COMMANDS = word_set(
    "initializeCommand onCreateCommand updateContentCommand postCreateCommand postStartCommand postAttachCommand"
)


def read(source: Source) -> Document:
    """The document."""
    facts = Facts()
    root = compose_json(source)
    for key, value in entries(root):
        if key.text in _COMMANDS:
            _command(facts, source, value)
            for _, parallel in entries(value):
                _command(facts, source, parallel)
        elif key.text == "image":
            facts.images += texts(value)
        elif key.text in ("containerEnv", "remoteEnv"):
            for name, given in entries(value):
                setting = variable_setting(name.text, word(given), name) if isinstance(given, yaml.ScalarNode) else None
                if setting:
                    facts.settings.append(setting)
        elif key.text == "features":
            facts.words += (name for name, _ in entries(value))
    for name, given in entries(child(root, "build", "args")):
        setting = variable_setting(name.text, word(given), name) if isinstance(given, yaml.ScalarNode) else None
        if setting:
            facts.settings.append(setting)
    finish_config(facts)
    return facts.document(source, "devcontainer", runs=True)


def _command(facts: Facts, source: Source, value: yaml.Node) -> None:
    """A command is one string for a shell, or a list of words."""
    if isinstance(value, yaml.ScalarNode):
        collect_scalar(facts, source.text, value)
        return
    words = [item for item in items(value) if isinstance(item, yaml.ScalarNode) and item.value]
    if words:
        start, end = int(value.start_mark.index), int(value.end_mark.index)
        # Quotes stay, so that a blank in a word does not cut it.
        kept = [
            (int(item.start_mark.index) - start, unescape(source.text[item.start_mark.index : item.end_mark.index]))
            for item in words
        ]
        masked = blank_except(source.text[start:end], kept)
        collect_at(facts, masked.replace("\r", " ").replace("\n", " "), start)


KIND = FileKind(
    id="devcontainer",
    matches=lambda path: path.name in ("devcontainer.json", ".devcontainer.json"),
    mentions=mentions_conda,
    read=read,
    rank=20,
)
