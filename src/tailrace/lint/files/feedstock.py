"""Reads channels, targets and settings from conda-forge.yml and conda_build_config.yaml. Renders no recipe."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import yaml

from tailrace.lint.facts import ChannelList, Document, Facts, Setting, SpecList
from tailrace.lint.files.interface import FileKind
from tailrace.lint.files.yamltext import all_entries, child, compose, entries, items, texts, word
from tailrace.lint.source import Source, Word


def read_conda_forge(source: Source) -> Document:
    """conda-forge.yml: its settings, among them the packages that CI sets up."""
    facts = Facts()
    roots = compose(source)
    root = roots[0] if roots else None
    head = None
    for key, value in entries(root):
        head = head or key
        scalar = word(value) if isinstance(value, yaml.ScalarNode) and value.value else None
        table = {name.text: texts(below) for name, below in entries(value)}
        facts.settings.append(Setting(key.text, "conda-forge", key, scalar, texts(value), table))
        if key.text == "remote_ci_setup":
            facts.specs.append(SpecList(texts(value), "remote_ci_setup", key))
    sources = child(root, "channels", "sources")
    if sources is not None:
        facts.channels.append(ChannelList(texts(sources), "sources", word(sources)))
    targets = child(root, "channels", "targets")
    for target in items(targets):
        words = texts(target)
        if words:
            facts.settings.append(_target(words))
    return facts.document(source, "conda-forge", head=head)


def read_build_config(source: Source) -> Document:
    """conda_build_config.yaml, and the rendered ones below .ci_support. Selectors stay: all platforms count."""
    facts = Facts()
    for key, value, _ in all_entries(compose(source)):
        for listed in texts(value):
            if key.text == "channel_sources":
                facts.channels.append(ChannelList(_split(listed), "sources", key))
            elif key.text == "channel_targets":
                facts.settings.append(_target(_split(listed)))
    return facts.document(source, "build-config")


def _split(listed: Word) -> tuple[Word, ...]:
    return tuple(Word(part[0], listed.start, listed.end) for part in re.finditer(r"[^,\s]+", listed.text))


def _target(words: tuple[Word, ...]) -> Setting:
    return Setting("channel_targets", "sources", words[0] if words else Word("", 0, 0), None, words)


def _is_build_config(path: PurePosixPath) -> bool:
    return path.name in ("conda_build_config.yaml", "conda_build_config.yml") or (
        path.parent.name == ".ci_support" and path.suffix == ".yaml"
    )


KIND = (
    FileKind(
        id="conda-forge",
        matches=lambda path: path.name in ("conda-forge.yml", "conda-forge.yaml"),
        read=read_conda_forge,
        rank=10,
    ),
    FileKind(id="build-config", matches=_is_build_config, read=read_build_config, rank=10),
)
